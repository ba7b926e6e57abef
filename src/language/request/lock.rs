//! Request lock and obfuscation (`protocol.md` §1.9, §1.10): from what was sent to the query that is read.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::base::error::{Error, Result};

/// The standard alphabet, with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Characters of a lock: `&` and four hexadecimal digits.
const LOCK: usize = 5;

/// Text of the error where a lock is missing or wrong.
pub(crate) const UNLOCKED: &str = "is not locked with the right key";

/// Undoes obfuscation and checks the lock, as far as a catalog asks for them.
///
/// # Errors
///
/// The query is not base64, or its lock is missing or wrong.
pub(crate) fn unlocked(query: &str, locked: bool, obfuscated: bool) -> Result<Cow<'_, str>> {
    let query = if obfuscated { Cow::Owned(plain(query)?) } else { Cow::Borrowed(query) };
    if !locked {
        return Ok(query);
    }
    let modifiers = without_lock(&query).ok_or_else(|| Error::request("request", UNLOCKED))?;
    Ok(Cow::Owned(modifiers.to_owned()))
}

/// A query without its lock; `None` if it has none that is right.
pub(crate) fn without_lock(query: &str) -> Option<&str> {
    let end = query.len().checked_sub(LOCK).filter(|&end| query.is_char_boundary(end))?;
    let (modifiers, suffix) = query.split_at(end);
    let given = suffix.strip_prefix('&').filter(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()))?;
    (u16::from_str_radix(given, 16).ok()? == lock(modifiers)).then_some(modifiers)
}

/// What [`unlocked`] makes a query of: locked and obfuscated as far as a catalog asks for it.
pub(crate) fn sealed(query: &str, locked: bool, obfuscated: bool) -> String {
    let query = if locked { format!("{query}&{:04x}", lock(query)) } else { query.to_owned() };
    if obfuscated { BASE64.encode(query) } else { query }
}

fn plain(query: &str) -> Result<String> {
    let refused = || Error::request("request", "is not obfuscated as this catalog demands");
    let bytes = BASE64.decode(query).map_err(|_| refused())?;
    String::from_utf8(bytes).map_err(|_| refused())
}

/// The lock of a modifier string: h ← (131 · h + c) mod 65536 over its bytes.
fn lock(modifiers: &str) -> u16 {
    modifiers.bytes().fold(0u16, |hash, byte| hash.wrapping_mul(131).wrapping_add(u16::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors() {
        for (modifiers, expected) in [
            ("", "0000"),
            ("a", "0061"),
            ("wid=200", "4a1f"),
            ("wid=200&hei=200", "0452"),
            ("wid=300&fmt=png-alpha", "1718"),
            ("req=props,json&id=abc", "b1cf"),
        ] {
            assert_eq!(format!("{:04x}", lock(modifiers)), expected, "{modifiers}");
            assert_eq!(unlocked(&format!("{modifiers}&{expected}"), true, false).unwrap(), modifiers);
            let upper = expected.to_uppercase();
            assert_eq!(unlocked(&format!("{modifiers}&{upper}"), true, false).unwrap(), modifiers);
        }
    }

    #[test]
    fn missing_and_wrong_locks_are_refused() {
        for query in ["", "wid=200", "wid=200&4a1e", "wid=2004a1f", "wid=200&4a1", "wid=200&+a1f", "é000", "&000g"] {
            let error = unlocked(query, true, false).unwrap_err().to_string();
            assert_eq!(error, "request: is not locked with the right key", "{query}");
        }
    }

    #[test]
    fn obfuscation_is_standard_base64_with_or_without_padding() {
        let text = "$txt=my text string&$img=myImage";
        for sent in ["JHR4dD1teSB0ZXh0IHN0cmluZyYkaW1nPW15SW1hZ2U=", "JHR4dD1teSB0ZXh0IHN0cmluZyYkaW1nPW15SW1hZ2U"] {
            assert_eq!(unlocked(sent, false, true).unwrap(), text);
        }
        // wid=200&4a1f
        assert_eq!(unlocked("d2lkPTIwMCY0YTFm", true, true).unwrap(), "wid=200");
        for query in ["wid=200", "JHR4dD1", "/w=="] {
            let error = unlocked(query, false, true).unwrap_err().to_string();
            assert_eq!(error, "request: is not obfuscated as this catalog demands", "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_query_is_opened_or_refused(query: String, locked: bool, obfuscated: bool) {
            let _ = unlocked(&query, locked, obfuscated);
        }
    }
}
