//! AVX2: the portable code, compiled for vectors of four products of 64 bits.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::ops::Range;

use crate::imaging::kernel::isa::avx2::Avx2;
use crate::imaging::kernel::taps::WideTaps;

use super::scalar::{self, Pixel};

/// As the portable function.
pub(super) fn across(_: Avx2, taps: &WideTaps, span: Range<usize>, row: (&[Pixel], usize), out: &mut [Pixel]) {
    // SAFETY: the token proves AVX2.
    unsafe { across_avx2(taps, span, row, out) }
}

/// As the portable function.
pub(super) fn down(_: Avx2, weights: (&[i32], u32), rows: &[&[Pixel]], out: &mut [Pixel]) {
    // SAFETY: the token proves AVX2.
    unsafe { down_avx2(weights, rows, out) }
}

#[target_feature(enable = "avx2")]
fn across_avx2(taps: &WideTaps, span: Range<usize>, row: (&[Pixel], usize), out: &mut [Pixel]) {
    scalar::across(taps, span, row, out);
}

#[target_feature(enable = "avx2")]
fn down_avx2(weights: (&[i32], u32), rows: &[&[Pixel]], out: &mut [Pixel]) {
    scalar::down(weights, rows, out);
}
