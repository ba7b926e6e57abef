//! Segments of metadata: XMP and colour profiles.

use crate::base::error::{Error, ErrorKind, Result};

/// What an XMP packet's segment starts with.
pub(in crate::imaging::codec) const XMP_NAME: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
/// The longest packet that one segment is allowed to hold.
const MAX_XMP: usize = 65_502;

/// What a profile's segments start with.
const PROFILE_NAME: &[u8] = b"ICC_PROFILE\0";
/// The most of a profile that one segment holds: 65,535 bytes less the length, the name and two numbers.
const MAX_PROFILE_PART: usize = 65_519;

/// The packet fits into a segment.
pub(crate) const fn can_hold_xmp(packet: &str) -> bool {
    packet.len() <= MAX_XMP
}

pub(super) fn xmp_segment(packet: &str) -> Result<Vec<u8>> {
    if can_hold_xmp(packet) { Ok([XMP_NAME, packet.as_bytes()].concat()) } else { Err(too_much_xmp()) }
}

/// Longer packets would have to be split by rules that call for a check sum of their own.
pub(super) fn too_much_xmp() -> Error {
    Error::new(ErrorKind::Limit, "needs a packet of at most 65502 bytes, and the source's is longer").at("xmpEmbed")
}

/// The segments that hold a profile (ICC.1, annex B.4): a name, the number of the segment and of all, and a part.
pub(super) fn profile_segments(profile: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let parts = profile.chunks(MAX_PROFILE_PART);
    // A longer profile than 255 parts is refused before.
    let count = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    parts.zip(1u8..).map(move |(part, number)| [PROFILE_NAME, &[number, count], part].concat())
}

/// A file can hold the profile.
pub(super) const fn holds_profile(profile: Option<&[u8]>) -> bool {
    match profile {
        Some(profile) => profile.len() <= MAX_PROFILE_PART * u8::MAX as usize,
        None => true,
    }
}

pub(super) fn too_long_profile() -> Error {
    Error::new(ErrorKind::Limit, "needs a profile of at most 16707345 bytes").at("iccEmbed")
}
