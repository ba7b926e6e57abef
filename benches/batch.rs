//! Many pictures of mapped JPEGs: `cargo bench --bench batch`.
//!
//! Several widths of one photograph for one decode, `render_all`, beside each by itself, of a picture that stays open, whose
//! decoder knows more from width to width, and of one that is opened anew for each. And a folder of photographs in several
//! widths by `batch`. Every case checks its answer first.
#![allow(missing_docs, clippy::disallowed_methods, clippy::unwrap_used, reason = "a bench program")]

mod common;

use std::sync::Arc;

use common::direct::{PHOTO, pools};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use platemark::{Edit, Picture, Rendition, batch};
use rayon::ThreadPoolBuilder;
use tempfile::TempDir;

/// The widths of a page that offers a photograph to screens of all sizes.
const WIDTHS: [u32; 5] = [320, 640, 960, 1280, 1920];

/// An 18-megapixel photograph, as cameras write it; a small one where benches only run once.
fn photograph(folder: &TempDir, progressive: bool) -> std::path::PathBuf {
    let (width, height) = if common::is_test() { (1000, 667) } else { (5184, 3456) };
    let pixels = common::photograph((width, height), 3);
    let path = folder.path().join(if progressive { "progressive.jpg" } else { "baseline.jpg" });
    let mut encoder = Encoder::new_file(&path, 90).unwrap();
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(progressive);
    encoder.encode(&pixels, width as u16, height as u16, ColorType::Rgb).unwrap();
    path
}

fn widths(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let edits = WIDTHS.map(|width| Edit::new().width(width));
    for (name, progressive) in [("baseline", false), ("progressive", true)] {
        let path = photograph(&folder, progressive);
        let mut group = criterion.benchmark_group(format!("five widths of 18 MP, {name}"));
        group.sample_size(10);
        let expected: Vec<Rendition> =
            edits.iter().map(|edit| Picture::open(&path).unwrap().render(edit).unwrap()).collect();
        for (threads, pool) in pools() {
            let open = || match &pool {
                Some(pool) => Picture::open(&path).unwrap().pool(Arc::clone(pool)),
                None => Picture::open(&path).unwrap(),
            };
            let together = || -> Vec<Rendition> { open().render_all(&edits).into_iter().map(Result::unwrap).collect() };
            let one_by_one = || -> Vec<Rendition> {
                let picture = open();
                edits.iter().map(|edit| picture.render(edit).unwrap()).collect()
            };
            let anew = || -> Vec<Rendition> { edits.iter().map(|edit| open().render(edit).unwrap()).collect() };
            let cases: [(&str, &dyn Fn() -> Vec<Rendition>); 3] =
                [("render_all", &together), ("one by one", &one_by_one), ("opened for each", &anew)];
            for (case, make) in cases {
                assert!(make() == expected, "{name}, {case}: {threads} differ");
                group.bench_function(BenchmarkId::new(case, threads), |bencher| bencher.iter(make));
            }
        }
        group.finish();
    }
}

fn many(criterion: &mut Criterion) {
    let widths = if common::is_test() { &WIDTHS[..1] } else { &WIDTHS[..3] };
    let pictures = ["harbour.jpg", "pebbles.jpg", "lighthouse.jpg", "poster.jpg"];
    let path = |name: &str| std::path::Path::new(PHOTO).with_file_name(name);
    let edits: Vec<Edit> = widths.iter().map(|width| Edit::new().width(*width)).collect();
    let jobs = || {
        let opened = pictures.iter().map(move |name| Picture::open(path(name)).unwrap());
        opened.flat_map(|picture| edits.iter().map(move |edit| (picture.clone(), edit.clone())))
    };
    let expected: Vec<Rendition> = jobs().map(|(picture, edit)| picture.render(&edit).unwrap()).collect();
    let mut group = criterion.benchmark_group("four photographs in three widths");
    group.sample_size(10).throughput(Throughput::Elements(expected.len() as u64));
    for threads in [1, 2] {
        let pool = Arc::new(ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
        let make = || {
            let mut done: Vec<_> = batch(&pool, jobs()).collect();
            done.sort_by_key(|done| done.index);
            done.into_iter().map(|done| done.result.unwrap()).collect::<Vec<Rendition>>()
        };
        assert!(make() == expected, "a pool of {threads} differs");
        group.bench_function(BenchmarkId::new("batch, pool of", threads), |bencher| bencher.iter(make));
    }
    let one_by_one = || -> Vec<Rendition> { jobs().map(|(picture, edit)| picture.render(&edit).unwrap()).collect() };
    group.bench_function("one by one", |bencher| bencher.iter(one_by_one));
    group.finish();
}

criterion_group!(benches, widths, many);
criterion_main!(benches);
