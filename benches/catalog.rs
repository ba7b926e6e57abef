//! A data file of a million records: `cargo bench --bench catalog`.
//!
//! Loading it, what it takes in memory beyond its text, finding records in it, and reloading when a small file beside
//! it has changed. With `--test` it has fewer records.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, reason = "a bench program")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use platemark::internals::CatalogFolder;
use platemark::{Engine, Reload};
use tempfile::TempDir;

/// Counts the bytes that are allocated.
struct Counting;

static ALLOCATED: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: everything is left to the system's allocator, whose contract is this one.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATED.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that a record may take beyond its text.
const MAX_OVERHEAD: usize = 300;

fn id(number: usize) -> String {
    format!("season/{}/sku-{number}", number % 97)
}

/// A folder with a catalog of that many records, and the length of its data file.
fn folder(records: usize) -> (TempDir, usize) {
    let mut text = "Id\tPath\tModifier\tExpiration\tUserData\tAnchor\n".to_owned();
    for number in 0..records {
        let id = id(number);
        writeln!(text, "{id}\tpictures/{number}\top_usm=.9,2&qlt=90\t24\tsku={number}??color=red\t100,200").unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("default.ini"), "CatalogFile=all.txt,news.txt").unwrap();
    std::fs::write(folder.path().join("all.txt"), &text).unwrap();
    write_news(folder.path(), 0);
    (folder, text.len())
}

/// The file behind the large one, whose records count more.
fn write_news(folder: &Path, number: usize) {
    let news = format!("Id\tUserData\nnews\tnumber={number}\n");
    std::fs::write(folder.join("news.txt"), news).unwrap();
}

fn catalog(criterion: &mut Criterion) {
    let records = if common::is_test() { 20_000 } else { 1_000_000 };
    // What finding a record tells: the length of its path.
    let path_len = |number: usize| Some(format!("pictures/{number}").len());
    let (folder, text) = folder(records);
    let before = ALLOCATED.load(Ordering::Relaxed);
    let catalogs = CatalogFolder::load(folder.path()).unwrap();
    let taken = ALLOCATED.load(Ordering::Relaxed) - before;
    let overhead = taken.saturating_sub(text) / records;
    println!("{records} records of {} bytes of text: {overhead} bytes each beyond it", text / records);
    assert!(overhead < MAX_OVERHEAD, "{overhead} bytes");

    let mut group = criterion.benchmark_group("catalog");
    group.sample_size(10);
    group.bench_function(format!("load {records} records"), |bencher| {
        bencher.iter(|| {
            let loaded = CatalogFolder::load(folder.path()).unwrap();
            assert_eq!(loaded.find(&id(records - 1)), path_len(records - 1));
        });
    });
    // Ids are made beforehand and lie all over the file.
    let numbers = (0..4096).map(|number| number * 7919 % records);
    let ids: Vec<(String, Option<usize>)> = numbers.map(|number| (id(number), path_len(number))).collect();
    let missing: Vec<String> = ids.iter().map(|(id, _)| format!("{id}x")).collect();
    let mut next = 0;
    group.bench_function("find", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % ids.len();
            let (id, path_len) = &ids[next];
            assert_eq!(catalogs.find(id), *path_len);
        });
    });
    group.bench_function("find nothing", |bencher| {
        bencher.iter(|| {
            next = (next + 1) % missing.len();
            assert_eq!(catalogs.find(&missing[next]), None);
        });
    });
    let engine = Engine::builder(folder.path()).build().unwrap();
    let mut number = 0;
    group.bench_function("reload a small file beside them", |bencher| {
        let write = || {
            number += 1;
            write_news(folder.path(), number);
            number
        };
        bencher.iter_batched(write, |number| reload(&engine, number), BatchSize::PerIteration);
    });
    group.finish();
}

/// Takes up the change and shows it.
fn reload(engine: &Engine, number: usize) {
    let reloaded = engine.reload_catalogs();
    assert!(matches!(reloaded, Reload::Done { warnings, failures, .. } if warnings.is_empty() && failures.is_empty()));
    let reply = engine.serve("/is/image/news?req=userdata");
    assert!(String::from_utf8_lossy(&reply.body).contains(&format!("number={number}")));
}

criterion_group!(benches, catalog);
criterion_main!(benches);
