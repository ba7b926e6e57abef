//! Replies that are made of a file which may be half written: what no cache may prolong (`responses.md` §8).

use crate::language::lists::CachePolicy;

use super::inflight::InFlight;
use super::reply::Reply;
use super::state::IdPolicy;

impl InFlight {
    /// Conditional requests of this kind are answered without looking at the source. Such an answer would prolong the life
    /// of a reply that was made of a file which may be half written, so that reply has [no tag](Self::of_unsettled): a
    /// client that got it has no condition to send.
    pub(super) fn answers_unseen(&self) -> bool {
        let ignores = self.engine.inner.id_policy == IdPolicy::Ignore;
        ignores && self.catalog_lifetime().is_some_and(CachePolicy::is_forever)
    }

    /// A date proves nothing about a reply that was made of a file which may be half written. Where dates count, such a
    /// reply has none.
    pub(super) fn tells_date(&self, cache_policy: CachePolicy) -> bool {
        let unsettled = cache_policy.is_unsettled() && self.engine.inner.id_policy == IdPolicy::Ignore;
        cache_policy.seconds().is_some() && !unsettled
    }

    /// The reply for caches, if it is made of an `unsettled` file, which may be half written.
    pub(super) fn of_unsettled(&self, reply: Reply, unsettled: bool) -> Reply {
        let etag = reply.etag.filter(|_| !(unsettled && self.answers_unseen()));
        Reply { etag, ..reply.of_unsettled(unsettled) }
    }
}
