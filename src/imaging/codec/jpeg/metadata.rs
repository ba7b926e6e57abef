//! Metadata in the segments of a JPEG file.

use crate::base::error::Result;

use crate::imaging::codec::metadata::model::{IccInfo, Metadata, too_much_xmp};
use crate::imaging::codec::metadata::{exif, icc, photoshop, said, xmp};

use super::decode::{profile, segments};

const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const EXIF: &[u8] = b"Exif\0\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const JFIF: &[u8] = b"JFIF\0";

pub(super) fn read(bytes: &[u8], limit: usize) -> Metadata {
    let found = Found::collect(bytes);
    let (xmp, resources) = (found.xmp(limit), found.resources(limit));
    let packet = xmp.as_ref().ok().and_then(Option::as_deref);
    Metadata {
        icc: profile::parts(bytes).map(|parts| described(&parts, limit)),
        path_names: photoshop::path_names(&resources),
        milli_dpi: found.jfif.and_then(jfif_resolution).or_else(|| found.exif.and_then(exif::milli_dpi)),
        rights: said::rights(packet, photoshop::iptc(&resources), found.exif),
        xmp,
    }
}

/// The segments of interest, without the names that they start with.
#[derive(Default)]
struct Found<'a> {
    jfif: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
    packet: Option<&'a [u8]>,
    extension: Vec<&'a [u8]>,
    photoshop: Vec<&'a [u8]>,
}

impl<'a> Found<'a> {
    fn collect(bytes: &'a [u8]) -> Self {
        let mut found = Self::default();
        for (marker, payload) in segments(bytes) {
            let after = |name: &[u8]| payload.strip_prefix(name);
            match marker {
                0xe0 => found.jfif = found.jfif.or(after(JFIF)),
                0xe1 => {
                    found.packet = found.packet.or(after(XMP));
                    found.exif = found.exif.or(after(EXIF));
                    found.extension.extend(after(EXTENDED_XMP));
                }
                0xed => found.photoshop.extend(after(PHOTOSHOP)),
                _ => {}
            }
        }
        found
    }

    fn xmp(&self, limit: usize) -> Result<Option<String>> {
        let Some(packet) = self.packet else { return Ok(None) };
        if packet.len() > limit {
            return Err(too_much_xmp());
        }
        let packet = xmp::text(packet)?;
        let Some(note) = xmp::note(&packet) else { return Ok(Some(packet)) };
        match assembled(&self.extension, note.guid.as_bytes(), limit)? {
            Some(extension) => xmp::merged(&packet, &note, &xmp::text(&extension)?, limit).map(Some),
            None => Ok(Some(packet)),
        }
    }

    /// Photoshop's resources, which go on from one segment to the next.
    fn resources(&self, limit: usize) -> Vec<u8> {
        let length: usize = self.photoshop.iter().map(|part| part.len()).sum();
        if length > limit { Vec::new() } else { self.photoshop.concat() }
    }
}

/// What is known of a profile in parts. One that is longer than the limit is not looked at.
fn described(parts: &[&[u8]], limit: usize) -> IccInfo {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let description = if length > limit { None } else { icc::description(&parts.concat()) };
    IccInfo { description: description.unwrap_or_default() }
}

/// The extension of an XMP packet: chunks of 32 bytes of GUID, length of the whole and offset of the chunk as 32-bit
/// numbers, and the data. `None` if there is not all of it.
fn assembled(chunks: &[&[u8]], guid: &[u8], limit: usize) -> Result<Option<Vec<u8>>> {
    let number = |bytes: &[u8]| bytes.first_chunk::<4>().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    let mut parts: Vec<(u32, &[u8])> = Vec::new();
    let mut whole = 0;
    for chunk in chunks.iter().filter(|chunk| chunk.starts_with(guid)) {
        let Some((head, data)) = chunk.split_at_checked(40) else { continue };
        let (lengths, offset) = head.split_at(36);
        whole = lengths.get(32..).map_or(0, number);
        parts.push((number(offset), data));
    }
    let whole = usize::try_from(whole).unwrap_or(usize::MAX);
    if whole > limit {
        return Err(too_much_xmp());
    }
    parts.sort_by_key(|(offset, _)| *offset);
    let mut extension: Vec<u8> = Vec::new();
    for (offset, data) in parts {
        // A chunk that comes twice is left out; where one is missing nothing fits any more.
        if usize::try_from(offset) == Ok(extension.len()) && data.len() <= whole - extension.len() {
            extension.extend_from_slice(data);
        }
    }
    Ok((whole > 0 && extension.len() == whole).then_some(extension))
}

/// Version, unit, and the two densities as 16-bit numbers. Unit 0 is no resolution but a ratio.
fn jfif_resolution(jfif: &[u8]) -> Option<u32> {
    let [_, _, unit, x1, x0, ..] = *jfif else { return None };
    let density = u32::from(u16::from_be_bytes([x1, x0]));
    let milli = match unit {
        1 => density * 1000,
        2 => density * 2540,
        _ => 0,
    };
    (milli > 0).then_some(milli)
}
