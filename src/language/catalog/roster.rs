//! The catalogs of a folder as they were last read, and which of them a new reading replaces.
//!
//! A catalog whose attribute file or data files are at fault stays as it was. If it was not there before, at the start
//! above all, what is sound of it is served. In both cases the data files at fault are looked at again.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::base::error::{Error, ErrorKind, Result};

use super::catalogs::Catalogs;
use super::doubts::{Doubts, Moment, State};
use super::file_stamp::FileStamp;
use super::load::{DEFAULT_FILE, Loaded, Texts, all_files, is_default};
use super::own_files::OwnFiles;
use super::shelf::Shelf;
use super::text::{Warning, error_in, file_name};

/// What is seen of a catalog without reading it: its attribute file, and the data files at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sight {
    attributes: FileStamp,
    /// By path; `None`: there is no such file.
    faulty: Stamps,
}

/// States of data files by path.
type Stamps = BTreeMap<PathBuf, Option<FileStamp>>;

/// Attribute files by path.
pub(super) type Listing = BTreeMap<PathBuf, Sight>;

/// What became of reading attribute files.
#[derive(Debug)]
pub(super) struct TakenUp {
    /// The attribute files that were read or are gone, by the last part of their paths.
    pub(super) files: Vec<String>,
    /// What is odd about the files that were read.
    pub(super) warnings: Vec<Warning>,
    /// What could not be used.
    pub(super) failures: Vec<Error>,
}

/// The catalogs of a folder.
#[derive(Debug, Default)]
pub(super) struct Roster {
    /// Attribute files as they were when they were last looked into, with success or without.
    seen: Listing,
    /// The catalogs in use by the paths of their attribute files.
    loaded: BTreeMap<PathBuf, Arc<Loaded>>,
    /// By path, attribute files that were not taken up as they are now, and why.
    failing: BTreeMap<PathBuf, Vec<Error>>,
    /// By attribute file, the data files that kept its last reading from being taken up.
    faulty: BTreeMap<PathBuf, Vec<PathBuf>>,
    /// Attribute files whose RootId was taken, each with the file that has it: it may be free after the next change.
    refused: BTreeMap<PathBuf, PathBuf>,
    /// The files that attribute files name, with success or without.
    own_files: OwnFiles,
    /// Files whose next change may not show in their time stamps.
    doubts: Doubts,
    /// States of files that have turned out to hold other content than was read.
    outdated: BTreeSet<State>,
}

impl Roster {
    /// Reads what is sound of a folder.
    ///
    /// # Errors
    ///
    /// It cannot be listed, or there is no `default.ini`.
    pub(super) fn read(folder: &Path, moment: Moment) -> Result<Self> {
        let mut roster = Self::default();
        let listing = roster.stamped(all_files(folder)?);
        roster.take_up(&listing, &listing.keys().cloned().collect::<Vec<_>>(), moment);
        Ok(roster)
    }

    /// A default catalog in memory, whose attribute file would have this path.
    ///
    /// # Errors
    ///
    /// Its attributes cannot be used.
    pub(super) fn in_memory(path: PathBuf, texts: Texts, moment: Moment) -> Result<Self> {
        let loaded = Arc::new(Loaded::in_memory(&path, texts, moment.now)?);
        Ok(Self { loaded: BTreeMap::from([(path, loaded)]), ..Self::default() })
    }

    /// What is seen of attribute files. One that goes away meanwhile is not there.
    pub(super) fn stamped(&self, files: Vec<PathBuf>) -> Listing {
        let sight = |path: PathBuf| {
            let attributes = FileStamp::of(&path).ok()?;
            let refused = self.faulty.get(&path).into_iter().flatten();
            let faulty = self.without(&path).chain(refused).map(|file| (file.clone(), FileStamp::of(file).ok()));
            let faulty = faulty.collect();
            Some((path, Sight { attributes, faulty }))
        };
        files.into_iter().filter_map(sight).collect()
    }

    /// The data files at fault of the catalog in use.
    fn without(&self, path: &Path) -> impl Iterator<Item = &PathBuf> {
        self.loaded.get(path).into_iter().flat_map(|loaded| loaded.faulty()).map(|file| &file.path)
    }

    /// What was seen, with the files only that the catalog in use does without: a reading is not taken up.
    fn staying(&self, path: &Path, sight: &Sight) -> Sight {
        let stamp = |file: &PathBuf| Some((file.clone(), *sight.faulty.get(file)?));
        Sight { attributes: sight.attributes, faulty: self.without(path).filter_map(stamp).collect() }
    }

    /// The attribute files that are there no more.
    pub(super) fn gone<'a>(&'a self, listing: &'a Listing) -> impl Iterator<Item = &'a PathBuf> {
        self.seen.keys().filter(|path| !listing.contains_key(*path))
    }

    /// What differs from what was last looked into, and what it is like now; `None` if it is gone.
    pub(super) fn changed(&self, listing: &Listing) -> BTreeMap<PathBuf, Option<Sight>> {
        let differs = |path: &&PathBuf| self.seen.get(*path) != listing.get(*path);
        let all = self.seen.keys().chain(listing.keys());
        all.filter(differs).map(|path| (path.clone(), listing.get(path).cloned())).collect()
    }

    /// The attribute files of catalogs that have read a file before its last change, which its time stamps do not show.
    /// `busy`: those that wait to be read for another change.
    pub(super) fn outdated(
        &mut self,
        listing: &Listing,
        moment: Moment,
        busy: impl Fn(&Path) -> bool,
    ) -> BTreeSet<PathBuf> {
        let (mut readers, states) = self.doubts.outdated(moment, busy);
        self.outdated.extend(states);
        readers.retain(|reader| listing.contains_key(reader));
        readers
    }

    /// Reads attribute files that are new or have changed, and forgets those that are gone.
    pub(super) fn take_up(&mut self, listing: &Listing, ready: &[PathBuf], moment: Moment) -> TakenUp {
        let (doubts, outdated) = (std::mem::take(&mut self.doubts), std::mem::take(&mut self.outdated));
        let mut shelf = Shelf::new(moment, doubts, outdated).with(self.loaded.values().map(AsRef::as_ref));
        let (mut files, mut failures) = (Vec::new(), Vec::new());
        let mut fresh = BTreeMap::new();
        let again = std::mem::take(&mut self.refused);
        for path in again.keys().filter(|path| !ready.contains(path) && listing.contains_key(*path)).chain(ready) {
            self.failing.remove(path);
            self.faulty.remove(path);
            let Some(sight) = listing.get(path) else {
                self.seen.remove(path);
                shelf.visit.doubts.forget(path, &BTreeSet::new());
                if is_default(path) {
                    self.failing
                        .insert(path.clone(), vec![error_in(path, "is gone; the default catalog stays as it was")]);
                } else if self.loaded.remove(path).is_some() {
                    files.push(file_name(path));
                }
                failures.extend(self.failing.get(path).into_iter().flatten().cloned());
                continue;
            };
            let before = self.loaded.get(path);
            shelf.visit.begin(path);
            let read = Loaded::read(path, &mut shelf);
            shelf.visit.end();
            match read {
                Ok(loaded) if before.is_none_or(|before| !loaded.has_less_than(before)) => {
                    let seen = Sight { attributes: sight.attributes, faulty: stamps(&loaded) };
                    self.seen.insert(path.clone(), seen);
                    fresh.insert(path.clone(), Arc::new(loaded));
                }
                // A process is writing a file; the next poll sees the change again.
                Ok(loaded) if loaded.faults().any(is_passing) => {
                    self.faulty.insert(path.clone(), stamps(&loaded).into_keys().collect());
                    failures.extend(loaded.faults().cloned());
                }
                read => {
                    let (errors, faulty) = match read {
                        Ok(loaded) => (loaded.faults().cloned().collect(), stamps(&loaded)),
                        Err(error) => (vec![error], Stamps::new()),
                    };
                    let mut seen = self.staying(path, sight);
                    self.faulty.insert(path.clone(), faulty.keys().cloned().collect());
                    seen.faulty.extend(faulty);
                    self.seen.insert(path.clone(), seen);
                    failures.extend(errors.iter().cloned());
                    self.failing.insert(path.clone(), errors);
                }
            }
        }
        self.own_files.update(std::mem::take(&mut shelf.visit.own_files), |path| !listing.contains_key(path));
        self.refused = settle_root_ids(&self.loaded, &mut fresh);
        for (path, sight) in self.refused.keys().filter_map(|path| Some((path, listing.get(path)?))) {
            // Its own data files do not matter: it waits for the RootId.
            let seen = self.staying(path, sight);
            self.seen.insert(path.clone(), seen);
        }
        failures.extend(fresh.values().flat_map(|loaded| loaded.faults().cloned()));
        failures.extend(self.refused.iter().map(|(path, other)| taken(path, other)));
        files.extend(fresh.keys().map(|path| file_name(path)));
        self.loaded.extend(fresh);
        self.doubts = shelf.visit.doubts;
        TakenUp { files, warnings: shelf.visit.warnings.into_list(), failures: each_once(failures) }
    }

    /// What cannot be used as it is now, and why: files that were not taken up, and the attributes and data files that
    /// catalogs do without.
    pub(super) fn failing(&self) -> Vec<Error> {
        let without = self.loaded.values().flat_map(|loaded| loaded.faults().cloned());
        let refused = self.refused.iter().map(|(path, other)| taken(path, other));
        each_once(self.failing.values().flatten().cloned().chain(without).chain(refused).collect())
    }

    /// The catalogs in use.
    ///
    /// # Errors
    ///
    /// The default catalog has never been read.
    pub(super) fn catalogs(&self, folder: &Path, root: &Path) -> Result<Catalogs> {
        let path = folder.join(DEFAULT_FILE);
        let Some(default) = self.loaded.get(&path) else {
            let why = self.failing.get(&path).and_then(|errors| errors.first().cloned());
            return Err(why.unwrap_or_else(|| error_in(&path, "cannot be read")));
        };
        let all: Vec<&Loaded> = self.loaded.values().map(AsRef::as_ref).collect();
        let left_out = self.own_files.roots().filter(|(path, _)| !self.loaded.contains_key(*path));
        let closed: Vec<PathBuf> = left_out.map(|(_, text)| root.join(text)).collect();
        Ok(Catalogs::of(root, default, &all, &self.own_files, &closed))
    }
}

impl Catalogs {
    /// Reads what is sound of the catalogs of `folder`.
    ///
    /// # Errors
    ///
    /// `default.ini` is missing or cannot be read, or an attribute there that decides who may reach what is malformed. The
    /// text names the file and, where there is one, the line.
    #[cfg_attr(
        not(any(test, feature = "internals")),
        expect(dead_code, reason = "the engine opens a library, which can reload")
    )]
    pub(crate) fn load(folder: &Path, root: &Path) -> Result<Self> {
        // They are not read again.
        let moment = Moment { now: SystemTime::UNIX_EPOCH, granule: Duration::ZERO };
        Roster::read(folder, moment)?.catalogs(folder, root)
    }
}

/// The data files at fault as they were when the catalog was read.
fn stamps(loaded: &Loaded) -> Stamps {
    loaded.faulty().map(|file| (file.path.clone(), file.stamp())).collect()
}

/// A file was changed while it was read.
fn is_passing(error: &Error) -> bool {
    error.kind() == ErrorKind::Changed
}

/// Several catalogs may have one file.
fn each_once(mut errors: Vec<Error>) -> Vec<Error> {
    let mut seen = HashSet::new();
    errors.retain(|error| seen.insert((error.to_string(), error.detail().map(str::to_owned))));
    errors
}

/// Gives each RootId to one catalog. An old catalog wins over a new one; of two new ones, the first by file name wins.
/// The losers are removed from `fresh` and stay as they were. Returns them, each with the file that has its RootId.
fn settle_root_ids(
    next: &BTreeMap<PathBuf, Arc<Loaded>>,
    fresh: &mut BTreeMap<PathBuf, Arc<Loaded>>,
) -> BTreeMap<PathBuf, PathBuf> {
    let mut refused = BTreeMap::new();
    // Refusing a new catalog can bring back an old one that needs the RootId of another new catalog. So the check is
    // repeated, at most once for each new catalog.
    loop {
        let staying = next.iter().filter(|(path, _)| !fresh.contains_key(*path));
        let mut owners = BTreeMap::new();
        let loser = staying.chain(fresh.iter()).find_map(|(path, loaded)| {
            let owner = owners.insert(loaded.root_id.as_str(), path)?;
            Some((path.clone(), owner.clone()))
        });
        let Some((path, owner)) = loser else { return refused };
        if fresh.remove(&path).is_none() {
            return refused;
        }
        refused.insert(path, owner);
    }
}

fn taken(path: &Path, owner: &Path) -> Error {
    let at = format!("{}: RootId of {}", file_name(path), file_name(owner));
    error_in(path, "is taken; remove one of the two files").at(&at)
}
