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
    let squares = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
    for ((out, (above, below)), bias) in out.iter_mut().zip(squares).zip([1, 2].into_iter().cycle()) {
        let sum = above.iter().chain(below).map(|&sample| u16::from(sample)).sum::<u16>();
        *out = ((sum + bias) / 4) as u8;
    }
}
