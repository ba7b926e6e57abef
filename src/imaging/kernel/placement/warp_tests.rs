use super::*;
use crate::base::geom::Orientation;
use crate::base::geom::affine::Angle;
use crate::base::geom::affine::warp_window;
use crate::imaging::kernel::test_support::{part, premultiplied_noise};
use crate::imaging::pixel::raster::{Layout, Plane};
use proptest::prelude::*;

const LAYOUT: Layout = Layout::RGB.with_alpha(true);

fn warp(source: &Raster, source_at: (i64, i64), frame: Size, map: &Affine, out: Rect, filter: Filter) -> Raster {
    super::warp(source, source_at, frame, map, out, filter, Cancel::ALWAYS).unwrap()
}

fn orient(raster: Raster, orientation: Orientation) -> Raster {
    crate::imaging::kernel::placement::orient::orient(raster, orientation, Cancel::ALWAYS).unwrap()
}

fn degrees(degrees: f64) -> Angle {
    Angle::new((degrees * 1e9) as i64)
}

fn whole(source: &Raster, map: &Affine, out: Rect, filter: Filter) -> Raster {
    warp(source, (0, 0), source.size(), map, out, filter)
}

/// The whole thing in the simplest words: find the pixels, weigh across, weigh down.
fn naive(source: &Raster, map: &Affine, out: Rect, filter: Filter) -> Raster {
    let mut result = Raster::zeroed(out.size(), source.layout());
    let size = source.size();
    let bilinear = filter == Filter::Bilin;
    // The first pixel and the weights along one axis.
    let weights = |position: i128| {
        let in_256ths = (position + (1 << 23)).div_euclid(1 << 24) - if bilinear { 128 } else { 384 };
        let phase = in_256ths.rem_euclid(256) as usize;
        let table: Vec<i32> =
            (if bilinear { &BILINEAR[phase][..] } else { &CATMULL_ROM[phase] }).iter().map(|&w| i32::from(w)).collect();
        (in_256ths.div_euclid(256), table)
    };
    for (p, plane) in source.planes().iter().enumerate() {
        let sample = |x: i128, y: i128| {
            let there = (0..i128::from(size.width)).contains(&x) && (0..i128::from(size.height)).contains(&y);
            if there { i32::from(plane.row(y as usize)[x as usize]) } else { 0 }
        };
        for y in 0..out.height {
            for x in 0..out.width {
                let (px, py) = map.position(out.x + i64::from(x), out.y + i64::from(y));
                let ((left, across), (top, down)) = (weights(px), weights(py));
                let line = |y: i128| (left..).zip(&across).map(|(x, w)| w * sample(x, y)).sum::<i32>();
                let sum: i32 = (top..).zip(&down).map(|(y, w)| w * ((line(y) + 64) >> 7)).sum();
                result.planes_mut()[p].row_mut(y as usize)[x as usize] = ((sum + (1 << 20)) >> 21).clamp(0, 255) as u8;
            }
        }
    }
    result
}

#[test]
fn weights_are_those_of_the_kernels() {
    for phase in 0..PHASES {
        assert_eq!(BILINEAR[phase].iter().sum::<i16>(), 1 << WEIGHT_BITS);
        assert_eq!(CATMULL_ROM[phase].iter().sum::<i16>(), 1 << WEIGHT_BITS);
        let t = phase as f64 / 256.0;
        let exact = [
            -t * (1.0 - t) * (1.0 - t),
            2.0 - t * t * (5.0 - 3.0 * t),
            t * (1.0 + t * (4.0 - 3.0 * t)),
            t * t * (t - 1.0),
        ];
        for (weight, exact) in CATMULL_ROM[phase].into_iter().zip(exact) {
            assert!((f64::from(weight) - exact * 8192.0).abs() <= 1.0, "{phase}: {weight} {exact}");
        }
    }
    assert_eq!((BILINEAR[0], BILINEAR[64]), ([16384, 0], [12288, 4096]));
    assert_eq!((CATMULL_ROM[0], CATMULL_ROM[128]), ([0, 16384, 0, 0], [-1024, 9216, 9216, -1024]));
}

#[test]
fn right_angles_are_orientations() {
    let source = premultiplied_noise(Size::new(13, 8), LAYOUT, 4);
    for turns in 0..8 {
        let size = source.size().swapped(turns % 2 == 1);
        let map = Affine::rotation(degrees(90.0 * f64::from(turns)), source.size(), size);
        let turned = orient(source.clone(), Orientation::default().rotated_quarter_turns(turns));
        for filter in Filter::ALL {
            assert_eq!(whole(&source, &map, Rect::at_origin(size), filter), turned, "{turns} {filter:?}");
        }
    }
}

#[test]
fn an_edge_between_pixels_is_smooth() {
    // Opaque white, shifted by a quarter of a pixel.
    let source = Raster::from_planes(vec![Plane::filled(Size::new(4, 4), 255); 2], Layout::GRAY.with_alpha(true));
    let unmoved = Affine::rotation(degrees(0.0), source.size(), source.size());
    let map = Affine { x0: unmoved.x0 - (1 << 30), ..unmoved };
    let row = |filter| whole(&source, &map, Rect::new(-1, 1, 7, 1), filter).planes()[1].row(0).to_vec();
    assert_eq!(row(Filter::Bilin), [0, 191, 255, 255, 255, 64, 0]);
    // Weights −.0703 .8672 .2266 −.0234 three quarters on: 1.07 clamps, −.02 too.
    assert_eq!(row(Filter::Bicub), [0, 203, 255, 255, 255, 52, 0]);
}

#[test]
fn a_ramp_is_turned_to_its_place() {
    // Value 4x + 60 in a square of 32; at 30° position x' = cos · x + sin · y from the centre.
    let mut source = Raster::from_planes(vec![Plane::filled(Size::new(32, 32), 255); 2], Layout::GRAY.with_alpha(true));
    for y in 0..32 {
        source.planes_mut()[0].row_mut(y).iter_mut().zip(0..).for_each(|(sample, x)| *sample = 60 + 4 * x);
    }
    let map = Affine::rotation(degrees(30.0), source.size(), source.size());
    for filter in [Filter::Bilin, Filter::Bicub] {
        let out = whole(&source, &map, Rect::at_origin(source.size()), filter);
        for y in 10..22 {
            for x in 10..22usize {
                let from_center = 0.866_025 * (x as f64 - 15.5) + 0.5 * (y as f64 - 15.5);
                let exact = 60.0 + 4.0 * (15.5 + from_center);
                let sample = f64::from(out.planes()[0].row(y)[x]);
                assert!((sample - exact).abs() < 0.6, "{x},{y}: {sample} {exact}");
            }
        }
    }
}

#[test]
fn what_lies_outside_is_transparent_and_reads_nothing() {
    let source = premultiplied_noise(Size::new(5, 5), LAYOUT, 1);
    let map = Affine::rotation(degrees(20.0), source.size(), source.size());
    for (out, reads) in [
        (Rect::new(100, 0, 9, 9), false),
        (Rect::new(0, -50, 9, 9), false),
        (Rect::new(0, 0, 0, 5), false),
        (Rect::new(1, 1, 1, 1), true),
    ] {
        for filter in Filter::ALL {
            assert_eq!(warp_window(&map, out, source.size(), filter).is_some(), reads, "{out:?}");
            let made = whole(&source, &map, out, filter);
            assert_eq!(made != Raster::zeroed(out.size(), LAYOUT), reads);
        }
    }
    // One pixel at a right place reads itself, though its neighbours are weighed by zero.
    let unmoved = Affine::rotation(degrees(0.0), source.size(), source.size());
    assert_eq!(warp_window(&unmoved, Rect::new(2, 2, 1, 1), source.size(), Filter::Bilin), Some(Rect::new(2, 2, 2, 2)));
    assert_eq!(warp_window(&unmoved, Rect::new(0, 2, 1, 1), source.size(), Filter::Bicub), Some(Rect::new(0, 1, 3, 4)));
}

/// Rotations at some scale, and any other map.
fn maps() -> impl Strategy<Value = Affine> {
    let coefficient = || prop_oneof![-(3i64 << 32)..3i64 << 32, Just(0)];
    let offset = || -(60i64 << 32)..60i64 << 32;
    let any = (coefficient(), coefficient(), offset(), coefficient(), coefficient(), offset());
    let any = any.prop_map(|(xx, xy, x0, yx, yy, y0)| Affine { xx, xy, x0, yx, yy, y0 });
    let rotation = (0i64..360_000_000_000)
        .prop_map(|billionths| Affine::rotation(Angle::new(billionths), Size::new(40, 30), Size::new(50, 40)));
    prop_oneof![any, rotation]
}

proptest! {
    #[test]
    fn equals_the_naive_twin(
        map in maps(), (width, height) in (1u32..50, 1u32..50), (x, y, w, h) in (-30i64..30, -30i64..30, 1u32..50, 1u32..50),
        pick in 0usize..4, seed: u64,
    ) {
        let source = premultiplied_noise(Size::new(width, height), LAYOUT, seed);
        let out = Rect::new(x, y, w, h);
        prop_assert_eq!(whole(&source, &map, out, Filter::ALL[pick]), naive(&source, &map, out, Filter::ALL[pick]));
    }

    /// Any part of a result, made of no more than the window it reads, is that part of the whole.
    #[test]
    fn parts_are_parts_of_the_whole(
        map in maps(), (width, height) in (1u32..50, 1u32..50), (x, y, w, h) in (0i64..60, 0i64..60, 1u32..60, 1u32..60),
        pick in 0usize..4, seed: u64,
    ) {
        let source = premultiplied_noise(Size::new(width, height), Layout::GRAY.with_alpha(true), seed);
        let filter = Filter::ALL[pick];
        let all = Rect::new(-10, -10, 70, 70);
        let tile = Rect::new(x - 10, y - 10, w.min(70 - x as u32), h.min(70 - y as u32));
        let expected = part(&whole(&source, &map, all, filter), Rect { x, y, ..tile });
        let made = match warp_window(&map, tile, source.size(), filter) {
            None => Raster::zeroed(tile.size(), source.layout()),
            Some(window) => {
                let held = part(&source, window);
                warp(&held, (window.x, window.y), source.size(), &map, tile, filter)
            }
        };
        prop_assert_eq!(made, expected);
    }

    #[test]
    fn no_numbers_are_too_large(
        coefficients in any::<[i64; 6]>(), (x, y) in (i64::MIN..i64::MAX - 9, i64::MIN..i64::MAX - 9), at in any::<(i64, i64)>(),
        (width, height) in any::<(u32, u32)>(), pick in 0usize..4,
    ) {
        let [xx, xy, x0, yx, yy, y0] = coefficients;
        let map = Affine { xx, xy, x0, yx, yy, y0 };
        let out = Rect::new(x, y, 5, 5);
        let source = premultiplied_noise(Size::new(3, 3), LAYOUT, 2);
        warp(&source, at, Size::new(width, height), &map, out, Filter::ALL[pick]);
        warp(&source, (-1, 1), Size::new(2, 9), &map, out, Filter::ALL[pick]);
        warp_window(&map, out, Size::new(width, height), Filter::ALL[pick]);
    }
}
