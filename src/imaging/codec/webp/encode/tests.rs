//! What is written is read back by a decoder that is not ours.

use std::io::Cursor;

use image_webp::WebPDecoder;
use proptest::prelude::*;

use super::*;
use crate::base::geom::Size;
use crate::imaging::pixel::raster::{Layout, Plane};
use crate::test_support::Dice;

const LOSSLESS: LossySettings = LossySettings { quality: 80, lossless: true };

const LAYOUTS: [Layout; 4] =
    [Layout::GRAY, Layout { colors: 1, alpha: true }, Layout::RGB, Layout { colors: 3, alpha: true }];

const fn lossy(quality: u8) -> LossySettings {
    LossySettings { quality, lossless: false }
}

fn written(raster: &Raster, settings: LossySettings) -> Vec<u8> {
    encode(raster, settings, Extras::dpi(72), WriteLimits::from(usize::MAX)).unwrap().unwrap()
}

/// The pixels of a file as red, green, blue and alpha.
fn read(file: &[u8]) -> (Size, Vec<[u8; 4]>) {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).unwrap();
    let (width, height) = decoder.dimensions();
    let mut bytes = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut bytes).unwrap();
    let pixels = if decoder.has_alpha() {
        bytes.as_chunks().0.to_vec()
    } else {
        bytes.as_chunks().0.iter().map(|&[red, green, blue]| [red, green, blue, 255]).collect()
    };
    (Size::new(width, height), pixels)
}

/// The pixels of a picture in the same form.
fn pixels_of(raster: &Raster) -> Vec<[u8; 4]> {
    let (planes, layout) = (raster.planes(), raster.layout());
    let sample = |plane: usize, at: usize| planes[plane].samples()[at];
    let area = 0..raster.size().area() as usize;
    area.map(|at| {
        let [red, green, blue] = [0, 1, 2].map(|plane| sample(plane.min(layout.colors as usize - 1), at));
        [red, green, blue, if layout.alpha { sample(layout.planes() - 1, at) } else { 255 }]
    })
    .collect()
}

/// Smooth, noisy, of few colours, of many repeated rows, of one colour; alpha with parts that are clear and opaque.
fn picture(size: Size, layout: Layout, kind: u32, seed: u64) -> Raster {
    let mut dice = Dice::new(seed);
    let few: Vec<u8> = (0..2 + kind * 5).map(|_| dice.byte()).collect();
    let mut plane = |p: usize| {
        let is_alpha = layout.alpha && p + 1 == layout.planes();
        let mut out = Plane::filled(size, 0);
        let width = size.width as usize;
        for (at, sample) in out.samples_mut().iter_mut().enumerate() {
            let (x, y) = (at % width, at / width);
            let smooth = (x * 3 + y * (2 + p) + p * 40) as u8;
            *sample = match kind {
                _ if is_alpha && (x / 20 + y / 10) % 3 < 2 => [0, 255][(x / 20 + y / 10) % 3],
                0 => smooth,
                1 => dice.byte(),
                2 | 3 => few[dice.below(few.len())],
                4 => (x * x / 7 % 251 + y % 5 * p) as u8,
                5 => smooth / 2 + dice.below(9) as u8,
                _ => 77,
            };
        }
        out
    };
    Raster::from_planes((0..layout.planes()).map(&mut plane).collect(), layout)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn lossless_pixels_are_those_of_the_picture(
        width in 1u32..90,
        height in 1u32..60,
        layout in 0usize..4,
        kind in 0u32..7,
        seed: u64,
    ) {
        let raster = picture(Size::new(width, height), LAYOUTS[layout], kind, seed);
        let (size, pixels) = read(&written(&raster, LOSSLESS));
        prop_assert_eq!(size, raster.size());
        prop_assert!(pixels == pixels_of(&raster));
    }

    #[test]
    fn lossy_pixels_are_near_and_alpha_is_exact(
        width in 1u32..90,
        height in 1u32..60,
        layout in 0usize..4,
        quality in 1u8..=100,
        kind in 0u32..7,
        seed: u64,
    ) {
        let raster = picture(Size::new(width, height), LAYOUTS[layout], kind, seed);
        let (size, pixels) = read(&written(&raster, lossy(quality)));
        prop_assert_eq!(size, raster.size());
        let expected = pixels_of(&raster);
        prop_assert!(pixels.iter().zip(&expected).all(|(pixel, expected)| pixel[3] == expected[3]));
        // Gray and smooth pictures hold neither noise nor fine colours.
        if kind == 0 && quality >= 90 && raster.layout() == Layout::GRAY {
            let far = pixels.iter().zip(&expected).map(|(pixel, expected)| pixel[1].abs_diff(expected[1])).max();
            prop_assert!(far.unwrap() <= 24, "{:?}", far);
        }
    }
}

#[test]
fn long_runs_and_far_matches_are_read_back() {
    for (width, height, kind) in [(1, 1, 1), (1, 5000, 6), (5000, 1, 6), (700, 500, 4), (1200, 3, 2), (600, 600, 5)] {
        for layout in [Layout::RGB, Layout { colors: 3, alpha: true }] {
            let raster = picture(Size::new(width, height), layout, kind, 9);
            assert!(read(&written(&raster, LOSSLESS)).1 == pixels_of(&raster), "{width}×{height}, {kind}");
        }
    }
    // Rows from far above, in a picture that is larger than the window.
    let mut raster = picture(Size::new(1000, 400), Layout::RGB, 1, 4);
    for plane in raster.planes_mut() {
        let first = plane.samples()[..100_000].to_vec();
        plane.samples_mut()[240_000..340_000].copy_from_slice(&first);
    }
    let file = written(&raster, LOSSLESS);
    assert!(read(&file).1 == pixels_of(&raster));
    // Noise takes 1.2 MB, a quarter of which is there twice.
    assert!(file.len() < 1_000_000, "{}", file.len());
}

#[test]
fn what_is_unseen_takes_no_bytes_and_does_not_show() {
    let size = Size::new(64, 64);
    let noise = picture(size, Layout { colors: 3, alpha: true }, 1, 3);
    let mut clear = noise.clone();
    // The left half is transparent, the right half gray.
    for (p, plane) in clear.planes_mut().iter_mut().enumerate() {
        for row in plane.samples_mut().chunks_exact_mut(64) {
            let (left, right) = row.split_at_mut(30);
            right.fill(if p == 3 { 255 } else { 140 });
            if p == 3 {
                left.fill(0);
            }
        }
    }
    let file = written(&clear, lossy(80));
    assert!(file.len() < 200, "{}", file.len());
    let (_, pixels) = read(&file);
    for (at, pixel) in pixels.into_iter().enumerate().filter(|(at, _)| at % 64 >= 30) {
        assert!(pixel[3] == 255 && pixel[..3].iter().all(|sample| sample.abs_diff(140) <= 2), "{at}: {pixel:?}");
    }
}

#[test]
fn notes_stand_in_chunks_and_the_lengths_fit() {
    let profile: Vec<u8> = (0..777).map(|i| (i * 7) as u8).collect();
    let extras = Extras { dpi: 300, xmp: Some("<x:xmpmeta/>"), profile: Some(&profile) };
    for (layout, settings) in [(Layout::RGB, lossy(70)), (LAYOUTS[3], lossy(70)), (LAYOUTS[3], LOSSLESS)] {
        let raster = picture(Size::new(31, 17), layout, 5, 1);
        let plain = written(&raster, settings);
        let file = encode(&raster, settings, extras, WriteLimits::from(usize::MAX)).unwrap().unwrap();
        assert_eq!(u32::from_le_bytes(*file[4..].first_chunk().unwrap()) as usize + 8, file.len());
        assert_eq!(file.len() % 2, 0);
        let mut decoder = WebPDecoder::new(Cursor::new(&file)).unwrap();
        assert_eq!(decoder.icc_profile().unwrap(), Some(profile.clone()));
        assert_eq!(decoder.xmp_metadata().unwrap(), Some(b"<x:xmpmeta/>".to_vec()));
        assert!(read(&file) == read(&plain));
        // A limit that just fits, and one that does not.
        assert_eq!(encode(&raster, settings, extras, WriteLimits::from(file.len())).unwrap(), Some(file.clone()));
        assert_eq!(encode(&raster, settings, extras, WriteLimits::from(file.len() - 1)).unwrap(), None);
    }
    // An opaque picture without notes needs no such chunks.
    let opaque = written(&picture(Size::new(31, 17), Layout::RGB, 5, 1), lossy(70));
    assert_eq!(&opaque[8..16], b"WEBPVP8 ");
}

#[test]
fn sides_and_work_are_limited() {
    let long = Raster::zeroed(Size::new(16384, 1), Layout::GRAY);
    let error = encode(&long, LOSSLESS, Extras::dpi(72), WriteLimits::from(usize::MAX)).unwrap_err();
    assert_eq!(error.to_string(), "is longer on a side than the 16383 pixels of a WebP");
    let longest = Raster::zeroed(Size::new(1, 16383), Layout::GRAY);
    for settings in [LOSSLESS, lossy(50)] {
        assert_eq!(read(&written(&longest, settings)).0, Size::new(1, 16383));
    }
}

/// The modes of the 4347 macroblocks may take more than the first partition holds: the encoder reads the frame back before it
/// writes it.
#[test]
fn a_large_picture_of_noise_is_written() {
    let raster = picture(Size::new(1100, 1000), Layout::RGB, 1, 5);
    let file = written(&raster, lossy(90));
    assert!(file.len() > 1 << 19, "{}", file.len());
    let (size, pixels) = read(&file);
    let luma = |[red, green, blue, _]: [u8; 4]| 3 * i32::from(red) + 6 * i32::from(green) + i32::from(blue);
    let off = pixels.into_iter().zip(pixels_of(&raster)).map(|(one, other)| i64::from((luma(one) - luma(other)).abs()));
    assert!(size == raster.size() && off.sum::<i64>() / 1_100_000 < 100);
}

#[test]
fn better_qualities_have_finer_quantizers() {
    let quantizers: Vec<u8> = (1..=100).map(quality::quantizer).collect();
    assert!(quantizers.is_sorted_by(|finer, coarser| finer >= coarser), "{quantizers:?}");
    assert!(quantizers.iter().all(|quantizer| *quantizer < 128) && quantizers[99] < quantizers[0]);
}
