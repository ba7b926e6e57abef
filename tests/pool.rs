//! A pool that the host lends: no deadlock, no global pool, and the same bytes whoever works.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test program, which is the host")]

mod support;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use platemark::{Context, Edit, Engine, EngineBuilder, ErrorKind, Picture, Prewarmed, batch};
use rayon::{ThreadPool, ThreadPoolBuilder};
use support::{demo, path};

/// Drawn in bands where threads are idle.
const LARGE: &str = "/is/image/demo/harbour?wid=2400";

fn pool(threads: usize) -> Arc<ThreadPool> {
    Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

fn engine(pool: &Arc<ThreadPool>) -> Engine {
    builder(pool).build().unwrap()
}

fn builder(pool: &Arc<ThreadPool>) -> EngineBuilder {
    demo().cache_bytes(64 << 20).pool(Arc::clone(pool))
}

/// Ends the process if the work has not ended after two minutes: a thread that waits for ever cannot be stopped.
fn watched<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let (ended, end) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if end.recv_timeout(Duration::from_secs(120)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                std::process::abort();
            }
        });
        let result = work();
        drop(ended);
        result
    })
}

/// A thread holds the store's lock on a picture while it waits for bands; all workers ask for that picture, so if they waited
/// for the lock, nobody drew the bands.
#[test]
fn workers_do_not_wait_for_a_picture_that_waits_for_them() {
    watched(|| {
        for threads in [2, 3] {
            let (pool, expected) = (pool(threads), demo().build().unwrap().serve(LARGE).body);
            let engine = engine(&pool);
            let (found, bodies) = channel();
            let begun = Cell::new(false);
            // It is called under the lock, before the first band is handed out.
            let keep_going = || {
                if !begun.replace(true) {
                    for _ in 0..2 * threads {
                        let (engine, found) = (engine.clone(), found.clone());
                        pool.spawn(move || found.send(engine.serve(LARGE).body).unwrap());
                    }
                    // As long as it takes them to come to the lock.
                    std::thread::sleep(Duration::from_millis(100));
                }
                true
            };
            let reply = engine.prepare(LARGE, &Context::new()).render_while(&keep_going);
            assert!(begun.get() && reply.body == expected);
            assert!((0..2 * threads).all(|_| bodies.recv().unwrap() == expected));
        }
    });
}

/// Workers and other threads ask for the same few pictures, with nothing known and nothing stored at first.
#[test]
fn workers_and_others_ask_for_the_same_pictures() {
    let targets: Vec<String> = ["harbour?wid=1500", "lighthouse?wid=900", "harbour?wid=1501", "village?wid=800"]
        .iter()
        .map(|target| format!("/is/image/demo/{target}"))
        .collect();
    let alone = demo().build().unwrap();
    let expected: Vec<_> = targets.iter().map(|target| alone.serve(target).body).collect();
    watched(|| {
        for threads in [1, 2] {
            let pool = pool(threads);
            let engine = engine(&pool);
            let check =
                |at: usize| assert!(engine.serve(&targets[at % 4]).body == expected[at % 4], "{}", targets[at % 4]);
            std::thread::scope(|scope| {
                for thread in 0..3 {
                    scope.spawn(move || (0..4).for_each(|at| check(at + thread)));
                }
                pool.scope(|jobs| (0..8).for_each(|at| jobs.spawn(move |_| check(at))));
            });
        }
    });
}

/// Everything that uses the pool, on the host's threads, on workers of its pool and on those of another one.
#[test]
fn the_global_pool_is_never_started() {
    let (pool, other) = (pool(2), pool(1));
    let engine = engine(&pool);
    let everything = |engine: &Engine| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("default.ini"), "StaticContentRootPath=.").unwrap();
        std::fs::write(folder.path().join("film.mp4"), vec![7; 20 << 20]).unwrap();
        let later = || std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
        let films = Engine::builder(folder.path()).clock(later).pool(Arc::clone(&pool)).build().unwrap();
        assert!(films.digest_ahead("/is/content/film.mp4").unwrap().is_some_and(|tag| !tag.weak));
        assert_eq!(engine.serve(LARGE).status, 200);
        let targets = ["/is/image/demo/pebbles?wid=50", "/is/image/demo/ring?wid=50"];
        engine.prewarm(&targets, |done| assert!(done.result.is_ok()));
        assert!(engine.versions_all(&targets, |_| ()).iter().all(Result::is_ok));
        let ring = Picture::open(path("assets/demo/pictures/ring.png")).unwrap().pool(Arc::clone(&pool));
        let sizes = [50, 90].map(|width| Edit::new().width(width));
        assert!(ring.render_all(&sizes).iter().all(Result::is_ok));
        let jobs = sizes.into_iter().map(|edit| (ring.clone(), edit));
        assert!(batch(&pool, jobs).all(|done| done.result.is_ok()));
    };
    watched(|| {
        everything(&engine);
        pool.install(|| everything(&builder(&pool).build().unwrap()));
        other.install(|| everything(&builder(&pool).build().unwrap()));
        // A global pool that is there cannot be built.
        ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    });
}

#[test]
fn prewarming_makes_each_picture_once_and_tells_of_every_target() {
    let targets: Vec<String> = [
        "demo/pebbles?wid=120",
        "demo/harbour?wid=100",
        // The same picture in other words, and in the same.
        "demo/pebbles?wid=120&unknown=1",
        "demo/pebbles?wid=120",
        "demo/nothing?wid=100",
        "demo/harbour?wid=0",
        "demo/harbour?req=props",
        "demo/ring?wid=90&cache=off",
    ]
    .iter()
    .map(|target| format!("/is/image/{target}"))
    .collect();
    let alone = demo().build().unwrap();
    for pool in [None, Some(pool(1)), Some(pool(3))] {
        let builder = demo().cache_bytes(64 << 20);
        let engine = pool.iter().fold(builder, |builder, pool| builder.pool(Arc::clone(pool))).build().unwrap();
        let caller = std::thread::current().id();
        let mut finished = vec![];
        let mut told = BTreeSet::new();
        engine.prewarm(&targets, |done| {
            let Prewarmed { index, target, result, count, .. } = done;
            assert_eq!((std::thread::current().id(), target, count), (caller, targets[index].as_str(), 8));
            let expected = alone.serve(target);
            assert_eq!(result.as_ref().ok(), expected.error.is_none().then_some(&expected.etag), "{target}");
            assert_eq!(result.err(), expected.error, "{target}");
            finished.push(done.finished);
            assert!(told.insert(index));
        });
        assert_eq!(finished, [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(engine.health().renditions.items, 2);
        // They are delivered as they are.
        for target in &targets {
            assert_eq!(engine.serve(target).body, alone.serve(target).body, "{target}");
        }
    }
}

#[test]
fn prewarming_is_given_up() {
    let targets: Vec<String> = (0..50).map(|at| format!("/is/image/demo/harbour?wid={}", 1500 + at)).collect();
    for pool in [None, Some(pool(2))] {
        let builder = demo().cache_bytes(64 << 20);
        let engine = pool.iter().fold(builder, |builder, pool| builder.pool(Arc::clone(pool))).build().unwrap();
        let told = RefCell::new(vec![]);
        let keep_going = || told.borrow().is_empty();
        let stopped = engine.prewarm_while(&targets, &keep_going, |done| told.borrow_mut().push(done.result));
        assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Stopped);
        let told = told.into_inner();
        assert!(told[0].is_ok() && told.len() <= 4, "two for each thread were begun");
        let others = told.iter().skip(1).filter_map(|result| result.as_ref().err());
        assert!(others.map(platemark::Error::kind).all(|kind| kind == ErrorKind::Stopped));
    }
}

#[test]
fn versions_of_many_objects_are_those_of_each_in_their_order() {
    let alone = demo().build().unwrap();
    let mut targets: Vec<String> = alone.objects().iter().map(|object| format!("/is/image/{object}")).collect();
    targets.insert(3, "/is/image/demo/nothing".into());
    targets = targets.iter().cycle().take(100).cloned().collect();
    let expected: Vec<_> = targets.iter().map(|target| alone.versions(target)).collect();
    assert!(expected.iter().filter(|versions| versions.is_ok()).count() > 10);
    for pool in [None, Some(pool(1)), Some(pool(2))] {
        let engine = pool.iter().fold(demo(), |builder, pool| builder.pool(Arc::clone(pool))).build().unwrap();
        let mut told = vec![];
        assert_eq!(engine.versions_all(&targets, |finished| told.push(finished)), expected);
        assert!(told.is_sorted() && told.last() == Some(&100));
        assert_eq!(engine.versions_all(&[""; 0], |_| ()), []);
    }
}

/// The engine's clones may outlive the host's handle, and end on a thread of the pool.
#[test]
fn the_last_engine_may_end_on_a_worker() {
    watched(|| {
        let pool = pool(2);
        let engine = engine(&pool);
        assert_eq!(engine.serve(LARGE).status, 200);
        let (ended, end) = channel();
        let last = Mutex::new(Some((engine, Arc::clone(&pool))));
        pool.spawn(move || {
            drop(last.lock().unwrap().take());
            ended.send(()).unwrap();
        });
        drop(pool);
        end.recv().unwrap();
    });
}
