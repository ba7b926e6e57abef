//! Doing beforehand what a request would have to do.

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::prepared::{Outcome, Prepared};
use super::reply::ETag;
use super::state::Engine;

impl Engine {
    /// Does beforehand what the next request for `target` would have to do before its reply is begun. Of a file of
    /// `/is/content` that is the digest: a file longer than [`content_digest_bytes`](crate::EngineBuilder::content_digest_bytes)
    /// has a weak tag until its digest is known. Of a picture it is to read, resolve and plan the request and to digest its
    /// sources; the picture is not made. What was learned is kept in [`memo_bytes`](crate::EngineBuilder::memo_bytes).
    ///
    /// Returns the tag that the reply has from now on. The call reads all of the file, with 256 KiB of memory, or with 8 MiB if
    /// threads of a [pool](crate::EngineBuilder::pool) help. [`prewarm`](Self::prewarm) makes the pictures too.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # std::fs::write(folder.path().join("default.ini"), "StaticContentRootPath=.").unwrap();
    /// # std::fs::write(folder.path().join("film.mp4"), vec![7; 3 << 20]).unwrap();
    /// # let later = || std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(4_000_000_000);
    /// # let builder = platemark::Engine::builder(folder.path()).clock(later);
    /// let engine = builder.content_digest_bytes(2 << 20).build()?;
    /// assert!(engine.serve("/is/content/film.mp4").etag.unwrap().weak);
    /// let strong = engine.digest_ahead("/is/content/film.mp4")?.unwrap();
    /// assert!(!strong.weak);
    /// assert_eq!(engine.serve("/is/content/film.mp4").etag, Some(strong));
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// That of the reply, if the reply is one. [`ErrorKind::Changed`](crate::ErrorKind::Changed): a file was changed meanwhile, or so lately that its
    /// digest could not be kept ([`settle`](crate::EngineBuilder::settle)); ask again. Of a long file of `/is/content` on a
    /// mount that is not [trusted](crate::EngineBuilder::trust_mount) no digest is ever kept.
    pub fn digest_ahead(&self, target: &str) -> Result<Option<ETag>> {
        self.digest_ahead_while(target, &|| true)
    }

    /// The same for as long as `keep_going` returns true. The engine calls it before each piece of a file.
    ///
    /// # Errors
    ///
    /// As [`digest_ahead`](Self::digest_ahead), and [`ErrorKind::Stopped`](crate::ErrorKind::Stopped).
    pub fn digest_ahead_while(&self, target: &str, keep_going: &dyn Fn() -> bool) -> Result<Option<ETag>> {
        // The host asks for itself: the target needs no signature, and any command may stand in it.
        let cancel = Cancel::new(keep_going);
        self.prepare_for_host(target, cancel).completed(cancel).looked_ahead(keep_going)
    }
}

impl Prepared {
    /// Reads what has not been read of the files; the picture is not made. Returns the tag of the reply.
    ///
    /// # Errors
    ///
    /// That of the reply, if the reply is one; and as [`Engine::digest_ahead_while`].
    pub(super) fn looked_ahead(&self, keep_going: &dyn Fn() -> bool) -> Result<Option<ETag>> {
        match &self.outcome {
            Outcome::Done(reply) => reply.error.clone().map_or(Ok(reply.etag), Err),
            Outcome::Content(delivery) => match delivery.undigested()? {
                Some(file) => {
                    let etag = file.digest(keep_going).map_err(|error| delivery.about(error))?;
                    Ok(delivery.reply.etag.map(|_| etag))
                }
                None => Ok(delivery.reply.etag),
            },
            Outcome::Message { .. } => Ok(self.etag()),
            Outcome::Picture(job) => job.error().cloned().map_or_else(|| Ok(self.etag()), Err),
        }
    }
}
