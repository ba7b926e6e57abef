//! From colours to numbers of entries.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

use super::color::multiplied;
use super::nearest::Nearest;
use super::pixels::Pixels;

/// Maps each pixel to the nearest entry, those without alpha to `key`.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn plain(
    pixels: &mut Pixels<'_>,
    nearest: &mut Nearest,
    key: Option<u8>,
    indices: &mut Plane,
    cancel: Cancel<'_>,
) -> Result<()> {
    for y in 0..pixels.height() {
        cancel.check()?;
        for (index, &color) in indices.row_mut(y).iter_mut().zip(pixels.row(y)) {
            *index = match key {
                Some(key) if color[3] == 0 => key,
                _ => nearest.of(multiplied(color).map(i32::from)),
            };
        }
    }
    Ok(())
}

/// Maps pixels from left to right and from top to bottom to the nearest entry, after what was missed before has been added to
/// them. Of what a pixel misses, its right neighbor gets 7/16, those below 3, 5 and 1 (Floyd and Steinberg, 1976). Pixels without
/// alpha take and give nothing, and opaque ones stay opaque.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn diffused(
    pixels: &mut Pixels<'_>,
    nearest: &mut Nearest,
    key: Option<u8>,
    indices: &mut Plane,
    cancel: Cancel<'_>,
) -> Result<()> {
    let none = [0i32; 4];
    // In sixteenths, one pixel to the right of where it belongs; one more on either side.
    let mut missed = vec![none; pixels.width() + 2];
    for y in 0..pixels.height() {
        cancel.check()?;
        // From the pixel on the left; for the pixel below that one, and for the next.
        let (mut right, mut below_left, mut below) = (none, none, none);
        let row = indices.row_mut(y).iter_mut().zip(pixels.row(y));
        for (x, (index, &color)) in row.enumerate() {
            let above = missed[x + 1];
            let [opaque, transparent] = [color[3] == 255, color[3] == 0];
            let error = match key {
                Some(key) if transparent => {
                    *index = key;
                    none
                }
                _ => {
                    let mut wanted = multiplied(color).map(i32::from);
                    for component in 0..4 {
                        let off = (above[component] + right[component] + 8) >> 4;
                        wanted[component] = (wanted[component] + off).clamp(0, 255);
                    }
                    if opaque {
                        wanted[3] = 255;
                    }
                    let alpha = wanted[3];
                    wanted[..3].iter_mut().for_each(|part| *part = (*part).min(alpha));
                    *index = nearest.of(wanted);
                    let got = nearest.point(*index);
                    std::array::from_fn(|component| wanted[component] - got[component])
                }
            };
            for component in 0..4 {
                let error = error[component];
                right[component] = 7 * error;
                missed[x][component] = below_left[component] + 3 * error;
                below_left[component] = below[component] + 5 * error;
                below[component] = error;
            }
        }
        let width = pixels.width();
        missed[width] = below_left;
        missed[width + 1] = below;
    }
    Ok(())
}
