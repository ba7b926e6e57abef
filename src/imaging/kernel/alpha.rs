//! Alpha of pictures of bytes: multiplying colours by it, and afterwards dividing or flattening on a background.
//!
//! No code for levels: the compiler makes vectors of the loops that multiply. The division looks a reciprocal up for each
//! sample, which no set of instructions does faster for vectors.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::color::mul_255;
use crate::imaging::pixel::raster::{Layout, Plane, Raster};

/// Multiplies the colours of a picture that has alpha by it, `round(c · a / 255)`: the way back from [`divide`].
///
/// # Errors
///
/// The work is to be given up, as for all kernels that go through a whole picture.
pub(crate) fn multiply(raster: &mut Raster, cancel: Cancel<'_>) -> Result<()> {
    by_alpha(raster, cancel, weigh)
}

/// Changes each colour plane by alpha, if there is alpha.
fn by_alpha(raster: &mut Raster, cancel: Cancel<'_>, change: impl Fn(&mut [u8], &[u8])) -> Result<()> {
    let (colors, alpha) = raster.split_alpha_mut();
    let Some(alpha) = alpha else { return Ok(()) };
    colors.iter_mut().try_for_each(|color| {
        let pieces = color.samples_mut().chunks_mut(STRIDE).zip(alpha.samples().chunks(STRIDE));
        cancel.each(pieces, |(color, alpha)| change(color, alpha))
    })
}

fn weigh(color: &mut [u8], alpha: &[u8]) {
    count(Kind::Multiply, color.len());
    for (color, &alpha) in color.iter_mut().zip(alpha) {
        *color = mul_255(*color, alpha);
    }
}

/// Divides premultiplied colours by their alpha: `round(c · 255 / a)`, at most 255, and 0 where alpha is 0.
pub(crate) fn divide(raster: &mut Raster, cancel: Cancel<'_>) -> Result<()> {
    let divider = Divider::new();
    if raster.layout().alpha {
        count(Kind::Divide, (raster.layout().planes() - 1) * raster.size().area() as usize);
    }
    by_alpha(raster, cancel, |color, alpha| {
        for (color, &alpha) in color.iter_mut().zip(alpha) {
            *color = divider.quotient(*color, alpha);
        }
    })
}

/// 255 divided by every alpha.
///
/// round(c · 255 / a) = (c · 510 + a) / 2a. A table of reciprocals makes that a product: exact for all c ≤ a, which is
/// tested.
pub(super) struct Divider([u32; 256]);

impl Divider {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|a| if a == 0 { 0 } else { (255 << 16) / a as u32 + 1 }))
    }

    /// The true colour of a premultiplied one; 0 where alpha is 0.
    #[inline]
    pub(super) fn quotient(&self, color: u8, alpha: u8) -> u8 {
        // Rounding in a pass can leave a colour one step above its alpha.
        let product = u32::from(color.min(alpha)) * self.0[usize::from(alpha)];
        ((product + (1 << 15)) >> 16).min(255) as u8
    }
}

/// Lays a picture with alpha on a background, one value per colour plane, and takes its alpha away.
///
/// `premultiplied` says what the colours are; flattening premultiplied ones needs no division.
pub(crate) fn flatten(raster: Raster, background: &[u8], premultiplied: bool, cancel: Cancel<'_>) -> Result<Raster> {
    let layout = raster.layout();
    if !layout.alpha {
        return Ok(raster);
    }
    let mut planes: Vec<Plane> = raster.into_planes();
    let alpha = planes.pop();
    if let Some(alpha) = alpha {
        count(Kind::Point, planes.len() * alpha.samples().len());
        for (plane, &background) in planes.iter_mut().zip(background) {
            let pieces = plane.samples_mut().chunks_mut(STRIDE).zip(alpha.samples().chunks(STRIDE));
            cancel.each(pieces, |(colors, alpha)| {
                for (color, &alpha) in colors.iter_mut().zip(alpha) {
                    *color = over(*color, alpha, background, premultiplied);
                }
            })?;
        }
    }
    Ok(Raster::from_planes(planes, layout.with_alpha(false)))
}

/// One colour over the background: `round((c · 255 + b · (255 − a)) / 255)` with c premultiplied, and with one
/// rounding less if it is not.
#[inline]
fn over(color: u8, alpha: u8, background: u8, premultiplied: bool) -> u8 {
    let light = if premultiplied { u32::from(color.min(alpha)) * 255 } else { u32::from(color) * u32::from(alpha) };
    // At most 255 · 255, for which t + t/256 rounds exactly as in `mul_255`.
    let t = light + u32::from(background) * (255 - u32::from(alpha)) + 128;
    ((t + (t >> 8)) >> 8) as u8
}

/// A picture with an opaque alpha component if it has none.
pub(crate) fn with_alpha(raster: Raster) -> Raster {
    let layout = raster.layout();
    if layout.alpha {
        return raster;
    }
    let alpha = Plane::filled(raster.size(), 255);
    let planes = raster.into_planes().into_iter().chain([alpha]).collect();
    Raster::from_planes(planes, layout.with_alpha(true))
}

/// Alpha as a gray picture.
pub(crate) fn alpha_of(raster: Raster) -> Raster {
    let alpha = with_alpha(raster).into_planes().pop();
    Raster::from_planes(alpha.into_iter().collect(), Layout::GRAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;

    fn raster(planes: &[&[u8]]) -> Raster {
        let size = Size::new(planes[0].len() as u32, 1);
        let layout = Layout { colors: planes.len() as u8 - 1, alpha: true };
        let mut raster = Raster::zeroed(size, layout);
        for (plane, samples) in raster.planes_mut().iter_mut().zip(planes) {
            plane.samples_mut().copy_from_slice(samples);
        }
        raster
    }

    #[test]
    fn dividing_is_the_rounded_quotient_for_every_pair() {
        for alpha in 0..=255u8 {
            let colors: Vec<u8> = (0..=255).collect();
            let mut picture = raster(&[&colors, &[alpha; 256]]);
            divide(&mut picture, Cancel::ALWAYS).unwrap();
            for color in 0..=255u8 {
                let (c, a) = (u32::from(color.min(alpha)), u32::from(alpha));
                let exact = if a == 0 { 0 } else { (c * 510 + a) / (2 * a) };
                assert_eq!(u32::from(picture.planes()[0].samples()[usize::from(color)]), exact, "{color} {alpha}");
            }
        }
    }

    #[test]
    fn flattening_weighs_both_colors() {
        for premultiplied in [false, true] {
            for alpha in 0..=255u8 {
                for background in [0, 1, 127, 255] {
                    let colors: Vec<u8> = (0..=255).collect();
                    let picture = raster(&[&colors, &[alpha; 256]]);
                    let flat = flatten(picture, &[background], premultiplied, Cancel::ALWAYS).unwrap();
                    assert!(!flat.layout().alpha);
                    for color in 0..=255u8 {
                        let (c, a, b) = (f64::from(color), f64::from(alpha), f64::from(background));
                        let light = if premultiplied { c.min(a) } else { c * a / 255.0 };
                        let exact = (light + b * (255.0 - a) / 255.0).round();
                        assert_eq!(f64::from(flat.planes()[0].samples()[usize::from(color)]), exact);
                    }
                }
            }
        }
    }
}
