//! Sixteen pixels at a time, by sums of two products of 16-bit words.

use super::scalar;
use crate::imaging::kernel::isa::simd::Simd;

/// As the portable function, which does the rest.
#[inline(always)]
pub(super) fn rgb_to_ycbcr<S: Simd>(s: S, [r, g, b]: [&[u8]; 3], [y, cb, cr]: [&mut [u8]; 3]) {
    let from = r.as_chunks::<16>().0.iter().zip(g.as_chunks::<16>().0).zip(b.as_chunks::<16>().0);
    let to = y.as_chunks_mut::<16>().0.iter_mut().zip(cb.as_chunks_mut::<16>().0).zip(cr.as_chunks_mut::<16>().0);
    let mut done = 0;
    for (((r, g), b), ((y, cb), cr)) in from.zip(to) {
        let (r, g, b) = (s.widen(r), s.widen(g), s.widen(b));
        let (rg, bg) = (s.pair(r, g), s.pair(b, g));
        // 38470 and 32768 do not fit a word: one is added in two parts, the other subtracted.
        let luma = s.add_sums(s.products(rg, 19595, 19235), s.products(bg, 7471, 19235));
        let blue = s.sub_sums(s.products(rg, -11059, -21709), s.products(bg, -32768, 0));
        let red = s.sub_sums(s.products(bg, -5329, -27439), s.products(rg, -32768, 0));
        store(s, luma, 32768, y);
        store(s, blue, (128 << 16) + 32767, cb);
        store(s, red, (128 << 16) + 32767, cr);
        done += 16;
    }
    scalar::rgb_to_ycbcr([&r[done..], &g[done..], &b[done..]], [&mut y[done..], &mut cb[done..], &mut cr[done..]]);
}

/// (sum + `bias`) / 65536 as bytes, which they fit.
#[inline(always)]
fn store<S: Simd>(s: S, sums: S::Sums, bias: i32, to: &mut [u8; 16]) {
    let sums = s.sra_sums::<16>(s.add_sums(sums, s.splat_sums(bias)));
    s.store_bytes(s.narrow(sums), to);
}

/// As the portable function, which does the rest.
#[inline(always)]
pub(super) fn halve<S: Simd>(s: S, [above, below]: [&[u8]; 2], out: &mut [u8]) {
    let from = above.as_chunks::<32>().0.iter().zip(below.as_chunks::<32>().0);
    let biases = s.alternate(1, 2);
    let mut done = 0;
    for ((above, below), out) in from.zip(out.as_chunks_mut::<16>().0) {
        let sum = s.add(s.add(s.sums_of_two(above), s.sums_of_two(below)), biases);
        s.store_bytes(s.shr::<2>(sum), out);
        done += 16;
    }
    scalar::halve([&above[2 * done..], &below[2 * done..]], &mut out[done..]);
}
