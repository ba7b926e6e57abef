//! ICC profiles: how long they may be, and their description, in versions 2 and 4.

/// The longest profile that is read, in bytes. A longer one counts as absent.
pub(crate) const MAX_PROFILE: usize = 4 << 20;

/// The longest description that is told, in characters.
const MAX_CHARS: usize = 1024;
/// Length of a profile's header.
const HEADER: usize = 128;

/// The text of the tag `desc`; `None` if there is none that can be read.
pub(in crate::imaging::codec) fn description(profile: &[u8]) -> Option<String> {
    let count = usize::try_from(u32_at(profile, HEADER)?).ok()?;
    // A table of 12 bytes each: signature, offset from the start of the profile, length.
    let table = profile.get(HEADER + 4..)?;
    let entry = table.as_chunks::<12>().0.iter().take(count).find(|entry| entry.starts_with(b"desc"))?;
    let tag = slice(profile, u32_at(entry, 4)?, u32_at(entry, 8)?)?;
    let text = match tag.get(..4)? {
        b"desc" => ascii(tag)?,
        b"mluc" => localized(tag)?,
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Version 2: type, 4 bytes reserved, length, text with a NUL at its end.
fn ascii(tag: &[u8]) -> Option<String> {
    Some(latin1(slice(tag, 12, u32_at(tag, 8)?)?))
}

/// Version 4: type, 4 bytes reserved, number of records, their length; then records of language, country, length and
/// offset of a text in UTF-16. English is preferred, else the first one counts.
fn localized(tag: &[u8]) -> Option<String> {
    let count = usize::try_from(u32_at(tag, 8)?).ok()?;
    let stride = usize::try_from(u32_at(tag, 12)?).ok().filter(|&stride| stride >= 12)?;
    let records = || tag.get(16..).unwrap_or(&[]).chunks_exact(stride).take(count);
    let record = records().find(|record| record.starts_with(b"en")).or_else(|| records().next())?;
    let text = slice(tag, u32_at(record, 8)?, u32_at(record, 4)?)?;
    let units = text.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
    let chars = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(until_nul(chars))
}

/// A text in ISO-8859-1, up to a NUL.
pub(in crate::imaging::codec) fn latin1(bytes: &[u8]) -> String {
    until_nul(bytes.iter().map(|&byte| char::from(byte)))
}

fn until_nul(chars: impl Iterator<Item = char>) -> String {
    chars.take_while(|&c| c != '\0').take(MAX_CHARS).collect()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_be_bytes(*bytes))
}

fn slice(bytes: &[u8], offset: u32, len: u32) -> Option<&[u8]> {
    bytes.get(usize::try_from(offset).ok()?..)?.get(..usize::try_from(len).ok()?)
}
