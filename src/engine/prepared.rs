//! A request on its way: everything is known but the pixels.

use std::net::IpAddr;

use crate::reply::Lifetime;
use crate::version::Version;

use super::Engine;
use super::job::Job;
use super::reply::{ETag, Reply};

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
    pub(super) client_address: Option<IpAddr>,
}

impl<'a> Context<'a> {
    /// A request of which nothing more is known.
    #[must_use]
    pub const fn new() -> Self {
        Self { if_none_match: None, client_address: None }
    }

    /// The request's `If-None-Match` header. A matching tag is answered with 304.
    #[must_use]
    pub const fn if_none_match(mut self, tags: &'a str) -> Self {
        self.if_none_match = Some(tags);
        self
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
    pub(super) stage: Stage,
}

pub(super) enum Stage {
    /// There is nothing left to do.
    Done(Box<Reply>),
    /// A line is to be logged; the reply is known.
    Message { engine: Engine, text: String, reply: Box<Reply> },
    /// A picture is to be made.
    Picture(Box<Job>),
}

impl Prepared {
    pub(super) fn done(reply: Reply) -> Self {
        Self { stage: Stage::Done(Box::new(reply)) }
    }

    /// The HTTP status so far: rendering can still fail.
    #[must_use]
    pub fn status(&self) -> u16 {
        match &self.stage {
            Stage::Done(reply) | Stage::Message { reply, .. } => reply.status,
            Stage::Picture(_) => 200,
        }
    }

    /// The version that belongs to the type of the request, as in [`Reply::version`].
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        match &self.stage {
            Stage::Done(reply) | Stage::Message { reply, .. } => reply.version,
            Stage::Picture(job) => job.version(),
        }
    }

    /// The tag of the reply.
    #[must_use]
    pub fn etag(&self) -> Option<ETag> {
        match &self.stage {
            Stage::Done(reply) | Stage::Message { reply, .. } => reply.etag,
            Stage::Picture(job) => job.etag(),
        }
    }

    /// What caches will be told.
    #[must_use]
    pub fn lifetime(&self) -> Lifetime {
        match &self.stage {
            Stage::Done(reply) | Stage::Message { reply, .. } => reply.lifetime,
            Stage::Picture(job) => job.lifetime(),
        }
    }

    /// The MIME type of the reply.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match &self.stage {
            Stage::Done(reply) | Stage::Message { reply, .. } => reply.content_type,
            Stage::Picture(job) => job.content_type(),
        }
    }

    /// The length of the body in bytes, where it is known already: of texts, and of pictures that are stored.
    ///
    /// With the other getters this is all that a HEAD request asks for. Render nothing for it: to render can cost a
    /// picture, or write one where `req=saveToFile` says.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        match &self.stage {
            Stage::Done(reply) | Stage::Message { reply, .. } => Some(reply.body.len()),
            Stage::Picture(job) => job.known_length(),
        }
    }

    /// Nothing has to be made: the reply is known, or the picture is stored.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        match &self.stage {
            Stage::Done(_) | Stage::Message { .. } => true,
            Stage::Picture(job) => job.is_stored(),
        }
    }

    /// Makes the picture, or hands out the one that is stored.
    ///
    /// If the source has changed since the request was prepared, the reply is a 503 that no cache may keep;
    /// [`Engine::serve`](super::Engine::serve) starts over by itself.
    #[must_use]
    pub fn render(self) -> Reply {
        match self.stage {
            Stage::Done(reply) => *reply,
            Stage::Message { engine, text, reply } => {
                if let Some(log) = &engine.inner.switches.on_message {
                    log(&text);
                }
                *reply
            }
            Stage::Picture(job) => job.render(),
        }
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("status", &self.status()).field("etag", &self.etag()).finish_non_exhaustive()
    }
}
