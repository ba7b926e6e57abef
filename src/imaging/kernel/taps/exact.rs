//! Weights of grids that divide no view evenly, from the exact places of their samples.

use crate::base::geom::{Axis, Filter};
use crate::base::work::{Kind, count};

use super::filters::function;

/// How the samples of an axis are weighed.
pub(super) struct Exact<'a> {
    axis: &'a Axis,
    filter: Filter,
    /// Pixels in a unit of the filter.
    widening: f64,
    function: fn(f64) -> f64,
}

impl<'a> Exact<'a> {
    pub(super) fn new(axis: &'a Axis, filter: Filter) -> Self {
        let widening = (axis.step as f64 / axis.den as f64).max(1.0);
        Self { axis, filter, widening, function: function(filter, axis.step > axis.den) }
    }

    /// The weights of sample `t` by pixel, in proportion.
    pub(super) fn weights(&self, t: u32) -> impl Fn(i64) -> f64 {
        let Axis { den, .. } = *self.axis;
        // The centre as whole pixel and fraction: equal phases give equal weights wherever they lie.
        let center = self.axis.center(t);
        let (pixel, fraction) = (center.div_euclid(den), center.rem_euclid(den) as f64 / den as f64);
        let taps = self.axis.taps(t, self.filter);
        let (is_single, widening, function) = (taps.end - taps.start == 1, self.widening, self.function);
        move |j| if is_single { 1.0 } else { function(((j - pixel) as f64 + 0.5 - fraction) / widening) }
    }

    /// Computes the weights of sample `t`, which add up to 1. Returns the pixel of the first.
    pub(super) fn weigh(&self, t: u32, weights: &mut Vec<f64>) -> i64 {
        let pixels = self.axis.taps(t, self.filter);
        count(Kind::Weight, (pixels.end - pixels.start) as usize);
        weights.clear();
        weights.extend(pixels.clone().map(self.weights(t)));
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        pixels.start
    }
}
