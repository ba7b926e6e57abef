//! Tables for samples of 16 bits: coefficients of 32 bits.

use std::ops::Range;

use crate::base::geom::{Axis, Filter};

use crate::base::work::{Kind, count};
use crate::imaging::pixel::operation::blur_radius;

use super::exact::Exact;
use super::filters::bell;
use super::resized::{Resized, WIDE};

/// The weights of the samples along one axis, each rounded by itself. Their bits are so fine that the error of the sum of the
/// weights does not show in a sample.
#[derive(Debug, Clone)]
pub(in crate::imaging::kernel) struct WideTaps {
    /// Per sample: the first pixel, where its coefficients begin, and their fraction bits.
    samples: Vec<(usize, usize, u32)>,
    coefs: Vec<i32>,
}

impl WideTaps {
    /// The table of an axis. Weights are normalised over the axis' bounds; those of pixels that do not exist are left out.
    pub(in crate::imaging::kernel) fn new(axis: &Axis, filter: Filter) -> Self {
        let mut weights = Vec::new();
        let view = axis.whole(filter).map(|whole| {
            let view = Resized::new(whole, filter);
            (view, whole.from, WIDE.bits(view.largest(&mut weights)))
        });
        let exact = Exact::new(axis, filter);
        let (mut samples, mut coefs) = (Vec::with_capacity(axis.len as usize), Vec::new());
        for t in 0..axis.len {
            let pixels = axis.taps(t, filter);
            let there = pixels.start.max(axis.exists.start)..pixels.end.min(axis.exists.end);
            if there.is_empty() {
                samples.push((0, coefs.len(), 1));
                continue;
            }
            let first = match &view {
                Some((view, from, _)) => axis.bounds.start + view.weigh(from + i64::from(t), &mut weights),
                None => exact.weigh(t, &mut weights),
            };
            let largest = weights.iter().fold(0.0, |max: f64, weight| max.max(weight.abs()));
            // Only a sample beyond the edges of a view has larger weights than the view.
            let own = WIDE.bits(largest);
            let bits = view.as_ref().map_or(own, |(_, _, bits)| (*bits).min(own));
            // Pixels in the source count from 0.
            samples.push((there.start as usize, coefs.len(), bits));
            let one = (1u64 << bits) as f64;
            let coef = |pixel: i64| {
                let weight = usize::try_from(pixel - first).ok().and_then(|place| weights.get(place));
                (weight.unwrap_or(&0.0) * one).round() as i32
            };
            coefs.extend(there.map(coef));
        }
        Self { samples, coefs }
    }

    /// The table of a Gaussian blur, as that of [`Taps`](super::Taps) is made.
    pub(in crate::imaging::kernel) fn gaussian(out: Range<i64>, bounds: &Range<i64>, sigma: u32) -> Self {
        let (bell, reach) = (bell(sigma), i64::from(blur_radius(sigma)));
        let (mut samples, mut coefs) = (Vec::new(), Vec::new());
        for center in out {
            let pixels = (center - reach).max(bounds.start)..(center + reach + 1).min(bounds.end);
            count(Kind::Weight, pixels.clone().count());
            let weight = |pixel: i64| bell[(pixel - center).unsigned_abs() as usize];
            let sum: f64 = pixels.clone().map(weight).sum();
            let largest = pixels.clone().map(weight).fold(0.0, f64::max) / sum;
            let bits = WIDE.bits(largest);
            samples.push((pixels.start as usize, coefs.len(), bits));
            let one = (1u64 << bits) as f64;
            coefs.extend(pixels.map(|pixel| (weight(pixel) / sum * one).round() as i32));
        }
        Self { samples, coefs }
    }

    pub(in crate::imaging::kernel) fn len(&self) -> usize {
        self.samples.len()
    }

    /// The pixels of sample `t`; empty if none of them exist.
    pub(in crate::imaging::kernel) fn pixels(&self, t: usize) -> Range<usize> {
        let first = self.samples[t].0;
        first..first + self.coefs(t).len()
    }

    /// The coefficients of sample `t`.
    pub(in crate::imaging::kernel) fn coefs(&self, t: usize) -> &[i32] {
        let end = self.samples.get(t + 1).map_or(self.coefs.len(), |next| next.1);
        &self.coefs[self.samples[t].1..end]
    }

    /// Fraction bits of the coefficients of sample `t`: 1 to 45.
    pub(in crate::imaging::kernel) fn bits(&self, t: usize) -> u32 {
        self.samples[t].2
    }
}
