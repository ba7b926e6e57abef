use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{ThreadId, current};

use super::*;
use crate::base::error::{Error, ErrorKind};
use crate::test_support::{own_pool, pool, pooled};

fn me() -> ThreadId {
    current().id()
}

#[test]
fn parts_are_done_in_any_order_and_returned_in_theirs() {
    for pool in [Pool::NONE, pooled(1), pooled(4)] {
        let mut numbers = [1, 2, 3, 4, 5];
        let mut here = 0;
        let double = |part: &mut [i32]| {
            part.iter_mut().for_each(|number| *number *= 2);
            part.len()
        };
        let lengths = pool.each(
            numbers.chunks_mut(2).collect(),
            |part| {
                here += 1;
                double(part)
            },
            &double,
        );
        assert_eq!((lengths, numbers), (vec![2, 2, 1], [2, 4, 6, 8, 10]));
        assert!(here <= 3);
        assert!(pool.each(Vec::<u8>::new(), |_| 1, &|_| 1).is_empty());
    }
}

/// A part that waits for another one shows that both are worked on at the same time.
#[test]
fn idle_threads_help_and_those_at_work_do_not() {
    let (two, caller) = (pooled(2), me());
    let _caller_counts = two.at_work();
    assert_eq!(two.idle(), 1);
    let together = Barrier::new(2);
    let wait = |()| {
        together.wait();
        me()
    };
    let threads = two.each(vec![(); 2], wait, &wait);
    assert_eq!(threads.iter().filter(|&&thread| thread == caller).count(), 1);
    let another = two.at_work();
    assert_eq!(two.idle(), 0);
    assert_eq!(
        two.each(vec![1, 2], |part| (part, me()), &|_| unreachable!("none is idle")),
        [(1, caller), (2, caller)]
    );
    drop(another);
    assert_eq!(two.idle(), 1);
}

#[test]
fn a_panic_is_passed_on_when_all_have_ended() {
    for panicking in 0..4 {
        let (ended, handle) = (AtomicUsize::new(0), pooled(3));
        let work = |part: usize| {
            if part == panicking {
                resume_unwind(Box::new(part));
            }
            ended.fetch_add(1, Ordering::SeqCst);
        };
        let result = catch_unwind(AssertUnwindSafe(|| handle.each((0..4).collect(), work, &work)));
        assert_eq!(result.unwrap_err().downcast_ref::<usize>(), Some(&panicking));
        assert!(ended.into_inner() <= 3);
        assert_eq!(handle.idle(), 3, "the threads are given back");
    }
}

/// A worker that handed out work would wait for it, and take up other jobs meanwhile.
#[test]
fn a_worker_of_any_pool_works_alone() {
    let handle = pooled(2);
    for host in [pool(2), pool(3)] {
        host.install(|| {
            let worker = me();
            assert!(is_worker());
            assert_eq!((handle.idle(), handle.spread(|| ())), (0, None));
            assert_eq!(handle.each(vec![1, 2, 3], |part| (part, me()), &|_| unreachable!())[2], (3, worker));
            let job = |number: usize, _: Cancel<'_>| (number, me());
            let mut done = Vec::new();
            handle.stream(3, Cancel::ALWAYS, &job, |_, result| done.push(result)).unwrap();
            assert_eq!(done, [(0, worker), (1, worker), (2, worker)]);
        });
    }
    assert!(!is_worker());
}

#[test]
fn work_that_spreads_by_itself_needs_two_idle_threads() {
    let two = pooled(2);
    assert_eq!(two.spread(is_worker), Some(true));
    let busy = two.at_work();
    assert_eq!(two.spread(|| 7), None);
    drop(busy);
    assert_eq!((pooled(1).spread(|| 7), Pool::NONE.spread(|| 7)), (None, None));
}

#[test]
fn a_stream_does_every_job_and_tells_of_it_here() {
    for pool in [Pool::NONE, pooled(1), pooled(4)] {
        let (caller, begun) = (me(), AtomicUsize::new(0));
        let mut told = 0;
        let mut found = vec![0; 100];
        let job = |number: usize, _: Cancel<'_>| {
            begun.fetch_add(1, Ordering::SeqCst);
            number + 1
        };
        let done = pool.stream(100, Cancel::ALWAYS, &job, |number, result| {
            told += 1;
            assert_eq!(me(), caller);
            assert!(begun.load(Ordering::SeqCst) < told + 2 * 4, "few wait in the pool");
            found[number] = result;
        });
        assert_eq!(done, Ok(()));
        assert!(found.into_iter().eq(1..=100));
    }
}

/// Jobs that would go on for ever end because they are told to.
#[test]
fn a_stream_that_is_given_up_ends_its_jobs() {
    let (begun, asked) = (AtomicUsize::new(0), Cell::new(0));
    let job = |_: usize, cancel: Cancel<'_>| {
        begun.fetch_add(1, Ordering::SeqCst);
        while cancel.check().is_ok() {
            std::thread::yield_now();
        }
    };
    let keep_going = || asked.replace(asked.get() + 1) < 3;
    let mut told = 0;
    let given_up = pooled(2).stream(100, Cancel::new(&keep_going), &job, |_, ()| told += 1);
    assert_eq!(given_up.unwrap_err().kind(), ErrorKind::Stopped);
    assert_eq!((begun.into_inner(), told), (4, 4), "two for each thread were begun, and all are told of");
}

#[test]
fn a_panic_ends_a_stream() {
    let until_told = |number: usize, cancel: Cancel<'_>| {
        if number == 1 {
            resume_unwind(Box::new("a job"));
        }
        while number == 0 && cancel.check().is_ok() {
            std::thread::yield_now();
        }
    };
    let panics = |work: &dyn Fn()| *catch_unwind(AssertUnwindSafe(work)).unwrap_err().downcast::<&str>().unwrap();
    let text = panics(&|| pooled(2).stream(100, Cancel::ALWAYS, &until_told, |_, ()| ()).unwrap());
    assert_eq!(text, "a job");
    let never_ends = |number: usize, cancel: Cancel<'_>| {
        while number == 0 && cancel.check().is_ok() {
            std::thread::yield_now();
        }
    };
    let ended = |_: usize, ()| resume_unwind(Box::new("the one who is told"));
    let text = panics(&|| pooled(2).stream(100, Cancel::ALWAYS, &never_ends, ended).unwrap());
    assert_eq!(text, "the one who is told");
}

/// A pool that is dropped by one of its own threads would end while it works: jobs hold no handle.
#[test]
fn jobs_hold_no_handle_of_the_pool() {
    // A pool of its own: other tests hold handles of the shared ones.
    let host = own_pool(2);
    let handle = Pool::of(Arc::clone(&host));
    let count = |_: usize, _: Cancel<'_>| Arc::strong_count(&host);
    handle.stream(8, Cancel::ALWAYS, &count, |_, count| assert_eq!(count, 2)).unwrap();
    drop(handle);
}

/// Takes pieces, which are lists of numbers, and hands some on.
fn beside(
    pool: &Pool,
    pieces: usize,
    take: impl FnMut(&mut Vec<usize>, Cancel<'_>) -> Result<()> + Send,
) -> Result<()> {
    pool.beside(Cancel::ALWAYS, take, |hand| {
        let mut piece = Vec::new();
        (0..pieces).try_for_each(|number| {
            piece.push(number);
            hand(&mut piece)
        })
    })
}

#[test]
fn pieces_are_taken_in_their_order_and_come_back() {
    for pool in [Pool::NONE, pooled(1), pooled(2), pooled(4)] {
        let mut taken = Vec::new();
        // A piece is not cleared: it comes back with the numbers that it had, two pieces in turn or one.
        beside(&pool, 100, |piece, _| {
            taken.push(piece.clone());
            Ok(())
        })
        .unwrap();
        let turns = if pool.idle() == 0 { 1 } else { 2 };
        let expected = (0..100).map(|last| (0..=last).filter(|n| n % turns == last % turns).collect::<Vec<_>>());
        assert!(taken.into_iter().eq(expected), "{turns}");
    }
}

/// The first piece is not taken before the second one is made.
#[test]
fn a_piece_is_taken_while_the_next_one_is_made() {
    let (two, together) = (pooled(2), Barrier::new(2));
    let _caller = two.at_work();
    let taken = Cell::new(0);
    let made = two.beside(
        Cancel::ALWAYS,
        |piece: &mut usize, _| {
            if *piece == 1 {
                together.wait();
            }
            Ok(())
        },
        |hand| {
            hand(&mut 1)?;
            together.wait();
            taken.set(taken.get() + 1);
            hand(&mut 2)
        },
    );
    assert_eq!((made, taken.get(), two.idle()), (Ok(()), 1, 1));
}

/// All threads of the pool are busy with jobs of the host: this thread waits for none of them to take a piece.
#[test]
fn pieces_that_no_thread_begins_with_are_taken_here() {
    let (host, caller) = (own_pool(1), me());
    let handle = Pool::of(Arc::clone(&host));
    let (opened, gate) = std::sync::mpsc::channel::<()>();
    let (begun, begins) = std::sync::mpsc::channel();
    host.spawn(move || {
        begun.send(()).unwrap();
        gate.recv().unwrap();
    });
    begins.recv().unwrap();
    let mut taken = 0;
    beside(&handle, 20, |_, _| {
        assert_eq!(me(), caller);
        taken += 1;
        if taken == 19 {
            // The last piece may go to either thread.
            opened.send(()).unwrap();
        }
        if taken == 19 { Err(Error::request("wid", "ends here")) } else { Ok(()) }
    })
    .unwrap_err();
    assert_eq!(taken, 19);
}

#[test]
fn the_first_error_counts_and_ends_both_halves() {
    for pool in [Pool::NONE, pooled(2)] {
        let mut taken = 0;
        let result = beside(&pool, 1000, |piece, _| {
            taken += 1;
            if piece.contains(&7) { Err(Error::request("wid", "is 7")) } else { Ok(()) }
        });
        assert_eq!((result, taken), (Err(Error::request("wid", "is 7")), 8));
        let made = pool.beside(
            Cancel::ALWAYS,
            |_: &mut u8, _| Ok(()),
            |hand| {
                hand(&mut 0)?;
                Err(Error::request("hei", "is 0"))
            },
        );
        assert_eq!(made, Err(Error::request("hei", "is 0")));
        // One that is handed on after an error is not taken.
        let mut taken = 0;
        let made = pool.beside(
            Cancel::ALWAYS,
            |_: &mut u8, _| {
                taken += 1;
                Err(Error::request("wid", "is 7"))
            },
            |hand| {
                let first = hand(&mut 0).and_then(|()| hand(&mut 1));
                assert!(first.is_err());
                Err(Error::request("hei", "comes later"))
            },
        );
        assert_eq!((made, taken), (Err(Error::request("wid", "is 7")), 1));
    }
}

/// A half that would go on for ever ends because the other one fails.
#[test]
fn the_other_half_is_told_to_stop() {
    let until_told = |_: &mut u8, cancel: Cancel<'_>| {
        while cancel.check().is_ok() {
            std::thread::yield_now();
        }
        cancel.check()
    };
    let made = pooled(2).beside(Cancel::ALWAYS, until_told, |hand| {
        hand(&mut 0)?;
        // So that the other thread begins with the piece.
        std::thread::sleep(std::time::Duration::from_millis(50));
        Err(Error::request("wid", "is 0"))
    });
    assert_eq!(made, Err(Error::request("wid", "is 0")));
}

/// The host gives up while this thread waits for a piece that another one takes.
#[test]
fn the_host_is_asked_while_a_piece_is_taken() {
    let (asked, handle) = (Cell::new(0), pooled(2));
    let keep_going = || asked.replace(asked.get() + 1) < 3;
    let until_told = |_: &mut u8, cancel: Cancel<'_>| {
        while cancel.check().is_ok() {
            std::thread::yield_now();
        }
        cancel.check()
    };
    let made = handle.beside(Cancel::new(&keep_going), until_told, |hand| (0..9).try_for_each(|_| hand(&mut 0)));
    assert_eq!(made.unwrap_err().kind(), ErrorKind::Stopped);
    assert!(asked.get() > 3);
    assert_eq!(handle.idle(), 2);
}

#[test]
fn a_panic_of_either_half_is_passed_on() {
    let handle = pooled(3);
    for panicking in 0..4 {
        let result = catch_unwind(AssertUnwindSafe(|| {
            beside(&handle, 100, |piece, _| {
                if piece.contains(&panicking) {
                    resume_unwind(Box::new(panicking));
                }
                Ok(())
            })
        }));
        assert_eq!(result.unwrap_err().downcast_ref::<usize>(), Some(&panicking));
        assert_eq!(handle.idle(), 3, "the thread is given back");
        let make = |hand: &mut dyn FnMut(&mut u8) -> Result<()>| {
            (0..panicking).try_for_each(|_| hand(&mut 0))?;
            resume_unwind(Box::new(panicking))
        };
        let result = catch_unwind(AssertUnwindSafe(|| handle.beside(Cancel::ALWAYS, |_, _| Ok(()), make)));
        assert_eq!(result.unwrap_err().downcast_ref::<usize>(), Some(&panicking));
        assert_eq!(handle.idle(), 3, "the thread is given back");
    }
}

#[test]
fn a_worker_makes_and_takes_pieces_itself() {
    let handle = pooled(2);
    for host in [pool(2), pool(3)] {
        host.install(|| {
            let (worker, mut taken) = (me(), 0);
            beside(&handle, 9, |_, _| {
                assert_eq!(me(), worker);
                taken += 1;
                Ok(())
            })
            .unwrap();
            assert_eq!(taken, 9);
        });
    }
}
