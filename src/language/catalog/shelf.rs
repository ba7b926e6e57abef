//! Data files that several catalogs, and several states of them, have in common.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};

use super::data_table::{FromRow, Sound, Table};
use super::doubts::{Doubts, Moment, State};
use super::file_stamp::FileStamp;
use super::macros::{Macros, Profiles};
use super::own_files::OwnFiles;
use super::record::Record;
use super::static_record::StaticRecord;
use super::text::{Warning, Warnings, bytes_of, file_name, text_of};

/// A data file that several catalogs, and several states of them, may have in common.
#[derive(Debug)]
pub(super) struct Shared<T> {
    /// What is sound of the file.
    pub(super) content: Arc<T>,
    about: Arc<About>,
}

/// A data file as it was when it was read.
#[derive(Debug)]
pub(super) struct About {
    pub(super) path: PathBuf,
    /// `None`: there was no such file.
    stamp: Option<FileStamp>,
    /// Of the bytes that were read, if the file was in doubt then.
    digest: Option<Digest>,
    /// Why it cannot be used, or not as a whole.
    pub(super) fault: Option<Error>,
    pub(super) warnings: Vec<Warning>,
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { content: Arc::clone(&self.content), about: Arc::clone(&self.about) }
    }
}

/// For each path, the states of the file that catalogs use. A catalog whose attribute file was not touched keeps an
/// older state.
pub(super) type Files<T> = HashMap<PathBuf, Vec<Shared<T>>>;

/// Data files that have been read, so that one that has not changed is not read again.
#[derive(Debug)]
pub(super) struct Shelf {
    pub(super) records: Files<Table<Record>>,
    pub(super) statics: Files<Table<StaticRecord>>,
    pub(super) macros: Files<Macros>,
    /// The default catalog's have the built-in ones among them.
    pub(super) default_macros: Files<Macros>,
    pub(super) profiles: Files<Profiles>,
    pub(super) visit: Visit,
}

/// What comes up while the files of a catalog are read.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) moment: Moment,
    pub(super) doubts: Doubts,
    /// States of files whose content is another one than was read.
    pub(super) outdated: BTreeSet<State>,
    /// The attribute file of the catalog that is being read.
    reader: PathBuf,
    /// The states of its files that are in doubt.
    noted: BTreeSet<State>,
    pub(super) warnings: Warnings,
    /// What the attribute files that are read say about files.
    pub(super) own_files: OwnFiles,
}

impl Shelf {
    /// An empty one.
    pub(super) fn new(moment: Moment, doubts: Doubts, outdated: BTreeSet<State>) -> Self {
        Self {
            records: Files::new(),
            statics: Files::new(),
            macros: Files::new(),
            default_macros: Files::new(),
            profiles: Files::new(),
            visit: Visit {
                moment,
                doubts,
                outdated,
                reader: PathBuf::new(),
                noted: BTreeSet::new(),
                warnings: Warnings::default(),
                own_files: OwnFiles::default(),
            },
        }
    }
}

impl Visit {
    /// The catalog of that attribute file is read from now on.
    pub(super) fn begin(&mut self, reader: &Path) {
        reader.clone_into(&mut self.reader);
    }

    /// It has been read: what it read before no longer matters.
    pub(super) fn end(&mut self) {
        self.doubts.forget(&self.reader, &std::mem::take(&mut self.noted));
    }

    /// Reads a file in this state, and notes whether it has to be read again. The second value is its digest, if it has to.
    pub(super) fn bytes(
        &mut self,
        path: &Path,
        stamp: Option<FileStamp>,
        limit: u32,
    ) -> (Result<Vec<u8>>, Option<Digest>) {
        let bytes = bytes_of(path, limit);
        let in_doubt = stamp.filter(|stamp| self.doubts.want_digest(path, *stamp, self.moment));
        let digest = in_doubt.and(bytes.as_deref().ok()).map(Digest::of);
        if let Some(stamp) = in_doubt {
            self.doubts.note((path, stamp, limit), &self.reader, digest, self.moment);
            self.noted.insert((path.to_owned(), stamp));
        }
        (bytes, digest)
    }
}

impl<T: FromRow> Shared<Table<T>> {
    /// A data file that is text in memory; the path is what errors call it.
    pub(super) fn in_memory(path: &Path, text: String) -> Self {
        let mut warnings = Warnings::default();
        let made = Table::new(path, text, &mut warnings);
        let (content, fault) = made.unwrap_or_else(|error| (Table::empty(), Some(error)));
        let about = About { path: path.to_owned(), stamp: None, digest: None, fault, warnings: warnings.into_list() };
        Self { content: Arc::new(content), about: Arc::new(about) }
    }
}

impl<T> Shared<T> {
    /// Puts a file of a catalog in use on a shelf. A faulty one is read again: it may be readable now.
    pub(super) fn put(&self, shelf: &mut Files<T>, outdated: &BTreeSet<State>) {
        let About { path, stamp, digest, fault, .. } = &*self.about;
        if fault.is_none() && stamp.is_none_or(|stamp| !outdated.contains(&(path.clone(), stamp))) {
            let states = shelf.entry(path.clone()).or_default();
            if !states.iter().any(|known| known.about.stamp == *stamp && known.about.digest == *digest) {
                states.push(self.clone());
            }
        }
    }
}

/// The data files of a list, in its order.
pub(super) fn tables<T: FromRow>(
    files: Vec<PathBuf>,
    shelf: &mut Files<Table<T>>,
    visit: &mut Visit,
) -> Vec<Shared<Table<T>>> {
    let mut one = |file| take((file, u32::MAX), shelf, visit, Table::empty, Table::new);
    files.into_iter().map(&mut one).collect()
}

/// A data file from the shelf, if it has not changed since it was put there; else what `make` finds sound in its text, or
/// `empty` if it cannot be used at all. The file may have as many bytes as the number beside its path says.
pub(super) fn take<T>(
    (path, limit): (PathBuf, u32),
    shelf: &mut Files<T>,
    visit: &mut Visit,
    empty: impl FnOnce() -> T,
    make: impl FnOnce(&Path, String, &mut Warnings) -> Result<Sound<T>>,
) -> Shared<T> {
    let stamp = FileStamp::of(&path).ok();
    let known = |digest: Option<Option<Digest>>| {
        let same =
            |known: &&Shared<T>| known.about.stamp == stamp && digest.is_none_or(|digest| known.about.digest == digest);
        // One that could not be read may be readable now.
        stamp.and(shelf.get(&path)).and_then(|states| states.iter().find(same)).cloned()
    };
    let in_doubt = stamp.is_some_and(|stamp| visit.doubts.hold(&path, stamp));
    if let Some(known) = known(None).filter(|_| !in_doubt) {
        return known;
    }
    let (bytes, digest) = visit.bytes(&path, stamp, limit);
    if let Some(known) = digest.and_then(|digest| known(Some(Some(digest)))) {
        return known;
    }
    let mut own = Warnings::default();
    let made = bytes.and_then(|bytes| make(&path, text_of(&path, bytes, &mut own)?, &mut own)).and_then(|made| {
        if FileStamp::of(&path).ok() == stamp {
            Ok(made)
        } else {
            Err(Error::new(ErrorKind::Changed, "was changed while it was read").at(&file_name(&path)))
        }
    });
    let own = own.into_list();
    visit.warnings.extend(&own);
    let is_made = made.is_ok();
    let (content, fault) = made.unwrap_or_else(|error| (empty(), Some(error)));
    let about = About { path: path.clone(), stamp, digest, fault, warnings: own };
    let shared = Shared { content: Arc::new(content), about: Arc::new(about) };
    if is_made {
        shelf.entry(path).or_default().push(shared.clone());
    }
    shared
}

pub(super) fn about<T>(file: &Shared<T>) -> &Arc<About> {
    &file.about
}

impl About {
    /// What the file was like when it was read.
    pub(super) const fn stamp(&self) -> Option<FileStamp> {
        self.stamp
    }
}
