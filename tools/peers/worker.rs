//! Platemark as a worker of `tools/peers/run.py`: answers the request of every line, and says how long it took.
//!
//! `peers FOLDER MODE CORES`: the folder of the sources; the mode, of [`Mode`]; threads for one picture. Lines are those of
//! `tools/peers/workers/line.py`, of which it takes `target`, `out`, `repeat` and `threads`: `threads` threads run at once,
//! each of which repeats the request.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench program, with a clock"
)]

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use platemark::{Context, Engine};
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::{Value, json};

/// How much is there when a request arrives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing: every request is an engine's first, which reads the source for its digest.
    Cold,
    /// The source's digest and size; decoders start anew.
    Facts,
    /// What decoders have learned of the source, too.
    Known,
    /// The finished picture.
    Stored,
    /// The picture at the client, which asks whether it is still good.
    Revalidated,
}

impl Mode {
    fn named(name: &str) -> Self {
        match name {
            "cold" => Self::Cold,
            "facts" => Self::Facts,
            "known" => Self::Known,
            "stored" => Self::Stored,
            "revalidated" => Self::Revalidated,
            _ => panic!("no such mode: {name}"),
        }
    }

    fn engine(self, catalogs: &Path, pool: &Arc<ThreadPool>) -> Engine {
        let builder = Engine::builder(catalogs).pool(Arc::clone(pool));
        let room = |modes: &[Self], bytes: u64| if modes.contains(&self) { bytes } else { 0 };
        let cache = room(&[Self::Stored, Self::Revalidated], 256 << 20);
        builder.cache_bytes(cache).sidecar_bytes(room(&[Self::Known], 1 << 30)).build().unwrap()
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench" && arg != "--test").collect();
    let [folder, mode, cores] = &args[..] else { return };
    let mode = Mode::named(mode);
    let pool = Arc::new(ThreadPoolBuilder::new().num_threads(cores.parse().unwrap()).build().unwrap());
    let catalogs = tempfile::tempdir().unwrap();
    let attributes = format!("RootPath={folder}\nMaxPix=60000,60000\n");
    std::fs::write(catalogs.path().join("default.ini"), attributes).unwrap();
    let engine = mode.engine(catalogs.path(), &pool);
    println!("{}", json!({ "version": env!("CARGO_PKG_VERSION") }));
    for line in std::io::stdin().lock().lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let (repeat, threads) = (line["repeat"].as_u64().unwrap(), line["threads"].as_u64().unwrap());
        let target = line["target"].as_str().unwrap();
        let answer = if mode == Mode::Cold {
            cold(&|| mode.engine(catalogs.path(), &pool), target, repeat)
        } else {
            warm(&engine, mode, target, repeat, threads)
        };
        let answer = match answer {
            Ok((time, body)) => {
                if let Some(out) = line["out"].as_str() {
                    std::fs::write(out, &body).unwrap();
                }
                json!({ "ns": time.as_nanos() as u64, "bytes": body.len() })
            }
            Err(error) => json!({ "error": error }),
        };
        println!("{answer}");
    }
}

/// The time of a number of requests, and the body of the last.
type Answer = Result<(Duration, Bytes), String>;

fn cold(engine: &dyn Fn() -> Engine, target: &str, repeat: u64) -> Answer {
    let (mut time, mut body) = (Duration::ZERO, Bytes::new());
    for _ in 0..repeat {
        let engine = engine();
        let start = Instant::now();
        body = ask(&engine, target, &Context::new(), 200)?;
        time += start.elapsed();
    }
    Ok((time, body))
}

fn warm(engine: &Engine, mode: Mode, target: &str, repeat: u64, threads: u64) -> Answer {
    let tag = match mode {
        Mode::Revalidated => Some(engine.serve(target).etag.unwrap().to_string()),
        _ => None,
    };
    let (context, status) = tag.as_ref().map_or((Context::new(), 200), |tag| (Context::new().if_none_match(tag), 304));
    let start = Instant::now();
    let bodies: Result<Vec<Bytes>, String> = std::thread::scope(|scope| {
        let work = || (0..repeat).try_fold(Bytes::new(), |_, _| ask(engine, target, &context, status));
        let working: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        working.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let time = start.elapsed();
    Ok((time, bodies?.pop().unwrap_or_default()))
}

fn ask(engine: &Engine, target: &str, context: &Context<'_>, status: u16) -> Result<Bytes, String> {
    let reply = engine.serve_with(target, context);
    if reply.status == status {
        Ok(reply.body)
    } else {
        Err(format!("{target}: {}: {}", reply.status, String::from_utf8_lossy(&reply.body)))
    }
}
