//! Pictures with alpha, against the resamplers of bytes and of 16 bits that know nothing of alpha.

use proptest::prelude::*;

use super::*;
use crate::imaging::kernel::isa::twin::each_level_equals;
use crate::imaging::kernel::resample::Resampler;
use crate::imaging::kernel::resample::wide::WideResampler;
use crate::imaging::pixel::raster::{Here, RowSink};
use crate::test_support::Dice;

/// Noise over areas that are opaque, transparent, nearly transparent and anything; `kinds` says how many of these.
fn picture(size: Size, layout: Layout, kinds: usize, seed: u64) -> Raster {
    let mut dice = Dice::new(seed | 1);
    let mut raster = Raster::zeroed(size, layout);
    let last = layout.planes() - 1;
    for y in 0..size.height as usize {
        for x in 0..size.width as usize {
            for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
                let noise = dice.byte();
                plane.row_mut(y)[x] = if p < last {
                    [noise, 200, (x * 9) as u8][(x / 8 + y / 6) % 3]
                } else {
                    [255, 0, noise % 4, noise][(x / 23 + y / 19) % kinds]
                };
            }
        }
    }
    raster
}

/// The window that samples read, row by row.
fn pour(source: &Raster, window: Window, sink: &mut dyn RowSink) {
    let mut row = Row::new(window.width, source.layout());
    let columns = window.x as usize..(window.x + window.width) as usize;
    for y in window.y..window.y + window.height {
        for (samples, plane) in row.planes_mut().into_iter().zip(source.planes()) {
            samples.copy_from_slice(&plane.row(y as usize)[columns.clone()]);
        }
        sink.row(&mut row).unwrap();
    }
}

fn window((x, y): (&Axis, &Axis), filter: Filter) -> Option<Window> {
    let (columns, rows) = (x.span(filter)?, y.span(filter)?);
    Some(Window { x: columns.start, y: rows.start, width: columns.end - columns.start, height: rows.end - rows.start })
}

/// In 16 bits, whatever the resampler makes.
fn resampled(cpu: Cpu, source: &Raster, axes: (&Axis, &Axis), filter: Filter) -> Raster<u16> {
    let window = window(axes, filter).unwrap();
    let mut resampler = AlphaResampler::new(cpu, axes, filter, window, source.layout());
    pour(source, window, &mut Here { stage: &mut resampler, cancel: Cancel::ALWAYS });
    match resampler.finish(Cancel::ALWAYS).unwrap() {
        AnyRaster::Bytes(raster) => {
            assert!(is_opaque(&raster));
            multiplied(&raster, true, Cancel::ALWAYS).unwrap()
        }
        AnyRaster::Wide(raster) => raster,
    }
}

/// Sample by sample: that of bytes where all pixels that there are are opaque, that of the products elsewhere.
fn expected(source: &Raster, axes: (&Axis, &Axis), filter: Filter) -> Raster<u16> {
    let window = window(axes, filter).unwrap();
    let layout = source.layout();
    let mut bytes = Resampler::new(Cpu::all()[0], axes, filter, window, layout, false, Cancel::ALWAYS);
    pour(source, window, &mut bytes);
    let bytes = bytes.finish();
    let products = multiplied(source, false, Cancel::ALWAYS).unwrap();
    let (left, top) = (window.x as usize, window.y as usize);
    let mut out: Raster<u16> = Raster::zeroed(Size::new(axes.0.len, axes.1.len), layout);
    let reads = |axis: &Axis, t: usize| {
        let pixels = axis.taps(t as u32, filter);
        pixels.start.max(axis.exists.start)..pixels.end.min(axis.exists.end)
    };
    let alpha = &source.planes()[layout.planes() - 1];
    for (p, plane) in out.planes_mut().iter_mut().enumerate() {
        let mut resampler = WideResampler::new(axes, filter, window, Cancel::ALWAYS);
        for y in top..top + window.height as usize {
            resampler.row(&products.planes()[p].row(y)[left..left + window.width as usize]).unwrap();
        }
        let wide = resampler.finish();
        for y in 0..axes.1.len as usize {
            for x in 0..axes.0.len as usize {
                let mut lines = reads(axes.1, y).map(|y| alpha.row(y as usize));
                let columns = reads(axes.0, x);
                let opaque = !columns.is_empty()
                    && lines.all(|line| line[columns.start as usize..columns.end as usize].iter().all(|&a| a == 255));
                plane.row_mut(y)[x] =
                    if opaque { u16::of_byte(bytes.planes()[p].row(y)[x]) } else { wide[y * axes.0.len as usize + x] };
            }
        }
    }
    out
}

fn axis(source: u32, view: u32, from: u32, len: u32) -> Axis {
    let whole = Axis::resizing(source, view);
    Axis { len, first: whole.first + i64::from(from) * whole.step, ..whole }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_level_equals_the_resamplers_without_alpha(
        (sw, sh) in (1u32..130, 1u32..90), (vw, vh) in (1u32..150, 1u32..110), pick in 0usize..4, kinds in 1usize..5,
        gray: bool, seed: u64, (left, right) in (0u32..20, 0u32..20), off in 0i64..3,
    ) {
        let layout = if gray { Layout::GRAY } else { Layout::RGB }.with_alpha(true);
        let source = picture(Size::new(sw, sh), layout, kinds, seed);
        let (x, y) = (axis(sw, vw, 0, vw), axis(sh, vh, 0, vh));
        // Some pixels count as missing, and the grid need not divide the picture evenly.
        let exists = i64::from(left.min(sw - 1))..i64::from(sw - right.min(sw - 1)).max(i64::from(left.min(sw - 1)) + 1);
        let x = Axis { exists, first: x.first + off * x.den / 3, ..x };
        let filter = Filter::ALL[pick];
        if window((&x, &y), filter).is_none() {
            return Ok(());
        }
        let expected = expected(&source, (&x, &y), filter);
        each_level_equals(&expected, |cpu| resampled(cpu, &source, (&x, &y), filter));
    }

    #[test]
    fn tiles_are_parts_of_the_whole(
        (sw, sh) in (1u32..200, 1u32..120), (vw, vh) in (1u32..260, 1u32..150), pick in 0usize..4, kinds in 1usize..5,
        (tx, ty, tw, th) in (0u32..260, 0u32..150, 1u32..260, 1u32..150), seed: u64,
    ) {
        let source = picture(Size::new(sw, sh), Layout::RGB.with_alpha(true), kinds, seed);
        let filter = Filter::ALL[pick];
        let (tx, ty) = (tx % vw, ty % vh);
        let (tw, th) = (tw.min(vw - tx), th.min(vh - ty));
        for cpu in Cpu::all() {
            let whole = resampled(cpu, &source, (&axis(sw, vw, 0, vw), &axis(sh, vh, 0, vh)), filter);
            let tile = resampled(cpu, &source, (&axis(sw, vw, tx, tw), &axis(sh, vh, ty, th)), filter);
            for (tile, whole) in tile.planes().iter().zip(whole.planes()) {
                for row in 0..th as usize {
                    let expected = &whole.row(row + ty as usize)[tx as usize..][..tw as usize];
                    prop_assert_eq!(tile.row(row), expected);
                }
            }
        }
    }

    /// A picture whose alpha is 255 throughout has the bytes of the picture without alpha.
    #[test]
    fn opaque_pictures_are_those_without_alpha(
        (sw, sh) in (1u32..90, 1u32..70), (vw, vh) in (1u32..120, 1u32..110), pick in 0usize..4, seed: u64,
    ) {
        let source = picture(Size::new(sw, sh), Layout::RGB.with_alpha(true), 1, seed);
        let (x, y, filter) = (axis(sw, vw, 0, vw), axis(sh, vh, 0, vh), Filter::ALL[pick]);
        let colors = Raster::from_planes(source.planes()[..3].to_vec(), Layout::RGB);
        for cpu in Cpu::all() {
            let all = window((&x, &y), filter).unwrap();
            let mut without = Resampler::new(cpu, (&x, &y), filter, all, Layout::RGB, false, Cancel::ALWAYS);
            pour(&colors, all, &mut without);
            let mut with = AlphaResampler::new(cpu, (&x, &y), filter, all, source.layout());
            pour(&source, all, &mut Here { stage: &mut with, cancel: Cancel::ALWAYS });
            let AnyRaster::Bytes(with) = with.finish(Cancel::ALWAYS).unwrap() else {
                return Err(TestCaseError::fail("has 16 bits"));
            };
            let without = without.finish();
            prop_assert_eq!(&with.planes()[..3], without.planes());
        }
    }
}

#[test]
fn work_that_is_given_up_stops() {
    let source = picture(Size::new(30, 20), Layout::RGB.with_alpha(true), 4, 1);
    let (x, y, filter) = (axis(30, 7, 0, 7), axis(20, 5, 0, 5), Filter::Bicub);
    let all = window((&x, &y), filter).unwrap();
    let cancel = Cancel::new(&|| false);
    let mut resampler = AlphaResampler::new(Cpu::all()[0], (&x, &y), filter, all, source.layout());
    let mut row = Row::new(30, source.layout());
    assert!((0..20).any(|_| resampler.row(&mut row, cancel).is_err()));
}
