//! AVX2: sixteen pixels at a time, by sums of two products of 16-bit words.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_packus_epi16, _mm256_add_epi16, _mm256_add_epi32, _mm256_castsi256_si128,
    _mm256_cvtepu8_epi16, _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_packs_epi32, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_srai_epi32, _mm256_sub_epi16, _mm256_unpackhi_epi16, _mm256_unpacklo_epi16,
};

use crate::imaging::kernel::color::ycbcr_to_rgb;
use crate::imaging::kernel::isa::avx2::{Avx2, load_128, store_128};

/// Full-range YCbCr to RGB in place, as the kernel's portable function, which does the rest.
pub(super) fn to_rgb(_: Avx2, y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    // SAFETY: the token proves AVX2.
    let done = unsafe { to_rgb_avx2(y, cb, cr) };
    ycbcr_to_rgb(&mut y[done..], &mut cb[done..], &mut cr[done..]);
}

#[target_feature(enable = "avx2")]
fn to_rgb_avx2(y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) -> usize {
    let middle = _mm256_set1_epi16(128);
    let groups = y.as_chunks_mut::<16>().0.iter_mut().zip(cb.as_chunks_mut::<16>().0).zip(cr.as_chunks_mut::<16>().0);
    let mut done = 0;
    for ((y, cb), cr) in groups {
        let luma = _mm256_cvtepu8_epi16(load_128(y));
        let blue = _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_128(cb)), middle);
        let red = _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_128(cr)), middle);
        // Whole parts of the factors are added apart, so that the rest of each fits a word:
        // 91881 = 65536 + 26345, 116130 = 2 · 65536 − 14942, −46802 = −65536 + 18734.
        let r = _mm256_add_epi16(_mm256_add_epi16(luma, red), weighted(blue, 0, red, 26345));
        let g = _mm256_add_epi16(_mm256_sub_epi16(luma, red), weighted(blue, -22554, red, 18734));
        let twice = _mm256_add_epi16(blue, blue);
        let b = _mm256_add_epi16(_mm256_add_epi16(luma, twice), weighted(blue, -14942, red, 0));
        store_128(y, bytes(r));
        store_128(cb, bytes(g));
        store_128(cr, bytes(b));
        done += 16;
    }
    done
}

/// (blue · `a` + red · `b`) / 65536, rounded half up.
#[inline]
#[target_feature(enable = "avx2")]
fn weighted(blue: __m256i, a: i16, red: __m256i, b: i16) -> __m256i {
    let weights = _mm256_set1_epi32(i32::from(a as u16) | i32::from(b) << 16);
    let half = _mm256_set1_epi32(1 << 15);
    let low = _mm256_madd_epi16(_mm256_unpacklo_epi16(blue, red), weights);
    let high = _mm256_madd_epi16(_mm256_unpackhi_epi16(blue, red), weights);
    let [low, high] = [low, high].map(|sum| _mm256_srai_epi32::<16>(_mm256_add_epi32(sum, half)));
    _mm256_packs_epi32(low, high)
}

/// Sixteen words as bytes, what is beyond their range on its edge.
#[inline]
#[target_feature(enable = "avx2")]
fn bytes(words: __m256i) -> __m128i {
    _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words))
}
