//! Twofold enlargement in portable code.

/// Two samples for every sum but the first and last: nearer to the one before it, then to the one after it.
#[inline(always)]
pub(super) fn double<const EVEN: u16, const ODD: u16, const BITS: u32>(sums: &[u16], out: &mut [u8]) {
    let neighbors = sums.iter().zip(&sums[1..]).zip(&sums[2..]);
    for (pair, ((&before, &sum), &after)) in out.as_chunks_mut::<2>().0.iter_mut().zip(neighbors) {
        // Both as one word: the compiler has vectors of words, but none that weave bytes.
        let (even, odd) = ((3 * sum + before + EVEN) >> BITS, (3 * sum + after + ODD) >> BITS);
        *pair = (even | odd << 8).to_le_bytes();
    }
}
