//! Source files: their bytes, and the identity that tells whether they are still the same.
//!
//! A file that has settled is mapped. One that changed a moment ago may be changed again without its time stamps showing
//! it, so it is read into private memory: digest and decoder then see one copy, whatever happens to the file.

mod identity;
mod map;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::error::{Error, ErrorKind, Result};

pub(crate) use identity::Identity;

use map::Map;

/// An open source file.
#[derive(Debug)]
pub(crate) struct Source {
    file: File,
    content: Content,
    identity: Identity,
}

#[derive(Debug)]
enum Content {
    Mapped(Map),
    Copied(Vec<u8>),
}

/// How sources are opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// How long a file must have been left alone to count as settled.
    pub(crate) settle: Duration,
    /// The longest file that is read, in bytes.
    pub(crate) max_bytes: u64,
}

/// The identity of the file at a path, by one `stat`.
///
/// # Errors
///
/// There is no such file, it is not a regular file, or the system refuses.
pub(crate) fn stat(path: &Path) -> Result<Identity> {
    let metadata = std::fs::metadata(path).map_err(|error| refused(path, &error))?;
    if !metadata.is_file() {
        return Err(missing(path, &"not a regular file"));
    }
    Ok(Identity::of(&metadata))
}

impl Source {
    /// Opens a file as it is at `now`.
    ///
    /// # Errors
    ///
    /// As [`stat`]; or the file is longer than the rules allow.
    pub(crate) fn open(path: &Path, now: SystemTime, rules: Rules) -> Result<Self> {
        // Before opening: that alone would wait for the other end of a pipe.
        stat(path)?;
        let mut file = File::open(path).map_err(|error| refused(path, &error))?;
        let identity = Identity::of(&file.metadata().map_err(|error| refused(path, &error))?);
        if identity.len() > rules.max_bytes {
            return Err(Error::new(ErrorKind::Limit, "is longer than the limit of source bytes"));
        }
        let content = if identity.settled(now, rules.settle) {
            Content::Mapped(Map::new(&file, identity.len()).map_err(|error| refused(path, &error))?)
        } else {
            let mut bytes = Vec::new();
            let read = (&mut file).take(rules.max_bytes).read_to_end(&mut bytes);
            read.map_err(|error| refused(path, &error))?;
            Content::Copied(bytes)
        };
        Ok(Self { file, content, identity })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Mapped(map) => map,
            Content::Copied(bytes) => bytes,
        }
    }

    pub(crate) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The bytes are a private copy: nothing of them may be remembered under the file's identity.
    pub(crate) const fn is_copy(&self) -> bool {
        matches!(self.content, Content::Copied(_))
    }

    /// Fails if the mapped file is no longer the one that was opened. To be asked after the bytes have been used and
    /// before anything learned from them is kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Changed`].
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_copy() {
            return Ok(());
        }
        let unchanged = self.file.metadata().is_ok_and(|metadata| Identity::of(&metadata) == self.identity);
        if unchanged {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::Changed, "was replaced while it was read; ask again"))
        }
    }
}

fn missing(path: &Path, why: &impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Missing, "image not found").with_detail(&format_args!("{}: {why}", path.display()))
}

fn refused(path: &Path, error: &std::io::Error) -> Error {
    use std::io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    match error.kind() {
        NotFound | NotADirectory | InvalidFilename | InvalidInput => missing(path, error),
        _ => Error::new(ErrorKind::Io, "cannot be read").with_detail(&format_args!("{}: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { settle: Duration::from_secs(2), max_bytes: 1000 };

    fn later() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(40_000_000_000)
    }

    #[test]
    fn settled_files_are_mapped_and_fresh_ones_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"content").unwrap();
        let settled = Source::open(&path, later(), RULES).unwrap();
        let fresh = Source::open(&path, std::fs::metadata(&path).unwrap().modified().unwrap(), RULES).unwrap();
        assert_eq!((settled.bytes(), settled.is_copy()), (&b"content"[..], !cfg!(unix)));
        assert_eq!((fresh.bytes(), fresh.is_copy()), (&b"content"[..], true));
        assert_eq!(settled.identity(), &stat(&path).unwrap());
        settled.check().unwrap();
        std::fs::write(&path, b"Content!").unwrap();
        fresh.check().unwrap();
        if cfg!(unix) {
            assert_eq!(settled.check().unwrap_err().kind(), ErrorKind::Changed);
        }
    }

    #[test]
    fn what_is_no_file_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("gone"), folder.path().join("a\0b")] {
            let error = Source::open(&path, later(), RULES).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Missing, "image not found"));
        }
        let file = folder.path().join("f");
        std::fs::write(&file, b"").unwrap();
        assert_eq!(Source::open(&file.join("below"), later(), RULES).unwrap_err().kind(), ErrorKind::Missing);
        assert_eq!(Source::open(&file, later(), RULES).unwrap().bytes(), b"");
    }

    #[test]
    fn long_files_are_refused_before_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![0; 1001]).unwrap();
        assert_eq!(Source::open(&path, later(), RULES).unwrap_err().kind(), ErrorKind::Limit);
    }
}
