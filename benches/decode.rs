//! Our JPEG decoder against `zune-jpeg` and `jpeg-decoder`: `cargo bench --features internals --bench decode`.
//!
//! Pictures are drawn; files of a folder named by `JPEG_FILES` are measured as well. Every case checks its answer first.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench program")]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use platemark::CpuLevel;
use platemark::internals::{Known, Scratch, decode_known, decode_rows, decode_shrunk};
use zune_jpeg::zune_core::bytestream::ZCursor;

const WIDTH: u16 = 4608;
const HEIGHT: u16 = 3072;
const MAX_PIXELS: u64 = 1 << 28;

/// Slopes, edges, texture and noise, as a photograph has them.
fn photograph() -> Vec<u8> {
    let (mut pixels, mut state) = (Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3), 1u32);
    for y in 0..u32::from(HEIGHT) {
        for x in 0..u32::from(WIDTH) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let busy = (x / 512 + y / 384) % 3;
            let noise = (state >> 24) % [3, 11, 31][busy as usize];
            let edge = if (x / 37 + y / 53) % 4 == 0 { 40 } else { 0 };
            let slope = x * 120 / u32::from(WIDTH) + y * 60 / u32::from(HEIGHT);
            pixels.extend([slope + edge + noise, slope + noise / 2 + 20, 150 - slope / 2 + noise].map(|v| v as u8));
        }
    }
    pixels
}

fn files() -> Vec<(String, Vec<u8>)> {
    let pixels = photograph();
    let write = |quality: u8, sampling: SamplingFactor, progressive: bool| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, quality);
        encoder.set_sampling_factor(sampling);
        encoder.set_progressive(progressive);
        encoder.encode(&pixels, WIDTH, HEIGHT, ColorType::Rgb).unwrap();
        file
    };
    let mut files = vec![
        ("drawn 4:2:0 q85".to_owned(), write(85, SamplingFactor::F_2_2, false)),
        ("drawn 4:4:4 q95".to_owned(), write(95, SamplingFactor::F_1_1, false)),
        ("drawn 4:2:0 q85 progressive".to_owned(), write(85, SamplingFactor::F_2_2, true)),
    ];
    if let Some(folder) = std::env::var_os("JPEG_FILES") {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|suffix| suffix == "jpg") {
                files.push((path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()));
            }
        }
    }
    files
}

fn zune(file: &[u8]) -> Vec<u8> {
    zune_jpeg::JpegDecoder::new(ZCursor::new(file)).decode().unwrap()
}

/// Decodes at the size that is asked for, or the next larger one that is offered.
fn peer_shrunk(file: &[u8], width: u32, factor: u32) -> (usize, Vec<u8>) {
    let mut decoder = jpeg_decoder::Decoder::new(file);
    if factor > 1 {
        decoder.scale((width / factor) as u16, 1).unwrap();
    }
    let pixels = decoder.decode().unwrap();
    (usize::from(decoder.info().unwrap().width), pixels)
}

/// The mean difference of planes from interleaved pixels.
fn difference(planes: &[u8], pixels: &[u8]) -> f64 {
    assert_eq!(planes.len(), pixels.len());
    // Gray, or three planes.
    let count = if planes == pixels { 1 } else { 3 };
    let area = planes.len() / count;
    let sum: u64 = (0..planes.len()).map(|i| u64::from(planes[i % count * area + i / count].abs_diff(pixels[i]))).sum();
    sum as f64 / planes.len() as f64
}

fn compare(criterion: &mut Criterion) {
    for (name, file) in files() {
        let mut group = criterion.benchmark_group(&name);
        group.sample_size(10);
        let ([width, _], whole) = decode_shrunk(&file, CpuLevel::Avx2, 1, None, MAX_PIXELS).unwrap();
        assert!(difference(&whole, &zune(&file)) < 1.0, "{name}");
        let mut scratch = Scratch::default();
        for factor in [1, 2, 4, 8] {
            let (shrunk_size, planes) = decode_shrunk(&file, CpuLevel::Avx2, factor, None, MAX_PIXELS).unwrap();
            let scalar = decode_shrunk(&file, CpuLevel::Scalar, factor, None, MAX_PIXELS).unwrap();
            assert!((shrunk_size, &planes) == (scalar.0, &scalar.1), "{name}: levels differ at 1/{factor}");
            let (peer_width, pixels) = peer_shrunk(&file, width, factor);
            if peer_width == shrunk_size[0] as usize && pixels.len() == planes.len() {
                assert!(difference(&planes, &pixels) < 4.0, "{name}: 1/{factor}");
            }
            group.bench_function(BenchmarkId::new("platemark", format!("1-{factor}")), |bencher| {
                bencher.iter(|| decode_rows(&file, CpuLevel::Avx2, factor, &mut scratch).unwrap());
            });
            group.bench_function(BenchmarkId::new("jpeg-decoder", format!("1-{factor}")), |bencher| {
                bencher.iter(|| peer_shrunk(&file, width, factor));
            });
        }
        group.bench_function("zune-jpeg/1-1", |bencher| bencher.iter(|| zune(&file)));
        let tile = Some([width / 2, 1000, 512, 512]);
        assert!(
            decode_shrunk(&file, CpuLevel::Avx2, 1, tile, MAX_PIXELS).unwrap().0 == [512.min(width - width / 2), 512]
        );
        group.bench_function("platemark/tile", |bencher| {
            bencher.iter(|| decode_shrunk(&file, CpuLevel::Avx2, 1, tile, MAX_PIXELS).unwrap());
        });
        // The same with what a look at the whole at an eighth has left.
        let mut known = Known::default();
        decode_known(&file, CpuLevel::Avx2, 8, None, MAX_PIXELS, Some(&mut known)).unwrap();
        let cold = decode_shrunk(&file, CpuLevel::Avx2, 1, tile, MAX_PIXELS);
        for (name, factor, window) in [("tile again", 1, tile), ("1-8 again", 8, None)] {
            let warm = decode_known(&file, CpuLevel::Avx2, factor, window, MAX_PIXELS, Some(&mut known));
            assert!(factor == 8 || warm == cold, "{name}");
            group.bench_function(BenchmarkId::new("platemark", name), |bencher| {
                bencher.iter(|| decode_known(&file, CpuLevel::Avx2, factor, window, MAX_PIXELS, Some(&mut known)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, compare);
criterion_main!(benches);
