//! From a file to small files: `cargo bench --bench thumbnail`.
//!
//! One size beside a program that decodes, resizes and encodes with three crates; one of 15 megapixels beside its parts, an
//! engine's request and the digest of the file; many sizes of one picture that stays open, beside a picture that is opened
//! for each; and whole pictures. Every case checks its answer first.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

mod common;

use std::io;
use std::path::Path;

use bytes::Bytes;
use common::direct::{PHOTO, Size, decode, opened, pools, resized, zune};
use criterion::{Criterion, criterion_group, criterion_main};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use platemark::{Edit, Engine, Fit, Picture, Rendition, SourceProvider, SourceTag};

const WIDTHS: [u32; 6] = [160, 320, 480, 640, 960, 1280];

fn theirs(to: Size) -> Vec<u8> {
    let (from, pixels) = zune(PHOTO);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 80);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&resized(&pixels, from, to), to.0 as u16, to.1 as u16, ColorType::Rgb).unwrap();
    file
}

fn one(criterion: &mut Criterion) {
    let file = std::fs::read(PHOTO).unwrap();
    let expected = platemark::thumbnail(&file, 400, 400).unwrap();
    let size = (expected.width, expected.height);
    let (decoded, their_decoded) = (decode(&expected.bytes), decode(&theirs(size)));
    let far = common::difference(&decoded.1, &their_decoded.1);
    assert!(size.0 == 400 && decoded.0 == size && their_decoded.0 == size && far < 4.0, "{far}");
    let mut group = criterion.benchmark_group("thumbnail");
    group.sample_size(20);
    group.bench_function("of bytes", |bencher| bencher.iter(|| platemark::thumbnail(&file, 400, 400).unwrap()));
    let edit = Edit::new().fit(Fit::Inside, 400, 400);
    for (threads, pool) in pools() {
        let make = || opened(pool.as_ref()).render(&edit).unwrap();
        assert!(make().bytes == expected.bytes, "{threads} differ");
        group.bench_function(format!("of a file, {threads}"), |bencher| bencher.iter(make));
    }
    group.bench_function("zune-jpeg, fast_image_resize, jpeg-encoder", |bencher| bencher.iter(|| theirs(size)));
    group.finish();
}

/// A file by its only name.
struct One(Bytes);

impl SourceProvider for One {
    fn look(&self, _: &Path) -> io::Result<Option<SourceTag>> {
        Ok(Some(SourceTag::new(1, self.0.len() as u64)))
    }

    fn read(&self, _: &Path) -> io::Result<(SourceTag, Bytes)> {
        Ok((SourceTag::new(1, self.0.len() as u64), self.0.clone()))
    }
}

/// What a thumbnail of bytes costs: the engine's request for a file whose digest it has and whose decoder starts anew, and that
/// digest.
fn parts(criterion: &mut Criterion) {
    let (width, height) = if common::is_test() { (900, 600) } else { (4744, 3162) };
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&common::photograph((width, height), 3), width as u16, height as u16, ColorType::Rgb).unwrap();
    let file = Bytes::from(file);
    let engine = Engine::in_memory("DefaultExt=\nDefaultPix=0,0\nMaxPix=0,0\n").sources(One(file.clone()));
    let engine = engine.cache_bytes(0).sidecar_bytes(0).build().unwrap();
    let target = "/is/image/one?wid=400&hei=400&fit=constrain";
    let expected = platemark::thumbnail(&file, 400, 400).unwrap();
    for time in ["first", "second"] {
        let reply = engine.serve(target);
        assert!((reply.status, &reply.body) == (200, &expected.bytes), "the {time} reply differs");
    }
    let digest = Picture::from_bytes(file.clone()).unwrap().digest();
    assert_eq!(digest.as_bytes(), blake3::hash(&file).as_bytes());
    let mut group = criterion.benchmark_group("thumbnail of 15 MP");
    group.sample_size(20);
    group.bench_function("of bytes", |bencher| bencher.iter(|| platemark::thumbnail(&file, 400, 400).unwrap()));
    group.bench_function("the engine's request", |bencher| bencher.iter(|| engine.serve(target)));
    group.bench_function("the digest", |bencher| {
        bencher.iter(|| Picture::from_bytes(file.clone()).unwrap().digest());
    });
    group.finish();
}

fn many(criterion: &mut Criterion) {
    let edits = WIDTHS.map(|width| Edit::new().width(width));
    let bytes = |made: Vec<Rendition>| made.into_iter().map(|made| made.bytes).collect::<Vec<Bytes>>();
    let mut group = criterion.benchmark_group("thumbnail in six sizes");
    group.sample_size(10);
    let mut expected = None;
    for (threads, pool) in pools() {
        let together = || -> Vec<Rendition> {
            opened(pool.as_ref()).render_all(&edits).into_iter().map(|made| made.unwrap()).collect()
        };
        let alone =
            || -> Vec<Rendition> { edits.iter().map(|edit| opened(pool.as_ref()).render(edit).unwrap()).collect() };
        assert!(together().iter().map(|made| made.width).eq(WIDTHS), "{threads}");
        let expected: &Vec<Bytes> = expected.get_or_insert_with(|| bytes(alone()));
        assert!(bytes(together()) == *expected && bytes(alone()) == *expected, "{threads} differ");
        group.bench_function(format!("render_all, {threads}"), |bencher| bencher.iter(together));
        group.bench_function(format!("one by one, {threads}"), |bencher| bencher.iter(alone));
    }
    group.finish();
}

/// Whole pictures, whose rows the second thread samples and encodes while the first one decodes: of a file that is met for
/// the first time, and of one that is known.
fn whole(criterion: &mut Criterion) {
    for (name, edit, width) in [
        ("at full size", Edit::new().quality(80), 4800),
        ("1600 pixels wide", Edit::new().width(1600).quality(80), 1600),
    ] {
        let mut group = criterion.benchmark_group(format!("whole picture {name}"));
        group.sample_size(10);
        let mut expected = None;
        for (threads, pool) in pools() {
            let first = || opened(pool.as_ref()).render(&edit).unwrap();
            let picture = opened(pool.as_ref());
            let known = || picture.render(&edit).unwrap();
            let expected: &Rendition = expected.get_or_insert_with(first);
            assert_eq!((expected.width, decode(&expected.bytes).0), (width, (width, width * 9 / 16)));
            assert!([first(), known(), known()].iter().all(|made| made.bytes == expected.bytes), "{threads} differ");
            group.bench_function(format!("first, {threads}"), |bencher| bencher.iter(first));
            group.bench_function(format!("known, {threads}"), |bencher| bencher.iter(known));
        }
        group.finish();
    }
}

criterion_group!(benches, one, parts, many, whole);
criterion_main!(benches);
