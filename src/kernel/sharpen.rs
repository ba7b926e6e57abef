//! Sharpening of a view: `op_sharpen`, `op_usm` (`protocol.md` §8).
//!
//! Works on premultiplied colours and on alpha alike. Both are linear but for rounding, so a picture sharpened and then
//! flattened is the flattened picture sharpened, without fringes where it turns transparent.

use std::ops::Range;

use crate::geometry::{Rect, Size};
use crate::operation::{Sharpening, Unsharp};
use crate::raster::{Plane, Raster};

use super::blur::gaussian;
use super::color::brightness;
use super::cpu::Cpu;

/// Sharpens the pixels at `sampled` of a view of which `visible` shows the picture; both in view pixels.
///
/// Returns the sharpened pixels and where they lie: as far inside `sampled` as the operation reads, except where
/// `sampled` ends with the picture, whose border pixels repeat. A tile with enough around it so comes out as it is in
/// the whole view.
pub(crate) fn sharpen(
    cpu: Cpu,
    raster: &Raster,
    sampled: Rect,
    visible: Rect,
    operation: &Sharpening,
) -> (Raster, Rect) {
    let reach = operation.reach();
    let columns = inside(sampled.columns(), visible.columns(), reach.0);
    let rows = inside(sampled.rows(), visible.rows(), reach.1);
    // Inside `sampled`, and not empty, because the plan sampled enough.
    let size = Size::new((columns.end - columns.start) as u32, (rows.end - rows.start) as u32);
    let result = Rect::new(columns.start, rows.start, size.width, size.height);
    let local = (columns.start - sampled.x..columns.end - sampled.x, rows.start - sampled.y..rows.end - sampled.y);
    let planes = match operation {
        Sharpening::Simple => raster.planes().iter().map(|plane| simple(plane, &local, size)).collect(),
        Sharpening::Unsharp(usm) => unsharp(cpu, raster, &local, size, usm),
    };
    (Raster::from_planes(planes, raster.layout()), result)
}

/// A range less its borders, except where it ends with the whole.
fn inside(range: Range<i64>, whole: Range<i64>, border: u32) -> Range<i64> {
    let border = i64::from(border);
    let start = if range.start == whole.start { range.start } else { range.start + border };
    let end = if range.end == whole.end { range.end } else { range.end - border };
    start..end
}

/// Each pixel doubled, less the mean of its eight neighbours: 3×3 weights of −2 around 32, in sixteenths.
fn simple(plane: &Plane, (columns, rows): &(Range<i64>, Range<i64>), size: Size) -> Plane {
    let source = plane.size();
    let mut out = Plane::filled(size, 0);
    for (i, y) in rows.clone().enumerate() {
        let row = |dy: i64| plane.row((y + dy).clamp(0, i64::from(source.height) - 1) as usize);
        let three = [row(-1), row(0), row(1)];
        let last = i64::from(source.width) - 1;
        for (out, x) in out.row_mut(i).iter_mut().zip(columns.clone()) {
            let across = [(x - 1).max(0), x, (x + 1).min(last)].map(|x| x as usize);
            let all: i32 = three.iter().map(|row| across.iter().map(|&x| i32::from(row[x])).sum::<i32>()).sum();
            let centre = i32::from(three[1][x as usize]);
            *out = ((34 * centre - 2 * all + 8) >> 4).clamp(0, 255) as u8;
        }
    }
    out
}

fn unsharp(cpu: Cpu, raster: &Raster, local: &(Range<i64>, Range<i64>), size: Size, usm: &Unsharp) -> Vec<Plane> {
    let blurred = |plane: &Plane| gaussian(cpu, plane, local.clone(), usm.sigma_x, usm.sigma_y);
    let (colors, alpha) = raster.split_alpha();
    let mut planes: Vec<Plane> = raster.planes().iter().map(|plane| cut(plane, local, size)).collect();
    if usm.mono && colors.len() > 1 {
        let gray = brightness(colors);
        let (sharp, soft) = (cut(&gray, local, size), blurred(&gray));
        for plane in &mut planes[..colors.len()] {
            amplify(plane, sharp.samples(), soft.samples(), usm);
        }
        if let (Some(plane), Some(alpha)) = (planes.get_mut(colors.len()), alpha) {
            amplify_own(plane, &blurred(alpha), usm);
        }
    } else {
        for (plane, source) in planes.iter_mut().zip(raster.planes()) {
            amplify_own(plane, &blurred(source), usm);
        }
    }
    planes
}

/// Adds the amplified difference of a plane to itself.
fn amplify_own(plane: &mut Plane, soft: &Plane, usm: &Unsharp) {
    for (sample, &soft) in plane.samples_mut().iter_mut().zip(soft.samples()) {
        *sample = amplified(*sample, i32::from(*sample) - i32::from(soft), usm);
    }
}

/// Adds the amplified difference of two other planes.
fn amplify(plane: &mut Plane, sharp: &[u8], soft: &[u8], usm: &Unsharp) {
    for ((sample, &sharp), &soft) in plane.samples_mut().iter_mut().zip(sharp).zip(soft) {
        *sample = amplified(*sample, i32::from(sharp) - i32::from(soft), usm);
    }
}

#[inline]
fn amplified(sample: u8, difference: i32, usm: &Unsharp) -> u8 {
    // Amounts up to 5 and differences up to 255: 5 · 65536 · 255 fits.
    let added = (difference * usm.amount as i32 + 32768) >> 16;
    let added = if difference.abs() >= i32::from(usm.threshold) { added } else { 0 };
    (i32::from(sample) + added).clamp(0, 255) as u8
}

/// The part of a plane at some columns and rows.
fn cut(plane: &Plane, (columns, rows): &(Range<i64>, Range<i64>), size: Size) -> Plane {
    let mut out = Plane::filled(size, 0);
    for (i, y) in rows.clone().enumerate() {
        out.row_mut(i).copy_from_slice(&plane.row(y as usize)[columns.start as usize..columns.end as usize]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::SIGMA_STEPS;
    use crate::raster::Layout;
    use proptest::prelude::*;

    fn noise(size: Size, layout: Layout, seed: u64) -> Raster {
        let mut state = seed | 1;
        let mut raster = Raster::zeroed(size, layout);
        for plane in raster.planes_mut() {
            for sample in plane.samples_mut() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *sample = (state >> 56) as u8;
            }
        }
        raster
    }

    fn whole(raster: &Raster) -> Rect {
        Rect::at_origin(raster.size())
    }

    fn usm(amount: f64, sigma: f64, threshold: u8, mono: bool) -> Sharpening {
        let sigma = (sigma * f64::from(SIGMA_STEPS)) as u32;
        Sharpening::Unsharp(Unsharp {
            amount: (amount * 65536.0) as u32,
            sigma_x: sigma,
            sigma_y: sigma,
            threshold,
            mono,
        })
    }

    fn edge() -> Raster {
        let mut raster = Raster::zeroed(Size::new(12, 3), Layout::GRAY);
        for y in 0..3 {
            raster.planes_mut()[0].row_mut(y).copy_from_slice(&[50, 50, 50, 50, 50, 50, 150, 150, 150, 150, 150, 150]);
        }
        raster
    }

    #[test]
    fn an_edge_overshoots_on_both_sides_by_amount_and_radius() {
        let raster = edge();
        let cpu = Cpu::all()[0];
        let row = |operation: &Sharpening| {
            let (out, rect) = sharpen(cpu, &raster, whole(&raster), whole(&raster), operation);
            assert_eq!(rect, whole(&raster));
            out.planes()[0].row(1).to_vec()
        };
        assert_eq!(row(&Sharpening::Simple), [50, 50, 50, 50, 50, 13, 188, 150, 150, 150, 150, 150]);
        // The step of 100 blurred with σ = 1: .3004 of it reaches the first pixel, .0582 the second, .0044 the third.
        assert_eq!(row(&usm(1.0, 1.0, 0, false)), [50, 50, 50, 50, 44, 20, 180, 156, 150, 150, 150, 150]);
        assert_eq!(row(&usm(1.0, 1.0, 6, false)), [50, 50, 50, 50, 44, 20, 180, 156, 150, 150, 150, 150]);
        assert_eq!(row(&usm(1.0, 1.0, 7, false)), [50, 50, 50, 50, 50, 20, 180, 150, 150, 150, 150, 150]);
        assert_eq!(row(&usm(0.5, 1.0, 0, false)), [50, 50, 50, 50, 47, 35, 165, 153, 150, 150, 150, 150]);
    }

    #[test]
    fn flat_pictures_stay_as_they_are() {
        let raster = Raster::from_planes(vec![Plane::filled(Size::new(20, 10), 99); 4], Layout::RGB.with_alpha(true));
        for operation in [Sharpening::Simple, usm(5.0, 3.0, 0, false), usm(5.0, 40.0, 0, true)] {
            let (out, _) = sharpen(Cpu::all()[0], &raster, whole(&raster), whole(&raster), &operation);
            assert_eq!(out, raster);
        }
    }

    #[test]
    fn mono_adds_the_same_to_every_colour() {
        let raster = noise(Size::new(30, 20), Layout::RGB, 5);
        let (out, _) = sharpen(Cpu::all()[0], &raster, whole(&raster), whole(&raster), &usm(0.2, 1.5, 0, true));
        let added = |plane: usize, i: usize| {
            i32::from(out.planes()[plane].samples()[i]) - i32::from(raster.planes()[plane].samples()[i])
        };
        let unclamped = (0..600).filter(|&i| (0..3).all(|p| !matches!(out.planes()[p].samples()[i], 0 | 255)));
        let equal = unclamped.clone().all(|i| added(0, i) == added(1, i) && added(1, i) == added(2, i));
        assert!(equal && unclamped.count() > 300);
    }

    proptest! {
        /// A tile with the operation's reach around it is the same part of the whole, on every CPU level.
        #[test]
        fn tiles_are_parts_of_the_whole(
            (width, height) in (1u32..60, 1u32..60), (x, y, w, h) in (0u32..60, 0u32..60, 1u32..60, 1u32..60),
            seed: u64, pick in 0usize..4, layout in prop::sample::select(vec![Layout::GRAY, Layout::RGB.with_alpha(true)]),
        ) {
            let operation = [Sharpening::Simple, usm(1.3, 0.4, 2, false), usm(4.0, 2.2, 0, true), usm(0.7, 9.0, 0, false)][pick];
            let raster = noise(Size::new(width, height), layout, seed);
            let (x, y) = (x % width, y % height);
            let tile = Rect::new(i64::from(x), i64::from(y), w.min(width - x), h.min(height - y));
            let reach = operation.reach();
            let grow = |range: Range<i64>, border: u32, len: u32| {
                (range.start - i64::from(border)).max(0)..(range.end + i64::from(border)).min(i64::from(len))
            };
            let (columns, rows) = (grow(tile.columns(), reach.0, width), grow(tile.rows(), reach.1, height));
            let size = Size::new((columns.end - columns.start) as u32, (rows.end - rows.start) as u32);
            let sampled = Rect::new(columns.start, rows.start, size.width, size.height);
            let part = Raster::from_planes(
                raster.planes().iter().map(|plane| cut(plane, &(columns.clone(), rows.clone()), size)).collect(), layout);
            let mut seen = None;
            for cpu in Cpu::all() {
                let (all, _) = sharpen(cpu, &raster, whole(&raster), whole(&raster), &operation);
                let (out, at) = sharpen(cpu, &part, sampled, whole(&raster), &operation);
                for (plane, all) in out.planes().iter().zip(all.planes()) {
                    for row in tile.rows() {
                        let of_tile = &plane.row((row - at.y) as usize)[(tile.x - at.x) as usize..][..tile.width as usize];
                        let of_all = &all.row(row as usize)[tile.x as usize..][..tile.width as usize];
                        prop_assert_eq!(of_tile, of_all);
                    }
                }
                prop_assert_eq!(seen.get_or_insert_with(|| all.clone()), &all);
            }
        }
    }
}
