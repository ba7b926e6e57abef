//! Pixels in another size: `cargo bench --bench resize`.
//!
//! From pixels that are decoded, `resize` stands beside `fast_image_resize` called directly, with the same type of pixels,
//! filter and set of instructions. From a mapped JPEG, beside it stands what a program does that links decoder and resizer
//! itself: it reads the file, decodes all of it, and calls `fast_image_resize`. `cargo bench --bench kernels` has the resampler
//! alone. Every case checks its answer first.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

mod common;

use common::direct::{PHOTO, Size, opened, pools, resized, zune};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use platemark::{Edit, Filter, PixelLayout, Pixels, resize};

fn theirs(to: Size) -> Vec<u8> {
    let (from, pixels) = zune(PHOTO);
    resized(&pixels, from, to)
}

fn resize_files(criterion: &mut Criterion) {
    let (width, height) = opened(None).size();
    let mut group = criterion.benchmark_group("resize");
    group.sample_size(20).throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
    // From less than an eighth, where the decoder shrinks, to more than a half, where it does not.
    let widths = [400, 1600, 3200];
    for &to in if common::is_test() { &widths[..1] } else { &widths } {
        let edit = Edit::new().width(to);
        let expected = opened(None).pixels(&edit).unwrap();
        let size = (expected.width(), expected.height());
        // A decoder that shrinks is another filter than the one that resamples.
        let far = common::difference(expected.bytes(), &theirs(size));
        assert!(size.0 == to && far < 3.0, "{to}: {far}");
        for (threads, pool) in pools() {
            let make = || opened(pool.as_ref()).pixels(&edit).unwrap();
            assert!(make() == expected, "{to}: {threads} differ");
            group.bench_function(BenchmarkId::new(threads, to), |bencher| bencher.iter(make));
        }
        group.bench_function(BenchmarkId::new("zune-jpeg, fast_image_resize", to), |bencher| {
            bencher.iter(|| theirs(size));
        });
    }
    group.finish();
}

/// Decoded pixels by the function of the direct API, and by the crate that it calls.
fn decoded(criterion: &mut Criterion) {
    let (from, bytes) = zune(PHOTO);
    let pixels = Pixels::from_raw(bytes.clone(), from.0, from.1, from.0 as usize * 3, PixelLayout::Rgb).unwrap();
    let mut group = criterion.benchmark_group("resize decoded pixels");
    group.sample_size(20).throughput(Throughput::Elements(u64::from(from.0) * u64::from(from.1)));
    let widths = [400, 1600, 3200];
    for &width in if common::is_test() { &widths[..1] } else { &widths } {
        let to = (width, from.1 * width / from.0);
        let ours = || resize(&pixels, to.0, to.1, Filter::Lanczos3).unwrap();
        let theirs = || resized(&bytes, from, to);
        // Its filter calls the sine of the platform, which can round a weight to the other side.
        let (found, expected) = (ours(), theirs());
        assert!(found.bytes().iter().zip(&expected).all(|(a, b)| a.abs_diff(*b) <= 1), "{width}");
        group.bench_function(BenchmarkId::new("platemark::resize", width), |bencher| bencher.iter(ours));
        group.bench_function(BenchmarkId::new("fast_image_resize", width), |bencher| bencher.iter(theirs));
    }
    group.finish();
}

criterion_group!(benches, resize_files, decoded);
criterion_main!(benches);
