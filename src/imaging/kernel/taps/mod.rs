//! Tap tables: the weights of every output sample in fixed point.

mod builder;
mod exact;
pub(super) mod filters;
mod resized;
mod table;
mod wide;

use std::ops::Range;

use crate::base::geom::{Axis, Filter};
use crate::imaging::pixel::operation::blur_radius;

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
pub(super) use table::Quartet;
pub(crate) use table::Taps;
pub(super) use table::{GROUP, SHORT};

pub(super) use wide::WideTaps;

use builder::Builder;
use exact::Exact;
use filters::bell;
use resized::{NARROW, Precision, Resized, WIDE};

impl Taps {
    /// The table of an axis. Weights are normalised over the axis' bounds; those of pixels that do not
    /// exist, which are transparent, are then left out.
    pub(crate) fn new(axis: &Axis, filter: Filter) -> Self {
        let mut builder = Builder::new(axis.len);
        let view = axis.whole(filter).map(|whole| {
            let view = Resized::new(whole, filter);
            (view, whole.from, builder.bits_of(&view))
        });
        let exact = Exact::new(axis, filter);
        // The sample `back` places before this one may have the same weights; its pixels lie `shift` before those of this one.
        let (back, shift) = axis.period(filter).map_or((usize::MAX, 0), |period| {
            (usize::try_from(period).unwrap_or(usize::MAX), axis.step * period / axis.den)
        });
        let is_uncut = |pixels: &Range<i64>| {
            pixels.start > axis.bounds.start.max(axis.exists.start) && pixels.end < axis.bounds.end.min(axis.exists.end)
        };
        let mut previous_uncut = Vec::with_capacity(axis.len as usize);
        for t in 0..axis.len {
            let pixels = axis.taps(t, filter);
            previous_uncut.push(is_uncut(&pixels));
            if pixels.start >= axis.exists.end || pixels.end <= axis.exists.start {
                // However many pixels there would be: none of their weights is left.
                builder.push_empty();
                continue;
            }
            let model = (t as usize).checked_sub(back).filter(|&model| previous_uncut[model] && is_uncut(&pixels));
            if let Some(model) = model {
                builder.repeat(model, shift);
                continue;
            }
            if let Some((view, from, bits)) = &view {
                // Rounded places can lie beyond the filter's exact reach, where weights are too small for a coefficient.
                let there = pixels.start.max(axis.exists.start)..pixels.end.min(axis.exists.end);
                builder.push_resized(view, from + i64::from(t), axis.bounds.start, &there, *bits);
                continue;
            }
            builder.push(pixels, axis.exists.clone(), exact.weights(t));
        }
        builder.finish()
    }

    /// The table of a Gaussian blur: samples `out`, pixels `bounds`, in the same coordinates; `sigma` in
    /// 1/[`SIGMA_STEPS`](crate::imaging::pixel::operation::SIGMA_STEPS) pixels.
    pub(super) fn gaussian(out: Range<i64>, bounds: Range<i64>, sigma: u32) -> Self {
        let reach = i64::from(blur_radius(sigma));
        let weights = bell(sigma);
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
}

/// `fast_image_resize` makes of whole pictures of bytes what the tables of their axes make of them.
pub(super) fn can_be_resized(axes: [&Axis; 2], filter: Filter) -> bool {
    axes.iter().all(|axis| can_be_weighed(axis, filter, NARROW))
}

/// It does so too with samples of 16 bits.
pub(super) fn can_be_resized_wide(axes: [&Axis; 2], filter: Filter) -> bool {
    // In longer rows the rounding of places shows in coefficients as fine as these.
    let is_short = |axis: &Axis| axis.bounds.end - axis.bounds.start <= 1 << 16;
    axes.iter().all(|axis| is_short(axis) && can_be_weighed(axis, filter, WIDE))
}

fn can_be_weighed(axis: &Axis, filter: Filter, precision: Precision) -> bool {
    axis.is_identity() || axis.whole(filter).is_some_and(|whole| Resized::new(whole, filter).is_certain(precision))
}

#[cfg(test)]
mod tests;
