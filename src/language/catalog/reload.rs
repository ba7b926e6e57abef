//! Taking up changes of the catalog folder while requests go on (`catalog.md` §10).
//!
//! A host calls [`Library::poll`] every few seconds. A change of an attribute file is taken up once the file has been
//! left alone for a while, together with those of its data files that have changed; a change of a data file alone is
//! not. What cannot be read leaves the catalog as it was. Requests keep the state that they started with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

use crate::base::error::{Error, ErrorKind, Result};

use super::catalogs::Catalogs;
use super::file_stamp::FileStamp;
use super::load::{Loaded, Shelf, all_files, attribute_files, is_default};
use super::text::{Warning, error_in, file_name};

/// How long an attribute file has to be left alone before it is read, unless the host says otherwise.
pub(crate) const SETTLE_DELAY: Duration = Duration::from_secs(5);

/// A folder of catalogs and its state.
#[derive(Debug)]
pub(crate) struct Library {
    folder: PathBuf,
    root: PathBuf,
    settle: Duration,
    current: ArcSwap<Catalogs>,
    state: Mutex<State>,
    /// What cannot be used, for those who must not wait while catalogs are read.
    failing: ArcSwap<Vec<Error>>,
}

/// What became of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reload {
    /// Nothing has changed, or nothing that has not been reported.
    Unchanged,
    /// Attribute files have changed and have not been left alone for long enough.
    Settling,
    /// Changes were looked at.
    Done {
        /// The attribute files that were read or are gone, by the last part of their paths.
        files: Vec<String>,
        /// What is odd about the files that were read.
        warnings: Vec<Warning>,
        /// What could not be used; those catalogs are as they were before. Each change is reported once.
        failures: Vec<Error>,
    },
}

/// Attribute files by path.
type Listing = BTreeMap<PathBuf, FileStamp>;

#[derive(Debug, Default)]
struct State {
    /// Attribute files as they were when they were last looked into, with success or without.
    seen: Listing,
    /// The catalogs in use by the paths of their attribute files.
    loaded: BTreeMap<PathBuf, Arc<Loaded>>,
    /// Changes that wait: what the file is like now, `None` if it is gone, and since when that is known.
    waiting: BTreeMap<PathBuf, (Option<FileStamp>, SystemTime)>,
    /// What cannot be used as it is now, and why, by path: attribute files, and the folder.
    failing: BTreeMap<PathBuf, Error>,
    /// Attribute files whose RootId was taken: it may be free after the next change.
    refused: BTreeSet<PathBuf>,
    /// That the folder cannot be listed has been reported.
    unlistable: bool,
}

impl Library {
    /// Reads all catalogs of `folder`; roots of catalogs are relative to `root`.
    ///
    /// # Errors
    ///
    /// As for [`Catalogs::load`]: at the start there is nothing to fall back on.
    pub(crate) fn open(folder: &Path, root: &Path) -> Result<Self> {
        let seen = stamped(all_files(folder)?);
        let mut shelf = Shelf::default();
        let mut loaded = BTreeMap::new();
        for path in seen.keys() {
            loaded.insert(path.clone(), Arc::new(Loaded::read(path, &mut shelf)?));
        }
        let catalogs = assemble(folder, root, &loaded, shelf.warnings.into_list())?;
        Ok(Self {
            folder: folder.to_owned(),
            root: root.to_owned(),
            settle: SETTLE_DELAY,
            current: ArcSwap::from_pointee(catalogs),
            state: Mutex::new(State { seen, loaded, ..State::default() }),
            failing: ArcSwap::default(),
        })
    }

    /// The same with another settling delay.
    pub(crate) const fn with_settle_delay(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }

    /// The catalogs as they are now. A request asks once and works with what it got.
    pub(crate) fn current(&self) -> Arc<Catalogs> {
        self.current.load_full()
    }

    /// Looks for changes and takes up those that have settled. `now` is the host's clock.
    pub(crate) fn poll(&self, now: SystemTime) -> Reload {
        let mut state = self.lock();
        let reload = self.look(&mut state, now);
        self.tell_failing(&state);
        reload
    }

    fn look(&self, state: &mut State, now: SystemTime) -> Reload {
        let listing = match listing(&self.folder) {
            Ok(listing) => listing,
            Err(error) => {
                let known = std::mem::replace(&mut state.unlistable, true);
                state.failing.insert(self.folder.clone(), error.clone());
                return if known { Reload::Unchanged } else { Reload::failed(error) };
            }
        };
        if std::mem::take(&mut state.unlistable) {
            state.failing.remove(&self.folder);
        }
        state.wait(&listing, now);
        let settled = |since: SystemTime| now.duration_since(since).is_ok_and(|waited| waited >= self.settle);
        let ready: Vec<PathBuf> =
            state.waiting.iter().filter(|(_, (_, since))| settled(*since)).map(|(path, _)| path.clone()).collect();
        if !ready.is_empty() {
            return self.take_up(state, &listing, &ready);
        }
        if state.waiting.is_empty() { Reload::Unchanged } else { Reload::Settling }
    }

    /// Reads every attribute file again, without waiting, and the data files that have changed.
    pub(crate) fn reload_now(&self) -> Reload {
        let mut state = self.lock();
        let reload = match listing(&self.folder) {
            Ok(listing) => {
                state.failing.remove(&self.folder);
                state.unlistable = false;
                let gone = state.seen.keys().filter(|path| !listing.contains_key(*path));
                let all: Vec<PathBuf> = gone.chain(listing.keys()).cloned().collect();
                self.take_up(&mut state, &listing, &all)
            }
            Err(error) => {
                state.unlistable = true;
                state.failing.insert(self.folder.clone(), error.clone());
                Reload::failed(error)
            }
        };
        self.tell_failing(&state);
        reload
    }

    /// What is served as it was before, because it cannot be used as it is now; by file name.
    pub(crate) fn failing(&self) -> Vec<Error> {
        self.failing.load().to_vec()
    }

    fn tell_failing(&self, state: &State) {
        let refused = state.refused.iter().map(|path| taken(path));
        self.failing.store(Arc::new(state.failing.values().cloned().chain(refused).collect()));
    }

    /// Reads attribute files that are new or have changed, and forgets those that are gone.
    fn take_up(&self, state: &mut State, listing: &Listing, ready: &[PathBuf]) -> Reload {
        let mut shelf = Shelf::of(state.loaded.values().map(AsRef::as_ref));
        let (mut files, mut failures) = (Vec::new(), Vec::new());
        let mut fresh = BTreeMap::new();
        let mut next = state.loaded.clone();
        let again = std::mem::take(&mut state.refused);
        for path in again.iter().filter(|path| !ready.contains(path) && listing.contains_key(*path)).chain(ready) {
            state.waiting.remove(path);
            state.failing.remove(path);
            let Some(stamp) = listing.get(path) else {
                state.seen.remove(path);
                if is_default(path) {
                    let error = error_in(path, "is gone; the default catalog stays as it was");
                    state.failing.insert(path.clone(), error.clone());
                    failures.push(error);
                } else if next.remove(path).is_some() {
                    files.push(file_name(path));
                }
                continue;
            };
            match Loaded::read(path, &mut shelf) {
                Ok(loaded) => {
                    state.seen.insert(path.clone(), *stamp);
                    fresh.insert(path.clone(), Arc::new(loaded));
                }
                // Somebody is writing: the next poll will see it as a change still.
                Err(error) if error.kind() == ErrorKind::Changed => failures.push(error),
                Err(error) => {
                    state.seen.insert(path.clone(), *stamp);
                    state.failing.insert(path.clone(), error.clone());
                    failures.push(error);
                }
            }
        }
        state.refused = settle_root_ids(&next, &mut fresh);
        failures.extend(state.refused.iter().map(|path| taken(path)));
        files.extend(fresh.keys().map(|path| file_name(path)));
        next.extend(fresh);
        let warnings = shelf.warnings.into_list();
        match assemble(&self.folder, &self.root, &next, warnings.clone()) {
            Ok(catalogs) => {
                state.loaded = next;
                state.failing.remove(&self.folder);
                self.current.store(Arc::new(catalogs));
            }
            Err(error) => {
                files.clear();
                state.failing.insert(self.folder.clone(), error.clone());
                failures.push(error);
            }
        }
        Reload::Done { files, warnings, failures }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is replaced in whole pieces: a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reload {
    fn failed(error: Error) -> Self {
        Self::Done { files: Vec::new(), warnings: Vec::new(), failures: vec![error] }
    }
}

impl State {
    /// Notes what differs from what was last looked into, and since when.
    fn wait(&mut self, listing: &Listing, now: SystemTime) {
        let differs = |path: &PathBuf| self.seen.get(path) != listing.get(path);
        let changed = self.seen.keys().chain(listing.keys()).filter(|path| differs(path));
        let mut waiting = BTreeMap::new();
        for path in changed {
            let is = listing.get(path).copied();
            // A clock that was set back starts the wait anew.
            let known = self.waiting.get(path).filter(|(was, since)| *was == is && *since <= now);
            waiting.insert(path.clone(), known.copied().unwrap_or((is, now)));
        }
        self.waiting = waiting;
    }
}

/// Sees to it that no two catalogs have one RootId: of one that stays and a new one, the one that stays keeps it; of two
/// new ones, the first by the name of its file. Those that lose it are taken out of `fresh`, and so stay as they were.
fn settle_root_ids(
    next: &BTreeMap<PathBuf, Arc<Loaded>>,
    fresh: &mut BTreeMap<PathBuf, Arc<Loaded>>,
) -> BTreeSet<PathBuf> {
    let mut refused = BTreeSet::new();
    // A catalog that stays as it was may need the RootId that another new one has just been given: then that is refused
    // as well, so it takes a turn for each at most.
    loop {
        let staying = next.iter().filter(|(path, _)| !fresh.contains_key(*path));
        let mut taken = BTreeSet::new();
        let loser = staying.chain(fresh.iter()).find(|(_, loaded)| !taken.insert(loaded.root_id.as_str()));
        let Some(path) = loser.map(|(path, _)| path.clone()) else { return refused };
        if fresh.remove(&path).is_none() {
            return refused;
        }
        refused.insert(path);
    }
}

fn taken(path: &Path) -> Error {
    error_in(path, "has the RootId of another catalog")
}

fn listing(folder: &Path) -> Result<Listing> {
    attribute_files(folder).map(stamped)
}

/// A file that goes away meanwhile is not there.
fn stamped(files: Vec<PathBuf>) -> Listing {
    files.into_iter().filter_map(|path| FileStamp::of(&path).ok().map(|stamp| (path, stamp))).collect()
}

fn assemble(
    folder: &Path,
    root: &Path,
    loaded: &BTreeMap<PathBuf, Arc<Loaded>>,
    warnings: Vec<Warning>,
) -> Result<Catalogs> {
    Catalogs::of(folder, root, &loaded.values().map(AsRef::as_ref).collect::<Vec<_>>(), warnings)
}

#[cfg(test)]
#[path = "reload_tests.rs"]
mod tests;
