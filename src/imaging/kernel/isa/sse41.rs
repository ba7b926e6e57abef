//! SSE4.1: eight words to a register.
#![allow(unsafe_code, reason = "instructions that the token proves, and loads and stores through pointers")]
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "one proof holds for all instructions of a method")]
#![allow(clippy::wildcard_imports, reason = "a list of all instructions says nothing")]

use std::arch::x86_64::*;

use super::simd::{Simd, proven};

/// Proof that this CPU has SSE4.1 and with it SSSE3: only [`detect`](Self::detect) makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sse41(());

impl Sse41 {
    pub(super) fn detect() -> Option<Self> {
        (std::is_x86_feature_detected!("sse4.1") && std::is_x86_feature_detected!("ssse3")).then_some(Self(()))
    }
}

/// Two rows of words side by side.
#[inline(always)]
unsafe fn words(a: __m128i, b: __m128i) -> [__m128i; 2] {
    // SAFETY: the caller has SSE4.1.
    unsafe { [_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)] }
}

/// 8×8 words, transposed.
///
/// # Safety
///
/// This CPU has SSE4.1, as for the functions below.
#[inline(always)]
pub(super) unsafe fn transpose(x: [__m128i; 8]) -> [__m128i; 8] {
    // SAFETY: the caller has SSE4.1.
    unsafe {
        let pairs = |a, b| [_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)];
        let quads = |a, b| [_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)];
        let [[a0, a1], [a2, a3], [a4, a5], [a6, a7]] =
            [words(x[0], x[1]), words(x[2], x[3]), words(x[4], x[5]), words(x[6], x[7])];
        let [[b0, b1], [b2, b3], [b4, b5], [b6, b7]] = [pairs(a0, a2), pairs(a1, a3), pairs(a4, a6), pairs(a5, a7)];
        let [[c0, c1], [c2, c3], [c4, c5], [c6, c7]] = [quads(b0, b4), quads(b1, b5), quads(b2, b6), quads(b3, b7)];
        [c0, c1, c2, c3, c4, c5, c6, c7]
    }
}

/// The first four words of four columns as rows of four samples.
#[inline(always)]
pub(super) unsafe fn square([a, b, c, d]: [__m128i; 4]) -> [u8; 16] {
    // SAFETY: the caller has SSE4.1.
    unsafe {
        let (ab, cd) = (_mm_unpacklo_epi16(a, b), _mm_unpacklo_epi16(c, d));
        samples(_mm_unpacklo_epi32(ab, cd), _mm_unpackhi_epi32(ab, cd))
    }
}

/// Words saturated to −128…127 and moved to 0…255.
#[inline(always)]
pub(super) unsafe fn samples(a: __m128i, b: __m128i) -> [u8; 16] {
    // SAFETY: the caller has SSE4.1.
    unsafe { stored(_mm_xor_si128(_mm_packs_epi16(a, b), _mm_set1_epi8(-128))) }
}

#[inline(always)]
unsafe fn stored(bytes: __m128i) -> [u8; 16] {
    let mut out = [0; 16];
    // SAFETY: the array is writable for 16 bytes; the store needs no alignment.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), bytes) }
    out
}

#[inline(always)]
unsafe fn loaded(bytes: &[u8; 16]) -> __m128i {
    // SAFETY: the reference is readable for 16 bytes; the load needs no alignment.
    unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
}

/// Which bytes of each third of 48 bytes go where, for each component: sample i of a component is byte 3i + component. An
/// index with its high bit set makes a zero.
const THIRDS: [[[u8; 16]; 3]; 3] = {
    let mut masks = [[[0x80; 16]; 3]; 3];
    let mut byte = 0;
    while byte < 48 {
        masks[byte % 3][byte / 16][byte / 3] = (byte % 16) as u8;
        byte += 1;
    }
    masks
};

/// Sixteen pixels of three components, split.
#[inline(always)]
pub(super) unsafe fn split_rgb(pixels: &[u8; 48]) -> [[u8; 16]; 3] {
    let (thirds, _) = pixels.as_chunks::<16>();
    let mut planes = [[0; 16]; 3];
    for (plane, masks) in planes.iter_mut().zip(&THIRDS) {
        // SAFETY: the caller has SSE4.1.
        *plane = unsafe {
            let first = _mm_shuffle_epi8(loaded(&thirds[0]), loaded(&masks[0]));
            let middle = _mm_shuffle_epi8(loaded(&thirds[1]), loaded(&masks[1]));
            let last = _mm_shuffle_epi8(loaded(&thirds[2]), loaded(&masks[2]));
            stored(_mm_or_si128(first, _mm_or_si128(middle, last)))
        };
    }
    planes
}

/// Sixteen pixels of four components, split.
#[inline(always)]
pub(super) unsafe fn split_rgba(pixels: &[u8; 64]) -> [[u8; 16]; 4] {
    let (quarters, _) = pixels.as_chunks::<16>();
    // SAFETY: the caller has SSE4.1.
    unsafe {
        // Within four pixels: all reds, all greens, all blues, all alphas.
        let gather = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        let a = _mm_shuffle_epi8(loaded(&quarters[0]), gather);
        let b = _mm_shuffle_epi8(loaded(&quarters[1]), gather);
        let c = _mm_shuffle_epi8(loaded(&quarters[2]), gather);
        let d = _mm_shuffle_epi8(loaded(&quarters[3]), gather);
        // A transposition of four by four 32-bit words.
        let (ab_low, ab_high) = (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
        let (cd_low, cd_high) = (_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
        [
            stored(_mm_unpacklo_epi64(ab_low, cd_low)),
            stored(_mm_unpackhi_epi64(ab_low, cd_low)),
            stored(_mm_unpacklo_epi64(ab_high, cd_high)),
            stored(_mm_unpackhi_epi64(ab_high, cd_high)),
        ]
    }
}

#[inline(always)]
const fn both(low: i16, high: i16) -> i32 {
    low as u16 as i32 | (high as i32) << 16
}

/// A row of bytes as words: the first eight, and the last eight.
#[inline(always)]
unsafe fn widened(bytes: __m128i) -> [__m128i; 2] {
    // SAFETY: the caller has SSE4.1.
    unsafe { [_mm_cvtepu8_epi16(bytes), _mm_unpackhi_epi8(bytes, _mm_setzero_si128())] }
}

type Two = [__m128i; 2];
type Four = [__m128i; 4];

impl Simd for Sse41 {
    type Words = Two;
    type Pairs = Four;
    type Sums = Four;
    type Row = __m128i;
    type RowSums = Two;
    type Partial = __m128i;
    type Bytes = __m128i;
    type Columns = Four;
    type Weights = __m128i;

    const COLUMNS: usize = 16;

    #[inline(always)]
    fn run<R>(self, kernel: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "sse4.1")]
        fn enabled<R>(kernel: impl FnOnce() -> R) -> R {
            kernel()
        }
        // SAFETY: the token proves the instructions.
        unsafe { enabled(kernel) }
    }

    proven! {
        fn splat(word: i16) -> Two = [_mm_set1_epi16(word); 2];
        fn alternate(even: i16, odd: i16) -> Two = [_mm_set1_epi32(both(even, odd)); 2];
        fn twice(words: &[u16; 8]) -> Two = [_mm_loadu_si128(words.as_ptr().cast()); 2];
        fn widen(bytes: &[u8; 16]) -> Two = widened(loaded(bytes));
        fn load_words(words: &[u16; 16]) -> Two = {
            let (halves, _) = words.as_chunks::<8>();
            [_mm_loadu_si128(halves[0].as_ptr().cast()), _mm_loadu_si128(halves[1].as_ptr().cast())]
        };
        fn add(a: Two, b: Two) -> Two = [_mm_add_epi16(a[0], b[0]), _mm_add_epi16(a[1], b[1])];
        fn sub(a: Two, b: Two) -> Two = [_mm_sub_epi16(a[0], b[0]), _mm_sub_epi16(a[1], b[1])];
        fn or(a: Two, b: Two) -> Two = [_mm_or_si128(a[0], b[0]), _mm_or_si128(a[1], b[1])];
        fn abs(a: Two) -> Two = [_mm_abs_epi16(a[0]), _mm_abs_epi16(a[1])];
        fn with_sign(a: Two, sign: Two) -> Two = [_mm_sign_epi16(a[0], sign[0]), _mm_sign_epi16(a[1], sign[1])];
        fn mul_high(a: Two, b: Two) -> Two = [_mm_mulhi_epu16(a[0], b[0]), _mm_mulhi_epu16(a[1], b[1])];
        fn sums_of_two(bytes: &[u8; 32]) -> Two = {
            let (halves, _) = bytes.as_chunks::<16>();
            let ones = _mm_set1_epi8(1);
            [_mm_maddubs_epi16(loaded(&halves[0]), ones), _mm_maddubs_epi16(loaded(&halves[1]), ones)]
        };
        fn store_bytes(words: Two, to: &mut [u8; 16]) = *to = stored(_mm_packus_epi16(words[0], words[1]));
        fn store_words(words: Two, to: &mut [u8; 32]) = {
            let (halves, _) = to.as_chunks_mut::<16>();
            (halves[0], halves[1]) = (stored(words[0]), stored(words[1]));
        };
        fn store_rows(words: Two, first: &mut [i16; 8], last: &mut [i16; 8]) = {
            _mm_storeu_si128(first.as_mut_ptr().cast(), words[0]);
            _mm_storeu_si128(last.as_mut_ptr().cast(), words[1]);
        };
        fn transpose_halves(rows: [Two; 8]) -> [Two; 8] = {
            let (first, last) = (transpose(rows.map(|row| row[0])), transpose(rows.map(|row| row[1])));
            std::array::from_fn(|i| [first[i], last[i]])
        };
        fn nonzero(a: Two, b: Two) -> [u16; 2] = {
            let zero = _mm_setzero_si128();
            let mask = |i: usize| {
                let zeros = _mm_packs_epi16(_mm_cmpeq_epi16(a[i], zero), _mm_cmpeq_epi16(b[i], zero));
                !_mm_movemask_epi8(zeros) as u16
            };
            [mask(0), mask(1)]
        };

        fn pair(even: Two, odd: Two) -> Four = {
            let ([a, b], [c, d]) = (words(even[0], odd[0]), words(even[1], odd[1]));
            [a, b, c, d]
        };
        fn products(pairs: Four, by: i16, and: i16) -> Four = {
            let weights = _mm_set1_epi32(both(by, and));
            let [a, b, c, d] = pairs;
            [
                _mm_madd_epi16(a, weights),
                _mm_madd_epi16(b, weights),
                _mm_madd_epi16(c, weights),
                _mm_madd_epi16(d, weights),
            ]
        };
        fn splat_sums(sum: i32) -> Four = [_mm_set1_epi32(sum); 4];
        fn add_sums(a: Four, b: Four) -> Four = [
            _mm_add_epi32(a[0], b[0]),
            _mm_add_epi32(a[1], b[1]),
            _mm_add_epi32(a[2], b[2]),
            _mm_add_epi32(a[3], b[3]),
        ];
        fn sub_sums(a: Four, b: Four) -> Four = [
            _mm_sub_epi32(a[0], b[0]),
            _mm_sub_epi32(a[1], b[1]),
            _mm_sub_epi32(a[2], b[2]),
            _mm_sub_epi32(a[3], b[3]),
        ];
        fn narrow(sums: Four) -> Two = [_mm_packs_epi32(sums[0], sums[1]), _mm_packs_epi32(sums[2], sums[3])];

        fn zero_row() -> __m128i = _mm_setzero_si128();
        fn load_row(words: &[i16; 8]) -> __m128i = _mm_loadu_si128(words.as_ptr().cast());
        fn add_rows(a: __m128i, b: __m128i) -> __m128i = _mm_add_epi16(a, b);
        fn sub_rows(a: __m128i, b: __m128i) -> __m128i = _mm_sub_epi16(a, b);
        fn mul_rows(a: __m128i, b: __m128i) -> __m128i = _mm_mullo_epi16(a, b);
        fn row_products(a: __m128i, ka: i16, b: __m128i, kb: i16) -> Two = {
            let weights = _mm_set1_epi32(both(ka, kb));
            let [low, high] = words(a, b);
            [_mm_madd_epi16(low, weights), _mm_madd_epi16(high, weights)]
        };
        fn splat_row_sums(sum: i32) -> Two = [_mm_set1_epi32(sum); 2];
        fn add_row_sums(a: Two, b: Two) -> Two = [_mm_add_epi32(a[0], b[0]), _mm_add_epi32(a[1], b[1])];
        fn sub_row_sums(a: Two, b: Two) -> Two = [_mm_sub_epi32(a[0], b[0]), _mm_sub_epi32(a[1], b[1])];
        fn transpose(rows: [__m128i; 8]) -> [__m128i; 8] = transpose(rows);
        fn square(columns: [__m128i; 4]) -> [u8; 16] = square(columns);
        fn samples(a: __m128i, b: __m128i) -> [u8; 16] = samples(a, b);

        fn zero_partial() -> __m128i = _mm_setzero_si128();
        fn dot(sum: __m128i, bytes: &[u8; 16], coefs: &[i16; 16]) -> __m128i = {
            let (coefs, _) = coefs.as_chunks::<8>();
            let [low, high] = widened(loaded(bytes));
            let low = _mm_madd_epi16(low, _mm_loadu_si128(coefs[0].as_ptr().cast()));
            let high = _mm_madd_epi16(high, _mm_loadu_si128(coefs[1].as_ptr().cast()));
            _mm_add_epi32(sum, _mm_add_epi32(low, high))
        };
        fn totals(sums: Four, bits: &[u32; 4]) -> [u8; 4] = {
            let [a, b, c, d] = sums;
            let sums = _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d));
            let [first, others @ ..] = bits;
            let rounded = if others.iter().all(|bits| bits == first) {
                let halves = _mm_set1_epi32(1 << (first - 1));
                _mm_sra_epi32(_mm_add_epi32(sums, halves), _mm_cvtsi32_si128(*first as i32))
            } else {
                // There is no shift with a count for each lane.
                let mut each = [0i32; 4];
                _mm_storeu_si128(each.as_mut_ptr().cast(), sums);
                for (sum, bits) in each.iter_mut().zip(bits) {
                    *sum = (*sum + (1 << (bits - 1))) >> bits;
                }
                _mm_loadu_si128(each.as_ptr().cast())
            };
            // Saturating packs clamp to 0..=255.
            let words = _mm_packs_epi32(rounded, rounded);
            _mm_cvtsi128_si32(_mm_packus_epi16(words, words)).to_le_bytes()
        };

        fn load_columns(bytes: &[u8]) -> __m128i = match bytes.first_chunk::<16>() {
            Some(bytes) => loaded(bytes),
            None => _mm_setzero_si128(),
        };
        fn weights(pair: [i16; 2]) -> __m128i = _mm_set1_epi32(both(pair[0], pair[1]));
        fn splat_columns(sum: i32) -> Four = [_mm_set1_epi32(sum); 4];
        fn weigh(sums: Four, a: __m128i, b: __m128i, weights: __m128i) -> Four = {
            let zero = _mm_setzero_si128();
            // Bytes of the two rows side by side, widened: one multiply-add makes both products of a column.
            let (low, high) = (_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b));
            [
                _mm_add_epi32(sums[0], _mm_madd_epi16(_mm_unpacklo_epi8(low, zero), weights)),
                _mm_add_epi32(sums[1], _mm_madd_epi16(_mm_unpackhi_epi8(low, zero), weights)),
                _mm_add_epi32(sums[2], _mm_madd_epi16(_mm_unpacklo_epi8(high, zero), weights)),
                _mm_add_epi32(sums[3], _mm_madd_epi16(_mm_unpackhi_epi8(high, zero), weights)),
            ]
        };
        fn round_columns(sums: Four, bits: u32) -> [u8; 32] = {
            let bits = _mm_cvtsi32_si128(bits as i32);
            let [a, b, c, d] = sums;
            let low = _mm_packs_epi32(_mm_sra_epi32(a, bits), _mm_sra_epi32(b, bits));
            let high = _mm_packs_epi32(_mm_sra_epi32(c, bits), _mm_sra_epi32(d, bits));
            let mut out = [0; 32];
            _mm_storeu_si128(out.as_mut_ptr().cast(), _mm_packus_epi16(low, high));
            out
        };
        // Any address will do: a prefetch reads nothing that a program could notice.
        fn prefetch(row: &[u8], at: usize) = _mm_prefetch::<_MM_HINT_T0>(row.as_ptr().wrapping_add(at).cast());

        fn split_rgb(pixels: &[u8; 48]) -> [[u8; 16]; 3] = split_rgb(pixels);
        fn split_rgba(pixels: &[u8; 64]) -> [[u8; 16]; 4] = split_rgba(pixels);
    }

    proven! {
        fn shl<const N: i32>(a: Two) -> Two = [_mm_slli_epi16::<N>(a[0]), _mm_slli_epi16::<N>(a[1])];
        fn shr<const N: i32>(a: Two) -> Two = [_mm_srli_epi16::<N>(a[0]), _mm_srli_epi16::<N>(a[1])];
        fn sra<const N: i32>(a: Two) -> Two = [_mm_srai_epi16::<N>(a[0]), _mm_srai_epi16::<N>(a[1])];
        fn sra_sums<const N: i32>(a: Four) -> Four = [
            _mm_srai_epi32::<N>(a[0]),
            _mm_srai_epi32::<N>(a[1]),
            _mm_srai_epi32::<N>(a[2]),
            _mm_srai_epi32::<N>(a[3]),
        ];
        fn widen_row<const N: i32>(row: __m128i) -> Two = {
            let high = _mm_cvtepi16_epi32(_mm_unpackhi_epi64(row, row));
            [_mm_slli_epi32::<N>(_mm_cvtepi16_epi32(row)), _mm_slli_epi32::<N>(high)]
        };
        fn narrow_rows<const N: i32>(a: Two, b: Two) -> [__m128i; 2] = [
            _mm_packs_epi32(_mm_srai_epi32::<N>(a[0]), _mm_srai_epi32::<N>(a[1])),
            _mm_packs_epi32(_mm_srai_epi32::<N>(b[0]), _mm_srai_epi32::<N>(b[1])),
        ];
    }
}
