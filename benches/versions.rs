//! What it takes to know a version: `cargo bench --bench versions`.
//!
//! The digest of a source, a look whether a file is the one it was, and versions and ETags of requests.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

mod common;

use std::path::Path;
use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use platemark::internals::{FileState, digest};
use platemark::{Context, Engine, EngineBuilder, IdPolicy};

const CATALOGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo");
const TARGET: &str = "/is/image/demo/harbour?wid=400";

/// Nothing changes the pictures, so they count as settled, however young this copy is.
fn engine() -> EngineBuilder {
    Engine::builder(CATALOGS).settle(Duration::ZERO).id_policy(IdPolicy::Verify)
}

/// The file that the requests are about.
fn source() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/pictures/harbour.jpg"))
}

fn digests(criterion: &mut Criterion) {
    // Published vectors: of nothing, and of 31 KiB of bytes that count up to 250.
    assert!(digest(b"").to_string().starts_with("af1349b9f5f9a1a6a0404dea36dcc949"));
    let counted: Vec<u8> = (0..31_744u32).map(|i| (i % 251) as u8).collect();
    assert!(digest(&counted).to_string().starts_with("62b6960e1a44bcc1eb1a611a8d6235b6"));
    let mut group = criterion.benchmark_group("digest");
    for (name, len) in [("64 KiB", 64 << 10), ("1 MiB", 1 << 20), ("16 MiB", 16 << 20)] {
        let bytes: Vec<u8> = counted.iter().copied().cycle().take(len).collect();
        let expected = digest(&bytes);
        assert_ne!(digest(&bytes[1..]), expected);
        group.throughput(Throughput::Bytes(len as u64)).sample_size(20);
        group.bench_function(name, |bencher| bencher.iter(|| assert_eq!(digest(&bytes), expected)));
    }
    group.finish();
}

fn unchanged(criterion: &mut Criterion) {
    let before = FileState::of(source()).unwrap();
    assert_ne!(FileState::of(Path::new(env!("CARGO_MANIFEST_PATH"))).unwrap(), before);
    criterion.bench_function("look at an unchanged file", |bencher| {
        bencher.iter(|| assert_eq!(FileState::of(source()).as_ref(), Some(&before)));
    });
}

fn versions(criterion: &mut Criterion) {
    let known = engine().build().unwrap();
    let forgetful = engine().memo_bytes(0).build().unwrap();
    let expected = known.versions(TARGET).unwrap();
    assert_eq!(expected.digest.unwrap(), digest(&std::fs::read(source()).unwrap()));
    let link = known.versioned_link(TARGET).unwrap();
    assert_eq!(link, format!("{TARGET}&id={}", expected.image));
    assert_eq!(known.prepare(&link, &Context::new()).cache_policy().to_string(), "public, max-age=31536000, immutable");
    let mut group = criterion.benchmark_group("version");
    group.sample_size(20);
    group.bench_function("of a new source", |bencher| {
        bencher.iter_batched_ref(
            || engine().build().unwrap(),
            |engine| assert_eq!(engine.versions(TARGET).unwrap(), expected),
            BatchSize::PerIteration,
        );
    });
    for (name, engine) in [("of a known source", &known), ("with nothing remembered", &forgetful)] {
        group.bench_function(BenchmarkId::new(name, "versions"), |bencher| {
            bencher.iter(|| assert_eq!(engine.versions(TARGET).unwrap(), expected));
        });
    }
    group.bench_function("of a known source/versioned", |bencher| {
        bencher.iter(|| assert_eq!(known.versioned_link(TARGET).unwrap(), link));
    });
    group.finish();
}

fn etags(criterion: &mut Criterion) {
    let (engine, other) = (engine().build().unwrap(), engine().build().unwrap());
    let etag = |engine: &Engine, target: &str| engine.prepare(target, &Context::new()).etag().unwrap();
    // Never the same twice: each is read, resolved and planned.
    let target =
        |i: u32| format!("{TARGET}&hei={}&qlt={}&rgn={},0,400,300", 1 + i / 100 % 2000, 1 + i % 100, i / 200_000);
    let some: std::collections::HashSet<_> = (0..500).map(|i| etag(&other, &target(i))).collect();
    assert_eq!(some.len(), 500);
    assert!((0..500).all(|i| some.contains(&etag(&engine, &target(i)))));
    let (mut next, mut last) = (500, etag(&engine, &target(499)));
    let mut group = criterion.benchmark_group("etag");
    group.bench_function("of a request that is new", |bencher| {
        bencher.iter(|| {
            next += 1;
            let new = etag(&engine, &target(next));
            assert_ne!(new, last);
            last = new;
        });
    });
    let known = etag(&other, &target(0));
    group.bench_function("of a request that was answered lately", |bencher| {
        bencher.iter(|| assert_eq!(etag(&engine, &target(0)), known));
    });
    group.finish();
}

criterion_group!(benches, digests, unchanged, versions, etags);
criterion_main!(benches);
