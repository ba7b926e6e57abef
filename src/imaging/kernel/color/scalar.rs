//! Conversions of rows in portable code.

use crate::imaging::pixel::color::gray_of_rgb;

/// The luma of red, green and blue.
pub(in super::super) fn luma([r, g, b]: [&[u8]; 3], out: &mut [u8]) {
    for (out, ((&r, &g), &b)) in out.iter_mut().zip(r.iter().zip(g).zip(b)) {
        *out = gray_of_rgb([r, g, b]);
    }
}

/// As [`rgb_to_ycbcr`](super::rgb_to_ycbcr).
pub(super) fn rgb_to_ycbcr([r, g, b]: [&[u8]; 3], out: [&mut [u8]; 3]) {
    let [y, cb, cr] = out;
    luma([r, g, b], y);
    // 0.5 · 65536 − 1 as the half keeps pure blue and red at 255 where 32768 would make 256.
    let chroma = |[r, g, b]: [i32; 3], (red, green, blue): (i32, i32, i32)| {
        ((red * r + green * g + blue * b + (128 << 16) + 32767) >> 16) as u8
    };
    let rgb = r.iter().zip(g).zip(b).map(|((&r, &g), &b)| [r, g, b].map(i32::from));
    for ((cb, cr), rgb) in cb.iter_mut().zip(cr).zip(rgb) {
        *cb = chroma(rgb, (-11059, -21709, 32768));
        *cr = chroma(rgb, (32768, -27439, -5329));
    }
}

/// As [`halve`](super::halve).
pub(super) fn halve([above, below]: [&[u8]; 2], out: &mut [u8]) {
    let (groups, rest) = out.as_chunks_mut::<16>();
    let done = 32 * groups.len();
    let from = above.as_chunks::<32>().0.iter().zip(below.as_chunks::<32>().0);
    for (out, (a, b)) in groups.iter_mut().zip(from) {
        // Of a known length, so that the compiler makes vectors.
        *out = std::array::from_fn(|i| mean([a[2 * i], a[2 * i + 1]], [b[2 * i], b[2 * i + 1]], i));
    }
    let squares = above[done..].as_chunks::<2>().0.iter().zip(below[done..].as_chunks::<2>().0);
    for (i, (out, (&above, &below))) in rest.iter_mut().zip(squares).enumerate() {
        *out = mean(above, below, i);
    }
}

/// The mean of the square at place `i`, counted from an even one.
#[inline(always)]
fn mean(above: [u8; 2], below: [u8; 2], i: usize) -> u8 {
    // Both samples as one word: there are vectors that take the halves of words apart.
    let two = |pair: [u8; 2]| {
        let word = u16::from_le_bytes(pair);
        (word & 255) + (word >> 8)
    };
    ((two(above) + two(below) + 1 + i as u16 % 2) / 4) as u8
}
