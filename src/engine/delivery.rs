//! Delivering files of `/is/content`: what is known of one before it is read, and its body.
//!
//! The engine reads a short file whole. Its reply has the bytes, and a file that changes meanwhile costs only another
//! read. A long file becomes a [`FileBody`], which the server reads piece by piece as the client takes it. A long file
//! that was changed a moment ago, or lies on a mount that is not trusted, has no strong tag, because its time stamps may
//! hide the next change. No cache may keep that reply.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::base::cancel::Cancel;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::observe::{digested, span, went_wrong};
use crate::base::version::{CanonicalHasher, Domain};
use crate::imaging::source::{FileBody, Identity, Rules, Source};
use crate::language::lists::CachePolicy;

use super::guard::caught;
use super::inflight::InFlight;
use super::reply::{ETag, Reply};
use super::state::Engine;

/// Bytes of a file that is read as a whole, at most.
const SHORT: u64 = 1 << 20;

/// A file of content as it is now.
pub(super) struct Content {
    identity: Identity,
    settled: bool,
    /// `None` of a long file whose digest is not known yet, or cannot be.
    digest: Option<Digest>,
    /// What had to be read or opened to know it.
    body: Option<Body>,
}

enum Body {
    Bytes(Bytes),
    File(FileBody),
}

impl Engine {
    /// Looks at a file of content. Its bytes are read only if they are few, or if no digest of them is known and they are
    /// no more than those that are digested for a request.
    ///
    /// # Errors
    ///
    /// The file is missing or cannot be read, is longer than the limit, or is being changed.
    pub(super) fn content(&self, path: &Path) -> Result<Content> {
        let identity = self.look(path)?;
        self.within_limit(&identity)?;
        if let Some(digest) = self.inner.memo.digest(&identity) {
            return Ok(Content { identity, settled: true, digest: Some(digest), body: None });
        }
        if !is_long(&identity) {
            return self.short(path);
        }
        let file = self.long(path)?;
        let (identity, settled) = (file.identity().clone(), file.is_settled());
        // It may have grown since it was looked at.
        self.within_limit(&identity)?;
        let few = identity.len() <= self.inner.content_digest_bytes;
        let digest = (settled && few).then(|| self.digest_of(&file, Cancel::ALWAYS)).transpose()?;
        Ok(Content { identity, settled, digest, body: Some(Body::File(file)) })
    }

    fn within_limit(&self, identity: &Identity) -> Result<()> {
        if identity.len() > self.inner.limits.content_bytes {
            return Err(Error::new(ErrorKind::Limit, "exceeds the limit of content bytes"));
        }
        Ok(())
    }

    /// A short file or a supplied one, read.
    fn short(&self, path: &Path) -> Result<Content> {
        let source = self.open_content(path)?;
        source.check()?;
        let (identity, settled) = (source.identity().clone(), source.is_settled());
        let bytes = source.into_bytes();
        let digest = Digest::of(&bytes);
        digested(bytes.len());
        if settled {
            self.inner.memo.remember_digest(identity.clone(), digest);
        }
        Ok(Content { identity, settled, digest: Some(digest), body: Some(Body::Bytes(bytes)) })
    }

    fn open_content(&self, path: &Path) -> Result<Source> {
        let limits = &self.inner.limits;
        if let Some(supply) = &self.inner.supply
            && let Some(source) = supply.open(path, limits.content_bytes.min(limits.source_bytes))?
        {
            return Ok(source);
        }
        #[cfg(test)]
        super::conditional_tests::count_open();
        let rules = Rules { max_bytes: SHORT, map: false, ..self.inner.rules };
        Source::open(path, (self.inner.clock)(), rules, &self.inner.mounts).map_err(|error| match error.kind() {
            // It has grown since it was looked at.
            ErrorKind::Limit => Error::changed(),
            _ => error,
        })
    }

    fn long(&self, path: &Path) -> Result<FileBody> {
        #[cfg(test)]
        super::conditional_tests::count_open();
        let file = FileBody::open(path, (self.inner.clock)(), self.inner.rules.settle, &self.inner.mounts)?;
        // It may have been cut short since it was looked at.
        if is_long(file.identity()) { Ok(file) } else { Err(Error::changed()) }
    }

    /// The digest of a long file that has settled. However many ask for it at the same time, one reads the file.
    fn digest_of(&self, file: &FileBody, cancel: Cancel<'_>) -> Result<Digest> {
        loop {
            let digest = self.inner.memo.digest_or(file.identity(), || {
                let digest = span!("digest", bytes = file.len()).enter(|| file.digest(cancel))?;
                digested(usize::try_from(file.len()).unwrap_or(usize::MAX));
                Ok(digest)
            });
            match digest {
                // The request that read the file was stopped; this request reads it again.
                Err(error) if error.kind() == ErrorKind::Stopped => cancel.check()?,
                digest => return digest,
            }
        }
    }
}

const fn is_long(identity: &Identity) -> bool {
    identity.len() > SHORT && !identity.is_supplied()
}

/// A file of content whose tag and lifetime are known. Its body is read or opened when it is asked for.
pub(super) struct Delivery {
    in_flight: InFlight,
    path: PathBuf,
    content: Content,
    /// The reply without its body.
    pub(super) reply: Reply,
    /// The tag that the reply has for as long as no digest is known.
    weak: ETag,
}

impl Delivery {
    /// `reply` is what is known of the reply; its tag is filled in unless no cache may keep it.
    pub(super) fn new(in_flight: InFlight, path: PathBuf, content: Content, mut reply: Reply) -> Self {
        let weak = weak_tag(reply.content_type, &content.identity, content.settled);
        let unsettled = !content.settled;
        if reply.cache_policy.seconds().is_some() {
            reply.etag = Some(content.digest.map_or(weak, |digest| strong_tag(reply.content_type, &digest)));
            if content.digest.is_none() && !content.settled {
                reply.cache_policy = CachePolicy::NO_STORE;
                reply.last_modified = None;
            }
        }
        // A file has no version, so no `id` is its own. The tag stays: `id` decides no condition.
        reply.cache_policy = in_flight.compared(reply.cache_policy, || None);
        if reply.cache_policy.seconds().is_none() {
            reply.last_modified = None;
        }
        let reply = reply.of_unsettled(unsettled);
        Self { in_flight, path, content, reply, weak }
    }

    /// The length of the body in bytes.
    pub(super) const fn length(&self) -> u64 {
        self.content.identity.len()
    }

    /// The tag that the caller names and that stands for the file as it is: its strong one, or the weak one that it had
    /// before its digest was known. While neither stands for the file's bytes there is none.
    pub(super) fn named_in(&self, if_none_match: &str) -> Option<ETag> {
        let own = self.reply.etag.filter(|_| self.content.settled || self.content.digest.is_some())?;
        [own, self.weak].into_iter().find(|tag| tag.is_in(if_none_match))
    }

    /// The body is read piece by piece.
    #[cfg(feature = "http")]
    pub(super) const fn is_long(&self) -> bool {
        is_long(&self.content.identity)
    }

    /// The file, if its digest is not known and can be made and kept.
    ///
    /// # Errors
    ///
    /// The digest is not known, and cannot be kept, because the file was changed a moment ago or its mount is not trusted.
    pub(super) fn undigested(&self) -> Result<Option<Undigested>> {
        if self.content.digest.is_some() || !self.in_flight.engine.inner.memo.keeps_digests() {
            return Ok(None);
        }
        if !self.content.settled {
            return Err(self.in_flight.about(Error::changed()));
        }
        Ok(Some(Undigested {
            engine: self.in_flight.engine.clone(),
            path: self.path.clone(),
            identity: self.content.identity.clone(),
            content_type: self.reply.content_type,
        }))
    }

    /// An error about the file, with its name as the caller wrote it.
    pub(super) fn about(&self, error: Error) -> Error {
        self.in_flight.about(error)
    }

    /// The reply with its body; an error is a reply too.
    pub(super) fn made(self) -> Reply {
        let Self { in_flight, path, content: Content { identity, digest, body, .. }, reply, .. } = self;
        match body.map_or_else(|| caught(|| in_flight.engine.body(&path, &identity, digest)), Ok) {
            Ok(Body::Bytes(body)) => Reply { body, ..reply },
            Ok(Body::File(file)) => Reply { file: Some(file), ..reply },
            Err(error) => {
                let error = in_flight.about(error);
                went_wrong(&error, &in_flight.target);
                in_flight.failed(error)
            }
        }
    }
}

/// The tag of a file whose digest is known.
fn strong_tag(content_type: &str, digest: &Digest) -> ETag {
    let mut hasher = CanonicalHasher::new(Domain::StrongTag);
    hasher.field("kind", b"content").field("type", content_type.as_bytes()).field("source", digest.as_bytes());
    ETag { value: hasher.finish(), weak: false }
}

/// The tag of a file of which only length and time stamps are known. While the file may be changed without its time stamps
/// showing it, the tag is another one, so that it does not outlast that time.
fn weak_tag(content_type: &str, identity: &Identity, settled: bool) -> ETag {
    let mut hasher = CanonicalHasher::new(Domain::WeakTag);
    hasher.field("kind", b"content").field("type", content_type.as_bytes());
    hasher.field("file", &identity.to_bytes()).field("settled", &[settled.into()]);
    ETag { value: hasher.finish(), weak: true }
}

/// A file whose digest is to be made.
pub(crate) struct Undigested {
    engine: Engine,
    path: PathBuf,
    identity: Identity,
    content_type: &'static str,
}

/// Two values are equal if they name the same content.
impl PartialEq for Undigested {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

impl Undigested {
    /// Reads the file for its digest, for as long as `keep_going` returns true, and keeps it. Returns the tag that the
    /// file has then.
    ///
    /// # Errors
    ///
    /// The file is not what it was, or cannot be read; or `keep_going` has returned false.
    pub(crate) fn digest(&self, keep_going: &dyn Fn() -> bool) -> Result<ETag> {
        let file = self.engine.long(&self.path)?;
        if *file.identity() != self.identity {
            return Err(Error::changed());
        }
        let digest = self.engine.digest_of(&file, Cancel::new(keep_going))?;
        Ok(strong_tag(self.content_type, &digest))
    }
}

impl Engine {
    /// The body of a file that is known.
    ///
    /// # Errors
    ///
    /// It is not the file that it was, or cannot be read.
    fn body(&self, path: &Path, identity: &Identity, digest: Option<Digest>) -> Result<Body> {
        let same = |now: &Identity| if now == identity { Ok(()) } else { Err(Error::changed()) };
        if is_long(identity) {
            let file = self.long(path)?;
            same(file.identity())?;
            return Ok(Body::File(file));
        }
        let source = self.open_content(path)?;
        same(source.identity())?;
        source.check()?;
        let supplied = source.is_supplied();
        let bytes = source.into_bytes();
        // Of supplied bytes nothing but the host's word says that they are the same.
        if supplied && digest.is_some_and(|digest| digest != Digest::of(&bytes)) {
            self.inner.memo.forget(identity);
            return Err(Error::changed());
        }
        Ok(Body::Bytes(bytes))
    }
}
