//! A prepared request: its version, tag and lifetime are known, its pixels are not made yet.

use std::time::{Duration, SystemTime};

use crate::base::cancel::Cancel;
use crate::base::clock::now;
use crate::base::error::Error;
use crate::base::observe::{Span, Stage, StopWatch, served, span, went_wrong};
use crate::base::version::Version;
use crate::base::work::Work;
use crate::language::lists::CachePolicy;

use super::delivery::Delivery;
#[cfg(feature = "tower")]
use super::delivery::Undigested;
use super::job::Job;
use super::reply::{ETag, Reply};
use super::retry::until_unchanged;
use super::state::Engine;

/// A request whose version, tag and lifetime are known and whose picture, if it is one, has not been touched yet.
#[must_use]
pub struct Prepared {
    pub(super) outcome: Outcome,
    /// `req`, in lower case.
    pub(super) kind: &'static str,
    /// The time it has taken so far.
    pub(super) took: Duration,
    /// Seconds until the signature of the request ends, if it does.
    pub(super) ends_in: Option<u64>,
    /// Names of commands that are not known, if they are to be logged.
    pub(super) unknown: Option<Box<str>>,
}

pub(super) enum Outcome {
    /// There is nothing left to do.
    Done(Box<Reply>),
    /// A line is to be logged; the reply is known.
    Message { engine: Engine, text: String, reply: Box<Reply> },
    /// A file is to be delivered as it is.
    Content(Box<Delivery>),
    /// A picture is to be made.
    Picture(Box<Job>),
}

impl Prepared {
    pub(super) fn new(outcome: Outcome) -> Self {
        Self { outcome, kind: "none", took: Duration::ZERO, ends_in: None, unknown: None }
    }

    pub(super) fn done(reply: Reply) -> Self {
        Self::new(Outcome::Done(Box::new(reply)))
    }

    /// The reply if it is known, but for its body if that is a file, else the picture that is to be made.
    fn known(&self) -> Result<&Reply, &Job> {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => Ok(reply),
            Outcome::Content(delivery) => Ok(&delivery.reply),
            Outcome::Picture(job) => Err(job),
        }
    }

    /// The same, prepared by a thread that only looks, for one that may read sources.
    #[cfg(feature = "tower")]
    pub(super) fn patient(mut self) -> Self {
        match &mut self.outcome {
            Outcome::Content(delivery) => delivery.be_patient(),
            Outcome::Picture(job) => job.in_flight.engine = job.in_flight.engine.patient(),
            Outcome::Done(_) | Outcome::Message { .. } => {}
        }
        self
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
        self.known().map_or_else(Job::status, |reply| reply.status)
    }

    /// What went wrong so far, if anything did.
    pub(super) fn error(&self) -> Option<&Error> {
        self.known().map_or_else(Job::error, |reply| reply.error.as_ref())
    }

    /// The version that belongs to the type of the request, as in [`Reply::version`].
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        self.known().map_or_else(Job::version, |reply| reply.version)
    }

    /// The tag of the reply. `None` also of a file of `/is/content` that has to be digested: it has one once it is
    /// [rendered](Self::render).
    #[must_use]
    pub fn etag(&self) -> Option<ETag> {
        self.known().map_or_else(Job::etag, |reply| reply.etag)
    }

    /// What caches will be told.
    #[must_use]
    pub fn cache_policy(&self) -> CachePolicy {
        ended(self.known().map_or_else(Job::cache_policy, |reply| reply.cache_policy), self.ends_in)
    }

    /// The MIME type of the reply.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        self.known().map_or_else(Job::content_type, |reply| reply.content_type)
    }

    /// What the picture costs, roughly, in units of about two nanoseconds of one core: what decoders, resampling, operations
    /// and the encoder go through, foretold from headers and plan. A picture that decoders remember parts of may cost less,
    /// one that is rich in detail up to three times as much. Of a file of `/is/content` that has to be read or digested, its
    /// length in bytes. 0 if nothing has to be made.
    #[must_use]
    pub fn work(&self) -> u64 {
        match &self.outcome {
            Outcome::Content(delivery) if !delivery.is_ready() => delivery.length(),
            _ => self.foretold().units(),
        }
    }

    /// What a picture costs, by kinds of work.
    pub(crate) fn foretold(&self) -> Work {
        match &self.outcome {
            Outcome::Picture(job) if !self.is_ready() => job.planned.plan.work(&job.headers()),
            _ => Work::default(),
        }
    }

    /// What stands for the work, if some is to be done: those with the same key wait for the same work.
    #[cfg(feature = "tower")]
    pub(crate) fn key(&self) -> Option<Version> {
        match &self.outcome {
            Outcome::Picture(job) => Some(job.key()),
            Outcome::Content(delivery) => delivery.key(),
            Outcome::Done(_) | Outcome::Message { .. } => None,
        }
    }

    /// The work is to read or digest a file as it is.
    #[cfg(feature = "tower")]
    pub(crate) fn is_reading(&self) -> bool {
        matches!(&self.outcome, Outcome::Content(delivery) if !delivery.is_ready())
    }

    /// Nothing has to be made for the headers of the reply, but for its length.
    #[cfg(feature = "http")]
    pub(crate) fn has_headers(&self) -> bool {
        match &self.outcome {
            Outcome::Content(delivery) => delivery.is_known(),
            Outcome::Done(_) | Outcome::Message { .. } | Outcome::Picture(_) => true,
        }
    }

    /// The length of the body in bytes, where it is known already: of texts, of files, and of pictures that are stored.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        match &self.outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => Some(reply.length()),
            Outcome::Content(delivery) => Some(delivery.length()),
            Outcome::Picture(job) => job.picture_length().map(|length| length as u64),
        }
    }

    /// The body is a file that is read piece by piece.
    #[cfg(feature = "http")]
    pub(crate) fn is_in_pieces(&self) -> bool {
        matches!(&self.outcome, Outcome::Content(delivery) if delivery.is_in_pieces())
    }

    /// The file to be delivered, if its digest is yet to be made.
    #[cfg(feature = "tower")]
    pub(crate) fn undigested(&self) -> Option<Undigested> {
        match &self.outcome {
            Outcome::Content(delivery) => delivery.undigested().ok().flatten(),
            _ => None,
        }
    }

    /// What a `Last-Modified` header says, as in [`Reply::last_modified`].
    #[must_use]
    pub fn last_modified(&self) -> Option<SystemTime> {
        self.known().map_or_else(Job::last_modified, |reply| reply.last_modified)
    }

    /// Drops copies of files that the picture can do without while it waits to be made.
    #[cfg(feature = "tower")]
    pub(crate) fn drop_copies(&mut self) {
        if let Outcome::Picture(job) = &mut self.outcome {
            job.drop_copies();
        }
    }

    /// The time it has taken so far.
    #[cfg(feature = "tower")]
    pub(crate) const fn took(&self) -> Duration {
        self.took
    }

    /// Nothing has to be made: the reply is known, or the picture is stored. A file of `/is/content` whose tag needs its
    /// digest is not ready before it has been digested.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match &self.outcome {
            Outcome::Content(delivery) => delivery.is_ready(),
            Outcome::Done(_) | Outcome::Message { .. } | Outcome::Picture(_) => self.length().is_some(),
        }
    }

    /// The reply to a HEAD request: that of GET without its body. No picture is made, and nothing is written or logged. A
    /// file of `/is/content` whose tag needs its digest is digested.
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
        let (kind, took, ends_in) = (self.kind, self.took, self.ends_in);
        let reply = match self.completed(Cancel::ALWAYS).outcome {
            Outcome::Done(reply) | Outcome::Message { reply, .. } => Reply { body: bytes::Bytes::new(), ..*reply },
            Outcome::Content(delivery) => delivery.reply,
            Outcome::Picture(job) => job.without_body(job.status()),
        };
        finished(reply, kind, took, ends_in)
    }

    /// Makes the picture, or hands out the one that is stored.
    ///
    /// If the source has changed since the request was prepared, the reply is a 503 that no cache may keep;
    /// [`Engine::serve`](super::Engine::serve) starts over by itself.
    #[must_use]
    pub fn render(self) -> Reply {
        self.render_while(&|| true)
    }

    /// The same for as long as `keep_going` returns true. The renderer calls it every few rows or every quarter of a million
    /// samples of a picture, at every stage: some dozen times a second at least. If it returns
    /// false, the reply is a 503 that no cache may keep. While another thread makes the same picture for the cache, this call
    /// waits for it and does not call `keep_going`. A thread of a rayon pool does not wait and makes the picture itself. While
    /// threads of a [pool](crate::EngineBuilder::pool) end the last parts of a picture, `keep_going` is not called either.
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
        let (kind, took, ends_in) = (self.kind, self.took, self.ends_in);
        finished(self.made(keep_going), kind, took, ends_in)
    }

    /// The same; if the source changed meanwhile the request starts over, prepared `again`.
    pub(crate) fn render_afresh(self, keep_going: &dyn Fn() -> bool, again: impl Fn() -> Self) -> Reply {
        let (kind, mut took, ends_in) = (self.kind, self.took, self.ends_in);
        let reply = until_unchanged(self.made(keep_going), Reply::is_changed, |wasted| {
            let prepared = again();
            took += prepared.took;
            let reply = prepared.made(keep_going);
            Reply { timings: reply.timings.with(&wasted.timings), ..reply }
        });
        finished(reply, kind, took, ends_in)
    }

    /// Reads what the headers of the reply need: a file of content whose tag is its digest.
    pub(crate) fn completed(self, cancel: Cancel<'_>) -> Self {
        match self.outcome {
            Outcome::Content(delivery) if delivery.is_pending() => {
                let outcome = delivery.completed(cancel).map_or_else(Outcome::Done, Outcome::Content);
                Self { outcome, ..self }
            }
            outcome => Self { outcome, ..self },
        }
    }

    fn made(self, keep_going: &dyn Fn() -> bool) -> Reply {
        let took = self.took;
        let cancel = Cancel::new(keep_going);
        match self.completed(cancel).outcome {
            Outcome::Done(reply) => *reply,
            Outcome::Message { engine, text, reply } => {
                if let Some(log) = &engine.inner.switches.on_message {
                    log(&text);
                }
                *reply
            }
            Outcome::Content(delivery) => delivery.made(cancel),
            Outcome::Picture(job) => {
                let left = job.in_flight.engine.inner.limits.time.saturating_sub(took);
                rendered(&job, cancel.until(now().checked_add(left)))
            }
        }
    }
}

/// Makes the picture and the reply; an error is a reply too.
fn rendered(job: &Job, cancel: Cancel<'_>) -> Reply {
    let in_flight = &job.in_flight;
    let span = span!("render", request = &*in_flight.target, req = in_flight.call.req.kind.name(), status, bytes);
    let stop_watch = StopWatch::default();
    let mut reply = span.enter(|| {
        job.finished(cancel, &stop_watch).unwrap_or_else(|error| match job.error() {
            // An error image that cannot be made leaves its error as text.
            Some(first) => in_flight.told(first.clone()),
            None => {
                went_wrong(&error, &in_flight.target);
                in_flight.failed(error, cancel)
            }
        })
    });
    reply.timings = stop_watch.timings();
    span.record("status", &reply.status);
    span.record("bytes", &reply.body.len());
    reply
}

/// A policy that ends with the signature of the request, if that ends.
fn ended(cache_policy: CachePolicy, ends_in: Option<u64>) -> CachePolicy {
    ends_in.map_or(cache_policy, |seconds| cache_policy.at_most(u32::try_from(seconds).unwrap_or(u32::MAX)))
}

/// A reply that goes out: the time of its preparation is added, and it is counted.
fn finished(mut reply: Reply, kind: &'static str, took: Duration, ends_in: Option<u64>) -> Reply {
    reply.cache_policy = ended(reply.cache_policy, ends_in);
    reply.timings.add(Stage::Prepare, took);
    served(kind, reply.status, reply.length(), &reply.timings);
    reply
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("status", &self.status()).field("etag", &self.etag()).finish_non_exhaustive()
    }
}
