//! NEON: eight words to a register.
#![allow(unsafe_code, reason = "instructions that the token proves, and loads and stores through pointers")]
#![allow(clippy::multiple_unsafe_ops_per_block, reason = "one proof holds for all instructions of a method")]
#![allow(clippy::wildcard_imports, reason = "a list of all instructions says nothing")]
#![allow(unused_unsafe, reason = "where a target has NEON throughout, most of its functions are safe")]

use std::arch::aarch64::*;

use super::simd::{Simd, proven};

/// Proof that this CPU has NEON: only [`detect`](Self::detect) makes one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neon(());

impl Neon {
    pub(super) fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

type Two = [int16x8_t; 2];
type Four = [int32x4_t; 4];

#[inline(always)]
unsafe fn unsigned(words: int16x8_t) -> uint16x8_t {
    // SAFETY: the caller has NEON.
    unsafe { vreinterpretq_u16_s16(words) }
}

#[inline(always)]
unsafe fn signed(words: uint16x8_t) -> int16x8_t {
    // SAFETY: the caller has NEON.
    unsafe { vreinterpretq_s16_u16(words) }
}

/// Sixteen bytes as words: the first eight, and the last eight.
#[inline(always)]
unsafe fn widened(bytes: uint8x16_t) -> Two {
    // SAFETY: the caller has NEON.
    unsafe { [signed(vmovl_u8(vget_low_u8(bytes))), signed(vmovl_high_u8(bytes))] }
}

/// a · ka + b · kb.
#[inline(always)]
unsafe fn products(a: int16x8_t, ka: i16, b: int16x8_t, kb: i16) -> [int32x4_t; 2] {
    // SAFETY: the caller has NEON.
    unsafe {
        [
            vmlal_n_s16(vmull_n_s16(vget_low_s16(a), ka), vget_low_s16(b), kb),
            vmlal_high_n_s16(vmull_high_n_s16(a, ka), b, kb),
        ]
    }
}

/// Sums saturated to words.
#[inline(always)]
unsafe fn narrowed(low: int32x4_t, high: int32x4_t) -> int16x8_t {
    // SAFETY: the caller has NEON.
    unsafe { vqmovn_high_s32(vqmovn_s32(low), high) }
}

#[inline(always)]
unsafe fn transpose(x: [int16x8_t; 8]) -> [int16x8_t; 8] {
    // SAFETY: the caller has NEON.
    unsafe {
        let words = |a, b| [vreinterpretq_s32_s16(vzip1q_s16(a, b)), vreinterpretq_s32_s16(vzip2q_s16(a, b))];
        let pairs = |a, b| [vreinterpretq_s64_s32(vzip1q_s32(a, b)), vreinterpretq_s64_s32(vzip2q_s32(a, b))];
        let quads = |a, b| [vreinterpretq_s16_s64(vzip1q_s64(a, b)), vreinterpretq_s16_s64(vzip2q_s64(a, b))];
        let [[a0, a1], [a2, a3], [a4, a5], [a6, a7]] =
            [words(x[0], x[1]), words(x[2], x[3]), words(x[4], x[5]), words(x[6], x[7])];
        let [[b0, b1], [b2, b3], [b4, b5], [b6, b7]] = [pairs(a0, a2), pairs(a1, a3), pairs(a4, a6), pairs(a5, a7)];
        let [[c0, c1], [c2, c3], [c4, c5], [c6, c7]] = [quads(b0, b4), quads(b1, b5), quads(b2, b6), quads(b3, b7)];
        [c0, c1, c2, c3, c4, c5, c6, c7]
    }
}

/// Words saturated to −128…127 and moved to 0…255.
#[inline(always)]
unsafe fn samples(a: int16x8_t, b: int16x8_t) -> [u8; 16] {
    let mut out = [0; 16];
    // SAFETY: the caller has NEON; the array is writable for 16 bytes.
    unsafe {
        let bytes = vreinterpretq_u8_s8(vqmovn_high_s16(vqmovn_s16(a), b));
        vst1q_u8(out.as_mut_ptr(), veorq_u8(bytes, vdupq_n_u8(128)));
    }
    out
}

impl Simd for Neon {
    type Words = Two;
    type Pairs = [Two; 2];
    type Sums = Four;
    type Row = int16x8_t;
    type RowSums = [int32x4_t; 2];
    type Partial = int32x4_t;
    type Bytes = uint8x16_t;
    type Columns = Four;
    type Weights = [i16; 2];

    const COLUMNS: usize = 16;

    #[inline(always)]
    fn run<R>(self, kernel: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "neon")]
        fn enabled<R>(kernel: impl FnOnce() -> R) -> R {
            kernel()
        }
        // SAFETY: the token proves the instructions.
        unsafe { enabled(kernel) }
    }

    proven! {
        fn splat(word: i16) -> Two = [vdupq_n_s16(word); 2];
        fn alternate(even: i16, odd: i16) -> Two = [vzip1q_s16(vdupq_n_s16(even), vdupq_n_s16(odd)); 2];
        fn twice(words: &[u16; 8]) -> Two = [signed(vld1q_u16(words.as_ptr())); 2];
        fn widen(bytes: &[u8; 16]) -> Two = widened(vld1q_u8(bytes.as_ptr()));
        fn load_words(words: &[u16; 16]) -> Two = {
            let (halves, _) = words.as_chunks::<8>();
            [signed(vld1q_u16(halves[0].as_ptr())), signed(vld1q_u16(halves[1].as_ptr()))]
        };
        fn add(a: Two, b: Two) -> Two = [vaddq_s16(a[0], b[0]), vaddq_s16(a[1], b[1])];
        fn sub(a: Two, b: Two) -> Two = [vsubq_s16(a[0], b[0]), vsubq_s16(a[1], b[1])];
        fn or(a: Two, b: Two) -> Two = [vorrq_s16(a[0], b[0]), vorrq_s16(a[1], b[1])];
        fn abs(a: Two) -> Two = [vabsq_s16(a[0]), vabsq_s16(a[1])];
        fn with_sign(a: Two, sign: Two) -> Two = {
            let of = |a: int16x8_t, sign: int16x8_t| {
                let signed = vbslq_s16(vcltzq_s16(sign), vnegq_s16(a), a);
                vbslq_s16(vceqzq_s16(sign), vdupq_n_s16(0), signed)
            };
            [of(a[0], sign[0]), of(a[1], sign[1])]
        };
        fn mul_high(a: Two, b: Two) -> Two = {
            let of = |a: int16x8_t, b: int16x8_t| {
                let (a, b) = (unsigned(a), unsigned(b));
                let low = vshrn_n_u32::<16>(vmull_u16(vget_low_u16(a), vget_low_u16(b)));
                signed(vshrn_high_n_u32::<16>(low, vmull_high_u16(a, b)))
            };
            [of(a[0], b[0]), of(a[1], b[1])]
        };
        fn sums_of_two(bytes: &[u8; 32]) -> Two = {
            let (halves, _) = bytes.as_chunks::<16>();
            [signed(vpaddlq_u8(vld1q_u8(halves[0].as_ptr()))), signed(vpaddlq_u8(vld1q_u8(halves[1].as_ptr())))]
        };
        fn store_bytes(words: Two, to: &mut [u8; 16]) =
            vst1q_u8(to.as_mut_ptr(), vqmovun_high_s16(vqmovun_s16(words[0]), words[1]));
        fn store_words(words: Two, to: &mut [u8; 32]) = {
            let (halves, _) = to.as_chunks_mut::<16>();
            vst1q_u8(halves[0].as_mut_ptr(), vreinterpretq_u8_s16(words[0]));
            vst1q_u8(halves[1].as_mut_ptr(), vreinterpretq_u8_s16(words[1]));
        };
        fn store_rows(words: Two, first: &mut [i16; 8], last: &mut [i16; 8]) = {
            vst1q_s16(first.as_mut_ptr(), words[0]);
            vst1q_s16(last.as_mut_ptr(), words[1]);
        };
        fn transpose_halves(rows: [Two; 8]) -> [Two; 8] = {
            let (first, last) = (transpose(rows.map(|row| row[0])), transpose(rows.map(|row| row[1])));
            std::array::from_fn(|i| [first[i], last[i]])
        };
        fn nonzero(a: Two, b: Two) -> [u16; 2] = {
            let bits = vld1q_u8([1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128].as_ptr());
            let mask = |i: usize| {
                let zeros = vmovn_high_u16(vmovn_u16(vceqzq_s16(a[i])), vceqzq_s16(b[i]));
                let found = vbicq_u8(bits, zeros);
                u16::from(vaddv_u8(vget_low_u8(found))) | u16::from(vaddv_u8(vget_high_u8(found))) << 8
            };
            [mask(0), mask(1)]
        };

        fn pair(even: Two, odd: Two) -> [Two; 2] = [[even[0], odd[0]], [even[1], odd[1]]];
        fn products(pairs: [Two; 2], by: i16, and: i16) -> Four = {
            let [first, last] = pairs;
            let ([a, b], [c, d]) = (products(first[0], by, first[1], and), products(last[0], by, last[1], and));
            [a, b, c, d]
        };
        fn splat_sums(sum: i32) -> Four = [vdupq_n_s32(sum); 4];
        fn add_sums(a: Four, b: Four) -> Four =
            [vaddq_s32(a[0], b[0]), vaddq_s32(a[1], b[1]), vaddq_s32(a[2], b[2]), vaddq_s32(a[3], b[3])];
        fn sub_sums(a: Four, b: Four) -> Four =
            [vsubq_s32(a[0], b[0]), vsubq_s32(a[1], b[1]), vsubq_s32(a[2], b[2]), vsubq_s32(a[3], b[3])];
        fn narrow(sums: Four) -> Two = [narrowed(sums[0], sums[1]), narrowed(sums[2], sums[3])];

        fn zero_row() -> int16x8_t = vdupq_n_s16(0);
        fn load_row(words: &[i16; 8]) -> int16x8_t = vld1q_s16(words.as_ptr());
        fn add_rows(a: int16x8_t, b: int16x8_t) -> int16x8_t = vaddq_s16(a, b);
        fn sub_rows(a: int16x8_t, b: int16x8_t) -> int16x8_t = vsubq_s16(a, b);
        fn mul_rows(a: int16x8_t, b: int16x8_t) -> int16x8_t = vmulq_s16(a, b);
        fn row_products(a: int16x8_t, ka: i16, b: int16x8_t, kb: i16) -> [int32x4_t; 2] = products(a, ka, b, kb);
        fn splat_row_sums(sum: i32) -> [int32x4_t; 2] = [vdupq_n_s32(sum); 2];
        fn add_row_sums(a: [int32x4_t; 2], b: [int32x4_t; 2]) -> [int32x4_t; 2] =
            [vaddq_s32(a[0], b[0]), vaddq_s32(a[1], b[1])];
        fn sub_row_sums(a: [int32x4_t; 2], b: [int32x4_t; 2]) -> [int32x4_t; 2] =
            [vsubq_s32(a[0], b[0]), vsubq_s32(a[1], b[1])];
        fn transpose(rows: [int16x8_t; 8]) -> [int16x8_t; 8] = transpose(rows);
        fn square(columns: [int16x8_t; 4]) -> [u8; 16] = {
            let [a, b, c, d] = columns;
            let ab = vreinterpretq_s32_s16(vzip1q_s16(a, b));
            let cd = vreinterpretq_s32_s16(vzip1q_s16(c, d));
            samples(vreinterpretq_s16_s32(vzip1q_s32(ab, cd)), vreinterpretq_s16_s32(vzip2q_s32(ab, cd)))
        };
        fn samples(a: int16x8_t, b: int16x8_t) -> [u8; 16] = samples(a, b);

        fn zero_partial() -> int32x4_t = vdupq_n_s32(0);
        fn dot(sum: int32x4_t, bytes: &[u8; 16], coefs: &[i16; 16]) -> int32x4_t = {
            let (coefs, _) = coefs.as_chunks::<8>();
            let [low, high] = widened(vld1q_u8(bytes.as_ptr()));
            let (first, last) = (vld1q_s16(coefs[0].as_ptr()), vld1q_s16(coefs[1].as_ptr()));
            let sum = vmlal_high_s16(vmlal_s16(sum, vget_low_s16(low), vget_low_s16(first)), low, first);
            vmlal_high_s16(vmlal_s16(sum, vget_low_s16(high), vget_low_s16(last)), high, last)
        };
        fn totals(sums: Four, bits: &[u32; 4]) -> [u8; 4] = {
            let [a, b, c, d] = sums;
            let sums = vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
            let bits = vreinterpretq_s32_u32(vld1q_u32(bits.as_ptr()));
            let halves = vshlq_s32(vdupq_n_s32(1), vsubq_s32(bits, vdupq_n_s32(1)));
            // A shift to the left by less than nothing is one to the right.
            let rounded = vshlq_s32(vaddq_s32(sums, halves), vnegq_s32(bits));
            let words = vcombine_s16(vqmovn_s32(rounded), vdup_n_s16(0));
            vget_lane_u32::<0>(vreinterpret_u32_u8(vqmovun_s16(words))).to_le_bytes()
        };

        fn load_columns(bytes: &[u8]) -> uint8x16_t = match bytes.first_chunk::<16>() {
            Some(bytes) => vld1q_u8(bytes.as_ptr()),
            None => vdupq_n_u8(0),
        };
        fn weights(pair: [i16; 2]) -> [i16; 2] = pair;
        fn splat_columns(sum: i32) -> Four = [vdupq_n_s32(sum); 4];
        fn weigh(sums: Four, a: uint8x16_t, b: uint8x16_t, weights: [i16; 2]) -> Four = {
            let mut sums = sums;
            for (row, weight) in [(widened(a), weights[0]), (widened(b), weights[1])] {
                sums = [
                    vmlal_n_s16(sums[0], vget_low_s16(row[0]), weight),
                    vmlal_high_n_s16(sums[1], row[0], weight),
                    vmlal_n_s16(sums[2], vget_low_s16(row[1]), weight),
                    vmlal_high_n_s16(sums[3], row[1], weight),
                ];
            }
            sums
        };
        fn round_columns(sums: Four, bits: u32) -> [u8; 32] = {
            // A shift to the left by less than nothing is one to the right.
            let back = vdupq_n_s32(-(bits as i32));
            let shifted = |i: usize| vshlq_s32(sums[i], back);
            let (low, high) = (narrowed(shifted(0), shifted(1)), narrowed(shifted(2), shifted(3)));
            let mut out = [0; 32];
            vst1q_u8(out.as_mut_ptr(), vqmovun_high_s16(vqmovun_s16(low), high));
            out
        };

        fn split_rgb(pixels: &[u8; 48]) -> [[u8; 16]; 3] = {
            let planes = vld3q_u8(pixels.as_ptr());
            let mut out = [[0; 16]; 3];
            for (out, plane) in out.iter_mut().zip([planes.0, planes.1, planes.2]) {
                vst1q_u8(out.as_mut_ptr(), plane);
            }
            out
        };
        fn split_rgba(pixels: &[u8; 64]) -> [[u8; 16]; 4] = {
            let planes = vld4q_u8(pixels.as_ptr());
            let mut out = [[0; 16]; 4];
            for (out, plane) in out.iter_mut().zip([planes.0, planes.1, planes.2, planes.3]) {
                vst1q_u8(out.as_mut_ptr(), plane);
            }
            out
        };
    }

    proven! {
        fn shl<const N: i32>(a: Two) -> Two = [vshlq_n_s16::<N>(a[0]), vshlq_n_s16::<N>(a[1])];
        fn shr<const N: i32>(a: Two) -> Two =
            [signed(vshrq_n_u16::<N>(unsigned(a[0]))), signed(vshrq_n_u16::<N>(unsigned(a[1])))];
        fn sra<const N: i32>(a: Two) -> Two = [vshrq_n_s16::<N>(a[0]), vshrq_n_s16::<N>(a[1])];
        fn sra_sums<const N: i32>(a: Four) -> Four = [
            vshrq_n_s32::<N>(a[0]),
            vshrq_n_s32::<N>(a[1]),
            vshrq_n_s32::<N>(a[2]),
            vshrq_n_s32::<N>(a[3]),
        ];
        fn widen_row<const N: i32>(row: int16x8_t) -> [int32x4_t; 2] =
            [vshlq_n_s32::<N>(vmovl_s16(vget_low_s16(row))), vshlq_n_s32::<N>(vmovl_high_s16(row))];
        fn narrow_rows<const N: i32>(a: [int32x4_t; 2], b: [int32x4_t; 2]) -> [int16x8_t; 2] = [
            narrowed(vshrq_n_s32::<N>(a[0]), vshrq_n_s32::<N>(a[1])),
            narrowed(vshrq_n_s32::<N>(b[0]), vshrq_n_s32::<N>(b[1])),
        ];
    }

    #[inline(always)]
    fn prefetch(self, _: &[u8], _: usize) {
        // Stable Rust has no prefetch for this set; the CPU's own prefetchers do without.
    }
}
