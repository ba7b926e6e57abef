//! Devices that do not exist: what their profiles are made of.
#![allow(clippy::disallowed_methods, reason = "what a test is made of may differ between platforms")]

use super::writer::D50;

pub(crate) type Vector = [f64; 3];

/// XYZ under D50 of linear RGB, in columns.
pub(crate) const SRGB: [Vector; 3] =
    [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]];
pub(crate) const P3: [Vector; 3] =
    [[0.51512, 0.24120, -0.00105], [0.29198, 0.69225, 0.04189], [0.15710, 0.06657, 0.78407]];
pub(crate) const ADOBE: [Vector; 3] =
    [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]];
pub(crate) const PROPHOTO: [Vector; 3] =
    [[0.79767, 0.28804, 0.0], [0.13519, 0.71188, 0.0], [0.03134, 0.00009, 0.82491]];
pub(crate) const REC2020: [Vector; 3] =
    [[0.67348, 0.27904, -0.00193], [0.16566, 0.67535, 0.02998], [0.12505, 0.04561, 0.79686]];

/// The curve of sRGB.
pub(crate) fn srgb_curve(x: f64) -> f64 {
    if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
}

fn srgb_inverse(y: f64) -> f64 {
    if y <= 0.003_130_8 { 12.92 * y } else { 1.055 * y.powf(1.0 / 2.4) - 0.055 }
}

pub(crate) fn xyz_of(columns: &[Vector; 3], rgb: Vector) -> Vector {
    [0, 1, 2].map(|i| columns[0][i] * rgb[0] + columns[1][i] * rgb[1] + columns[2][i] * rgb[2])
}

/// L*, a* and b*.
pub(crate) fn lab(xyz: Vector) -> Vector {
    let f = |t: f64| if t > (24.0f64 / 116.0).powi(3) { t.cbrt() } else { 841.0 / 108.0 * t + 16.0 / 116.0 };
    let [x, y, z] = [0, 1, 2].map(|i| f(xyz[i] / D50[i]));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

pub(crate) fn xyz([l, a, b]: Vector) -> Vector {
    let g = |t: f64| if t > 24.0 / 116.0 { t * t * t } else { 108.0 / 841.0 * (t - 16.0 / 116.0) };
    let y = (l + 16.0) / 116.0;
    [D50[0] * g(y + a / 500.0), D50[1] * g(y), D50[2] * g(y - b / 200.0)]
}

/// As 16 bits of version 4 encode it.
pub(crate) fn encoded([l, a, b]: Vector) -> Vec<f64> {
    vec![l / 100.0, (a + 128.0) / 255.0, (b + 128.0) / 255.0]
}

pub(crate) fn decoded(lab: &[f64]) -> Vector {
    [100.0 * lab[0], 255.0 * lab[1] - 128.0, 255.0 * lab[2] - 128.0]
}

/// As 16 bits of version 2 encode it.
pub(crate) fn encoded2(lab: Vector) -> Vec<f64> {
    encoded(lab).iter().map(|part| part * 65280.0 / 65535.0).collect()
}

pub(crate) fn decoded2(lab: &[f64]) -> Vector {
    decoded(&lab.iter().map(|part| part * 65535.0 / 65280.0).collect::<Vec<_>>())
}

/// As tables encode XYZ.
pub(crate) fn encoded_xyz(xyz: Vector) -> Vec<f64> {
    xyz.map(|part| part * 32768.0 / 65535.0).to_vec()
}

/// The least light that the devices reflect, of the light of white.
const FLARE: f64 = 0.008;

/// A printer that takes RGB: its colours are duller than those of a screen, and its black is no black.
pub(crate) fn printer(rgb: &[f64]) -> Vector {
    let light = [0, 1, 2].map(|i| FLARE + (1.0 - FLARE) * srgb_curve(rgb[i]));
    let mean = (light[0] + light[1] + light[2]) / 3.0;
    lab(xyz_of(&SRGB, light.map(|part| 0.8 * part + 0.2 * mean)))
}

/// And the way back, for colours that it does not have too.
pub(crate) fn printer_back(color: Vector) -> Vec<f64> {
    rgb_of(xyz(color), 0.8).map(|part| srgb_inverse(((part - FLARE) / (1.0 - FLARE)).clamp(0.0, 1.0))).to_vec()
}

/// Linear RGB of XYZ, with more or less colour.
fn rgb_of(xyz: Vector, colorfulness: f64) -> Vector {
    let to = [[3.13386, -1.61687, -0.49062], [-0.97877, 1.91614, 0.03345], [0.07194, -0.22899, 1.40524]];
    let rgb = to.map(|row: Vector| row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2]);
    let mean = (rgb[0] + rgb[1] + rgb[2]) / 3.0;
    rgb.map(|part| mean + (part - mean) / colorfulness)
}

/// A press: inks that take light away, in the way of Yule and Nielsen.
pub(crate) fn press(cmyk: &[f64]) -> Vector {
    let inks = [[0.06, 0.55, 0.85], [0.85, 0.08, 0.35], [0.98, 0.9, 0.07], [0.04, 0.04, 0.05]];
    let mut light = [1.0; 3];
    for (part, ink) in cmyk.iter().zip(inks) {
        for (light, through) in light.iter_mut().zip(ink) {
            let mixed = 1.0 - part + part * f64::sqrt(through);
            *light *= mixed * mixed;
        }
    }
    // Three inks together are neutral, so that the darkest colour is.
    let (mean, together) = ((light[0] + light[1] + light[2]) / 3.0, cmyk[0] * cmyk[1] * cmyk[2]);
    let light = light.map(|part| part + (mean - part) * together);
    let total: f64 = cmyk.iter().sum();
    let light = light.map(|light| 0.006 / (1.0 + total) + (1.0 - 0.006) * light);
    lab(xyz_of(&SRGB, light))
}

/// And the way back: black for what the others have in common.
pub(crate) fn press_back(color: Vector) -> Vec<f64> {
    let rgb = rgb_of(xyz(color), 0.9).map(|part| part.clamp(0.0, 1.0).powf(1.0 / 1.9));
    let ink = rgb.map(|part| 1.0 - part);
    let common = ink.iter().copied().fold(1.0, f64::min);
    let black = if common > 0.3 { (common - 0.3) / 0.7 } else { 0.0 };
    let [c, m, y] = ink.map(|ink| (ink - 0.6 * black).clamp(0.0, 0.95));
    vec![c, m, y, 0.95 * black]
}
