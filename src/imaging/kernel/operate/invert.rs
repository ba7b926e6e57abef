//! `op_invert` (`protocol.md` §8): the negative.

use crate::imaging::pixel::raster::Plane;

/// Makes each true (not premultiplied) component `v` 255 − v: 10 becomes 245.
pub(super) fn invert(plane: &mut Plane) {
    for sample in plane.samples_mut() {
        *sample = 255 - *sample;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::test_support::ramp;

    #[test]
    fn light_becomes_dark() {
        let mut plane = ramp();
        invert(&mut plane);
        assert!(plane.samples().iter().rev().eq(ramp().samples()));
    }
}
