//! PNG with a palette: as few bits a pixel as its entries need, no filters (PNG, third edition, section 12.7), and deflate that
//! looks for what repeats: `fdeflate` makes larger files of indices than storing them.

use png::{BitDepth, ColorType, EncodingError};

use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::codec::limited::Limited;
use crate::imaging::codec::settings::{Extras, WriteLimits};
use crate::imaging::pixel::palette::Indexed;

use super::deflate::Deflater;
use super::{CHUNK, begun};

/// The level of deflate: the usual one of zlib.
const LEVEL: u8 = 6;

/// `None`: longer than the limit.
pub(in crate::imaging::codec) fn encode_indexed(
    indexed: &Indexed,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    count(Kind::EncodePng8, indexed.indices.size().area() as usize);
    let depth = depth(indexed.palette.len());
    let compressed = compressed(indexed, depth as u8, bounds)?;
    let mut out = Limited::new(bounds);
    let written = write(&mut out, indexed, depth, extras, &compressed);
    out.finish(written)
}

/// Bits of a pixel.
const fn depth(entries: usize) -> BitDepth {
    match entries {
        0..=2 => BitDepth::One,
        3..=4 => BitDepth::Two,
        5..=16 => BitDepth::Four,
        _ => BitDepth::Eight,
    }
}

fn compressed(indexed: &Indexed, bits: u8, bounds: WriteLimits<'_>) -> Result<Vec<u8>> {
    let size = indexed.indices.size();
    let per_byte = usize::from(8 / bits);
    let mut deflater = Deflater::new(LEVEL);
    let mut row = vec![0; 1 + (size.width as usize).div_ceil(per_byte)];
    for y in 0..size.height as usize {
        bounds.cancel.check()?;
        // The first byte is the filter: none.
        for (byte, pixels) in row[1..].iter_mut().zip(indexed.indices.row(y).chunks(per_byte)) {
            // The leftmost pixel is in the highest bits.
            let packed = pixels.iter().fold(0u32, |packed, &pixel| packed << bits | u32::from(pixel));
            *byte = (packed << (usize::from(bits) * (per_byte - pixels.len()))) as u8;
        }
        deflater.write(&row)?;
    }
    deflater.finish()
}

fn write(
    out: &mut Limited<'_>,
    indexed: &Indexed,
    depth: BitDepth,
    extras: Extras<'_>,
    compressed: &[u8],
) -> std::result::Result<(), EncodingError> {
    // A profile stands before the palette, and transparency behind it.
    let mut writer = begun(out, indexed.indices.size(), (ColorType::Indexed, depth), extras)?;
    let colors: Vec<u8> = indexed.palette.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    writer.write_chunk(png::chunk::PLTE, &colors)?;
    // Entries that are left out are opaque.
    let alpha: Vec<u8> = indexed.palette.iter().map(|entry| entry[3]).collect();
    let opaque = alpha.iter().rev().take_while(|&&alpha| alpha == 255).count();
    if opaque < alpha.len() {
        writer.write_chunk(png::chunk::tRNS, &alpha[..alpha.len() - opaque])?;
    }
    for data in compressed.chunks(CHUNK) {
        writer.write_chunk(png::chunk::IDAT, data)?;
    }
    writer.finish()
}

#[cfg(test)]
#[path = "indexed_tests.rs"]
mod tests;
