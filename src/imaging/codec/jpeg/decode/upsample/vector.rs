//! Sixteen sums at a time.

use crate::imaging::kernel::isa::simd::Simd;

/// The portable loop, which does the rest.
#[inline(always)]
pub(super) fn double<S: Simd, const EVEN: u16, const ODD: u16, const BITS: u32>(s: S, sums: &[u16], out: &mut [u8]) {
    let (even, odd) = (s.splat(EVEN as i16), s.splat(ODD as i16));
    // At most 4 · 4 · 255 + 8: no sum exceeds 16 bits, no sample 8.
    let (before, middle, after) =
        (sums.as_chunks::<16>().0, sums[1..].as_chunks::<16>().0, sums[2..].as_chunks::<16>().0);
    let mut done = 0;
    for ((out, before), (middle, after)) in
        out.as_chunks_mut::<32>().0.iter_mut().zip(before).zip(middle.iter().zip(after))
    {
        let sum = s.load_words(middle);
        let triple = s.add(sum, s.add(sum, sum));
        let first = shift::<S, BITS>(s, s.add(s.add(triple, s.load_words(before)), even));
        let second = shift::<S, BITS>(s, s.add(s.add(triple, s.load_words(after)), odd));
        s.store_words(s.or(first, s.shl::<8>(second)), out);
        done += 16;
    }
    super::scalar::double::<EVEN, ODD, BITS>(&sums[done..], &mut out[2 * done..]);
}

#[inline(always)]
fn shift<S: Simd, const BITS: u32>(s: S, sums: S::Words) -> S::Words {
    if BITS == 2 { s.shr::<2>(sums) } else { s.shr::<4>(sums) }
}
