//! Blending: one picture over another (`layers.md` §2.1).
//!
//! No code for levels: the compiler makes vectors of the only loop, one multiplication for a sample. It runs once over each
//! layer, beside a dozen products for each sample of a resampled one.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::color::mul_255;
use crate::imaging::pixel::raster::Raster;

use crate::imaging::kernel::color::to_rgb;
use crate::imaging::kernel::picture::Picture;

/// Lays a picture over another one of the same part of a view. Both come out with premultiplied colours, gray only if both
/// are, and opaque only if one of them is.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn over(below: Picture, above: Picture, cancel: Cancel<'_>) -> Result<Picture> {
    if !above.raster.layout().alpha {
        return Ok(above);
    }
    let (below, above) = (below.with_premultiplied(true, cancel)?, above.with_premultiplied(true, cancel)?);
    let (at, visible) = (below.at, below.visible);
    let (mut out, above) = alike(below.raster, above.raster, cancel)?;
    debug_assert_eq!(out.size(), above.size(), "both show the same part of the view");
    let (colors, alpha) = out.split_alpha_mut();
    let (above_colors, above_alpha) = above.split_alpha();
    if let Some(above_alpha) = above_alpha {
        for (below, above) in colors.iter_mut().zip(above_colors) {
            normal(below.samples_mut(), above.samples(), above_alpha.samples(), cancel)?;
        }
        // Over an opaque picture the result is opaque.
        if let Some(alpha) = alpha {
            normal(alpha.samples_mut(), above_alpha.samples(), above_alpha.samples(), cancel)?;
        }
    }
    Ok(Picture { raster: out, at, visible, premultiplied: true })
}

/// Two pictures, both in gray or both in RGB.
fn alike(a: Raster, b: Raster, cancel: Cancel<'_>) -> Result<(Raster, Raster)> {
    let alike = a.layout().colors == b.layout().colors;
    Ok(if alike { (a, b) } else { (to_rgb(a, cancel)?, to_rgb(b, cancel)?) })
}

/// `round((255 · S + B · (255 − a)) / 255)` for premultiplied S of alpha a over B. As S ≤ a, the sum never exceeds 255.
fn normal(below: &mut [u8], above: &[u8], alpha: &[u8], cancel: Cancel<'_>) -> Result<()> {
    count(Kind::Point, below.len());
    debug_assert!(below.len() == above.len() && below.len() == alpha.len(), "one sample for each pixel");
    let pieces = below.chunks_mut(STRIDE).zip(above.chunks(STRIDE)).zip(alpha.chunks(STRIDE));
    cancel.each(pieces, |((below, above), alpha)| {
        for ((below, &above), &alpha) in below.iter_mut().zip(above).zip(alpha) {
            // Rounding in a pass can leave a colour one step above its alpha.
            *below = above.saturating_add(mul_255(*below, 255 - alpha));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::{Rect, Size};
    use crate::imaging::pixel::raster::{Layout, Plane};

    fn picture(planes: &[&[u8]], alpha: bool, premultiplied: bool) -> Picture {
        let size = Size::new(planes[0].len() as u32, 1);
        let mut raster = Raster::zeroed(size, Layout { colors: planes.len() as u8 - u8::from(alpha), alpha });
        for (plane, samples) in raster.planes_mut().iter_mut().zip(planes) {
            plane.samples_mut().copy_from_slice(samples);
        }
        let at = Rect::at_origin(size);
        Picture { raster, at, visible: at, premultiplied }
    }

    fn over(below: Picture, above: Picture) -> Picture {
        super::over(below, above, Cancel::ALWAYS).unwrap()
    }

    fn samples(picture: &Picture) -> Vec<&[u8]> {
        picture.raster.planes().iter().map(Plane::samples).collect()
    }

    #[test]
    fn pictures_hide_what_is_below_by_their_alpha() {
        let below = picture(&[&[100, 100, 100]], false, false);
        let above = picture(&[&[0, 50, 200], &[0, 128, 255]], true, true);
        // 50 + 100 · 127 / 255 = 99.8
        assert_eq!(samples(&over(below.clone(), above)), [[100, 100, 200]]);
        let opaque = picture(&[&[1, 2, 3]], false, false);
        assert_eq!(samples(&over(below, opaque)), [[1, 2, 3]]);
    }

    #[test]
    fn alpha_adds_up_and_gray_meets_rgb() {
        let below = picture(&[&[100], &[100]], true, true);
        // True colours of 100, 200 and 0 at alpha 51 are 20, 40 and 0 premultiplied.
        let above = picture(&[&[100], &[200], &[0], &[51]], true, false);
        // 100 · 204 / 255 = 80
        assert_eq!(samples(&over(below, above)), [[100], [120], [80], [131]]);
    }

    #[test]
    fn every_pair_is_rounded_once() {
        for alpha in 0..=255u8 {
            for below in 0..=255u8 {
                let above = alpha / 2;
                let mut out = [below];
                normal(&mut out, &[above], &[alpha], Cancel::ALWAYS).unwrap();
                let exact = u32::from(above) * 255 + u32::from(below) * u32::from(255 - alpha);
                assert_eq!(u32::from(out[0]), (exact * 2 + 255) / 510);
            }
        }
    }
}
