//! The way of a request, as a list of steps.

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::clock::now;
use crate::base::error::{Error, Result};
use crate::base::observe::{span, unknown_commands_came, went_wrong};
use crate::language::catalog::{Caller, Catalogs};
use crate::language::lists::{CachePolicy, Style, banner, stamp};
use crate::language::request::{self, RawRequest};
use crate::language::resolve::{Call, open};

use super::admission::Admission;
use super::context::Context;
use super::inflight::InFlight;
use super::prepared::{Outcome, Prepared};
use super::reply::Reply;
use super::signing::Admitted;
use super::state::Engine;
#[cfg(feature = "tower")]
use super::state::Unread;

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
        self.prepare(target, context).render_afresh(&|| true, || self.prepare_again(target, context, Cancel::ALWAYS))
    }

    /// Does all of a request but the pixels: a server learns version, tag and lifetime before it pays for a picture.
    pub fn prepare(&self, target: &str, context: &Context<'_>) -> Prepared {
        self.prepare_while(target, context, Cancel::ALWAYS)
    }

    /// The same, but reading of sources can be given up: then the reply is a 503 that no cache may keep.
    pub(crate) fn prepare_while(&self, target: &str, context: &Context<'_>, cancel: Cancel<'_>) -> Prepared {
        self.prepare_as(target, context, true, cancel)
    }

    /// The same for a request that starts over, because its source has changed.
    pub(crate) fn prepare_again(&self, target: &str, context: &Context<'_>, cancel: Cancel<'_>) -> Prepared {
        self.prepare_as(target, context, false, cancel)
    }

    fn prepare_as(&self, target: &str, context: &Context<'_>, first: bool, cancel: Cancel<'_>) -> Prepared {
        let span = span!("prepare", request = target, req, status, etag);
        let start = now();
        let mut prepared = span.enter(|| self.answered(target, context, cancel));
        prepared.took = start.elapsed();
        #[cfg(feature = "tower")]
        if self.unread().is_some() {
            // It is prepared again, and told of then.
            return prepared;
        }
        prepared.tell(&span);
        if let Some(error) = prepared.error() {
            span.enter(|| went_wrong(error, target));
        }
        if let Some(names) = prepared.unknown.as_ref().filter(|_| first) {
            span.enter(|| unknown_commands_came(names, &self.as_read(target)));
        }
        prepared
    }

    fn answered(&self, target: &str, context: &Context<'_>, cancel: Cancel<'_>) -> Prepared {
        let stamp = stamp((self.inner.clock)());
        let Admitted { target, ends_in } = match self.admitted(target) {
            Ok(admitted) => admitted,
            // It precedes the catalogs, so no catalog says how much is told.
            Err(error) => return Prepared::done(Reply::of_error(error, &Style::Plain, 0, &stamp)),
        };
        let catalogs = self.inner.library.current();
        let recalled = caught(|| Ok(self.recalled(&target, context, &catalogs, &stamp, Some(cancel))));
        let prepared = recalled.ok().flatten().unwrap_or_else(|| {
            match self.read(&target, context, &catalogs, &stamp, self.inner.admission) {
                Ok(read) => read.answered(context, cancel),
                Err(prepared) => *prepared,
            }
        });
        Prepared { ends_in, ..prepared }
    }

    /// Prepares a request of the host itself, which no switch keeps from being answered.
    pub(super) fn prepare_for_host(&self, target: &str, cancel: Cancel<'_>) -> Prepared {
        let (target, catalogs) = (self.as_read(target), self.inner.library.current());
        match self.read(&target, &Context::new(), &catalogs, &stamp((self.inner.clock)()), Admission::default()) {
            Ok(read) => read.answered(&Context::new(), cancel),
            Err(prepared) => *prepared,
        }
    }

    /// Reads a request as far as it goes without its objects. `Err` is the reply where that is known already: the request
    /// cannot be read, is not allowed, or asks for the banner. The target has no signature.
    fn read(
        &self,
        target: &str,
        context: &Context<'_>,
        catalogs: &Arc<Catalogs>,
        stamp: &str,
        admission: Admission,
    ) -> std::result::Result<Read, Box<Prepared>> {
        let done = |reply| Box::new(Prepared::done(reply));
        let refused = |error, style: &Style, detail| done(Reply::of_error(error, style, detail, stamp));
        let request = RawRequest::parse(target).map_err(|error| refused(error, &Style::Plain, 0))?;
        let main = catalogs.main(&request.object);
        let detail = main.attributes.error_detail.0;
        let caller = Caller { address: context.client_address, locked: false };
        let opened = caller.check_address(main).and_then(|()| open(&request, catalogs));
        let (modifiers, locked) = opened.map_err(|error| refused(error, &Style::Plain, detail))?;
        let caller = Caller { locked, ..caller };
        if request.context == request::RootContext::Image && request.object.elements.is_empty() && modifiers.is_empty()
        {
            return Err(done(Reply::of_list(&banner(), &Style::TEXT, CachePolicy::NO_STORE, stamp)));
        }
        let style = Style::of(&modifiers);
        let is_content = request.context == request::RootContext::Content;
        // If the commands cannot be read, the path still says which catalog has the error image.
        let is_picture = style == Style::Plain && !is_content;
        let unread = is_picture.then(|| Call::unread(request.object.clone(), catalogs));
        let admitted = admission.check(&modifiers);
        let unknown = admitted.as_ref().ok().cloned().flatten();
        let read = admitted.and_then(|_| Call::read(request.object, modifiers, catalogs));
        let (call, style, error) = match (read.and_then(|call| Ok((Style::of(&call.about_reply()?), call))), unread) {
            (Ok((style, call)), _) => (call, style, None),
            (Err(error), Some(unread)) => (unread, style, Some(error)),
            (Err(error), None) => return Err(Box::new(Prepared { unknown, ..*refused(error, &style, detail) })),
        };
        let (engine, catalogs, stamp) = (self.clone(), Arc::clone(catalogs), stamp.to_owned());
        let (call, target) = (Arc::new(call), Arc::from(target));
        Ok(Read {
            in_flight: InFlight { engine, catalogs, call, caller, target, style, detail, stamp },
            is_content,
            error,
            unknown,
        })
    }

    /// What [`prepare`](Self::prepare) gives, for a thread that must not wait for a disk; `Err` if a source has to be read
    /// first.
    #[cfg(feature = "tower")]
    pub(crate) fn prepare_if_read(&self, target: &str, context: &Context<'_>) -> std::result::Result<Prepared, Unread> {
        let looking = self.looking();
        let prepared = looking.prepare(target, context);
        looking.unread().map_or_else(|| Ok(prepared.patient()), Err)
    }

    /// What [`prepare`](Self::prepare) gives if the engine has to look at no more than the status of the files: it answered
    /// the request lately, and the reply is in memory.
    #[cfg(feature = "tower")]
    pub(crate) fn prepare_at_once(&self, target: &str, context: &Context<'_>) -> Option<Prepared> {
        if self.inner.supply.is_some() {
            // The host's provider may take any time.
            return None;
        }
        let start = now();
        let Admitted { target: read_as, ends_in } = self.admitted(target).ok()?;
        let (stamp, catalogs) = (stamp((self.inner.clock)()), self.inner.library.current());
        let recalled = || Ok(self.recalled(&read_as, context, &catalogs, &stamp, None));
        let mut prepared = caught(recalled).ok()?.filter(Prepared::is_ready)?;
        // Only a reply in memory gets its span here: the others get theirs where they are prepared.
        prepared.tell(&span!("prepare", request = target, req, status, etag));
        prepared.took = start.elapsed();
        prepared.ends_in = ends_in;
        Some(prepared)
    }
}

/// A request that has been read.
struct Read {
    in_flight: InFlight,
    /// It asks for static content: its path begins with `/is/content`.
    is_content: bool,
    /// Its commands cannot be read.
    error: Option<Error>,
    /// Names of commands that are not known, if they are to be logged.
    unknown: Option<Box<str>>,
}

impl Read {
    fn answered(self, context: &Context<'_>, cancel: Cancel<'_>) -> Prepared {
        let Self { in_flight, is_content, error, unknown } = self;
        let answer = match error {
            Some(error) => Err(error),
            None if is_content => in_flight.static_content(context),
            None => in_flight.image(context, cancel),
        };
        // An error image stands in for pictures alone.
        let image = |error: &Error| if is_content { None } else { in_flight.error_image(error, cancel) };
        let prepared = answer.unwrap_or_else(|error| match image(&error) {
            Some(job) => Prepared::new(Outcome::Picture(Box::new(job))),
            None => Prepared::done(in_flight.told(error)),
        });
        let kind = if is_content { "content" } else { in_flight.call.req.kind.name() };
        Prepared { kind, unknown, ..prepared }
    }
}

impl InFlight {
    /// Answers a request under `/is/content`.
    fn static_content(&self, context: &Context<'_>) -> Result<Prepared> {
        let prepared = caught(|| self.content())?;
        Ok(self.matched(self.with_cache_tags(prepared, Self::content_tags), context))
    }

    /// Answers a request under `/is/image`.
    fn image(&self, context: &Context<'_>, cancel: Cancel<'_>) -> Result<Prepared> {
        if let Some(reply) = self.unseen(context) {
            return Ok(Prepared::done(reply));
        }
        let prepared = caught(|| self.prepare(cancel))?;
        Ok(self.conditional(self.with_cache_tags(prepared, Self::path_tags), context))
    }

    /// Adds the tags of the path's object to a reply that may be kept and has none yet.
    fn with_cache_tags(&self, mut prepared: Prepared, tags: fn(&Self) -> Arc<[String]>) -> Prepared {
        if let Outcome::Done(reply) = &mut prepared.outcome
            && reply.cache_tags.is_empty()
            && reply.cache_policy.seconds().is_some()
        {
            reply.cache_tags = tags(self);
        }
        prepared
    }
}
