//! Splitting the colours of a picture into boxes, as Wu does ("Efficient statistical computations for optimal color
//! quantization", 1991): each cut is the one that lessens the sum of squared differences from the means most, among all
//! boxes and axes. Marginal sums of the bins of a box take the place of Wu's table of moments, which would have too many entries
//! for four components.

use std::ops::Range;

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::color::Color;
use super::histogram::{Bin, mean};

/// Values of a component.
const VALUES: usize = 256;

/// Bits behind the point of means that are compared.
const FRACTION: u32 = 4;

/// Some bins, and the best cut through them.
struct Part {
    /// Of the bins in their order.
    range: Range<usize>,
    cut: Cut,
}

/// A cut between two values of a component.
#[derive(Debug, Clone, Copy, Default)]
struct Cut {
    /// What it takes from the sum of squared differences, in units of the cuts of all boxes; 0: there is none.
    gain: u64,
    axis: usize,
    /// The largest value of the lower part.
    last: u8,
}

/// Pixels and the sums of their components.
#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    weight: u64,
    sums: [u64; 4],
}

impl Moments {
    fn add(&mut self, weight: u64, sums: [u64; 4]) {
        self.weight += weight;
        for (sum, part) in self.sums.iter_mut().zip(sums) {
            *sum += part;
        }
    }

    fn less(self, other: &Self) -> Self {
        Self {
            weight: self.weight - other.weight,
            sums: std::array::from_fn(|axis| self.sums[axis] - other.sums[axis]),
        }
    }

    fn mean(&self) -> [i64; 4] {
        // Not larger than 255 · 16.
        self.sums.map(|sum| ((sum << FRACTION) / self.weight.max(1)) as i64)
    }

    /// What the squared differences of two parts are less than those of both together: w₁w₂/(w₁+w₂) · |m₁ − m₂|².
    fn gain(&self, other: &Self) -> u64 {
        let distance: i64 = self.mean().into_iter().zip(other.mean()).map(|(a, b)| (a - b) * (a - b)).sum();
        let weight = u128::from(self.weight) * u128::from(other.weight) * 256;
        let weight = match u64::try_from(weight) {
            // Most pictures have fewer than 2³² / 16 pixels.
            Ok(weight) => u128::from(weight / (self.weight + other.weight)),
            Err(_) => weight / u128::from(self.weight + other.weight),
        };
        u64::try_from(weight * u128::from(distance.unsigned_abs())).unwrap_or(u64::MAX)
    }
}

/// Splits bins into at most `most` boxes, and returns their means.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn split(bins: &[Bin], most: usize, cancel: Cancel<'_>) -> Result<Vec<Color>> {
    if bins.is_empty() {
        return Ok(Vec::new());
    }
    // At most 32768 bins.
    let mut order: Vec<u16> = (0..bins.len()).map(|bin| bin as u16).collect();
    let mut margins = vec![Moments::default(); VALUES];
    let all = 0..bins.len();
    let mut parts = vec![Part { cut: best(bins, &order, &mut margins), range: all }];
    while parts.len() < most {
        cancel.check()?;
        // Of equal ones the first.
        let widest = (0..parts.len()).rev().max_by_key(|&part| parts[part].cut.gain);
        let Some(widest) = widest.map(|part| &mut parts[part]).filter(|part| part.cut.gain > 0) else { break };
        let Cut { axis, last, .. } = widest.cut;
        let range = widest.range.clone();
        let lower = partition(&mut order[range.clone()], |bin| bins[usize::from(bin)].mean[axis] <= last);
        let (lower, upper) = (range.start..range.start + lower, range.start + lower..range.end);
        *widest = Part { cut: best(bins, &order[lower.clone()], &mut margins), range: lower };
        parts.push(Part { cut: best(bins, &order[upper.clone()], &mut margins), range: upper });
    }
    let of = |part: &Part| {
        let mut all = Moments::default();
        order[part.range.clone()]
            .iter()
            .map(|&bin| &bins[usize::from(bin)])
            .for_each(|bin| all.add(bin.weight, bin.sums));
        mean(all.weight, all.sums)
    };
    Ok(parts.iter().map(of).collect())
}

/// Puts those first of which something holds, and says how many they are.
fn partition(order: &mut [u16], holds: impl Fn(u16) -> bool) -> usize {
    let mut first = 0;
    for i in 0..order.len() {
        if holds(order[i]) {
            order.swap(first, i);
            first += 1;
        }
    }
    first
}

/// The best cut through some bins.
fn best(bins: &[Bin], order: &[u16], margins: &mut [Moments]) -> Cut {
    let bins = || order.iter().map(|&bin| &bins[usize::from(bin)]);
    let mut all = Moments::default();
    let (mut least, mut largest) = ([u8::MAX; 4], [0; 4]);
    for bin in bins() {
        all.add(bin.weight, bin.sums);
        for axis in 0..4 {
            least[axis] = least[axis].min(bin.mean[axis]);
            largest[axis] = largest[axis].max(bin.mean[axis]);
        }
    }
    let mut best = Cut::default();
    for axis in 0..4 {
        if least[axis] >= largest[axis] {
            continue;
        }
        let values = usize::from(least[axis])..usize::from(largest[axis]);
        margins[values.start..=values.end].fill(Moments::default());
        for bin in bins() {
            margins[usize::from(bin.mean[axis])].add(bin.weight, bin.sums);
        }
        let mut lower = Moments::default();
        for value in values {
            let margin = &margins[value];
            if margin.weight == 0 {
                continue;
            }
            lower.add(margin.weight, margin.sums);
            let gain = lower.gain(&all.less(&lower));
            if gain > best.gain {
                best = Cut { gain, axis, last: value as u8 };
            }
        }
    }
    best
}
