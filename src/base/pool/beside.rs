//! Two halves of a work side by side: this thread makes pieces, and another one takes them in their order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rayon::{Scope, ThreadPool};

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};

/// How often the thread that waits for a piece asks whether the work has a purpose.
const ASK: Duration = Duration::from_millis(20);

/// Takes a piece, and leaves it to be filled again.
pub(super) trait Take<P>: FnMut(&mut P, Cancel<'_>) -> Result<()> + Send {}

impl<P, T: FnMut(&mut P, Cancel<'_>) -> Result<()> + Send> Take<P> for T {}

/// See [`Pool::beside`](super::Pool::beside).
pub(super) fn beside<P: Default + Send>(
    pool: &ThreadPool,
    cancel: Cancel<'_>,
    take: impl Take<P>,
    make: impl FnOnce(&mut dyn FnMut(&mut P) -> Result<()>) -> Result<()>,
) -> Result<()> {
    let halves = Halves {
        state: Mutex::new(State { waiting: None, spare: None, taken: false, called: false, result: Ok(()) }),
        ended: Condvar::new(),
        take: Mutex::new(take),
        goes_on: AtomicBool::new(true),
        deadline: cancel.deadline(),
    };
    let made = pool.in_place_scope(|scope| {
        let made = make(&mut |piece| halves.hand(piece, cancel, scope));
        if made.is_err() {
            halves.goes_on.store(false, Ordering::Relaxed);
            halves.state().waiting = None;
        }
        drop(halves.end(cancel));
        made
    });
    // What is wrong with a piece comes before what is wrong with those behind it.
    let taken = halves.state.into_inner().unwrap_or_else(PoisonError::into_inner).result;
    match taken {
        // Another thread was told to stop because this one has failed.
        Err(error) if error.kind() != ErrorKind::Stopped || made.is_ok() => Err(error),
        _ => made,
    }
}

struct Halves<P, T> {
    state: Mutex<State<P>>,
    /// A piece that was being taken has been taken.
    ended: Condvar,
    take: Mutex<T>,
    /// The thread that makes pieces has not failed, and the host wants the result.
    goes_on: AtomicBool,
    deadline: Option<Instant>,
}

struct State<P> {
    /// The piece that is to be taken next. There is none while one is being taken.
    waiting: Option<P>,
    /// A piece that was taken.
    spare: Option<P>,
    /// A piece is being taken.
    taken: bool,
    /// A job that looks for a piece lies in the queue of the pool.
    called: bool,
    /// Of the pieces so far.
    result: Result<()>,
}

impl<P: Default + Send, T: Take<P>> Halves<P, T> {
    /// Hands a piece on; one that can be filled comes back in its place.
    fn hand<'s>(&'s self, piece: &mut P, cancel: Cancel<'_>, scope: &Scope<'s>) -> Result<()> {
        let mut state = self.end(cancel);
        state.result.clone()?;
        let next = state.spare.take().unwrap_or_default();
        state.waiting = Some(std::mem::replace(piece, next));
        if !std::mem::replace(&mut state.called, true) {
            drop(state);
            scope.spawn(|_| self.called());
        }
        Ok(())
    }

    /// Waits until all pieces have been taken. This thread takes the one that no other thread has begun with, so it waits for
    /// no job in a queue.
    fn end(&self, cancel: Cancel<'_>) -> MutexGuard<'_, State<P>> {
        let mut state = self.state();
        if let Some(piece) = state.waiting.take() {
            state = self.take(piece, cancel, state);
        }
        while state.taken {
            let (waited, timeout) = self.ended.wait_timeout(state, ASK).unwrap_or_else(PoisonError::into_inner);
            state = waited;
            if timeout.timed_out() && state.taken {
                // A piece can become many rows of a reply, so the host is asked while it is taken.
                drop(state);
                self.goes_on.fetch_and(cancel.check().is_ok(), Ordering::Relaxed);
                state = self.state();
            }
        }
        state
    }

    /// The work of another thread: the piece that waits, if it still does.
    fn called(&self) {
        let mut state = self.state();
        state.called = false;
        if let Some(piece) = state.waiting.take() {
            // Only the thread that makes pieces may ask the host.
            let goes_on = || self.goes_on.load(Ordering::Relaxed);
            drop(self.take(piece, Cancel::new(&goes_on).until(self.deadline), state));
        }
    }

    fn take<'s>(
        &'s self,
        mut piece: P,
        cancel: Cancel<'_>,
        mut state: MutexGuard<'s, State<P>>,
    ) -> MutexGuard<'s, State<P>> {
        state.taken = true;
        drop(state);
        let taking = Taking(self);
        let result = self.take.lock().unwrap_or_else(PoisonError::into_inner)(&mut piece, cancel);
        std::mem::forget(taking);
        let mut state = self.state();
        (state.taken, state.spare, state.result) = (false, Some(piece), result);
        self.ended.notify_all();
        state
    }

    fn state(&self) -> MutexGuard<'_, State<P>> {
        // No code panics while it holds this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A piece that is being taken: if that panics, the thread that makes pieces is told, and the scope passes the panic on.
struct Taking<'h, P: Default + Send, T: Take<P>>(&'h Halves<P, T>);

impl<P: Default + Send, T: Take<P>> Drop for Taking<'_, P, T> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        (state.taken, state.result) = (false, Err(Error::new(ErrorKind::Internal, "ended in a panic")));
        self.0.ended.notify_all();
    }
}
