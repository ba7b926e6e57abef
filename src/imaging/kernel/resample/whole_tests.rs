//! What `fast_image_resize` makes of whole pictures against what the resampler makes of their rows.

use proptest::prelude::*;

use super::*;
use crate::imaging::kernel::isa::extensions::{all, limited};
use crate::imaging::kernel::resample::tests::{picture, resample};
use crate::imaging::pixel::raster::Raster;
use crate::test_support::Dice;

/// Interleaved pixels.
fn pixels_of(raster: &Raster) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..raster.size().height as usize {
        join(&raster.planes().iter().map(|plane| plane.row(y)).collect::<Vec<_>>(), &mut pixels);
    }
    pixels
}

/// A part of an axis.
fn part(axis: &Axis, from: u32, len: u32) -> Axis {
    Axis { len, first: axis.first + i64::from(from) * axis.step, ..axis.clone() }
}

/// What the resampler makes of the rows that some samples need.
fn by_rows(cpu: Cpu, source: &Raster, (x, y): (&Axis, &Axis), filter: Filter) -> Vec<u8> {
    pixels_of(&resample(cpu, source, x, y, filter, false))
}

/// Some pixels of a picture without gaps.
fn cut(pixels: &[u8], width: u32, count: usize, (x, y): (u32, u32), size: Size) -> Vec<u8> {
    let rows = pixels.chunks_exact(width as usize * count).skip(y as usize).take(size.height as usize);
    rows.flat_map(|row| &row[x as usize * count..][..size.width as usize * count]).copied().collect()
}

/// One component of 16 bits: noise, gradients and hard edges.
fn wide_picture(size: Size, seed: u64) -> Vec<u16> {
    let mut dice = Dice::new(seed | 1);
    let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    let mut sample = |(x, y): (u32, u32)| match (x / 7 + y / 5) % 3 {
        0 => u16::from_le_bytes([dice.byte(), dice.byte()]),
        1 => (x * 321 + y * 217) as u16,
        _ if (x ^ y) & 4 == 0 => 0,
        _ => u16::MAX,
    };
    places.map(&mut sample).collect()
}

/// What the resampler of 16 bits makes of the rows that some samples need.
fn by_wide_rows(source: &[u16], width: u32, (x, y): (&Axis, &Axis), filter: Filter) -> Vec<u16> {
    let (columns, rows) = (x.span(filter).unwrap(), y.span(filter).unwrap());
    let window =
        Window { x: columns.start, y: rows.start, width: columns.end - columns.start, height: rows.end - rows.start };
    let mut resampler = WideResampler::new((x, y), filter, window, Cancel::ALWAYS);
    let lines = source.chunks_exact(width as usize);
    for row in lines.skip(rows.start as usize).take(window.height as usize) {
        resampler.row(&row[columns.start as usize..columns.end as usize]).unwrap();
    }
    resampler.finish()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Every set of instructions of theirs, every level of ours, and every window.
    #[test]
    fn whole_pictures_are_those_of_rows(
        (sw, sh) in (1u32..160, 1u32..120), (vw, vh) in (1u32..160, 1u32..120), pick in 0usize..4, seed: u64,
        (tx, ty, tw, th) in (0u32..160, 0u32..120, 1u32..160, 1u32..120), gray: bool,
    ) {
        let (layout, components) = if gray { (Layout::GRAY, Components::One) } else { (Layout::RGB, Components::Three) };
        let source = picture(Size::new(sw, sh), layout, seed);
        let (from, to, filter) = (source.size(), Size::new(vw, vh), Filter::ALL[pick]);
        let pixels = pixels_of(&source);
        let (tx, ty) = (tx % vw, ty % vh);
        let tile = Size::new(tw.min(vw - tx), th.min(vh - ty));
        let (x, y) = (Axis::resizing(sw, vw), Axis::resizing(sh, vh));
        prop_assert!(can_be_resized([&x, &y], filter));
        let calls = Calls { filter, cancel: Cancel::ALWAYS };
        for extensions in all() {
            let whole = calls.bytes(&mut limited(extensions), &pixels, components, from, to).unwrap();
            let expected = cut(&whole, vw, components.count(), (tx, ty), tile);
            for cpu in Cpu::all() {
                prop_assert_eq!(&by_rows(cpu, &source, (&x, &y), filter), &whole, "{:?} {:?}", extensions, cpu);
                let window = (&part(&x, tx, tile.width), &part(&y, ty, tile.height));
                prop_assert_eq!(&by_rows(cpu, &source, window, filter), &expected, "{:?} {:?}", extensions, cpu);
            }
        }
        for cpu in Cpu::all() {
            let whole = resized(cpu, (&pixels, components), from, to, filter, Cancel::ALWAYS).unwrap();
            prop_assert_eq!(whole, by_rows(cpu, &source, (&x, &y), filter));
        }
    }

    /// The same of 16 bits.
    #[test]
    fn whole_pictures_of_16_bits_are_those_of_rows(
        (sw, sh) in (1u32..160, 1u32..120), (vw, vh) in (1u32..160, 1u32..120), pick in 0usize..4, seed: u64,
        (tx, ty, tw, th) in (0u32..160, 0u32..120, 1u32..160, 1u32..120), flat: bool,
    ) {
        let (from, to, filter) = (Size::new(sw, sh), Size::new(vw, vh), Filter::ALL[pick]);
        let mut source = wide_picture(from, seed);
        if flat {
            source.fill(seed as u16);
        }
        let (tx, ty) = (tx % vw, ty % vh);
        let (tw, th) = (tw.min(vw - tx), th.min(vh - ty));
        let (x, y) = (Axis::resizing(sw, vw), Axis::resizing(sh, vh));
        let rows = by_wide_rows(&source, sw, (&x, &y), filter);
        prop_assert!(!flat || rows.iter().all(|&sample| sample == source[0]));
        let calls = Calls { filter, cancel: Cancel::ALWAYS };
        prop_assert!(can_be_resized_wide([&x, &y], filter));
        for extensions in all() {
            let whole = calls.wide(&mut limited(extensions), &source, from, to).unwrap();
            prop_assert_eq!(&whole, &rows, "{:?}", extensions);
        }
        let tile = by_wide_rows(&source, sw, (&part(&x, tx, tw), &part(&y, ty, th)), filter);
        let expected = rows.chunks_exact(vw as usize).skip(ty as usize).take(th as usize);
        let expected: Vec<u16> = expected.flat_map(|row| &row[tx as usize..][..tw as usize]).copied().collect();
        prop_assert_eq!(tile, expected);
        let cpu = Cpu::detect(crate::CpuLevel::default());
        prop_assert_eq!(resized_wide(cpu, &source, from, to, filter, Cancel::ALWAYS).unwrap(), rows);
    }

    /// Places in fractions that divide no view, and pixels that do not exist.
    #[test]
    fn parts_of_any_grid_of_16_bits_join(
        sw in 1u32..200, (step, den, off) in (1i64..4000, 1i64..2000, 0i64..2000), len in 1u32..60, from in 0u32..60,
        left in 0i64..40, pick in 0usize..4, seed: u64,
    ) {
        let filter = Filter::ALL[pick];
        let exists = left % i64::from(sw)..i64::from(sw);
        let x = Axis { len, first: off - left * den, step, den, bounds: -left..i64::from(sw) + 3, exists };
        let y = Axis::resizing(1, 1);
        prop_assume!(x.span(filter).is_some());
        let source = wide_picture(Size::new(sw, 1), seed);
        let whole = by_wide_rows(&source, sw, (&x, &y), filter);
        let from = from % len;
        let tile = part(&x, from, len - from);
        if tile.span(filter).is_some() {
            prop_assert_eq!(&by_wide_rows(&source, sw, (&tile, &y), filter), &whole[from as usize..]);
        }
    }

    /// Long filters do not go through `fast_image_resize`, and long pictures do.
    #[test]
    fn long_pictures_too(sw in 1u32..30_000, vw in 1u32..2000, pick in 0usize..4, seed: u64) {
        let source = picture(Size::new(sw, 3), Layout::GRAY, seed);
        let filter = Filter::ALL[pick];
        let axes = (&Axis::resizing(sw, vw), &Axis::resizing(3, 2));
        let (pixels, to) = (pixels_of(&source), Size::new(vw, 2));
        for cpu in Cpu::all() {
            let whole = resized(cpu, (&pixels, Components::One), source.size(), to, filter, Cancel::ALWAYS).unwrap();
            prop_assert_eq!(whole, by_rows(cpu, &source, axes, filter));
        }
    }
}

#[test]
fn small_pictures_of_every_size() {
    for filter in Filter::ALL {
        for (sw, vw) in (1..48).flat_map(|sw| (1..48).map(move |vw| (sw, vw))) {
            let source = picture(Size::new(sw, 1), Layout::GRAY, u64::from(sw));
            let (to, cpu) = (Size::new(vw, 1), Cpu::detect(crate::CpuLevel::default()));
            let calls = Calls { filter, cancel: Cancel::ALWAYS };
            let whole =
                calls.bytes(&mut resizer(cpu), &pixels_of(&source), Components::One, source.size(), to).unwrap();
            let axes = (&Axis::resizing(sw, vw), &Axis::resizing(1, 1));
            assert_eq!(by_rows(cpu, &source, axes, filter), whole, "{sw} to {vw}, {filter:?}");
        }
    }
}

#[test]
fn pixels_must_be_as_many_as_the_size_says() {
    let resized = |count: usize, components| {
        let pixels = vec![9; count];
        let (from, to) = (Size::new(5, 4), Size::new(3, 3));
        resized(Cpu::detect(crate::CpuLevel::Scalar), (&pixels, components), from, to, Filter::Bicub, Cancel::ALWAYS)
    };
    assert_eq!(resized(20, Components::One).unwrap(), [9; 9]);
    assert_eq!(resized(60, Components::Three).unwrap(), [9; 27]);
    for (count, components) in [(19, Components::One), (21, Components::One), (20, Components::Three)] {
        assert_eq!(resized(count, components).unwrap_err().kind(), ErrorKind::Internal);
    }
    let cancel = Cancel::new(&|| false);
    let (size, cpu) = (Size::new(2, 2), Cpu::detect(crate::CpuLevel::Scalar));
    let stopped = super::resized(cpu, (&[0; 4], Components::One), size, Size::new(1, 1), Filter::Bicub, cancel);
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Stopped);
}

/// Why `clippy.toml` bans crops: a call with one derives the precision of its weights from the samples of the crop, and a
/// tile can then differ from the whole. (Where a crop is enlarged the call reads beyond the pixels besides.)
#[test]
#[expect(clippy::disallowed_methods, reason = "shows what is wrong with it")]
fn a_crop_of_theirs_is_no_part_of_their_whole() {
    let filter = Filter::Bilin;
    let custom = fir::Filter::new("of the engine", filters::function(filter, true), 1.0).unwrap();
    let calls = Calls { filter, cancel: Cancel::ALWAYS };
    let (cpu, tile) = (Cpu::detect(crate::CpuLevel::default()), Size::new(10, 10));
    let differ = |side: u32| {
        // Only a sample in the middle has its centre on that of a pixel, and with it the largest weight: just above 1/2.
        let (from, to) = (Size::new(side, side), Size::new(side.div_ceil(2), side.div_ceil(2)));
        let source = picture(from, Layout::GRAY, u64::from(side));
        let pixels = pixels_of(&source);
        let whole = calls.bytes(&mut resizer(cpu), &pixels, Components::One, from, to).unwrap();
        let crop = f64::from(tile.width) * f64::from(from.width) / f64::from(to.width);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Custom(custom)));
        let image = ImageRef::new(from.width, from.height, &pixels, PixelType::U8).unwrap();
        let mut out = Image::new(tile.width, tile.height, PixelType::U8);
        resizer(cpu).resize(&image, &mut out, &options.crop(0.0, 0.0, crop, crop)).unwrap();
        let expected = cut(&whole, to.width, 1, (0, 0), tile);
        // The resampler makes the same part of the same whole.
        let axis = part(&Axis::resizing(from.width, to.width), 0, tile.width);
        assert_eq!(by_rows(cpu, &source, (&axis, &axis), filter), expected);
        out.into_vec() != expected
    };
    assert!((61..=201).step_by(4).any(differ));
}
