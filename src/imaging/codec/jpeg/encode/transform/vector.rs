//! Two blocks at a time, side by side.

use crate::imaging::kernel::isa::simd::Simd;

use super::scalar::{Block, Quantizer, one};

/// As the portable function, which does a last single block.
#[inline(always)]
pub(super) fn transform<S: Simd>(s: S, samples: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    let (pairs, last) = blocks.as_chunks_mut::<2>();
    let mut from = 0;
    for pair in pairs {
        two(s, samples.get(from..).unwrap_or(&[]), stride, quantizer, pair);
        from += 16;
    }
    for block in last {
        *block = one(samples.get(from..).unwrap_or(&[]), stride, quantizer);
    }
}

#[inline(always)]
fn two<S: Simd>(s: S, samples: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block; 2]) {
    let mut x = [s.splat(0); 8];
    let middle = s.splat(128);
    for (x, row) in x.iter_mut().zip(samples.chunks(stride.max(1))) {
        if let Some(row) = row.first_chunk::<16>() {
            *x = s.sub(s.widen(row), middle);
        }
    }
    // Rows are transformed as columns of the transposed block.
    let rows = s.transpose_halves(pass::<S, 11>(s, s.transpose_halves(x)));
    let values = pass::<S, 15>(s, rows);
    let mut masks = [0u64; 2];
    let corrections = quantizer.corrections.as_chunks::<8>().0;
    let reciprocals = quantizer.reciprocals.as_chunks::<8>().0;
    let mut previous = s.splat(0);
    for (y, value) in values.into_iter().enumerate() {
        let magnitude = s.add(s.abs(value), s.twice(&corrections[y]));
        let quotient = s.with_sign(s.mul_high(magnitude, s.twice(&reciprocals[y])), value);
        let [first, second] = &mut *blocks;
        if let (Some(first), Some(second)) = (
            first.coefficients.as_chunks_mut::<8>().0.get_mut(y),
            second.coefficients.as_chunks_mut::<8>().0.get_mut(y),
        ) {
            s.store_rows(quotient, first, second);
        }
        if y % 2 == 1 {
            // Sixteen bits of each block: those of the row before and of this one.
            let shift = 8 * (y as u32 - 1);
            for (mask, bits) in masks.iter_mut().zip(s.nonzero(previous, quotient)) {
                *mask |= u64::from(bits) << shift;
            }
        }
        previous = quotient;
    }
    [blocks[0].nonzero, blocks[1].nonzero] = masks;
}

/// One pass down the columns.
#[inline(always)]
fn pass<S: Simd, const BITS: i32>(s: S, x: [S::Words; 8]) -> [S::Words; 8] {
    let (s0, d0) = (s.add(x[0], x[7]), s.sub(x[0], x[7]));
    let (s1, d1) = (s.add(x[1], x[6]), s.sub(x[1], x[6]));
    let (s2, d2) = (s.add(x[2], x[5]), s.sub(x[2], x[5]));
    let (s3, d3) = (s.add(x[3], x[4]), s.sub(x[3], x[4]));
    let (outer, far) = (s.add(s0, s3), s.sub(s0, s3));
    let (inner, near) = (s.add(s1, s2), s.sub(s1, s2));
    // Words of two values side by side, for sums of two products.
    let (f, odd) = (s.pair(far, near), [s.pair(d0, d1), s.pair(d2, d3)]);
    [
        even::<S, BITS>(s, s.add(outer, inner)),
        four::<S, BITS>(s, odd, (11363, 9633), (6437, 2260)),
        descaled::<S, BITS>(s, s.products(f, 10703, 4433)),
        four::<S, BITS>(s, odd, (9633, -2259), (-11362, -6436)),
        even::<S, BITS>(s, s.sub(outer, inner)),
        four::<S, BITS>(s, odd, (6437, -11362), (2261, 9633)),
        descaled::<S, BITS>(s, s.products(f, 4433, -10704)),
        four::<S, BITS>(s, odd, (2260, -6436), (9633, -11363)),
    ]
}

/// A sum without products: times four in the first pass, divided by four in the second one.
#[inline(always)]
fn even<S: Simd, const BITS: i32>(s: S, sum: S::Words) -> S::Words {
    if BITS == 11 { s.shl::<2>(sum) } else { s.sra::<2>(s.add(sum, s.splat(2))) }
}

/// Sums of four products, divided by 2^`BITS` and rounded half up.
#[inline(always)]
fn four<S: Simd, const BITS: i32>(s: S, [a, b]: [S::Pairs; 2], by: (i16, i16), and: (i16, i16)) -> S::Words {
    descaled::<S, BITS>(s, s.add_sums(s.products(a, by.0, by.1), s.products(b, and.0, and.1)))
}

/// Sums divided by 2^`BITS` and rounded half up.
#[inline(always)]
fn descaled<S: Simd, const BITS: i32>(s: S, sums: S::Sums) -> S::Words {
    s.narrow(s.sra_sums::<BITS>(s.add_sums(sums, s.splat_sums(1 << (BITS - 1)))))
}
