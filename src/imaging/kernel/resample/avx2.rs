//! AVX2: products of 16 bytes and 16 coefficients at a time.
//!
//! Sums of `i16 × u8` products are exact in `i32` whatever their order, so these equal the scalar reference.
#![allow(
    unsafe_code,
    reason = "calls functions that need AVX2, which the token proves, and loads without bounds checks"
)]

use std::arch::x86_64::{
    __m128i, __m256i, _MM_HINT_T0, _mm_add_epi32, _mm_cvtsi32_si128, _mm_cvtsi128_si32, _mm_loadu_si128,
    _mm_packs_epi32, _mm_packus_epi16, _mm_prefetch, _mm_set1_epi32, _mm_sllv_epi32, _mm_srav_epi32, _mm_srli_epi32,
    _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepu8_epi16, _mm256_extracti128_si256, _mm256_hadd_epi32,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_packs_epi32, _mm256_packus_epi16, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_sra_epi32, _mm256_unpackhi_epi8, _mm256_unpacklo_epi8,
};

use crate::imaging::kernel::isa::avx2::{Avx2, load_128, load_coefs, load_u32, store_256};
use crate::imaging::kernel::taps::{GROUP, Quartet, SHORT, Taps};
use crate::imaging::pixel::raster::ROW_PADDING;

pub(super) fn horizontal(_: Avx2, taps: &Taps, window_x: usize, rows: &[&[u8]], out: &mut [&mut [u8]]) {
    // SAFETY: the token proves AVX2.
    unsafe { horizontal_avx2(taps, window_x, rows, out) }
}

pub(super) fn vertical(_: Avx2, coefs: &[i16], bits: u32, rows: &[&[u8]], out: &mut [u8]) {
    // SAFETY: the token proves AVX2.
    unsafe { vertical_avx2(coefs, bits, rows, out) }
}

#[target_feature(enable = "avx2")]
fn horizontal_avx2(taps: &Taps, window_x: usize, rows: &[&[u8]], out: &mut [&mut [u8]]) {
    // Short filters, which most are, get loops of known length.
    match taps.groups() {
        Some(1) => quartets::<1>(taps, window_x, rows, out),
        Some(2) => quartets::<2>(taps, window_x, rows, out),
        Some(3) => quartets::<3>(taps, window_x, rows, out),
        Some(4) => quartets::<4>(taps, window_x, rows, out),
        Some(5) => quartets::<5>(taps, window_x, rows, out),
        Some(SHORT) => quartets::<SHORT>(taps, window_x, rows, out),
        _ => quartets::<0>(taps, window_x, rows, out),
    }
}

/// Four samples after the other, of at most `GROUPS` groups of coefficients; 0 stands for any number.
#[inline]
#[target_feature(enable = "avx2")]
fn quartets<const GROUPS: usize>(taps: &Taps, window_x: usize, rows: &[&[u8]], out: &mut [&mut [u8]]) {
    let len = rows.iter().map(|row| row.len()).min().unwrap_or(0);
    for (number, quartet) in taps.quartets().enumerate() {
        // At the right edge filters are shorter and whole groups may reach beyond the padding.
        let [a, b, c, d] = quartet.first.map(|first| first as usize);
        let first = a.min(b).min(c.min(d));
        let last = a.max(b).max(c.max(d));
        let inside = first >= window_x && last - window_x + GROUPS * GROUP <= len;
        let bits = load_u32(quartet.bits);
        let halves = _mm_srli_epi32::<1>(_mm_sllv_epi32(_mm_set1_epi32(1), bits));
        // All planes while the coefficients are at hand.
        for (samples, out) in rows.iter().zip(out.iter_mut()) {
            let sums = if GROUPS > 0 && inside {
                // SAFETY: GROUPS groups from the first pixel of each sample lie inside the row, as just checked.
                unsafe { short_sums::<GROUPS>(quartet, window_x, samples) }
            } else {
                long_sums((taps, number), quartet, window_x, samples)
            };
            let rounded = _mm_srav_epi32(_mm_add_epi32(sums, halves), bits);
            // Saturating packs clamp to 0..=255.
            let words = _mm_packs_epi32(rounded, rounded);
            let bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words)).to_le_bytes();
            let out = &mut out[4 * number..];
            if let Some(out) = out.first_chunk_mut::<4>() {
                *out = bytes;
            } else {
                let count = out.len();
                out.copy_from_slice(&bytes[..count]);
            }
        }
    }
}

/// The sums of four samples of `GROUPS` groups each. Where one has fewer, bytes behind it are weighed by zero.
///
/// # Safety
///
/// From the first pixel of each sample, less `window_x`, on there are `GROUPS` groups of samples.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn short_sums<const GROUPS: usize>(quartet: Quartet<'_>, window_x: usize, samples: &[u8]) -> __m128i {
    let mut sums = [_mm256_setzero_si256(); 4];
    for (lane, sum) in sums.iter_mut().enumerate() {
        let first = quartet.first[lane] as usize - window_x;
        for group in 0..GROUPS {
            // SAFETY: the caller vouches for GROUPS groups from `first` on.
            let bytes = unsafe { load_bytes(samples, first + group * GROUP) };
            // SAFETY: a quartet has four times as many groups of coefficients as its table, which is GROUPS.
            let coefs = unsafe { load_group(quartet.coefs, lane * GROUPS + group) };
            *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(_mm256_cvtepu8_epi16(bytes), coefs));
        }
    }
    totals(sums)
}

/// Sixteen bytes.
///
/// # Safety
///
/// There are that many from `at` on.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_bytes(samples: &[u8], at: usize) -> __m128i {
    debug_assert!(at + 16 <= samples.len());
    // SAFETY: inside the slice, says the caller.
    let start = unsafe { samples.as_ptr().add(at) };
    // SAFETY: readable for 16 bytes, says the caller; the load needs no alignment.
    unsafe { _mm_loadu_si128(start.cast()) }
}

/// A group of coefficients.
///
/// # Safety
///
/// There is one of that number.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_group(coefs: &[i16], group: usize) -> __m256i {
    debug_assert!((group + 1) * GROUP <= coefs.len());
    // SAFETY: inside the slice, says the caller.
    let start = unsafe { coefs.as_ptr().add(group * GROUP) };
    // SAFETY: readable for 16 · 2 bytes, says the caller; the load needs no alignment.
    unsafe { _mm256_loadu_si256(start.cast()) }
}

/// The sums of four samples of any length: the quartet of that number.
#[target_feature(enable = "avx2")]
fn long_sums((taps, number): (&Taps, usize), quartet: Quartet<'_>, window_x: usize, samples: &[u8]) -> __m128i {
    let mut sums = [_mm256_setzero_si256(); 4];
    let each = quartet.first.iter().zip(quartet.count).enumerate();
    for (sum, (lane, (&first, &count))) in sums.iter_mut().zip(each) {
        if count > 0 {
            let coefs = taps.coefs(4 * number + lane);
            // Whole groups: up to 15 bytes of the row's padding are read and weighed by zero.
            let samples = samples[first as usize - window_x..].as_chunks::<GROUP>().0;
            let groups = (count as usize).div_ceil(GROUP);
            for (samples, coefs) in samples[..groups].iter().zip(coefs.as_chunks::<GROUP>().0) {
                let words = _mm256_cvtepu8_epi16(load_128(samples));
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(words, load_coefs(coefs)));
            }
        }
    }
    totals(sums)
}

/// The totals of four times eight partial sums: transposed and added.
#[inline]
#[target_feature(enable = "avx2")]
fn totals([a, b, c, d]: [__m256i; 4]) -> __m128i {
    let sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums))
}

#[target_feature(enable = "avx2")]
fn vertical_avx2(coefs: &[i16], bits: u32, rows: &[&[u8]], out: &mut [u8]) {
    // Checked once: every row has its columns, and padding behind them.
    assert!(rows.iter().all(|row| row.len() >= out.len() + ROW_PADDING));
    // Two vectors of columns at a time use the weights of a pair of rows twice.
    let mut column = 0;
    while column < out.len() {
        let wide = out.len() - column > COLUMNS;
        let bytes = if wide {
            // SAFETY: `column` and the one a vector further on are the row's; the padding behind it completes them.
            unsafe { weighed::<2>(coefs, bits, rows, column) }
        } else {
            // SAFETY: `column` is the row's; the padding behind it completes its vector.
            unsafe { weighed::<1>(coefs, bits, rows, column) }
        };
        for bytes in &bytes[..1 + usize::from(wide)] {
            let mut buffer = [0; COLUMNS];
            store_256(&mut buffer, *bytes);
            let count = COLUMNS.min(out.len() - column);
            out[column..column + count].copy_from_slice(&buffer[..count]);
            column += count;
        }
    }
}

/// Columns in a vector.
const COLUMNS: usize = 32;

/// `VECTORS` vectors of one output row from `column` on.
///
/// # Safety
///
/// From that column on, each row has `VECTORS` vectors of bytes.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn weighed<const VECTORS: usize>(coefs: &[i16], bits: u32, rows: &[&[u8]], column: usize) -> [__m256i; 2] {
    let half = _mm256_set1_epi32(1 << (bits - 1));
    let zero = _mm256_setzero_si256();
    let mut sums = [[half; 4]; VECTORS];
    // Coefficients are padded with zeros to an even number, so that an odd last row is paired with itself.
    for (pair, coefs) in rows.chunks(2).zip(coefs.as_chunks::<2>().0) {
        let weights = pair_weights(coefs);
        if rows.len() > MANY_ROWS {
            for row in pair {
                prefetch(row, column + VECTORS * COLUMNS);
            }
        }
        for (vector, sums) in sums.iter_mut().enumerate() {
            let at = column + vector * COLUMNS;
            // SAFETY: as the caller says.
            let first = unsafe { load_columns(pair[0], at) };
            // SAFETY: as the caller says.
            let second = unsafe { load_columns(pair[pair.len() - 1], at) };
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
    }
    let bits = _mm_cvtsi32_si128(bits as i32);
    let mut bytes = [zero; 2];
    for (bytes, sums) in bytes.iter_mut().zip(sums) {
        // The packs undo the order of the unpacks, and clamp to 0..=255.
        let rounded = sums.map(|sum| _mm256_sra_epi32(sum, bits));
        let words = (_mm256_packs_epi32(rounded[0], rounded[1]), _mm256_packs_epi32(rounded[2], rounded[3]));
        *bytes = _mm256_packus_epi16(words.0, words.1);
    }
    bytes
}

/// More rows than the CPU's own prefetchers keep track of.
const MANY_ROWS: usize = 32;

/// Asks for bytes ahead of their use. Takes 12 % off a reduction by 12 of rows that are too many for the L2 cache.
#[inline]
#[target_feature(enable = "avx2")]
fn prefetch(row: &[u8], at: usize) {
    // Any address will do: a prefetch reads nothing that a program could notice.
    _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().wrapping_add(at).cast());
}

/// Thirty-two bytes.
///
/// # Safety
///
/// There are that many from `at` on.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load_columns(row: &[u8], at: usize) -> __m256i {
    debug_assert!(at + COLUMNS <= row.len());
    // SAFETY: inside the slice, says the caller.
    let start = unsafe { row.as_ptr().add(at) };
    // SAFETY: readable for 32 bytes, says the caller; the load needs no alignment.
    unsafe { _mm256_loadu_si256(start.cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair_weights([a, b]: &[i16; 2]) -> __m256i {
    _mm256_set1_epi32(i32::from(*a as u16) | (i32::from(*b) << 16))
}
