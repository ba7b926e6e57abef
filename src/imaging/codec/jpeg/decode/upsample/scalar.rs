//! Twofold enlargement in portable code.

/// Two samples for every sum but the first and last: nearer to the one before it, then to the one after it.
#[inline(always)]
pub(super) fn double<const EVEN: u16, const ODD: u16, const BITS: u32>(sums: &[u16], out: &mut [u8]) {
    let neighbors = sums.iter().zip(&sums[1..]).zip(&sums[2..]);
    for (pair, ((&before, &sum), &after)) in out.as_chunks_mut::<2>().0.iter_mut().zip(neighbors) {
        *pair = [((3 * sum + before + EVEN) >> BITS) as u8, ((3 * sum + after + ODD) >> BITS) as u8];
    }
}
