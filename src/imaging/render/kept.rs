//! What a reply keeps of the metadata of its source: an XMP packet, whatever of it is kept.

use crate::base::error::Result;
use crate::imaging::codec::{Metadata, can_hold_xmp, read_metadata, rights_packet, upright_xmp, with_rights};
use crate::imaging::scene::{Keep, Output};

/// The XMP packet that goes into a reply. `limit` is the most bytes of metadata that are read of the file.
///
/// # Errors
///
/// The packet of the file is damaged or too long, and the reply keeps the whole of it.
pub(super) fn packet(bytes: &[u8], limit: usize, keep: Keep) -> Result<Option<String>> {
    kept(&read_metadata(bytes, limit), keep)
}

/// Whether a reply gets a packet in this way. No: there is nothing to keep, or [`packet`] or the encoder refuses it.
pub(crate) fn embeds(metadata: &Metadata, output: &Output) -> bool {
    let packet = kept(metadata, output.keep);
    packet.is_ok_and(|packet| packet.is_some_and(|packet| !output.format.is_jpeg() || can_hold_xmp(&packet)))
}

fn kept(Metadata { xmp, rights, .. }: &Metadata, keep: Keep) -> Result<Option<String>> {
    let packet = if keep.contains(Keep::XMP) { xmp.as_ref().map_err(Clone::clone)?.as_deref() } else { None };
    Ok(match packet {
        Some(packet) => {
            // The orientation that it notes has been applied.
            let packet = upright_xmp(packet);
            Some(if keep.contains(Keep::COPYRIGHT) { with_rights(packet, rights) } else { packet })
        }
        None if keep.contains(Keep::COPYRIGHT) => rights_packet(rights),
        None => None,
    })
}
