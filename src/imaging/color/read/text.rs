//! The description of a profile.

use super::table::{Table, long, word};

/// The longest description, in characters.
const LONGEST: usize = 200;

/// What the profile calls itself; empty if it does not, or not legibly.
pub(super) fn description(table: &Table<'_>) -> String {
    let text = table.tag(b"desc").and_then(text).unwrap_or_default();
    let shown = |c: &char| !c.is_control();
    text.trim_matches(['\0', ' ']).chars().filter(shown).take(LONGEST).collect()
}

fn text(tag: &[u8]) -> Option<String> {
    match &word(tag, 0)? {
        b"desc" => {
            let letters = tag.get(12..)?.get(..long(tag, 8)?)?;
            let end = letters.iter().position(|&letter| letter == 0).unwrap_or(letters.len());
            Some(String::from_utf8_lossy(&letters[..end.min(4 * LONGEST)]).into_owned())
        }
        b"mluc" => {
            let count = long(tag, 8)?;
            let records = || (0..count.min(100)).filter_map(|i| tag.get(16 + 12 * i..)?.first_chunk::<12>());
            // In English if it is there.
            let record = records().find(|record| record.starts_with(b"en")).or_else(|| records().next())?;
            let [len, offset] = [4, 8].map(|at| long(record, at));
            let units = tag.get(offset?..)?.get(..len?)?.as_chunks::<2>().0;
            let units = units.iter().take(2 * LONGEST).map(|&unit| u16::from_be_bytes(unit));
            Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        b"text" => Some(String::from_utf8_lossy(tag.get(8..)?.get(..4 * LONGEST).unwrap_or(&tag[8..])).into_owned()),
        _ => None,
    }
}
