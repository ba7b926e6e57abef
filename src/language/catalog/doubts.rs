//! Catalog files that were read so soon after their last change that their time stamps may hide the next one.
//!
//! A file system stamps with a granule of up to two seconds. A file that changes twice within one granule, and keeps its
//! length, looks the same after both changes. So a file whose last change lay less than a granule before it was read is
//! in doubt. Once that granule has passed, [`Doubts::outdated`] reads it again, one time, and compares its content with what
//! was read. The digest is made only of files in doubt.
//!
//! Where a file system stamps with times that programs can set, or stamps late, only length, time stamps and this rule
//! tell that a file has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::base::digest::Digest;

use super::file_stamp::FileStamp;
use super::text::digest_of;

/// When files are read, and how far their time stamps may blur.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// The host's clock, before the first of the files is looked at.
    pub(crate) now: SystemTime,
    /// The time that a file must have been left alone for the next change to show in its time stamps.
    pub(crate) granule: Duration,
}

impl Moment {
    /// A granule has passed since then. The next change of a file that is stamped with that time shows in its time stamps.
    fn is_past(&self, time: SystemTime) -> bool {
        self.now.duration_since(time).is_ok_and(|age| age >= self.granule)
    }
}

/// A file in the state that its time stamps tell.
pub(super) type State = (PathBuf, FileStamp);

/// The files in doubt.
#[derive(Debug, Default)]
pub(super) struct Doubts(BTreeMap<State, Doubt>);

#[derive(Debug)]
struct Doubt {
    /// The most bytes that are read of the file.
    limit: u32,
    /// What the file looked like when it was looked at last; `None`: it was gone.
    seen: Option<FileStamp>,
    /// Since when it has looked so.
    since: SystemTime,
    /// The attribute files of the catalogs that have read the file, and the digest of what each has read; `None`: it could
    /// not be read.
    readers: BTreeMap<PathBuf, Option<Digest>>,
}

impl Doubt {
    /// The file can be read for good: a change from now on shows in its time stamps.
    ///
    /// The clock of a file server may be ahead of the host's. A file that is stamped with a time to come is given as long
    /// as others since it was first seen.
    fn is_due(&self, moment: Moment) -> bool {
        match self.seen {
            Some(seen) if seen.changed() <= moment.now => moment.is_past(seen.changed()),
            _ => moment.is_past(self.since),
        }
    }
}

impl Doubts {
    /// The file was in doubt when it was read in this state.
    pub(super) fn hold(&self, path: &Path, stamp: FileStamp) -> bool {
        self.0.contains_key(&(path.to_owned(), stamp))
    }

    /// Whether the digest of a file is needed that is read now.
    pub(super) fn want_digest(&self, path: &Path, stamp: FileStamp, moment: Moment) -> bool {
        !moment.is_past(stamp.changed()) || self.hold(path, stamp)
    }

    /// Notes what the catalog of the attribute file `reader` has read of a file, of at most `limit` bytes.
    pub(super) fn note(
        &mut self,
        (path, stamp, limit): (&Path, FileStamp, u32),
        reader: &Path,
        digest: Option<Digest>,
        moment: Moment,
    ) {
        if !self.want_digest(path, stamp, moment) {
            return;
        }
        let new = || Doubt { limit, seen: Some(stamp), since: moment.now, readers: BTreeMap::new() };
        let doubt = self.0.entry((path.to_owned(), stamp)).or_insert_with(new);
        doubt.readers.insert(reader.to_owned(), digest);
    }

    /// Forgets what the catalog of an attribute file has read, but for these states: it has been read again, or is gone.
    pub(super) fn forget(&mut self, reader: &Path, but: &BTreeSet<State>) {
        self.0.retain(|state, doubt| {
            if !but.contains(state) {
                doubt.readers.remove(reader);
            }
            !doubt.readers.is_empty()
        });
    }

    /// Reads the files in doubt whose granule has passed. Returns the attribute files of the catalogs that have read other
    /// content than there is now, and the states that this content was taken for. A file that a catalog is `busy` with
    /// stays in doubt: it is read in any case.
    pub(super) fn outdated(
        &mut self,
        moment: Moment,
        busy: impl Fn(&Path) -> bool,
    ) -> (BTreeSet<PathBuf>, BTreeSet<State>) {
        let (mut readers, mut states) = (BTreeSet::new(), BTreeSet::new());
        self.0.retain(|state, doubt| {
            let seen = FileStamp::of(&state.0).ok();
            // A clock that was set back starts the wait anew.
            if seen != doubt.seen || moment.now < doubt.since {
                (doubt.seen, doubt.since) = (seen, moment.now);
            }
            // One that is gone stays in doubt: catalogs keep what they have read until it is there again.
            if seen.is_none() || !doubt.is_due(moment) {
                return true;
            }
            let is = digest_of(&state.0, doubt.limit);
            let behind = doubt.readers.iter().filter(|(_, read)| **read != is).map(|(reader, _)| reader);
            let behind: Vec<_> = behind.cloned().collect();
            if behind.iter().any(|reader| busy(reader)) {
                return true;
            }
            if !behind.is_empty() {
                readers.extend(behind);
                states.insert(state.clone());
            }
            false
        });
        (readers, states)
    }
}
