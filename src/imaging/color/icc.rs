//! What a profile says, and the stages that it means.
//!
//! XYZ goes between profiles as it is, 1 for the Y of white; L*, a* and b* go as 16 bits of version 4 encode them, 1 for
//! 65,535.

use std::sync::Arc;

use super::curve::Curve;
use super::grid::Interpolation;
use super::kinds::{Channels, Class, Intent, Pcs};
use super::matrix::{D50, Matrix, diagonal, inverse};
use super::stage::{Affine, Stage};

/// A profile's values.
#[derive(Debug)]
pub(super) struct Icc {
    /// 2, 4 or 5.
    pub(super) version: u8,
    pub(super) class: Class,
    pub(super) channels: Channels,
    pub(super) pcs: Pcs,
    pub(super) white: Option<[f64; 3]>,
    /// XYZ of red, green and blue, in columns.
    pub(super) colorants: Option<Matrix>,
    /// Three of RGB, one of gray, or none. A curve that is `None` is the identity.
    pub(super) curves: Vec<Option<Curve>>,
    /// `A2B0` to `A2B2`, and `B2A0` to `B2A2`.
    pub(super) to_pcs: [Option<Arc<Lut>>; 3],
    pub(super) from_pcs: [Option<Arc<Lut>>; 3],
}

/// The value of a tag `A2B` or `B2A`.
#[derive(Debug)]
pub(super) struct Lut {
    pub(super) stages: Vec<Stage>,
    /// Of type `lut16Type`, whose L*, a* and b* are encoded as in version 2.
    pub(super) is_lut16: bool,
}

/// XYZ of 1 as `A2B` and `B2A` encode it.
const XYZ_UNIT: f64 = 1.0 + 32767.0 / 32768.0;

/// L* of 100 as 16 bits of version 2 encode it, against those of version 4.
const LAB_V2: f64 = 65280.0 / 65535.0;

impl Icc {
    /// From the device to the space between profiles; `None` if the profile cannot do that.
    pub(super) fn device_to_pcs(&self, intent: Intent) -> Option<Vec<Stage>> {
        if let Some(lut) = self.lut(&self.to_pcs, intent) {
            let mut stages = lut.stages.clone();
            match self.pcs {
                Pcs::Xyz => stages.push(Stage::affine(diagonal([XYZ_UNIT; 3]))),
                Pcs::Lab if lut.is_lut16 => stages.push(Stage::affine(diagonal([1.0 / LAB_V2; 3]))),
                Pcs::Lab => {}
            }
            return Some(stages);
        }
        let curves = Stage::curves(self.curves.iter().cloned());
        match (self.channels, &self.colorants, self.pcs) {
            (Channels::Gray, ..) if self.curves.len() == 1 => {
                let gray = match self.pcs {
                    Pcs::Xyz => Affine { inputs: 1, outputs: 3, by: D50.map(|d| [d, 0.0, 0.0]), plus: [0.0; 3] },
                    Pcs::Lab => {
                        let neutral = 128.0 / 255.0;
                        let by = [[1.0, 0.0, 0.0], [0.0; 3], [0.0; 3]];
                        Affine { inputs: 1, outputs: 3, by, plus: [0.0, neutral, neutral] }
                    }
                };
                Some(vec![curves, Stage::Affine(gray)])
            }
            (Channels::Rgb, Some(colorants), pcs) if self.curves.len() == 3 => {
                let mut stages = vec![curves, Stage::affine(*colorants)];
                if pcs == Pcs::Lab {
                    stages.extend(xyz_to_lab());
                }
                Some(stages)
            }
            _ => None,
        }
    }

    /// The way back; `None` if the profile cannot do that.
    pub(super) fn pcs_to_device(&self, intent: Intent) -> Option<Vec<Stage>> {
        if let Some(lut) = self.lut(&self.from_pcs, intent) {
            let mut stages = vec![];
            match self.pcs {
                Pcs::Xyz => stages.push(Stage::affine(diagonal([1.0 / XYZ_UNIT; 3]))),
                Pcs::Lab if lut.is_lut16 => stages.push(Stage::affine(diagonal([LAB_V2; 3]))),
                Pcs::Lab => {}
            }
            let of_lab = |stage: &Stage| match stage {
                Stage::Grid(grid, _) if self.pcs == Pcs::Lab => Stage::Grid(grid.clone(), Interpolation::Trilinear),
                stage => stage.clone(),
            };
            stages.extend(lut.stages.iter().map(of_lab));
            return Some(stages);
        }
        let curves = Stage::curves(self.curves.iter().map(|curve| curve.as_ref().map(Curve::inverse)));
        match (self.channels, &self.colorants) {
            (Channels::Gray, _) if self.curves.len() == 1 => {
                // The Y of XYZ, or L*.
                let row = if self.pcs == Pcs::Xyz { [0.0, 1.0, 0.0] } else { [1.0, 0.0, 0.0] };
                let gray = Affine { inputs: 3, outputs: 1, by: [row, [0.0; 3], [0.0; 3]], plus: [0.0; 3] };
                Some(vec![Stage::Affine(gray), curves])
            }
            (Channels::Rgb, Some(colorants)) if self.curves.len() == 3 => {
                let mut stages = if self.pcs == Pcs::Lab { lab_to_xyz() } else { vec![] };
                stages.extend([Stage::affine(inverse(colorants)?), curves]);
                Some(stages)
            }
            _ => None,
        }
    }

    /// The tables for an intent, else the perceptual ones, else any if there is nothing else.
    fn lut<'a>(&self, luts: &'a [Option<Arc<Lut>>; 3], intent: Intent) -> Option<&'a Lut> {
        let chosen = luts[intent.table()].as_ref().or(luts[0].as_ref());
        let any = || luts.iter().flatten().next().filter(|_| !self.has_curves());
        chosen.or_else(any).map(|lut| &**lut)
    }

    /// The profile has a matrix or a gray curve beside or instead of tables.
    pub(super) fn has_curves(&self) -> bool {
        match self.channels {
            Channels::Gray => self.curves.len() == 1,
            Channels::Rgb => self.curves.len() == 3 && self.colorants.is_some(),
            Channels::Cmyk => false,
        }
    }

    /// The profile says that it can convert from the device with an intent.
    pub(super) fn supports(&self, intent: Intent) -> bool {
        self.to_pcs[intent.table()].is_some() || self.has_curves()
    }

    /// The white of the medium. That of displays of version 2 is that of the space between profiles, whatever they say.
    pub(super) fn media_white(&self) -> [f64; 3] {
        match self.white {
            Some(white) if self.version >= 4 || self.class != Class::Display => white,
            _ => D50,
        }
    }

    /// What the values take in memory.
    pub(super) fn bytes(&self) -> usize {
        let luts = self.to_pcs.iter().chain(&self.from_pcs).flatten();
        let stages = luts.flat_map(|lut| &lut.stages).map(|stage| match stage {
            Stage::Curves(chains) => chains.iter().flatten().map(Curve::bytes).sum(),
            Stage::Affine(_) => size_of::<Affine>(),
            Stage::Grid(grid, _) => grid.bytes(),
        });
        size_of::<Self>() + stages.sum::<usize>() + self.curves.iter().flatten().map(Curve::bytes).sum::<usize>()
    }
}

/// From encoded L*, a* and b* to XYZ.
pub(super) fn lab_to_xyz() -> Vec<Stage> {
    // What CIELAB's functions are of: for Y (L* + 16) / 116, for X a* / 500 more, for Z b* / 200 less.
    let (lightness, a, b) = (100.0 / 116.0, 255.0 / 500.0, -255.0 / 200.0);
    let black = 16.0 / 116.0;
    let by = [[lightness, a, 0.0], [lightness, 0.0, 0.0], [lightness, 0.0, b]];
    let plus = [black - 128.0 / 500.0, black, black + 128.0 / 200.0];
    let functions = Stage::curves([const { Some(Curve::FromLab) }; 3]);
    vec![Stage::Affine(Affine::new(by, plus)), functions, Stage::affine(diagonal(D50))]
}

/// From XYZ to encoded L*, a* and b*.
pub(super) fn xyz_to_lab() -> Vec<Stage> {
    let by = [[0.0, 116.0 / 100.0, 0.0], [500.0 / 255.0, -500.0 / 255.0, 0.0], [0.0, 200.0 / 255.0, -200.0 / 255.0]];
    let plus = [-16.0 / 100.0, 128.0 / 255.0, 128.0 / 255.0];
    let functions = Stage::curves([const { Some(Curve::ToLab) }; 3]);
    vec![Stage::affine(diagonal(D50.map(|d| 1.0 / d))), functions, Stage::Affine(Affine::new(by, plus))]
}

#[cfg(test)]
mod tests {
    use super::super::stage::{simplified, through};
    use super::*;

    #[test]
    fn lab_is_what_cie_says() {
        let lab = |xyz: [f64; 3]| {
            let [l, a, b, _] = through(&xyz_to_lab(), [xyz[0], xyz[1], xyz[2], 0.0]);
            [100.0 * l, 255.0 * a - 128.0, 255.0 * b - 128.0]
        };
        let near = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3);
        assert!(near(lab(D50), [100.0, 0.0, 0.0]));
        // sRGB's red under D50.
        assert!(near(lab([0.43607, 0.22249, 0.01392]), [54.2902, 80.8203, 69.8910]));
        assert!(near(lab([0.0; 3]), [0.0; 3]));
        assert!(simplified([xyz_to_lab(), lab_to_xyz()].concat()).is_empty());
    }
}
