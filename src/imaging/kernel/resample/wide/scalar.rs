//! The passes over pixels of 16 bits: one sum for each component.

use std::ops::Range;

use crate::base::work::{Kind, count};
use crate::imaging::kernel::taps::WideTaps;

/// Red, green and blue, multiplied by alpha, and alpha. Gray has its value in the place of red, and zeros for the others.
pub(in crate::imaging::kernel) type Pixel = [u16; 4];

/// A sum in fixed point as a sample: halves up, clamped.
#[inline]
pub(super) fn round(sum: i64, bits: u32) -> u16 {
    ((sum + (1 << (bits - 1))) >> bits).clamp(0, i64::from(u16::MAX)) as u16
}

#[inline(always)]
pub(super) fn across(taps: &WideTaps, span: Range<usize>, (row, first): (&[Pixel], usize), out: &mut [Pixel]) {
    for (t, out) in span.zip(out) {
        let (pixels, coefs) = (taps.pixels(t), taps.coefs(t));
        count(Kind::WideTap, coefs.len());
        *out = if pixels.is_empty() {
            Pixel::default()
        } else {
            rounded(coefs.iter().zip(&row[pixels.start - first..]), taps.bits(t))
        };
    }
}

#[inline(always)]
pub(super) fn down((coefs, bits): (&[i32], u32), rows: &[&[Pixel]], out: &mut [Pixel]) {
    for (x, out) in out.iter_mut().enumerate() {
        *out = rounded(coefs.iter().zip(rows).map(|(coef, row)| (coef, &row[x])), bits);
    }
}

/// The weighted sum of pixels. Weights have at most 45 fraction bits, and their magnitudes add up to less than 2: sums stay
/// below 2⁶².
#[inline(always)]
fn rounded<'p>(weighed: impl Iterator<Item = (&'p i32, &'p Pixel)>, bits: u32) -> Pixel {
    let mut sums = [0i64; 4];
    for (&coef, pixel) in weighed {
        for (sum, &sample) in sums.iter_mut().zip(pixel) {
            *sum += i64::from(coef) * i64::from(sample);
        }
    }
    sums.map(|sum| round(sum, bits))
}
