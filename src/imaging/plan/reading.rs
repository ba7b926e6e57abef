//! How much the samples along an axis read: numbers that work and memory are reckoned from.

use crate::base::geom::{Axis, Filter, Whole};

/// Coefficients of a table come in groups of this many.
const GROUP: u64 = 16;

/// What the samples along one axis read. Numbers are those of the tap table, or a little more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// Samples, and those of them that see something.
    pub(super) len: u64,
    pub(super) seeing: u64,
    /// Pixels that are weighed for one sample, there or not.
    pub(super) weighed: u64,
    /// The most of them that are there.
    pub(super) taps: u64,
    /// Pixels that are there, of all samples together.
    pub(super) total: u64,
    /// Samples whose weights are those of no other one.
    pub(super) lists: u64,
    /// Samples of the whole view whose weights are compared to find the largest.
    pub(super) compared: u64,
}

impl Reading {
    pub(super) fn of(axis: &Axis, filter: Filter) -> Self {
        let len = u64::from(axis.len);
        let there = axis.span(filter).map_or(0, |span| u64::from(span.end - span.start));
        // Ranges of pixels move on from sample to sample, so those that see something follow each other.
        let first_where = |is: &dyn Fn(u32) -> bool| {
            let (mut low, mut high) = (0, axis.len);
            while low < high {
                let middle = low + (high - low) / 2;
                if is(middle) { high = middle } else { low = middle + 1 }
            }
            u64::from(low)
        };
        let seeing = if there == 0 {
            0
        } else {
            let start = first_where(&|t| axis.taps(t, filter).end > axis.exists.start);
            first_where(&|t| axis.taps(t, filter).start >= axis.exists.end).saturating_sub(start)
        };
        let bounds = axis.bounds.end.abs_diff(axis.bounds.start);
        let (step, den) = (axis.step.unsigned_abs(), axis.den.unsigned_abs());
        let weighed = if axis.is_identity() {
            1
        } else {
            // Within MAX_REACH.
            let reach = u128::from(2 * filter.radius()) * u128::from(step.max(den)) / u128::from(den);
            u64::try_from(reach).unwrap_or(u64::MAX).min(bounds).max(1)
        };
        let taps = weighed.min(there);
        let per_pixel = u64::from(2 * filter.radius()) * den.div_ceil(step).max(1);
        let total = (seeing * taps).min(if axis.is_identity() { seeing } else { there.saturating_mul(per_pixel) });
        // Those at the borders, and those of a period between them.
        let edges = 4 * u64::from(filter.radius()) * den.div_ceil(step);
        let lists =
            axis.period(filter).map_or(seeing, |period| seeing.min(period.unsigned_abs().saturating_add(edges)));
        // Those at the borders, and one between them.
        let compared = axis.whole(filter).filter(Whole::reduces).map_or(0, |_| 2 * u64::from(filter.radius()) + 1);
        Self { len, seeing, weighed, taps, total, lists, compared }
    }

    /// The samples of a blur that reads `radius` pixels to each side. Of `side` samples it makes `len`.
    pub(super) fn of_blur(radius: u32, len: u32, side: u32) -> Self {
        let (len, side, radius) = (u64::from(len), u64::from(side), u64::from(radius));
        let weighed = (2 * radius + 1).min(side);
        // Those near a border have weights of their own.
        let bordering = (2 * radius).saturating_sub(side - len.min(side));
        Self {
            len,
            seeing: len,
            weighed,
            taps: weighed,
            total: len * weighed,
            lists: (bordering + 1).min(len),
            compared: 0,
        }
    }

    /// Coefficients of all samples, filled up to groups.
    pub(super) const fn filled_up(&self) -> u64 {
        if self.taps <= GROUP { self.seeing * GROUP } else { self.total + self.seeing * (GROUP / 2) }
    }

    /// Coefficients that the table holds: short ones for each sample, long ones once where samples share them.
    pub(super) fn coefs(&self) -> u64 {
        let stride = self.taps.next_multiple_of(GROUP).max(GROUP);
        stride * if stride > 6 * GROUP { self.lists + 1 } else { self.len }
    }

    /// Bytes of the table while it is made: coefficients of two bytes, twice, four numbers for each sample, and the weights
    /// of one sample, of eight bytes.
    pub(super) fn bytes(&self) -> u64 {
        4 * self.coefs() + 16 * self.len + 8 * self.weighed
    }

    /// Bytes of the table for 16 bits: coefficients of four bytes, places and pixels of each sample.
    pub(super) const fn wide_bytes(&self) -> u64 {
        4 * self.total + 40 * self.len + 8 * self.weighed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduction_reads_every_pixel_a_few_times() {
        // 3000 pixels to 100 by a filter of four pixels.
        let axis = Axis { len: 100, first: 30, step: 60, den: 2, bounds: 0..3000, exists: 0..3000 };
        let reading = Reading::of(&axis, Filter::Bicub);
        assert_eq!((reading.len, reading.seeing, reading.weighed, reading.taps), (100, 100, 120, 120));
        assert_eq!((reading.total, reading.lists), (12_000, 9));
        // Only ten of the pixels are there.
        let reading = Reading::of(&Axis { exists: 1500..1510, ..axis.clone() }, Filter::Bicub);
        assert_eq!((reading.seeing, reading.weighed, reading.taps, reading.total), (4, 120, 10, 40));
        let reading = Reading::of(&Axis { exists: 0..0, ..axis }, Filter::Bicub);
        assert_eq!((reading.len, reading.seeing, reading.taps), (100, 0, 0));
    }

    #[test]
    fn wide_blurs_of_thin_pictures_take_a_table_of_their_radius() {
        let reading = Reading::of_blur(750, 65_535, 65_535);
        assert_eq!((reading.taps, reading.lists), (1501, 1501));
        assert!(reading.bytes() < 11 << 20, "{}", reading.bytes());
        assert_eq!(Reading::of_blur(750, 1, 1).total, 1);
    }
}
