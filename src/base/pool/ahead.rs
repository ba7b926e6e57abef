//! Jobs that a pool works on while the caller takes what came of others.

use std::iter::Fuse;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use rayon::ThreadPool;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::error::Result;

use super::lent::is_worker;

/// Does a job.
pub(crate) type Work<J, R> = fn(J, Cancel<'_>) -> Result<R>;

/// Does jobs, and returns what came of each with its number among them, in the order in which they end.
///
/// The calling thread takes jobs from their iterator and hands them to the pool, two for each of its threads at most that are
/// not yet returned. So a worker always has room for what it has made, and never waits. If the calling thread is itself a
/// worker, of this pool or another one, it does the jobs one by one when it is asked for the next result.
///
/// Dropping it tells the jobs that run to end, and the others are not begun.
pub(crate) struct Ahead<I: Iterator, R> {
    jobs: std::iter::Enumerate<Fuse<I>>,
    work: Work<I::Item, R>,
    /// `None`: the caller does the jobs.
    there: Option<There<R>>,
}

struct There<R> {
    pool: Arc<ThreadPool>,
    goes_on: Arc<AtomicBool>,
    sender: Sender<(usize, Result<R>)>,
    receiver: Receiver<(usize, Result<R>)>,
    /// Jobs that were handed out and are not returned.
    under_way: usize,
}

impl<I: Iterator<Item: Send + 'static>, R: Send + 'static> Ahead<I, R> {
    /// Begins the first jobs, unless this thread is a worker.
    pub(crate) fn new(pool: &Arc<ThreadPool>, jobs: I, work: Work<I::Item, R>) -> Self {
        let mut ahead = Self { jobs: jobs.fuse().enumerate(), work, there: None };
        if !is_worker() {
            let (sender, receiver) = channel();
            let goes_on = Arc::new(AtomicBool::new(true));
            ahead.there = Some(There { pool: Arc::clone(pool), goes_on, sender, receiver, under_way: 0 });
            ahead.fill();
        }
        ahead
    }

    /// Hands out jobs until there are two for each thread.
    fn fill(&mut self) {
        let Some(there) = &mut self.there else { return };
        let room = (2 * there.pool.current_num_threads()).saturating_sub(there.under_way);
        for (number, job) in self.jobs.by_ref().take(room) {
            there.begin(number, job, self.work);
        }
    }
}

impl<R: Send + 'static> There<R> {
    fn begin<J: Send + 'static>(&mut self, number: usize, job: J, work: Work<J, R>) {
        // The job holds no handle of the pool, which would end if a thread of its own dropped the last one.
        let (goes_on, sender) = (Arc::clone(&self.goes_on), self.sender.clone());
        self.under_way += 1;
        self.pool.spawn(move || {
            let keep_going = || goes_on.load(Ordering::Relaxed);
            if keep_going() {
                let result = caught(|| work(job, Cancel::new(&keep_going)));
                // Without a receiver the result is not wanted.
                let _ = sender.send((number, result));
            }
        });
    }
}

impl<I: Iterator<Item: Send + 'static>, R: Send + 'static> Iterator for Ahead<I, R> {
    type Item = (usize, Result<R>);

    fn next(&mut self) -> Option<Self::Item> {
        let Some(there) = &mut self.there else {
            let (number, job) = self.jobs.next()?;
            return Some((number, caught(|| (self.work)(job, Cancel::ALWAYS))));
        };
        if there.under_way == 0 {
            return None;
        }
        // Each job that is under way sends one result, and this thread holds a sender: it waits for no longer than a job takes.
        let ended = there.receiver.recv().ok()?;
        there.under_way -= 1;
        // Now, so that the pool has work while the caller looks at the result.
        self.fill();
        Some(ended)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let under_way = self.there.as_ref().map_or(0, |there| there.under_way);
        let (least, most) = self.jobs.size_hint();
        (least.saturating_add(under_way), most.and_then(|most| most.checked_add(under_way)))
    }
}

impl<R> Drop for There<R> {
    fn drop(&mut self) {
        self.goes_on.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::rc::Rc;
    use std::sync::Barrier;
    use std::sync::atomic::AtomicUsize;
    use std::thread::{current, sleep};
    use std::time::Duration;

    use super::*;
    use crate::base::error::{Error, ErrorKind};
    // Other tests have no jobs in these pools.
    use crate::test_support::own_pool as pool;

    type Job = Box<dyn FnOnce(Cancel<'_>) -> Result<usize> + Send>;

    fn job(job: impl FnOnce(Cancel<'_>) -> Result<usize> + Send + 'static) -> Job {
        Box::new(job)
    }

    fn ahead<I: Iterator<Item = Job>>(pool: &Arc<ThreadPool>, jobs: I) -> Ahead<I, usize> {
        Ahead::new(pool, jobs, |job, cancel| job(cancel))
    }

    /// Waits for other threads.
    fn until(met: impl Fn() -> bool) {
        while !met() {
            sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn every_job_is_done_and_keeps_its_number() {
        for threads in [1, 4] {
            let mut ended: Vec<_> =
                ahead(&pool(threads), (0..200).map(|number| job(move |_| Ok(2 * number)))).collect();
            ended.sort_by_key(|(number, _)| *number);
            assert!(ended.into_iter().eq((0..200).map(|number| (number, Ok(2 * number)))));
        }
        assert!(ahead(&pool(2), std::iter::empty()).next().is_none());
    }

    #[test]
    fn jobs_run_side_by_side() {
        let together = Arc::new(Barrier::new(3));
        let wait = || {
            let together = Arc::clone(&together);
            job(move |_| Ok(usize::from(together.wait().is_leader())))
        };
        let ended = ahead(&pool(3), std::iter::repeat_with(wait).take(6));
        let leaders: usize = ended.map(|(_, result)| result.unwrap()).sum();
        assert_eq!(leaders, 2);
    }

    /// The iterator is endless and stays on this thread. Every job that was taken from it may have ended.
    #[test]
    fn jobs_are_taken_when_there_is_room_for_what_comes_of_them() {
        let (taken, done) = (Rc::new(Cell::new(0)), Arc::new(AtomicUsize::new(0)));
        let jobs = std::iter::repeat_with(|| {
            taken.set(taken.get() + 1);
            let done = Arc::clone(&done);
            job(move |_| Ok(done.fetch_add(1, Ordering::SeqCst)))
        });
        let pool = pool(2);
        let mut ahead = ahead(&pool, jobs);
        assert_eq!(taken.get(), 4);
        until(|| done.load(Ordering::SeqCst) == 4);
        // The threads of the pool are free for others.
        assert_eq!(pool.broadcast(|_| is_worker()), [true, true]);
        for returned in 1..50 {
            assert!(ahead.next().is_some());
            assert_eq!(taken.get(), 4 + returned);
        }
        assert_eq!(ahead.size_hint().1, None);
    }

    #[test]
    fn a_panic_or_an_error_is_that_jobs_own() {
        let jobs = |number| {
            job(move |_| match number {
                1 => resume_unwind(Box::new("out of order")),
                2 => Err(Error::request("wid", "is 0")),
                _ => Ok(number),
            })
        };
        let pool = pool(2);
        let here = || ahead(&pool, (0..4).map(jobs)).collect::<Vec<_>>();
        for mut ended in [here(), pool.install(here)] {
            ended.sort_by_key(|(number, _)| *number);
            let [(0, Ok(0)), (1, Err(panic)), (2, Err(error)), (3, Ok(3))] = &ended[..] else { panic!("{ended:?}") };
            assert_eq!((panic.kind(), panic.detail()), (ErrorKind::Internal, Some("out of order")));
            assert_eq!(error.to_string(), "wid: is 0");
        }
    }

    /// Jobs that would go on for ever end because they are told to; those that wait for a thread are not begun.
    #[test]
    fn dropping_it_ends_the_jobs() {
        let (begun, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let jobs = std::iter::repeat_with(|| {
            let (begun, ended) = (Arc::clone(&begun), Arc::clone(&ended));
            job(move |cancel| {
                begun.fetch_add(1, Ordering::SeqCst);
                until(|| cancel.check().is_err());
                ended.fetch_add(1, Ordering::SeqCst);
                Ok(0)
            })
        });
        let pool = pool(2);
        let ahead = ahead(&pool, jobs);
        until(|| begun.load(Ordering::SeqCst) == 2);
        drop(ahead);
        until(|| ended.load(Ordering::SeqCst) == 2);
        // The queue is empty when both threads have come to this.
        pool.broadcast(|_| ());
        assert_eq!(begun.load(Ordering::SeqCst), 2);
    }

    /// A worker that waited for others could wait for itself: here the only thread of a pool asks that pool.
    #[test]
    fn a_worker_does_the_jobs_itself_when_it_is_asked() {
        let (own, other) = (pool(1), pool(3));
        for host in [&own, &other] {
            host.install(|| {
                let (worker, taken) = (current().id(), Cell::new(0));
                let jobs = std::iter::repeat_with(|| {
                    taken.set(taken.get() + 1);
                    job(move |_| Ok(usize::from(current().id() == worker)))
                });
                let mut ahead = ahead(&own, jobs);
                assert_eq!(taken.get(), 0);
                assert!(ahead.by_ref().take(3).eq([(0, Ok(1)), (1, Ok(1)), (2, Ok(1))]));
                assert_eq!(taken.get(), 3);
            });
        }
    }

    /// The iterator is the caller's, and so is its panic; jobs that were handed out are told to end.
    #[test]
    fn a_panic_of_the_iterator_is_passed_on() {
        let (pool, ended) = (pool(2), Arc::new(AtomicUsize::new(0)));
        let jobs = (0..).map(|number| {
            if number == 3 {
                resume_unwind(Box::new("no more"));
            }
            let ended = Arc::clone(&ended);
            job(move |cancel| {
                until(|| number > 0 || cancel.check().is_err());
                Ok(ended.fetch_add(1, Ordering::SeqCst))
            })
        });
        let text = catch_unwind(AssertUnwindSafe(|| ahead(&pool, jobs).count())).unwrap_err();
        assert_eq!(text.downcast_ref(), Some(&"no more"));
        // Nothing keeps the threads: all three have ended, or were not begun.
        pool.broadcast(|_| ());
        assert!(ended.load(Ordering::SeqCst) <= 3);
    }

    /// A pool that is dropped by one of its own threads would end while it works.
    #[test]
    fn jobs_hold_no_handle_of_the_pool() {
        let (pool, opened) = (pool(2), Arc::new(AtomicBool::new(false)));
        let jobs = (0..8).map(|_| {
            let opened = Arc::clone(&opened);
            job(move |_| {
                until(|| opened.load(Ordering::SeqCst));
                Ok(0)
            })
        });
        let ahead = ahead(&pool, jobs);
        assert_eq!((Arc::strong_count(&pool), ahead.size_hint()), (2, (8, Some(8))));
        opened.store(true, Ordering::SeqCst);
        assert_eq!(ahead.count(), 8);
    }
}
