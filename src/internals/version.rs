//! Tags, the texts of versions, and digests.

use crate::base::digest::Digest;
use crate::base::version::{CanonicalHasher, Domain, Version};

/// The tag of a list of fields, in one of six domains by its number.
#[must_use]
pub fn tag(domain: usize, fields: &[(&str, &[u8])]) -> Version {
    let domains =
        [Domain::Image, Domain::Metadata, Domain::StrongTag, Domain::WeakTag, Domain::Engine, Domain::Closure];
    let mut hasher = CanonicalHasher::new(domains[domain]);
    for (name, value) in fields {
        hasher.field(name, value);
    }
    hasher.finish()
}

/// A number in base 62.
#[must_use]
pub fn base62(value: u128) -> [u8; 22] {
    crate::base::digest::base62(value)
}

/// The number that [`base62`] prints as this text.
#[must_use]
pub fn from_base62(text: &[u8]) -> Option<u128> {
    crate::base::digest::from_base62(text)
}

/// The digest of a source.
#[must_use]
pub fn digest(bytes: &[u8]) -> Digest {
    Digest::of(bytes)
}
