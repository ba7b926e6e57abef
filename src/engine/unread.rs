//! Looking at a request without reading a long source: a thread that looks at all requests must not wait for a disk.
//!
//! A handle of the engine that looks refuses to read a source of which facts or metadata are not known, and notes it. The
//! request is then prepared again by a thread that may wait. The handle does ask the host for the tags of the sources that it
//! supplies.

use std::path::Path;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::version::{CanonicalHasher, Domain, Version};
use crate::imaging::source::Identity;
use crate::language::catalog::DamagedImages;

use super::state::{Engine, Unread};

/// Bytes of a source that is read when a request is looked at, at most. To read so few costs about as much as to find and
/// open the file.
const SMALL: u64 = 64 << 10;

impl Engine {
    /// A handle that reads no long source.
    pub(super) fn looking(&self) -> Self {
        Self { unread: Some(Arc::default()), ..self.clone() }
    }

    /// A handle that reads what has to be read.
    pub(super) fn patient(&self) -> Self {
        Self { unread: None, ..self.clone() }
    }

    /// What this handle has refused to read, if anything.
    pub(super) fn unread(&self) -> Option<Unread> {
        self.unread.as_ref().and_then(|unread| unread.get().copied())
    }

    /// Fails if this handle does not read a source whose facts are not known.
    ///
    /// # Errors
    ///
    /// It does not. The kind of the error is one that is never remembered and that nothing stands in for.
    pub(super) fn may_read(&self, file: &Path, damaged: DamagedImages) -> Result<()> {
        // Where damaged files are shown, the whole file is decoded once.
        let shows = damaged == DamagedImages::Show;
        self.may_take(file, if shows { 0 } else { SMALL }, |identity| {
            let kept = !self.is_recent(identity) && self.inner.memo.keeps_digests();
            let work = if shows { u64::from(u32::MAX) } else { identity.len() };
            Unread { work, key: kept.then(|| key(file, identity)) }
        })
    }

    /// Fails if this handle does not read a source again whose facts are known.
    ///
    /// # Errors
    ///
    /// As [`may_read`](Self::may_read).
    pub(super) fn may_read_again(&self, file: &Path) -> Result<()> {
        // Metadata may be too long to be remembered. Then those who wait for the same work have no advantage of it.
        self.may_take(file, SMALL, |identity| Unread { work: identity.len(), key: None })
    }

    fn may_take(&self, file: &Path, most: u64, refused: impl FnOnce(&Identity) -> Unread) -> Result<()> {
        let Some(unread) = &self.unread else { return Ok(()) };
        let identity = self.look(file)?;
        if identity.len() <= most {
            return Ok(());
        }
        let _ = unread.set(refused(&identity));
        Err(Error::changed())
    }
}

fn key(file: &Path, identity: &Identity) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::WeakTag);
    hasher.field("kind", b"source").field("path", file.as_os_str().as_encoded_bytes());
    hasher.field("file", &identity.to_bytes());
    hasher.finish()
}
