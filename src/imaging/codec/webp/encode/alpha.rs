//! The alpha of a lossy frame: a chunk of its own (RFC 9649 §2.7.1.2).

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

use super::lossless;

/// Without a filter and as it is; as a frame of the lossless kind whose green is the alpha.
const STORED: u8 = 0;
const LOSSLESS: u8 = 1;

/// The chunk's data.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn chunk(alpha: &Plane, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let samples = alpha.samples();
    let pixels = samples.iter().map(|&alpha| u32::from_le_bytes([alpha, alpha, alpha, 255])).collect();
    let packed = lossless::stream(pixels, alpha.size().width as usize, cancel)?;
    let (way, data) = if packed.len() < samples.len() { (LOSSLESS, &packed[..]) } else { (STORED, samples) };
    Ok([&[way], data].concat())
}
