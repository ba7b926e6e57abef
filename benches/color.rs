//! Conversions of colours, at every level of instructions, beside lcms2: `cargo bench --bench color`.
//!
//! Every answer is compared with that of the portable code, to the byte, and with that of lcms2, before it is measured. lcms2
//! converts interleaved pixels with its own optimisations for 8 bits, as it does by default; ours are planes. Before that, what
//! a conversion adds to a request for a picture of 15 megapixels.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench program"
)]

mod common;
#[path = "../tests/color/models.rs"]
#[allow(dead_code, reason = "the test has more of them")]
mod models;
#[path = "../tests/color/profiles.rs"]
#[allow(dead_code, reason = "the test has more of them")]
mod profiles;
#[path = "../tests/color/writer.rs"]
#[allow(dead_code, reason = "the test has more of them")]
mod writer;

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use lcms2::{Flags, Intent, PixelFormat, Profile, Transform};
use platemark::internals::{ColorProfile, ColorTransform, cpu_levels};
use platemark::{CpuLevel, Engine, SourceProvider, SourceTag};

/// Relative colorimetric, with black point compensation.
const INTENT: usize = 1;

fn profile(name: &str) -> Vec<u8> {
    profiles::all().into_iter().find(|(other, _)| *other == name).unwrap().1
}

fn ours(group: &mut BenchmarkGroup<'_, WallTime>, from: &[u8], pixels: &[u8], components: usize) -> Vec<u8> {
    let [srgb, ..] = ColorProfile::built_in();
    let transform = ColorTransform::new(&ColorProfile::read(from).unwrap(), &srgb, INTENT, true).unwrap();
    let samples = common::planes(pixels, components);
    let planes: Vec<Vec<u8>> = samples.chunks_exact(pixels.len() / components).map(<[u8]>::to_vec).collect();
    let mut expected = vec![vec![0; planes[0].len()]; 3];
    transform.convert(CpuLevel::Scalar, &planes, &mut expected);
    for level in cpu_levels() {
        let mut out = vec![vec![0; planes[0].len()]; 3];
        group.bench_function(format!("{level:?}"), |bencher| {
            bencher.iter(|| transform.convert(level, &planes, &mut out));
        });
        transform.convert(level, &planes, &mut out);
        assert!(out == expected, "{level:?} differs");
    }
    (0..planes[0].len()).flat_map(|i| [0, 1, 2].map(|plane: usize| expected[plane][i])).collect()
}

fn theirs<const N: usize>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    (from, format): (&[u8], PixelFormat),
    pixels: &[u8],
) -> Vec<u8> {
    let [srgb, ..] = ColorProfile::built_in();
    let (from, to) = (Profile::new_icc(from).unwrap(), Profile::new_icc(srgb.bytes()).unwrap());
    let flags = Flags::BLACKPOINT_COMPENSATION;
    let intent = Intent::RelativeColorimetric;
    let transform: Transform<[u8; N], [u8; 3]> =
        Transform::new_flags(&from, format, &to, PixelFormat::RGB_8, intent, flags).unwrap();
    let pixels = pixels.as_chunks::<N>().0;
    let mut out = vec![[0; 3]; pixels.len()];
    group.bench_function("lcms2", |bencher| bencher.iter(|| transform.transform_pixels(pixels, &mut out)));
    transform.transform_pixels(pixels, &mut out);
    out.into_flattened()
}

fn color(criterion: &mut Criterion) {
    let large = if common::is_test() { (300, 200) } else { (2048, 1152) };
    let cases = [
        ("Display P3 400x267", "Display P3 v4", (400, 267)),
        ("Display P3 2048x1152", "Display P3 v4", large),
        ("RGB tables 2048x1152", "RGB mft2 Lab", large),
        ("CMYK tables 2048x1152", "CMYK mft2", large),
    ];
    for (title, name, size) in cases {
        let (bytes, components) = (profile(name), if name.starts_with("CMYK") { 4 } else { 3 });
        let pixels = common::photograph(size, components);
        let mut group = criterion.benchmark_group(title);
        group.throughput(Throughput::Elements(u64::from(size.0) * u64::from(size.1)));
        let mine = ours(&mut group, &bytes, &pixels, components);
        let other = match components {
            3 => theirs::<3>(&mut group, (&bytes, PixelFormat::RGB_8), &pixels),
            _ => theirs::<4>(&mut group, (&bytes, PixelFormat::CMYK_8), &pixels),
        };
        group.finish();
        // lcms2 resamples tables to 33³ or 17⁴ points, so that single colours may be further away.
        let mean = common::difference(&mine, &other);
        assert!(mean < 1.0, "{title}: {mean}");
    }
}

/// A file without a profile, and one with.
struct Two {
    plain: Bytes,
    wide: Bytes,
}

impl Two {
    fn find(&self, path: &Path) -> Option<&Bytes> {
        match path.to_str()? {
            "plain" => Some(&self.plain),
            "wide" => Some(&self.wide),
            _ => None,
        }
    }
}

impl SourceProvider for Two {
    fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
        Ok(self.find(path).map(|file| SourceTag::new(1, file.len() as u64)))
    }

    fn read(&self, path: &Path) -> io::Result<(SourceTag, Bytes)> {
        let file = self.find(path).ok_or(io::ErrorKind::NotFound)?;
        Ok((SourceTag::new(1, file.len() as u64), file.clone()))
    }
}

/// The pixels of a PNG.
fn pixels(file: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels
}

/// A request for 400 pixels of a JPEG of 15 megapixels: as sRGB, and in Display P3.
fn request(criterion: &mut Criterion) {
    let (width, height) = if common::is_test() { (900, 600) } else { (4744, 3162) };
    let photograph = common::photograph((width, height), 3);
    let p3 = profile("Display P3 v4");
    let file = |profile: Option<&[u8]>| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 90);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        if let Some(profile) = profile {
            encoder.add_icc_profile(profile).unwrap();
        }
        encoder.encode(&photograph, width as u16, height as u16, ColorType::Rgb).unwrap();
        Bytes::from(file)
    };
    let files = Two { plain: file(None), wide: file(Some(&p3)) };
    let engine = Engine::in_memory("DefaultExt=\nDefaultPix=0,0\nMaxPix=0,0\n").sources(files);
    let engine = engine.cache_bytes(0).sidecar_bytes(0).build().unwrap();
    let reply = |target: &str| {
        let reply = engine.serve(target);
        assert_eq!(reply.status, 200, "{target}: {:?}", reply.error);
        reply.body
    };
    let [plain, wide] = ["plain", "wide"].map(|name| pixels(&reply(&format!("/is/image/{name}?wid=400&fmt=png"))));
    let planes: Vec<Vec<u8>> = (0..3).map(|i| plain.iter().skip(i).step_by(3).copied().collect()).collect();
    let mut expected = vec![vec![0; planes[0].len()]; 3];
    let [srgb, ..] = ColorProfile::built_in();
    let transform = ColorTransform::new(&ColorProfile::read(&p3).unwrap(), &srgb, INTENT, true).unwrap();
    transform.convert(CpuLevel::Scalar, &planes, &mut expected);
    let expected: Vec<u8> =
        (0..planes[0].len()).flat_map(|i| [0, 1, 2].map(|plane: usize| expected[plane][i])).collect();
    assert!(wide == expected && wide != plain, "the reply is not the converted picture");
    let targets = ["/is/image/plain?wid=400", "/is/image/wide?wid=400"];
    let mut group = criterion.benchmark_group("15 megapixels to 400 pixels");
    group.sample_size(20);
    for (name, target) in ["sRGB", "Display P3"].into_iter().zip(targets) {
        group.bench_function(name, |bencher| bencher.iter(|| reply(target)));
    }
    group.finish();
    // One after the other, so that both meet the same machine.
    let rounds = if common::is_test() { 1 } else { 60 };
    let mut times = [vec![], vec![]];
    for _ in 0..rounds {
        for (target, times) in targets.into_iter().zip(&mut times) {
            let begun = Instant::now();
            reply(target);
            times.push(begun.elapsed());
        }
    }
    let [plain, wide] = times.map(|mut times: Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    let share = 100.0 * (wide.as_secs_f64() / plain.as_secs_f64() - 1.0);
    println!("15 megapixels to 400 pixels: {plain:?} as sRGB, {wide:?} in Display P3: {share:+.2} %");
}

criterion_group!(benches, request, color);
criterion_main!(benches);
