//! Operations that change each sample by its value alone: a table of all 256 values.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

/// The table of a function.
pub(super) fn table(value: impl Fn(i32) -> i32) -> [u8; 256] {
    // Clamped before narrowing.
    std::array::from_fn(|v| value(v as i32).clamp(0, 255) as u8)
}

/// Replaces every sample by its entry.
///
/// # Errors
///
/// The work is to be given up, as for all operations.
pub(super) fn replace(plane: &mut Plane, table: &[u8; 256], cancel: Cancel<'_>) -> Result<()> {
    cancel.each(plane.samples_mut().chunks_mut(STRIDE), |samples| {
        for sample in samples {
            *sample = table[usize::from(*sample)];
        }
    })
}

/// `numerator / denominator` rounded to the nearest whole number, halves up, also below zero.
pub(super) const fn rounded(numerator: i32, denominator: i32) -> i32 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}
