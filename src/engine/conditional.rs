//! Conditional requests, and what they compare: tags and time stamps (`responses.md` §8).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::base::observe::Timings;
use crate::language::lists::CachePolicy;

use super::context::Context;
use super::inflight::InFlight;
use super::prepared::{Outcome, Prepared};
use super::reply::{ETag, Reply};
use super::state::IdPolicy;

impl InFlight {
    /// Answers a conditional request whose reply never expires: 304, without looking at the source (`catalog.md` §9). Under
    /// [`IdPolicy::Verify`] nothing is answered unseen.
    pub(super) fn unseen(&self, context: &Context<'_>) -> Option<Reply> {
        self.unseen_for(context, || self.catalog_lifetime())
    }

    /// The same with how long the reply may be kept as far as the catalogs say, if that is known.
    pub(super) fn unseen_for(
        &self,
        context: &Context<'_>,
        cache_policy: impl FnOnce() -> Option<CachePolicy>,
    ) -> Option<Reply> {
        if self.engine.inner.id_policy != IdPolicy::Ignore || !context.is_conditional() {
            return None;
        }
        let cache_policy = cache_policy().filter(|cache_policy| cache_policy.is_forever())?;
        Some(Reply {
            status: 304,
            content_type: self.style.mime(),
            body: Bytes::new(),
            file: None,
            width: None,
            height: None,
            version: None,
            // The engine has not read the source, so it confirms the tag that the caller sent.
            etag: context.if_none_match.and_then(ETag::single),
            cache_policy,
            last_modified: self.last_modified(),
            // A cache that gets a 304 without tags keeps its old tags.
            cache_tags: Arc::default(),
            error: None,
            timings: Timings::default(),
        })
    }

    /// Turns a reply into a 304 if the caller has it already.
    pub(super) fn conditional(&self, mut prepared: Prepared, context: &Context<'_>) -> Prepared {
        if let Outcome::Done(reply) = &mut prepared.outcome {
            let dated = reply.status == 200 && self.tells_date(reply.cache_policy);
            reply.last_modified = if dated { self.last_modified() } else { None };
        }
        self.matched(prepared, context)
    }

    /// Turns a reply whose time stamp is known into a 304 if the caller has it already.
    pub(super) fn matched(&self, mut prepared: Prepared, context: &Context<'_>) -> Prepared {
        if prepared.status() != 200 || !self.is_had(&prepared, context) {
            if let Outcome::Content(delivery) = &mut prepared.outcome
                && delivery.is_pending()
            {
                delivery.ask_again(context.if_none_match);
            }
            return prepared;
        }
        Prepared::done(match prepared.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => {
                Reply { status: 304, body: Bytes::new(), ..*reply }
            }
            Outcome::Content(delivery) => {
                // The tag that the caller named stands for the file as well as its own does.
                let named = context.if_none_match.and_then(|tags| delivery.named_in(tags));
                Reply { status: 304, etag: named.or(delivery.reply.etag), ..delivery.reply }
            }
            Outcome::Picture(job) => job.without_body(304),
        })
    }

    fn is_had(&self, prepared: &Prepared, context: &Context<'_>) -> bool {
        if let Some(tags) = context.if_none_match {
            let named = match &prepared.outcome {
                Outcome::Content(delivery) => delivery.named_in(tags).is_some(),
                _ => prepared.etag().is_some_and(|etag| etag.is_in(tags)),
            };
            // `*` asks whether the reply is there, which only a stored one is.
            let stored = || match &prepared.outcome {
                Outcome::Picture(job) => job.etag().is_some() && job.picture_length().is_some(),
                Outcome::Done(_) | Outcome::Content(_) | Outcome::Message { .. } => false,
            };
            return named || tags.trim() == "*" && stored();
        }
        // A time stamp is what an operator wrote: who verifies versions does not build on it. A file of content may be
        // replaced under an old time stamp. Its own times say no more: a link can lead to another file, which is older.
        let is_file = matches!(prepared.outcome, Outcome::Content(_));
        let dates = self.engine.inner.id_policy == IdPolicy::Ignore && !is_file;
        let since = context.if_modified_since.filter(|_| dates).and_then(|date| httpdate::parse_http_date(date).ok());
        since.zip(prepared.last_modified()).is_some_and(|(since, newest)| newest <= since + SUB_SECOND)
    }

    /// When the newest of the catalogs and records involved was changed, if the catalog wants it told.
    fn last_modified(&self) -> Option<SystemTime> {
        if !self.call.main.attributes.use_last_modified {
            return None;
        }
        if self.call.req.kind.is_about_picture() || self.call.is_composite_map() {
            return self.newest(self.resolved().ok()?.stamps());
        }
        let object = self.object().ok().flatten();
        self.newest(object.iter().flat_map(crate::language::catalog::Object::stamps))
    }
}

/// Dates of HTTP have whole seconds: a stamp counts as that of the second it lies in.
const SUB_SECOND: Duration = Duration::from_millis(999);
