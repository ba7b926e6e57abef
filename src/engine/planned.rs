//! What is known of a picture before it is made.

use std::sync::Arc;

use crate::base::version::Version;
use crate::imaging::color::Profile;
use crate::imaging::pixel::header::Facts;
use crate::imaging::plan::Plan;
use crate::language::lists::CachePolicy;
use crate::language::resolve::Resolved;

use super::versioning::tag::Versions;

/// What is known of a picture before it is made. It depends on the request, the catalogs and the facts of the files, and
/// on nothing else.
pub(super) struct Planned {
    pub(super) resolved: Resolved,
    /// Of each input, as far as there are any.
    pub(super) facts: Vec<Option<Facts>>,
    /// The profiles that are named, by their place in the list; `None`: one that cannot be used.
    pub(super) profiles: Vec<Option<Profile>>,
    pub(super) plan: Plan,
    pub(super) versions: Versions,
    pub(super) etag: Version,
    /// What caches are told once all files have settled.
    pub(super) cache_policy: CachePolicy,
    pub(super) cache_tags: Arc<[String]>,
    /// Of `req=props`: the picture has an XMP packet in it.
    pub(super) embeds_xmp: bool,
    /// The description of the reply's profile, for its properties; empty: it has none.
    pub(super) profile: String,
}
