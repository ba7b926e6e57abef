//! The token that proves AVX2, and memory access for vector kernels.
#![allow(unsafe_code, reason = "vector loads and stores take pointers")]

/// Proof that this CPU has AVX2 and with it BMI1 and BMI2: only [`detect`](Self::detect) makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("bmi1")
            && std::is_x86_feature_detected!("bmi2")
        {
            return Some(Self(()));
        }
        None
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{load_128, load_i16, store_128, store_i16};
#[cfg(target_arch = "x86_64")]
pub(in crate::imaging::kernel) use x86::{load_coefs, load_u32, store_256};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m128i, __m256i, _mm_loadu_si128, _mm_storeu_si128, _mm256_castsi256_si128, _mm256_extracti128_si256,
        _mm256_loadu_si256, _mm256_storeu_si256,
    };

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn load_128(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: the reference is readable for 16 bytes; the load needs no alignment.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn load_i16(values: &[i16; 8]) -> __m128i {
        // SAFETY: the reference is readable for 8 · 2 bytes; the load needs no alignment.
        unsafe { _mm_loadu_si128(values.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::imaging::kernel) fn load_u32(values: &[u32; 4]) -> __m128i {
        // SAFETY: the reference is readable for 4 · 4 bytes; the load needs no alignment.
        unsafe { _mm_loadu_si128(values.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::imaging::kernel) fn load_coefs(coefs: &[i16; 16]) -> __m256i {
        // SAFETY: the reference is readable for 16 · 2 bytes; the load needs no alignment.
        unsafe { _mm256_loadu_si256(coefs.as_ptr().cast()) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn store_128(bytes: &mut [u8; 16], value: __m128i) {
        // SAFETY: the reference is writable for 16 bytes; the store needs no alignment.
        unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), value) }
    }

    /// The words of the lower and of the upper half.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn store_i16(low: &mut [i16; 8], high: &mut [i16; 8], value: __m256i) {
        let (lower, upper) = (_mm256_castsi256_si128(value), _mm256_extracti128_si256::<1>(value));
        // SAFETY: the reference is writable for 8 · 2 bytes; the store needs no alignment.
        unsafe { _mm_storeu_si128(low.as_mut_ptr().cast(), lower) }
        // SAFETY: as above.
        unsafe { _mm_storeu_si128(high.as_mut_ptr().cast(), upper) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(in crate::imaging::kernel) fn store_256(bytes: &mut [u8; 32], value: __m256i) {
        // SAFETY: the reference is writable for 32 bytes; the store needs no alignment.
        unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast(), value) }
    }
}
