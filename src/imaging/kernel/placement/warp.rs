//! Sampling at points that lie on no grid of the source: rotation.
//!
//! Each pixel is weighed from the 2×2 or 4×4 pixels around its point, whose place is rounded to 1/256 pixel. Pixels
//! outside the source are transparent, so edges come out smooth. The filters do not widen: whatever is reduced has been
//! reduced before.
//!
//! No code for levels: each pixel reads samples at a place of its own, so that loads, not arithmetic, take the time.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::affine::{Affine, FRACTION_BITS, PHASE_BITS, first_tap};
use crate::base::geom::{Filter, Rect, Size};
use crate::base::work::{Kind, count};
use crate::imaging::kernel::alpha_wide::narrowed;
use crate::imaging::pixel::raster::{Plane, Raster, Sample};

/// Positions between pixels that have weights of their own.
const PHASES: usize = 1 << PHASE_BITS;

/// Fraction bits of weights.
const WEIGHT_BITS: u32 = 14;

/// A sample that is weighed.
pub(crate) trait Weighed: Sample {
    /// Fraction bits of sums between the two directions: 255 · 1.25 · 2⁷ · 1.25 · 2¹⁴ fits `i32`, and so does
    /// 65535 · 1.25 · 1.25 · 2¹⁴.
    const BETWEEN_BITS: u32;
    /// The largest sample.
    const LARGEST: i32;

    fn value(self) -> i32;
    /// A sum, rounded.
    fn of_value(value: i32) -> Self;
    /// What is weighed where all samples are opaque: bytes.
    fn byte(self) -> i32;
}

impl Weighed for u8 {
    const BETWEEN_BITS: u32 = 7;
    const LARGEST: i32 = 255;

    fn value(self) -> i32 {
        i32::from(self)
    }

    fn of_value(value: i32) -> Self {
        value as Self
    }

    fn byte(self) -> i32 {
        i32::from(self)
    }
}

impl Weighed for u16 {
    const BETWEEN_BITS: u32 = 0;
    const LARGEST: i32 = 65535;

    fn value(self) -> i32 {
        i32::from(self)
    }

    fn of_value(value: i32) -> Self {
        value as Self
    }

    fn byte(self) -> i32 {
        i32::from(narrowed(self))
    }
}

/// Makes the pixels `out` of a result that `map` takes to a frame of size `frame`.
///
/// `source` is the part of the frame whose first pixel is at `source_at`, premultiplied and with alpha. What it lacks is
/// taken for transparent, so it should hold the [window](crate::base::geom::affine::warp_window) that `out` reads; then the result is the same part
/// of the whole. [`Filter::Bilin`] is bilinear; all others are Catmull–Rom. A pixel of 16 bits that is made of opaque pixels
/// alone is that of 8 bits.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn warp<S: Weighed>(
    source: &Raster<S>,
    source_at: (i64, i64),
    frame: Size,
    map: &Affine,
    out: Rect,
    filter: Filter,
    cancel: Cancel<'_>,
) -> Result<Raster<S>> {
    match filter {
        Filter::Bilin => sample(&BILINEAR, source, source_at, frame, map, out, cancel),
        Filter::Bicub | Filter::Sharp2 | Filter::Bisharp => {
            sample(&CATMULL_ROM, source, source_at, frame, map, out, cancel)
        }
    }
}

fn sample<S: Weighed, const TAPS: usize>(
    weights: &[[i16; TAPS]; PHASES],
    source: &Raster<S>,
    source_at: (i64, i64),
    frame: Size,
    map: &Affine,
    out: Rect,
    cancel: Cancel<'_>,
) -> Result<Raster<S>> {
    let mut result = Raster::zeroed(out.size(), source.layout());
    let (columns, rows) = (
        Held::new(source_at.0, source.size().width, frame.width),
        Held::new(source_at.1, source.size().height, frame.height),
    );
    let stride = source.size().width as usize;
    let mut points: Vec<Point<'_, TAPS>> = Vec::with_capacity(out.width as usize);
    let alpha = source.planes().last().filter(|_| S::LARGEST > 255).map(Plane::samples);
    let largest = S::of_byte(255);
    for (y, row) in out.rows().zip(0..) {
        cancel.check()?;
        let start = map.position(out.x, y);
        let seen = columns.seen(start.0, map.xx, out.width, TAPS);
        let seen = rows.seen(start.1, map.yx, out.width, TAPS).intersect(seen);
        let mut x = columns.first_of(start.0, map.xx, seen, TAPS);
        let mut y = rows.first_of(start.1, map.yx, seen, TAPS);
        let len = seen.end.saturating_sub(seen.start) as usize;
        count(Kind::Place, len);
        count(Kind::PlaceTap, len * TAPS * TAPS * source.planes().len());
        points.clear();
        points.extend((seen.start..seen.end).map(|_| {
            let mut point = Point {
                x: x >> FRACTION_BITS,
                y: y >> FRACTION_BITS,
                across: weigh(x, weights),
                down: weigh(y, weights),
                opaque: false,
            };
            if let Some(alpha) = alpha {
                point.opaque = point.all(alpha, stride, &columns, &rows, |alpha| alpha == largest);
            }
            // Behind the last one these may be anything.
            (x, y) = (x.wrapping_add(map.xx), y.wrapping_add(map.yx));
            point
        }));
        // One plane at a time, with the points at hand.
        for (plane, out) in source.planes().iter().zip(result.rows_mut(row)) {
            let samples = plane.samples();
            for (point, out) in points.iter().zip(&mut out[seen.start as usize..]) {
                let inside = columns.holds(point.x, TAPS) && rows.holds(point.y, TAPS);
                *out = if point.opaque {
                    let bits = <u8 as Weighed>::BETWEEN_BITS;
                    let sum = if inside {
                        point.inner(samples, stride, bits, S::byte)
                    } else {
                        point.outer(samples, stride, bits, (&columns, &rows), S::byte)
                    };
                    S::of_byte(rounded(sum, WEIGHT_BITS + bits).clamp(0, 255) as u8)
                } else {
                    let bits = S::BETWEEN_BITS;
                    let sum = if inside {
                        point.inner(samples, stride, bits, S::value)
                    } else {
                        point.outer(samples, stride, bits, (&columns, &rows), S::value)
                    };
                    S::of_value(rounded(sum, WEIGHT_BITS + bits).clamp(0, S::LARGEST))
                };
            }
        }
    }
    Ok(result)
}

/// The weights at a [first tap](first_tap).
#[inline]
const fn weigh<const TAPS: usize>(tap: i64, weights: &[[i16; TAPS]; PHASES]) -> &[i16; TAPS] {
    // Below zero as well the low bits count from the pixel before.
    &weights[(tap >> (FRACTION_BITS - PHASE_BITS)) as usize % PHASES]
}

/// Where one pixel of the result is sampled.
#[derive(Debug, Clone, Copy)]
struct Point<'a, const TAPS: usize> {
    /// The first pixel, counted from the source's.
    x: i64,
    y: i64,
    across: &'a [i16; TAPS],
    down: &'a [i16; TAPS],
    /// All pixels that are there are opaque.
    opaque: bool,
}

impl<const TAPS: usize> Point<'_, TAPS> {
    /// The weighted sum of pixels that are all there.
    #[inline]
    fn inner<S: Weighed>(&self, samples: &[S], stride: usize, between: u32, value: impl Fn(S) -> i32 + Copy) -> i32 {
        let mut first = self.y as usize * stride + self.x as usize;
        let mut sum = 0;
        for weight in self.down {
            let Some(row) = samples[first..].first_chunk::<TAPS>() else { break };
            let line: i32 =
                row.iter().zip(self.across).map(|(&sample, weight)| value(sample) * i32::from(*weight)).sum();
            sum += rounded(line, WEIGHT_BITS - between) * i32::from(*weight);
            first += stride;
        }
        sum
    }

    /// The same where some may be missing.
    #[cold]
    fn outer<S: Weighed>(
        &self,
        samples: &[S],
        stride: usize,
        between: u32,
        (columns, rows): (&Held, &Held),
        value: impl Fn(S) -> i32 + Copy,
    ) -> i32 {
        let mut sum = 0;
        for (y, weight) in (self.y..).zip(self.down).filter(|(y, _)| rows.holds(*y, 1)) {
            let held = (self.x..).zip(self.across).filter(|(x, _)| columns.holds(*x, 1));
            let sample = |x: i64| value(samples[y as usize * stride + x as usize]);
            let line: i32 = held.map(|(x, weight)| sample(x) * i32::from(*weight)).sum();
            sum += rounded(line, WEIGHT_BITS - between) * i32::from(*weight);
        }
        sum
    }

    /// Each pixel that is there is as `is` says.
    fn all<S: Weighed>(
        &self,
        samples: &[S],
        stride: usize,
        columns: &Held,
        rows: &Held,
        is: impl Fn(S) -> bool,
    ) -> bool {
        let taps = TAPS as i64;
        let (left, right) = (self.x.max(columns.start), (self.x + taps).min(columns.end));
        let (top, bottom) = (self.y.max(rows.start), (self.y + taps).min(rows.end));
        let mut lines = (top..bottom).map(|y| y as usize * stride);
        left < right && lines.all(|line| samples[line + left as usize..line + right as usize].iter().all(|&a| is(a)))
    }
}

#[inline]
const fn rounded(sum: i32, bits: u32) -> i32 {
    (sum + (1 << (bits - 1))) >> bits
}

/// The pixels along one axis that are there.
#[derive(Debug)]
struct Held {
    /// Where the source starts in the frame.
    at: i64,
    /// Those of the source that lie in the frame, counted from the source's first.
    start: i64,
    end: i64,
}

impl Held {
    const fn new(at: i64, source: u32, frame: u32) -> Self {
        let start = if at < 0 { at.saturating_neg() } else { 0 };
        let end = (frame as i64).saturating_sub(at);
        let end = if end < source as i64 { end } else { source as i64 };
        Self { at, start, end }
    }

    /// Whether `count` pixels from one on are there.
    #[inline]
    const fn holds(&self, first: i64, count: usize) -> bool {
        first >= self.start && first <= self.end - count as i64
    }

    /// The [first tap](first_tap) of the first point seen, counted from the source's first pixel.
    fn first_of(&self, start: i128, step: i64, seen: Seen, taps: usize) -> i64 {
        let position = start + i128::from(step) * i128::from(seen.start) - (i128::from(self.at) << FRACTION_BITS);
        // Points that are seen are near the source, whose samples fit memory, so this fits.
        first_tap(position, taps) as i64
    }

    /// The pixels of a row, of which pixel `t` is at `start + t · step`, that may see any: all others do not.
    fn seen(&self, start: i128, step: i64, len: u32, taps: usize) -> Seen {
        let pixel = |held: i64| (i128::from(self.at) + i128::from(held)) << FRACTION_BITS;
        // As far as the filter reaches, and a pixel more for rounding.
        let reach = (taps as i128 / 2 + 1) << FRACTION_BITS;
        let (low, high) = (pixel(self.start) - reach - start, pixel(self.end) + reach - start);
        let len_max = i128::from(len);
        if self.start >= self.end {
            return Seen { start: 0, end: 0 };
        }
        // low ≤ t · step ≤ high
        let (first, last) = match i128::from(step) {
            0 if low <= 0 && high >= 0 => (0, len_max - 1),
            0 => (0, -1),
            step @ 1.. => (-(-low).div_euclid(step), high.div_euclid(step)),
            step => (-high.div_euclid(-step), (-low).div_euclid(-step)),
        };
        // Within the row, so they fit.
        Seen { start: first.clamp(0, len_max) as u32, end: (last + 1).clamp(0, len_max) as u32 }
    }
}

/// A range of a row's pixels.
#[derive(Debug, Clone, Copy)]
struct Seen {
    start: u32,
    end: u32,
}

impl Seen {
    fn intersect(self, other: Self) -> Self {
        Self { start: self.start.max(other.start), end: self.end.min(other.end) }
    }
}

/// Weights at a phase of `t` = phase/256 after the first of the two pixels in the middle: 1 − t and t.
static BILINEAR: [[i16; 2]; PHASES] = {
    let mut table = [[0; 2]; PHASES];
    let mut phase = 0;
    while phase < PHASES {
        let second = (phase as i16) << (WEIGHT_BITS - PHASE_BITS);
        table[phase] = [(1 << WEIGHT_BITS) - second, second];
        phase += 1;
    }
    table
};

/// Catmull–Rom: (−t³ + 2t² − t)/2, (3t³ − 5t² + 2)/2, (−3t³ + 4t² + t)/2, (t³ − t²)/2. At t = ½ those are −1/16, 9/16,
/// 9/16 and −1/16.
static CATMULL_ROM: [[i16; 4]; PHASES] = {
    let mut table = [[0; 4]; PHASES];
    let mut phase = 0;
    while phase < PHASES {
        // With t in 1/2⁸ and t² brought to the same power as t³, exact in 1/2²⁵ for the half.
        let t = phase as i32;
        let (one, t, t2, t3) = (1 << 24, t << 16, (t * t) << 8, t * t * t);
        let exact = [-t3 + 2 * t2 - t, 3 * t3 - 5 * t2 + 2 * one, -3 * t3 + 4 * t2 + t, t3 - t2];
        // Rounding the running sum, not each weight, makes them add up to exactly 1.
        let (mut running, mut given, mut i) = (0, 0, 0);
        while i < 4 {
            running += exact[i];
            let due = rounded(running, 25 - WEIGHT_BITS);
            table[phase][i] = (due - given) as i16;
            given = due;
            i += 1;
        }
        phase += 1;
    }
    table
};

#[cfg(test)]
#[path = "warp_tests.rs"]
mod tests;
