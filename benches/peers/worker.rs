//! Platemark for the comparisons with other programs: does one job for every line of its input and says how long it
//! took. Started by `benches/peers/sharp.mjs`.
//!
//! `serve N TARGET FILE` answers a request with the first (N = 0: sources' facts are remembered, decoders start anew) or
//! second engine (N = 1: decoders remember too) and writes the reply's body to FILE, unless that is `-`.
//! `pixels PATH` decodes a JPEG to interleaved RGB.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench program, with a clock"
)]

use std::hint::black_box;
use std::io::BufRead;
use std::path::Path;
use std::time::Instant;

use platemark::{CpuLevel, Engine, internals};

fn main() {
    let mut args = std::env::args_os().skip(1).filter(|arg| arg != "--bench" && arg != "--test");
    let Some(pictures) = args.next() else { return };
    let catalogs = tempfile::tempdir().unwrap();
    let attributes = format!("RootPath={}\nMaxPix=60000,60000\n", pictures.display());
    std::fs::write(catalogs.path().join("default.ini"), attributes).unwrap();
    let engine = |bytes: u64| Engine::builder(catalogs.path()).sidecar_bytes(bytes).build().unwrap();
    let engines = [engine(0), engine(1 << 30)];
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let (nanoseconds, bytes) = match words[..] {
            ["serve", engine, target, file] => serve(&engines[engine.parse::<usize>().unwrap()], target, file),
            ["pixels", path] => pixels(Path::new(path)),
            _ => panic!("no such job: {line}"),
        };
        println!("{nanoseconds} {bytes}");
    }
}

fn serve(engine: &Engine, target: &str, file: &str) -> (u128, usize) {
    let start = Instant::now();
    let reply = engine.serve(target);
    let time = start.elapsed().as_nanos();
    assert_eq!(reply.status, 200, "{target}: {}", String::from_utf8_lossy(&reply.body));
    if file != "-" {
        std::fs::write(file, &reply.body).unwrap();
    }
    (time, reply.body.len())
}

fn pixels(path: &Path) -> (u128, usize) {
    let bytes = std::fs::read(path).unwrap();
    let start = Instant::now();
    let pixels = black_box(internals::decode_pixels(&bytes, CpuLevel::Avx2, 1 << 28).unwrap());
    (start.elapsed().as_nanos(), pixels.len())
}
