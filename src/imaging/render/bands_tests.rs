//! Neither a pool nor the number of its threads changes a byte.

use std::cell::Cell;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::engine::{Engine, Reply};
use crate::test_support::{pool, some};

thread_local! {
    /// Pictures that this thread has drawn in bands.
    static BANDED: Cell<usize> = const { Cell::new(0) };
    /// Windows whose rows went to another thread.
    static RELAYED: Cell<usize> = const { Cell::new(0) };
}

pub(in super::super) fn count_relayed() {
    RELAYED.set(RELAYED.get() + 1);
}

pub(super) fn count() {
    BANDED.set(BANDED.get() + 1);
}

/// An engine with a pool of `threads` threads; 0: without a pool.
pub(in super::super) fn engine(threads: usize, catalogs: &Path) -> Engine {
    // Long after every file has settled.
    let later = || SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000);
    // However busy the machine is.
    let limits = crate::Limits::new().time(Duration::from_secs(3600));
    let builder = Engine::builder(catalogs).limits(limits).clock(later);
    if threads == 0 { builder.build().unwrap() } else { builder.pool(pool(threads)).build().unwrap() }
}

fn reply(engine: &Engine, request: &str) -> Reply {
    engine.serve(&format!("/is/image/{request}"))
}

/// Requests for most of which bands are drawn.
const REQUESTS: [&str; 16] = [
    "demo/harbour?wid=2000&fmt=png",
    "demo/harbour?wid=1300&resMode=bilin&fmt=png",
    "demo/harbour?wid=1301&resMode=bicub&op_usm=1.5,6&fmt=png",
    "demo/harbour?scl=1&rect=1001,703,900,777&fmt=png",
    "demo/harbour?scl=2&rect=301,203,600,577&fmt=png",
    "demo/harbour?crop=1000,500,2000,1501&wid=1111&rotate=90&fmt=png",
    "demo/harbour?crop=1000,500,2000,1501&wid=911&rotate=180&flip=lr&fmt=png",
    "demo/harbour?crop=1000,500,2000,1501&wid=511&rotate=33&fmt=png",
    "demo/harbour?crop=-300,-200,5500,3301&wid=1201&fmt=png-alpha",
    "demo/harbour?extend=100,200,30,400&color=ff000080&wid=1500&fmt=png-alpha",
    "demo/harbour?wid=1600&op_colorize=c08040&fmt=png",
    "demo/harbour?wid=1600&fmt=jpeg,gray&qlt=95",
    "demo/lighthouse?wid=1000&fmt=png",
    "demo/lighthouse?scl=0.7&rect=33,44,711,622&fmt=png",
    "demo/village?wid=900&op_noise=20&fmt=png",
    "demo/sail?wid=1000&fmt=png-alpha",
];

#[test]
fn any_number_of_threads_makes_the_same_bytes() {
    let catalogs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo"));
    let none = engine(0, catalogs);
    let requests = some(3, REQUESTS);
    let expected: Vec<Reply> = requests.iter().map(|request| reply(&none, request)).collect();
    for (request, reply) in requests.iter().zip(&expected) {
        assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
    }
    // The caller is the one thread that may work.
    let one = engine(1, catalogs);
    assert!(requests.iter().zip(&expected).all(|(request, expected)| reply(&one, request).body == expected.body));
    assert_eq!(BANDED.get(), 0);
    for threads in [2, 4] {
        // All with what those before them have left, and each with nothing.
        let warm = engine(threads, catalogs);
        BANDED.set(0);
        RELAYED.set(0);
        for (request, expected) in requests.iter().zip(&expected) {
            let cold = reply(&engine(threads, catalogs), request);
            assert!(cold.body == expected.body, "{threads} cold: {request}");
            assert!(reply(&warm, request).body == expected.body, "{threads} warm: {request}");
        }
        // Each is drawn twice; some are too small for bands. Two threads draw in bands what is known, four what they look
        // into first as well.
        let (banded, relayed) = (BANDED.get(), RELAYED.get());
        assert!(banded + relayed > requests.len(), "{threads}: {banded} {relayed}");
        assert!(if threads == 4 { banded > requests.len() } else { banded > 0 && relayed > 2 }, "{banded} {relayed}");
        // A worker of the pool, or of another one, draws alone, also with what the others have left.
        for host in [pool(threads), pool(3)] {
            for (engine, request, expected) in [&warm, &engine(threads, catalogs)]
                .into_iter()
                .flat_map(|engine| {
                    requests.iter().zip(&expected).map(move |(request, expected)| (engine, request, expected))
                })
                .step_by(5)
            {
                let (found, banded) = host.install(|| {
                    BANDED.set(0);
                    (reply(engine, request), BANDED.get())
                });
                assert_eq!((found.status, banded), (200, 0), "{threads}, by a worker: {request}: {:?}", found.error);
                assert!(found.body == expected.body, "{threads}, by a worker: {request}");
            }
        }
    }
}

/// Other pictures are being made by as many threads as the pool has: each is drawn by its own.
#[test]
fn nothing_is_cut_while_all_threads_are_at_work() {
    let engine = engine(2, Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo")));
    let request = "/is/image/demo/harbour?wid=1700&fmt=png";
    let other = engine.pool().at_work();
    BANDED.set(0);
    assert_eq!(engine.serve(request).status, 200);
    assert_eq!(BANDED.get(), 0);
    drop(other);
    assert_eq!(engine.serve(request).status, 200);
    assert_eq!(BANDED.get(), 1);
}

/// A panic while bands are drawn makes an error of this request alone.
#[test]
fn a_panic_of_a_band_is_an_error() {
    let catalogs = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo"));
    // Rows on their way to another thread, and bands.
    for threads in [3, 4] {
        let engine = engine(threads, catalogs);
        let asked = Cell::new(0);
        let panics = || {
            asked.set(asked.get() + 1);
            assert!(asked.get() < 60, "the host's own");
            true
        };
        let request = "/is/image/demo/harbour?wid=4000&fmt=png";
        let failed = engine.prepare(request, &crate::Context::new()).render_while(&panics);
        assert_eq!(failed.error.map(|error| error.kind()), Some(crate::ErrorKind::Internal));
        assert_eq!(engine.pool().idle(), threads, "all threads are given back");
        assert_eq!(engine.serve(request).status, 200);
    }
}

/// What is wrong with a file is told as if there were one thread.
#[test]
fn damaged_files_are_refused_alike() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "DefaultExt=\nMaxPix=5000,5000\n").unwrap();
    let sound = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/pictures/harbour.jpg")).unwrap();
    let at = |part: usize| sound.len() * part / 10;
    let cut = sound[..at(6)].to_vec();
    let mut broken = sound.clone();
    broken[at(5)..at(5) + 40].fill(0xff);
    for (name, file) in [("cut.jpg", cut), ("broken.jpg", broken)] {
        std::fs::write(folder.path().join(name), file).unwrap();
    }
    let (one, three) = (engine(0, folder.path()), engine(3, folder.path()));
    let four = engine(4, folder.path());
    for file in ["cut.jpg", "broken.jpg"] {
        for view in ["wid=2000", "scl=1", "scl=1&rect=0,0,900,600", "scl=1&rect=900,2000,900,600", "wid=400"] {
            let request = format!("{file}?{view}");
            let expected = reply(&one, &request);
            for several in [&three, &four] {
                let found = reply(several, &request);
                assert_eq!((found.status, &found.body), (expected.status, &expected.body), "{request}");
            }
        }
        assert_eq!(reply(&three, &format!("{file}?wid=2000")).status, 403);
        // Of what lies below a tile nothing is read, nor does it keep the tile from being drawn in bands.
        BANDED.set(0);
        let tile = format!("{file}?scl=1&rect=0,0,900,600&fmt=png");
        assert_eq!(reply(&engine(4, folder.path()), &tile).status, 200);
        assert_eq!(BANDED.get(), 1, "{file}");
    }
}

/// A request that no client waits for any more ends on all threads.
#[test]
fn all_threads_stop_together() {
    // Where bands are given up, the picture is drawn in one piece, which asks once more.
    for (threads, request, times) in
        [(3, "wid=4000&fmt=png", 130), (4, "wid=4000&fmt=png", 131), (3, "wid=4000", 130), (2, "scl=1", 130)]
    {
        let engine = engine(threads, Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo")));
        let asked = Cell::new(0);
        let keep_going = || {
            asked.set(asked.get() + 1);
            asked.get() < 130
        };
        let request = format!("/is/image/demo/harbour?{request}");
        let stopped = engine.prepare(&request, &crate::Context::new()).render_while(&keep_going);
        assert_eq!((stopped.status, asked.get()), (503, times), "{request}");
        assert_eq!(engine.serve(&request).status, 200);
    }
}
