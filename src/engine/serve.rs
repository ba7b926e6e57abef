//! The way of a request, as a list of steps.

use std::sync::Arc;

use crate::error::Error;
use crate::observe::{now, span, went_wrong};
use crate::reply::{Lifetime, Style, banner, stamp};
use crate::request::{self, RawRequest};
use crate::resolve::{Call, open};

use super::context::Context;
use super::guard::caught;
use super::inflight::InFlight;
use super::prepared::{Outcome, Prepared};
use super::reply::Reply;
use super::state::Engine;

impl Engine {
    /// Answers a request target, path and query: `/is/image/cat/shoe?wid=400`.
    ///
    /// It cannot fail: a protocol error is a reply.
    #[must_use]
    pub fn serve(&self, target: &str) -> Reply {
        self.serve_with(target, &Context::new())
    }

    /// Answers a request of which the host knows more.
    #[must_use]
    pub fn serve_with(&self, target: &str, context: &Context<'_>) -> Reply {
        self.prepare(target, context).render_afresh(&|| true, || self.prepare(target, context))
    }

    /// Does all of a request but the pixels: a server learns version, tag and lifetime before it pays for a picture.
    pub fn prepare(&self, target: &str, context: &Context<'_>) -> Prepared {
        let span = span!("prepare", request = target, req, status, etag);
        let start = now();
        let mut prepared = span.enter(|| self.answered(target, context));
        prepared.took = start.elapsed();
        prepared.tell(&span);
        if let Outcome::Done(reply) = &prepared.outcome
            && let Some(error) = &reply.error
        {
            span.enter(|| went_wrong(error, target));
        }
        prepared
    }

    fn answered(&self, target: &str, context: &Context<'_>) -> Prepared {
        let stamp = stamp((self.inner.clock)());
        let catalogs = self.inner.library.current();
        if let Ok(Some(prepared)) = caught(|| Ok(self.recalled(target, context, &catalogs, &stamp, true))) {
            return prepared;
        }
        let request = match RawRequest::parse(target) {
            Ok(request) => request,
            Err(error) => return Prepared::done(Reply::of_error(error, &Style::Plain, 0, &stamp)),
        };
        let attributes = &catalogs.main(&request.object).attributes;
        let detail = attributes.error_detail.0;
        let refused = |error, style: &Style| Prepared::done(Reply::of_error(error, style, detail, &stamp));
        if context.client_address.is_some_and(|address| !attributes.client_address_filter.allows(address)) {
            return refused(Error::request("request", "is not allowed from this address"), &Style::Plain);
        }
        let modifiers = match open(&request, &catalogs) {
            Ok(modifiers) => modifiers,
            Err(error) => return refused(error, &Style::Plain),
        };
        if request.context == request::Context::Image && request.object.elements.is_empty() && modifiers.is_empty() {
            return Prepared::done(Reply::of_list(&banner(), &Style::TEXT, Lifetime::NO_STORE, &stamp));
        }
        let is_content = request.context == request::Context::Content;
        // Of a request that cannot be read this much is known: in which catalog an error is to be shown, and how.
        let style = Style::of(&modifiers);
        let is_picture = style == Style::Plain && !is_content;
        let unread = is_picture.then(|| Call::unread(request.object.clone(), &catalogs));
        let read = Call::read(request.object, modifiers, &catalogs);
        let (call, style, error) = match (read.and_then(|call| Ok((Style::of(&call.about_reply()?), call))), unread) {
            (Ok((style, call)), _) => (call, style, None),
            (Err(error), Some(unread)) => (unread, style, Some(error)),
            (Err(error), None) => return refused(error, &style),
        };
        let (call, target) = (Arc::new(call), Arc::from(target));
        let asked = InFlight { engine: self.clone(), catalogs, call, target, style, detail, stamp };
        let unseen = if is_content || error.is_some() { None } else { asked.unseen(context) };
        if let Some(reply) = unseen {
            return Prepared { kind: asked.call.req.kind.name(), ..Prepared::done(reply) };
        }
        let answer = || if is_content { asked.content() } else { asked.prepare() };
        let prepared = match error.map_or_else(|| caught(answer), Err) {
            Ok(prepared) if is_content => asked.matched(prepared, context),
            Ok(prepared) => asked.conditional(prepared, context),
            Err(error) => Prepared::done(asked.failed(error)),
        };
        Prepared { kind: if is_content { "content" } else { asked.call.req.kind.name() }, ..prepared }
    }

    /// What [`prepare`](Self::prepare) gives if it takes no more than a look at the status of a file or two: the request
    /// was answered lately, and what it asks for is at hand.
    #[cfg(feature = "tower")]
    pub(crate) fn prepare_at_once(&self, target: &str, context: &Context<'_>) -> Option<Prepared> {
        if self.inner.supply.is_some() {
            // Nobody knows how long the host's provider takes.
            return None;
        }
        let start = now();
        let (stamp, catalogs) = (stamp((self.inner.clock)()), self.inner.library.current());
        let recalled = || Ok(self.recalled(target, context, &catalogs, &stamp, false));
        let mut prepared = caught(recalled).ok()?.filter(Prepared::is_ready)?;
        // A span for those that are at hand alone: the others get theirs where they are prepared.
        prepared.tell(&span!("prepare", request = target, req, status, etag));
        prepared.took = start.elapsed();
        Some(prepared)
    }
}
