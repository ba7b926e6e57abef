use proptest::prelude::*;

use super::*;
use crate::base::geom::Size;
use crate::imaging::kernel::isa::twin::each_level_equals;
use crate::imaging::kernel::resample::tests::picture;
use crate::imaging::kernel::resample::whole_alpha::tests::modelled;

/// Rows of the part of a picture that the axes need, through the resampler. With `is_wide`, in 16 bits.
fn resampled(cpu: Cpu, source: &Raster, axes: (&Axis, &Axis), filter: Filter, is_wide: bool) -> AnyRaster {
    resampled_with(cpu, source, axes, filter, (is_wide, false))
}

/// The same, which gets alpha if it has none.
fn resampled_with(
    cpu: Cpu,
    source: &Raster,
    axes: (&Axis, &Axis),
    filter: Filter,
    (is_wide, add_alpha): (bool, bool),
) -> AnyRaster {
    let (columns, rows) = (axes.0.span(filter).unwrap(), axes.1.span(filter).unwrap());
    let window =
        Window { x: columns.start, y: rows.start, width: columns.end - columns.start, height: rows.end - rows.start };
    let layout = source.layout();
    let mut resampler = LinearResampler::new(cpu, axes, filter, window, (layout, is_wide), add_alpha);
    let (mut row, mut wide) = (Row::new(window.width, layout), WideRow::new(window.width, layout));
    for y in rows {
        let columns = columns.start as usize..columns.end as usize;
        let samples = source.planes().iter().map(|plane| &plane.row(y as usize)[columns.clone()]);
        if is_wide {
            let planes = wide.planes_mut().into_iter().zip(samples);
            planes.for_each(|(to, from)| to.iter_mut().zip(from).for_each(|(to, from)| *to = u16::of_byte(*from)));
            resampler.wide_row(&mut wide, Cancel::ALWAYS).unwrap();
        } else {
            row.planes_mut().into_iter().zip(samples).for_each(|(to, from)| to.copy_from_slice(from));
            resampler.row(&mut row, Cancel::ALWAYS).unwrap();
        }
    }
    resampler.finish(Cancel::ALWAYS).unwrap()
}

/// In bytes.
fn bytes(raster: AnyRaster) -> Raster {
    match raster {
        AnyRaster::Bytes(raster) => raster,
        AnyRaster::Wide(raster) => crate::imaging::kernel::alpha_wide::rounded(&raster, Cancel::ALWAYS).unwrap(),
    }
}

/// The light of a sample, both in 0…1, and the sample of light: the curve of sRGB as its standard has it.
fn light(sample: f64) -> f64 {
    if sample <= 0.04045 { sample / 12.92 } else { libm::pow((sample + 0.055) / 1.055, 2.4) }
}

fn sample_of(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * libm::pow(light, 1.0 / 2.4) - 0.055 }
}

fn layouts() -> [Layout; 4] {
    [Layout::GRAY, Layout::RGB, Layout::GRAY.with_alpha(true), Layout::RGB.with_alpha(true)]
}

#[test]
fn a_checkerboard_keeps_its_brightness() {
    let size = Size::new(40, 36);
    let mut board = Raster::zeroed(size, Layout::GRAY);
    for y in 0..36 {
        let row = board.planes_mut()[0].row_mut(y);
        row.iter_mut().enumerate().for_each(|(x, sample)| *sample = if (x + y) % 2 == 0 { 0 } else { 255 });
    }
    let axes = (&Axis::resizing(40, 20), &Axis::resizing(36, 18));
    for (filter, is_wide) in Filter::ALL.into_iter().flat_map(|filter| [(filter, false), (filter, true)]) {
        let half = bytes(resampled(Cpu::all()[0], &board, axes, filter, is_wide));
        // Filters are cut off at the border.
        for y in 4..14 {
            assert!(half.planes()[0].row(y)[4..16].iter().all(|sample| [187, 188].contains(sample)), "{filter:?}");
        }
    }
}

#[test]
fn flat_pictures_stay_flat() {
    for layout in layouts() {
        let mut flat = Raster::zeroed(Size::new(31, 17), layout);
        for value in 0..=255 {
            flat.planes_mut().iter_mut().for_each(|plane| plane.samples_mut().fill(255));
            flat.planes_mut()[..usize::from(layout.colors)].iter_mut().for_each(|p| p.samples_mut().fill(value));
            for (axes, is_wide) in [((13, 9), false), ((40, 17), false), ((13, 20), true)] {
                let axes = (&Axis::resizing(31, axes.0), &Axis::resizing(17, axes.1));
                let made = bytes(resampled(Cpu::all()[0], &flat, axes, Filter::Sharp2, is_wide));
                assert!(made.planes()[0].samples().iter().all(|&sample| sample == value), "{value}");
            }
        }
    }
}

/// Margins are transparent, and a part inside has the bytes that it has there.
#[test]
fn margins_are_transparent() {
    let source = picture(Size::new(40, 40), Layout::RGB, 3);
    let (whole, down) = (Axis::resizing(40, 20), Axis::resizing(40, 10));
    // Five samples, of ten pixels, before the picture and behind it.
    let wider = Axis { len: 30, first: whole.first - 5 * whole.step, bounds: -10..50, exists: 0..40, ..whole };
    // Samples at the border weigh pixels beyond it.
    let inside = Axis { len: 18, first: wider.first + 6 * wider.step, ..wider.clone() };
    for is_wide in [false, true] {
        let cpu = Cpu::all()[0];
        let with = bytes(resampled_with(cpu, &source, (&wider, &down), Filter::Bilin, (is_wide, true)));
        let without = bytes(resampled(cpu, &source, (&inside, &down), Filter::Bilin, is_wide));
        assert!(with.layout().alpha && !without.layout().alpha);
        for y in 0..10 {
            let alpha = with.planes()[3].row(y);
            assert!((alpha[0], alpha[29]) == (0, 0) && alpha[6..24].iter().all(|&alpha| alpha == 255), "{alpha:?}");
            assert!(alpha[5] > 127 && alpha[5] < 255, "{alpha:?}");
            for (with, without) in with.planes().iter().zip(without.planes()) {
                assert_eq!(with.row(y)[6..24], *without.row(y));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Light in floating point, weighed and made samples of, is a level away at most; every level of instructions makes the
    /// same.
    #[test]
    fn light_is_weighed(
        (sw, sh) in (1u32..50, 1u32..40), (vw, vh) in (1u32..50, 1u32..40), pick in 0usize..4, kind in 0usize..4,
        is_wide: bool, seed: u64,
    ) {
        let (from, to, filter, layout) = (Size::new(sw, sh), Size::new(vw, vh), Filter::ALL[pick], layouts()[kind]);
        let source = picture(from, layout, seed);
        let axes = (&Axis::resizing(sw, vw), &Axis::resizing(sh, vh));
        let made = resampled(Cpu::all()[0], &source, axes, filter, is_wide);
        each_level_equals(&made, |cpu| resampled(cpu, &source, axes, filter, is_wide));
        prop_assert_eq!(matches!(made, AnyRaster::Wide(_)), is_wide && !layout.alpha);
        let made = bytes(made);
        let (colors, alpha) = source.split_alpha();
        let of = |sample: &u8| f64::from(*sample) / 255.0;
        let alpha: Option<Vec<f64>> = alpha.map(|plane| plane.samples().iter().map(of).collect());
        let whole = |samples: Vec<f64>| {
            let samples: Vec<f64> = samples.iter().map(|sample| sample * 65535.0).collect();
            modelled(&samples, from, to, filter)
        };
        let alphas = alpha.clone().map(whole);
        for (plane, found) in colors.iter().zip(made.planes()) {
            let weighed = |(i, sample): (usize, &u8)| light(of(sample)) * alpha.as_ref().map_or(1.0, |alpha| alpha[i]);
            let model = whole(plane.samples().iter().enumerate().map(weighed).collect());
            for (i, (light, &found)) in model.iter().zip(found.samples()).enumerate() {
                let alpha = alphas.as_ref().map_or(65535.0, |alphas| alphas[i]);
                // Of little alpha light has few levels.
                if alpha >= 32768.0 {
                    let expected = 255.0 * sample_of((light / alpha).min(1.0));
                    prop_assert!((f64::from(found) - expected).abs() <= 1.0, "{found} for {expected} at alpha {alpha}");
                }
            }
        }
        for (found, alphas) in made.split_alpha().1.into_iter().zip(alphas) {
            let near = |(found, alpha): (&u8, f64)| (f64::from(*found) - alpha / 257.0).abs() <= 0.51;
            prop_assert!(found.samples().iter().zip(alphas).all(near));
        }
    }

    /// A part of the samples, from the rows and columns that it needs, is that part of the whole.
    #[test]
    fn windows_are_parts_of_the_whole(
        (sw, sh) in (1u32..50, 1u32..40), (vw, vh) in (1u32..50, 1u32..40), pick in 0usize..4, kind in 0usize..4,
        is_wide: bool, (left, top) in (0u32..50, 0u32..40), (width, height) in (1u32..50, 1u32..40), seed: u64,
    ) {
        let (filter, layout) = (Filter::ALL[pick], layouts()[kind]);
        let source = picture(Size::new(sw, sh), layout, seed);
        let (x, y) = (Axis::resizing(sw, vw), Axis::resizing(sh, vh));
        let (left, top) = (left % vw, top % vh);
        let (width, height) = (width.min(vw - left), height.min(vh - top));
        let part = |axis: &Axis, from: u32, len: u32| {
            Axis { len, first: axis.first + i64::from(from) * axis.step, ..axis.clone() }
        };
        let cpu = *Cpu::all().last().unwrap();
        let whole = bytes(resampled(cpu, &source, (&x, &y), filter, is_wide));
        let axes = (&part(&x, left, width), &part(&y, top, height));
        let tile = bytes(resampled(cpu, &source, axes, filter, is_wide));
        for (tile, whole) in tile.planes().iter().zip(whole.planes()) {
            for row in 0..height as usize {
                let there = &whole.row(top as usize + row)[left as usize..(left + width) as usize];
                prop_assert_eq!(tile.row(row), there);
            }
        }
    }
}
