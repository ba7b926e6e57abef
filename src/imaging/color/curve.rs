//! Functions of one component: the curves of profiles, their inverses, and those of CIELAB.

use std::sync::Arc;

/// A function of one component. Device values and encoded values lie in 0…1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Curve {
    /// A function of ICC.1, clause 10.18.
    Parametric(Parametric),
    InverseParametric(Parametric),
    /// Values at equal distances, 65,535 for 1. There are two or more.
    Table(Arc<[u16]>),
    Inverse(Arc<Inverse>),
    /// From X/Xn, Y/Yn or Z/Zn to what L*, a* and b* are made of.
    ToLab,
    FromLab,
}

/// A function of ICC.1, clause 10.18, whose parameters are named as there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Parametric {
    /// Type 0: xᵍ
    Power { g: f64 },
    /// Types 1 and 2: (ax + b)ᵍ + c from −b/a on, else c.
    Offset { g: f64, a: f64, b: f64, c: f64 },
    /// Types 3 and 4: (ax + b)ᵍ + e from d on, else cx + f.
    Linear { g: f64, a: f64, b: f64, c: f64, d: f64, e: f64, f: f64 },
}

/// The curve of sRGB, in the 16 bits behind the point that profiles write.
pub(super) const SRGB: Parametric = Parametric::Linear {
    g: fixed(2.4),
    a: fixed(1.0 / 1.055),
    b: fixed(0.055 / 1.055),
    c: fixed(1.0 / 12.92),
    d: fixed(0.04045),
    e: 0.0,
    f: 0.0,
};

/// The nearest number that profiles can write, of one that is not negative.
pub(super) const fn fixed(x: f64) -> f64 {
    (x * 65536.0 + 0.5) as i64 as f64 / 65536.0
}

/// A curve by functions one after the other. None is the identity.
pub(super) type Chain = Vec<Curve>;

/// Numbers below this are 0 as exponents and factors, which are then not divided by.
const NEARLY_ZERO: f64 = 1e-4;

/// What no curve exceeds, so that no number is infinite.
const BOUND: f64 = 64.0;

pub(super) fn chained(chain: &[Curve], x: f64) -> f64 {
    chain.iter().fold(x, |x, curve| curve.at(x))
}

impl Curve {
    /// A table; `None` if it is that of the identity.
    pub(super) fn table(values: Vec<u16>) -> Option<Self> {
        let last = values.len().saturating_sub(1).max(1) as f64;
        let off = |(i, &value): (usize, &u16)| (f64::from(value) - i as f64 * 65535.0 / last).abs();
        if values.len() < 2 || values.iter().enumerate().all(|value| off(value) <= 0.5) {
            return None;
        }
        Some(Self::Table(values.into()))
    }

    /// xᵍ; `None` if it is the identity.
    pub(super) fn power(g: f64) -> Option<Self> {
        (g != 1.0).then_some(Self::Parametric(Parametric::Power { g }))
    }

    /// The inverse of the curve of a device.
    pub(super) fn inverse(&self) -> Self {
        match self {
            Self::Parametric(function) => Self::InverseParametric(*function),
            Self::InverseParametric(function) => Self::Parametric(*function),
            Self::Table(values) => Self::Inverse(Arc::new(Inverse::new(values))),
            Self::Inverse(inverse) => Self::Table(inverse.values.clone().into()),
            Self::ToLab => Self::FromLab,
            Self::FromLab => Self::ToLab,
        }
    }

    pub(super) fn at(&self, x: f64) -> f64 {
        let y = match self {
            Self::Parametric(function) => function.at(x),
            Self::InverseParametric(function) => function.inverse_at(x),
            Self::Table(values) => table_at(values, x),
            Self::Inverse(inverse) => inverse.at(x),
            Self::ToLab => to_lab(x),
            Self::FromLab => from_lab(x),
        };
        if y.is_nan() { 0.0 } else { y.clamp(-BOUND, BOUND) }
    }

    /// The arguments between which the function is of use: beyond them it is constant, or what it gives is clamped to 0…1.
    /// `None`: it is of use everywhere.
    pub(super) fn domain(&self) -> Option<[f64; 2]> {
        match self {
            Self::Parametric(_) => Some([-0.5, 1.5]),
            Self::InverseParametric(function) => {
                let ends = [function.at(0.0), function.at(1.0)].map(|end| end.clamp(-1.0, 2.0));
                Some([ends[0].min(ends[1]).min(0.0), ends[0].max(ends[1]).max(1.0)])
            }
            Self::Table(_) | Self::Inverse(_) => Some([0.0, 1.0]),
            Self::ToLab => Some([-0.125, 2.0]),
            Self::FromLab => None,
        }
    }

    /// What the curve takes in memory beside itself.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Table(values) => 2 * values.len(),
            Self::Inverse(inverse) => 4 * inverse.values.len(),
            _ => 0,
        }
    }
}

impl Parametric {
    fn at(self, x: f64) -> f64 {
        match self {
            Self::Power { g } => {
                if x < 0.0 && g == 1.0 {
                    x
                } else {
                    power(x, g)
                }
            }
            Self::Offset { a, .. } if a.abs() < NEARLY_ZERO => 0.0,
            Self::Offset { g, a, b, c } => {
                if x >= -b / a {
                    power(a * x + b, g) + c
                } else {
                    c
                }
            }
            Self::Linear { g, a, b, c, d, e, f } => {
                if x >= d {
                    power(a * x + b, g) + e
                } else {
                    c * x + f
                }
            }
        }
    }

    fn inverse_at(self, y: f64) -> f64 {
        match self {
            Self::Power { g } if y < 0.0 && g == 1.0 => y,
            Self::Power { g } => power(y, 1.0 / nonzero(g)),
            Self::Offset { g, a, .. } if g.abs() < NEARLY_ZERO || a.abs() < NEARLY_ZERO => 0.0,
            Self::Offset { g, a, b, c } => {
                if y >= c {
                    (power(y - c, 1.0 / g) - b) / a
                } else {
                    -b / a
                }
            }
            Self::Linear { g, a, b, c, d, e, f } => {
                let start = if f == 0.0 && e == 0.0 { power(a * d + b, g) } else { c * d + f };
                if y >= start {
                    if g.abs() < NEARLY_ZERO || a.abs() < NEARLY_ZERO {
                        return 0.0;
                    }
                    (power(y - e, 1.0 / g) - b) / a
                } else if c.abs() < NEARLY_ZERO {
                    0.0
                } else {
                    (y - f) / c
                }
            }
        }
    }
}

/// `base` to the power of `exponent`; 0 for a base that is not positive.
fn power(base: f64, exponent: f64) -> f64 {
    if base > 0.0 { libm::pow(base, exponent) } else { 0.0 }
}

const fn nonzero(x: f64) -> f64 {
    if x.abs() < NEARLY_ZERO { NEARLY_ZERO } else { x }
}

/// Between the values, in straight lines.
fn table_at(values: &[u16], x: f64) -> f64 {
    let last = values.len() - 1;
    // `clamp` keeps a NaN, which `as` makes 0.
    let place = x.clamp(0.0, 1.0) * last as f64;
    let below = (place as usize).min(last);
    let (low, high) = (f64::from(values[below]), f64::from(values[(below + 1).min(last)]));
    (low + (high - low) * (place - below as f64)) / 65535.0
}

/// The inverse of a table: of the places that have a value, the last one of those that rise, the first one of those that
/// fall.
#[derive(Debug, PartialEq)]
pub(super) struct Inverse {
    values: Vec<u16>,
    /// The values in the order in which they rise overall.
    rising: Vec<u16>,
    /// For each of them, the least of it and those behind it.
    least: Vec<u16>,
    falls: bool,
}

impl Inverse {
    fn new(values: &[u16]) -> Self {
        let falls = values.first() > values.last();
        let mut rising = values.to_vec();
        if falls {
            rising.reverse();
        }
        let mut least = rising.clone();
        for i in (1..least.len()).rev() {
            least[i - 1] = least[i - 1].min(least[i]);
        }
        Self { values: values.to_vec(), rising, least, falls }
    }

    fn at(&self, y: f64) -> f64 {
        let y = y.clamp(0.0, 1.0);
        // Where several places have the value 1, it is the last one, as for other readers, and a value near 1 lies on the
        // way there: white that is not quite 1 by rounding must not jump.
        const NEARLY: f64 = 4094.0 / 4095.0;
        let x = match self.rising[..] {
            [.., u16::MAX, u16::MAX] if y > NEARLY => {
                let before = self.place(NEARLY);
                before + (1.0 - before) * (y - NEARLY) / (1.0 - NEARLY)
            }
            _ => self.place(y),
        };
        if self.falls { 1.0 - x } else { x }
    }

    /// The place of a value in the rising order.
    fn place(&self, y: f64) -> f64 {
        let last = self.rising.len() - 1;
        let y = y * 65535.0;
        // What rises from the last value that is not above `y` goes through it.
        let place = match self.least.partition_point(|&least| f64::from(least) <= y) {
            0 => 0.0,
            found if found > last => last as f64,
            found => {
                let (low, high) = (f64::from(self.rising[found - 1]), f64::from(self.rising[found]));
                (found - 1) as f64 + if high > low { (y - low) / (high - low) } else { 0.0 }
            }
        };
        place / last as f64
    }
}

/// The slope of CIELAB's functions near black, and where they begin to be curved.
const LAB_SLOPE: f64 = 841.0 / 108.0;
const LAB_KNEE: f64 = 24.0 / 116.0;
const LAB_BLACK: f64 = 16.0 / 116.0;

fn to_lab(t: f64) -> f64 {
    if t <= LAB_KNEE * LAB_KNEE * LAB_KNEE { LAB_SLOPE * t + LAB_BLACK } else { libm::pow(t, 1.0 / 3.0) }
}

fn from_lab(t: f64) -> f64 {
    if t <= LAB_KNEE { (t - LAB_BLACK) / LAB_SLOPE } else { t * t * t }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn inverses_undo_curves() {
        let offset = Parametric::Offset { g: 1.8, a: 0.9, b: 0.1, c: 0.01 };
        let segments = Parametric::Linear { g: 3.0, a: 0.9, b: 0.1, c: 0.05, d: 0.1, e: 0.002, f: 0.003_859 };
        let ramp: Vec<u16> = (0..=64u32).map(|i| (i * i * 65535 / 4096) as u16).collect();
        let falling = ramp.iter().rev().copied().collect();
        let curves = [
            Curve::power(2.2).unwrap(),
            Curve::Parametric(SRGB),
            Curve::Parametric(offset),
            Curve::Parametric(segments),
            Curve::table(ramp).unwrap(),
            Curve::table(falling).unwrap(),
            Curve::ToLab,
        ];
        for curve in curves {
            for i in 0..=100 {
                let x = f64::from(i) / 100.0;
                let back = curve.inverse().at(curve.at(x));
                assert!((x - back).abs() < 1e-3, "{curve:?} at {x}: {back}");
                assert!(close(curve.at(back), curve.at(x)), "{curve:?} at {x}: {back}");
            }
        }
    }

    #[test]
    fn inverses_of_tables_that_rest_or_turn_are_places_that_have_the_value() {
        let rests = Curve::table(vec![0, 0, 0, 30000, 30000, 65535]).unwrap().inverse();
        assert!(close(rests.at(0.0), 0.4) && close(rests.at(30000.0 / 65535.0), 0.8) && close(rests.at(1.0), 1.0));
        let full = Curve::table(vec![0, 65535, 65535]).unwrap().inverse();
        assert!(close(full.at(1.0), 1.0) && close(full.at(0.5), 0.25) && full.at(0.9999) > 0.7);
        let turns = Curve::table(vec![0, 40000, 20000, 65535]).unwrap().inverse();
        assert!(turns.at(30000.0 / 65535.0) > 2.0 / 3.0);
        let short = Curve::table(vec![1000, 50000]).unwrap().inverse();
        assert!(close(short.at(0.0), 0.0) && close(short.at(1.0), 1.0));
    }

    #[test]
    fn odd_parameters_give_numbers() {
        let zero = Parametric::Linear { g: 0.0, a: 0.0, b: 0.0, c: 0.0, d: 0.0, e: 0.0, f: 0.0 };
        let steep = Parametric::Linear { g: -30000.0, a: -9.0, b: 5.0, c: 9e4, d: 0.1, e: 0.0, f: -1.0 };
        let flat = Parametric::Offset { g: 0.0, a: 0.0, b: -1.0, c: 0.0 };
        for function in [zero, steep, flat, Parametric::Power { g: 0.0 }, Parametric::Power { g: -2.0 }] {
            for curve in [Curve::Parametric(function), Curve::InverseParametric(function)] {
                for x in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e-12, 0.5, 1.0, 2.0] {
                    assert!(curve.at(x).abs() <= BOUND, "{curve:?} at {x}");
                }
                assert!(curve.domain().is_none_or(|[low, high]| low < high));
            }
        }
    }

    #[test]
    fn straight_tables_are_no_curves() {
        assert_eq!(Curve::table(vec![0, 65535]), None);
        assert_eq!(Curve::table((0..256).map(|i| i * 257).collect()), None);
        assert!(Curve::table(vec![0, 30000, 65535]).is_some());
    }
}
