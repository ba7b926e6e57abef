//! Sampling at points that lie on no grid of the source: rotation.
//!
//! Each pixel is weighed from the 2×2 or 4×4 pixels around its point, whose place is rounded to 1/256 pixel. Pixels
//! outside the source are transparent, so edges come out smooth. The filters do not widen: whatever is reduced has been
//! reduced before.

use crate::geometry::{Filter, Rect, Size};
use crate::raster::{Plane, Raster};
use crate::rotation::{Affine, FRACTION_BITS};

use super::cpu::Cpu;

/// Positions between pixels are told apart this finely.
const PHASE_BITS: u32 = 8;
const PHASES: usize = 1 << PHASE_BITS;

/// Fraction bits of weights, and of sums between the two directions: 255 · 1.25 · 2⁷ · 1.25 · 2¹⁴ fits `i32`.
const WEIGHT_BITS: u32 = 14;
const BETWEEN_BITS: u32 = 7;

/// Makes the pixels `out` of a result that `map` takes to a frame of size `frame`.
///
/// `source` is the part of the frame whose first pixel is at `source_at`, premultiplied and with alpha. What it lacks is
/// taken for transparent, so it should hold the [window](warp_window) that `out` reads; then the result is the same part
/// of the whole. [`Filter::Bilin`] is bilinear; all others are Catmull–Rom.
pub(crate) fn warp(
    _: Cpu,
    source: &Raster,
    source_at: (i64, i64),
    frame: Size,
    map: &Affine,
    out: Rect,
    filter: Filter,
) -> Raster {
    match filter {
        Filter::Bilin => sample(&BILINEAR, source, source_at, frame, map, out),
        Filter::Bicub | Filter::Sharp2 | Filter::Bisharp => sample(&CATMULL_ROM, source, source_at, frame, map, out),
    }
}

/// The pixels of the frame that [`warp`] reads for `out`; `None` if there are none, and the result is transparent.
#[allow(dead_code, reason = "used once the engine is wired to it")]
pub(crate) fn warp_window(map: &Affine, out: Rect, frame: Size, filter: Filter) -> Option<Rect> {
    if out.size().area() == 0 {
        return None;
    }
    let taps = if filter == Filter::Bilin { 2 } else { 4 };
    let [across, down] = map.extent(out);
    let range = |(low, high): (i128, i128), side: u32| {
        // Both ends lie in the frame, so they fit.
        let start = (phased(low, taps) >> PHASE_BITS).clamp(0, i128::from(side)) as i64;
        let end = ((phased(high, taps) >> PHASE_BITS) + taps as i128).clamp(0, i128::from(side)) as i64;
        (start < end).then_some((start, (end - start) as u32))
    };
    let ((x, width), (y, height)) = (range(across, frame.width)?, range(down, frame.height)?);
    Some(Rect::new(x, y, width, height))
}

/// The first of `taps` pixels around a position, in 1/256 pixels: a whole number and the phase.
#[inline]
const fn phased(position: i128, taps: usize) -> i128 {
    // A position's first pixel is the one whose centre, half a pixel after its edge, lies taps/2 − 1 before it.
    let first = position - ((taps as i128 - 1) << (FRACTION_BITS - 1));
    (first + (1 << (FRACTION_BITS - PHASE_BITS - 1))) >> (FRACTION_BITS - PHASE_BITS)
}

fn sample<const TAPS: usize>(
    weights: &[[i32; TAPS]; PHASES],
    source: &Raster,
    source_at: (i64, i64),
    frame: Size,
    map: &Affine,
    out: Rect,
) -> Raster {
    let mut result = Raster::zeroed(out.size(), source.layout());
    let (columns, rows) = (
        Held::new(source_at.0, source.size().width, frame.width),
        Held::new(source_at.1, source.size().height, frame.height),
    );
    let samples: Vec<&[u8]> = source.planes().iter().map(Plane::samples).collect();
    let stride = source.size().width as usize;
    for (y, row) in out.rows().zip(0..) {
        let start = map.position(out.x, y);
        let mut out_rows = result.rows_mut(row);
        let seen = columns.seen(start.0, map.xx, out.width, TAPS);
        let seen = rows.seen(start.1, map.yx, out.width, TAPS).intersect(seen);
        for t in seen.start..seen.end {
            let at = |start: i128, step: i64, held: &Held| {
                // Near the frame, so this fits by far.
                let phased = phased(start + i128::from(step) * i128::from(t), TAPS) as i64;
                let (pixel, phase) = (phased >> PHASE_BITS, phased as usize % PHASES);
                (pixel - held.at, &weights[phase])
            };
            let ((x, across), (y, down)) = (at(start.0, map.xx, &columns), at(start.1, map.yx, &rows));
            let inside = columns.holds(x, TAPS) && rows.holds(y, TAPS);
            for (samples, out) in samples.iter().zip(&mut out_rows) {
                let sum = if inside {
                    let first = y as usize * stride + x as usize;
                    inner(&samples[first..], stride, across, down)
                } else {
                    outer(samples, stride, (x, y), (&columns, &rows), across, down)
                };
                out[t as usize] = rounded(sum, WEIGHT_BITS + BETWEEN_BITS).clamp(0, 255) as u8;
            }
        }
    }
    result
}

/// The weighted sum of pixels that are all there.
#[inline]
fn inner<const TAPS: usize>(samples: &[u8], stride: usize, across: &[i32; TAPS], down: &[i32; TAPS]) -> i32 {
    let mut sum = 0;
    for (row, weight) in samples.chunks(stride).zip(down) {
        let Some(row) = row.first_chunk::<TAPS>() else { continue };
        let line: i32 = row.iter().zip(across).map(|(&sample, weight)| i32::from(sample) * weight).sum();
        sum += rounded(line, WEIGHT_BITS - BETWEEN_BITS) * weight;
    }
    sum
}

/// The same where some may be missing.
#[cold]
fn outer<const TAPS: usize>(
    samples: &[u8],
    stride: usize,
    (x, y): (i64, i64),
    (columns, rows): (&Held, &Held),
    across: &[i32; TAPS],
    down: &[i32; TAPS],
) -> i32 {
    let mut sum = 0;
    for (y, weight) in (y..).zip(down).filter(|(y, _)| rows.holds(*y, 1)) {
        let held = (x..).zip(across).filter(|(x, _)| columns.holds(*x, 1));
        let line: i32 = held.map(|(x, weight)| i32::from(samples[y as usize * stride + x as usize]) * weight).sum();
        sum += rounded(line, WEIGHT_BITS - BETWEEN_BITS) * weight;
    }
    sum
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
static BILINEAR: [[i32; 2]; PHASES] = {
    let mut table = [[0; 2]; PHASES];
    let mut phase = 0;
    while phase < PHASES {
        let second = (phase as i32) << (WEIGHT_BITS - PHASE_BITS);
        table[phase] = [(1 << WEIGHT_BITS) - second, second];
        phase += 1;
    }
    table
};

/// Catmull–Rom: (−t³ + 2t² − t)/2, (3t³ − 5t² + 2)/2, (−3t³ + 4t² + t)/2, (t³ − t²)/2. At t = ½ those are −1/16, 9/16,
/// 9/16 and −1/16.
static CATMULL_ROM: [[i32; 4]; PHASES] = {
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
            table[phase][i] = due - given;
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
