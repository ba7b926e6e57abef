//! Each encoder: `cargo bench --bench encode`.
//!
//! Every file is decoded again by others (`zune-jpeg`, the `png` crate, `image-webp`) and compared with its picture, and is
//! the same at every level of instructions, before it is measured. Peers are given interleaved pixels, which is what they
//! take; `jpeg-encoder` is its portable code.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

mod common;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use platemark::CpuLevel;
use platemark::internals::{Canvas, JpegOrder, Planes, cpu_levels};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

const LIMIT: usize = 1 << 26;

fn size() -> (u32, u32) {
    if common::is_test() { (500, 333) } else { (1600, 1065) }
}

const ORDER: JpegOrder<'static> = JpegOrder {
    quality: 80,
    full_chroma: false,
    progressive: false,
    scans: None,
    dpi: 72,
    xmp: None,
    max_bytes: None,
    limit: LIMIT,
};

/// A drawn picture as it is given to ours, and interleaved.
fn picture(components: usize) -> (Canvas, Vec<u8>) {
    let (pixels, alpha) = (common::photograph(size(), components), components == 4);
    let (size, colors) = ([size().0, size().1], components as u8 - u8::from(alpha));
    (Canvas::of(&Planes { size, colors, alpha, samples: common::planes(&pixels, components) }), pixels)
}

/// The decibels by which a picture is stronger than what a JPEG of it adds.
fn decibels(file: &[u8], pixels: &[u8], components: usize) -> f64 {
    let colors = if components == 1 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(colors);
    let decoded = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options).decode().unwrap();
    assert_eq!(decoded.len(), pixels.len());
    let squares = decoded.iter().zip(pixels).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>();
    common::decibels(squares as f64 / pixels.len() as f64)
}

fn jpeg(criterion: &mut Criterion) {
    // A picture's components, what is ordered, and the least decibels.
    let half = picture(3).0.jpeg(CpuLevel::default(), ORDER).unwrap().0.len() / 2;
    let orders = [
        ("4:2:0 q60", 3, JpegOrder { quality: 60, ..ORDER }, 28.0),
        ("4:2:0 q80", 3, ORDER, 29.0),
        ("4:2:0 q95", 3, JpegOrder { quality: 95, ..ORDER }, 32.0),
        ("4:4:4 q95", 3, JpegOrder { quality: 95, full_chroma: true, ..ORDER }, 36.0),
        ("gray q80", 1, ORDER, 30.0),
        ("4:2:0 q80 progressive", 3, JpegOrder { progressive: true, ..ORDER }, 29.0),
        ("4:2:0 q80 within half its bytes", 3, JpegOrder { max_bytes: Some(half), ..ORDER }, 20.0),
    ];
    let mut group = criterion.benchmark_group("jpeg");
    group.sample_size(20).throughput(Throughput::Elements(u64::from(size().0) * u64::from(size().1)));
    for (name, components, order, least) in orders {
        let (canvas, pixels) = picture(components);
        let (file, quality) = canvas.jpeg(CpuLevel::default(), order).unwrap();
        let decibels = decibels(&file, &pixels, components);
        assert!(decibels > least, "{name}: {decibels}");
        assert!(order.max_bytes.map_or(quality == order.quality, |most| file.len() <= most && quality < 80), "{name}");
        for level in cpu_levels() {
            assert!(canvas.jpeg(level, order).unwrap() == (file.clone(), quality), "{name}: {level:?} differs");
            // What the crate writes for us has few kernels.
            if level == CpuLevel::default() || !order.progressive {
                group.bench_function(BenchmarkId::new(name, format!("{level:?}")), |bencher| {
                    bencher.iter(|| canvas.jpeg(level, order).unwrap());
                });
            }
        }
    }
    let (_, pixels) = picture(3);
    let peers =
        [("4:2:0 q80", 80, false, false), ("4:4:4 q95", 95, true, false), ("4:2:0 q80 progressive", 80, false, true)];
    for (name, quality, full_chroma, progressive) in peers {
        let write = || {
            let mut file = Vec::new();
            let mut encoder = Encoder::new(&mut file, quality);
            encoder.set_sampling_factor(if full_chroma { SamplingFactor::F_1_1 } else { SamplingFactor::F_2_2 });
            encoder.set_progressive(progressive);
            encoder.encode(&pixels, size().0 as u16, size().1 as u16, ColorType::Rgb).unwrap();
            file
        };
        assert!(decibels(&write(), &pixels, 3) > 28.0, "{name}");
        group.bench_function(BenchmarkId::new(name, "jpeg-encoder"), |bencher| bencher.iter(write));
    }
    group.finish();
}

fn png(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("png");
    group.sample_size(20).throughput(Throughput::Elements(u64::from(size().0) * u64::from(size().1)));
    let kinds =
        [("gray", 1, png::ColorType::Grayscale), ("rgb", 3, png::ColorType::Rgb), ("rgba", 4, png::ColorType::Rgba)];
    for (name, components, color) in kinds {
        let (canvas, pixels) = picture(components);
        let file = canvas.png(CpuLevel::default(), 72, LIMIT).unwrap();
        for level in cpu_levels() {
            assert!(canvas.png(level, 72, LIMIT).unwrap() == file, "{name}: {level:?} differs");
        }
        let theirs = || {
            let mut file = Vec::new();
            let mut encoder = png::Encoder::new(&mut file, size().0, size().1);
            encoder.set_color(color);
            encoder.set_compression(png::Compression::Fast);
            encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
            file
        };
        for file in [&file, &theirs()] {
            let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
            let mut decoded = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut decoded).unwrap();
            assert!((info.width, info.height) == size() && decoded == pixels, "{name}");
        }
        group.bench_function(BenchmarkId::new(name, "platemark"), |bencher| {
            bencher.iter(|| canvas.png(CpuLevel::default(), 72, LIMIT).unwrap());
        });
        group.bench_function(BenchmarkId::new(name, "png"), |bencher| bencher.iter(theirs));
    }
    group.finish();
}

fn webp(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("webp");
    group.sample_size(10).throughput(Throughput::Elements(u64::from(size().0) * u64::from(size().1)));
    let orders = [("q80", 3, Some(80)), ("q80 alpha", 4, Some(80)), ("lossless", 3, None), ("lossless alpha", 4, None)];
    for (name, components, quality) in orders {
        let (canvas, pixels) = picture(components);
        let file = canvas.webp(CpuLevel::default(), quality, LIMIT).unwrap();
        for level in cpu_levels() {
            assert!(canvas.webp(level, quality, LIMIT).unwrap() == file, "{name}: {level:?} differs");
        }
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&file)).unwrap();
        assert_eq!(decoder.dimensions(), size());
        let mut decoded = vec![0; decoder.output_buffer_size().unwrap()];
        decoder.read_image(&mut decoded).unwrap();
        assert!(quality.is_some() || decoded == pixels, "{name}");
        group.bench_function(BenchmarkId::new(name, "platemark"), |bencher| {
            bencher.iter(|| canvas.webp(CpuLevel::default(), quality, LIMIT).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, jpeg, png, webp);
criterion_main!(benches);
