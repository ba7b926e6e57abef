//! Replies that are not pictures, with their tags (`responses.md` §8).

use crate::base::version::Version;
use crate::language::lists::{CachePolicy, Properties, Style};
use crate::language::request::ReplyFormat;

use super::inflight::InFlight;
use super::reply::{ETag, Reply};
use super::versioning::tag::{self, Versions};

/// What a reply is tagged by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tags {
    /// The version that belongs to the type of the request.
    pub(super) version: Version,
    /// The value of the strong tag.
    pub(super) etag: Version,
}

impl InFlight {
    /// A property list, tagged by what it says. `versions` are the current ones of what it is about, if that has any.
    pub(super) fn list(
        &self,
        list: &Properties,
        cache_policy: CachePolicy,
        versions: impl FnOnce() -> Option<Versions>,
    ) -> Reply {
        let cache_policy = self.compared(cache_policy, versions);
        let tag = tag::weak(self.style.mime(), &list.body(&self.style, ""));
        let etag = Some(ETag { value: tag, weak: true });
        Reply { etag, ..Reply::of_list(list, &self.style, cache_policy, &self.stamp) }
    }

    /// A reply that has a version. Without [`Tags`] it has none: its tag is a weak one over the body.
    pub(super) fn versioned(
        &self,
        body: Vec<u8>,
        mime: &'static str,
        cache_policy: CachePolicy,
        tags: Option<Tags>,
    ) -> Reply {
        let etag = match tags {
            Some(tags) => ETag { value: tags.etag, weak: false },
            None => ETag { value: tag::weak(mime, &body), weak: true },
        };
        let version = tags.map(|tags| tags.version);
        let cache_policy = self.verified(cache_policy, version, self.id().as_deref());
        Reply { version, etag: Some(etag), ..Reply::of_text(body, mime, cache_policy) }
    }

    /// The tags of a reply that `metadata.version` stands for. `kind` tells replies apart that are made from one version and
    /// request.
    pub(super) fn metadata_tags(&self, kind: &str, version: Version, request: &str) -> Tags {
        Tags { version, etag: tag::of_metadata(kind, version, request, self.echo()) }
    }

    /// What `id=` says of a version. In a JSON reply it is a request's name.
    pub(super) fn id(&self) -> Option<String> {
        if self.echo().is_some() { None } else { self.call.value("id").unwrap_or_default() }
    }

    /// The handler and the id that a JSON reply repeats.
    fn echo(&self) -> Option<(&str, &str)> {
        match &self.style {
            Style::List { format: ReplyFormat::Json, handler, id } if !handler.is_empty() => {
                Some((handler.as_str(), id.as_str()))
            }
            _ => None,
        }
    }

    /// A reply of a kind that never has a version: its tag is weak. `versions` are the current ones of what it is about,
    /// if that has any.
    pub(super) fn unversioned(
        &self,
        body: Vec<u8>,
        cache_policy: CachePolicy,
        versions: impl FnOnce() -> Option<Versions>,
    ) -> Reply {
        let cache_policy = self.compared(cache_policy, versions);
        let mime = self.style.mime();
        let etag = ETag { value: tag::weak(mime, &body), weak: true };
        Reply { etag: Some(etag), ..Reply::of_text(body, mime, cache_policy) }
    }
}
