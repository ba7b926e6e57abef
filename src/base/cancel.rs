//! Whether work still has a purpose: asked now and then by everything that takes long.

use std::fmt;
use std::time::Instant;

use crate::base::clock::now;
use crate::base::error::{Error, ErrorKind, Result};

/// Samples that a stage goes through at most before it asks again: a few milliseconds of the slowest kernels.
pub(crate) const STRIDE: usize = 1 << 18;

/// Says whether the caller still wants the result, and whether there is time for it.
#[derive(Clone, Copy)]
pub(crate) struct Cancel<'a> {
    keep_going: &'a dyn Fn() -> bool,
    /// When the time that one request may take is over.
    deadline: Option<Instant>,
}

impl<'a> Cancel<'a> {
    /// Work that nothing stops.
    pub(crate) const ALWAYS: Cancel<'static> = Cancel { keep_going: &|| true, deadline: None };

    /// Work that goes on for as long as `keep_going` says so.
    pub(crate) const fn new(keep_going: &'a dyn Fn() -> bool) -> Self {
        Self { keep_going, deadline: None }
    }

    /// The same, but not beyond a time.
    pub(crate) const fn until(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    /// When it is to end at the latest.
    pub(crate) const fn deadline(self) -> Option<Instant> {
        self.deadline
    }

    /// Does some work piece by piece, and asks before each. A piece is of [`STRIDE`] samples, or a row, which is no longer than
    /// 65535 pixels where a reply is made.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stopped`]. Then some pieces are done and others are not.
    pub(crate) fn each<I: Iterator>(self, mut pieces: I, mut work: impl FnMut(I::Item)) -> Result<()> {
        pieces.try_for_each(|piece| {
            self.check()?;
            work(piece);
            Ok(())
        })
    }

    /// Fails if the work is to be given up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Stopped`].
    pub(crate) fn check(self) -> Result<()> {
        if self.deadline.is_some_and(|deadline| now() >= deadline) {
            return Err(Error::new(ErrorKind::Stopped, "takes longer than the limit of time"));
        }
        if (self.keep_going)() { Ok(()) } else { Err(given_up()) }
    }
}

/// The caller wants the work no more.
pub(crate) const fn given_up() -> Error {
    Error::new(ErrorKind::Stopped, "took too long and was given up")
}

impl fmt::Debug for Cancel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_piece_is_asked_for() {
        let asked = std::cell::Cell::new(0);
        let keep_going = || asked.replace(asked.get() + 1) < 3;
        let mut done = Vec::new();
        assert!(Cancel::new(&keep_going).each(1..9, |piece| done.push(piece)).is_err());
        assert_eq!(done, [1, 2, 3]);
        assert_eq!(Cancel::ALWAYS.each(4..6, |piece| done.push(piece)), Ok(()));
        assert_eq!(done, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn work_ends_when_the_caller_gives_up_or_its_time_is_over() {
        let (ever, never) = (&|| true, &|| false);
        let after = |cancel: Cancel<'_>| cancel.check().map_err(|error| error.to_string());
        assert_eq!(after(Cancel::ALWAYS), Ok(()));
        assert_eq!(after(Cancel::new(never)), Err("took too long and was given up".into()));
        assert_eq!(after(Cancel::new(ever).until(now().checked_add(Duration::from_secs(60)))), Ok(()));
        assert_eq!(after(Cancel::new(ever).until(Some(now()))), Err("takes longer than the limit of time".into()));
    }
}
