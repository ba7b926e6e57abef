//! Tap tables: the weights of every output sample in fixed point.

use std::ops::Range;

use crate::base::geom::{Axis, Filter};
use crate::base::limits::zeros;
use crate::base::num::libm_free::{exp_neg, floor, sin_pi};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::operation::{SIGMA_STEPS, blur_radius};

/// Coefficients come in groups of this many, the last one filled up with zeros.
pub(super) const GROUP: usize = 16;

/// The most groups per sample of a table that holds the coefficients of each sample in its place, for vector kernels of known
/// length.
pub(super) const SHORT: usize = 6;

/// The most fraction bits of a coefficient. With them a sum of |weights| up to 4 times 255 stays inside `i32`.
const MAX_BITS: u32 = 21;

/// The weights of the samples along one axis.
///
/// Each sample has its own number of fraction bits, the most that its own weights allow. Nothing of a sample depends
/// on its neighbours, so that the table of a tile is a slice of the table of the whole view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taps {
    len: usize,
    /// Coefficients of all samples, in whole groups.
    total: usize,
    /// Coefficients per sample: room for the longest, a multiple of [`GROUP`].
    stride: usize,
    /// `stride` coefficients per sample, zeros behind the sample's own. In long tables samples with equal weights share them.
    coefs: Vec<i16>,
    /// For each sample the place of its coefficients, in strides; empty: its own number.
    shared: Vec<u32>,
    /// Per sample: the first pixel, the number of pixels, the fraction bits. Filled up to whole [quartets](Quartet) with
    /// samples without pixels.
    first: Vec<u32>,
    count: Vec<u32>,
    bits: Vec<u32>,
}

/// Four samples, as vector kernels take them.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Quartet<'a> {
    pub(super) first: &'a [u32; 4],
    pub(super) count: &'a [u32; 4],
    pub(super) bits: &'a [u32; 4],
    /// A quarter for each sample; none in a table whose samples [share](Taps::groups) theirs.
    pub(super) coefs: &'a [i16],
}

impl Taps {
    /// The table of an axis. Weights are normalised over the axis' bounds; those of pixels that do not
    /// exist, which are transparent, are then left out.
    pub(crate) fn new(axis: &Axis, filter: Filter) -> Self {
        let mut builder = Builder::new(axis.len);
        let widening = (axis.step as f64 / axis.den as f64).max(1.0);
        let cubic = if axis.step > axis.den { -1.0 } else { -0.5 };
        // Samples repeat their weights when their centres have gone through all fractions of a pixel.
        let period = axis.den / greatest_common_divisor(axis.step, axis.den);
        let (back, shift) = (usize::try_from(period).unwrap_or(usize::MAX), axis.step * period / axis.den);
        let whole = |pixels: &Range<i64>| {
            pixels.start > axis.bounds.start.max(axis.exists.start) && pixels.end < axis.bounds.end.min(axis.exists.end)
        };
        let mut previous_whole = Vec::with_capacity(axis.len as usize);
        for t in 0..axis.len {
            let pixels = axis.taps(t, filter);
            previous_whole.push(whole(&pixels));
            if pixels.start >= axis.exists.end || pixels.end <= axis.exists.start {
                // However many pixels there would be: none of their weights is left.
                builder.push_empty();
                continue;
            }
            let model = (t as usize).checked_sub(back).filter(|&model| previous_whole[model] && whole(&pixels));
            if let Some(model) = model {
                builder.repeat(model, shift);
                continue;
            }
            // The centre as whole pixel and fraction: equal phases give equal weights wherever they lie.
            let center = axis.center(t);
            let pixel = center.div_euclid(axis.den);
            let fraction = center.rem_euclid(axis.den) as f64 / axis.den as f64;
            let single = pixels.end - pixels.start == 1;
            builder.push(pixels, axis.exists.clone(), |j| {
                if single {
                    return 1.0;
                }
                let distance = ((j - pixel) as f64 + 0.5 - fraction) / widening;
                match filter {
                    Filter::Bilin => triangle(distance),
                    Filter::Bicub => cubic_kernel(distance, -0.5),
                    Filter::Sharp2 => lanczos3(distance),
                    Filter::Bisharp => cubic_kernel(distance, cubic),
                }
            });
        }
        builder.finish()
    }

    /// The table of a Gaussian blur: samples `out`, pixels `bounds`, in the same coordinates; `sigma` in
    /// 1/[`SIGMA_STEPS`] pixels.
    pub(super) fn gaussian(out: Range<i64>, bounds: Range<i64>, sigma: u32) -> Self {
        let reach = i64::from(blur_radius(sigma));
        let deviation = f64::from(sigma) / f64::from(SIGMA_STEPS);
        let weights: Vec<f64> = (0..=reach)
            .map(|distance| {
                let x = if sigma == 0 { 0.0 } else { distance as f64 / deviation };
                // Deviations of less than an eighth of a pixel leave the neighbours nothing that a coefficient could
                // hold, and e⁻ˣ is not computed so far out.
                if x > 8.0 { 0.0 } else { exp_neg(x * x / 2.0) }
            })
            .collect();
        let mut builder = Builder::new((out.end - out.start) as u32);
        // A sample with all its pixels, and its centre: all others like it have its weights.
        let mut model = None;
        for (t, center) in out.enumerate() {
            let pixels = (center - reach).max(bounds.start)..(center + reach + 1).min(bounds.end);
            let is_whole = pixels.end - pixels.start == 2 * reach + 1;
            if let (Some((model, of)), true) = (model, is_whole) {
                builder.repeat(model, center - of);
                continue;
            }
            if is_whole {
                model = Some((t, center));
            }
            builder.push(pixels, bounds.clone(), |j| weights[(j - center).unsigned_abs() as usize]);
        }
        builder.finish()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Coefficients of all samples, in whole groups.
    pub(super) const fn total(&self) -> usize {
        self.total
    }

    /// The pixels of sample `t`; empty if all its weights are zero or of pixels that do not exist.
    #[inline]
    pub(super) fn pixels(&self, t: usize) -> Range<usize> {
        let first = self.first[t] as usize;
        first..first + self.count[t] as usize
    }

    /// The coefficients of sample `t`, filled up with zeros to whole groups.
    #[inline]
    pub(super) fn coefs(&self, t: usize) -> &[i16] {
        let groups = (self.count[t] as usize).div_ceil(GROUP);
        let place = self.shared.get(t).map_or(t, |&place| place as usize);
        &self.coefs[place * self.stride..][..groups * GROUP]
    }

    /// Fraction bits of the coefficients of sample `t`: 1 to 21.
    #[inline]
    pub(super) fn bits(&self, t: usize) -> u32 {
        self.bits[t]
    }

    /// Groups of coefficients per sample, if each has its own: always where there are at most [`SHORT`].
    #[cfg(target_arch = "x86_64")]
    pub(super) fn groups(&self) -> Option<usize> {
        self.shared.is_empty().then_some(self.stride / GROUP)
    }

    /// All samples, four at a time; the last four may contain some beyond the table, which have no pixels.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn quartets(&self) -> impl Iterator<Item = Quartet<'_>> {
        let (first, count, bits) = (self.first.as_chunks().0, self.count.as_chunks().0, self.bits.as_chunks().0);
        let own = if self.shared.is_empty() { &self.coefs[..] } else { &[] };
        let len = 4 * self.stride;
        let samples = first.iter().zip(count).zip(bits).enumerate();
        samples.map(move |(number, ((first, count), bits))| Quartet {
            first,
            count,
            bits,
            coefs: own.get(number * len..(number + 1) * len).unwrap_or(&[]),
        })
    }
}

/// Collects samples before the length of the longest is known.
struct Builder {
    /// Where each list of coefficients starts in `packed`, and which of them each sample has.
    starts: Vec<usize>,
    lists: Vec<u32>,
    /// The list of samples without pixels, if there are any.
    empty: Option<u32>,
    first: Vec<u32>,
    count: Vec<u32>,
    bits: Vec<u32>,
    packed: Vec<i16>,
    weights: Vec<f64>,
}

impl Builder {
    fn new(len: u32) -> Self {
        let list = || Vec::with_capacity((len as usize).next_multiple_of(4));
        Self {
            starts: Vec::new(),
            lists: list(),
            empty: None,
            first: list(),
            count: list(),
            bits: list(),
            packed: Vec::new(),
            weights: Vec::new(),
        }
    }

    /// Adds a sample with the weights of an earlier one, `shift` pixels further on.
    fn repeat(&mut self, model: usize, shift: i64) {
        self.lists.push(self.lists[model]);
        // Pixels in the source count from 0 and are fewer than MAX_SIDE.
        self.first.push((i64::from(self.first[model]) + shift) as u32);
        self.count.push(self.count[model]);
        self.bits.push(self.bits[model]);
    }

    /// Adds a sample without pixels; all of them share a list.
    fn push_empty(&mut self) {
        match self.empty {
            Some(list) => self.lists.push(list),
            None => {
                self.empty = Some(self.starts.len() as u32);
                self.start();
            }
        }
        self.first.push(0);
        self.count.push(0);
        self.bits.push(1);
    }

    /// The next sample has a list of its own, which starts here.
    fn start(&mut self) {
        // As many as samples at most.
        self.lists.push(self.starts.len() as u32);
        self.starts.push(self.packed.len());
    }

    /// Adds a sample: weights over `pixels`, which is not empty, of which those in `exists` exist.
    fn push(&mut self, pixels: Range<i64>, exists: Range<i64>, weight: impl Fn(i64) -> f64) {
        count(Kind::Weight, (pixels.end - pixels.start) as usize);
        self.weights.clear();
        self.weights.extend(pixels.clone().map(weight));
        let sum: f64 = self.weights.iter().sum();
        for weight in &mut self.weights {
            *weight /= sum;
        }
        let bits = fraction_bits(&self.weights);
        let one = f64::from(1 << bits);
        // Rounding the running sum, not each weight, makes the coefficients add up to exactly 1: flat stays flat.
        let last = self.weights.len() - 1;
        let (mut running, mut given) = (0.0, 0i32);
        let mut first_used = None;
        self.start();
        let start = self.packed.len();
        for (i, (pixel, weight)) in pixels.zip(&self.weights).enumerate() {
            running += weight;
            let due = if i == last { 1 << bits } else { floor(running * one + 0.5) as i32 };
            let coef = due - given;
            given = due;
            if exists.contains(&pixel) && (coef != 0 || first_used.is_some()) {
                first_used.get_or_insert(pixel);
                // `fraction_bits` leaves room for the rounding.
                self.packed.push(coef as i16);
            }
        }
        while self.packed.len() > start && self.packed.last() == Some(&0) {
            self.packed.pop();
        }
        // Pixels in the source count from 0 and are fewer than MAX_SIDE.
        self.first.push(first_used.unwrap_or(0) as u32);
        self.count.push((self.packed.len() - start) as u32);
        self.bits.push(bits);
    }

    fn finish(mut self) -> Taps {
        let len = self.first.len();
        for (list, fill) in [(&mut self.first, 0), (&mut self.count, 0), (&mut self.bits, 1)] {
            list.resize(len.next_multiple_of(4), fill);
        }
        let longest = self.count.iter().max().map_or(0, |&count| count as usize);
        // Never empty, so that quartets have coefficients to be cut from.
        let groups = longest.div_ceil(GROUP).max(1);
        let stride = groups * GROUP;
        let shares = groups > SHORT && self.starts.len() < len;
        let mut coefs = zeros(stride * if shares { self.starts.len() } else { self.first.len() });
        count(Kind::Weight, len);
        count(Kind::Copy, 2 * coefs.len());
        let mut put = |place: usize, t: usize| {
            let (start, count) = (self.starts[self.lists[t] as usize], self.count[t] as usize);
            coefs[place * stride..][..count].copy_from_slice(&self.packed[start..start + count]);
        };
        // Samples of one list have equal counts.
        (0..len).for_each(|t| put(if shares { self.lists[t] as usize } else { t }, t));
        let shared = if shares { self.lists } else { Vec::new() };
        let total = self.count.iter().map(|&count| (count as usize).next_multiple_of(GROUP)).sum();
        Taps { len, total, stride, coefs, shared, first: self.first, count: self.count, bits: self.bits }
    }
}

/// The most fraction bits at which every coefficient fits `i16` and every sum of 255 times the coefficients `i32`,
/// with one unit per coefficient to spare for rounding.
fn fraction_bits(weights: &[f64]) -> u32 {
    let largest = weights.iter().fold(0.0, |max: f64, weight| max.max(weight.abs()));
    let total: f64 = weights.iter().map(|weight| weight.abs()).sum();
    let spare = 255.0 * weights.len() as f64;
    let mut bits = MAX_BITS;
    while bits > 1 {
        let one = f64::from(1 << bits);
        if largest * one + 1.0 <= f64::from(i16::MAX) && total * one * 255.0 + spare + one <= f64::from(i32::MAX) {
            break;
        }
        bits -= 1;
    }
    bits
}

/// Of two numbers greater than 0.
const fn greatest_common_divisor(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn triangle(x: f64) -> f64 {
    (1.0 - x.abs()).max(0.0)
}

/// Keys' cubic: 1 at 0, 0 at the other whole numbers; slope `a` at 1.
fn cubic_kernel(x: f64, a: f64) -> f64 {
    let x = x.abs();
    if x < 1.0 {
        ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
    } else if x < 2.0 {
        a * (((x - 5.0) * x + 8.0) * x - 4.0)
    } else {
        0.0
    }
}

/// sinc(x) · sinc(x/3) with sinc(x) = sin(πx) / (πx).
fn lanczos3(x: f64) -> f64 {
    const PI: f64 = std::f64::consts::PI;
    if x == 0.0 {
        return 1.0;
    }
    if x.abs() >= 3.0 {
        return 0.0;
    }
    3.0 * sin_pi(x) * sin_pi(x / 3.0) / (PI * PI * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole_axis(len: u32, source: u32) -> Axis {
        let (len_i, source_i) = (i64::from(len), i64::from(source));
        Axis { len, first: source_i, step: 2 * source_i, den: 2 * len_i, bounds: 0..source_i, exists: 0..source_i }
    }

    #[test]
    fn kernels_interpolate() {
        for kernel in [triangle, |x| cubic_kernel(x, -0.5), |x| cubic_kernel(x, -1.0), lanczos3] {
            assert_eq!(kernel(0.0), 1.0);
            for n in 1..4 {
                assert!(kernel(f64::from(n)).abs() < 1e-15 && kernel(-f64::from(n)).abs() < 1e-15);
            }
        }
        assert!((lanczos3(0.5) - 0.607_927_1).abs() < 1e-6, "{}", lanczos3(0.5));
        assert_eq!(cubic_kernel(0.5, -0.5), 0.5625);
        assert_eq!(cubic_kernel(1.5, -0.5), -0.0625);
    }

    #[test]
    fn an_unscaled_axis_copies() {
        for filter in Filter::ALL {
            let taps = Taps::new(&whole_axis(5, 5), filter);
            for t in 0..5 {
                assert_eq!((taps.pixels(t), taps.coefs(t)[0], taps.bits(t)), (t..t + 1, 1 << 14, 14), "{filter:?}");
            }
        }
    }

    #[test]
    fn extreme_reductions_keep_their_sum() {
        let taps = Taps::new(&whole_axis(1, 3_000_000), Filter::Sharp2);
        let sum: i64 = taps.coefs(0).iter().map(|&c| i64::from(c)).sum();
        assert_eq!(sum, 1 << taps.bits(0));
    }

    #[test]
    fn pixels_that_do_not_exist_weigh_nothing() {
        let axis = Axis { len: 8, first: -7, step: 2, den: 2, bounds: -4..4, exists: 0..2 };
        // Unscaled samples of pixels −4..4: only 0 and 1 exist.
        let taps = Taps::new(&axis, Filter::Bicub);
        let used: Vec<_> = (0..8).map(|t| taps.pixels(t)).collect();
        assert_eq!(used, [0..0, 0..0, 0..0, 0..0, 0..1, 1..2, 0..0, 0..0]);
    }

    #[test]
    fn what_is_empty_takes_neither_time_nor_memory() {
        // 2,000 samples of 16 million pixels, of which ten exist.
        let axis = Axis { exists: 8_000_000..8_000_010, ..whole_axis(2000, 16_000_000) };
        let taps = Taps::new(&axis, Filter::Sharp2);
        let seeing: Vec<usize> = (0..2000).filter(|&t| !taps.pixels(t).is_empty()).collect();
        assert_eq!(seeing, [997, 998, 999, 1000, 1001, 1002]);
        assert_eq!(taps.coefs.len(), 2000 * GROUP);
        // However many samples see nothing, those that see much have the memory to themselves: eight, beside the list of all others.
        let axis = Axis { exists: 8_000_000..8_020_000, ..axis };
        let taps = Taps::new(&axis, Filter::Sharp2);
        assert_eq!((taps.stride, taps.coefs.len()), (20_000, 9 * 20_000));
    }

    #[test]
    fn samples_of_a_wide_blur_share_their_weights() {
        let sigma = 250 * SIGMA_STEPS;
        let taps = Taps::gaussian(0..65_535, 0..65_535, sigma);
        // One list for the samples inside, one for each of the 750 at either end.
        assert_eq!((taps.stride, taps.coefs.len()), (1504, 1501 * 1504));
        let alone = |t: i64| Taps::gaussian(t..t + 1, 0..65_535, sigma);
        for t in [0, 1, 749, 750, 751, 30_000, 64_784, 64_785, 65_534] {
            let (place, alone) = (t as usize, alone(t));
            assert_eq!(taps.pixels(place), alone.pixels(0), "{t}");
            assert_eq!((taps.coefs(place), taps.bits(place)), (alone.coefs(0), alone.bits(0)), "{t}");
        }
        let short = Taps::gaussian(0..1000, 0..1000, 15 * SIGMA_STEPS);
        assert!(short.shared.is_empty() && short.coefs.len() == 1000 * short.stride, "{}", short.stride);
    }

    proptest! {
        #[test]
        fn weights_add_up_and_never_overflow(len in 1u32..400, source in 1u32..3000, pick in 0usize..4) {
            let taps = Taps::new(&whole_axis(len, source), Filter::ALL[pick]);
            for t in 0..taps.len() {
                let coefs = taps.coefs(t);
                let sum: i64 = coefs.iter().map(|&c| i64::from(c)).sum();
                prop_assert_eq!(sum, 1i64 << taps.bits(t));
                let worst: i64 = coefs.iter().map(|&c| i64::from(c).abs()).sum::<i64>() * 255 + (1 << taps.bits(t));
                prop_assert!(worst <= i64::from(i32::MAX));
                prop_assert!(taps.pixels(t).end <= source as usize);
            }
        }

        #[test]
        fn a_slice_of_an_axis_has_a_slice_of_the_table(
            len in 2u32..300, source in 1u32..3000, pick in 0usize..4, from in 0u32..300, count in 1u32..300,
        ) {
            let whole = whole_axis(len, source);
            let from = from % len;
            let count = count.min(len - from);
            let part = Axis { len: count, first: whole.first + i64::from(from) * whole.step, ..whole.clone() };
            let (whole, part) = (Taps::new(&whole, Filter::ALL[pick]), Taps::new(&part, Filter::ALL[pick]));
            for t in 0..count as usize {
                let of_whole = t + from as usize;
                prop_assert_eq!(part.pixels(t), whole.pixels(of_whole));
                prop_assert_eq!(part.coefs(t), whole.coefs(of_whole));
                prop_assert_eq!(part.bits(t), whole.bits(of_whole));
            }
        }
    }
}
