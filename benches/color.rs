//! Conversions of colours, at every level of instructions, beside lcms2: `cargo bench --bench color`.
//!
//! Every answer is compared with that of the portable code, to the byte, and with that of lcms2, before it is measured. lcms2
//! converts interleaved pixels with its own optimisations for 8 bits, as it does by default; ours are planes.
#![allow(missing_docs, clippy::unwrap_used, reason = "a bench program")]

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

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use lcms2::{Flags, Intent, PixelFormat, Profile, Transform};
use platemark::CpuLevel;
use platemark::internals::{ColorProfile, ColorTransform, cpu_levels};

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

criterion_group!(benches, color);
criterion_main!(benches);
