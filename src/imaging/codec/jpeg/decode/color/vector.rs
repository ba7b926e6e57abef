//! Sixteen pixels at a time, by sums of two products of 16-bit words.

use crate::imaging::kernel::color::ycbcr_to_rgb;
use crate::imaging::kernel::isa::simd::Simd;

/// Full-range YCbCr to RGB in place, as the kernel's portable function, which does the rest.
#[inline(always)]
pub(super) fn to_rgb<S: Simd>(s: S, y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    let middle = s.splat(128);
    let groups = y.as_chunks_mut::<16>().0.iter_mut().zip(cb.as_chunks_mut::<16>().0).zip(cr.as_chunks_mut::<16>().0);
    let mut done = 0;
    for ((y, cb), cr) in groups {
        let (luma, blue, red) = (s.widen(y), s.sub(s.widen(cb), middle), s.sub(s.widen(cr), middle));
        let chroma = s.pair(blue, red);
        // Whole parts of the factors are added apart, so that the rest of each fits a word:
        // 91881 = 65536 + 26345, 116130 = 2 · 65536 − 14942, −46802 = −65536 + 18734.
        let r = s.add(s.add(luma, red), weighted(s, chroma, 0, 26345));
        let g = s.add(s.sub(luma, red), weighted(s, chroma, -22554, 18734));
        let b = s.add(s.add(luma, s.add(blue, blue)), weighted(s, chroma, -14942, 0));
        s.store_bytes(r, y);
        s.store_bytes(g, cb);
        s.store_bytes(b, cr);
        done += 16;
    }
    ycbcr_to_rgb(&mut y[done..], &mut cb[done..], &mut cr[done..]);
}

/// (blue · `by` + red · `and`) / 65536, rounded half up.
#[inline(always)]
fn weighted<S: Simd>(s: S, chroma: S::Pairs, by: i16, and: i16) -> S::Words {
    s.narrow(s.sra_sums::<16>(s.add_sums(s.products(chroma, by, and), s.splat_sums(1 << 15))))
}
