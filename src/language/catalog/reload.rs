//! Taking up changes of the catalog folder while requests go on (`catalog.md` §10).
//!
//! A host calls [`Library::poll`] every few seconds. A change of an attribute file is taken up once the file has been
//! left alone for a while, together with those of its data files that have changed; a change of a data file alone is
//! not, unless the catalog has to do without it or the file kept the last change from being taken up. What cannot be
//! read leaves the catalog as it was. Requests keep the state that they started with.
//!
//! What was read within the granule of its time stamps is read once more when that has passed ([`doubts`](super::doubts)):
//! an attribute file or a data file that differs then is taken up, and one that does not is not told of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;

use crate::base::error::{Error, Result};

use super::catalogs::Catalogs;
use super::doubts::Moment;
use super::load::{DEFAULT_FILE, Texts, attribute_files};
use super::roster::{Listing, Roster, Sight, TakenUp};
use super::text::Warning;

/// How long an attribute file has to be left alone before it is read, unless the host says otherwise.
pub(crate) const SETTLE_DELAY: Duration = Duration::from_secs(5);

/// The folder that a catalog in memory would lie in: no file does.
const NO_FOLDER: &str = "(memory)";

/// A folder of catalogs and its state.
#[derive(Debug)]
pub(crate) struct Library {
    folder: PathBuf,
    root: PathBuf,
    settle: Duration,
    granule: Duration,
    /// There is no folder.
    is_in_memory: bool,
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
        /// What could not be used; those catalogs are as they were before, or do without it. Each change is reported
        /// once.
        failures: Vec<Error>,
    },
}

impl Library {
    /// Reads what is sound of the catalogs of `folder`; roots of catalogs are relative to `root`. What is not is among
    /// [`failing`](Self::failing). Time stamps of later looks may blur as far as those of this `moment`.
    ///
    /// # Errors
    ///
    /// `default.ini` is missing or cannot be used: the others inherit from it.
    pub(crate) fn open(folder: &Path, root: &Path, moment: Moment) -> Result<Self> {
        let roster = Roster::read(folder, moment)?;
        Ok(Self {
            folder: folder.to_owned(),
            root: root.to_owned(),
            settle: SETTLE_DELAY,
            granule: moment.granule,
            is_in_memory: false,
            current: ArcSwap::from_pointee(roster.catalogs(folder, root)?),
            failing: ArcSwap::from_pointee(roster.failing()),
            state: Mutex::new(State { roster, ..State::default() }),
        })
    }

    /// Takes a default catalog that is text in memory. There are no files to look at later.
    ///
    /// # Errors
    ///
    /// Its attributes cannot be used.
    pub(crate) fn in_memory(texts: Texts, root: &Path, moment: Moment) -> Result<Self> {
        let folder = Path::new(NO_FOLDER);
        let roster = Roster::in_memory(folder.join(DEFAULT_FILE), texts, moment)?;
        Ok(Self {
            folder: folder.to_owned(),
            root: root.to_owned(),
            settle: SETTLE_DELAY,
            granule: moment.granule,
            is_in_memory: true,
            current: ArcSwap::from_pointee(roster.catalogs(folder, root)?),
            failing: ArcSwap::from_pointee(roster.failing()),
            state: Mutex::new(State { roster, ..State::default() }),
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
        if self.is_in_memory {
            return Reload::Unchanged;
        }
        let mut state = self.lock();
        let reload = match self.listing(&mut state) {
            Err(failure) => failure,
            Ok(listing) => {
                state.wait(&listing, now);
                let settled = |since: SystemTime| now.duration_since(since).is_ok_and(|waited| waited >= self.settle);
                let waiting = state.waiting.iter();
                let mut ready: Vec<_> =
                    waiting.filter(|(_, (_, since))| settled(*since)).map(|(path, _)| path.clone()).collect();
                let moment = Moment { now, granule: self.granule };
                let State { roster, waiting, .. } = &mut *state;
                ready.extend(roster.outdated(&listing, moment, |path| waiting.contains_key(path)));
                match (ready.is_empty(), state.waiting.is_empty()) {
                    (false, _) => self.take_up(&mut state, &listing, &ready, moment),
                    (true, false) => Reload::Settling,
                    (true, true) => Reload::Unchanged,
                }
            }
        };
        self.tell_failing(&state);
        reload
    }

    /// Reads every attribute file again, without waiting, and the data files that have changed. `now` is the host's clock.
    pub(crate) fn reload_now(&self, now: SystemTime) -> Reload {
        if self.is_in_memory {
            return Reload::Unchanged;
        }
        let mut state = self.lock();
        state.unlistable = None;
        let reload = match self.listing(&mut state) {
            Err(failure) => failure,
            Ok(listing) => {
                let all = state.roster.gone(&listing).chain(listing.keys()).cloned().collect::<Vec<_>>();
                self.take_up(&mut state, &listing, &all, Moment { now, granule: self.granule })
            }
        };
        self.tell_failing(&state);
        reload
    }

    /// The attribute files as they are now, or that they cannot be listed, which is told once.
    fn listing(&self, state: &mut State) -> std::result::Result<Listing, Reload> {
        match attribute_files(&self.folder) {
            Ok(files) => {
                state.unlistable = None;
                Ok(state.roster.stamped(files))
            }
            Err(error) => match state.unlistable.replace(error.clone()) {
                Some(_) => Err(Reload::Unchanged),
                None => Err(Reload::Done { files: Vec::new(), warnings: Vec::new(), failures: vec![error] }),
            },
        }
    }

    fn take_up(&self, state: &mut State, listing: &Listing, ready: &[PathBuf], moment: Moment) -> Reload {
        ready.iter().for_each(|path| _ = state.waiting.remove(path));
        let TakenUp { files, warnings, failures } = state.roster.take_up(listing, ready, moment);
        // There is a default catalog: the one that there was stays if the new one cannot be used.
        if let Ok(catalogs) = state.roster.catalogs(&self.folder, &self.root) {
            self.current.store(Arc::new(catalogs));
        }
        Reload::Done { files, warnings, failures }
    }

    /// What cannot be used as it is now, and why.
    pub(crate) fn failing(&self) -> Vec<Error> {
        self.failing.load().to_vec()
    }

    fn tell_failing(&self, state: &State) {
        self.failing.store(Arc::new(state.unlistable.iter().cloned().chain(state.roster.failing()).collect()));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is replaced in whole pieces: a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Default)]
struct State {
    roster: Roster,
    /// Changes that wait: what the file is like now, `None` if it is gone, and since when that is known.
    waiting: BTreeMap<PathBuf, (Option<Sight>, SystemTime)>,
    /// Why the folder cannot be listed; it has been told.
    unlistable: Option<Error>,
}

impl State {
    /// Notes what differs from what was last looked into, and since when.
    fn wait(&mut self, listing: &Listing, now: SystemTime) {
        let mut waiting = BTreeMap::new();
        for (path, is) in self.roster.changed(listing) {
            // A clock that was set back starts the wait anew.
            let known = self.waiting.get(&path).filter(|(was, since)| *was == is && *since <= now);
            let since = known.map_or(now, |(_, since)| *since);
            waiting.insert(path, (is, since));
        }
        self.waiting = waiting;
    }
}

#[cfg(test)]
#[path = "reload_tests.rs"]
mod tests;
