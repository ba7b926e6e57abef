//! Tables in the making.

use std::ops::Range;

use crate::base::limits::zeros;
use crate::base::num::libm_free::floor;
use crate::base::work::{Kind, count};

use super::resized::{NARROW, Resized};
use super::table::{GROUP, MAX_BITS, SHORT, Taps};

/// Collects samples before the length of the longest is known.
pub(super) struct Builder {
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
    pub(super) fn new(len: u32) -> Self {
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
    pub(super) fn repeat(&mut self, model: usize, shift: i64) {
        self.lists.push(self.lists[model]);
        // Pixels in the source count from 0 and are fewer than MAX_SIDE.
        self.first.push((i64::from(self.first[model]) + shift) as u32);
        self.count.push(self.count[model]);
        self.bits.push(self.bits[model]);
    }

    /// Adds a sample without pixels; all of them share a list.
    pub(super) fn push_empty(&mut self) {
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

    /// Adds a sample whose coefficients add up to exactly 1: weights over `pixels`, which is not empty, of which those in
    /// `exists` exist. It has the most fraction bits that its own weights allow.
    pub(super) fn push(&mut self, pixels: Range<i64>, exists: Range<i64>, weight: impl Fn(i64) -> f64) {
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
        self.close(start, first_used, bits);
    }

    /// The fraction bits of a view.
    pub(super) fn bits_of(&mut self, view: &Resized) -> u32 {
        NARROW.bits(view.largest(&mut self.weights))
    }

    /// Adds sample `t` of a view whose first pixel is `origin`. Of its pixels those in `exists` exist.
    pub(super) fn push_resized(&mut self, view: &Resized, t: i64, origin: i64, exists: &Range<i64>, bits: u32) {
        let first = origin + view.weigh(t, &mut self.weights);
        // Only a sample beyond the edges of the view could have larger weights than the view.
        let mut bits = bits;
        let largest = self.weights.iter().fold(0.0, |max: f64, weight| max.max(weight.abs()));
        while bits > 1 && (largest * f64::from(1 << bits)).round() > f64::from(i16::MAX) {
            bits -= 1;
        }
        let one = f64::from(1 << bits);
        self.start();
        let start = self.packed.len();
        let mut first_used = None;
        for (pixel, weight) in (first..).zip(&self.weights) {
            let coef = (weight * one).round() as i16;
            if exists.contains(&pixel) && (coef != 0 || first_used.is_some()) {
                first_used.get_or_insert(pixel);
                self.packed.push(coef);
            }
        }
        self.close(start, first_used, bits);
    }

    /// Ends a list of coefficients.
    fn close(&mut self, start: usize, first_used: Option<i64>, bits: u32) {
        while self.packed.len() > start && self.packed.last() == Some(&0) {
            self.packed.pop();
        }
        // Pixels in the source count from 0 and are fewer than MAX_SIDE.
        self.first.push(first_used.unwrap_or(0) as u32);
        self.count.push((self.packed.len() - start) as u32);
        self.bits.push(bits);
    }

    pub(super) fn finish(mut self) -> Taps {
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
