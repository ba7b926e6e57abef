//! The way of a request, as a list of steps.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use crate::catalog::Catalogs;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Facts;
use crate::observe::{StopWatch, digested, now, span, went_wrong};
use crate::reply::{Lifetime, Style, banner, stamp};
use crate::request::{self, Kind, RawRequest};
use crate::resolve::{Call, Resolved, open};
use crate::source::{Identity, Source, stat};
use crate::version::Version;
use crate::watch::Watch;

use super::job::{Job, Purpose};
use super::prepared::{Context, Outcome, Prepared};
use super::reply::Reply;
use super::{Engine, IdPolicy};

/// How often a request starts over because its source was replaced meanwhile.
pub(super) const RETRIES: usize = 2;

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
        let asked = Asked { engine: self.clone(), catalogs, call, target, style, detail, stamp };
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

    /// The facts of a file that are remembered; `None` if its status is none that is known.
    ///
    /// # Errors
    ///
    /// The file cannot be looked at.
    pub(super) fn known_facts(&self, file: &Path) -> Result<Option<Opened>> {
        let facts = self.inner.memo.facts(&self.look(file)?);
        Ok(facts.map(|facts| Opened { facts, source: None }))
    }

    /// The facts of a file: remembered, or read. A file that had to be opened stays open for the decoder.
    pub(super) fn facts(&self, file: &Path) -> Result<Opened> {
        if let Some(known) = self.known_facts(file)? {
            return Ok(known);
        }
        let source = self.open(file)?;
        let bytes = source.bytes();
        let digest = span!("digest", bytes = bytes.len()).enter(|| Digest::of(bytes));
        digested(bytes.len());
        let header = caught(|| crate::decode::read_header(bytes));
        source.check()?;
        let facts = Facts { header: header?, digest };
        if source.is_settled() {
            self.inner.memo.remember(source.identity().clone(), facts);
        }
        Ok(Opened { facts, source: Some(source) })
    }

    /// The facts of a file that a reply can do without; `None` if there is none that can be read.
    ///
    /// # Errors
    ///
    /// The file is being changed: what is known of it now may be wrong in a moment.
    pub(super) fn facts_if_any(&self, file: Option<&Path>) -> Result<Option<Facts>> {
        match file.map(|file| self.facts(file)) {
            Some(Ok(opened)) => Ok(Some(opened.facts)),
            Some(Err(error)) if error.kind() == ErrorKind::Changed => Err(error),
            Some(Err(_)) | None => Ok(None),
        }
    }

    /// The identity of a source, supplied or in the file system.
    pub(super) fn look(&self, file: &Path) -> Result<Identity> {
        let supplied = self.inner.supply.as_ref().map(|supply| supply.look(file)).transpose()?.flatten();
        supplied.map_or_else(|| stat(file), Ok)
    }

    pub(super) fn open(&self, file: &Path) -> Result<Source> {
        #[cfg(test)]
        super::conditional_tests::count_open();
        if let Some(supply) = &self.inner.supply
            && let Some(source) = supply.open(file, self.inner.rules.max_bytes)?
        {
            return Ok(source);
        }
        Source::open(file, (self.inner.clock)(), self.inner.rules)
    }

    /// The file whose facts were remembered, opened. A copy of a file that is not settled may hold other bytes than those
    /// the facts are of, and so may a file that has been replaced.
    pub(super) fn reopened(&self, file: &Path, facts: &Facts) -> Result<Source> {
        let source = self.open(file)?;
        let known = || source.is_settled() && self.inner.memo.facts(source.identity()) == Some(*facts);
        let same = if source.is_supplied() { self.holds(&source, facts.digest) } else { known() };
        if same { Ok(source) } else { Err(Error::new(ErrorKind::Changed, "was replaced while it was read; ask again")) }
    }

    /// The bytes that the host supplied have that digest. If not, what is remembered of them is wrong.
    fn holds(&self, source: &Source, digest: Digest) -> bool {
        let same = Digest::of(source.bytes()) == digest;
        if !same {
            self.inner.memo.forget(source.identity());
        }
        same
    }
}

/// What is known of a file, and the file if it had to be opened for that.
pub(super) struct Opened {
    pub(super) facts: Facts,
    pub(super) source: Option<Source>,
}

/// A request that has been read, and what it takes to answer it.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) engine: Engine,
    /// The catalogs as they were when the request came.
    pub(super) catalogs: Arc<Catalogs>,
    pub(super) call: Arc<Call>,
    /// The request as it came.
    pub(super) target: Arc<str>,
    pub(super) style: Style,
    /// How much errors tell: `ErrorDetail`.
    pub(super) detail: u8,
    /// The time of the reply.
    pub(super) stamp: String,
}

impl Asked {
    fn prepare(&self) -> Result<Prepared> {
        match self.call.req.kind {
            Kind::Img | Kind::Tmb | Kind::Mask => self.picture(Purpose::Deliver),
            Kind::LoadCache => self.picture(Purpose::Length),
            Kind::SaveToFile => self.picture(Purpose::Save(self.save_target()?)),
            Kind::Map if !self.call.is_plain() => self.composite_map().map(Prepared::done),
            Kind::Props => self.props().map(Prepared::done),
            Kind::ImageProps => self.image_props().map(Prepared::done),
            Kind::CatalogProps => Ok(Prepared::done(self.catalog_props())),
            Kind::Exists => self.exists().map(Prepared::done),
            Kind::ImageSet | Kind::Map | Kind::Targets | Kind::UserData => self.field().map(Prepared::done),
            Kind::Xlate => self.translations().map(Prepared::done),
            Kind::Xmp => self.xmp().map(Prepared::done),
            Kind::Validate => self.validate().map(Prepared::done),
            Kind::Resolve => self.resolved_text().map(Prepared::done),
            Kind::Message => self.message(),
            Kind::Set | Kind::MbrSet => Err(Error::request("req", "this request type is not supported yet")),
        }
    }

    /// A picture, or what stands in for it.
    fn picture(&self, purpose: Purpose) -> Result<Prepared> {
        let job = match self.call.picture(&self.catalogs).and_then(|resolved| self.job(resolved, purpose.clone())) {
            Err(error) if error.kind() == ErrorKind::Missing => {
                // Whatever is wrong with the default image, the object is what is missing.
                let default = self.call.default_picture(&self.catalogs).unwrap_or_default();
                let job = default.and_then(|resolved| self.job(resolved, purpose).ok());
                job.ok_or(error)
            }
            other => other,
        };
        let job = job?;
        self.remember(&job);
        Ok(Prepared::new(Outcome::Picture(Box::new(job))))
    }

    /// The work that a picture takes.
    pub(super) fn job(&self, resolved: Resolved, purpose: Purpose) -> Result<Job> {
        Job::new(self.clone(), resolved, purpose)
    }

    /// What `id=` makes of a lifetime. What has no version is what no `id` stands for.
    pub(super) fn verified(&self, lifetime: Lifetime, version: Option<Version>, id: Option<&str>) -> Lifetime {
        match (self.engine.inner.id_policy, id) {
            (IdPolicy::Ignore, _) | (IdPolicy::Verify, None) => lifetime,
            (IdPolicy::Verify, Some(id)) if version.is_some_and(|version| id.parse() == Ok(version)) => {
                lifetime.immutable()
            }
            (IdPolicy::Verify, Some(_)) => Lifetime::NO_STORE,
        }
    }

    /// The reply to a request that cannot be answered: the catalog's error image, or the error as text.
    pub(super) fn failed(&self, error: Error) -> Reply {
        let asked_again = matches!(error.kind(), ErrorKind::Changed | ErrorKind::Stopped);
        let image = if asked_again { None } else { caught(|| self.error_image(&error)).unwrap_or_default() };
        if let Some(reply) = image {
            return Reply { error: Some(error), ..reply };
        }
        Reply::of_error(error, &self.style, self.detail, &self.stamp)
    }

    /// `ErrorImage`, delivered with 200 and never kept (`responses.md` §5.5).
    fn error_image(&self, error: &Error) -> Result<Option<Reply>> {
        let message = crate::reply::error_message(error, self.detail.min(2));
        let Some(resolved) = self.call.error_picture(&self.catalogs, error, message)? else { return Ok(None) };
        let watch = Watch::ALWAYS.until(now().checked_add(self.engine.inner.limits.time));
        let reply = self.job(resolved, Purpose::Error)?.finished(watch, &StopWatch::default())?;
        Ok(Some(reply))
    }
}

/// An error about a file, with the object's name as the caller wrote it.
pub(super) fn named(error: Error, name: &str) -> Error {
    if error.place().is_none() { error.at(name) } else { error }
}

/// Runs a step. A panic in it, which would be a mistake of ours or of a codec, is an error of this one request.
pub(super) fn caught<T>(step: impl FnOnce() -> Result<T>) -> Result<T> {
    // What a step leaves behind after a panic is dropped with it: stores and buffers hold finished values only.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(Error::new(ErrorKind::Internal, "internal error").with_detail(&text.unwrap_or("a panic without a text")))
    })
}
