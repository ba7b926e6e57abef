//! What the header of a BMP file says besides its pixels: resolution and colour space.

use crate::imaging::codec::metadata::icc::{self, MAX_PROFILE};
use crate::imaging::codec::metadata::model::{IccInfo, Metadata};
use crate::imaging::codec::metadata::resolution;

use super::heading::{VERSION_4, VERSION_5, long, second};

/// Horizontal resolution in pixels per metre, from version 1 of Windows on.
const RESOLUTION: usize = 24;
/// The kind of colour space, from version 4 on: four letters, of which the last one comes first.
const SPACE: usize = 56;
/// Where the profile is, from the second header on, and its length.
const PROFILE: usize = 112;

pub(super) fn read(bytes: &[u8], limit: usize) -> Metadata {
    let described = |profile: &[u8]| IccInfo { description: icc::description(profile).unwrap_or_default() };
    Metadata {
        icc: profile(bytes, limit).map(described),
        milli_dpi: second(bytes)
            .filter(|header| header.len() >= 40)
            .and_then(|header| long(header, RESOLUTION).ok())
            .and_then(resolution::of_metres),
        ..Metadata::default()
    }
}

/// The embedded profile that the header means.
pub(super) fn read_profile(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    profile(bytes, limit).map(<[u8]>::to_vec)
}

/// The header names sRGB.
pub(super) fn says_srgb(bytes: &[u8]) -> bool {
    space(bytes) == Some(b"BGRs")
}

fn profile(bytes: &[u8], limit: usize) -> Option<&[u8]> {
    let header = second(bytes).filter(|header| header.len() >= VERSION_5)?;
    let (start, length) = (long(header, PROFILE).ok()? as usize, long(header, PROFILE + 4).ok()? as usize);
    let is_embedded = space(bytes) == Some(b"DEBM") && (1..=limit.min(MAX_PROFILE)).contains(&length);
    // Offsets count from the second header on, which lies behind 14 bytes.
    bytes.get(14..)?.get(start..)?.get(..length).filter(|_| is_embedded)
}

fn space(bytes: &[u8]) -> Option<&[u8; 4]> {
    second(bytes).filter(|header| header.len() >= VERSION_4)?.get(SPACE..)?.first_chunk()
}
