//! AVX2: sixteen pixels at a time, by sums of two products of 16-bit words.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi16, _mm_maddubs_epi16, _mm_packus_epi16, _mm_set1_epi8, _mm_set1_epi32,
    _mm_srli_epi16, _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepu8_epi16, _mm256_extracti128_si256,
    _mm256_madd_epi16, _mm256_packs_epi32, _mm256_set1_epi32, _mm256_srai_epi32, _mm256_sub_epi32,
    _mm256_unpackhi_epi16, _mm256_unpacklo_epi16,
};

use super::scalar;
use crate::imaging::kernel::isa::avx2::{Avx2, load_128, store_128};

/// As the portable function, which does the rest.
pub(super) fn rgb_to_ycbcr(_: Avx2, [r, g, b]: [&[u8]; 3], [y, cb, cr]: [&mut [u8]; 3]) {
    // SAFETY: the token proves AVX2.
    let done = unsafe { rgb_to_ycbcr_avx2([r, g, b], [&mut *y, &mut *cb, &mut *cr]) };
    scalar::rgb_to_ycbcr([&r[done..], &g[done..], &b[done..]], [&mut y[done..], &mut cb[done..], &mut cr[done..]]);
}

/// As the portable function, which does the rest.
pub(super) fn halve(_: Avx2, [above, below]: [&[u8]; 2], out: &mut [u8]) {
    // SAFETY: the token proves AVX2.
    let done = unsafe { halve_avx2([above, below], out) };
    scalar::halve([&above[2 * done..], &below[2 * done..]], &mut out[done..]);
}

#[target_feature(enable = "avx2")]
fn rgb_to_ycbcr_avx2([r, g, b]: [&[u8]; 3], [y, cb, cr]: [&mut [u8]; 3]) -> usize {
    let from = r.as_chunks::<16>().0.iter().zip(g.as_chunks::<16>().0).zip(b.as_chunks::<16>().0);
    let to = y.as_chunks_mut::<16>().0.iter_mut().zip(cb.as_chunks_mut::<16>().0).zip(cr.as_chunks_mut::<16>().0);
    let mut done = 0;
    for (((r, g), b), ((y, cb), cr)) in from.zip(to) {
        let [r, g, b] = [r, g, b].map(|plane| _mm256_cvtepu8_epi16(load_128(plane)));
        let rg = [_mm256_unpacklo_epi16(r, g), _mm256_unpackhi_epi16(r, g)];
        let bg = [_mm256_unpacklo_epi16(b, g), _mm256_unpackhi_epi16(b, g)];
        // 38470 and 32768 do not fit a word: one is added in two parts, the other subtracted.
        let luma = |i: usize| _mm256_add_epi32(products(rg[i], 19595, 19235), products(bg[i], 7471, 19235));
        let blue = |i: usize| _mm256_sub_epi32(products(rg[i], -11059, -21709), products(bg[i], -32768, 0));
        let red = |i: usize| _mm256_sub_epi32(products(bg[i], -5329, -27439), products(rg[i], -32768, 0));
        store_128(y, bytes(luma(0), luma(1), 32768));
        store_128(cb, bytes(blue(0), blue(1), (128 << 16) + 32767));
        store_128(cr, bytes(red(0), red(1), (128 << 16) + 32767));
        done += 16;
    }
    done
}

/// Sums of two products.
#[inline]
#[target_feature(enable = "avx2")]
fn products(pairs: __m256i, even: i16, odd: i16) -> __m256i {
    _mm256_madd_epi16(pairs, _mm256_set1_epi32(i32::from(even as u16) | i32::from(odd) << 16))
}

/// (value + `bias`) / 65536 as bytes, which they fit.
#[inline]
#[target_feature(enable = "avx2")]
fn bytes(low: __m256i, high: __m256i, bias: i32) -> __m128i {
    let bias = _mm256_set1_epi32(bias);
    let [low, high] = [low, high].map(|sum| _mm256_srai_epi32::<16>(_mm256_add_epi32(sum, bias)));
    let words = _mm256_packs_epi32(low, high);
    _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words))
}

#[target_feature(enable = "avx2")]
fn halve_avx2([above, below]: [&[u8]; 2], out: &mut [u8]) -> usize {
    let from = above.as_chunks::<32>().0.iter().zip(below.as_chunks::<32>().0);
    let mut done = 0;
    for ((above, below), out) in from.zip(out.as_chunks_mut::<16>().0) {
        let halves = above.as_chunks::<16>().0.iter().zip(below.as_chunks::<16>().0);
        let mut words = [_mm_set1_epi8(0); 2];
        for (words, (above, below)) in words.iter_mut().zip(halves) {
            let ones = _mm_set1_epi8(1);
            let pairs = [above, below].map(|row| _mm_maddubs_epi16(load_128(row), ones));
            let sum = _mm_add_epi16(_mm_add_epi16(pairs[0], pairs[1]), _mm_set1_epi32(1 | 2 << 16));
            *words = _mm_srli_epi16::<2>(sum);
        }
        store_128(out, _mm_packus_epi16(words[0], words[1]));
        done += 16;
    }
    done
}
