//! Looking at sources.

use std::path::Path;

use crate::imaging::source::{Identity, stat};

/// What tells whether a file is still the one it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState(Identity);

impl FileState {
    /// That of the file at a path, by one look at its status; `None` if there is no such file.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        stat(path).ok().map(Self)
    }
}
