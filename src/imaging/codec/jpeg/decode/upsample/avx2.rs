//! AVX2: sixteen sums at a time.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::arch::x86_64::{
    __m256i, _mm256_add_epi16, _mm256_loadu_si256, _mm256_or_si256, _mm256_set1_epi16, _mm256_slli_epi16,
    _mm256_srli_epi16, _mm256_storeu_si256,
};

use crate::imaging::kernel::isa::avx2::Avx2;

/// The loop of `mod.rs`, whose rest it does.
pub(super) fn double<const EVEN: u16, const ODD: u16, const BITS: u32>(_: Avx2, sums: &[u16], out: &mut [u8]) {
    // SAFETY: the token proves AVX2.
    let done = unsafe { double_avx2::<EVEN, ODD, BITS>(sums, out) };
    super::scalar::double::<EVEN, ODD, BITS>(&sums[done..], &mut out[2 * done..]);
}

#[target_feature(enable = "avx2")]
fn double_avx2<const EVEN: u16, const ODD: u16, const BITS: u32>(sums: &[u16], out: &mut [u8]) -> usize {
    let (even, odd) = (_mm256_set1_epi16(EVEN as i16), _mm256_set1_epi16(ODD as i16));
    // At most 4 · 4 · 255 + 8: no sum exceeds 16 bits, no sample 8.
    let shift = |sum: __m256i| if BITS == 2 { _mm256_srli_epi16::<2>(sum) } else { _mm256_srli_epi16::<4>(sum) };
    let (before, middle, after) =
        (sums.as_chunks::<16>().0, sums[1..].as_chunks::<16>().0, sums[2..].as_chunks::<16>().0);
    let mut done = 0;
    for ((out, before), (middle, after)) in
        out.as_chunks_mut::<32>().0.iter_mut().zip(before).zip(middle.iter().zip(after))
    {
        let sum = load(middle);
        let triple = _mm256_add_epi16(sum, _mm256_add_epi16(sum, sum));
        let first = shift(_mm256_add_epi16(_mm256_add_epi16(triple, load(before)), even));
        let second = shift(_mm256_add_epi16(_mm256_add_epi16(triple, load(after)), odd));
        store(out, _mm256_or_si256(first, _mm256_slli_epi16::<8>(second)));
        done += 16;
    }
    done
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(sums: &[u16; 16]) -> __m256i {
    // SAFETY: the reference is readable for 16 · 2 bytes; the load needs no alignment.
    unsafe { _mm256_loadu_si256(sums.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(out: &mut [u8; 32], value: __m256i) {
    // SAFETY: the reference is writable for 32 bytes; the store needs no alignment.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), value) }
}
