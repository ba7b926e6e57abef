//! AVX2: sixteen pixels at a time by byte shuffles.
#![allow(unsafe_code, reason = "calls functions that need AVX2, which the token proves")]

use std::arch::x86_64::{
    __m128i, _mm_or_si128, _mm_setr_epi8, _mm_shuffle_epi8, _mm_unpackhi_epi32, _mm_unpackhi_epi64, _mm_unpacklo_epi32,
    _mm_unpacklo_epi64,
};

use crate::imaging::kernel::isa::avx2::{Avx2, load_128, store_128};

/// Splits as many groups of sixteen RGB pixels as there are; returns the number of pixels split.
pub(super) fn split_rgb(_: Avx2, pixels: &[u8], planes: [&mut [u8]; 3]) -> usize {
    // SAFETY: the token proves AVX2.
    unsafe { split_rgb_avx2(pixels, planes) }
}

/// The same for pixels of four components.
pub(super) fn split_rgba(_: Avx2, pixels: &[u8], planes: [&mut [u8]; 4]) -> usize {
    // SAFETY: the token proves AVX2.
    unsafe { split_rgba_avx2(pixels, planes) }
}

#[target_feature(enable = "avx2")]
fn split_rgba_avx2(pixels: &[u8], planes: [&mut [u8]; 4]) -> usize {
    // Within four pixels: all reds, all greens, all blues, all alphas.
    let gather = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    let (groups, _) = pixels.as_chunks::<64>();
    let [red, green, blue, alpha] = planes.map(|plane| plane.as_chunks_mut::<16>().0);
    let planes = red.iter_mut().zip(green).zip(blue).zip(alpha);
    let mut done = 0;
    for (group, (((red, green), blue), alpha)) in groups.iter().zip(planes) {
        let (quarters, _) = group.as_chunks::<16>();
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| _mm_shuffle_epi8(load_128(&quarters[i]), gather));
        // A transposition of four by four 32-bit words.
        let (ab_low, ab_high) = (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
        let (cd_low, cd_high) = (_mm_unpacklo_epi32(c, d), _mm_unpackhi_epi32(c, d));
        store_128(red, _mm_unpacklo_epi64(ab_low, cd_low));
        store_128(green, _mm_unpackhi_epi64(ab_low, cd_low));
        store_128(blue, _mm_unpacklo_epi64(ab_high, cd_high));
        store_128(alpha, _mm_unpackhi_epi64(ab_high, cd_high));
        done += 16;
    }
    done
}

#[target_feature(enable = "avx2")]
fn split_rgb_avx2(pixels: &[u8], [red, green, blue]: [&mut [u8]; 3]) -> usize {
    let masks = masks();
    let (groups, _) = pixels.as_chunks::<48>();
    let planes =
        red.as_chunks_mut::<16>().0.iter_mut().zip(green.as_chunks_mut::<16>().0).zip(blue.as_chunks_mut::<16>().0);
    let mut done = 0;
    for (group, ((red, green), blue)) in groups.iter().zip(planes) {
        let (thirds, _) = group.as_chunks::<16>();
        let thirds = [load_128(&thirds[0]), load_128(&thirds[1]), load_128(&thirds[2])];
        for (plane, masks) in [red, green, blue].into_iter().zip(&masks) {
            // A byte index with its high bit set makes a zero, so the three parts can be or-ed.
            let parts = [0, 1, 2].map(|i| _mm_shuffle_epi8(thirds[i], masks[i]));
            store_128(plane, _mm_or_si128(parts[0], _mm_or_si128(parts[1], parts[2])));
        }
        done += 16;
    }
    done
}

/// For each component and each third of 48 bytes: which bytes go where.
#[target_feature(enable = "avx2")]
fn masks() -> [[__m128i; 3]; 3] {
    let mask = |component: i32, third: i32| {
        // Sample i of a component is byte 3i + component of the 48.
        let index = |i: i32| {
            let byte = 3 * i + component - 16 * third;
            if (0..16).contains(&byte) { byte as i8 } else { -1 }
        };
        _mm_setr_epi8(
            index(0),
            index(1),
            index(2),
            index(3),
            index(4),
            index(5),
            index(6),
            index(7),
            index(8),
            index(9),
            index(10),
            index(11),
            index(12),
            index(13),
            index(14),
            index(15),
        )
    };
    [0, 1, 2].map(|component| [0, 1, 2].map(|third| mask(component, third)))
}
