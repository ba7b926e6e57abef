//! Where samples lie on the pixels of a source, along one axis.

use std::ops::Range;

use super::Filter;

/// Where the samples along one axis of an output lie on the decoded source.
///
/// Sample `t` is centred at `(first + t · step) / den` source pixels from the source's edge, exactly, so
/// that a tile, which starts at another `t`, samples the same points as the whole view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Axis {
    /// Number of samples.
    pub(crate) len: u32,
    pub(crate) first: i64,
    /// Greater than 0.
    pub(crate) step: i64,
    /// Greater than 0.
    pub(crate) den: i64,
    /// Pixels over which weights are normalised: the cropped picture. May exceed those that exist.
    pub(crate) bounds: Range<i64>,
    /// Pixels that may be read: a part of the decoded source. The rest of the bounds is transparent.
    pub(crate) exists: Range<i64>,
}

/// Filters that take more pixels than this are weighed so that their weights add up to exactly 1.
///
/// Where each weight is rounded by itself, to at most 21 bits, the sum of this many misses 1 by at most 5000 / 2 · 2⁻²¹: by
/// 0.3 of a level of 255, so that flat pictures stay flat.
const LONG: i64 = 5000;

/// A view of a picture whose samples divide its pixels evenly, as those of a resized picture do.
///
/// Sample `t` is centred at `(t + ½) · pixels / len` pixels from the edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) pixels: i64,
    pub(crate) len: i64,
    /// The sample that is the first one of the axis.
    pub(crate) from: i64,
}

impl Axis {
    /// The samples of a picture of `pixels` pixels that is resized to `len`. Both are greater than 0.
    pub(crate) const fn resizing(pixels: u32, len: u32) -> Self {
        let (first, step, den) = (pixels as i64, 2 * pixels as i64, 2 * len as i64);
        Self { len, first, step, den, bounds: 0..first, exists: 0..first }
    }

    /// Each sample is one pixel, unchanged.
    pub(crate) const fn is_identity(&self) -> bool {
        self.step == self.den && (2 * self.first - self.den) % (2 * self.den) == 0
    }

    /// The centre of sample `t` times `den`.
    ///
    /// Shrunk pixels that straddle the edge of a crop are outside the bounds, so a centre can lie up to a pixel
    /// beyond them; it is moved to the edge, where the filter's main lobe still covers a pixel.
    pub(crate) fn center(&self, t: u32) -> i64 {
        let exact = self.first + i64::from(t) * self.step;
        exact.clamp(self.bounds.start * self.den, self.bounds.end * self.den)
    }

    /// The pixels within the filter's reach of sample `t`, inside the bounds; never empty.
    ///
    /// For reductions the filter widens by `step / den`.
    pub(crate) fn taps(&self, t: u32, filter: Filter) -> Range<i64> {
        let center = self.center(t);
        if self.is_identity() {
            let pixel = center.div_euclid(self.den).min(self.bounds.end - 1);
            return pixel..pixel + 1;
        }
        let reach = i64::from(filter.radius()) * self.step.max(self.den);
        // A pixel counts if its own centre, half a pixel after its edge, is within reach:
        // the first is round(centre − reach), the end is round(centre + reach).
        let start = (2 * (center - reach) + self.den).div_euclid(2 * self.den);
        let end = (2 * (center + reach) + self.den).div_euclid(2 * self.den);
        start.max(self.bounds.start)..end.min(self.bounds.end)
    }

    /// The view that the samples are a part of, if it resizes the pixels of the bounds and no filter is too long.
    ///
    /// All parts of a view find the same one. The weights of such a view are those that `fast_image_resize` computes for
    /// it. It computes none for other grids, such as that of a picture that a decoder has shrunk to a rounded size.
    pub(crate) fn whole(&self, filter: Filter) -> Option<Whole> {
        let Self { step, den, .. } = *self;
        let pixels = self.bounds.end - self.bounds.start;
        // Places are within MAX_REACH · MAX_DEN = 2⁵⁸.
        let length = pixels * den;
        // The first centre lies half a step and `from` whole ones from the edge.
        let before = 2 * (self.first - self.bounds.start * den) - step;
        let is_even = pixels > 0 && length % step == 0 && before % (2 * step) == 0;
        let is_long = 2 * i64::from(filter.radius()) * step >= LONG * den;
        (is_even && !is_long && !self.is_identity()).then(|| Whole {
            pixels,
            len: length / step,
            from: before / (2 * step),
        })
    }

    /// The number of samples after which weights repeat, one or more pixels further on; `None`: each sample has its own.
    pub(crate) fn period(&self, filter: Filter) -> Option<i64> {
        let period = self.den / greatest_common_divisor(self.step, self.den);
        // The weights of a whole view are computed from places in floating point. They repeat where places are exact:
        // of 2²⁶ pixels at most, in fractions of a power of two.
        let is_exact = period <= 1 << 24 && period & (period - 1) == 0;
        (is_exact || self.whole(filter).is_none()).then_some(period)
    }

    /// The existing pixels that any sample reads; `None` if there are none.
    pub(crate) fn span(&self, filter: Filter) -> Option<Range<u32>> {
        let last = self.len.checked_sub(1)?;
        let start = self.taps(0, filter).start.max(self.exists.start);
        let end = self.taps(last, filter).end.min(self.exists.end);
        // If not empty both lie inside the source, so the narrowing is exact.
        (start < end).then_some(start as u32..end as u32)
    }
}

impl Whole {
    /// There are fewer samples than pixels.
    pub(crate) const fn reduces(&self) -> bool {
        self.len < self.pixels
    }

    /// One of some samples: the one whose centre lies nearest to the centre of a pixel.
    pub(crate) fn most_central(&self, among: Range<i64>) -> Option<i64> {
        if among.is_empty() {
            return None;
        }
        let divisor = greatest_common_divisor(self.pixels, self.len);
        let (pixels, period) = (self.pixels / divisor, self.len / divisor);
        // Sample t is centred at (2t + 1) · pixels / (2 · period): that many halves of a period past the centre of a pixel.
        // One sample of each period, if any, has the distance that is looked for.
        (0..=period).flat_map(|distance| [distance, -distance]).find_map(|distance| {
            let t = sample_at(pixels, period, distance)?;
            let t = t + period * (among.start - t + period - 1).div_euclid(period);
            among.contains(&t).then_some(t)
        })
    }
}

/// The sample t, from 0 to the period, for which (2t + 1) · pixels = period + distance modulo 2 · period.
///
/// The number of pixels and the period have no common factor.
fn sample_at(pixels: i64, period: i64, distance: i64) -> Option<i64> {
    let (place, twice) = (period + distance, 2 * period);
    let product = |a: i64, b: i64, modulus: i64| (i128::from(a) * i128::from(b)).rem_euclid(i128::from(modulus)) as i64;
    let odd = if pixels % 2 != 0 {
        product(place, inverse(pixels, twice), twice)
    } else if place % 2 == 0 {
        let solution = product(place / 2, inverse(pixels / 2, period), period);
        // The period is odd then, so one of these two is.
        if solution % 2 == 0 { solution + period } else { solution }
    } else {
        return None;
    };
    (odd % 2 != 0).then_some(odd / 2)
}

/// What times `a` is 1 modulo a number without a common factor.
fn inverse(a: i64, modulus: i64) -> i64 {
    let (mut rest, mut next, mut factor, mut next_factor) = (modulus, a.rem_euclid(modulus), 0, 1);
    while next != 0 {
        let quotient = rest / next;
        (rest, next) = (next, rest - quotient * next);
        (factor, next_factor) = (next_factor, factor - quotient * next_factor);
    }
    factor
}

/// Of two numbers greater than 0.
const fn greatest_common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduction_by_two_reaches_both_sides_evenly() {
        // 8 pixels to 4: centres at 1, 3, 5, 7; the triangle reaches 2 pixels each way.
        let axis = Axis { len: 4, first: 1, step: 2, den: 1, bounds: 0..8, exists: 0..8 };
        let taps: Vec<_> = (0..4).map(|t| axis.taps(t, Filter::Bilin)).collect();
        assert_eq!(taps, [0..3, 1..5, 3..7, 5..8]);
        assert_eq!(axis.span(Filter::Bilin), Some(0..8));
        assert!(!axis.is_identity());
    }

    #[test]
    fn an_unscaled_axis_reads_one_pixel_per_sample() {
        let axis = Axis { len: 3, first: 2 * 5 + 1, step: 2, den: 2, bounds: 0..100, exists: 0..100 };
        assert!(axis.is_identity());
        assert_eq!(axis.span(Filter::Sharp2), Some(5..8));
    }

    #[test]
    fn samples_beyond_the_source_span_nothing() {
        let axis = Axis { len: 3, first: 2 * 50 + 1, step: 2, den: 2, bounds: 0..100, exists: 0..20 };
        assert_eq!(axis.span(Filter::Bicub), None);
        let axis = Axis { first: 2 * 5 + 1, exists: 8..20, ..axis };
        assert_eq!(axis.span(Filter::Bicub), None);
        assert_eq!(Axis { exists: 7..20, ..axis }.span(Filter::Bicub), Some(7..8));
    }

    /// The grid that resizes pixels `bounds` to `len` samples, from sample `from` on.
    fn of_view(bounds: Range<i64>, len: i64, from: i64) -> Axis {
        let pixels = bounds.end - bounds.start;
        let first = 2 * bounds.start * len + pixels * (2 * from + 1);
        Axis { len: 1, first, step: 2 * pixels, den: 2 * len, bounds: bounds.clone(), exists: bounds }
    }

    #[test]
    fn parts_of_a_view_know_the_whole() {
        for bounds in [0..7, -3..9, 5..1005] {
            let pixels = bounds.end - bounds.start;
            for (len, from) in [(3, 0), (3, 2), (100, 57), (400, 399)] {
                let axis = of_view(bounds.clone(), len, from);
                assert_eq!(axis.whole(Filter::Bicub), Some(Whole { pixels, len, from }), "{axis:?}");
                let half_a_pixel_off = Axis { first: axis.first + len, ..axis.clone() };
                assert_eq!(half_a_pixel_off.whole(Filter::Bicub), None, "{axis:?}");
                let of_other_bounds = Axis { bounds: bounds.start..bounds.end + 1, ..axis };
                assert_eq!(of_other_bounds.whole(Filter::Bicub), None, "{of_other_bounds:?}");
            }
        }
        assert_eq!(of_view(0..7, 7, 2).whole(Filter::Bilin), None, "nothing is resized");
        assert!(of_view(0..24_990, 10, 2).whole(Filter::Bilin).is_some());
        assert_eq!(of_view(0..25_000, 10, 2).whole(Filter::Bilin), None, "the filter is long");
    }

    #[test]
    fn weights_repeat_where_places_are_exact() {
        let period = |pixels: i64, len: i64| of_view(0..pixels, len, 0).period(Filter::Sharp2);
        assert_eq!([period(600, 300), period(600, 800), period(7, 1 << 12)], [Some(1), Some(4), Some(1 << 12)]);
        assert_eq!([period(700, 300), period(300, 700)], [None, None]);
        // Long filters, and grids that resize nothing, have places in whole numbers.
        assert_eq!(period(700_000, 300), Some(3));
        let off = Axis { first: 1, ..of_view(0..700, 300, 0) };
        assert_eq!(off.period(Filter::Sharp2), Some(3));
    }

    #[test]
    fn the_most_central_sample_is_found() {
        for pixels in 1..40i64 {
            for len in 1..40i64 {
                let whole = Whole { pixels, len, from: 0 };
                // In parts of 2 · len: from the middle of the pixel that the centre lies in.
                let distance = |t: i64| (((2 * t + 1) * pixels).rem_euclid(2 * len) - len).abs();
                for among in [0..len, 2..len - 2, 3..len - 3, 5..5] {
                    let found = whole.most_central(among.clone());
                    assert_eq!(found.map(distance), among.clone().map(distance).min(), "{whole:?} {among:?}");
                    assert!(found.is_none_or(|t| among.contains(&t)));
                }
            }
        }
        let whole = Whole { pixels: 16_777_213, len: 9_999_991, from: 0 };
        let t = whole.most_central(0..whole.len).unwrap();
        assert_eq!(((2 * t + 1) * whole.pixels).rem_euclid(2 * whole.len), whole.len);
    }
}
