//! One harness for all: the kernel on every CPU level against a plain implementation and its own tiles.

use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::imaging::kernel::isa::twin::each_level_equals;
use crate::imaging::pixel::color::mul_255;
use crate::imaging::pixel::raster::Plane;
use crate::test_support::Dice;

/// Noise with gradients and hard edges.
pub(super) fn picture(size: Size, layout: Layout, seed: u64) -> Raster {
    let mut dice = Dice::new(seed | 1);
    let mut raster = Raster::zeroed(size, layout);
    for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
        for y in 0..size.height as usize {
            for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                let noise = dice.byte();
                *sample = match (x / 7 + y / 5 + p) % 3 {
                    0 => noise,
                    1 => (x * 3 + y * 2) as u8,
                    _ => {
                        if (x ^ y) & 4 == 0 {
                            0
                        } else {
                            255
                        }
                    }
                };
            }
        }
    }
    raster
}

/// The axis that resamples a whole side, and its part from `from` on.
fn axis(source: u32, view: u32, from: u32, len: u32) -> Axis {
    let (source_i, view) = (i64::from(source), i64::from(view));
    Axis {
        len,
        first: source_i * (2 * i64::from(from) + 1),
        step: 2 * source_i,
        den: 2 * view,
        bounds: 0..source_i,
        exists: 0..source_i,
    }
}

/// Feeds the rows of the window that the axes need.
pub(super) fn resample(cpu: Cpu, source: &Raster, x: &Axis, y: &Axis, filter: Filter, add_alpha: bool) -> Raster {
    let (columns, rows) = (x.span(filter).unwrap(), y.span(filter).unwrap());
    let window =
        Window { x: columns.start, y: rows.start, width: columns.end - columns.start, height: rows.end - rows.start };
    let mut resampler = Resampler::new(cpu, (x, y), filter, window, source.layout(), add_alpha, Cancel::ALWAYS);
    let mut row = Row::new(window.width, source.layout());
    for y in rows {
        for (plane, samples) in row.planes_mut().into_iter().zip(source.planes()) {
            plane.copy_from_slice(&samples.row(y as usize)[columns.start as usize..columns.end as usize]);
        }
        premultiply(&mut row);
        resampler.row(&mut row).unwrap();
    }
    resampler.finish()
}

/// Multiplies the colours of a row that has alpha by it.
fn premultiply(row: &mut Row) {
    if !row.layout().alpha {
        return;
    }
    let colors = usize::from(row.layout().colors);
    let mut planes = row.planes_mut();
    let (colors, alpha) = planes.split_at_mut(colors);
    for color in colors {
        color.iter_mut().zip(&*alpha[0]).for_each(|(color, &alpha)| *color = mul_255(*color, alpha));
    }
}

/// The whole thing in the simplest words: weigh, round, weigh, round.
fn naive(source: &Plane, x: &Axis, y: &Axis, filter: Filter) -> Plane {
    let (columns, rows) = (Taps::new(x, filter), Taps::new(y, filter));
    let weigh = |taps: &Taps, t: usize, sample: &dyn Fn(usize) -> u8| {
        let sum: i64 = taps.pixels(t).zip(taps.coefs(t)).map(|(p, &c)| i64::from(c) * i64::from(sample(p))).sum();
        ((sum + (1 << (taps.bits(t) - 1))) >> taps.bits(t)).clamp(0, 255) as u8
    };
    let mut out = Plane::filled(Size::new(x.len, y.len), 0);
    for row in 0..y.len as usize {
        for column in 0..x.len as usize {
            let down = |x: usize| weigh(&rows, row, &|y| source.row(y)[x]);
            out.row_mut(row)[column] = weigh(&columns, column, &down);
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_level_equals_the_naive_twin(
        (sw, sh) in (1u32..130, 1u32..90), (vw, vh) in (1u32..150, 1u32..110), pick in 0usize..4, seed: u64,
    ) {
        let source = picture(Size::new(sw, sh), Layout::RGB, seed);
        let (x, y) = (axis(sw, vw, 0, vw), axis(sh, vh, 0, vh));
        let twin = source.planes().iter().map(|plane| naive(plane, &x, &y, Filter::ALL[pick])).collect();
        let twin = Raster::from_planes(twin, source.layout());
        each_level_equals(&twin, |cpu| resample(cpu, &source, &x, &y, Filter::ALL[pick], false));
    }

    /// Any window of a view is that part of the view.
    #[test]
    fn tiles_are_parts_of_the_whole(
        (sw, sh) in (1u32..200, 1u32..120), (vw, vh) in (1u32..260, 1u32..150), pick in 0usize..4, seed: u64,
        (tx, ty, tw, th) in (0u32..260, 0u32..150, 1u32..260, 1u32..150), alpha: bool, gray: bool,
    ) {
        let layout = if gray { Layout::GRAY } else { Layout::RGB }.with_alpha(alpha);
        let source = picture(Size::new(sw, sh), layout, seed);
        let filter = Filter::ALL[pick];
        let (tx, ty) = (tx % vw, ty % vh);
        let (tw, th) = (tw.min(vw - tx), th.min(vh - ty));
        for cpu in Cpu::all() {
            let whole = resample(cpu, &source, &axis(sw, vw, 0, vw), &axis(sh, vh, 0, vh), filter, false);
            let tile = resample(cpu, &source, &axis(sw, vw, tx, tw), &axis(sh, vh, ty, th), filter, false);
            for (tile, whole) in tile.planes().iter().zip(whole.planes()) {
                for row in 0..th as usize {
                    let expected = &whole.row(row + ty as usize)[tx as usize..][..tw as usize];
                    prop_assert_eq!(tile.row(row), expected);
                }
            }
        }
    }

    /// An axis with margins gives what a source with transparent pixels around it gives.
    #[test]
    fn margins_equal_transparent_pixels(
        (sw, sh) in (1u32..60, 1u32..60), (left, top, right, bottom) in (0u32..30, 0u32..30, 0u32..30, 0u32..30),
        (vw, vh) in (1u32..150, 1u32..150), pick in 0usize..4, seed: u64,
    ) {
        let filter = Filter::ALL[pick];
        let source = picture(Size::new(sw, sh), Layout::GRAY, seed);
        let (w, h) = (sw + left + right, sh + top + bottom);
        let mut padded = Raster::zeroed(Size::new(w, h), Layout::GRAY.with_alpha(true));
        for y in 0..sh as usize {
            let columns = left as usize..(left + sw) as usize;
            padded.planes_mut()[0].row_mut(y + top as usize)[columns.clone()].copy_from_slice(source.planes()[0].row(y));
            padded.planes_mut()[1].row_mut(y + top as usize)[columns].fill(255);
        }
        let shifted = |axis: Axis, by: u32, source: u32| Axis {
            first: axis.first - i64::from(by) * axis.den,
            bounds: axis.bounds.start - i64::from(by)..axis.bounds.end - i64::from(by),
            exists: 0..i64::from(source),
            ..axis
        };
        let (x, y) = (axis(w, vw, 0, vw), axis(h, vh, 0, vh));
        let (mx, my) = (shifted(x.clone(), left, sw), shifted(y.clone(), top, sh));
        if mx.span(filter).is_none() || my.span(filter).is_none() {
            return Ok(());
        }
        for cpu in Cpu::all() {
            let expected = resample(cpu, &padded, &x, &y, filter, false);
            prop_assert_eq!(&resample(cpu, &source, &mx, &my, filter, true), &expected);
        }
    }

    /// Pixels that may not be read are as good as transparent ones.
    #[test]
    fn restricted_axes_equal_transparent_pixels(
        (sw, sh) in (1u32..80, 1u32..80), (left, top, width, height) in (0u32..80, 0u32..80, 1u32..80, 1u32..80),
        (vw, vh) in (1u32..150, 1u32..150), pick in 0usize..4, seed: u64, alpha: bool,
    ) {
        let filter = Filter::ALL[pick];
        let source = picture(Size::new(sw, sh), Layout::RGB.with_alpha(alpha), seed);
        let (left, top) = (left % sw, top % sh);
        let (columns, rows) = (left..(left + width).min(sw), top..(top + height).min(sh));
        let mut holed = Raster::zeroed(source.size(), Layout::RGB.with_alpha(true));
        for y in rows.clone().map(|y| y as usize) {
            let columns = columns.start as usize..columns.end as usize;
            for (p, plane) in holed.planes_mut().iter_mut().enumerate() {
                let out = &mut plane.row_mut(y)[columns.clone()];
                match source.planes().get(p) {
                    Some(plane) => out.copy_from_slice(&plane.row(y)[columns.clone()]),
                    None => out.fill(255),
                }
            }
        }
        let restricted = |axis: &Axis, to: Range<u32>| Axis { exists: i64::from(to.start)..i64::from(to.end), ..axis.clone() };
        let (x, y) = (axis(sw, vw, 0, vw), axis(sh, vh, 0, vh));
        let (rx, ry) = (restricted(&x, columns), restricted(&y, rows));
        if rx.span(filter).is_none() || ry.span(filter).is_none() {
            return Ok(());
        }
        for cpu in Cpu::all() {
            let expected = resample(cpu, &holed, &x, &y, filter, false);
            prop_assert_eq!(&resample(cpu, &source, &rx, &ry, filter, true), &expected);
        }
    }

    #[test]
    fn flat_pictures_stay_flat(
        (sw, sh) in (1u32..300, 1u32..300), (vw, vh) in (1u32..300, 1u32..300), pick in 0usize..4, value: u8,
    ) {
        let source = Raster::from_planes(vec![Plane::filled(Size::new(sw, sh), value)], Layout::GRAY);
        for cpu in Cpu::all() {
            let out = resample(cpu, &source, &axis(sw, vw, 0, vw), &axis(sh, vh, 0, vh), Filter::ALL[pick], false);
            prop_assert!(out.planes()[0].samples().iter().all(|&sample| sample == value));
        }
    }
}

#[test]
fn extreme_reductions_need_little_memory_and_stay_exact() {
    let source = Raster::from_planes(vec![Plane::filled(Size::new(3, 20_000), 200)], Layout::GRAY);
    for cpu in Cpu::all() {
        let out = resample(cpu, &source, &axis(3, 1, 0, 1), &axis(20_000, 2, 0, 2), Filter::Sharp2, false);
        assert_eq!(out.planes()[0].samples(), [200, 200]);
    }
}

/// Black lines on white must not leave fringes of the colour hidden under transparency.
#[test]
fn hidden_colors_do_not_show() {
    let mut source = Raster::zeroed(Size::new(40, 4), Layout::RGB.with_alpha(true));
    for y in 0..4 {
        for (p, plane) in source.planes_mut().iter_mut().enumerate() {
            // Left: opaque green. Right: transparent, with red underneath.
            plane.row_mut(y)[..20].fill([0, 255, 0, 255][p]);
            plane.row_mut(y)[20..].fill([255, 0, 0, 0][p]);
        }
    }
    for cpu in Cpu::all() {
        let out = resample(cpu, &source, &axis(40, 13, 0, 13), &axis(4, 2, 0, 2), Filter::Sharp2, false);
        assert!(out.planes()[0].samples().iter().all(|&red| red == 0));
        assert!(out.planes()[1].samples() == out.planes()[3].samples(), "green is as strong as alpha everywhere");
    }
}
