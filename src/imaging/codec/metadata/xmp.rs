//! XMP packets: their encoding, and the extension that long ones have in JPEG files.

use std::borrow::Cow;
use std::ops::Range;

use crate::base::error::Result;

use super::model::{too_much_xmp, unusable_xmp};
use super::xml::{Item, Space, Walk};

/// The property that names a packet's extension.
const NOTE: &str = "HasExtendedXMP";
/// No name has more bytes, with the blanks around it.
const MAX_NAME: usize = 256;

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

/// The note that a packet has an extension.
pub(in crate::imaging::codec) struct Note {
    /// The 32 digits that name the extension.
    pub(in crate::imaging::codec) guid: String,
    /// Where the property stands, attribute or element, with the blanks before an attribute.
    at: Range<usize>,
}

/// The note of a packet, if it has one.
pub(in crate::imaging::codec) fn note(packet: &str) -> Option<Note> {
    let mut walk = Walk::new(packet);
    // The depth of the element, where it begins, and its text.
    let mut opened: Option<(usize, usize, String)> = None;
    while let Some(item) = walk.next() {
        match item {
            Item::Open(tag) => {
                if let Some(attribute) = walk.attributes(&tag).find(|attribute| attribute.is(Space::Note, NOTE)) {
                    let start = packet.get(..attribute.at.start)?.trim_end().len();
                    return noted(&attribute.value()?, start..attribute.at.end);
                }
                if tag.is(Space::Note, NOTE) {
                    opened = Some((walk.depth(), tag.at.start, String::new()));
                }
            }
            Item::Text(text) => {
                if let Some((.., all)) = opened.as_mut().filter(|(.., all)| all.len() <= MAX_NAME) {
                    all.push_str(&text);
                }
            }
            Item::Close(at) => {
                if let Some((_, start, text)) = opened.take_if(|(depth, ..)| *depth == walk.depth()) {
                    return noted(&text, start..at.end);
                }
            }
        }
    }
    None
}

fn noted(value: &str, at: Range<usize>) -> Option<Note> {
    let guid = value.trim().to_owned();
    (guid.len() == 32 && guid.bytes().all(|c| c.is_ascii_hexdigit())).then_some(Note { guid, at })
}

/// A packet with the descriptions of its extension, and without the note that it has one.
///
/// An extension that is no RDF, or whose prefixes mean something else in the packet, is left out.
///
/// # Errors
///
/// The whole is longer than `limit`.
pub(in crate::imaging::codec) fn merged(packet: &str, note: &Note, extension: &str, limit: usize) -> Result<String> {
    let parts = rdf(packet).zip(rdf(extension)).filter(|(main, added)| added.has_prefixes_of(main));
    let parts = parts.and_then(|(main, added)| {
        let before = packet.get(..note.at.start)?;
        let between = packet.get(note.at.end..main.inside.end)?;
        Some([before, between, extension.get(added.inside)?, packet.get(main.inside.end..)?])
    });
    let Some(parts @ [_, _, descriptions, _]) = parts else { return Ok(packet.to_owned()) };
    if packet.len() + descriptions.len() > limit {
        return Err(too_much_xmp());
    }
    Ok(parts.concat())
}

/// The RDF of a packet.
pub(super) struct Rdf<'p> {
    /// Where its descriptions stand.
    pub(super) inside: Range<usize>,
    /// Prefixes that are declared around them, with their name spaces.
    scope: Vec<(&'p str, Cow<'p, str>)>,
}

impl Rdf<'_> {
    /// All prefixes that may be used in it mean the same in the other. That of the element around the RDF is not used.
    fn has_prefixes_of(&self, other: &Self) -> bool {
        self.scope.iter().all(|binding| Space::of(&binding.1) == Space::Meta || other.scope.contains(binding))
    }
}

/// The RDF of a packet, which is sound up to its end.
pub(super) fn rdf(packet: &str) -> Option<Rdf<'_>> {
    let mut walk = Walk::new(packet);
    let mut opened = None;
    loop {
        match (walk.next()?, opened) {
            (Item::Open(tag), None) if tag.is(Space::Rdf, "RDF") => opened = Some((walk.depth(), tag.at.end)),
            (Item::Close(at), Some((depth, start))) if walk.depth() == depth => {
                // Nothing can be added to an element of one tag.
                return (!at.is_empty()).then(|| Rdf { inside: start..at.start, scope: walk.scope() });
            }
            _ => {}
        }
    }
}
