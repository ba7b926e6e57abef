//! Work on the threads of a rayon pool that the host lends. Without a pool all work is done on the calling thread.
//!
//! A job of a pool that waits for another job of it may wait for itself: a worker of rayon that waits takes up whatever lies in
//! the pool's queues, also what needs a lock that the worker holds. Therefore:
//!
//! * A worker of any rayon pool hands out no work and waits for no other thread: it does all of its work itself.
//! * Any other thread waits without taking up jobs, so it may hand out work under a lock, if no worker waits for that lock.
//! * Only methods of the host's handle are called. Most free functions of rayon start the global pool, which takes one
//!   thread for each core and reads an environment variable; `clippy.toml` bans them.
//!
//! What comes out never depends on the number of threads, nor on which of them does what.

#[cfg(feature = "rayon")]
mod ahead;
#[cfg(feature = "rayon")]
mod beside;
#[cfg(feature = "rayon")]
mod lent;

use crate::base::cancel::Cancel;
use crate::base::error::Result;

#[cfg(feature = "rayon")]
use std::sync::Arc;

#[cfg(feature = "rayon")]
pub(crate) use ahead::Ahead;

/// The pool that the host lends, if it does. Clones share it, and the count of its threads that are at work.
#[derive(Clone, Default, Debug)]
pub(crate) struct Pool {
    #[cfg(feature = "rayon")]
    lent: Option<Arc<lent::Lent>>,
}

/// Whether this is a thread of a rayon pool, which must not wait for another thread.
pub(crate) fn is_worker() -> bool {
    #[cfg(feature = "rayon")]
    return lent::is_worker();
    #[cfg(not(feature = "rayon"))]
    return false;
}

impl Pool {
    /// No pool.
    pub(crate) const NONE: Self = Self {
        #[cfg(feature = "rayon")]
        lent: None,
    };

    #[cfg(feature = "rayon")]
    pub(crate) fn of(pool: Arc<rayon::ThreadPool>) -> Self {
        Self { lent: Some(Arc::new(lent::Lent::new(pool))) }
    }

    /// Counts this thread as one of the pool's threads that are at work, until the value is dropped. It keeps a core busy as
    /// they do, so no picture is cut into parts while as many are made as the pool has threads.
    pub(crate) fn at_work(&self) -> AtWork<'_> {
        #[cfg(feature = "rayon")]
        let count = self.lent.as_ref().map_or(0, |lent| lent.count());
        #[cfg(not(feature = "rayon"))]
        let count = 0;
        AtWork { pool: self, count }
    }

    /// Threads that could help this one: those of the pool that are not at work; none help a worker.
    pub(crate) fn idle(&self) -> usize {
        #[cfg(feature = "rayon")]
        return self.lent.as_ref().map_or(0, |lent| lent.idle());
        #[cfg(not(feature = "rayon"))]
        return 0;
    }

    /// Counts idle threads as at work, `most` of them at most.
    #[cfg(feature = "rayon")]
    fn take(&self, most: usize) -> AtWork<'_> {
        AtWork { pool: self, count: self.lent.as_ref().map_or(0, |lent| lent.take(most)) }
    }

    /// Works on each of some parts, `here` on this thread and `there` on those that are idle; each takes the next part when it
    /// has done one. Returns what came of the parts, in their order.
    ///
    /// A panic is passed on once all threads have ended.
    pub(crate) fn each<P: Send, R: Send>(
        &self,
        parts: Vec<P>,
        here: impl FnMut(P) -> R,
        there: &(impl Fn(P) -> R + Sync),
    ) -> Vec<R> {
        #[cfg(feature = "rayon")]
        if let Some(lent) = &self.lent {
            let helpers = self.take(parts.len().saturating_sub(1));
            if helpers.count > 0 {
                return lent.each(helpers.count, parts, here, there);
            }
        }
        #[cfg(not(feature = "rayon"))]
        let _ = there;
        parts.into_iter().map(here).collect()
    }

    /// Makes pieces of a work here, and lets an idle thread take each while the next one is made. `make` is given what hands a
    /// piece on, which waits until the piece before it has been taken and puts one that has been taken in its place; there
    /// are two of them in all. Without an idle thread, or before one has begun with a piece, this thread takes it.
    ///
    /// A panic is passed on once both threads have ended.
    ///
    /// # Errors
    ///
    /// The first of those of `take`, or that of `make`, which is told of the first one by what hands pieces on.
    pub(crate) fn beside<P: Default + Send>(
        &self,
        cancel: Cancel<'_>,
        mut take: impl FnMut(&mut P, Cancel<'_>) -> Result<()> + Send,
        make: impl FnOnce(&mut dyn FnMut(&mut P) -> Result<()>) -> Result<()>,
    ) -> Result<()> {
        #[cfg(feature = "rayon")]
        if let Some(lent) = &self.lent {
            let helper = self.take(1);
            if helper.count > 0 {
                return lent.beside(cancel, take, make);
            }
        }
        let mut taken = Ok(());
        let made = make(&mut |piece| {
            taken.clone()?;
            taken = take(piece, cancel);
            taken.clone()
        });
        taken.and(made)
    }

    /// Does `count` jobs by their numbers on the threads of the pool, or one after the other on this thread, and says here what
    /// came of each as soon as it has ended. At most two jobs for each thread are begun and not yet told of, so work that
    /// others hand out meanwhile waits for few of them.
    ///
    /// A panic is passed on once all jobs that have begun have ended.
    ///
    /// # Errors
    ///
    /// The work is to be given up. Then jobs that have begun are told so, and others are not begun.
    pub(crate) fn stream<R: Send>(
        &self,
        count: usize,
        cancel: Cancel<'_>,
        job: &(impl Fn(usize, Cancel<'_>) -> R + Sync),
        mut ended: impl FnMut(usize, R),
    ) -> Result<()> {
        #[cfg(feature = "rayon")]
        if let Some(lent) = &self.lent
            && !is_worker()
        {
            return lent.stream(count, cancel, job, ended);
        }
        cancel.each(0..count, |number| ended(number, job(number, cancel)))
    }

    /// Does work that spreads over the threads of the pool by itself; `None`, and the work is not done, if fewer than two are
    /// idle.
    #[cfg(feature = "rayon")]
    pub(crate) fn spread<R: Send>(&self, work: impl FnOnce() -> R + Send) -> Option<R> {
        let lent = self.lent.as_ref()?;
        let helpers = self.take(usize::MAX);
        (helpers.count > 1).then(|| lent.install(work))
    }
}

/// Threads that are at work, until it is dropped.
#[derive(Debug)]
pub(crate) struct AtWork<'a> {
    #[cfg_attr(not(feature = "rayon"), expect(dead_code, reason = "there is no pool"))]
    pool: &'a Pool,
    #[cfg_attr(not(feature = "rayon"), expect(dead_code, reason = "there is no pool"))]
    count: usize,
}

#[cfg(feature = "rayon")]
impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if let Some(lent) = &self.pool.lent {
            lent.give_back(self.count);
        }
    }
}

#[cfg(all(test, feature = "rayon"))]
mod tests;
