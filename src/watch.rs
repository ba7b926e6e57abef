//! Whether work still has a purpose: asked now and then by everything that takes long.

use std::fmt;

use crate::error::{Error, ErrorKind, Result};

/// Says whether somebody still waits for the result, and may wait for it.
#[derive(Clone, Copy)]
pub(crate) struct Watch<'a>(&'a dyn Fn() -> bool);

impl<'a> Watch<'a> {
    /// Work that nothing stops.
    pub(crate) const ALWAYS: Watch<'static> = Watch(&|| true);

    /// Work that goes on for as long as `keep_going` says so.
    pub(crate) const fn new(keep_going: &'a dyn Fn() -> bool) -> Self {
        Self(keep_going)
    }

    /// Fails if the work is to be given up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stopped`].
    pub(crate) fn check(self) -> Result<()> {
        if (self.0)() { Ok(()) } else { Err(Error::new(ErrorKind::Stopped, "took too long and was given up")) }
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
