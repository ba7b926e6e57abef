//! The transforms to 4×4, 2×2 and 1×1 samples.

use crate::imaging::kernel::isa::portable::transposed;

use super::super::coefficients::Quantization;
use super::arithmetic::{all_dequantized, dequantized, descale, sample, saturate};

/// The mean of a block.
#[inline]
pub(in super::super) fn mean(dc: i16, step: u16) -> u8 {
    sample((i32::from(dequantized(dc, step)) + 4) >> 3)
}

/// The transform to 4×4 samples in portable code. The fifth coefficient of each row and column is not used.
pub(super) fn inverse4(block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    let columns = transposed(&pass4::<12, 8>(&all_dequantized(block, steps)));
    let rows = transposed(&pass4::<19, 4>(&columns));
    for (row, out) in rows.into_iter().zip(out.chunks_mut(stride)) {
        if let Some(out) = out.first_chunk_mut() {
            *out = row.map(|value| sample(i32::from(value)));
        }
    }
}

/// One pass down `COLUMNS` columns to four rows, descaled by 2^`BITS`.
#[inline(always)]
fn pass4<const BITS: u32, const COLUMNS: usize>(from: &[[i16; COLUMNS]; 8]) -> [[i16; COLUMNS]; 4] {
    let mut to = [[0; COLUMNS]; 4];
    for x in 0..COLUMNS {
        let sums = transform4(std::array::from_fn(|y| from[y][x]));
        for (row, sum) in to.iter_mut().zip(sums) {
            row[x] = saturate(descale::<BITS>(sum));
        }
    }
    to
}

/// Of the coefficients that differ across, down and both ways, the lowest. The others, which half as many samples can
/// hardly show, would cost more than all else: they need not even be read. No code for levels: four coefficients fill no
/// vector.
#[inline]
pub(in super::super) fn inverse2([dc, across, down, both]: [i16; 4], steps: &Quantization) -> [[u8; 2]; 2] {
    let [dc, across, down, both] =
        [(dc, 0), (across, 1), (down, 8), (both, 9)].map(|(value, i)| i32::from(dequantized(value, steps[i])));
    // The mean of half a cosine is 0.9061 of what its middle would be; all is scaled by 2¹⁶.
    let (mean, across, down, both) = (dc * 8192 + 32768, across * 7423, down * 7423, both * 6726);
    let row = |middle: i32, slope: i32| [sample((middle + slope) >> 16), sample((middle - slope) >> 16)];
    [row(mean + down, across + both), row(mean - down, across - both)]
}

#[inline(always)]
fn weighted<const N: usize>(terms: [(i16, i32); N]) -> i32 {
    terms.into_iter().fold(0, |sum: i32, (value, weight)| sum.wrapping_add(i32::from(value) * weight))
}

/// The means of pairs of an 8-point transform's results, scaled by 2¹⁴ √8.
#[inline(always)]
fn transform4(x: [i16; 8]) -> [i32; 4] {
    let (a, b) = (i32::from(x[0]) << 14, weighted([(x[2], 15137), (x[6], -6270)]));
    let (outer, inner) = (a.wrapping_add(b), a.wrapping_sub(b));
    let p = weighted([(x[7], -4176), (x[5], -4926), (x[3], 7373), (x[1], 20995)]);
    let q = weighted([(x[7], -1730), (x[5], 11893), (x[3], -17799), (x[1], 8697)]);
    [outer.wrapping_add(p), inner.wrapping_add(q), inner.wrapping_sub(q), outer.wrapping_sub(p)]
}
