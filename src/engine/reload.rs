//! Keeping up with the catalogs' folder (`catalog.md` §10).

use crate::base::error::Error;
use crate::base::observe;
use crate::language::catalog;

use super::state::Engine;

/// What became of a look at the catalogs' folder.
///
/// Requests on their way keep the catalogs that they started with; the next one sees the new ones. A catalog that the
/// engine cannot read stays as it was. Of a new catalog the engine serves the sound part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reload {
    /// Nothing has changed since the last look.
    Unchanged,
    /// Something has changed and may still be changing: it is read at a later look.
    Settling,
    /// Changes were read.
    Done {
        /// The attribute files that were read or are gone.
        files: Vec<String>,
        /// What is odd about the files that were read: one line each, with file and line.
        warnings: Vec<String>,
        /// What could not be used, and why; those catalogs are as they were before, or do without it.
        failures: Vec<Error>,
    },
}

impl Engine {
    /// Looks whether attribute files have changed, and reads those that have been left alone for the [settling
    /// delay](super::EngineBuilder::catalog_settle), with the data files of theirs that changed. A data file that its
    /// catalog has had to do without, or that kept a change from being taken up, is read as soon as it has changed and
    /// settled. A file that had changed less than the [settling time](super::EngineBuilder::settle) before it was read is
    /// read once more, because its time stamps may hide a later change; it is taken up if it differs. The host calls this
    /// every ten seconds or so.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// assert_eq!(engine.poll_catalogs(), platemark::Reload::Unchanged);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    pub fn poll_catalogs(&self) -> Reload {
        self.reloaded(self.inner.library.poll((self.inner.clock)()))
    }

    /// Reads what has changed right now, without waiting for it to settle.
    pub fn reload_catalogs(&self) -> Reload {
        self.reloaded(self.inner.library.reload_now((self.inner.clock)()))
    }

    fn reloaded(&self, reload: catalog::Reload) -> Reload {
        if matches!(reload, catalog::Reload::Done { .. }) {
            self.inner.recent.clear();
        }
        let reload = reload.into();
        if let Reload::Done { files, warnings, failures } = &reload {
            observe::reloaded(files, warnings, failures);
        }
        observe::catalog_faults(self.inner.library.failing().len());
        reload
    }

    /// Tells of what is wrong with the catalogs after the start.
    pub(super) fn tell_of_catalogs(&self) {
        let failing = self.inner.library.failing();
        observe::catalog_faults(failing.len());
        observe::started(&self.inner.library.current().warnings, &failing);
    }

    /// What is wrong with the catalogs: files that cannot be used as they are, as in [`Health`](super::Health), and what is
    /// odd about those in use, such as misspelt attributes, columns and commands. One line each, with file and, where there
    /// is one, line.
    #[must_use]
    pub fn catalog_warnings(&self) -> Vec<String> {
        let failing = self.inner.library.failing();
        let current = self.inner.library.current();
        failing.iter().map(ToString::to_string).chain(current.warnings.iter().map(ToString::to_string)).collect()
    }
}

impl From<catalog::Reload> for Reload {
    fn from(reload: catalog::Reload) -> Self {
        match reload {
            catalog::Reload::Unchanged => Self::Unchanged,
            catalog::Reload::Settling => Self::Settling,
            catalog::Reload::Done { files, warnings, failures } => {
                Self::Done { files, warnings: warnings.iter().map(ToString::to_string).collect(), failures }
            }
        }
    }
}
