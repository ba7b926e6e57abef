//! Finished replies.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use crate::base::error::{Error, ErrorKind};
pub use crate::base::etag::ETag;
use crate::base::observe::Timings;
use crate::base::store::Weigh;
use crate::base::version::Version;
use crate::imaging::source::FileBody;
use crate::language::lists::{CachePolicy, Properties, Style, error_body, status};

/// The answer to a request. Every request has one; an error is a reply too.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reply {
    /// HTTP status: 200, 304, 403 for errors of the request, 500, or 503 when asking again helps; 404 for what is missing
    /// if the host [says so](super::EngineBuilder::missing_status).
    pub status: u16,
    /// MIME type of the body.
    pub content_type: &'static str,
    /// The body; empty for 304, and if [`file`](Self::file) is there.
    pub body: Bytes,
    /// The body of a file of `/is/content` with more than 64 KiB that has settled, or with more than 1 MiB: it is read piece
    /// by piece as it is sent.
    pub file: Option<FileBody>,
    /// Width of the picture in pixels; `None` if the reply is no picture.
    pub width: Option<u32>,
    /// Height of the picture in pixels; `None` if the reply is no picture.
    pub height: Option<u32>,
    /// The version that belongs to the type of the request (`responses.md` §6): `image.version` for pictures, XMP and
    /// `req=props`, `metadata.version` for maps, targets and user data.
    pub version: Option<Version>,
    /// The tag that a conditional request can name.
    pub etag: Option<ETag>,
    /// What caches are told.
    pub cache_policy: CachePolicy,
    /// When the newest of the catalogs and records involved was changed, by their time stamps: what a `Last-Modified`
    /// header says. Only where the catalog has `UseLastModified=1`, and only of replies that may be kept.
    pub last_modified: Option<SystemTime>,
    /// What a cache can purge the reply by: the [tags](super::cache_tag) of the object that the path names, of all others
    /// that take part, such as sources, masks and templates, and of their catalogs. At most 48. Errors have none, nor has a
    /// 304 that is answered without a look at the source.
    pub cache_tags: Arc<[String]>,
    /// What went wrong, if anything did; its [detail](Error::detail) is for the operator's log.
    pub error: Option<Error>,
    /// How long it took. What is done once for several requests is counted to the one that did it.
    pub timings: Timings,
}

impl Reply {
    /// A reply in text.
    pub(super) fn of_text(body: Vec<u8>, content_type: &'static str, cache_policy: CachePolicy) -> Self {
        Self::of_bytes(body.into(), content_type, cache_policy)
    }

    /// A reply that is there already.
    pub(super) fn of_bytes(body: Bytes, content_type: &'static str, cache_policy: CachePolicy) -> Self {
        Self {
            status: 200,
            content_type,
            body,
            file: None,
            width: None,
            height: None,
            version: None,
            etag: None,
            cache_policy,
            last_modified: None,
            cache_tags: Arc::default(),
            error: None,
            timings: Timings::default(),
        }
    }

    /// A property list without a tag.
    pub(super) fn of_list(list: &Properties, style: &Style, cache_policy: CachePolicy, stamp: &str) -> Self {
        Self::of_text(list.body(style, stamp), style.mime(), cache_policy)
    }

    /// An error reply. None may ever be kept, so no lifetime can be given. `detail` is how much it tells (`ErrorDetail`).
    pub(super) fn of_error(error: Error, style: &Style, detail: u8, stamp: &str) -> Self {
        Self {
            status: status(error.kind()),
            content_type: style.mime(),
            body: error_body(&error, style, detail, stamp).into(),
            file: None,
            width: None,
            height: None,
            version: None,
            etag: None,
            cache_policy: CachePolicy::NO_STORE,
            last_modified: None,
            cache_tags: Arc::default(),
            error: Some(error),
            timings: Timings::default(),
        }
    }

    /// The reply for caches, if it is made of an `unsettled` file, which may be half written.
    pub(super) fn of_unsettled(self, unsettled: bool) -> Self {
        let cache_policy = if unsettled { self.cache_policy.unsettled() } else { self.cache_policy };
        Self { cache_policy, ..self }
    }

    /// The length of the body in bytes, whether it is in memory or a file.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.file.as_ref().map_or(self.body.len() as u64, FileBody::len)
    }

    /// The source changed while it was read: asking again helps.
    pub(crate) fn is_changed(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.kind() == ErrorKind::Changed)
    }
}

/// A finished picture.
#[derive(Debug, Clone)]
pub(super) struct Rendered(pub(super) Bytes);

impl Weigh for Rendered {
    fn weight(&self) -> usize {
        self.0.len()
    }
}
