//! Two profiles as one conversion.

use crate::base::error::{Error, ErrorKind, Result};

use super::black::{compensation, destination_black, source_black};
use super::icc::{Icc, lab_to_xyz, xyz_to_lab};
use super::kinds::{Intent, Pcs};
use super::matrix::diagonal;
use super::stage::{Affine, Stage, simplified};

/// The stages from one device to another.
///
/// # Errors
///
/// A profile has no tables or curves for its direction.
pub(super) fn linked(from: &Icc, to: &Icc, intent: Intent, bpc: bool) -> Result<Vec<Stage>> {
    let cannot = |what| Error::new(ErrorKind::Source, what);
    let mut stages = from.device_to_pcs(intent).ok_or(cannot("the colour profile cannot be converted from"))?;
    let last = to.pcs_to_device(intent).ok_or(cannot("the colour profile cannot be converted to"))?;
    let middle = between(from, to, intent, bpc);
    match (from.pcs, to.pcs, middle.is_some()) {
        (Pcs::Xyz, Pcs::Xyz, _) => stages.extend(middle.map(Stage::Affine)),
        (Pcs::Lab, Pcs::Lab, false) => {}
        (from, to, _) => {
            stages.extend(if from == Pcs::Lab { lab_to_xyz() } else { vec![] });
            stages.extend(middle.map(Stage::Affine));
            stages.extend(if to == Pcs::Lab { xyz_to_lab() } else { vec![] });
        }
    }
    stages.extend(last);
    let mut stages = simplified(stages);
    if intent != Intent::Absolute {
        keep_neutral(&mut stages);
    }
    Ok(stages)
}

/// The change of XYZ between the profiles: the white of the media for the absolute intent, or black point compensation.
///
/// Profiles of version 4 have one black for their perceptual and saturated colours, so that a destination of version 4 is
/// always compensated with these intents.
fn between(from: &Icc, to: &Icc, intent: Intent, bpc: bool) -> Option<Affine> {
    if intent == Intent::Absolute {
        let (source, destination) = (from.media_white(), to.media_white());
        let by = [0, 1, 2].map(|i| source[i] / destination[i]);
        let is_sound = by.iter().all(|by| by.is_finite() && (0.05..20.0).contains(by));
        return (is_sound && source != destination).then(|| Affine::new(diagonal(by), [0.0; 3]));
    }
    let is_forced = to.version >= 4 && intent != Intent::Relative;
    if !bpc && !is_forced {
        return None;
    }
    let (source, destination) = (source_black(from, intent), destination_black(to, intent));
    if source == destination {
        return None;
    }
    let (by, plus) = compensation(source, destination);
    Some(Affine::new(diagonal(by), plus))
}

/// How far white may lie from where it belongs.
const TOLERANCE: f64 = 0.002;

/// Mends the matrix between two devices of three or one components so that gray stays gray: colorants are rounded when they
/// are written, so that their sum is not quite the white of the space between profiles.
fn keep_neutral(stages: &mut [Stage]) {
    let has_grid = stages.iter().any(|stage| matches!(stage, Stage::Grid(..)));
    let mut matrices = stages.iter_mut().filter_map(|stage| match stage {
        Stage::Affine(affine) => Some(affine),
        _ => None,
    });
    let (Some(matrix), None, false) = (matrices.next(), matrices.next(), has_grid) else { return };
    // Black is neutral too.
    let plus = matrix.plus[..matrix.outputs].iter().sum::<f64>() / matrix.outputs as f64;
    let near = |a: f64, b: f64| (a - b).abs() <= TOLERANCE;
    let sums = matrix.by.map(|row| row.iter().sum::<f64>());
    if (0..matrix.outputs).all(|i| near(matrix.plus[i], plus) && near(sums[i] + plus, 1.0)) {
        for (row, sum) in matrix.by.iter_mut().zip(sums).take(matrix.outputs) {
            *row = row.map(|value| value * (1.0 - plus) / sum);
        }
        matrix.plus[..matrix.outputs].fill(plus);
    }
}
