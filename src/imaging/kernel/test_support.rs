//! Pictures for the kernels' tests.

use crate::base::geom::{Rect, Size};
use crate::imaging::pixel::raster::{Layout, Plane, Raster};
use crate::test_support::Dice;

/// All 256 values, in order.
pub(super) fn ramp() -> Plane {
    let mut plane = Plane::filled(Size::new(256, 1), 0);
    for (sample, v) in plane.samples_mut().iter_mut().zip(0..=255) {
        *sample = v;
    }
    plane
}

/// Noise in every plane.
pub(super) fn noise(size: Size, layout: Layout, seed: u64) -> Raster {
    let mut dice = Dice::new(seed | 1);
    let mut raster = Raster::zeroed(size, layout);
    for plane in raster.planes_mut() {
        for sample in plane.samples_mut() {
            *sample = dice.byte();
        }
    }
    raster
}

/// Noise that could have been premultiplied: no colour exceeds its alpha, and alpha is often 0 or 255.
pub(super) fn premultiplied_noise(size: Size, layout: Layout, seed: u64) -> Raster {
    let mut raster = noise(size, layout, seed);
    let (colors, alpha) = raster.split_alpha_mut();
    let Some(alpha) = alpha else { return raster };
    for sample in alpha.samples_mut() {
        *sample = (2 * i32::from(*sample) - 128).clamp(0, 255) as u8;
    }
    for color in colors {
        for (color, &alpha) in color.samples_mut().iter_mut().zip(alpha.samples()) {
            *color = (*color).min(alpha);
        }
    }
    raster
}

/// The part of a picture at a rectangle inside it.
pub(super) fn part(raster: &Raster, at: Rect) -> Raster {
    let columns = at.x as usize..at.x as usize + at.width as usize;
    let mut out = Raster::zeroed(at.size(), raster.layout());
    for (out, plane) in out.planes_mut().iter_mut().zip(raster.planes()) {
        for (y, row) in at.rows().zip(0..) {
            out.row_mut(row).copy_from_slice(&plane.row(y as usize)[columns.clone()]);
        }
    }
    out
}
