//! WebP files, lossy and lossless.

mod alpha;
mod container;
mod lossless;
mod lossy;
mod quality;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::with_room;
use crate::base::work::{Kind, count};
use crate::imaging::codec::settings::{Extras, LossySettings, WriteLimits};
use crate::imaging::pixel::raster::Raster;

use container::Chunks;

/// The longest side in pixels: a lossy frame notes a side in 14 bits.
const MAX_SIDE: u32 = 16383;

/// Bytes that encoding takes for each pixel, at most: planes and their padded copies, or pixels of four bytes and what is
/// to be written for each.
const BYTES_PER_PIXEL: usize = 16;

/// `None`: longer than the limit.
///
/// # Errors
///
/// A side is longer than 16383 pixels, the layout is none of a WebP, the work is to be given up, or a lossy frame cannot
/// hold what it would take to describe the picture.
pub(in crate::imaging::codec) fn encode(
    raster: &Raster,
    settings: LossySettings,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let (size, layout) = (raster.size(), raster.layout());
    if size.width.max(size.height) > MAX_SIDE {
        return Err(Error::new(ErrorKind::Limit, "is longer on a side than the 16383 pixels of a WebP"));
    }
    if !matches!(layout.colors, 1 | 3) {
        return Err(Error::new(ErrorKind::Internal, "webp cannot hold cmyk"));
    }
    bounds.cancel.check()?;
    // What follows allocates in many steps, some of them inside a crate.
    with_room(size.area() as usize * BYTES_PER_PIXEL, || ());
    let alpha = raster.planes().last().filter(|plane| layout.alpha && plane.samples().iter().any(|&alpha| alpha < 255));
    let mut chunks = Chunks::new(size, alpha.is_some());
    extras.profile.into_iter().for_each(|profile| chunks.describe(*b"ICCP", profile));
    if settings.lossless {
        count(Kind::EncodeLossless, size.area() as usize);
        let picture = lossless::picture(lossless::pixels(raster), size, alpha.is_some(), bounds.cancel)?;
        chunks.add(*b"VP8L", &picture);
    } else {
        if let Some(alpha) = alpha {
            count(Kind::EncodeLossless, size.area() as usize);
            chunks.describe(*b"ALPH", &alpha::chunk(alpha, bounds.cancel)?);
        }
        let padded = |side: u32| side.next_multiple_of(16) as usize;
        count(Kind::EncodeWebP, padded(size.width) * padded(size.height));
        let quantizer = quality::quantizer(settings.quality);
        chunks.add(*b"VP8 ", &lossy::frame(raster, alpha, quantizer, bounds.cancel)?);
    }
    extras.xmp.into_iter().for_each(|packet| chunks.describe(*b"XMP ", packet.as_bytes()));
    bounds.cancel.check()?;
    Ok(chunks.file(bounds.limit))
}

#[cfg(test)]
mod tests;
