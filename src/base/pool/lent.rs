//! A pool that was lent.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rayon::ThreadPool;

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::beside::beside;

/// How often a thread that waits for jobs asks whether they still have a purpose.
const ASK: Duration = Duration::from_millis(20);

/// Whether this is a thread of a rayon pool. Asking starts none.
pub(in crate::base) fn is_worker() -> bool {
    rayon::current_thread_index().is_some()
}

pub(super) struct Lent {
    pool: Arc<ThreadPool>,
    /// Threads that are at work for this handle: the pool's, and others that make pictures.
    at_work: AtomicUsize,
}

impl Lent {
    pub(super) const fn new(pool: Arc<ThreadPool>) -> Self {
        Self { pool, at_work: AtomicUsize::new(0) }
    }

    /// Counts the calling thread.
    pub(super) fn count(&self) -> usize {
        self.at_work.fetch_add(1, Ordering::Relaxed);
        1
    }

    pub(super) fn idle(&self) -> usize {
        if is_worker() {
            0
        } else {
            self.pool.current_num_threads().saturating_sub(self.at_work.load(Ordering::Relaxed))
        }
    }

    /// Counts idle threads as at work.
    pub(super) fn take(&self, most: usize) -> usize {
        if is_worker() {
            return 0;
        }
        let threads = self.pool.current_num_threads();
        let taken = |at_work: usize| threads.saturating_sub(at_work).min(most);
        let before =
            self.at_work.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |at_work| Some(at_work + taken(at_work)));
        before.map_or(0, taken)
    }

    pub(super) fn give_back(&self, count: usize) {
        self.at_work.fetch_sub(count, Ordering::Relaxed);
    }

    pub(super) fn each<P: Send, R: Send>(
        &self,
        helpers: usize,
        parts: Vec<P>,
        mut here: impl FnMut(P) -> R,
        there: &(impl Fn(P) -> R + Sync),
    ) -> Vec<R> {
        let results: Mutex<Vec<Option<R>>> = Mutex::new(parts.iter().map(|_| None).collect());
        let parts = Mutex::new(parts.into_iter().enumerate());
        let next = || locked(&parts).next();
        let keep = |at: usize, result| {
            if let Some(place) = locked(&results).get_mut(at) {
                *place = Some(result);
            }
        };
        self.pool.in_place_scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|_| {
                    while let Some((at, part)) = next() {
                        keep(at, there(part));
                    }
                });
            }
            while let Some((at, part)) = next() {
                keep(at, here(part));
            }
        });
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        // The scope has passed on a panic, so there is a result of each part.
        results.into_iter().flatten().collect()
    }

    pub(super) fn beside<P: Default + Send>(
        &self,
        cancel: Cancel<'_>,
        take: impl FnMut(&mut P, Cancel<'_>) -> Result<()> + Send,
        make: impl FnOnce(&mut dyn FnMut(&mut P) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        beside(&self.pool, cancel, take, make)
    }

    pub(super) fn stream<R: Send>(
        &self,
        count: usize,
        cancel: Cancel<'_>,
        job: &(impl Fn(usize, Cancel<'_>) -> R + Sync),
        mut ended: impl FnMut(usize, R),
    ) -> Result<()> {
        let most = 2 * self.pool.current_num_threads();
        let (goes_on, deadline) = (AtomicBool::new(true), cancel.deadline());
        let (sender, receiver) = channel::<(usize, std::result::Result<R, Panic>)>();
        let (goes_on, sender) = (&goes_on, &sender);
        self.pool.in_place_scope(|scope| {
            // A panic of `ended` ends the jobs as well.
            let stop = Stop(goes_on);
            let mut waiting = 0..count;
            let mut under_way = 0;
            let mut wanted = Ok(());
            loop {
                if wanted.is_ok() {
                    wanted = cancel.check();
                }
                if wanted.is_err() {
                    stop.now();
                    waiting = 0..0;
                }
                for number in waiting.by_ref().take(most.saturating_sub(under_way)) {
                    under_way += 1;
                    let sender = sender.clone();
                    scope.spawn(move |_| {
                        let cancel = || goes_on.load(Ordering::Relaxed);
                        let work = || job(number, Cancel::new(&cancel).until(deadline));
                        let result = catch_unwind(AssertUnwindSafe(work));
                        // The receiver lives for as long as the scope.
                        let _ = sender.send((number, result));
                    });
                }
                if under_way == 0 {
                    return wanted;
                }
                match receiver.recv_timeout(ASK) {
                    Ok((number, Ok(result))) => {
                        under_way -= 1;
                        ended(number, result);
                    }
                    Ok((_, Err(panic))) => resume_unwind(panic),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
                }
            }
        })
    }

    pub(super) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        self.pool.install(work)
    }
}

type Panic = Box<dyn Any + Send>;

/// Tells jobs to end, at the latest when it is dropped.
struct Stop<'a>(&'a AtomicBool);

impl Stop<'_> {
    fn now(&self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.now();
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code panics while it holds one of these locks.
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Lent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lent").field("threads", &self.pool.current_num_threads()).finish_non_exhaustive()
    }
}
