//! `jpegSize=`: the best JPEG that is not longer than asked for (`protocol.md` §5).

use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::Raster;

use crate::imaging::codec::limited::too_long;
use crate::imaging::codec::settings::{Extras, JpegSettings, WriteLimits};

/// Encodes a JPEG of at most `max_bytes`, and says with which quality: that of the settings if the file is short enough,
/// else a lower one whose next higher makes it too long.
///
/// The limit of `bounds`, the most bytes of any reply, never lowers the quality: it fails the request.
///
/// # Errors
///
/// No quality makes the file short enough, the work is to be given up, or as [`encode`](super::encode).
pub(crate) fn encode_within(
    cpu: Cpu,
    raster: &Raster,
    settings: JpegSettings,
    extras: Extras<'_>,
    max_bytes: usize,
    bounds: WriteLimits<'_>,
) -> Result<(Vec<u8>, u8)> {
    let limit = bounds.limit;
    let attempt = |quality: u8, limit: usize| {
        super::encode(cpu, raster, JpegSettings { quality, ..settings }, extras, WriteLimits { limit, ..bounds })
    };
    if max_bytes >= limit {
        return Ok((attempt(settings.quality, limit)?.ok_or_else(too_long)?, settings.quality));
    }
    if let Some(file) = attempt(settings.quality, max_bytes)? {
        return Ok((file, settings.quality));
    }
    let cannot = || Error::new(ErrorKind::Limit, "is less than the lowest quality needs").at("jpegSize");
    let (mut fits, mut too_high) = (1, settings.quality);
    if too_high <= fits {
        return Err(cannot());
    }
    let mut best = attempt(fits, max_bytes)?.ok_or_else(cannot)?;
    // At most seven steps, from 1 and 100.
    while too_high - fits > 1 {
        let quality = fits + (too_high - fits) / 2;
        match attempt(quality, max_bytes)? {
            Some(file) => (fits, best) = (quality, file),
            None => too_high = quality,
        }
    }
    Ok((best, fits))
}
