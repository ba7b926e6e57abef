//! Versions and the canonical hasher that all of them come from.
//!
//! # Encoding
//!
//! Every tag is the first 16 bytes, read as a big-endian number, of BLAKE3 in its key-derivation mode
//! over a list of fields. The context string of that mode names what is hashed (the *domain*), so that
//! two kinds of tags never share an input. A field is written as
//!
//! ```text
//! length of name (u64, little endian) | name | length of value (u64, little endian) | value
//! ```
//!
//! so that no two lists of fields have the same bytes. Tags print as 22 base-62 digits. Which fields make which tag stands in
//! `engine/versioning/tag.rs`.

use std::fmt;
use std::str::FromStr;

use crate::base::digest::{base62, from_base62};

/// What is hashed. The text is the BLAKE3 derivation context and must never be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// `image.version`.
    Image,
    /// `metadata.version`.
    Metadata,
    /// Strong ETags of replies that have a version.
    StrongTag,
    /// Weak ETags of replies that are tagged by their body.
    WeakTag,
    /// What a stage makes of its probe.
    Engine,
    /// What `image.version` and the tags of pictures cover besides the engine.
    Closure,
    /// The version of a picture of the direct API.
    Picture,
}

impl Domain {
    const fn context(self) -> &'static str {
        match self {
            Self::Image => "platemark 2026-11 image.version",
            Self::Metadata => "platemark 2026-11 metadata.version",
            Self::StrongTag => "platemark 2026-11 strong etag",
            Self::WeakTag => "platemark 2026-11 weak etag",
            Self::Engine => "platemark 2026-11 engine fingerprint",
            Self::Closure => "platemark 2026-11 image closure",
            Self::Picture => "platemark 2026-11 picture version",
        }
    }
}

/// Hashes named fields of one domain into a [`Version`]; see the module's text for the encoding.
#[derive(Debug)]
pub(crate) struct CanonicalHasher(blake3::Hasher);

impl CanonicalHasher {
    pub(crate) fn new(domain: Domain) -> Self {
        Self(blake3::Hasher::new_derive_key(domain.context()))
    }

    /// Adds one field. Order counts.
    pub(crate) fn field(&mut self, name: &str, value: &[u8]) -> &mut Self {
        for part in [name.as_bytes(), value] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        self
    }

    pub(crate) fn finish(&self) -> Version {
        let mut first = [0; 16];
        first.copy_from_slice(&self.0.finalize().as_bytes()[..16]);
        Version(u128::from_be_bytes(first))
    }
}

/// A 128-bit tag of content: equal inputs give equal versions on every host, run and CPU.
///
/// Prints as 22 characters of `0-9A-Za-z`, ready for a URL (`responses.md` §6).
///
/// ```
/// let version: platemark::Version = "37JK6NTvpvC42F5gOuLEVY".parse()?;
/// assert_eq!(version.to_string(), "37JK6NTvpvC42F5gOuLEVY");
/// assert!("not a version".parse::<platemark::Version>().is_err());
/// # Ok::<(), platemark::ParseVersionError>(())
/// ```
///
/// Versions are ordered like their texts and like their bytes; the order says nothing about which content is newer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u128);

impl Version {
    /// The version with these sixteen bytes, most significant first, as [`to_bytes`](Self::to_bytes) gives them.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The sixteen bytes of the tag, most significant first.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All digits are ASCII.
        f.pad(str::from_utf8(&base62(self.0)).unwrap_or_default())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Version({self})")
    }
}

/// The text is not 22 base-62 digits of a 128-bit value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseVersionError;

impl fmt::Display for ParseVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version is 22 characters of 0-9A-Za-z")
    }
}

impl std::error::Error for ParseVersionError {}

impl FromStr for Version {
    type Err = ParseVersionError;

    fn from_str(text: &str) -> Result<Self, ParseVersionError> {
        from_base62(text.as_bytes()).map(Self).ok_or(ParseVersionError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(domain: Domain, fields: &[(&str, &[u8])]) -> String {
        let mut hasher = CanonicalHasher::new(domain);
        for (name, value) in fields {
            hasher.field(name, value);
        }
        hasher.finish().to_string()
    }

    /// Vectors for other implementations; computed from the encoding in the module's text.
    #[test]
    fn vectors() {
        assert_eq!(hash(Domain::Image, &[]), "2BzsCXlJfLIsBRmvtNRNkK");
        assert_eq!(hash(Domain::Image, &[("a", b"bc")]), "1DxLtooRvIHpaWD6Aie3Tq");
    }

    #[test]
    fn versions_are_ordered_like_their_texts_and_bytes() {
        let versions = [0, 1, 61, 62, u128::MAX / 3, u128::MAX].map(Version);
        for a in versions {
            assert_eq!(Version::from_bytes(a.to_bytes()), a);
            for b in versions {
                assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
                assert_eq!(a.cmp(&b), a.to_bytes().cmp(&b.to_bytes()));
            }
        }
    }

    #[test]
    fn domains_and_field_borders_are_kept_apart() {
        let fields: &[(&str, &[u8])] = &[("ab", b"c"), ("", b"d")];
        let domains = [
            Domain::Image,
            Domain::Metadata,
            Domain::StrongTag,
            Domain::WeakTag,
            Domain::Engine,
            Domain::Closure,
            Domain::Picture,
        ];
        let all: Vec<String> = domains
            .iter()
            .map(|&domain| hash(domain, fields))
            .chain([
                hash(Domain::Image, &[("a", b"bc"), ("", b"d")]),
                hash(Domain::Image, &[("ab", b"c"), ("d", b"")]),
                hash(Domain::Image, &[("ab", b"c")]),
            ])
            .collect();
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }
}
