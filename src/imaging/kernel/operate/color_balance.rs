//! `op_colorbalance` (`protocol.md` §8): brightness for each component on its own.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

use crate::imaging::kernel::operate::brightness::brightness;

/// Adds `round(amount · 255 / 100)` to red, green and blue, which are true (not premultiplied); −100 to 100.
///
/// 20,0,−20 makes 100,100,100 warmer: 151,100,49.
pub(super) fn color_balance(rgb: &mut [Plane], amounts: [i8; 3], cancel: Cancel<'_>) -> Result<()> {
    rgb.iter_mut().zip(amounts).try_for_each(|(plane, amount)| brightness(plane, amount, cancel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::test_support::ramp;

    #[test]
    fn each_component_has_its_own_amount() {
        let mut rgb = vec![ramp(); 3];
        color_balance(&mut rgb, [20, 0, -20], Cancel::ALWAYS).unwrap();
        assert_eq!([0, 1, 2].map(|p: usize| rgb[p].samples()[100]), [151, 100, 49]);
        assert_eq!([0, 1, 2].map(|p: usize| rgb[p].samples()[250]), [255, 250, 199]);
    }
}
