//! Our resampler against `fast_image_resize` on whole RGB pictures: `cargo bench --features internals --bench resample`.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fast_image_resize as fir;
use platemark::CpuLevel;
use platemark::internals::resample;

/// Sizes from and to: a photograph to a page, to a thumbnail, a tile's share of it, and an enlargement.
const SIZES: [((u32, u32), (u32, u32)); 4] =
    [((4928, 3279), (1600, 1065)), ((4928, 3279), (400, 266)), ((1232, 820), (400, 266)), ((400, 266), (1600, 1065))];

fn picture((width, height): (u32, u32)) -> Vec<u8> {
    (0..width * height * 3).map(|i| (i.wrapping_mul(2_654_435_761) >> 23) as u8 ^ (i / 977) as u8).collect()
}

fn theirs(pixels: &[u8], from: (u32, u32), to: (u32, u32), level: CpuLevel) -> Vec<u8> {
    let image = fir::images::ImageRef::new(from.0, from.1, pixels, fir::PixelType::U8x3).unwrap();
    let mut out = fir::images::Image::new(to.0, to.1, fir::PixelType::U8x3);
    let options = fir::ResizeOptions::new().resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Lanczos3));
    let mut resizer = fir::Resizer::new();
    if level == CpuLevel::Scalar {
        portable(&mut resizer);
    }
    resizer.resize(&image, &mut out, &options).unwrap();
    out.into_vec()
}

#[expect(unsafe_code, reason = "the crate marks every choice of instructions unsafe")]
fn portable(resizer: &mut fir::Resizer) {
    // SAFETY: portable code runs on every CPU.
    unsafe { resizer.set_cpu_extensions(fir::CpuExtensions::None) }
}

fn compare(criterion: &mut Criterion) {
    const SHARP2: usize = 2;
    for level in [CpuLevel::Avx2, CpuLevel::Scalar] {
        let mut group = criterion.benchmark_group(format!("lanczos3 rgb {level:?}"));
        group.sample_size(20);
        for (from, to) in SIZES {
            let pixels = picture(from);
            let (a, b) = (resample(level, &pixels, 3, from, to, SHARP2), theirs(&pixels, from, to, level));
            let far = a.iter().zip(&b).filter(|(a, b)| a.abs_diff(**b) > 2).count();
            // Enlargements differ beside hard edges, where the order of passes shows.
            assert!(a.len() == b.len() && far * 20 < a.len(), "{far} of {} samples differ", a.len());
            group.throughput(Throughput::Elements(u64::from(from.0) * u64::from(from.1)));
            let name = format!("{}x{}-{}x{}", from.0, from.1, to.0, to.1);
            group.bench_function(BenchmarkId::new("platemark", &name), |bencher| {
                bencher.iter(|| resample(level, &pixels, 3, from, to, SHARP2));
            });
            group.bench_function(BenchmarkId::new("fast_image_resize", &name), |bencher| {
                bencher.iter(|| theirs(&pixels, from, to, level));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, compare);
criterion_main!(benches);
