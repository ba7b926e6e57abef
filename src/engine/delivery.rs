//! Delivering files of `/is/content`: what is known of one before it is read, and its body.
//!
//! A look at a file that is known costs its status; at another one it costs no more than reading [`SMALL`] bytes. A file
//! that has to be read or digested before its tag is known is [pending](Delivery::is_pending): the thread that makes the
//! reply does that. The body of a file that has settled is a [`FileBody`], which the server reads piece by piece as the
//! client takes it. A file that was changed a moment ago, or lies on a mount that is not trusted, is read whole if it is
//! short, and its reply has the bytes. If it is long, it has no strong tag, because its time stamps may hide the next
//! change, and no cache may keep the reply.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::observe::{digested, span, went_wrong};
use crate::base::pool::Pool;
#[cfg(feature = "tower")]
use crate::base::version::Version;
use crate::base::version::{CanonicalHasher, Domain};
use crate::imaging::source::{FileBody, Identity, Rules, Source};
use crate::language::lists::CachePolicy;

use super::inflight::InFlight;
use super::reply::{ETag, Reply};
use super::state::Engine;

/// Bytes of a file that is read when it is looked at, at most. To read so few costs about as much as to find and open the
/// file, so the thread that looks at requests waits no longer for them than for that.
const SMALL: u64 = 64 << 10;

/// Bytes of a file that is read as a whole although it has not settled, at most. It is always digested.
const SHORT: u64 = 1 << 20;

/// A file of content as it is now.
pub(super) struct Content {
    identity: Identity,
    settled: bool,
    /// `None` if it is not known yet, or cannot be.
    digest: Option<Digest>,
    /// What had to be read or opened to know it.
    body: Option<Body>,
    /// Its bytes have to be read before its tag is known.
    pending: bool,
}

enum Body {
    Bytes(Bytes),
    File(FileBody),
}

impl Engine {
    /// Looks at a file of content. No more than [`SMALL`] bytes of it are read.
    ///
    /// # Errors
    ///
    /// The file is missing or cannot be read, is longer than the limit, or is being changed.
    pub(super) fn content(&self, path: &Path) -> Result<Content> {
        let identity = self.look(path)?;
        self.within_limit(&identity)?;
        if let Some(digest) = self.inner.memo.digest(&identity) {
            return Ok(Content::known(identity, digest));
        }
        if identity.len() <= SMALL {
            return self.whole(path, Cancel::ALWAYS);
        }
        // The file is not opened yet: many may wait in line, and open files are few.
        // On a mount that is not trusted the open file tells otherwise.
        let settled = !self.is_recent(&identity);
        let few = identity.len() <= SHORT || settled && identity.len() <= self.inner.content_digest_bytes;
        if few || identity.is_supplied() {
            return Ok(Content { identity, settled, digest: None, body: None, pending: true });
        }
        let file = self.long(path)?;
        // It may have grown since it was looked at.
        self.within_limit(file.identity())?;
        Ok(Content::undigested(file))
    }

    /// Reads and digests a file that was looked at, as far as its tag needs that.
    ///
    /// # Errors
    ///
    /// It is not the file that was looked at, or cannot be read; or the work is to be given up.
    fn content_read(&self, path: &Path, identity: &Identity, cancel: Cancel<'_>) -> Result<Content> {
        if let Some(digest) = self.inner.memo.digest(identity) {
            return Ok(Content::known(identity.clone(), digest));
        }
        let same = |now: &Identity| if now == identity { Ok(()) } else { Err(Error::changed()) };
        if !identity.is_supplied() {
            let file = self.long(path)?;
            same(file.identity())?;
            if file.is_settled() {
                let digest = self.digest_of(&file, &self.inner.pool, cancel)?;
                return Ok(Content { digest: Some(digest), ..Content::undigested(file) });
            }
            if file.len() > SHORT {
                return Ok(Content::undigested(file));
            }
        }
        let content = self.whole(path, cancel)?;
        same(&content.identity)?;
        Ok(content)
    }

    fn within_limit(&self, identity: &Identity) -> Result<()> {
        if identity.len() > self.inner.limits.content_bytes {
            return Err(Error::new(ErrorKind::Limit, "exceeds the limit of content bytes"));
        }
        Ok(())
    }

    /// A short file or a supplied one, read.
    fn whole(&self, path: &Path, cancel: Cancel<'_>) -> Result<Content> {
        let source = self.open_content(path)?;
        source.check()?;
        let (identity, settled) = (source.identity().clone(), source.is_settled());
        let bytes = source.into_bytes();
        let digest = Digest::of_while(&bytes, &self.inner.pool, cancel)?;
        digested(bytes.len());
        if settled {
            self.inner.memo.remember_digest(identity.clone(), digest);
        }
        Ok(Content { identity, settled, digest: Some(digest), body: Some(Body::Bytes(bytes)), pending: false })
    }

    fn open_content(&self, path: &Path) -> Result<Source> {
        let limits = &self.inner.limits;
        if let Some(supply) = &self.inner.supply
            && let Some(source) = supply.open(path, limits.content_bytes.min(limits.source_bytes))?
        {
            return Ok(source);
        }
        self.may_be_a_file()?;
        #[cfg(test)]
        super::conditional_tests::count_open();
        let rules = Rules { max_bytes: SHORT, map: false, ..self.inner.rules };
        Source::open(path, (self.inner.clock)(), rules, &self.inner.mounts).map_err(|error| match error.kind() {
            // It has grown since it was looked at.
            ErrorKind::Limit => Error::changed(),
            _ => error,
        })
    }

    /// A file was changed a moment ago, or lies on a mount that is not trusted. It is opened, and not read.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub(super) fn is_unsettled(&self, path: &Path, identity: &Identity) -> Result<bool> {
        if identity.is_supplied() || self.is_recent(identity) {
            return Ok(!identity.is_supplied());
        }
        let file = FileBody::open(path, (self.inner.clock)(), self.inner.rules.settle, &self.inner.mounts)?;
        Ok(!file.is_settled())
    }

    fn long(&self, path: &Path) -> Result<FileBody> {
        #[cfg(test)]
        super::conditional_tests::count_open();
        let file = FileBody::open(path, (self.inner.clock)(), self.inner.rules.settle, &self.inner.mounts)?;
        // It may have been cut short since it was looked at.
        if file.len() > SMALL { Ok(file) } else { Err(Error::changed()) }
    }

    /// The digest of a long file that has settled. However many ask for it at the same time, one reads the file.
    fn digest_of(&self, file: &FileBody, pool: &Pool, cancel: Cancel<'_>) -> Result<Digest> {
        loop {
            let digest = self.inner.memo.digest_or(file.identity(), || {
                let digest = span!("digest", bytes = file.len()).enter(|| file.digest(pool, cancel))?;
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

impl Content {
    const fn known(identity: Identity, digest: Digest) -> Self {
        Self { identity, settled: true, digest: Some(digest), body: None, pending: false }
    }

    /// An open file whose tag does not need its digest.
    fn undigested(file: FileBody) -> Self {
        let (identity, settled) = (file.identity().clone(), file.is_settled());
        Self { identity, settled, digest: None, body: Some(Body::File(file)), pending: false }
    }

    /// Its body is a [`FileBody`].
    const fn is_in_pieces(&self) -> bool {
        let least = if self.settled { SMALL } else { SHORT };
        self.identity.len() > least && !self.identity.is_supplied()
    }
}

/// A file of content whose lifetime is known, and whose tag unless it is [pending](Self::is_pending). Its body is read or
/// opened when it is asked for.
pub(super) struct Delivery {
    in_flight: InFlight,
    path: PathBuf,
    content: Content,
    /// The reply without its body.
    pub(super) reply: Reply,
    /// The tag that the reply has for as long as no digest is known.
    weak: ETag,
    /// The catalog lets caches keep the reply.
    has_tag: bool,
    /// The tags that the caller has, if the file's own is not known yet.
    if_none_match: Option<String>,
}

impl Delivery {
    /// `reply` is what is known of the reply; its tag is filled in unless no cache may keep it.
    pub(super) fn new(in_flight: InFlight, path: PathBuf, content: Content, mut reply: Reply) -> Self {
        let weak = weak_tag(reply.content_type, &content.identity, content.settled);
        // A file has no version, so no `id` is its own. The tag stays: `id` decides no condition.
        let has_tag = reply.cache_policy.seconds().is_some();
        reply.cache_policy = in_flight.compared(reply.cache_policy, || None);
        Self { in_flight, path, content, reply, weak, has_tag, if_none_match: None }.tagged()
    }

    /// The same with the tag that its content has.
    fn tagged(mut self) -> Self {
        let Self { content, reply, weak, has_tag, .. } = &mut self;
        *weak = weak_tag(reply.content_type, &content.identity, content.settled);
        if *has_tag && !content.pending {
            reply.etag = Some(content.digest.map_or(*weak, |digest| strong_tag(reply.content_type, &digest)));
            if content.digest.is_none() && !content.settled {
                reply.cache_policy = CachePolicy::NO_STORE;
                reply.last_modified = None;
            }
        }
        if reply.cache_policy.seconds().is_none() {
            reply.last_modified = None;
        }
        if !content.settled {
            reply.cache_policy = reply.cache_policy.unsettled();
        }
        self
    }

    /// From now on the engine may read what has to be read.
    #[cfg(feature = "tower")]
    pub(super) fn be_patient(&mut self) {
        self.in_flight.engine = self.in_flight.engine.patient();
    }

    /// The bytes of the file have to be read before its tag is known.
    pub(super) const fn is_pending(&self) -> bool {
        self.content.pending
    }

    /// What the reply says of the file is known, or is by now.
    pub(super) fn is_known(&self) -> bool {
        !self.content.pending || self.memo_has_digest()
    }

    fn memo_has_digest(&self) -> bool {
        self.in_flight.engine.inner.memo.digest(&self.content.identity).is_some()
    }

    /// Nothing has to be read before the reply begins, but for a small file.
    pub(super) fn is_ready(&self) -> bool {
        let in_memory = !self.content.identity.is_supplied() || self.length() <= SMALL;
        self.is_known() && (in_memory || self.content.body.is_some())
    }

    /// What stands for the work of reading the file, if those who wait for the same work have an advantage of it.
    #[cfg(feature = "tower")]
    pub(super) fn key(&self) -> Option<Version> {
        let kept = self.content.settled && self.in_flight.engine.inner.memo.keeps_digests();
        if !kept || self.is_known() {
            return None;
        }
        let mut hasher = CanonicalHasher::new(Domain::WeakTag);
        hasher.field("kind", b"work").field("path", self.path.as_os_str().as_encoded_bytes());
        hasher.field("file", &self.content.identity.to_bytes());
        Some(hasher.finish())
    }

    /// Remembers the tags that the caller has, for when the file's own is known.
    pub(super) fn ask_again(&mut self, if_none_match: Option<&str>) {
        self.if_none_match = if_none_match.map(str::to_owned);
    }

    /// The same once the file has been read, as far as its tag needs that. `Err` is the reply if there is nothing to deliver:
    /// the caller has the file, or it cannot be read.
    pub(super) fn completed(mut self, cancel: Cancel<'_>) -> std::result::Result<Box<Self>, Box<Reply>> {
        match caught(|| self.in_flight.engine.content_read(&self.path, &self.content.identity, cancel)) {
            Ok(content) => self.content = content,
            Err(error) => return Err(Box::new(self.failed(error))),
        }
        let mut delivery = self.tagged();
        let named = delivery.if_none_match.take().and_then(|tags| delivery.named_in(&tags));
        match named {
            Some(named) => Err(Box::new(Reply { status: 304, etag: Some(named), ..delivery.reply })),
            None => Ok(Box::new(delivery)),
        }
    }

    fn failed(&self, error: Error) -> Reply {
        let error = self.about(error);
        went_wrong(&error, &self.in_flight.target);
        self.in_flight.told(error)
    }

    /// The length of the body in bytes.
    pub(super) const fn length(&self) -> u64 {
        self.content.identity.len()
    }

    /// The tag that the caller names and that stands for the file as it is: its strong one, or the weak one that it had
    /// before its digest was known. While neither stands for the file's bytes there is none.
    pub(super) fn named_in(&self, if_none_match: &str) -> Option<ETag> {
        let stands = self.content.settled || self.content.digest.is_some();
        if !stands || !self.has_tag {
            return None;
        }
        [self.reply.etag, Some(self.weak)].into_iter().flatten().find(|tag| tag.is_in(if_none_match))
    }

    /// The body is read piece by piece.
    #[cfg(feature = "http")]
    pub(super) const fn is_in_pieces(&self) -> bool {
        self.content.is_in_pieces()
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
    pub(super) fn made(mut self, cancel: Cancel<'_>) -> Reply {
        let body = self.content.body.take();
        match body.map_or_else(|| caught(|| self.in_flight.engine.body(&self.path, &self.content, cancel)), Ok) {
            Ok(Body::Bytes(body)) => Reply { body, ..self.reply },
            Ok(Body::File(file)) => Reply { file: Some(file), ..self.reply },
            Err(error) => self.failed(error),
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
    pub(super) fn digest(&self, keep_going: &dyn Fn() -> bool) -> Result<ETag> {
        self.digest_with(&self.engine.inner.pool, keep_going)
    }

    /// The same without the help of other threads: pictures come first.
    ///
    /// # Errors
    ///
    /// As [`digest`](Self::digest).
    #[cfg(feature = "tower")]
    pub(crate) fn digest_alone(&self, keep_going: &dyn Fn() -> bool) -> Result<ETag> {
        self.digest_with(&Pool::NONE, keep_going)
    }

    fn digest_with(&self, pool: &Pool, keep_going: &dyn Fn() -> bool) -> Result<ETag> {
        let file = self.engine.long(&self.path)?;
        if *file.identity() != self.identity {
            return Err(Error::changed());
        }
        let digest = self.engine.digest_of(&file, pool, Cancel::new(keep_going))?;
        Ok(strong_tag(self.content_type, &digest))
    }
}

impl Engine {
    /// The body of a file that is known.
    ///
    /// # Errors
    ///
    /// It is not the file that it was, or cannot be read; or the work is to be given up.
    fn body(&self, path: &Path, content: &Content, cancel: Cancel<'_>) -> Result<Body> {
        let same = |now: &Identity| if *now == content.identity { Ok(()) } else { Err(Error::changed()) };
        if content.is_in_pieces() {
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
        if let Some(digest) = content.digest.filter(|_| supplied)
            && digest != Digest::of_while(&bytes, &self.inner.pool, cancel)?
        {
            self.inner.memo.forget(&content.identity);
            return Err(Error::changed());
        }
        Ok(Body::Bytes(bytes))
    }
}
