//! The lossless frame, VP8L (RFC 9649 §3): pixels are predicted from their neighbors, or are indices of a palette; runs that
//! were there before are referred to; the rest is coded by how often it occurs.
//!
//! A picture of few colours is written both ways, and the shorter one is taken. All decisions are made by whole numbers and
//! in a fixed order.

mod bits;
mod matches;
mod palette;
mod predict;
mod prefix;
mod write;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::imaging::pixel::raster::Raster;

use bits::Bits;

/// Pictures of at most as many colours are indices in any case: predicting them does not help.
const FEW_COLORS: usize = 16;

/// Pixels as the format has them: alpha, red, green and blue from the highest byte to the lowest.
pub(super) fn pixels(raster: &Raster) -> Vec<u32> {
    let planes = raster.planes();
    let sample = |plane: usize, at: usize| planes[plane].samples()[at];
    let area = 0..raster.size().area() as usize;
    let pixel = |[blue, green, red, alpha]: [u8; 4]| u32::from_le_bytes([blue, green, red, alpha]);
    match (raster.layout().colors, raster.layout().alpha) {
        (1, false) => area.map(|at| pixel([sample(0, at), sample(0, at), sample(0, at), 255])).collect(),
        (1, true) => area.map(|at| pixel([sample(0, at), sample(0, at), sample(0, at), sample(1, at)])).collect(),
        (_, false) => area.map(|at| pixel([sample(2, at), sample(1, at), sample(0, at), 255])).collect(),
        (_, true) => area.map(|at| pixel([sample(2, at), sample(1, at), sample(0, at), sample(3, at)])).collect(),
    }
}

/// The data of a frame.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn picture(pixels: Vec<u32>, size: Size, alpha: bool, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let mut head = Bits::default();
    head.put(0x2f, 8);
    head.put(size.width - 1, 14);
    head.put(size.height - 1, 14);
    head.put(u32::from(alpha), 1);
    // The version.
    head.put(0, 3);
    let mut data = head.finish();
    data.append(&mut stream(pixels, size.width as usize, cancel)?);
    Ok(data)
}

/// The data of a frame behind its head, from which the size is known.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn stream(pixels: Vec<u32>, width: usize, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let Some(palette) = palette::of(&pixels) else { return predict::written(pixels, width, cancel) };
    let indexed = palette::written(&pixels, width, &palette, cancel)?;
    if palette.len() <= FEW_COLORS {
        return Ok(indexed);
    }
    let predicted = predict::written(pixels, width, cancel)?;
    Ok(if indexed.len() <= predicted.len() { indexed } else { predicted })
}

#[cfg(test)]
mod tests;
