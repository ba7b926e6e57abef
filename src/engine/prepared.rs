//! A request on its way: everything is known but the pixels.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use crate::observe::{Span, Stage, now, served};
use crate::reply::Lifetime;
use crate::version::Version;
use crate::watch::Watch;

use super::Engine;
use super::job::Job;
use super::reply::{ETag, Reply};
use super::serve::RETRIES;

/// What only the host knows about a request.
///
/// ```
/// let engine = platemark::Engine::builder("assets/demo").build()?;
/// let first = engine.serve("/is/image/demo/harbour?wid=90");
/// let etag = first.etag.unwrap().to_string();
/// let again = engine.prepare("/is/image/demo/harbour?wid=90", &platemark::Context::new().if_none_match(&etag));
/// assert_eq!(again.status(), 304);
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    pub(super) if_none_match: Option<&'a str>,
    pub(super) if_modified_since: Option<&'a str>,
    pub(super) client_address: Option<IpAddr>,
}

impl<'a> Context<'a> {
    /// A request of which nothing more is known.
    #[must_use]
    pub const fn new() -> Self {
        Self { if_none_match: None, if_modified_since: None, client_address: None }
    }

    /// The request's `If-None-Match` header; several are joined by commas. A matching tag is answered with 304; `*` matches
    /// a picture that is stored.
    #[must_use]
    pub const fn if_none_match(mut self, tags: &'a str) -> Self {
        self.if_none_match = Some(tags);
        self
    }

    /// The request's `If-Modified-Since` header. It counts only beside no `If-None-Match`, where the reply has a
    /// [`last_modified`](Reply::last_modified), and under [`IdPolicy::Ignore`](super::IdPolicy::Ignore): a time stamp is
    /// what an operator wrote, and proves nothing about bytes. A text that is no date is ignored.
    ///
    /// What never expires (`Expiration=-1`) is, under that policy, answered 304 whatever the two headers say, and without
    /// a look at the source.
    #[must_use]
    pub const fn if_modified_since(mut self, date: &'a str) -> Self {
        self.if_modified_since = Some(date);
        self
    }

    /// The caller has something already.
    pub(super) fn is_conditional(&self) -> bool {
        let is_date = |date| httpdate::parse_http_date(date).is_ok();
        self.if_none_match.is_some_and(|tags| !tags.trim().is_empty()) || self.if_modified_since.is_some_and(is_date)
    }

    /// Where the request comes from. Catalogs with a `ClientAddressFilter` refuse other addresses; without this the filter
    /// is not looked at.
    #[must_use]
    pub const fn client_address(mut self, address: IpAddr) -> Self {
        self.client_address = Some(address);
        self
    }
}

/// A request whose version, tag and lifetime are known and whose picture, if it is one, has not been touched yet.
#[must_use]
pub struct Prepared {
    pub(super) outcome: Outcome,
    /// `req`, in lower case.
    pub(super) kind: &'static str,
    /// The time it has taken so far.
    pub(super) took: Duration,
}

pub(super) enum Outcome {
    /// There is nothing left to do.
    Done(Box<Reply>),
    /// A line is to be logged; the reply is known.
    Message { engine: Engine, text: String, reply: Box<Reply> },
    /// A picture is to be made.
    Picture(Box<Job>),
}

impl Prepared {
    pub(super) fn new(outcome: Outcome) -> Self {
        Self { outcome, kind: "none", took: Duration::ZERO }
    }

    pub(super) fn done(reply: Reply) -> Self {
        Self::new(Outcome::Done(Box::new(reply)))
    }

    /// Fills in what the span of the preparation says.
    pub(super) fn tell(&self, span: &Span) {
        span.record("req", &self.kind);
        span.record("status", &self.status());
        if let Some(etag) = self.etag() {
            span.record("etag", &etag);
        }
    }

    /// The HTTP status so far: rendering can still fail.
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => reply.status,
            Outcome::Picture(_) => 200,
        }
    }

    /// The version that belongs to the type of the request, as in [`Reply::version`].
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => reply.version,
            Outcome::Picture(job) => job.version(),
        }
    }

    /// The tag of the reply.
    #[must_use]
    pub fn etag(&self) -> Option<ETag> {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => reply.etag,
            Outcome::Picture(job) => job.etag(),
        }
    }

    /// What caches will be told.
    #[must_use]
    pub fn lifetime(&self) -> Lifetime {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => reply.lifetime,
            Outcome::Picture(job) => job.lifetime(),
        }
    }

    /// The MIME type of the reply.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => reply.content_type,
            Outcome::Picture(job) => job.content_type(),
        }
    }

    /// What the picture costs, roughly, in pixels that are decoded, sampled, gone through by operations and written; about
    /// two nanoseconds each. 0 if nothing has to be made.
    #[must_use]
    pub fn work(&self) -> u64 {
        match &self.outcome {
            Outcome::Picture(job) if !self.is_ready() => job.planned.plan.work(),
            _ => 0,
        }
    }

    /// What the picture is stored by, if one is to be made: those with the same key wait for the same work.
    #[cfg(feature = "tower")]
    pub(crate) fn key(&self) -> Option<Version> {
        match &self.outcome {
            Outcome::Picture(job) => Some(job.key()),
            Outcome::Done(_) | Outcome::Message { .. } => None,
        }
    }

    /// The length of the body in bytes, where it is known already: of texts, and of pictures that are stored.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => Some(reply.body.len()),
            Outcome::Picture(job) => job.picture_length(),
        }
    }

    /// What a `Last-Modified` header says, as in [`Reply::last_modified`].
    #[must_use]
    pub fn last_modified(&self) -> Option<SystemTime> {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => reply.last_modified,
            Outcome::Picture(job) => job.last_modified(),
        }
    }

    /// The time it has taken so far.
    #[cfg(feature = "tower")]
    pub(crate) const fn took(&self) -> Duration {
        self.took
    }

    /// Nothing has to be made: the reply is known, or the picture is stored.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.length().is_some()
    }

    /// The reply to a HEAD request: that of GET without its body. No picture is made, and nothing is written or logged.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// let prepared = engine.prepare("/is/image/demo/harbour?wid=90", &platemark::Context::new());
    /// assert_eq!(prepared.length(), None, "it has not been made yet");
    /// let reply = prepared.head();
    /// assert!(reply.status == 200 && reply.etag.is_some() && reply.body.is_empty());
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub fn head(self) -> Reply {
        let (kind, took) = (self.kind, self.took);
        let reply = match self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => Reply { body: bytes::Bytes::new(), ..*reply },
            Outcome::Picture(job) => job.without_body(200),
        };
        finished(reply, kind, took)
    }

    /// Makes the picture, or hands out the one that is stored.
    ///
    /// If the source has changed since the request was prepared, the reply is a 503 that no cache may keep;
    /// [`Engine::serve`](super::Engine::serve) starts over by itself.
    #[must_use]
    pub fn render(self) -> Reply {
        self.render_while(&|| true)
    }

    /// The same for as long as `keep_going` says so, which is asked at every few rows of a picture. If it says no, the reply
    /// is a 503 that no cache may keep. While another thread makes the same picture for the cache, it is waited for, and
    /// nobody is asked.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// let prepared = engine.prepare("/is/image/demo/harbour?wid=400", &platemark::Context::new());
    /// let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    /// let reply = prepared.render_while(&|| std::time::Instant::now() < deadline);
    /// assert_eq!(reply.status, 200);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub fn render_while(self, keep_going: &dyn Fn() -> bool) -> Reply {
        let (kind, took) = (self.kind, self.took);
        finished(self.made(keep_going), kind, took)
    }

    /// The same; if the source changed meanwhile the request starts over, prepared `again`.
    pub(crate) fn render_afresh(self, keep_going: &dyn Fn() -> bool, again: impl Fn() -> Self) -> Reply {
        let (kind, mut took) = (self.kind, self.took);
        let mut reply = self.made(keep_going);
        for _ in 0..RETRIES {
            if !reply.is_changed() {
                break;
            }
            let prepared = again();
            took += prepared.took;
            let wasted = reply.timings;
            reply = prepared.made(keep_going);
            reply.timings = reply.timings.with(&wasted);
        }
        finished(reply, kind, took)
    }

    fn made(self, keep_going: &dyn Fn() -> bool) -> Reply {
        match self.outcome {
            Outcome::Done(reply) => *reply,
            Outcome::Message { engine, text, reply } => {
                if let Some(log) = &engine.inner.switches.on_message {
                    log(&text);
                }
                *reply
            }
            Outcome::Picture(job) => {
                let left = job.asked.engine.inner.limits.time.saturating_sub(self.took);
                job.render(Watch::new(keep_going).until(now().checked_add(left)))
            }
        }
    }
}

/// A reply that goes out: the time of its preparation is added, and it is counted.
fn finished(mut reply: Reply, kind: &'static str, took: Duration) -> Reply {
    reply.timings.add(Stage::Prepare, took);
    served(kind, reply.status, reply.body.len(), &reply.timings);
    reply
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("status", &self.status()).field("etag", &self.etag()).finish_non_exhaustive()
    }
}
