//! The weights of a whole view, computed as `fast_image_resize` 6.1 computes them: the same operations on `f64` in the same
//! order, so that tables are equal to the bit. All samples have the same number of fraction bits, as many as the largest
//! weight of the view allows, and each weight is rounded by itself.

use crate::base::geom::{Filter, Whole};
use crate::base::num::libm_free::floor;
use crate::base::work::{Kind, count};

use super::filters::function;
use super::table::MAX_BITS;

/// How many fraction bits coefficients have: as many as keep them below a limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Precision {
    limit: f64,
    most: u32,
    /// The most, relatively, by which equal weights of a view differ. It is less than half a coefficient.
    noise: f64,
}

/// For coefficients of 16 bits.
pub(super) const NARROW: Precision = Precision { limit: 32768.0, most: MAX_BITS, noise: 1e-9 };

/// For coefficients of 32 bits, whose sums have 64; of views of at most 2¹⁶ pixels.
pub(super) const WIDE: Precision = Precision { limit: 2_147_483_648.0, most: 45, noise: 1e-10 };

impl Precision {
    pub(super) fn bits(self, largest: f64) -> u32 {
        let next = |bits: u32| (largest * (1u64 << (bits + 1)) as f64).round();
        (1..self.most).find(|&bits| next(bits) >= self.limit).unwrap_or(self.most)
    }
}

/// How the samples of a view are weighed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resized {
    whole: Whole,
    /// Pixels from one sample to the next.
    scale: f64,
    /// Pixels to either side of a centre that a filter reaches.
    reach: f64,
    /// What makes a distance in pixels one in the filter's units.
    narrowing: f64,
    function: fn(f64) -> f64,
    /// Samples at either end of the view of a reduction whose filters are cut off by the edge.
    cut: i64,
}

impl Resized {
    pub(super) fn new(whole: Whole, filter: Filter) -> Self {
        let scale = whole.pixels as f64 / whole.len as f64;
        let widening = scale.max(1.0);
        Self {
            whole,
            scale,
            reach: f64::from(filter.radius()) * widening,
            narrowing: 1.0 / widening,
            function: function(filter, whole.reduces()),
            cut: i64::from(filter.radius()),
        }
    }

    /// Computes the weights of a sample of the view, which add up to 1. Returns the pixel of the first, counted from the
    /// edge of the view.
    pub(super) fn weigh(&self, t: i64, weights: &mut Vec<f64>) -> i64 {
        // No sample of a plan lies beyond the edges.
        let center = ((t as f64 + 0.5) * self.scale).clamp(0.0, self.whole.pixels as f64);
        let start = floor(center - self.reach).max(0);
        let end = (-floor(-(center + self.reach))).min(self.whole.pixels);
        count(Kind::Weight, (end - start) as usize);
        let center = center - 0.5;
        weights.clear();
        weights.extend((start..end).map(|pixel| (self.function)((pixel as f64 - center) * self.narrowing)));
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        start
    }

    /// The largest weight is far enough from where the number of bits changes. `fast_image_resize` looks at every sample, and
    /// those in equal places can differ by the rounding of these places.
    pub(super) fn is_certain(&self, precision: Precision) -> bool {
        let largest = self.largest(&mut Vec::new());
        let bits = |by: f64| precision.bits(largest * by);
        !self.whole.reduces() || bits(1.0 - precision.noise) == bits(1.0 + precision.noise)
    }

    /// The largest weight of the view, or, of an enlargement, a number with the same effect.
    ///
    /// Inside the view the largest weight of a sample is that of the pixel nearest to its centre. It grows as the two get
    /// closer, so that of all samples whose filter is not cut off the [most central](Whole::most_central) one has it.
    pub(super) fn largest(&self, weights: &mut Vec<f64>) -> f64 {
        if !self.whole.reduces() {
            // The filter of the outermost samples is cut off beyond its main lobe, so that a weight is between 1 and 1.3.
            return 1.0;
        }
        let Whole { len, .. } = self.whole;
        let inside = self.cut.min(len)..(len - self.cut).max(self.cut.min(len));
        let cut = (0..inside.start).chain(inside.end..len);
        let mut largest = |t| {
            self.weigh(t, weights);
            weights.iter().copied().fold(0.0, f64::max)
        };
        cut.chain(self.whole.most_central(inside.clone())).map(&mut largest).fold(0.0, f64::max)
    }
}
