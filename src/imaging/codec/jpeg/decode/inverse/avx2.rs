//! AVX2: eight columns at a time, whose sums of two products are one instruction.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi16, _mm_mullo_epi16, _mm_packs_epi16, _mm_set1_epi8, _mm_setzero_si128,
    _mm_storel_epi64, _mm_sub_epi16, _mm_unpackhi_epi16, _mm_unpackhi_epi32, _mm_unpackhi_epi64, _mm_unpacklo_epi16,
    _mm_unpacklo_epi32, _mm_unpacklo_epi64, _mm_xor_si128, _mm256_add_epi32, _mm256_castsi256_si128,
    _mm256_cvtepi16_epi32, _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_packs_epi32, _mm256_permute4x64_epi64,
    _mm256_set_m128i, _mm256_set1_epi32, _mm256_slli_epi32, _mm256_srai_epi32, _mm256_sub_epi32,
};

use crate::imaging::kernel::isa::avx2::{Avx2, load_i16, store_128};

use super::super::coefficients::Quantization;

/// The transform of `full.rs`.
#[inline]
pub(super) fn inverse8(_: Avx2, block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    // SAFETY: the token proves AVX2.
    unsafe { inverse8_avx2(block, steps, out, stride) }
}

/// The transform to 4×4 samples of `reduced.rs`.
#[inline]
pub(super) fn inverse4(_: Avx2, block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    // SAFETY: the token proves AVX2.
    unsafe { inverse4_avx2(block, steps, out, stride) }
}

#[target_feature(enable = "avx2")]
fn inverse8_avx2(block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    let columns = transpose(pass::<11>(dequantized(block, steps)));
    let samples = transpose(pass::<18>(columns));
    let middle = _mm_set1_epi8(-128);
    for (pair, i) in samples.as_chunks::<2>().0.iter().zip([0, 2, 4, 6]) {
        // From −128…127, saturated, to 0…255.
        let both = _mm_xor_si128(_mm_packs_epi16(pair[0], pair[1]), middle);
        if let Some(row) = out.get_mut(i * stride..).and_then(<[u8]>::first_chunk_mut::<8>) {
            store_low(row, both);
        }
        if let Some(row) = out.get_mut((i + 1) * stride..).and_then(<[u8]>::first_chunk_mut::<8>) {
            store_low(row, _mm_unpackhi_epi64(both, both));
        }
    }
}

#[target_feature(enable = "avx2")]
fn inverse4_avx2(block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    let rows = pass4::<12>(dequantized(block, steps));
    let zero = _mm_setzero_si128();
    let columns = transpose([rows[0], rows[1], rows[2], rows[3], zero, zero, zero, zero]);
    // Four columns of four samples, row after row in the four words of their pairs.
    let [a, b, c, d] = pass4::<19>(columns);
    let (ab, cd) = (_mm_unpacklo_epi16(a, b), _mm_unpacklo_epi16(c, d));
    let samples = to_bytes(_mm_unpacklo_epi32(ab, cd), _mm_unpackhi_epi32(ab, cd));
    for (row, out) in samples.as_chunks::<4>().0.iter().zip(out.chunks_mut(stride)) {
        if let Some(out) = out.first_chunk_mut() {
            *out = *row;
        }
    }
}

/// Words from −128 to 127, what is beyond on the edge, as samples.
#[inline]
#[target_feature(enable = "avx2")]
fn to_bytes(low: __m128i, high: __m128i) -> [u8; 16] {
    let mut bytes = [0; 16];
    store_128(&mut bytes, _mm_xor_si128(_mm_packs_epi16(low, high), _mm_set1_epi8(-128)));
    bytes
}

#[inline]
#[target_feature(enable = "avx2")]
fn dequantized(block: &[i16; 64], steps: &Quantization) -> [__m128i; 8] {
    let mut x = [_mm_setzero_si128(); 8];
    for ((x, row), steps) in x.iter_mut().zip(block.as_chunks::<8>().0).zip(steps.as_chunks::<8>().0) {
        *x = _mm_mullo_epi16(load_i16(row), load_i16(&steps.map(|step| step as i16)));
    }
    x
}

/// One pass down the columns to four rows.
#[inline]
#[target_feature(enable = "avx2")]
fn pass4<const BITS: i32>(x: [__m128i; 8]) -> [__m128i; 4] {
    let half = _mm256_set1_epi32(1 << (BITS - 1));
    let a = _mm256_add_epi32(_mm256_slli_epi32::<14>(_mm256_cvtepi16_epi32(x[0])), half);
    let b = pair(x[2], 15137, x[6], -6270);
    let (outer, inner) = (_mm256_add_epi32(a, b), _mm256_sub_epi32(a, b));
    let p = _mm256_add_epi32(pair(x[7], -4176, x[5], -4926), pair(x[3], 7373, x[1], 20995));
    let q = _mm256_add_epi32(pair(x[7], -1730, x[5], 11893), pair(x[3], -17799, x[1], 8697));
    let (x0, x3) = packed::<BITS>(_mm256_add_epi32(outer, p), _mm256_sub_epi32(outer, p));
    let (x1, x2) = packed::<BITS>(_mm256_add_epi32(inner, q), _mm256_sub_epi32(inner, q));
    [x0, x1, x2, x3]
}

/// Two rows of sums, descaled and saturated to words.
#[inline]
#[target_feature(enable = "avx2")]
fn packed<const BITS: i32>(first: __m256i, last: __m256i) -> (__m128i, __m128i) {
    let [first, last] = [first, last].map(|sum| _mm256_srai_epi32::<BITS>(sum));
    // Halves lie crosswise after packing.
    let both = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(first, last));
    (_mm256_castsi256_si128(both), _mm256_extracti128_si256::<1>(both))
}

#[inline]
#[target_feature(enable = "avx2")]
fn store_low(row: &mut [u8; 8], value: __m128i) {
    // SAFETY: the reference is writable for the 8 bytes that are stored; the store needs no alignment.
    unsafe { _mm_storel_epi64(row.as_mut_ptr().cast(), value) }
}

/// For each column a·ka + b·kb, by a product of interleaved words.
#[inline]
#[target_feature(enable = "avx2")]
fn pair(a: __m128i, ka: i16, b: __m128i, kb: i16) -> __m256i {
    let words = _mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b));
    _mm256_madd_epi16(words, weights(ka, kb))
}

#[inline]
#[target_feature(enable = "avx2")]
fn weights(low: i16, high: i16) -> __m256i {
    _mm256_set1_epi32(i32::from(low as u16) | i32::from(high) << 16)
}

/// One pass down the columns, descaled by 2^`BITS`.
#[inline]
#[target_feature(enable = "avx2")]
fn pass<const BITS: i32>(x: [__m128i; 8]) -> [__m128i; 8] {
    let [a, b] = [_mm_add_epi16(x[0], x[4]), _mm_sub_epi16(x[0], x[4])]
        .map(|sum| _mm256_slli_epi32::<13>(_mm256_cvtepi16_epi32(sum)));
    let (c, d) = (pair(x[2], 4433 + 6270, x[6], 4433), pair(x[2], 4433, x[6], 4433 - 15137));
    let half = _mm256_set1_epi32(1 << (BITS - 1));
    let (a, b) = (_mm256_add_epi32(a, half), _mm256_add_epi32(b, half));
    let even = [_mm256_add_epi32(a, c), _mm256_add_epi32(b, d), _mm256_sub_epi32(b, d), _mm256_sub_epi32(a, c)];
    let (p, q) = (_mm_add_epi16(x[7], x[3]), _mm_add_epi16(x[5], x[1]));
    let (r, s) = (pair(p, 9633 - 16069, q, 9633), pair(p, 9633, q, 9633 - 3196));
    let odd = [
        _mm256_add_epi32(pair(x[7], -7373, x[1], 12299 - 7373), s),
        _mm256_add_epi32(pair(x[5], -20995, x[3], 25172 - 20995), r),
        _mm256_add_epi32(pair(x[5], 16819 - 20995, x[3], -20995), s),
        _mm256_add_epi32(pair(x[7], 2446 - 7373, x[1], -7373), r),
    ];
    let rows = |i: usize| packed::<BITS>(_mm256_add_epi32(even[i], odd[i]), _mm256_sub_epi32(even[i], odd[i]));
    let [(x0, x7), (x1, x6), (x2, x5), (x3, x4)] = [rows(0), rows(1), rows(2), rows(3)];
    [x0, x1, x2, x3, x4, x5, x6, x7]
}

#[inline]
#[target_feature(enable = "avx2")]
fn transpose(x: [__m128i; 8]) -> [__m128i; 8] {
    // Pairs, quadruples, then whole columns.
    let a = [
        _mm_unpacklo_epi16(x[0], x[1]),
        _mm_unpacklo_epi16(x[2], x[3]),
        _mm_unpacklo_epi16(x[4], x[5]),
        _mm_unpacklo_epi16(x[6], x[7]),
        _mm_unpackhi_epi16(x[0], x[1]),
        _mm_unpackhi_epi16(x[2], x[3]),
        _mm_unpackhi_epi16(x[4], x[5]),
        _mm_unpackhi_epi16(x[6], x[7]),
    ];
    let b = [
        _mm_unpacklo_epi32(a[0], a[1]),
        _mm_unpacklo_epi32(a[2], a[3]),
        _mm_unpackhi_epi32(a[0], a[1]),
        _mm_unpackhi_epi32(a[2], a[3]),
        _mm_unpacklo_epi32(a[4], a[5]),
        _mm_unpacklo_epi32(a[6], a[7]),
        _mm_unpackhi_epi32(a[4], a[5]),
        _mm_unpackhi_epi32(a[6], a[7]),
    ];
    [
        _mm_unpacklo_epi64(b[0], b[1]),
        _mm_unpackhi_epi64(b[0], b[1]),
        _mm_unpacklo_epi64(b[2], b[3]),
        _mm_unpackhi_epi64(b[2], b[3]),
        _mm_unpacklo_epi64(b[4], b[5]),
        _mm_unpackhi_epi64(b[4], b[5]),
        _mm_unpacklo_epi64(b[6], b[7]),
        _mm_unpackhi_epi64(b[6], b[7]),
    ]
}
