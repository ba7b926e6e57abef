//! Black points, for black point compensation: found as Adobe's paper on it and other colour management modules do.

use super::icc::{Icc, lab_to_xyz, xyz_to_lab};
use super::kinds::{Channels, Class, Intent, Pcs};
use super::matrix::{D50, diagonal};
use super::stage::{Affine, Stage, simplified, through};

/// XYZ of the black that profiles of version 4 have in their perceptual tables.
const PERCEPTUAL_BLACK: [f64; 3] = [0.00336, 0.0034731, 0.00287];

/// L*, a* and b*.
type Lab = [f64; 3];

/// The black of a source, in XYZ.
pub(super) fn source_black(icc: &Icc, intent: Intent) -> [f64; 3] {
    match intent {
        Intent::Absolute => [0.0; 3],
        Intent::Perceptual | Intent::Saturation if icc.version >= 4 => {
            if icc.has_curves() {
                darkest(icc, Intent::Relative)
            } else {
                PERCEPTUAL_BLACK
            }
        }
        // The darkest inks of a press are more than it takes: its own black is what its tables make of black.
        Intent::Relative if icc.class == Class::Output && icc.channels == Channels::Cmyk => press_black(icc),
        _ => darkest(icc, intent),
    }
}

/// The black of the darkest colour of the device.
fn darkest(icc: &Icc, intent: Intent) -> [f64; 3] {
    let ink = if icc.channels == Channels::Cmyk { 1.0 } else { 0.0 };
    let Some(stages) = icc.device_to_pcs(intent).filter(|_| icc.supports(intent)) else { return [0.0; 3] };
    let [lightness, ..] = lab(icc.pcs, &stages, [ink; 4]);
    // A negative has its white there.
    let lightness = if lightness > 95.0 { 0.0 } else { lightness.clamp(0.0, 50.0) };
    xyz([lightness, 0.0, 0.0])
}

/// What becomes of black on the way to the device by the perceptual tables and back.
fn press_black(icc: &Icc) -> [f64; 3] {
    if !icc.supports(Intent::Perceptual) {
        return [0.0; 3];
    }
    let Some(trip) = round_trip(icc, Intent::Perceptual) else { return [0.0; 3] };
    let [lightness, ..] = returned(&trip, icc.pcs, [0.0; 3]);
    xyz([lightness.min(50.0), 0.0, 0.0])
}

/// The black of a destination, in XYZ.
pub(super) fn destination_black(icc: &Icc, intent: Intent) -> [f64; 3] {
    let has_table = icc.from_pcs[intent.table()].is_some();
    let is_fixed = icc.version >= 4 && intent != Intent::Relative;
    if intent == Intent::Absolute || is_fixed || !has_table {
        return source_black(icc, intent);
    }
    let first = match intent {
        Intent::Relative => {
            let [x, y, z] = source_black(icc, intent);
            decoded(through(&xyz_to_lab(), [x, y, z, 0.0]))
        }
        _ => [0.0; 3],
    };
    let Some(trip) = round_trip(icc, intent) else { return [0.0; 3] };
    let [_, a, b] = first.map(|component| component.clamp(-50.0, 50.0));
    let wanted: Vec<f64> = (0..256).map(|i| f64::from(i) * 100.0 / 255.0).collect();
    let mut got: Vec<f64> = wanted.iter().map(|&lightness| returned(&trip, icc.pcs, [lightness, a, b])[0]).collect();
    for i in (1..255).rev() {
        got[i] = got[i].min(got[i + 1]);
    }
    let [least, most] = [got[0], got[255]];
    if least >= most {
        return [0.0; 3];
    }
    let is_straight =
        |(wanted, got): (&f64, &f64)| *wanted <= least + 0.2 * (most - least) || (wanted - got).abs() < 4.0;
    if intent == Intent::Relative && wanted.iter().zip(&got).all(is_straight) {
        return xyz(first);
    }
    // The tables end in a bend towards their black: it is where a parabola through the bend has its foot.
    let bend = if intent == Intent::Relative { 0.1..0.5 } else { 0.03..0.25 };
    let points: Vec<[f64; 2]> = wanted
        .iter()
        .zip(&got)
        .map(|(&wanted, got)| [wanted, (got - least) / (most - least)])
        .filter(|[_, share]| bend.contains(share))
        .collect();
    if points.len() < 3 {
        return [0.0; 3];
    }
    xyz([root(&points).max(0.0), first[1], first[2]])
}

/// From the space between profiles to the device by one intent, and back by the relative one.
fn round_trip(icc: &Icc, intent: Intent) -> Option<Vec<Stage>> {
    let mut stages = lab_to_xyz();
    if icc.version >= 4 && intent != Intent::Relative {
        // As on every way to such a profile; what goes there has no black of its own.
        let (by, plus) = compensation([0.0; 3], destination_black(icc, intent));
        stages.push(Stage::Affine(Affine::new(diagonal(by), plus)));
    }
    stages.extend(if icc.pcs == Pcs::Lab { xyz_to_lab() } else { vec![] });
    let mut stages = simplified(stages);
    stages.extend(icc.pcs_to_device(intent)?);
    stages.extend(icc.device_to_pcs(Intent::Relative)?);
    Some(stages)
}

fn returned(trip: &[Stage], pcs: Pcs, [l, a, b]: Lab) -> Lab {
    lab(pcs, trip, [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0, 0.0])
}

/// L*, a* and b* of what stages make of a colour.
fn lab(pcs: Pcs, stages: &[Stage], color: [f64; 4]) -> Lab {
    let color = through(stages, color);
    decoded(if pcs == Pcs::Xyz { through(&xyz_to_lab(), color) } else { color })
}

fn decoded([l, a, b, _]: [f64; 4]) -> Lab {
    [100.0 * l, 255.0 * a - 128.0, 255.0 * b - 128.0]
}

fn xyz([l, a, b]: Lab) -> [f64; 3] {
    let [x, y, z, _] = through(&lab_to_xyz(), [l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0, 0.0]);
    [x, y, z]
}

/// The upper root of the parabola that fits points best, between 0 and 50.
fn root(points: &[[f64; 2]]) -> f64 {
    if points.len() < 4 {
        return 0.0;
    }
    let sum = |of: &dyn Fn(f64, f64) -> f64| points.iter().map(|&[x, y]| of(x, y)).sum::<f64>();
    let (n, s1, s2) = (points.len() as f64, sum(&|x, _| x), sum(&|x, _| x * x));
    let (s3, s4) = (sum(&|x, _| x * x * x), sum(&|x, _| x * x * x * x));
    let moments = [sum(&|_, y| y), sum(&|x, y| y * x), sum(&|x, y| y * x * x)];
    let Some([c, b, a]) = solved([[n, s1, s2], [s1, s2, s3], [s2, s3, s4]], moments) else { return 0.0 };
    if a.abs() < 1e-10 {
        return if b.abs() < 1e-10 { 0.0 } else { (-c / b).clamp(0.0, 50.0) };
    }
    let square = b * b - 4.0 * a * c;
    if square <= 0.0 { 0.0 } else { ((-b + square.sqrt()) / (2.0 * a)).clamp(0.0, 50.0) }
}

/// The solution of three equations, by Cramer's rule.
fn solved(m: [[f64; 3]; 3], y: [f64; 3]) -> Option<[f64; 3]> {
    let determinant = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(&m);
    let solution = [0, 1, 2].map(|column| {
        let mut replaced = m;
        for (row, y) in replaced.iter_mut().zip(y) {
            row[column] = y;
        }
        determinant(&replaced) / whole
    });
    solution.iter().all(|x| x.is_finite()).then_some(solution)
}

/// Factors and constants by which XYZ goes from one black to another, white staying where it is.
pub(super) fn compensation(from: [f64; 3], to: [f64; 3]) -> ([f64; 3], [f64; 3]) {
    let by = [0, 1, 2].map(|i| (to[i] - D50[i]) / (from[i] - D50[i]));
    let plus = [0, 1, 2].map(|i| -D50[i] * (to[i] - from[i]) / (from[i] - D50[i]));
    (by, plus)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compensation_moves_black_and_keeps_white() {
        let (from, to) = ([0.01, 0.011, 0.009], [0.003, 0.003, 0.002]);
        let (by, plus) = compensation(from, to);
        for i in 0..3 {
            assert!((from[i] * by[i] + plus[i] - to[i]).abs() < 1e-12);
            assert!((D50[i] * by[i] + plus[i] - D50[i]).abs() < 1e-12);
        }
    }

    #[test]
    fn the_root_is_that_of_the_parabola() {
        let points: Vec<_> = (5..40).map(f64::from).map(|x| [x, (x - 3.0) * (x + 20.0) / 900.0]).collect();
        assert!((root(&points) - 3.0).abs() < 1e-6, "{}", root(&points));
        assert_eq!(root(&points[..3]), 0.0);
    }
}
