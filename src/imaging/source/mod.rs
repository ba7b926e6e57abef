//! Sources: their bytes, and the identity that tells whether they are still the same.
//!
//! A file that has settled is mapped. One that changed a moment ago may be changed again without its time stamps showing
//! it, so it is read into private memory: digest and decoder then see one copy, whatever happens to the file. On a mount
//! that is not trusted (`trust.rs`) no file ever settles.
//!
//! Files that are delivered as they are, and are too long to be held in memory, are read piece by piece ([`FileBody`]).
//!
//! Two things cannot be noticed: changes through a shared mapping, which are stamped late, and the end of a single write
//! that lasts longer than a file takes to settle, because it is stamped when it begins.

mod body;
mod copy;
#[cfg(unix)]
mod guard;
mod identity;
mod look;
#[cfg(unix)]
mod map;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod mountinfo;
mod mounts;
mod supplied;
#[cfg(unix)]
mod table;
mod trust;

use std::fs::File;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::no_room;

pub use body::{FileBody, Pieces};
pub(crate) use identity::Identity;
#[cfg(test)]
pub(crate) use look::pretend;
pub(crate) use mounts::Mounts;
pub use mounts::UntrustedMount;
pub(crate) use supplied::Supply;
pub use supplied::{SourceProvider, SourceTag};
#[cfg(test)]
pub(crate) use trust::Kind;

use identity::FileIdentity;

/// How long a file must have been left alone before its time stamps are trusted, unless the host says otherwise.
pub(crate) const SETTLE: Duration = Duration::from_secs(2);

/// How often a file is read again because it changed meanwhile.
const READS: usize = 3;

/// An open source.
#[derive(Debug)]
pub(crate) struct Source {
    content: Content,
    identity: Identity,
    settled: bool,
    recent: bool,
}

#[derive(Debug)]
enum Content {
    #[cfg(unix)]
    Mapped {
        file: File,
        map: map::Map,
    },
    Copied(Vec<u8>),
    Supplied(Bytes),
}

/// How sources are opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// How long a file must have been left alone to count as settled.
    pub(crate) settle: Duration,
    /// The longest file that is read, in bytes.
    pub(crate) max_bytes: u64,
    /// Settled files are mapped; otherwise they are read too.
    pub(crate) map: bool,
}

/// The identity of the file at a path, by one call of the system where that tells unique numbers of mounts.
///
/// # Errors
///
/// There is no such file, it is not a regular file, or the system refuses.
pub(crate) fn stat(path: &Path) -> Result<Identity> {
    let looked = look::at(path).map_err(|error| refused(path, &error))?;
    if !looked.is_file {
        return Err(missing(path, &"not a regular file"));
    }
    Ok(Identity::File(looked.identity))
}

impl Source {
    /// Opens a file as it is at `now`.
    ///
    /// # Errors
    ///
    /// As [`stat`]; or the file is longer than the rules allow; or it is being written: [`ErrorKind::Changed`].
    pub(crate) fn open(path: &Path, now: SystemTime, rules: Rules, mounts: &Mounts) -> Result<Self> {
        Self::open_while(path, now, rules, mounts, Cancel::ALWAYS)
    }

    /// The same, unless the work is to be given up while the file is copied.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`ErrorKind::Stopped`].
    pub(crate) fn open_while(
        path: &Path,
        now: SystemTime,
        rules: Rules,
        mounts: &Mounts,
        cancel: Cancel<'_>,
    ) -> Result<Self> {
        // Before opening: that alone would wait for the other end of a pipe.
        stat(path)?;
        let mut file = File::open(path).map_err(|error| refused(path, &error))?;
        let mut identity = identity_of(&file, path)?;
        let mut recent = !identity.left_alone(now, rules.settle);
        let mut settled = !recent && mounts.trusts(&file, path, &identity);
        for _ in 0..READS {
            if identity.len > rules.max_bytes {
                return Err(Error::new(ErrorKind::Limit, "is longer than the limit of source bytes"));
            }
            if settled && rules.map {
                match mapped(file, identity.len).map_err(|error| refused(path, &error))? {
                    Ok(content) => {
                        return Ok(Self { content, identity: Identity::File(identity), settled, recent });
                    }
                    Err(unmapped) => file = unmapped,
                }
            }
            let copy =
                copy::copied(&mut file, identity.len, settled, cancel).map_err(|error| refused(path, &error))??;
            let after = identity_of(&file, path)?;
            match copy {
                Some(bytes) if after == identity => {
                    let (content, identity) = (Content::Copied(bytes), Identity::File(identity));
                    return Ok(Self { content, identity, settled, recent });
                }
                // It was written to just now, whatever the clock says.
                _ => (identity, settled, recent) = (after, false, true),
            }
        }
        Err(Error::changed())
    }

    /// A source that the host supplies.
    fn supplied(bytes: Bytes, identity: Identity) -> Self {
        Self { content: Content::Supplied(bytes), identity, settled: true, recent: false }
    }

    /// The host supplied it: nothing but its word says that the identity stands for these bytes.
    pub(crate) const fn is_supplied(&self) -> bool {
        matches!(self.content, Content::Supplied(_))
    }

    /// The bytes are a copy that this source alone holds.
    #[cfg(feature = "tower")]
    pub(crate) const fn is_copied(&self) -> bool {
        matches!(self.content, Content::Copied(_))
    }

    /// All bytes, as a value of their own.
    pub(crate) fn into_bytes(self) -> Bytes {
        match self.content {
            #[cfg(unix)]
            Content::Mapped { map, .. } => Bytes::copy_from_slice(&map),
            Content::Copied(bytes) => bytes.into(),
            Content::Supplied(bytes) => bytes,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.content {
            #[cfg(unix)]
            Content::Mapped { map, .. } => map,
            Content::Copied(bytes) => bytes,
            Content::Supplied(bytes) => bytes,
        }
    }

    pub(crate) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The identity stands for these bytes: what is learned from them may be remembered under it, once they have been
    /// [checked](Self::check).
    pub(crate) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// The file was changed a moment ago, as far as its time stamps tell, or while it was read: it may be half written. A
    /// file on a mount that is not trusted is not settled, and need not be recent.
    pub(crate) const fn is_recent(&self) -> bool {
        self.recent
    }

    /// Fails if a mapped file is no longer the one that was opened, or was cut short. To be asked after the bytes have
    /// been used and before anything learned from them is kept.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Changed`].
    pub(crate) fn check(&self) -> Result<()> {
        match &self.content {
            // The mark of a loss stays, even if the file is as long again as it was.
            #[cfg(unix)]
            Content::Mapped { map, .. } if map.lost() => Err(Error::changed()),
            #[cfg(unix)]
            Content::Mapped { file, .. } => {
                let same = look::of(file).is_ok_and(|now| Identity::File(now) == self.identity);
                if same { Ok(()) } else { Err(Error::changed()) }
            }
            Content::Copied(_) | Content::Supplied(_) => Ok(()),
        }
    }
}

/// The content of a file as a mapping, or the file back if it cannot be mapped safely.
#[cfg(unix)]
fn mapped(file: File, len: u64) -> io::Result<std::result::Result<Content, File>> {
    let map = map::Map::new(&file, len)?;
    Ok(match map {
        Some(map) => Ok(Content::Mapped { file, map }),
        None => Err(file),
    })
}

#[cfg(not(unix))]
const fn mapped(file: File, _: u64) -> io::Result<std::result::Result<Content, File>> {
    Ok(Err(file))
}

fn identity_of(file: &File, path: &Path) -> Result<FileIdentity> {
    look::of(file).map_err(|error| refused(path, &error))
}

fn missing(path: &Path, why: &impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Missing, "image not found").with_detail(&format_args!("{}: {why}", path.display()))
}

fn refused(path: &Path, error: &io::Error) -> Error {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound, OutOfMemory};
    match error.kind() {
        NotFound | NotADirectory | InvalidFilename | InvalidInput => missing(path, error),
        OutOfMemory => no_room().with_detail(&path.display()),
        _ if leads_nowhere(error) => missing(path, error),
        _ => Error::new(ErrorKind::Io, "cannot be read").with_detail(&format_args!("{}: {error}", path.display())),
    }
}

/// A symbolic link leads to itself, over others perhaps. It is no more a file than one that leads to none.
#[cfg(unix)]
fn leads_nowhere(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
const fn leads_nowhere(_: &io::Error) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { settle: Duration::from_secs(2), max_bytes: 1000, map: true };

    fn open(path: &Path, now: SystemTime, rules: Rules) -> Result<Source> {
        Source::open(path, now, rules, &Mounts::default())
    }

    fn later() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(40_000_000_000)
    }

    fn is_mapped(source: &Source) -> bool {
        !matches!(source.content, Content::Copied(_))
    }

    #[test]
    fn settled_files_are_mapped_and_fresh_ones_copied() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"content").unwrap();
        let settled = open(&path, later(), RULES).unwrap();
        let fresh = open(&path, std::fs::metadata(&path).unwrap().modified().unwrap(), RULES).unwrap();
        assert_eq!(
            (settled.bytes(), is_mapped(&settled), settled.is_settled()),
            (&b"content"[..], cfg!(unix), cfg!(unix))
        );
        assert_eq!((fresh.bytes(), is_mapped(&fresh), fresh.is_settled()), (&b"content"[..], false, false));
        assert_eq!(settled.identity(), &stat(&path).unwrap());
        settled.check().unwrap();
        std::fs::write(&path, b"Content!").unwrap();
        fresh.check().unwrap();
        if cfg!(unix) {
            assert_eq!(settled.check().unwrap_err().kind(), ErrorKind::Changed);
        }
    }

    /// Read instead of mapped, a settled file is as good for the memo, and no other request has its bytes.
    #[test]
    fn sources_are_not_mapped_if_the_host_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"content").unwrap();
        let source = open(&path, later(), Rules { map: false, ..RULES }).unwrap();
        assert_eq!((is_mapped(&source), source.is_settled()), (false, cfg!(unix)));
        std::fs::write(&path, b"").unwrap();
        source.check().unwrap();
        assert_eq!(source.bytes(), b"content");
    }

    /// Restored to the last byte and time stamp, the file still is not what the reader saw.
    #[cfg(unix)]
    #[test]
    fn a_file_cut_short_while_it_is_mapped_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let rules = Rules { max_bytes: 1 << 20, ..RULES };
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        for (len, read, restored) in [(0, true, false), (0, true, true), (50_000, true, false), (50_000, false, false)]
        {
            let source = open(&path, later(), rules).unwrap();
            assert!(is_mapped(&source));
            source.check().unwrap();
            File::options().write(true).open(&path).unwrap().set_len(len).unwrap();
            if read {
                // The last page is gone.
                assert_eq!(source.bytes().last(), Some(&0));
            }
            std::fs::write(&path, vec![7; 100_000]).unwrap();
            // As if the time stamps had been too coarse to show it.
            let identity = if restored { stat(&path).unwrap() } else { source.identity.clone() };
            let source = Source { identity, ..source };
            assert_eq!(source.check().unwrap_err().kind(), ErrorKind::Changed);
        }
    }

    #[test]
    fn what_is_no_file_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("gone"), folder.path().join("a\0b")] {
            let error = open(&path, later(), RULES).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Missing, "image not found"));
        }
        let file = folder.path().join("f");
        std::fs::write(&file, b"").unwrap();
        assert_eq!(open(&file.join("below"), later(), RULES).unwrap_err().kind(), ErrorKind::Missing);
        assert_eq!(open(&file, later(), RULES).unwrap().bytes(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_to_no_file_are_missing() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (target, link) in [("none", "dangling"), ("loop", "loop"), ("there", "back"), ("back", "there")] {
            symlink(path(target), path(link)).unwrap();
        }
        let long = "x".repeat(5000);
        let deep = "x/".repeat(5000);
        for name in ["dangling", "loop", "back", "there", "loop/below", &long, &deep, "there/../a"] {
            for error in [stat(&path(name)).unwrap_err(), open(&path(name), later(), RULES).unwrap_err()] {
                assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Missing, "image not found"));
            }
        }
    }

    #[test]
    fn long_files_are_refused_before_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, vec![0; 1001]).unwrap();
        assert_eq!(open(&path, later(), RULES).unwrap_err().kind(), ErrorKind::Limit);
    }

    /// Nothing tells of a change there: the file is read each time, and is as good as a settled one but for that.
    #[test]
    fn no_file_settles_on_a_mount_that_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, b"content").unwrap();
        let pretend = |kind| {
            let pretend = pretend::Pretend { kind, read_only: false, mount: 1, unique: true, sets_ctime: false };
            pretend::set(Some(pretend));
            let source = open(&path, later(), RULES);
            pretend::set(None);
            source.unwrap()
        };
        let (trusted, other) = (pretend(Kind::Stamps), pretend(Kind::Other));
        assert_eq!((is_mapped(&other), other.is_settled(), other.bytes()), (false, false, &b"content"[..]));
        if cfg!(unix) {
            assert!(is_mapped(&trusted) && trusted.is_settled());
            assert!(!other.is_recent(), "it was left alone, as far as its time stamps tell");
        }
        let fresh = open(&path, std::fs::metadata(&path).unwrap().modified().unwrap(), RULES).unwrap();
        assert!(fresh.is_recent() && !fresh.is_settled());
    }
}
