//! Decoders, whole, shrunk and in a window, beside those of others: `cargo bench --bench decode`.
//!
//! Pictures are drawn; JPEGs of a folder named by `JPEG_FILES` are measured as well. Every case checks its answer
//! first. Ours hands rows on, to be added up; others return all pixels. `jpeg-decoder` is its portable code.
#![allow(missing_docs, clippy::unwrap_used, clippy::disallowed_methods, reason = "a bench program")]

mod common;

use std::borrow::Cow;
use std::io::Cursor;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use platemark::CpuLevel::{Avx2, Scalar};
use platemark::internals::{Known, Scratch, decode_known, decode_rows, decode_shrunk, heading};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

const MAX_PIXELS: u64 = 1 << 28;

/// Shrinks of the decoder, by name.
const SHRINKS: [(&str, u32); 4] = [("whole", 1), ("half", 2), ("quarter", 4), ("eighth", 8)];

fn jpeg_size() -> (u32, u32) {
    if common::is_test() { (1152, 768) } else { (4608, 3072) }
}

fn png_size() -> (u32, u32) {
    if common::is_test() { (640, 427) } else { (2048, 1365) }
}

fn jpegs() -> Vec<(String, Vec<u8>)> {
    let (width, height) = jpeg_size();
    let write = |name: &str, color: ColorType, quality: u8, sampling: SamplingFactor, progressive: bool| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, quality);
        encoder.set_sampling_factor(sampling);
        encoder.set_progressive(progressive);
        let components = match color {
            ColorType::Luma => 1,
            ColorType::Rgb => 3,
            _ => 4,
        };
        let pixels = common::photograph((width, height), components);
        encoder.encode(&pixels, width as u16, height as u16, color).unwrap();
        (format!("jpeg {name}"), file)
    };
    let (coarse, fine) = (SamplingFactor::F_2_2, SamplingFactor::F_1_1);
    let mut files = vec![
        write("4:2:0 q85", ColorType::Rgb, 85, coarse, false),
        write("4:4:4 q95", ColorType::Rgb, 95, fine, false),
        write("4:2:0 q85 progressive", ColorType::Rgb, 85, coarse, true),
        write("gray q85", ColorType::Luma, 85, fine, false),
        write("cmyk q85", ColorType::Cmyk, 85, fine, false),
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

fn pngs() -> Vec<(&'static str, Vec<u8>)> {
    let pixels = |components| common::photograph(png_size(), components);
    let write = |color: png::ColorType, pixels: &[u8], interlaced: bool| {
        let mut info = png::Info::with_size(png_size().0, png_size().1);
        (info.color_type, info.bit_depth, info.interlaced) = (color, png::BitDepth::Eight, interlaced);
        // Any 256 colours.
        let palette: Vec<u8> = (0..=255u8).flat_map(|i| [i, i.rotate_left(3), i.rotate_left(6)]).collect();
        info.palette = (color == png::ColorType::Indexed).then_some(Cow::Owned(palette));
        let mut file = Vec::new();
        let mut encoder = png::Encoder::with_info(&mut file, info).unwrap();
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().unwrap();
        if interlaced {
            // The crate writes everything but such rows.
            writer.write_chunk(png::chunk::IDAT, &fdeflate::compress_to_vec(&passes(pixels))).unwrap();
        } else {
            writer.write_image_data(pixels).unwrap();
        }
        writer.finish().unwrap();
        file
    };
    vec![
        ("png rgb", write(png::ColorType::Rgb, &pixels(3), false)),
        ("png rgba", write(png::ColorType::Rgba, &pixels(4), false)),
        ("png palette", write(png::ColorType::Indexed, &pixels(1), false)),
        ("png gray", write(png::ColorType::Grayscale, &pixels(1), false)),
        ("png rgb interlaced", write(png::ColorType::Rgb, &pixels(3), true)),
    ]
}

/// The unfiltered rows of Adam7's passes over RGB.
fn passes(pixels: &[u8]) -> Vec<u8> {
    let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let (width, height) = (png_size().0 as usize, png_size().1 as usize);
    let mut raw = Vec::new();
    for (left, top, across, down) in passes {
        for y in (top..height).step_by(down) {
            raw.push(0);
            raw.extend((left..width).step_by(across).flat_map(|x| &pixels[3 * (y * width + x)..][..3]));
        }
    }
    raw
}

/// The width, and gray or RGB pixels.
fn zune(file: &[u8]) -> (u32, Vec<u8>) {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(match heading(file).unwrap().colors {
        1 => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    });
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options);
    let pixels = decoder.decode().unwrap();
    (decoder.dimensions().unwrap().0 as u32, pixels)
}

/// Decodes at the size that is asked for, or the next larger one that is offered.
fn jpeg_decoder(file: &[u8], width: u32, factor: u32) -> (u32, Vec<u8>) {
    let mut decoder = jpeg_decoder::Decoder::new(file);
    if factor > 1 {
        decoder.scale((width / factor) as u16, 1).unwrap();
    }
    let pixels = decoder.decode().unwrap();
    (u32::from(decoder.info().unwrap().width), pixels)
}

fn png_crate(file: &[u8]) -> Vec<u8> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels
}

/// What comes out of ours, the same at every level: its width and height, and planes.
fn ours(name: &str, file: &[u8], factor: u32, window: Option<[u32; 4]>) -> ([u32; 2], Vec<u8>) {
    let answer = decode_shrunk(file, Avx2, factor, window, MAX_PIXELS).unwrap();
    assert!(Some(&answer) == decode_shrunk(file, Scalar, factor, window, MAX_PIXELS).as_ref(), "{name}: levels differ");
    answer
}

/// The whole at shrinks, and a window at full size.
fn shrinks_and_window(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, file: &[u8]) {
    let [width, height] = heading(file).unwrap().size;
    let mut scratch = Scratch::default();
    for (shrink, factor) in SHRINKS {
        let (_, planes) = ours(name, file, factor, None);
        let sum = decode_rows(file, Avx2, factor, &mut scratch).unwrap();
        assert_eq!(sum, planes.iter().map(|&sample| u64::from(sample)).sum::<u64>(), "{name}");
        group.bench_function(BenchmarkId::new("platemark", shrink), |bencher| {
            bencher.iter(|| assert_eq!(decode_rows(file, Avx2, factor, &mut scratch), Some(sum)));
        });
    }
    let (left, top) = (width / 2, height / 3);
    let tile = [left, top, 512.min(width - left), 512.min(height - top)];
    let (size, planes) = ours(name, file, 1, Some(tile));
    let (_, whole) = ours(name, file, 1, None);
    let rows = whole.chunks_exact(width as usize).enumerate();
    let inside = rows.filter(|(y, _)| (tile[1]..tile[1] + tile[3]).contains(&(*y as u32 % height)));
    let cut = inside.flat_map(|(_, row)| &row[tile[0] as usize..][..tile[2] as usize]);
    assert!(size == tile[2..] && planes.iter().eq(cut), "{name}: window");
    group.bench_function("platemark/window", |bencher| {
        bencher.iter(|| decode_shrunk(file, Avx2, 1, Some(tile), MAX_PIXELS).unwrap());
    });
    // The same with what a look at the whole at an eighth has left.
    let mut known = Known::default();
    decode_known(file, Avx2, 8, None, MAX_PIXELS, Some(&mut known)).unwrap();
    for (what, factor, window) in [("window known", 1, Some(tile)), ("eighth known", 8, None)] {
        let warm = decode_known(file, Avx2, factor, window, MAX_PIXELS, Some(&mut known)).unwrap();
        assert!(warm == ours(name, file, factor, window), "{name}: {what}");
        group.bench_function(BenchmarkId::new("platemark", what), |bencher| {
            bencher.iter(|| decode_known(file, Avx2, factor, window, MAX_PIXELS, Some(&mut known)).unwrap());
        });
    }
}

fn jpeg(criterion: &mut Criterion) {
    for (name, file) in jpegs() {
        let [width, height] = heading(&file).unwrap().size;
        let mut group = criterion.benchmark_group(&name);
        group.sample_size(10).throughput(Throughput::Elements(u64::from(width) * u64::from(height)));
        shrinks_and_window(&mut group, &name, &file);
        for (shrink, factor) in SHRINKS {
            let (size, planes) = ours(&name, &file, factor, None);
            let (peer_width, pixels) = jpeg_decoder(&file, width, factor);
            // It has sizes of its own choice.
            assert!(peer_width > 0 && pixels.len().is_multiple_of(peer_width as usize), "{name}: 1/{factor}");
            if peer_width == size[0] && pixels.len() == planes.len() {
                let far = common::difference(&planes, &common::planes(&pixels, planes.len() / size_area(size)));
                assert!(far < 4.0, "{name}: {far} at 1/{factor}");
            }
            group.bench_function(BenchmarkId::new("jpeg-decoder", shrink), |bencher| {
                bencher.iter(|| jpeg_decoder(&file, width, factor));
            });
        }
        let (size, planes) = ours(&name, &file, 1, None);
        let (peer_width, pixels) = zune(&file);
        assert_eq!(peer_width, size[0], "{name}");
        // It makes RGB of inks.
        if pixels.len() == planes.len() {
            let far = common::difference(&planes, &common::planes(&pixels, planes.len() / size_area(size)));
            assert!(far < 1.0, "{name}: {far}");
        }
        group.bench_function("zune-jpeg/whole", |bencher| bencher.iter(|| zune(&file)));
        group.finish();
    }
}

fn size_area([width, height]: [u32; 2]) -> usize {
    width as usize * height as usize
}

fn png(criterion: &mut Criterion) {
    for (name, file) in pngs() {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Elements(size_area(png_size().into()) as u64));
        shrinks_and_window(&mut group, name, &file);
        let (size, planes) = ours(name, &file, 1, None);
        assert!(common::planes(&png_crate(&file), planes.len() / size_area(size)) == planes, "{name}");
        group.bench_function("png/whole", |bencher| bencher.iter(|| png_crate(&file)));
        group.finish();
    }
}

criterion_group!(benches, jpeg, png);
criterion_main!(benches);
