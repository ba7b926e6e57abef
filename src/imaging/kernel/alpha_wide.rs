//! Colours multiplied by alpha with 16 bits: a colour of low alpha keeps all of its levels.
//!
//! No code for levels: the compiler makes vectors of the loops that multiply, and no set of instructions divides vectors of
//! whole numbers.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Plane, Raster, Sample};

/// `round(v / 257)`.
#[inline]
pub(crate) const fn narrowed(sample: u16) -> u8 {
    ((sample as u32 + 128) / 257) as u8
}

/// `round(c · a · 65535 / 255²)`, which has no ties.
#[inline]
pub(crate) const fn premultiplied(color: u8, alpha: u8) -> u16 {
    // At most 65535, as 65535 / 255 is 257.
    ((color as u32 * alpha as u32 * 514 + 255) / 510) as u16
}

/// `round(c · 255 / a)`, halves up, at most 255; 0 where alpha rounds to 0.
#[inline]
pub(crate) const fn quotient(color: u16, alpha: u16) -> u8 {
    if narrowed(alpha) == 0 {
        return 0;
    }
    // Filters that ring can leave a colour above its alpha.
    let (color, alpha) = (if color < alpha { color } else { alpha } as u32, alpha as u32);
    ((color * 510 + alpha) / (2 * alpha)) as u8
}

/// One colour over a background: `round((c · 255 + b · (65535 − a)) / 65535)`.
#[inline]
const fn over(color: u16, alpha: u16, background: u8) -> u8 {
    let color = if color < alpha { color } else { alpha } as u32;
    let sum = color * 255 + background as u32 * (65535 - alpha as u32);
    // At most 65535 · 255.
    ((sum + 32767) / 65535) as u8
}

/// Alpha is 255 throughout, or there is none.
pub(crate) fn is_opaque(raster: &Raster) -> bool {
    raster.split_alpha().1.is_none_or(|alpha| all(alpha.samples(), 255))
}

/// Every sample has this value.
pub(crate) fn all(samples: &[u8], value: u8) -> bool {
    let differs = |piece: &[u8]| piece.iter().fold(0, |bits, &sample| bits | (sample ^ value)) != 0;
    !samples.chunks(256).any(differs)
}

/// A picture that has alpha, with colours multiplied by it; `premultiplied` says whether they are already.
///
/// # Errors
///
/// The work is to be given up, as for all that go through a whole picture.
pub(crate) fn multiplied(raster: &Raster, premultiplied: bool, cancel: Cancel<'_>) -> Result<Raster<u16>> {
    let product =
        |color: u8, alpha: u8| if premultiplied { u16::of_byte(color) } else { self::premultiplied(color, alpha) };
    let (colors, alpha) = raster.split_alpha();
    let Some(alpha) = alpha else { return Ok(Raster::zeroed(raster.size(), raster.layout())) };
    count(Kind::Multiply, raster.planes().len() * alpha.samples().len());
    let mut planes = Vec::with_capacity(raster.planes().len());
    for color in colors {
        planes.push(paired(color, alpha, product, cancel)?);
    }
    planes.push(paired(alpha, alpha, |alpha, _| u16::of_byte(alpha), cancel)?);
    Ok(Raster::from_planes(planes, raster.layout()))
}

/// The true colours of a picture, and its alpha, with 8 bits.
pub(crate) fn divided(raster: &Raster<u16>, cancel: Cancel<'_>) -> Result<Raster> {
    count(Kind::Divide, raster.planes().len().saturating_sub(1) * raster.size().area() as usize);
    of_bytes(raster, quotient, cancel)
}

/// Colours, premultiplied if there is alpha, and alpha, with 8 bits.
pub(crate) fn rounded(raster: &Raster<u16>, cancel: Cancel<'_>) -> Result<Raster> {
    let planes = (0..raster.planes().len()).map(|plane| rounded_plane(raster, plane, cancel));
    Ok(Raster::from_planes(planes.collect::<Result<_>>()?, raster.layout()))
}

/// One plane of the same.
pub(crate) fn rounded_plane(raster: &Raster<u16>, plane: usize, cancel: Cancel<'_>) -> Result<Plane> {
    count(Kind::Multiply, raster.size().area() as usize);
    let plane = &raster.planes()[plane];
    // Alpha is not more than itself.
    match raster.split_alpha() {
        (_, Some(alpha)) => paired(plane, alpha, |color, alpha| narrowed(color.min(alpha)), cancel),
        (_, None) => paired(plane, plane, |sample, _| narrowed(sample), cancel),
    }
}

/// A picture on a background, one value per colour plane, without alpha.
pub(crate) fn flattened(raster: &Raster<u16>, background: &[u8], cancel: Cancel<'_>) -> Result<Raster> {
    let layout = raster.layout().with_alpha(false);
    let (colors, alpha) = raster.split_alpha();
    let Some(alpha) = alpha else { return Ok(Raster::zeroed(raster.size(), layout)) };
    count(Kind::Point, colors.len() * alpha.samples().len());
    let plane = |(color, &background): (&Plane<u16>, &u8)| {
        paired(color, alpha, |color, alpha| over(color, alpha, background), cancel)
    };
    Ok(Raster::from_planes(colors.iter().zip(background).map(plane).collect::<Result<_>>()?, layout))
}

/// A picture of bytes; `color` makes one of a colour and its alpha.
fn of_bytes(raster: &Raster<u16>, color: impl Fn(u16, u16) -> u8, cancel: Cancel<'_>) -> Result<Raster> {
    let (colors, alpha) = raster.split_alpha();
    let Some(alpha) = alpha else { return Ok(Raster::zeroed(raster.size(), raster.layout())) };
    let mut planes = Vec::with_capacity(raster.planes().len());
    for plane in colors {
        planes.push(paired(plane, alpha, &color, cancel)?);
    }
    planes.push(paired(alpha, alpha, |alpha, _| narrowed(alpha), cancel)?);
    Ok(Raster::from_planes(planes, raster.layout()))
}

/// A plane whose samples are made of those of two others.
fn paired<S: Sample, T: Sample>(
    plane: &Plane<S>,
    alpha: &Plane<S>,
    make: impl Fn(S, S) -> T,
    cancel: Cancel<'_>,
) -> Result<Plane<T>> {
    let mut out = Plane::filled(plane.size(), T::default());
    let pieces = plane.samples().chunks(STRIDE).zip(alpha.samples().chunks(STRIDE));
    cancel.each(out.samples_mut().chunks_mut(STRIDE).zip(pieces), |(out, (samples, alpha))| {
        for (out, (&sample, &alpha)) in out.iter_mut().zip(samples.iter().zip(alpha)) {
            *out = make(sample, alpha);
        }
    })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;
    use crate::imaging::pixel::raster::Layout;

    /// Every color with every alpha: planes of 256 × 256.
    fn all() -> Raster {
        let mut raster = Raster::zeroed(Size::new(256, 256), Layout::GRAY.with_alpha(true));
        for (i, sample) in raster.planes_mut()[0].samples_mut().iter_mut().enumerate() {
            *sample = i as u8;
        }
        for (i, sample) in raster.planes_mut()[1].samples_mut().iter_mut().enumerate() {
            *sample = (i / 256) as u8;
        }
        raster
    }

    #[test]
    fn every_color_comes_back_from_every_alpha() {
        let all = all();
        let wide = multiplied(&all, false, Cancel::ALWAYS).unwrap();
        let back = divided(&wide, Cancel::ALWAYS).unwrap();
        let flat = flattened(&wide, &[77], Cancel::ALWAYS).unwrap();
        let narrow = rounded(&wide, Cancel::ALWAYS).unwrap();
        for i in 0..256 * 256 {
            let [color, alpha] = [0, 1].map(|plane| all.planes()[plane].samples()[i]);
            let product = f64::from(color) * f64::from(alpha) * 65535.0 / 65025.0;
            assert_eq!(f64::from(wide.planes()[0].samples()[i]), product.round(), "{color} {alpha}");
            assert_eq!(wide.planes()[1].samples()[i], u16::from(alpha) * 257);
            let expected = if alpha == 0 { 0 } else { color };
            assert_eq!((back.planes()[0].samples()[i], back.planes()[1].samples()[i]), (expected, alpha));
            let mixed = (f64::from(color) * f64::from(alpha) + 77.0 * (255.0 - f64::from(alpha))) / 255.0;
            // The product was rounded before.
            assert!((f64::from(flat.planes()[0].samples()[i]) - mixed).abs() <= 0.5 + 0.5 / 257.0);
            assert_eq!(f64::from(narrow.planes()[0].samples()[i]), (product / 257.0).round(), "{color} {alpha}");
        }
        assert!(!flat.layout().alpha);
    }

    #[test]
    fn colors_above_their_alpha_are_as_bright_as_can_be() {
        assert_eq!([quotient(9, 0), quotient(128, 128), quotient(900, 129)], [0, 0, 255]);
        assert_eq!(over(900, 257, 100), over(257, 257, 100));
    }

    #[test]
    fn pictures_without_alpha_are_rounded() {
        let mut raster: Raster<u16> = Raster::zeroed(Size::new(256, 256), Layout::GRAY);
        raster.planes_mut()[0].samples_mut().iter_mut().zip(0..=u16::MAX).for_each(|(sample, value)| *sample = value);
        let bytes = rounded(&raster, Cancel::ALWAYS).unwrap();
        assert_eq!(bytes.layout(), Layout::GRAY);
        for (value, &byte) in bytes.planes()[0].samples().iter().enumerate() {
            assert_eq!(f64::from(byte), (value as f64 / 257.0).round(), "{value}");
        }
    }

    /// What 8 bits hold exactly comes out as it does of 8 bits.
    #[test]
    fn widened_samples_are_divided_and_flattened_as_bytes_are() {
        use crate::imaging::kernel::alpha::{divide, flatten};
        let all = all();
        let wide = multiplied(&all, true, Cancel::ALWAYS).unwrap();
        let mut bytes = all.clone();
        divide(&mut bytes, Cancel::ALWAYS).unwrap();
        assert_eq!(divided(&wide, Cancel::ALWAYS).unwrap(), bytes);
        for background in [0, 1, 100, 254, 255] {
            let flat = flatten(all.clone(), &[background], true, Cancel::ALWAYS).unwrap();
            assert_eq!(flattened(&wide, &[background], Cancel::ALWAYS).unwrap(), flat, "{background}");
        }
    }
}
