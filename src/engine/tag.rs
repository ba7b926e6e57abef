//! Versions and ETags: what is hashed, in which order (`responses.md` §6, §8).
//!
//! | tag | fields |
//! |---|---|
//! | `image.version` | `engine` (fingerprint); every attribute and record field that touches image replies; `source` (digest) |
//! | `metadata.version` | `epoch`; every attribute and field that touches geometry; `size` of the upright source |
//! | strong ETag | `kind` of reply; `version`; `request`, canonical, without `id` |
//! | weak ETag | `kind` (MIME type); `body`, without its time stamp and `image.length` |
//!
//! Never hashed: paths, ids and names as such, time stamps, inode numbers, the clock, the host.

use crate::facts::Facts;
use crate::resolve::Resolved;
use crate::version::{CanonicalHasher, Domain, Version};

use super::fingerprint;

/// Raised when what `metadata.version` stands for changes.
const METADATA_EPOCH: &str = "1";

/// The two versions of a request's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) image: Version,
    pub(super) metadata: Version,
}

/// The versions of what a request resolved to.
pub(super) fn versions(resolved: &Resolved, facts: &Facts) -> Versions {
    let mut image = CanonicalHasher::new(Domain::Image);
    image.field("engine", &fingerprint::fingerprint().to_bytes());
    let mut metadata = CanonicalHasher::new(Domain::Metadata);
    metadata.field("epoch", METADATA_EPOCH.as_bytes());
    resolved.closure(&mut |name, touches, value| {
        if touches.image() {
            image.field(name, value.as_bytes());
        }
        if touches.metadata() {
            metadata.field(name, value.as_bytes());
        }
    });
    image.field("source", facts.digest.as_bytes());
    let size = facts.header.size();
    metadata.field("size", format!("{},{}", size.width, size.height).as_bytes());
    Versions { image: image.finish(), metadata: metadata.finish() }
}

/// The strong ETag of a picture: equal tags mean equal bytes.
pub(super) fn strong(resolved: &Resolved, version: Version) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::StrongTag);
    hasher.field("kind", b"image").field("version", &version.to_bytes());
    hasher.field("request", resolved.canonical.as_bytes());
    hasher.finish()
}

/// The weak ETag of a body that is tagged by what it says.
pub(super) fn weak(mime: &str, stable_body: &[u8]) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::WeakTag);
    hasher.field("kind", mime.as_bytes()).field("body", stable_body);
    hasher.finish()
}
