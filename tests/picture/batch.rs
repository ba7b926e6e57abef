//! Many pictures on the threads of a pool, as callers see them.
#![allow(clippy::disallowed_methods, reason = "the host builds pools, and tests are the host")]

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::current;

use platemark::{Batch, Done, Edit, Error, ErrorKind, Picture, Rendition, batch};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::picture;
use crate::sources::{all, gradient};

fn pool(threads: usize) -> Arc<ThreadPool> {
    Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

/// What came of each job, in the order of the jobs.
fn in_order(batch: Batch<'_>) -> Vec<Result<Rendition, Error>> {
    let mut ended: Vec<Done> = batch.collect();
    assert!(ended.iter().map(|done| done.finished).eq(1..=ended.len()));
    ended.sort_by_key(|done| done.index);
    assert!(ended.iter().map(|done| done.index).eq(0..ended.len()));
    ended.into_iter().map(|done| done.result).collect()
}

/// Edits of which some are wrong.
fn edits() -> Vec<Edit> {
    let right = ["wid=20", "wid=30&fmt=png-alpha", "wid=40&op_blur=2&qlt=70", ""].map(|edit| edit.parse().unwrap());
    right.into_iter().chain([Edit::new().width(0), Edit::new().rotate(f64::NAN)]).collect()
}

fn damaged() -> Picture {
    let mut file = gradient(90, 60);
    file.truncate(file.len() / 2);
    picture(&file)
}

#[test]
fn a_batch_makes_what_render_makes() {
    let pictures: Vec<Picture> = all().iter().map(|file| picture(file)).chain([damaged()]).collect();
    let edits = edits();
    // The jobs borrow both.
    let jobs = || pictures.iter().flat_map(|picture| edits.iter().map(move |edit| (picture.clone(), edit.clone())));
    let expected: Vec<_> = jobs().map(|(picture, edit)| picture.render(&edit)).collect();
    assert!(expected.iter().filter(|made| made.is_ok()).count() > 20);
    let kinds = [ErrorKind::Request, ErrorKind::Source];
    assert!(kinds.iter().all(|&kind| expected.iter().flat_map(|made| made.as_ref().err()).any(|e| e.kind() == kind)));
    for threads in [1, 3] {
        let (own, other) = (pool(threads), pool(1));
        assert_eq!(in_order(batch(&own, jobs())), expected);
        assert_eq!(own.install(|| in_order(batch(&own, jobs()))), expected);
        assert_eq!(other.install(|| in_order(batch(&own, jobs()))), expected);
        let lent = jobs().map(|(picture, edit)| (picture.pool(Arc::clone(&own)), edit));
        assert_eq!(in_order(batch(&own, lent)), expected);
    }
}

#[test]
fn ten_thousand_jobs() {
    let ring = picture(&gradient(6, 4));
    let expected: Vec<_> = (1..=4).map(|width| ring.render(&Edit::new().width(width)).unwrap()).collect();
    let mut found = vec![false; 10_000];
    let jobs = (0..10_000).map(|index| (ring.clone(), Edit::new().width(index % 4 + 1)));
    for done in batch(&pool(2), jobs) {
        assert_eq!(done.result.as_ref(), Ok(&expected[done.index % 4]));
        assert!(!std::mem::replace(&mut found[done.index], true));
    }
    assert!(found.into_iter().all(|found| found));
}

/// Jobs are taken on this thread, when there is room for what comes of them; the iterator is endless and cannot be sent.
#[test]
fn two_jobs_for_each_thread_are_not_yet_taken() {
    let (ring, taken) = (picture(&gradient(6, 4)), Cell::new(0));
    let jobs = std::iter::repeat_with(|| {
        taken.set(taken.get() + 1);
        (ring.clone(), Edit::new().width(3))
    });
    let pool = pool(2);
    let mut endless = batch(&pool, jobs);
    assert_eq!(taken.get(), 4);
    for finished in 1..20 {
        let done = endless.next().unwrap();
        assert_eq!((done.finished, done.result.map(|made| made.width)), (finished, Ok(3)));
        assert_eq!(taken.get(), 4 + finished);
    }
    // All that was taken has ended: threads are free although no one takes the results.
    pool.broadcast(|_| ());
    assert_eq!(taken.get(), 23);
    drop(endless);
    // Dropped, it lets go of the pool.
    assert_eq!(Arc::strong_count(&pool), 1);
}

/// A worker makes each picture when it is asked for it.
#[test]
fn a_worker_makes_the_pictures_itself() {
    let (ring, own) = (picture(&gradient(6, 4)), pool(1));
    own.install(|| {
        let (worker, taken) = (current().id(), AtomicUsize::new(0));
        let jobs = (1..=3).map(|width| {
            taken.fetch_add(1, Ordering::SeqCst);
            assert_eq!(current().id(), worker);
            (ring.clone(), Edit::new().width(width))
        });
        let mut made = batch(&own, jobs);
        assert_eq!((taken.load(Ordering::SeqCst), made.size_hint()), (0, (3, Some(3))));
        for index in 0..3 {
            let done = made.next().unwrap();
            assert_eq!((done.index, done.finished, taken.load(Ordering::SeqCst)), (index, index + 1, index + 1));
            assert_eq!(done.result.map(|made| made.width as usize), Ok(index + 1));
        }
        assert!(made.next().is_none() && made.next().is_none());
    });
}

/// The threads are given back soon after a batch of large pictures is dropped: each would take seconds to be made.
#[test]
fn a_batch_that_is_dropped_gives_its_threads_back() {
    let (large, own) = (picture(&gradient(64, 64)), pool(2));
    let slow: Edit = "wid=3000&hei=3000&fit=stretch,1&op_blur=100".parse().unwrap();
    let dropped = batch(&own, std::iter::repeat_n((large, slow), 1000));
    assert_eq!(dropped.size_hint(), (1000, Some(1000)));
    let small = Edit::new().width(3);
    drop(dropped);
    let made = in_order(batch(&own, [(picture(&gradient(6, 4)), small.clone())]));
    assert_eq!(made, [picture(&gradient(6, 4)).render(&small)]);
}

#[test]
fn all_sizes_of_a_picture_on_its_pool() {
    let edits = edits();
    for file in all() {
        let alone = picture(&file);
        let expected: Vec<_> = edits.iter().map(|edit| alone.render(edit)).collect();
        assert_eq!(alone.render_all(&edits), expected);
        for threads in [1, 2] {
            let pool = pool(threads);
            let pooled = || picture(&file).pool(Arc::clone(&pool));
            assert_eq!(pooled().render_all(&edits), expected);
            assert_eq!(pool.install(|| pooled().render_all(&edits)), expected);
            assert_eq!(pooled().render_all(&edits[..1]), expected[..1]);
            assert_eq!(pooled().render_all(&[]), []);
        }
    }
}
