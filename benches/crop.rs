//! Parts of a mapped JPEG, at full size and smaller: `cargo bench --bench crop`.
//!
//! A picture that is opened anew is read up to the part; of one that has been seen before the decoder knows where the part
//! begins. Beside them stands a program that decodes all of the picture, and calls `fast_image_resize` for the part. Every
//! case checks its answer first.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

mod common;

use common::direct::{PHOTO, Size, opened, pools, resized, zune};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use platemark::Edit;

/// Left, top, width and height of a part.
type Part = [u32; 4];

fn theirs([left, top, width, height]: Part, to: Size) -> Vec<u8> {
    let (from, pixels) = zune(PHOTO);
    let rows = pixels.chunks_exact(from.0 as usize * 3).skip(top as usize).take(height as usize);
    let part: Vec<u8> = rows.flat_map(|row| &row[left as usize * 3..][..width as usize * 3]).copied().collect();
    if (width, height) == to { part } else { resized(&part, (width, height), to) }
}

fn crop(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("crop");
    group.sample_size(20);
    let cases: [(&str, Part, u32); 2] =
        [("512 px at full size", [2000, 1200, 512, 512], 512), ("half a side in 600 px", [1200, 675, 2400, 1350], 600)];
    for (name, part, to) in cases {
        let [left, top, width, height] = part;
        let edit = Edit::new().crop(left as i32, top as i32, width, height).width(to);
        let expected = opened(None).pixels(&edit).unwrap();
        let size = (expected.width(), expected.height());
        let far = common::difference(expected.bytes(), &theirs(part, size));
        assert!(size.0 == to && far < 3.0, "{name}: {far}");
        for (threads, pool) in pools() {
            let make = || opened(pool.as_ref()).pixels(&edit).unwrap();
            assert!(make() == expected, "{name}: {threads} differ");
            group.bench_function(BenchmarkId::new(format!("opened anew, {threads}"), name), |bencher| {
                bencher.iter(make);
            });
            let known = opened(pool.as_ref());
            for time in ["first", "second"] {
                assert!(known.pixels(&edit).unwrap() == expected, "{name}: the {time} with {threads} differs");
            }
            group.bench_function(BenchmarkId::new(format!("seen before, {threads}"), name), |bencher| {
                bencher.iter(|| known.pixels(&edit).unwrap());
            });
        }
        group.bench_function(BenchmarkId::new("zune-jpeg, fast_image_resize", name), |bencher| {
            bencher.iter(|| theirs(part, size));
        });
    }
    group.finish();
}

criterion_group!(benches, crop);
criterion_main!(benches);
