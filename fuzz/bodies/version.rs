//! Base 62 and the encoding behind versions: both ways, against a plain implementation; no two lists of fields are one.

use platemark::Version;
use platemark::internals::{base62, from_base62, tag};

use super::Numbers;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const CONTEXTS: [&str; 6] = [
    "platemark 2026-11 image.version",
    "platemark 2026-11 metadata.version",
    "platemark 2026-11 strong etag",
    "platemark 2026-11 weak etag",
    "platemark 2026-11 engine fingerprint",
    "platemark 2026-11 image closure",
];

pub(super) fn run(input: &[u8]) {
    of_number(u128::from_le_bytes(Numbers(input).take()));
    of_text(input);
    if let Some((first, rest)) = input.split_first() {
        of_fields(usize::from(first % 6), rest);
    }
}

fn of_number(value: u128) {
    let text = base62(value);
    let digits = (0..22).map(|i| DIGITS[(value / 62u128.pow(21 - i) % 62) as usize]);
    assert!(digits.eq(text));
    assert_eq!(from_base62(&text), Some(value));
    let version: Version = str::from_utf8(&text).unwrap().parse().unwrap();
    assert_eq!((version.to_string().as_bytes(), version.to_bytes()), (&text[..], value.to_be_bytes()));
}

/// Any text is a version in one way at most.
fn of_text(text: &[u8]) {
    for text in [text, &text[..text.len().min(22)]] {
        match from_base62(text) {
            Some(value) => assert_eq!(base62(value), text),
            None => {
                let digits = text.iter().all(|c| DIGITS.contains(c));
                assert!(text.len() != 22 || !digits || text > &base62(u128::MAX)[..]);
            }
        }
        if let Ok(text) = str::from_utf8(text) {
            let parsed = text.parse::<Version>().ok().map(|version| version.to_string());
            assert!(parsed.is_none_or(|printed| printed == text));
        }
    }
}

/// Fields cut from the input by lengths in it.
fn of_fields(domain: usize, bytes: &[u8]) {
    let mut fields: Vec<(String, Vec<u8>)> = vec![];
    let mut rest = bytes;
    while let [name_len, value_len, after @ ..] = rest {
        let (name, after) = after.split_at(after.len().min(usize::from(*name_len % 32)));
        let (value, after) = after.split_at(after.len().min(usize::from(*value_len % 64)));
        fields.push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
        rest = after;
    }
    let version = tagged(domain, &fields);
    // The encoding once more, from its description alone.
    let encoded = encoded(&fields);
    let mut value = blake3::derive_key(CONTEXTS[domain], &encoded)[..16]
        .iter()
        .fold(0u128, |value, byte| value << 8 | u128::from(*byte));
    let mut text = [0; 22];
    for digit in text.iter_mut().rev() {
        *digit = DIGITS[(value % 62) as usize];
        value /= 62;
    }
    assert_eq!(version.to_string().as_bytes(), text);
    assert_eq!(decoded(&encoded).as_ref(), Some(&fields));
    // Another domain, or a field's end moved by one byte, is another version.
    assert_ne!(version, tagged((domain + 1) % 6, &fields));
    if let Some((name, value)) = fields.last()
        && let Some((first, rest)) = value.split_first().filter(|(first, _)| first.is_ascii())
    {
        let mut moved = fields.clone();
        moved.pop();
        moved.push((format!("{name}{}", char::from(*first)), rest.to_vec()));
        assert_ne!(version, tagged(domain, &moved));
        moved.pop();
        assert_ne!(version, tagged(domain, &moved));
    }
}

fn tagged(domain: usize, fields: &[(String, Vec<u8>)]) -> Version {
    let fields: Vec<(&str, &[u8])> = fields.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    tag(domain, &fields)
}

fn encoded(fields: &[(String, Vec<u8>)]) -> Vec<u8> {
    let parts = fields.iter().flat_map(|(name, value)| [name.as_bytes(), value]);
    parts.flat_map(|part| [&(part.len() as u64).to_le_bytes()[..], part].concat()).collect()
}

fn decoded(mut bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut next = || {
        let (len, rest) = bytes.split_first_chunk::<8>()?;
        let (part, rest) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*len)).ok()?)?;
        bytes = rest;
        Some(part.to_vec())
    };
    let mut fields = vec![];
    while let Some(name) = next() {
        fields.push((String::from_utf8(name).ok()?, next()?));
    }
    bytes.is_empty().then_some(fields)
}
