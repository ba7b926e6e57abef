//! `op_brightness` (`protocol.md` §8): every component gets lighter or darker by the same.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

use crate::imaging::kernel::operate::lookup::{replace, rounded, table};

/// Adds `round(amount · 255 / 100)`, halves up, to true (not premultiplied) colours; amounts are −100 to 100.
///
/// 20 adds 51; 50 adds 127.5, rounded to 128, and −50 to −127.
pub(super) fn brightness(plane: &mut Plane, amount: i8, cancel: Cancel<'_>) -> Result<()> {
    let added = rounded(i32::from(amount) * 255, 100);
    replace(plane, &table(|v| v + added), cancel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::test_support::ramp;

    #[test]
    fn adds_a_share_of_the_range() {
        for (amount, added) in [(0, 0), (1, 3), (20, 51), (50, 128), (-50, -127), (-1, -3), (100, 255), (-100, -255)] {
            let mut plane = ramp();
            brightness(&mut plane, amount, Cancel::ALWAYS).unwrap();
            for (v, &sample) in (0..256).zip(plane.samples()) {
                assert_eq!(i32::from(sample), (v + added).clamp(0, 255), "{v} {amount}");
            }
        }
    }
}
