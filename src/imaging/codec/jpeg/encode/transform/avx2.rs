//! AVX2: two blocks side by side, one in each half of the registers.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::arch::x86_64::{
    __m256i, _mm256_abs_epi16, _mm256_add_epi16, _mm256_add_epi32, _mm256_castsi128_si256, _mm256_cmpeq_epi16,
    _mm256_cvtepu8_epi16, _mm256_inserti128_si256, _mm256_madd_epi16, _mm256_movemask_epi8, _mm256_mulhi_epu16,
    _mm256_packs_epi16, _mm256_packs_epi32, _mm256_set1_epi16, _mm256_set1_epi32, _mm256_setzero_si256,
    _mm256_sign_epi16, _mm256_slli_epi16, _mm256_srai_epi16, _mm256_srai_epi32, _mm256_sub_epi16,
    _mm256_unpackhi_epi16, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi16, _mm256_unpacklo_epi32,
    _mm256_unpacklo_epi64,
};

use crate::imaging::kernel::isa::avx2::{Avx2, load_128, load_i16, store_i16};

use super::scalar::{Block, Quantizer, one};

pub(super) fn transform(_: Avx2, samples: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    // SAFETY: the token proves AVX2.
    unsafe { transform_avx2(samples, stride, quantizer, blocks) }
}

#[target_feature(enable = "avx2")]
fn transform_avx2(samples: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    let (pairs, last) = blocks.as_chunks_mut::<2>();
    let mut from = 0;
    for pair in pairs {
        two(samples.get(from..).unwrap_or(&[]), stride, quantizer, pair);
        from += 16;
    }
    for block in last {
        *block = one(samples.get(from..).unwrap_or(&[]), stride, quantizer);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn two(samples: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block; 2]) {
    let mut x = [_mm256_setzero_si256(); 8];
    let middle = _mm256_set1_epi16(128);
    for (x, row) in x.iter_mut().zip(samples.chunks(stride.max(1))) {
        if let Some(row) = row.first_chunk::<16>() {
            *x = _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_128(row)), middle);
        }
    }
    // Rows are transformed as columns of the transposed block.
    let rows = transpose(pass::<11>(transpose(x)));
    let values = pass::<15>(rows);
    let mut masks = [0u64; 2];
    let zero = _mm256_setzero_si256();
    let corrections = quantizer.corrections.as_chunks::<8>().0;
    let reciprocals = quantizer.reciprocals.as_chunks::<8>().0;
    let mut previous = zero;
    for (y, value) in values.into_iter().enumerate() {
        let magnitude = _mm256_add_epi16(_mm256_abs_epi16(value), both(&corrections[y]));
        let quotient = _mm256_mulhi_epu16(magnitude, both(&reciprocals[y]));
        let quotient = _mm256_sign_epi16(quotient, value);
        let [first, second] = &mut *blocks;
        if let (Some(first), Some(second)) = (
            first.coefficients.as_chunks_mut::<8>().0.get_mut(y),
            second.coefficients.as_chunks_mut::<8>().0.get_mut(y),
        ) {
            store_i16(first, second, quotient);
        }
        let is_zero = _mm256_cmpeq_epi16(quotient, zero);
        if y % 2 == 1 {
            // Sixteen bits of each block: those of the row before and of this one.
            let mask = !_mm256_movemask_epi8(_mm256_packs_epi16(previous, is_zero)) as u32;
            let shift = 8 * (y as u32 - 1);
            masks[0] |= u64::from(mask & 0xffff) << shift;
            masks[1] |= u64::from(mask >> 16) << shift;
        }
        previous = is_zero;
    }
    [blocks[0].nonzero, blocks[1].nonzero] = masks;
}

/// Eight words for both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn both(words: &[u16; 8]) -> __m256i {
    let half = load_i16(&words.map(|word| word as i16));
    _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(half), half)
}

/// One pass down the columns.
#[inline]
#[target_feature(enable = "avx2")]
fn pass<const BITS: i32>(x: [__m256i; 8]) -> [__m256i; 8] {
    let (s0, d0) = (_mm256_add_epi16(x[0], x[7]), _mm256_sub_epi16(x[0], x[7]));
    let (s1, d1) = (_mm256_add_epi16(x[1], x[6]), _mm256_sub_epi16(x[1], x[6]));
    let (s2, d2) = (_mm256_add_epi16(x[2], x[5]), _mm256_sub_epi16(x[2], x[5]));
    let (s3, d3) = (_mm256_add_epi16(x[3], x[4]), _mm256_sub_epi16(x[3], x[4]));
    let (outer, far) = (_mm256_add_epi16(s0, s3), _mm256_sub_epi16(s0, s3));
    let (inner, near) = (_mm256_add_epi16(s1, s2), _mm256_sub_epi16(s1, s2));
    let (sum, difference) = (_mm256_add_epi16(outer, inner), _mm256_sub_epi16(outer, inner));
    let [x0, x4] = if BITS == 11 {
        [_mm256_slli_epi16::<2>(sum), _mm256_slli_epi16::<2>(difference)]
    } else {
        let two = _mm256_set1_epi16(2);
        [sum, difference].map(|value| _mm256_srai_epi16::<2>(_mm256_add_epi16(value, two)))
    };
    // Words of two values side by side, for sums of two products.
    let f = [_mm256_unpacklo_epi16(far, near), _mm256_unpackhi_epi16(far, near)];
    let a = [_mm256_unpacklo_epi16(d0, d1), _mm256_unpackhi_epi16(d0, d1)];
    let b = [_mm256_unpacklo_epi16(d2, d3), _mm256_unpackhi_epi16(d2, d3)];
    [
        x0,
        four::<BITS>(a, (11363, 9633), b, (6437, 2260)),
        four::<BITS>(f, (10703, 4433), f, (0, 0)),
        four::<BITS>(a, (9633, -2259), b, (-11362, -6436)),
        x4,
        four::<BITS>(a, (6437, -11362), b, (2261, 9633)),
        four::<BITS>(f, (4433, -10704), f, (0, 0)),
        four::<BITS>(a, (2260, -6436), b, (9633, -11363)),
    ]
}

/// Sums of four products, divided by 2^`BITS` and rounded half up.
#[inline]
#[target_feature(enable = "avx2")]
fn four<const BITS: i32>(a: [__m256i; 2], by: (i16, i16), b: [__m256i; 2], and: (i16, i16)) -> __m256i {
    let half = _mm256_set1_epi32(1 << (BITS - 1));
    let weights = |(even, odd): (i16, i16)| _mm256_set1_epi32(i32::from(even as u16) | i32::from(odd) << 16);
    let (by, with) = (weights(by), weights(and));
    let sum = |a, b| {
        let sum = _mm256_add_epi32(_mm256_madd_epi16(a, by), half);
        let sum = if and == (0, 0) { sum } else { _mm256_add_epi32(sum, _mm256_madd_epi16(b, with)) };
        _mm256_srai_epi32::<BITS>(sum)
    };
    _mm256_packs_epi32(sum(a[0], b[0]), sum(a[1], b[1]))
}

/// Both halves as 8×8 words, transposed.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(x: [__m256i; 8]) -> [__m256i; 8] {
    let words = |a, b| [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)];
    let [a0, a1] = words(x[0], x[1]);
    let [a2, a3] = words(x[2], x[3]);
    let [a4, a5] = words(x[4], x[5]);
    let [a6, a7] = words(x[6], x[7]);
    let pairs = |a, b| [_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)];
    let [b0, b1] = pairs(a0, a2);
    let [b2, b3] = pairs(a1, a3);
    let [b4, b5] = pairs(a4, a6);
    let [b6, b7] = pairs(a5, a7);
    let quads = |a, b| [_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)];
    let [c0, c1] = quads(b0, b4);
    let [c2, c3] = quads(b1, b5);
    let [c4, c5] = quads(b2, b6);
    let [c6, c7] = quads(b3, b7);
    [c0, c1, c2, c3, c4, c5, c6, c7]
}
