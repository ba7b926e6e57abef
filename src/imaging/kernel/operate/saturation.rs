//! `op_saturation` (`protocol.md` §8): components move away from their luma or towards it.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::imaging::pixel::color::gray_of_rgb;
use crate::imaging::pixel::raster::Plane;

use crate::imaging::kernel::operate::lookup::rounded;

/// Multiplies the distance of true (not premultiplied) components from their luma by `(100 + amount) / 100`, rounded
/// half up; −100 to 100. Gray stays as it is, and −100 leaves nothing else.
///
/// 200,100,50 has luma 124. At 50 the distances 76, −24 and −74 become 114, −36 and −111: 238,88,13.
pub(super) fn saturation(rgb: &mut [Plane], amount: i8, cancel: Cancel<'_>) -> Result<()> {
    let [red, green, blue] = rgb else { return Ok(()) };
    let factor = 100 + i32::from(amount.clamp(-100, 100));
    // By distance + 255. Distances are at most 255, and so 510 when doubled.
    let scaled: [i16; 511] = std::array::from_fn(|i| rounded((i as i32 - 255) * factor, 100) as i16);
    let [red, green, blue] = [red, green, blue].map(|plane| plane.samples_mut().chunks_mut(STRIDE));
    cancel.each(red.zip(green).zip(blue), |((red, green), blue)| {
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            let luma = gray_of_rgb([*r, *g, *b]);
            for sample in [r, g, b] {
                let distance = usize::from(*sample) + 255 - usize::from(luma);
                *sample = (i16::from(luma) + scaled[distance]).clamp(0, 255) as u8;
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;

    fn saturated(rgb: [u8; 3], amount: i8) -> [u8; 3] {
        let mut planes = rgb.map(|value| Plane::filled(Size::new(1, 1), value));
        saturation(&mut planes, amount, Cancel::ALWAYS).unwrap();
        planes.map(|plane| plane.samples()[0])
    }

    #[test]
    fn moves_components_about_their_luma() {
        assert_eq!(saturated([200, 100, 50], 50), [238, 88, 13]);
        assert_eq!(saturated([200, 100, 50], 0), [200, 100, 50]);
        assert_eq!(saturated([200, 100, 50], -50), [162, 112, 87]);
        assert_eq!(saturated([200, 100, 50], -100), [124; 3]);
        assert_eq!(saturated([255, 0, 0], 100), [255, 0, 0]);
        assert_eq!(saturated([77, 77, 77], 100), [77; 3]);
    }
}
