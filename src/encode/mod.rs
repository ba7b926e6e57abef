//! Encoding: from a finished picture to the bytes of a reply.

mod jpeg;
mod limited;
mod png;
mod settings;
mod within;

use crate::error::Result;
use crate::kernel::cpu::Cpu;
use crate::raster::Raster;

#[cfg(feature = "internals")]
pub(crate) use jpeg::{Blocks, Forward};
pub(crate) use settings::{Bounds, Encoding, Extras, JpegSettings};
pub(crate) use within::encode_within;

use limited::too_long;

/// Encodes a picture of a layout that the format can hold.
///
/// # Errors
///
/// The format cannot hold a picture of that size or the extras, the file would be longer than the limit, or the work is to
/// be given up.
pub(crate) fn encode<'a>(
    cpu: Cpu,
    raster: &Raster,
    encoding: Encoding,
    extras: Extras<'_>,
    bounds: impl Into<Bounds<'a>>,
) -> Result<Vec<u8>> {
    let bounds = bounds.into();
    match encoding {
        Encoding::Jpeg(settings) => jpeg::encode(cpu, raster, settings, extras, bounds)?.ok_or_else(too_long),
        Encoding::Png => png::encode(raster, extras.dpi, bounds)?.ok_or_else(too_long),
    }
}

/// Every kind of file, for the engine's fingerprint. Other numbers of scans are split by the rule of the default.
pub(crate) const PROBES: [Encoding; 4] = [
    Encoding::Jpeg(JpegSettings { quality: 80, full_chroma: false, progressive: false, scans: None }),
    Encoding::Jpeg(JpegSettings { quality: 93, full_chroma: true, progressive: false, scans: None }),
    Encoding::Jpeg(JpegSettings { quality: 51, full_chroma: false, progressive: true, scans: None }),
    Encoding::Png,
];

#[cfg(test)]
mod tests;
