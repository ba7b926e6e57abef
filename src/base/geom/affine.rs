//! Rotated pictures: how large they get, and where their pixels lie on the unrotated ones.
//!
//! Sine and cosine come from [`sin_pi`], so they are the same on every machine; from there on all is whole numbers in
//! 1/2³².

use crate::base::geom::{Filter, Rect, Size};
use crate::base::num::libm_free::sin_pi;

/// Fraction bits of positions and coefficients.
pub(crate) const FRACTION_BITS: u32 = 32;

const ONE: i64 = 1 << FRACTION_BITS;

/// A clockwise rotation, as `rotate=` has it (`protocol.md` §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Angle {
    /// Billionths of a degree, less than 360 degrees.
    billionths: i64,
}

impl Angle {
    const RIGHT: i64 = 90_000_000_000;

    /// Any number of billionths of a degree; whole turns are left out.
    pub(crate) const fn new(billionths: i64) -> Self {
        Self { billionths: billionths.rem_euclid(4 * Self::RIGHT) }
    }

    /// The number of right angles, 0 to 3, if it is whole. Pictures then turn without resampling.
    pub(crate) const fn quarter_turns(self) -> Option<u32> {
        if self.billionths % Self::RIGHT == 0 { Some((self.billionths / Self::RIGHT) as u32) } else { None }
    }

    /// In 1/2³²; exact at right angles.
    pub(crate) fn sin(self) -> i64 {
        let rest = self.billionths % Self::RIGHT;
        // Within one right angle sines are symmetric, so those of all four agree to the last bit.
        let (sin, cos) = (sin_of(rest), sin_of(Self::RIGHT - rest));
        match self.billionths / Self::RIGHT {
            0 => sin,
            1 => cos,
            2 => -sin,
            _ => -cos,
        }
    }

    /// In 1/2³²; exact at right angles.
    pub(crate) fn cos(self) -> i64 {
        Self::new(self.billionths + Self::RIGHT).sin()
    }

    /// The box around a rotated picture: each side rounded half up, at least 1. A side can be 1.42 times the longer one
    /// of the picture.
    ///
    /// 100×50 at 30° is 100 · .866 + 50 · .5 = 111.6 wide and 100 · .5 + 50 · .866 = 93.3 high: 112×93.
    pub(crate) fn bounding_box(self, size: Size) -> Size {
        let (sin, cos) = (self.sin().unsigned_abs(), self.cos().unsigned_abs());
        // At most 2²⁴ · √2 pixels, with fraction 2⁵⁷.
        let side = |along: u32, across: u32| {
            let exact = u64::from(along) * cos + u64::from(across) * sin;
            ((exact + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS).max(1) as u32
        };
        Size::new(side(size.width, size.height), side(size.height, size.width))
    }
}

/// The sine of 0 to 90 degrees.
fn sin_of(billionths: i64) -> i64 {
    // Whole numbers below 2⁵³ and one division: the argument is the nearest double.
    let sine = sin_pi(billionths as f64 / (2 * Angle::RIGHT) as f64);
    crate::base::num::libm_free::floor(sine * ONE as f64 + 0.5)
}

/// Positions along one axis: pixel `t` is centred at `(first + t · step) / den`.
///
/// Numbers are exact up to the product of two sides; `den` is greater than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grid {
    pub(crate) first: i64,
    pub(crate) step: i64,
    pub(crate) den: i64,
}

impl Grid {
    /// Pixels as they are: pixel `t` is centred at `t + ½`.
    pub(crate) const IDENTITY: Self = Self { first: 1, step: 2, den: 2 };
}

/// A ratio of sides, such as the pixels of a scaled picture per pixel of the original; both greater than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scaling {
    pub(crate) num: i64,
    pub(crate) den: i64,
}

impl Scaling {
    pub(crate) const ONE: Self = Self { num: 1, den: 1 };
}

/// Where the pixels of a result lie on a source.
///
/// Pixel (x, y) of the result is centred at `((xx·x + xy·y + x0) / 2³², (yx·x + yy·y + y0) / 2³²)` source pixels from
/// the source's corner. As that is exact, a tile samples the same points as the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Affine {
    pub(crate) xx: i64,
    pub(crate) xy: i64,
    pub(crate) x0: i64,
    pub(crate) yx: i64,
    pub(crate) yy: i64,
    pub(crate) y0: i64,
}

impl Affine {
    /// A picture of size `from` turned about its centre, which comes to lie at the centre of `to`.
    pub(crate) fn rotation(angle: Angle, from: Size, to: Size) -> Self {
        Self::new((Grid::IDENTITY, Grid::IDENTITY), angle, from, to, (Scaling::ONE, Scaling::ONE))
    }

    /// From pixels of the view to a prescaled source, in three steps.
    ///
    /// `view` says where the view's columns and rows are centred in the rectangle of size `to` that a picture of size
    /// `from` fills when it is turned by `angle`, centre to centre. `prescaled` is how many pixels of the source there
    /// are per pixel of that picture, across and down.
    ///
    /// Coefficients are rounded once. Those beyond `i64`, which only positions far outside any picture have, saturate.
    pub(crate) fn new(view: (Grid, Grid), angle: Angle, from: Size, to: Size, prescaled: (Scaling, Scaling)) -> Self {
        let (sin, cos) = (angle.sin(), angle.cos());
        let (columns, rows) = view;
        // Turning back: x' = cos · x + sin · y, y' = −sin · x + cos · y, all from the centres.
        let line = |across: i64, down: i64, side: u32, ratio: Scaling| {
            let step = |factor: i64, grid: Grid| scaled(factor, i128::from(grid.step), grid.den, ratio);
            let offset = |factor: i64, grid: Grid, side: u32| {
                // Twice the position of pixel 0 from the rectangle's centre, in units of 1/den.
                let first = 2 * i128::from(grid.first) - i128::from(side) * i128::from(grid.den);
                scaled(factor, first, grid.den.saturating_mul(2), ratio)
            };
            let center = scaled(ONE, i128::from(side), 2, ratio);
            let start = offset(across, columns, to.width).saturating_add(offset(down, rows, to.height));
            (step(across, columns), step(down, rows), start.saturating_add(center))
        };
        let (xx, xy, x0) = line(cos, sin, from.width, prescaled.0);
        let (yx, yy, y0) = line(-sin, cos, from.height, prescaled.1);
        Self { xx, xy, x0, yx, yy, y0 }
    }

    /// The exact position of a pixel's centre, in 1/2³² source pixels. Those beyond 2¹²⁰, which no picture has, saturate.
    pub(crate) fn position(&self, x: i64, y: i64) -> (i128, i128) {
        const MOST: i128 = 1 << 120;
        let line = |across: i64, down: i64, start: i64| {
            let (across, down) = (i128::from(across) * i128::from(x), i128::from(down) * i128::from(y));
            across.saturating_add(down).saturating_add(i128::from(start)).clamp(-MOST, MOST)
        };
        (line(self.xx, self.xy, self.x0), line(self.yx, self.yy, self.y0))
    }

    /// The lowest and highest position in each direction of the pixels' centres of a rectangle that is not empty.
    pub(crate) fn extent(&self, out: Rect) -> [(i128, i128); 2] {
        // Positions are linear, so they are extreme at corners.
        let (right, bottom) = (out.columns().end - 1, out.rows().end - 1);
        let corners = [(out.x, out.y), (right, out.y), (out.x, bottom), (right, bottom)];
        let corners = corners.map(|(x, y)| self.position(x, y));
        let extreme = |values: [i128; 4]| {
            values.into_iter().fold((values[0], values[0]), |(low, high), value| (low.min(value), high.max(value)))
        };
        [extreme(corners.map(|(x, _)| x)), extreme(corners.map(|(_, y)| y))]
    }
}

/// Positions between pixels are told apart this finely.
pub(crate) const PHASE_BITS: u32 = 8;

/// The pixels of a frame around the points of `out` that resampling with a filter reads; `None` if there are none, and the result is transparent.
pub(crate) fn warp_window(map: &Affine, out: Rect, frame: Size, filter: Filter) -> Option<Rect> {
    if out.size().area() == 0 {
        return None;
    }
    let taps = if filter == Filter::Bilin { 2 } else { 4 };
    let [across, down] = map.extent(out);
    let range = |(low, high): (i128, i128), side: u32| {
        // Both ends lie in the frame, so they fit.
        let start = (first_tap(low, taps) >> FRACTION_BITS).clamp(0, i128::from(side)) as i64;
        let end = ((first_tap(high, taps) >> FRACTION_BITS) + taps as i128).clamp(0, i128::from(side)) as i64;
        (start < end).then_some((start, (end - start) as u32))
    };
    let ((x, width), (y, height)) = (range(across, frame.width)?, range(down, frame.height)?);
    Some(Rect::new(x, y, width, height))
}

/// The first of `taps` pixels around a position, in 1/2³² pixels: a whole number, the phase in [`PHASE_BITS`], and bits
/// that no longer count.
pub(crate) const fn first_tap(position: i128, taps: usize) -> i128 {
    // The centre of a pixel is half a pixel after its edge; with two pixels, the first centre is the last one before the
    // position. Phases are rounded.
    position - ((taps as i128 - 1) << (FRACTION_BITS - 1)) + (1 << (FRACTION_BITS - PHASE_BITS - 1))
}

/// `factor · value / den · ratio`, rounded half up; saturates.
fn scaled(factor: i64, value: i128, den: i64, ratio: Scaling) -> i64 {
    // Half of the room, so that rounding has the rest.
    const MOST: i128 = 1 << 124;
    let product = i128::from(factor).saturating_mul(value).saturating_mul(i128::from(ratio.num)).clamp(-MOST, MOST);
    let divisor = i128::from(den.max(1)).saturating_mul(i128::from(ratio.den.max(1))).min(MOST);
    let quotient = crate::base::geom::round_half_up(product, divisor);
    i64::try_from(quotient).unwrap_or(if quotient < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn degrees(degrees: f64) -> Angle {
        Angle::new((degrees * 1e9) as i64)
    }

    #[test]
    fn right_angles_are_exact() {
        for (turns, sin, cos) in [(0, 0, ONE), (1, ONE, 0), (2, 0, -ONE), (3, -ONE, 0)] {
            for whole in [-720, 0, 360, 3600] {
                let angle = Angle::new((90 * i64::from(turns) + whole) * 1_000_000_000);
                assert_eq!((angle.sin(), angle.cos(), angle.quarter_turns()), (sin, cos, Some(turns)));
            }
        }
        assert_eq!((degrees(30.0).sin(), degrees(60.0).cos()), (ONE / 2, ONE / 2));
        assert_eq!(degrees(45.0).sin(), 3_037_000_500);
        assert_eq!(degrees(-30.0).sin(), -ONE / 2);
        assert_eq!(degrees(0.000_000_001).quarter_turns(), None);
    }

    #[test]
    fn boxes_hold_the_corners() {
        let size = Size::new(100, 50);
        for (angle, expected) in [
            (0.0, (100, 50)),
            (90.0, (50, 100)),
            (180.0, (100, 50)),
            (270.0, (50, 100)),
            (30.0, (112, 93)),
            (150.0, (112, 93)),
            (210.0, (112, 93)),
            (-45.0, (106, 106)),
        ] {
            assert_eq!(degrees(angle).bounding_box(size), Size::new(expected.0, expected.1), "{angle}");
        }
        let side = crate::base::geom::MAX_SIDE;
        assert_eq!(degrees(45.0).bounding_box(Size::new(side, side)).width, 23_726_566);
        assert_eq!(degrees(45.0).bounding_box(Size::new(1, 1)), Size::new(1, 1));
    }

    #[test]
    fn rotation_is_clockwise_about_the_center() {
        // 4×2 turned right: what was at the left is at the top, so pixel (0, 0) shows (0, 1).
        let map = Affine::rotation(degrees(90.0), Size::new(4, 2), Size::new(2, 4));
        let half = i128::from(ONE / 2);
        assert_eq!(map.position(0, 0), (half, 3 * half));
        assert_eq!(map.position(1, 3), (7 * half, half));
        let same = Affine::rotation(degrees(360.0), Size::new(4, 2), Size::new(4, 2));
        assert_eq!(same, Affine { xx: ONE, xy: 0, x0: ONE / 2, yx: 0, yy: ONE, y0: ONE / 2 });
    }

    #[test]
    fn the_view_is_scaled_before_and_the_source_after() {
        // A view at half size whose pixel 0 starts at 10 of the rectangle, of 30×20 turned left by 90°; the source holds
        // three pixels for each of the picture's columns and one for each two of its rows.
        let half = Grid { first: 11, step: 2, den: 1 };
        let prescaled = (Scaling { num: 3, den: 1 }, Scaling { num: 1, den: 2 });
        let map = Affine::new((half, Grid::IDENTITY), degrees(-90.0), Size::new(30, 20), Size::new(20, 30), prescaled);
        // View pixel (2, 4) is at (15, 4.5) of 20×30, so at (30 − 4.5, 15) of 30×20.
        let at = map.position(2, 4);
        assert_eq!(at, ((25.5 * 3.0 * ONE as f64) as i128, (7.5 * ONE as f64) as i128));
    }

    #[test]
    fn extents_are_those_of_the_corners() {
        let map = Affine { xx: 3, xy: -2, x0: 100, yx: 0, yy: 5, y0: -7 };
        assert_eq!(map.extent(Rect::new(-1, 2, 10, 4)), [(100 - 3 - 10, 100 + 24 - 4), (3, 18)]);
        assert_eq!(map.extent(Rect::new(0, 0, 1, 1)), [(100, 100), (-7, -7)]);
    }

    proptest! {
        #[test]
        fn sines_agree_with_the_circle(billionths: i64) {
            let angle = Angle::new(billionths);
            let (sin, cos) = (i128::from(angle.sin()), i128::from(angle.cos()));
            let one = i128::from(ONE);
            prop_assert!((sin * sin + cos * cos - one * one).abs() <= 2 * one);
            prop_assert_eq!(Angle::new(-angle.billionths).sin(), -angle.sin());
        }

        /// There and back again is where it was, but for rounding.
        #[test]
        fn turning_back_undoes_it(
            billionths in 0i64..360_000_000_000, (width, height) in (1u32..5000, 1u32..5000), (x, y) in (0i64..5000, 0i64..5000),
        ) {
            let (there, back) = (Angle::new(billionths), Angle::new(-billionths));
            let size = Size::new(width, height);
            let turned = there.bounding_box(size);
            let (there, back) = (Affine::rotation(there, size, turned), Affine::rotation(back, turned, size));
            let (u, v) = back.position(x, y);
            // Positions in the turned picture are of pixels' corners, not centres: half a pixel earlier.
            let at = |across: i64, down: i64, start: i64| {
                let center = |position: i128| position - i128::from(ONE / 2);
                let product = i128::from(across) * center(u) + i128::from(down) * center(v);
                (product >> FRACTION_BITS) + i128::from(start)
            };
            let (x2, y2) = (at(there.xx, there.xy, there.x0), at(there.yx, there.yy, there.y0));
            let off = |a: i128, b: i64| (a - i128::from(b) * i128::from(ONE) - i128::from(ONE / 2)).abs();
            prop_assert!(off(x2, x) < 20_000 && off(y2, y) < 20_000, "{} {}", off(x2, x), off(y2, y));
        }

        #[test]
        fn no_numbers_are_too_large(
            grids: [(i64, i64, i64); 2], billionths: i64, sizes: [(u32, u32); 2], ratios: [(i64, i64); 2],
        ) {
            let [columns, rows] = grids.map(|(first, step, den)| Grid { first, step, den });
            let [from, to] = sizes.map(|(width, height)| Size::new(width, height));
            let [across, down] = ratios.map(|(num, den)| Scaling { num, den });
            let map = Affine::new((columns, rows), Angle::new(billionths), from, to, (across, down));
            map.extent(Rect::new(columns.first / 2, rows.first / 2, 7, 9));
        }
    }
}
