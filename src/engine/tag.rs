//! Versions and ETags: what is hashed, in which order (`responses.md` §6, §8).
//!
//! | tag | fields |
//! |---|---|
//! | `image.version` | `engine` (fingerprint); the closure's part of it; `source`, `mask`, `path` (digests) |
//! | `metadata.version` | `epoch`; the closure's part of it; `size` of the upright source |
//! | strong ETag | `kind` of reply; `version`; `request`, canonical, without `id`; for JSON replies `handler` and `id` |
//! | weak ETag | `kind` (MIME type); `body`, without its time stamp and `image.length` |
//!
//! The closure is every attribute and record field that takes part, less those that are exempt, and the macros that a
//! request can call: [`Resolved::closure`]. Never hashed: paths, ids and names as such, time stamps, inode numbers, the
//! clock, the host.

use crate::catalog::Catalogs;
use crate::facts::Facts;
use crate::resolve::Resolved;
use crate::version::{CanonicalHasher, Domain, Version};

use super::fingerprint;

/// Raised when what `metadata.version` stands for changes.
const METADATA_EPOCH: &str = "2";

/// The two versions of a request's object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Versions {
    pub(super) image: Version,
    pub(super) metadata: Version,
}

/// The files of a picture, as far as there are any.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Files<'a> {
    pub(super) source: Option<&'a Facts>,
    pub(super) mask: Option<&'a Facts>,
    /// Of the path's object, where that is not the source.
    pub(super) path: Option<&'a Facts>,
}

/// The versions of what a request resolved to.
pub(super) fn versions(resolved: &Resolved, catalogs: &Catalogs, files: Files<'_>) -> Versions {
    let mut image = CanonicalHasher::new(Domain::Image);
    image.field("engine", &fingerprint::fingerprint().to_bytes());
    let mut metadata = CanonicalHasher::new(Domain::Metadata);
    metadata.field("epoch", METADATA_EPOCH.as_bytes());
    resolved.closure(catalogs, &mut |name, touches, value| {
        if touches.image() {
            image.field(name, value.as_bytes());
        }
        if touches.metadata() {
            metadata.field(name, value.as_bytes());
        }
    });
    for (name, file) in [("source", files.source), ("mask", files.mask), ("path", files.path)] {
        if let Some(facts) = file {
            image.field(name, facts.digest.as_bytes());
        }
    }
    if let Some(facts) = files.source {
        let size = facts.header.size();
        metadata.field("size", format!("{},{}", size.width, size.height).as_bytes());
    }
    Versions { image: image.finish(), metadata: metadata.finish() }
}

/// The strong ETag of a reply: equal tags mean equal bytes. `echo` are the handler and id that a JSON reply repeats.
pub(super) fn strong(kind: &str, version: Version, request: &str, echo: Option<(&str, &str)>) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::StrongTag);
    hasher.field("kind", kind.as_bytes()).field("version", &version.to_bytes());
    hasher.field("request", request.as_bytes());
    if let Some((handler, id)) = echo {
        hasher.field("handler", handler.as_bytes()).field("id", id.as_bytes());
    }
    hasher.finish()
}

/// The weak ETag of a body that is tagged by what it says.
pub(super) fn weak(mime: &str, stable_body: &[u8]) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::WeakTag);
    hasher.field("kind", mime.as_bytes()).field("body", stable_body);
    hasher.finish()
}
