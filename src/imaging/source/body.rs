//! A file that is handed on piece by piece, as it was when it was opened.
//!
//! The pieces are read, not mapped. A transfer lasts as long as its client takes, and a mapping would hold one of the
//! guard's slots for all that time; a file that is cut short makes a read short, where a mapping would raise a signal; and
//! a file may be longer than the address space.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use crate::base::cancel::Cancel;
use crate::base::digest::{Digest, Digester, WIDE_PIECE};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::pool::Pool;

use super::{Identity, Mounts, identity_of, look, refused, stat};

/// A long file that is the body of a [`Reply`](crate::Reply), read piece by piece.
///
/// Each piece is checked before it is handed on: the file must still be the one that was opened, with the same length and
/// time stamps. So all pieces are of one content, and a file that is replaced, overwritten or cut short under a transfer
/// ends it with an error. On a mount that is not [trusted](crate::EngineBuilder::trust_mount) a program that overwrites the
/// file may restore all of them, and the transfer goes on with the new bytes. A clone shares the open file.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # std::fs::write(folder.path().join("default.ini"), "StaticContentRootPath=.").unwrap();
/// # std::fs::write(folder.path().join("film.mp4"), vec![7; 3 << 20]).unwrap();
/// let engine = platemark::Engine::builder(folder.path()).build()?;
/// let reply = engine.serve("/is/content/film.mp4");
/// let film = reply.file.unwrap();
/// assert_eq!((film.len(), reply.body.len()), (3 << 20, 0));
/// let mut received = 0;
/// for piece in film.pieces(1000..film.len()) {
///     received += piece?.len();
/// }
/// assert_eq!(received, (3 << 20) - 1000);
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Clone)]
pub struct FileBody(Arc<Open>);

struct Open {
    file: File,
    identity: Identity,
    settled: bool,
    /// Where a read has no offset of its own, reads take turns at the file's cursor.
    #[cfg(not(unix))]
    turn: std::sync::Mutex<()>,
}

impl FileBody {
    /// The most bytes of one piece: 256 KiB.
    pub const PIECE: usize = 256 << 10;

    /// Opens a file as it is at `now`. It is settled if it has been left alone for as long as `settle`, and lies on a mount
    /// that is trusted.
    ///
    /// # Errors
    ///
    /// As [`stat`].
    pub(crate) fn open(path: &Path, now: SystemTime, settle: Duration, mounts: &Mounts) -> Result<Self> {
        // Before opening: that alone would wait for the other end of a pipe.
        stat(path)?;
        let file = File::open(path).map_err(|error| refused(path, &error))?;
        let identity = identity_of(&file, path)?;
        let settled = identity.left_alone(now, settle) && mounts.trusts(&file, path, &identity);
        Ok(Self(Arc::new(Open {
            file,
            identity: Identity::File(identity),
            settled,
            #[cfg(not(unix))]
            turn: std::sync::Mutex::default(),
        })))
    }

    /// Length of the file in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.0.identity.len()
    }

    /// The file holds no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes from `offset` on: as many as there are, no more than `most` and no more than [`PIECE`](Self::PIECE). At
    /// and behind the end of the file there are none.
    ///
    /// The call reads the disk, and the thread waits for it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Changed`]: the file is not what it was when it was opened. [`ErrorKind::Io`]: the system refuses.
    pub fn piece(&self, offset: u64, most: usize) -> Result<Bytes> {
        let left = self.len().saturating_sub(offset);
        let len = most.min(Self::PIECE).min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut piece = vec![0; len];
        self.read(offset, &mut piece)?;
        Ok(piece.into())
    }

    /// The pieces of a range of the file, in their order. After an error there are no more. What lies behind the end of
    /// the file is left out.
    #[must_use]
    pub fn pieces(&self, range: Range<u64>) -> Pieces {
        let end = range.end.min(self.len());
        Pieces { file: self.clone(), rest: range.start.min(end)..end }
    }

    /// Fills a piece, and checks that the file is still the same.
    fn read(&self, offset: u64, piece: &mut [u8]) -> Result<()> {
        let read = self.0.read_exact_at(offset, piece);
        // The time stamps of a file change before its bytes do, so those read before this look are of the old content.
        if self.identity_now()? != self.0.identity {
            return Err(Error::changed());
        }
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Error::changed(),
            _ => unreadable(&error),
        })
    }

    fn identity_now(&self) -> Result<Identity> {
        look::of(&self.0.file).map(Identity::File).map_err(|error| unreadable(&error))
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// What is learned from the bytes may be remembered under the identity.
    pub(crate) fn is_settled(&self) -> bool {
        self.0.settled
    }

    /// The digest of the file. `cancel` is asked before each piece. Idle threads help with a file of several long pieces.
    ///
    /// # Errors
    ///
    /// As [`piece`](Self::piece), and [`ErrorKind::Stopped`].
    pub(crate) fn digest(&self, pool: &Pool, cancel: Cancel<'_>) -> Result<Digest> {
        let mut digester = Digester::default();
        let most = if self.len() > WIDE_PIECE as u64 && pool.idle() > 1 { WIDE_PIECE } else { Self::PIECE };
        let mut piece = vec![0; most];
        let mut offset = 0;
        while offset < self.len() {
            cancel.check()?;
            let len = usize::try_from(self.len() - offset).map_or(most, |left| left.min(most));
            self.read(offset, &mut piece[..len])?;
            digester.update_with(&piece[..len], pool);
            offset += len as u64;
        }
        Ok(digester.finish())
    }
}

impl Open {
    fn read_exact_at(&self, offset: u64, piece: &mut [u8]) -> io::Result<()> {
        #[cfg(unix)]
        return std::os::unix::fs::FileExt::read_exact_at(&self.file, piece, offset);
        #[cfg(not(unix))]
        {
            use std::io::{Read, Seek, SeekFrom};
            let _turn = self.turn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let mut file = &self.file;
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(piece)
        }
    }
}

fn unreadable(error: &io::Error) -> Error {
    Error::new(ErrorKind::Io, "cannot be read").with_detail(error)
}

impl fmt::Debug for FileBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBody").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The pieces of a range of a [`FileBody`].
#[derive(Debug, Clone)]
pub struct Pieces {
    file: FileBody,
    rest: Range<u64>,
}

impl Pieces {
    /// How many bytes are still to come.
    #[must_use]
    pub const fn left(&self) -> u64 {
        self.rest.end.saturating_sub(self.rest.start)
    }
}

impl Iterator for Pieces {
    type Item = Result<Bytes>;

    fn next(&mut self) -> Option<Result<Bytes>> {
        if self.left() == 0 {
            return None;
        }
        let most = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let piece = self.file.piece(self.rest.start, most);
        match &piece {
            Ok(piece) => self.rest.start += piece.len() as u64,
            Err(_) => self.rest.start = self.rest.end,
        }
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const LEN: usize = 3 * FileBody::PIECE + 100;

    fn later() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000)
    }

    fn content() -> Vec<u8> {
        (0..LEN).map(|at| (at / 251 + at) as u8).collect()
    }

    fn file() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film");
        std::fs::write(&path, content()).unwrap();
        (folder, path)
    }

    fn open(path: &Path) -> FileBody {
        FileBody::open(path, later(), Duration::from_secs(2), &Mounts::default()).unwrap()
    }

    fn collected(pieces: Pieces) -> Result<Vec<u8>> {
        let pieces: Vec<Bytes> = pieces.collect::<Result<_>>()?;
        assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= FileBody::PIECE));
        Ok(pieces.concat())
    }

    #[test]
    fn pieces_of_any_range_are_the_bytes_of_the_file() {
        let (_folder, path) = file();
        let (body, content) = (open(&path), content());
        assert_eq!((body.len(), body.is_empty()), (LEN as u64, false));
        for range in [0..LEN, 0..1, 5..5, LEN - 1..LEN, 100..FileBody::PIECE + 100, FileBody::PIECE - 1..LEN] {
            let pieces = body.pieces(range.start as u64..range.end as u64);
            assert_eq!(pieces.left(), range.len() as u64);
            assert!(collected(pieces).unwrap() == content[range.clone()], "{range:?}");
        }
        assert!(collected(body.pieces(LEN as u64 - 3..u64::MAX)).unwrap() == content[LEN - 3..]);
        assert_eq!(body.pieces(LEN as u64..u64::MAX).count(), 0);
        assert_eq!(body.piece(u64::MAX, 9).unwrap(), Bytes::new());
        assert_eq!(body.digest(&Pool::NONE, Cancel::ALWAYS).unwrap(), Digest::of(&content));
        let stopped = body.digest(&Pool::NONE, Cancel::new(&|| false)).unwrap_err();
        assert_eq!(stopped.kind(), ErrorKind::Stopped);
    }

    #[test]
    fn a_file_without_bytes_has_no_pieces() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let body = open(file.path());
        assert!(body.is_empty() && body.pieces(0..9).next().is_none());
        assert_eq!(body.digest(&Pool::NONE, Cancel::ALWAYS).unwrap(), Digest::of(b""));
    }

    /// Whatever is done to the file, no byte that came is another one than it held, and the end of the transfer is an error.
    #[test]
    #[cfg(unix)]
    fn a_file_that_changes_ends_the_transfer() {
        type Change = (&'static str, fn(&Path));
        let changes: [Change; 7] = [
            ("cut short", |path| File::options().write(true).open(path).unwrap().set_len(9).unwrap()),
            ("emptied", |path| drop(File::create(path).unwrap())),
            ("cut short and as long again", |path| {
                let file = File::options().write(true).open(path).unwrap();
                file.set_len(0).unwrap();
                file.set_len(LEN as u64).unwrap();
            }),
            ("overwritten", |path| std::fs::write(path, vec![9; LEN]).unwrap()),
            ("one byte of it", |path| {
                let file = File::options().write(true).open(path).unwrap();
                std::os::unix::fs::FileExt::write_all_at(&file, b"x", LEN as u64 - 1).unwrap();
            }),
            ("longer", |path| File::options().append(true).open(path).unwrap().write_all(b"x").unwrap()),
            ("replaced", |path| {
                std::fs::write(path.with_extension("new"), vec![9; LEN]).unwrap();
                std::fs::rename(path.with_extension("new"), path).unwrap();
            }),
        ];
        for (what, change) in changes {
            let (_folder, path) = file();
            let body = open(&path);
            let mut pieces = body.pieces(0..LEN as u64);
            assert!(pieces.next().unwrap().unwrap() == content()[..FileBody::PIECE]);
            // Further than time stamps can blur.
            std::thread::sleep(Duration::from_millis(20));
            change(&path);
            assert_eq!(pieces.next().unwrap().unwrap_err().kind(), ErrorKind::Changed, "{what}");
            assert!(pieces.next().is_none(), "{what}");
            assert_eq!(body.digest(&Pool::NONE, Cancel::ALWAYS).unwrap_err().kind(), ErrorKind::Changed, "{what}");
        }
    }

    #[test]
    fn restored_dates_do_not_hide_a_change() {
        let (_folder, path) = file();
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        let body = open(&path);
        std::thread::sleep(Duration::from_millis(20));
        std::fs::write(&path, vec![9; LEN]).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        assert_eq!(body.piece(0, 1).is_err(), cfg!(unix), "other systems have no time of change");
    }

    /// A sparse file, so it takes no room.
    #[test]
    fn offsets_beyond_4_gib_work() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film");
        let mut file = File::create(&path).unwrap();
        let len = 5 << 30;
        file.set_len(len).unwrap();
        io::Seek::seek(&mut file, io::SeekFrom::Start(len - 7)).unwrap();
        file.write_all(b"the end").unwrap();
        drop(file);
        let body = open(&path);
        assert_eq!(body.len(), len);
        assert_eq!(collected(body.pieces(len - 10..len)).unwrap(), b"\0\0\0the end");
        assert_eq!(body.pieces(1..len).next().unwrap().unwrap().len(), FileBody::PIECE);
        assert_eq!(body.pieces(1..len).left(), len - 1);
    }

    #[test]
    fn what_is_no_file_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_owned(), folder.path().join("gone")] {
            let error = FileBody::open(&path, later(), Duration::ZERO, &Mounts::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Missing);
        }
    }
}
