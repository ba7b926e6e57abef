//! `op_contrast` (`protocol.md` §8): components move away from 50 % brightness or towards it.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

use crate::imaging::kernel::operate::lookup::{replace, rounded, table};

/// Multiplies the distance of true (not premultiplied) colours from 127.5 by `(100 + amount) / 100` if the amount is
/// negative and by `100 / (100 − amount)` if it is positive; −100 to 100, where 100 leaves only 0 and 255.
///
/// At 50 the slope is 2: 100 becomes 127.5 − 2 · 27.5 = 72.5, rounded to 73. At −50 it is ½: 127.5 − 13.75 = 113.75.
pub(super) fn contrast(plane: &mut Plane, amount: i8, cancel: Cancel<'_>) -> Result<()> {
    let amount = i32::from(amount.clamp(-100, 100));
    replace(
        plane,
        &table(|v| {
            // Twice the distance from the middle.
            let distance = 2 * v - 255;
            match amount {
                100 => 255 * i32::from(distance > 0),
                1.. => rounded(255 * (100 - amount) + distance * 100, 2 * (100 - amount)),
                _ => rounded(255 * 100 + distance * (100 + amount), 200),
            }
        }),
        cancel,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::test_support::ramp;

    #[test]
    fn turns_about_the_middle() {
        let at = |amount: i8, values: [usize; 5]| {
            let mut plane = ramp();
            contrast(&mut plane, amount, Cancel::ALWAYS).unwrap();
            values.map(|v| plane.samples()[v])
        };
        assert_eq!(at(0, [0, 100, 127, 128, 255]), [0, 100, 127, 128, 255]);
        assert_eq!(at(50, [0, 63, 64, 100, 200]), [0, 0, 1, 73, 255]);
        assert_eq!(at(-50, [0, 100, 127, 128, 255]), [64, 114, 127, 128, 191]);
        assert_eq!(at(-100, [0, 100, 127, 128, 255]), [128; 5]);
        assert_eq!(at(100, [0, 100, 127, 128, 255]), [0, 0, 0, 255, 255]);
        assert_eq!(at(99, [125, 126, 127, 128, 129]), [0, 0, 78, 178, 255]);
    }
}
