//! The colour spaces that files state by numbers, and those that are built in.

use crate::imaging::pixel::space::{Curve as Stated, Primaries};

use super::curve::{Parametric, SRGB, fixed};
use super::matrix::{D50, Matrix, adaptation, apply, diagonal, inverse, product};
use super::write::{Simple, written_colorants};

/// Numbers of a profile from those of 1/65,536.
const fn matrix(wholes: [[i32; 3]; 3]) -> Matrix {
    let mut rows = [[0.0; 3]; 3];
    let mut i = 0;
    while i < 9 {
        rows[i / 3][i % 3] = wholes[i / 3][i % 3] as f64 / 65536.0;
        i += 1;
    }
    rows
}

/// What [`colorants`] makes of the primaries of sRGB.
const SRGB_COLORANTS: Matrix = matrix([[28576, 25239, 9375], [14581, 46983, 3972], [912, 6361, 46788]]);
const SRGB_ADAPTATION: Matrix = matrix([[68674, 1502, -3291], [1939, 64912, -1119], [-606, 988, 49262]]);

/// sRGB.
pub(super) const SRGB_PROFILE: Simple = Simple {
    description: "sRGB",
    curve: Some(SRGB),
    colorants: Some(SRGB_COLORANTS),
    adaptation: Some(SRGB_ADAPTATION),
};

/// Gray with the curve of sRGB.
pub(super) const GRAY_SRGB: Simple =
    Simple { description: "Gray with the curve of sRGB", curve: Some(SRGB), colorants: None, adaptation: None };

/// Gray that is light to the power of 1/2.2.
pub(super) const GRAY22: Simple = Simple {
    description: "Gray22",
    curve: Some(Parametric::Power { g: fixed(2.2) }),
    colorants: None,
    adaptation: None,
};

/// The profile of primaries and a curve, or of gray with the curve alone; `None` if the numbers make no sense.
pub(super) fn simple(primaries: Option<Primaries>, curve: Stated) -> Option<Simple> {
    let function = match curve {
        Stated::Srgb => Some(SRGB),
        Stated::Rec709 => Some(rec709()),
        Stated::Linear => None,
        // Exponents that devices have lie between 1 and 3.
        Stated::Power(power) => {
            let g = fixed(f64::from(power) / 100_000.0);
            (0.1..=10.0).contains(&g).then_some(Some(Parametric::Power { g }))?
        }
    };
    let Some(primaries) = primaries else {
        return Some(Simple { description: name(None, curve), curve: function, colorants: None, adaptation: None });
    };
    let (colorants, adaptation) = colorants(&primaries)?;
    let description = name(Some(primaries), curve);
    Some(Simple { description, curve: function, colorants: Some(colorants), adaptation: Some(adaptation) })
}

fn rec709() -> Parametric {
    let (a, d) = (fixed(1.0 / 1.099), fixed(0.081));
    Parametric::Linear { g: fixed(1.0 / 0.45), a, b: 1.0 - a, c: fixed(1.0 / 4.5), d, e: 0.0, f: 0.0 }
}

fn name(primaries: Option<Primaries>, curve: Stated) -> &'static str {
    let Some(primaries) = primaries else {
        return match curve {
            Stated::Srgb => GRAY_SRGB.description,
            Stated::Power(220_000) => GRAY22.description,
            _ => "Gray",
        };
    };
    match (primaries, curve) {
        (Primaries::SRGB, Stated::Srgb) => SRGB_PROFILE.description,
        (Primaries::P3, Stated::Srgb) => "Display P3",
        (Primaries::ADOBE, Stated::Power(219_000..=220_000)) => "Adobe RGB (1998) compatible",
        (Primaries::REC2020, _) => "Rec. 2020",
        _ => "RGB",
    }
}

/// XYZ of the primaries under D50, in columns, and the matrix by which they have got there. `None` if they span nothing, or
/// white lies outside of what they span.
fn colorants(primaries: &Primaries) -> Option<(Matrix, Matrix)> {
    let xyz = |[x, y]: [u32; 2]| {
        let [x, y] = [x, y].map(|part| f64::from(part) / 100_000.0);
        (y > 0.0 && x + y <= 1.0).then_some([x, y, 1.0 - x - y])
    };
    let [red, green, blue] = [xyz(primaries.red)?, xyz(primaries.green)?, xyz(primaries.blue)?];
    let white = xyz(primaries.white).filter(|white| white[1] >= 0.05)?;
    let white = white.map(|part| part / white[1]);
    let directions = [0, 1, 2].map(|i| [red[i], green[i], blue[i]]);
    let lengths = apply(&inverse(&directions)?, white);
    if !lengths.iter().all(|length| (1e-4..100.0).contains(length)) {
        return None;
    }
    let adaptation = adaptation(white, D50)?;
    let written = written_colorants(&product(&adaptation, &product(&directions, &diagonal(lengths))));
    // What has been rounded must still be of use.
    inverse(&written)?;
    Some((written, adaptation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srgb_has_the_colorants_of_its_standard() {
        let (colorants, adaptation) = colorants(&Primaries::SRGB).unwrap();
        assert_eq!(colorants, SRGB_COLORANTS);
        let off = |(a, b): (&f64, &f64)| (a - b).abs();
        assert!(
            adaptation.as_flattened().iter().zip(SRGB_ADAPTATION.as_flattened()).map(off).fold(0.0, f64::max) < 1e-5
        );
        let published = [[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.7141]];
        for (row, published) in colorants.iter().zip(published) {
            assert!(row.iter().zip(published).all(|(a, b)| (a - b).abs() < 2e-4), "{colorants:?}");
        }
        for (row, white) in colorants.iter().zip(D50) {
            assert_eq!(row.iter().sum::<f64>(), fixed(white));
        }
    }

    #[test]
    fn numbers_without_sense_are_no_profile() {
        let of = |change: fn(&mut Primaries)| {
            let mut primaries = Primaries::SRGB;
            change(&mut primaries);
            simple(Some(primaries), Stated::Srgb).is_some()
        };
        assert!(of(|_| {}));
        assert!(!of(|p| p.white = [0, 0]));
        assert!(!of(|p| p.white = [70000, 30000]), "outside of the primaries");
        assert!(!of(|p| p.red = p.green));
        assert!(!of(|p| p.red = [100_000, 1]));
        assert!(!of(|p| p.blue = [u32::MAX, u32::MAX]));
        assert!(!of(|p| p.green = [32000, 33000]), "on a line with white");
        for power in [0, 9_999, 1_000_001, u32::MAX] {
            assert!(simple(None, Stated::Power(power)).is_none(), "{power}");
        }
        assert!(simple(None, Stated::Power(180_000)).is_some());
    }
}
