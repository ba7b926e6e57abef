//! XMP packets: their encoding, and the extension that long ones have in JPEG files.

use crate::base::error::Result;

use super::model::{too_much_xmp, unusable_xmp};

/// The property that names a packet's extension.
const NOTE: &str = "xmpNote:HasExtendedXMP";

/// A packet as text, whatever its encoding; NULs behind it are left out.
///
/// # Errors
///
/// It is not in UTF-8, UTF-16 or UTF-32.
pub(in crate::imaging::codec) fn text(packet: &[u8]) -> Result<String> {
    let text = match Encoding::of(packet) {
        Encoding::Utf8 => String::from_utf8(packet.to_vec()).ok(),
        Encoding::Utf16(read) => {
            let (units, rest) = packet.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| read(*unit)).collect();
            String::from_utf16(&units).ok().filter(|_| rest.is_empty())
        }
        Encoding::Utf32(read) => {
            let (units, rest) = packet.as_chunks::<4>();
            units.iter().map(|unit| char::from_u32(read(*unit))).collect::<Option<String>>().filter(|_| rest.is_empty())
        }
    };
    let text = text.ok_or_else(|| unusable_xmp("has XMP metadata that is not Unicode text"))?;
    Ok(text.trim_start_matches('\u{feff}').trim_end_matches('\0').to_owned())
}

enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
    Utf32(fn([u8; 4]) -> u32),
}

impl Encoding {
    /// By the byte order mark, or by the `<` that a packet without one starts with.
    fn of(packet: &[u8]) -> Self {
        match packet {
            [0xff, 0xfe, 0, 0, ..] | [b'<', 0, 0, 0, ..] => Self::Utf32(u32::from_le_bytes),
            [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, b'<', ..] => Self::Utf32(u32::from_be_bytes),
            [0xff, 0xfe, ..] | [b'<', 0, ..] => Self::Utf16(u16::from_le_bytes),
            [0xfe, 0xff, ..] | [0, b'<', ..] => Self::Utf16(u16::from_be_bytes),
            _ => Self::Utf8,
        }
    }
}

/// The 32 digits that name a packet's extension.
pub(in crate::imaging::codec) fn extension_guid(packet: &str) -> Option<&str> {
    let after = packet.get(packet.find(NOTE)? + NOTE.len()..)?;
    // `="…"` or `>…<`.
    let value = after.trim_start_matches([' ', '\t', '\r', '\n', '=', '"', '\'', '>']);
    value.get(..32).filter(|guid| guid.bytes().all(|c| c.is_ascii_hexdigit()))
}

/// A packet with the descriptions of its extension, and without the note that it has one.
///
/// An extension that is no plain `rdf:RDF` is left out.
///
/// # Errors
///
/// The whole is longer than `limit`.
pub(in crate::imaging::codec) fn merged(packet: String, extension: &str, limit: usize) -> Result<String> {
    let (Some(end), Some(descriptions)) = (packet.rfind("</rdf:RDF>"), descriptions(extension)) else {
        return Ok(packet);
    };
    if packet.len() + descriptions.len() > limit {
        return Err(too_much_xmp());
    }
    let (before, after) = packet.split_at(end);
    Ok([&without_note(before), descriptions, after].concat())
}

/// What stands inside `rdf:RDF`. Name spaces other than the usual two, declared outside, would be lost: `None`.
fn descriptions(extension: &str) -> Option<&str> {
    let start = extension.find("<rdf:RDF")?;
    let inner = start + extension.get(start..)?.find('>')? + 1;
    let end = extension.rfind("</rdf:RDF>")?;
    let outside = extension.get(..inner)?;
    let usual =
        outside.matches("xmlns:").count() == outside.matches("xmlns:rdf").count() + outside.matches("xmlns:x=").count();
    extension.get(inner..end).filter(|_| usual)
}

fn without_note(packet: &str) -> String {
    let Some(at) = packet.find(NOTE) else { return packet.to_owned() };
    let (before, after) = (&packet[..at], &packet[at + NOTE.len()..]);
    let cut = if before.ends_with('<') {
        // An element: up to the end of its end tag.
        let end = after.find("</").and_then(|end| Some(end + after.get(end..)?.find('>')? + 1));
        end.map(|end| (at - 1, end))
    } else {
        // An attribute: up to its second quote.
        let quoted = |quote: char| {
            let value = after.trim_start().strip_prefix('=')?.trim_start().strip_prefix(quote)?;
            Some(after.len() - value.len() + value.find(quote)? + 1)
        };
        quoted('"').or_else(|| quoted('\'')).map(|end| (before.trim_end().len(), end))
    };
    match cut.and_then(|(start, end)| Some((packet.get(..start)?, after.get(end..)?))) {
        Some((before, after)) => [before, after].concat(),
        None => packet.to_owned(),
    }
}
