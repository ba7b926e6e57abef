//! AVX2: products of 16 bytes and 16 coefficients at a time.
//!
//! Sums of `i16 × u8` products are exact in `i32` whatever their order, so these equal the scalar reference.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi32, _mm_cvtsi32_si128, _mm_cvtsi128_si32, _mm_packs_epi32,
    _mm_packus_epi16, _mm_set1_epi32, _mm_sllv_epi32, _mm_srav_epi32, _mm_srli_epi32, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_cvtepu8_epi16, _mm256_extracti128_si256, _mm256_hadd_epi32, _mm256_madd_epi16, _mm256_packs_epi32,
    _mm256_packus_epi16, _mm256_set1_epi32, _mm256_setzero_si256, _mm256_sra_epi32, _mm256_unpackhi_epi8,
    _mm256_unpacklo_epi8,
};

use crate::kernel::simd::{Avx2, load_128, load_256, load_coefs, load_u32, store_256};
use crate::kernel::taps::{GROUP, Quartet, Taps};

pub(super) fn horizontal(_: Avx2, taps: &Taps, window_x: usize, samples: &[u8], out: &mut [u8]) {
    // SAFETY: the token proves AVX2.
    unsafe { horizontal_avx2(taps, window_x, samples, out) }
}

pub(super) fn vertical(_: Avx2, coefs: &[i16], bits: u32, data: &[u8], offsets: &[usize], out: &mut [u8]) {
    // SAFETY: the token proves AVX2.
    unsafe { vertical_avx2(coefs, bits, data, offsets, out) }
}

#[target_feature(enable = "avx2")]
fn horizontal_avx2(taps: &Taps, window_x: usize, samples: &[u8], out: &mut [u8]) {
    for (quartet, out) in taps.quartets().zip(out.chunks_mut(4)) {
        // Short filters, which most are, get code without loops.
        let sums = match quartet.groups() {
            1 => short_sums::<{ GROUP }>(quartet, window_x, samples),
            2 => short_sums::<{ 2 * GROUP }>(quartet, window_x, samples),
            3 => short_sums::<{ 3 * GROUP }>(quartet, window_x, samples),
            4 => short_sums::<{ 4 * GROUP }>(quartet, window_x, samples),
            _ => None,
        };
        let sums = sums.unwrap_or_else(|| long_sums(quartet, window_x, samples));
        let bits = load_u32(quartet.bits);
        let halves = _mm_srli_epi32::<1>(_mm_sllv_epi32(_mm_set1_epi32(1), bits));
        let rounded = _mm_srav_epi32(_mm_add_epi32(sums, halves), bits);
        // Saturating packs clamp to 0..=255.
        let words = _mm_packs_epi32(rounded, rounded);
        let bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words)).to_le_bytes();
        if let Ok(out) = <&mut [u8; 4]>::try_from(&mut *out) {
            *out = bytes;
        } else {
            out.copy_from_slice(&bytes[..out.len()]);
        }
    }
}

/// The sums of four samples of at most `LEN` taps. Where one has fewer, bytes behind it are read and weighed by zero;
/// `None` if the row, with its padding, is too short for that.
#[inline]
#[target_feature(enable = "avx2")]
fn short_sums<const LEN: usize>(quartet: Quartet<'_>, window_x: usize, samples: &[u8]) -> Option<__m128i> {
    let mut sums = [_mm256_setzero_si256(); 4];
    let each = quartet.first.iter().zip(quartet.coefs.chunks_exact(quartet.coefs.len() / 4));
    for (sum, (&first, coefs)) in sums.iter_mut().zip(each) {
        let samples = samples.get((first as usize).wrapping_sub(window_x)..)?.first_chunk::<LEN>()?;
        let coefs = coefs.first_chunk::<LEN>()?;
        *sum = products(samples.as_chunks::<GROUP>().0, coefs.as_chunks::<GROUP>().0);
    }
    Some(totals(sums))
}

/// The sums of four samples of any length.
#[target_feature(enable = "avx2")]
fn long_sums(quartet: Quartet<'_>, window_x: usize, samples: &[u8]) -> __m128i {
    let mut sums = [_mm256_setzero_si256(); 4];
    let each = quartet.first.iter().zip(quartet.count).zip(quartet.coefs.chunks_exact(quartet.coefs.len() / 4));
    for (sum, ((&first, &count), coefs)) in sums.iter_mut().zip(each) {
        if count > 0 {
            // Whole groups: up to 15 bytes of the row's padding are read and weighed by zero.
            let samples = samples[first as usize - window_x..].as_chunks::<GROUP>().0;
            let groups = (count as usize).div_ceil(GROUP);
            *sum = products(&samples[..groups], &coefs.as_chunks::<GROUP>().0[..groups]);
        }
    }
    totals(sums)
}

/// Eight partial sums of as many products as there are groups.
#[inline]
#[target_feature(enable = "avx2")]
fn products(samples: &[[u8; GROUP]], coefs: &[[i16; GROUP]]) -> __m256i {
    let mut sum = _mm256_setzero_si256();
    for (samples, coefs) in samples.iter().zip(coefs) {
        let words = _mm256_cvtepu8_epi16(load_128(samples));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(words, load_coefs(coefs)));
    }
    sum
}

/// The totals of four times eight partial sums: transposed and added.
#[inline]
#[target_feature(enable = "avx2")]
fn totals([a, b, c, d]: [__m256i; 4]) -> __m128i {
    let sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums))
}

#[target_feature(enable = "avx2")]
fn vertical_avx2(coefs: &[i16], bits: u32, data: &[u8], offsets: &[usize], out: &mut [u8]) {
    let half = _mm256_set1_epi32(1 << (bits - 1));
    let bits = _mm_cvtsi32_si128(bits as i32);
    let zero = _mm256_setzero_si256();
    for (chunk, out) in out.chunks_mut(32).enumerate() {
        let column = 32 * chunk;
        let mut sums = [half; 4];
        // Coefficients are padded with zeros to an even number, so that an odd last row is paired with itself.
        for (pair, coefs) in offsets.chunks(2).zip(coefs.as_chunks::<2>().0) {
            let first = row_chunk(data, pair[0] + column);
            let second = if let [_, second] = pair { row_chunk(data, second + column) } else { first };
            let weights = pair_weights(coefs);
            // Bytes of the two rows side by side, widened: one multiply-add makes c₀·a + c₁·b per column.
            let (low, high) = (_mm256_unpacklo_epi8(first, second), _mm256_unpackhi_epi8(first, second));
            let words = [
                _mm256_unpacklo_epi8(low, zero),
                _mm256_unpackhi_epi8(low, zero),
                _mm256_unpacklo_epi8(high, zero),
                _mm256_unpackhi_epi8(high, zero),
            ];
            for (sum, words) in sums.iter_mut().zip(words) {
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(words, weights));
            }
        }
        // The packs undo the order of the unpacks, and clamp to 0..=255.
        let rounded = sums.map(|sum| _mm256_sra_epi32(sum, bits));
        let words = (_mm256_packs_epi32(rounded[0], rounded[1]), _mm256_packs_epi32(rounded[2], rounded[3]));
        let bytes = _mm256_packus_epi16(words.0, words.1);
        if let Ok(out) = <&mut [u8; 32]>::try_from(&mut *out) {
            store_256(out, bytes);
        } else {
            let mut last = [0; 32];
            store_256(&mut last, bytes);
            out.copy_from_slice(&last[..out.len()]);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn row_chunk(data: &[u8], offset: usize) -> __m256i {
    // Rows have 32 bytes of padding, so a last partial chunk is readable too.
    match data[offset..].first_chunk::<32>() {
        Some(chunk) => load_256(chunk),
        None => _mm256_setzero_si256(),
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair_weights([a, b]: &[i16; 2]) -> __m256i {
    _mm256_set1_epi32(i32::from(*a as u16) | (i32::from(*b) << 16))
}
