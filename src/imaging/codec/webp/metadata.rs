//! Metadata in the chunks of a WebP file.

use crate::imaging::codec::metadata::icc::MAX_PROFILE;
use crate::imaging::codec::metadata::model::{IccInfo, Metadata, too_much_xmp};
use crate::imaging::codec::metadata::{exif, icc, said, xmp};

use super::chunks::chunk;

pub(super) fn read(bytes: &[u8], limit: usize) -> Metadata {
    let packet = match chunk(bytes, b"XMP ") {
        Some(packet) if packet.len() > limit => Err(too_much_xmp()),
        Some(packet) => xmp::text(packet).map(Some),
        None => Ok(None),
    };
    let rights = said::rights(packet.as_ref().ok().and_then(Option::as_deref), None, tiff(bytes));
    Metadata {
        xmp: packet,
        icc: profile(bytes, limit)
            .map(|profile| IccInfo { description: icc::description(profile).unwrap_or_default() }),
        path_names: Vec::new(),
        milli_dpi: tiff(bytes).and_then(exif::milli_dpi),
        rights,
    }
}

/// The embedded profile that the header means.
pub(super) fn read_profile(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    profile(bytes, limit).map(<[u8]>::to_vec)
}

fn profile(bytes: &[u8], limit: usize) -> Option<&[u8]> {
    chunk(bytes, b"ICCP").filter(|profile| !profile.is_empty() && profile.len() <= limit.min(MAX_PROFILE))
}

/// EXIF metadata from its TIFF header on. Some programs put the name in front that it has in a JPEG.
pub(super) fn tiff(bytes: &[u8]) -> Option<&[u8]> {
    let exif = chunk(bytes, b"EXIF")?;
    Some(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif))
}
