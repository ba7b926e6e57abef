//! Metadata in the application extensions of a GIF file.

use crate::base::error::Result;
use crate::imaging::codec::metadata::icc::MAX_PROFILE;
use crate::imaging::codec::metadata::model::{IccInfo, Metadata, too_much_xmp};
use crate::imaging::codec::metadata::{icc, said, xmp};

use super::blocks::{Block, Parts, blocks};

/// Label of an extension of an application, whose first part is the application's name.
const APPLICATION: u8 = 0xff;
const PROFILE: &[u8] = b"ICCRGBG1012";
const XMP: &[u8] = b"XMP DataXMP";

/// Bytes behind a packet: 1, all from 255 to 0, and 0. Read as lengths, each leads to the last one.
const TRAILER: usize = 258;

pub(super) fn read(bytes: &[u8], limit: usize) -> Metadata {
    let profile = read_profile(bytes, limit);
    let described = |profile: Vec<u8>| IccInfo { description: icc::description(&profile).unwrap_or_default() };
    let xmp = packet(bytes, limit);
    let rights = said::rights(xmp.as_ref().ok().and_then(Option::as_deref), None, None);
    Metadata { xmp, icc: profile.map(described), rights, ..Metadata::default() }
}

/// The embedded profile that the header means: the first one in front of the first frame.
pub(super) fn read_profile(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let before = blocks(bytes).take_while(|block| matches!(block, Block::Extension(..)));
    let parts = before.into_iter().find_map(|block| named(block, PROFILE))?;
    let limit = limit.min(MAX_PROFILE);
    let mut profile = Vec::new();
    for part in parts {
        if part.len() > limit - profile.len() {
            return None;
        }
        profile.extend_from_slice(part);
    }
    (!profile.is_empty()).then_some(profile)
}

/// A packet lies in its block as it is, so that its own bytes are read as lengths; or in parts, as other data do.
fn packet(bytes: &[u8], limit: usize) -> Result<Option<String>> {
    let Some(parts) = blocks(bytes).find_map(|block| named(block, XMP)) else { return Ok(None) };
    let whole = parts.bytes();
    if whole.len() > limit.saturating_mul(2).saturating_add(TRAILER) {
        return Err(too_much_xmp());
    }
    let (packet, trailer) = whole.split_at(whole.len().saturating_sub(TRAILER));
    let in_parts;
    let packet = if trailer.starts_with(&[1, 255, 254, 253]) {
        packet
    } else {
        in_parts = parts.collect::<Vec<_>>().concat();
        &in_parts
    };
    if packet.len() > limit {
        return Err(too_much_xmp());
    }
    xmp::text(packet).map(Some)
}

/// The parts behind the name, if the block is an extension of that name.
fn named<'a>(block: Block<'a>, name: &[u8]) -> Option<Parts<'a>> {
    let Block::Extension(APPLICATION, mut parts) = block else { return None };
    (parts.next() == Some(name)).then_some(parts)
}
