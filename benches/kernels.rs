//! Every kernel at every level of instructions that this machine has: `cargo bench --bench kernels`.
//!
//! What each makes is compared with what the portable code makes, to the byte, before it is measured. The resampler is
//! measured against `fast_image_resize` besides.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stderr, reason = "a bench program")]

mod common;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fast_image_resize as fir;
use platemark::CpuLevel;
use platemark::internals::{Answer, Planes, Scratch, cpu_levels, decode_rows, kernels as all_kernels, resample};

/// No vector divides a row.
const SIZE: (u32, u32) = (643, 481);

fn kernels(criterion: &mut Criterion) {
    let levels = cpu_levels();
    if !levels.contains(&CpuLevel::Avx2) {
        eprintln!("AVX2 is left out: this machine does not have it");
    }
    let samples = common::planes(&common::photograph(SIZE, 4), 4);
    let picture = Planes { size: [SIZE.0, SIZE.1], colors: 3, alpha: true, samples };
    for mut kernel in all_kernels(&picture) {
        let name = kernel.name;
        let mut expected = Answer::default();
        kernel.run(CpuLevel::Scalar, &mut expected);
        assert!(expected.is_something(), "{name}");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(kernel.pixels));
        for &level in &levels {
            let mut answer = Answer::default();
            kernel.run(level, &mut answer);
            assert!(answer == expected, "{name}: {level:?} differs");
            let id = match (kernel.has_levels, level) {
                (true, _) => format!("{level:?}"),
                (false, CpuLevel::Scalar) => "every level".to_owned(),
                _ => continue,
            };
            group.bench_function(id, |bencher| bencher.iter(|| kernel.run(level, &mut answer)));
            assert!(answer == expected, "{name}: another run at {level:?} differs");
        }
        group.finish();
    }
}

/// Entropy-coded data, which has no kernel of its own that could be run alone: the portable level reads it symbol by
/// symbol, the other one in three places at once. At an eighth there is little else to do.
fn whole_files(criterion: &mut Criterion) {
    let (width, height) = if common::is_test() { (640, 480) } else { (2048, 1365) };
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 85);
    let pixels = common::photograph((width, height), 3);
    encoder.encode(&pixels, width as u16, height as u16, jpeg_encoder::ColorType::Rgb).unwrap();
    let mut scratch = Scratch::default();
    for factor in [1, 8] {
        let mut group = criterion.benchmark_group(format!("whole jpeg at 1-{factor}"));
        group.throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        let expected = decode_rows(&file, CpuLevel::Scalar, factor, &mut scratch);
        for level in cpu_levels() {
            assert!(expected.is_some() && decode_rows(&file, level, factor, &mut scratch) == expected);
            group.bench_function(format!("{level:?}"), |bencher| {
                bencher.iter(|| decode_rows(&file, level, factor, &mut scratch));
            });
        }
        group.finish();
    }
}

/// Sizes from and to: a photograph to a page, to a thumbnail, a tile's share of it, and an enlargement.
const SIZES: [((u32, u32), (u32, u32)); 4] =
    [((4928, 3279), (1600, 1065)), ((4928, 3279), (400, 266)), ((1232, 820), (400, 266)), ((400, 266), (1600, 1065))];

fn texture((width, height): (u32, u32)) -> Vec<u8> {
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

fn resampling(criterion: &mut Criterion) {
    const SHARP2: usize = 2;
    for level in cpu_levels() {
        let mut group = criterion.benchmark_group(format!("lanczos3 rgb {level:?}"));
        group.sample_size(20);
        let sizes = if common::is_test() { &SIZES[2..] } else { &SIZES };
        for &(from, to) in sizes {
            let pixels = texture(from);
            let (a, b) = (resample(level, &pixels, 3, from, to, SHARP2), theirs(&pixels, from, to, level));
            let far = a.iter().zip(&b).filter(|(a, b)| a.abs_diff(**b) > 2).count();
            // Their own filter calls the platform's sine.
            assert!(a.len() == b.len() && far == 0, "{far} of {} samples differ", a.len());
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

criterion_group!(benches, kernels, whole_files, resampling);
criterion_main!(benches);
