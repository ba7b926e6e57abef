//! `op_invert` (`protocol.md` §8): the negative.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

/// Makes each true (not premultiplied) component `v` 255 − v: 10 becomes 245.
pub(super) fn invert(plane: &mut Plane, cancel: Cancel<'_>) -> Result<()> {
    cancel.each(plane.samples_mut().chunks_mut(STRIDE), |samples| {
        for sample in samples {
            *sample = 255 - *sample;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::test_support::ramp;

    #[test]
    fn light_becomes_dark() {
        let mut plane = ramp();
        invert(&mut plane, Cancel::ALWAYS).unwrap();
        assert!(plane.samples().iter().rev().eq(ramp().samples()));
    }
}
