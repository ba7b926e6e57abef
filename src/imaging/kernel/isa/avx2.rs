//! AVX2: sixteen words to a register.
#![allow(unsafe_code, reason = "instructions that the token proves, and loads and stores through pointers")]
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "one proof holds for all instructions of a method")]
#![allow(clippy::wildcard_imports, reason = "a list of all instructions says nothing")]

use std::arch::x86_64::*;

use super::simd::{Simd, proven};
use super::sse41;

/// Proof that this CPU has AVX2 and with it BMI1 and BMI2: only [`detect`](Self::detect) makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(());

impl Avx2 {
    pub(super) fn detect() -> Option<Self> {
        let has = std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("bmi1")
            && std::is_x86_feature_detected!("bmi2");
        has.then_some(Self(()))
    }
}

/// Two registers of words side by side: within each half of them.
#[inline(always)]
unsafe fn words(a: __m256i, b: __m256i) -> [__m256i; 2] {
    // SAFETY: the caller has AVX2.
    unsafe { [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)] }
}

/// The same with 32-bit and with 64-bit parts.
#[inline(always)]
unsafe fn pairs(a: __m256i, b: __m256i) -> [__m256i; 2] {
    // SAFETY: the caller has AVX2.
    unsafe { [_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)] }
}

#[inline(always)]
unsafe fn quads(a: __m256i, b: __m256i) -> [__m256i; 2] {
    // SAFETY: the caller has AVX2.
    unsafe { [_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)] }
}

#[inline(always)]
const fn both(low: i16, high: i16) -> i32 {
    low as u16 as i32 | (high as i32) << 16
}

impl Simd for Avx2 {
    type Words = __m256i;
    type Pairs = [__m256i; 2];
    type Sums = [__m256i; 2];
    type Row = __m128i;
    type RowSums = __m256i;
    type Partial = __m256i;
    type Bytes = __m256i;
    type Columns = [__m256i; 4];
    type Weights = __m256i;

    const COLUMNS: usize = 32;

    #[inline(always)]
    fn run<R>(self, kernel: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx2,bmi1,bmi2")]
        fn enabled<R>(kernel: impl FnOnce() -> R) -> R {
            kernel()
        }
        // SAFETY: the token proves the instructions.
        unsafe { enabled(kernel) }
    }

    proven! {
        fn splat(word: i16) -> __m256i = _mm256_set1_epi16(word);
        fn alternate(even: i16, odd: i16) -> __m256i = _mm256_set1_epi32(both(even, odd));
        fn twice(words: &[u16; 8]) -> __m256i = _mm256_broadcastsi128_si256(_mm_loadu_si128(words.as_ptr().cast()));
        fn widen(bytes: &[u8; 16]) -> __m256i = _mm256_cvtepu8_epi16(_mm_loadu_si128(bytes.as_ptr().cast()));
        fn load_words(words: &[u16; 16]) -> __m256i = _mm256_loadu_si256(words.as_ptr().cast());
        fn add(a: __m256i, b: __m256i) -> __m256i = _mm256_add_epi16(a, b);
        fn sub(a: __m256i, b: __m256i) -> __m256i = _mm256_sub_epi16(a, b);
        fn or(a: __m256i, b: __m256i) -> __m256i = _mm256_or_si256(a, b);
        fn abs(a: __m256i) -> __m256i = _mm256_abs_epi16(a);
        fn with_sign(a: __m256i, sign: __m256i) -> __m256i = _mm256_sign_epi16(a, sign);
        fn mul_high(a: __m256i, b: __m256i) -> __m256i = _mm256_mulhi_epu16(a, b);
        fn sums_of_two(bytes: &[u8; 32]) -> __m256i =
            _mm256_maddubs_epi16(_mm256_loadu_si256(bytes.as_ptr().cast()), _mm256_set1_epi8(1));
        fn store_bytes(words: __m256i, to: &mut [u8; 16]) = {
            let bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.as_mut_ptr().cast(), bytes);
        };
        fn store_words(words: __m256i, to: &mut [u8; 32]) = _mm256_storeu_si256(to.as_mut_ptr().cast(), words);
        fn store_rows(words: __m256i, first: &mut [i16; 8], last: &mut [i16; 8]) = {
            _mm_storeu_si128(first.as_mut_ptr().cast(), _mm256_castsi256_si128(words));
            _mm_storeu_si128(last.as_mut_ptr().cast(), _mm256_extracti128_si256::<1>(words));
        };
        fn transpose_halves(x: [__m256i; 8]) -> [__m256i; 8] = {
            let [[a0, a1], [a2, a3], [a4, a5], [a6, a7]] =
                [words(x[0], x[1]), words(x[2], x[3]), words(x[4], x[5]), words(x[6], x[7])];
            let [[b0, b1], [b2, b3], [b4, b5], [b6, b7]] = [pairs(a0, a2), pairs(a1, a3), pairs(a4, a6), pairs(a5, a7)];
            let [[c0, c1], [c2, c3], [c4, c5], [c6, c7]] = [quads(b0, b4), quads(b1, b5), quads(b2, b6), quads(b3, b7)];
            [c0, c1, c2, c3, c4, c5, c6, c7]
        };
        fn nonzero(a: __m256i, b: __m256i) -> [u16; 2] = {
            let zero = _mm256_setzero_si256();
            let zeros = _mm256_packs_epi16(_mm256_cmpeq_epi16(a, zero), _mm256_cmpeq_epi16(b, zero));
            let mask = !_mm256_movemask_epi8(zeros) as u32;
            [mask as u16, (mask >> 16) as u16]
        };

        fn pair(even: __m256i, odd: __m256i) -> [__m256i; 2] = words(even, odd);
        fn products(pairs: [__m256i; 2], by: i16, and: i16) -> [__m256i; 2] = {
            let weights = _mm256_set1_epi32(both(by, and));
            [_mm256_madd_epi16(pairs[0], weights), _mm256_madd_epi16(pairs[1], weights)]
        };
        fn splat_sums(sum: i32) -> [__m256i; 2] = [_mm256_set1_epi32(sum); 2];
        fn add_sums(a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] =
            [_mm256_add_epi32(a[0], b[0]), _mm256_add_epi32(a[1], b[1])];
        fn sub_sums(a: [__m256i; 2], b: [__m256i; 2]) -> [__m256i; 2] =
            [_mm256_sub_epi32(a[0], b[0]), _mm256_sub_epi32(a[1], b[1])];
        // The pack undoes the order of the unpacks.
        fn narrow(sums: [__m256i; 2]) -> __m256i = _mm256_packs_epi32(sums[0], sums[1]);

        fn zero_row() -> __m128i = _mm_setzero_si128();
        fn load_row(words: &[i16; 8]) -> __m128i = _mm_loadu_si128(words.as_ptr().cast());
        fn add_rows(a: __m128i, b: __m128i) -> __m128i = _mm_add_epi16(a, b);
        fn sub_rows(a: __m128i, b: __m128i) -> __m128i = _mm_sub_epi16(a, b);
        fn mul_rows(a: __m128i, b: __m128i) -> __m128i = _mm_mullo_epi16(a, b);
        fn row_products(a: __m128i, ka: i16, b: __m128i, kb: i16) -> __m256i = {
            let words = _mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b));
            _mm256_madd_epi16(words, _mm256_set1_epi32(both(ka, kb)))
        };
        fn splat_row_sums(sum: i32) -> __m256i = _mm256_set1_epi32(sum);
        fn add_row_sums(a: __m256i, b: __m256i) -> __m256i = _mm256_add_epi32(a, b);
        fn sub_row_sums(a: __m256i, b: __m256i) -> __m256i = _mm256_sub_epi32(a, b);
        fn transpose(rows: [__m128i; 8]) -> [__m128i; 8] = sse41::transpose(rows);
        fn square(columns: [__m128i; 4]) -> [u8; 16] = sse41::square(columns);
        fn samples(a: __m128i, b: __m128i) -> [u8; 16] = sse41::samples(a, b);

        fn zero_partial() -> __m256i = _mm256_setzero_si256();
        fn dot(sum: __m256i, bytes: &[u8; 16], coefs: &[i16; 16]) -> __m256i = {
            let words = _mm256_cvtepu8_epi16(_mm_loadu_si128(bytes.as_ptr().cast()));
            _mm256_add_epi32(sum, _mm256_madd_epi16(words, _mm256_loadu_si256(coefs.as_ptr().cast())))
        };
        fn totals(sums: [__m256i; 4], bits: &[u32; 4]) -> [u8; 4] = {
            let [a, b, c, d] = sums;
            let sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
            let sums = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
            let bits = _mm_loadu_si128(bits.as_ptr().cast());
            let halves = _mm_srli_epi32::<1>(_mm_sllv_epi32(_mm_set1_epi32(1), bits));
            let rounded = _mm_srav_epi32(_mm_add_epi32(sums, halves), bits);
            // Saturating packs clamp to 0..=255.
            let words = _mm_packs_epi32(rounded, rounded);
            _mm_cvtsi128_si32(_mm_packus_epi16(words, words)).to_le_bytes()
        };

        fn load_columns(bytes: &[u8]) -> __m256i = match bytes.first_chunk::<32>() {
            Some(bytes) => _mm256_loadu_si256(bytes.as_ptr().cast()),
            None => _mm256_setzero_si256(),
        };
        fn weights(pair: [i16; 2]) -> __m256i = _mm256_set1_epi32(both(pair[0], pair[1]));
        fn splat_columns(sum: i32) -> [__m256i; 4] = [_mm256_set1_epi32(sum); 4];
        fn weigh(sums: [__m256i; 4], a: __m256i, b: __m256i, weights: __m256i) -> [__m256i; 4] = {
            let zero = _mm256_setzero_si256();
            // Bytes of the two rows side by side, widened: one multiply-add makes both products of a column.
            let (low, high) = (_mm256_unpacklo_epi8(a, b), _mm256_unpackhi_epi8(a, b));
            [
                _mm256_add_epi32(sums[0], _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), weights)),
                _mm256_add_epi32(sums[1], _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), weights)),
                _mm256_add_epi32(sums[2], _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), weights)),
                _mm256_add_epi32(sums[3], _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), weights)),
            ]
        };
        fn round_columns(sums: [__m256i; 4], bits: u32) -> [u8; 32] = {
            let bits = _mm_cvtsi32_si128(bits as i32);
            let [a, b, c, d] = sums;
            let [a, b, c, d] = [
                _mm256_sra_epi32(a, bits),
                _mm256_sra_epi32(b, bits),
                _mm256_sra_epi32(c, bits),
                _mm256_sra_epi32(d, bits),
            ];
            // The packs undo the order of the unpacks, and clamp to 0..=255.
            let bytes = _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
            let mut out = [0; 32];
            _mm256_storeu_si256(out.as_mut_ptr().cast(), bytes);
            out
        };
        // Any address will do: a prefetch reads nothing that a program could notice.
        fn prefetch(row: &[u8], at: usize) = _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().wrapping_add(at).cast());

        fn split_rgb(pixels: &[u8; 48]) -> [[u8; 16]; 3] = sse41::split_rgb(pixels);
        fn split_rgba(pixels: &[u8; 64]) -> [[u8; 16]; 4] = sse41::split_rgba(pixels);
    }

    proven! {
        fn shl<const N: i32>(a: __m256i) -> __m256i = _mm256_slli_epi16::<N>(a);
        fn shr<const N: i32>(a: __m256i) -> __m256i = _mm256_srli_epi16::<N>(a);
        fn sra<const N: i32>(a: __m256i) -> __m256i = _mm256_srai_epi16::<N>(a);
        fn sra_sums<const N: i32>(a: [__m256i; 2]) -> [__m256i; 2] =
            [_mm256_srai_epi32::<N>(a[0]), _mm256_srai_epi32::<N>(a[1])];
        fn widen_row<const N: i32>(row: __m128i) -> __m256i = _mm256_slli_epi32::<N>(_mm256_cvtepi16_epi32(row));
        fn narrow_rows<const N: i32>(a: __m256i, b: __m256i) -> [__m128i; 2] = {
            // Halves lie crosswise after packing.
            let words = _mm256_packs_epi32(_mm256_srai_epi32::<N>(a), _mm256_srai_epi32::<N>(b));
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            [_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words)]
        };
    }
}
