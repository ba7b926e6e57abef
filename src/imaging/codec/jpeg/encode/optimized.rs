//! Huffman codes made for a picture (T.81 annex K.2).

/// How often each symbol comes; one more, the last, keeps the code of ones alone free.
#[derive(Debug, Clone)]
pub(super) struct Frequencies([u32; 257]);

/// A code: how many codes have each length, and the symbols in the order of their codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Optimized {
    pub(super) counts: [u8; 16],
    pub(super) symbols: Vec<u8>,
}

impl Frequencies {
    pub(super) const fn new() -> Self {
        let mut counts = [0; 257];
        counts[256] = 1;
        Self(counts)
    }

    #[inline]
    pub(super) fn count(&mut self, symbol: u8) {
        self.0[usize::from(symbol)] += 1;
    }

    /// The code of the fewest bits, no code of which is longer than 16 (T.81 figures K.1 to K.4). Of equal frequencies the
    /// last counts as the least.
    pub(super) fn code(&self) -> Optimized {
        let mut lengths = [0usize; 257];
        self.merge(&mut lengths);
        // How many codes have each length; these can be as long as there are symbols.
        let mut counts = [0u16; 258];
        lengths.iter().filter(|&&length| length > 0).for_each(|&length| counts[length] += 1);
        for length in (17..counts.len()).rev() {
            while counts[length] > 0 {
                // Two codes become one that is a bit shorter, and a shorter one makes room for the other.
                let Some(shorter) = (1..length - 1).rev().find(|&shorter| counts[shorter] > 0) else { break };
                counts[length] -= 2;
                counts[length - 1] += 1;
                counts[shorter + 1] += 2;
                counts[shorter] -= 1;
            }
        }
        // The longest code is that of ones alone.
        if let Some(longest) = counts[..17].iter_mut().rfind(|count| **count > 0) {
            *longest -= 1;
        }
        let of_length = |length| (0..=255u8).filter(move |&symbol| lengths[usize::from(symbol)] == length);
        Optimized {
            counts: std::array::from_fn(|i| counts[i + 1] as u8),
            symbols: (1..lengths.len()).flat_map(of_length).collect(),
        }
    }

    /// Joins the two least frequent trees until one is left. Each symbol gets the length of its code.
    fn merge(&self, lengths: &mut [usize; 257]) {
        let mut left = self.0.map(u64::from);
        // The next symbol in the same tree.
        let mut next = [None; 257];
        let last_of = |lengths: &mut [usize; 257], next: &[Option<usize>; 257], first: usize| {
            let mut at = first;
            lengths[at] += 1;
            while let Some(other) = next[at] {
                at = other;
                lengths[at] += 1;
            }
            at
        };
        loop {
            let least = |but: Option<usize>| {
                let seen = (0..257).filter(|&symbol| left[symbol] > 0 && Some(symbol) != but);
                seen.min_by_key(|&symbol| (left[symbol], usize::MAX - symbol))
            };
            let Some(first) = least(None) else { return };
            let Some(second) = least(Some(first)) else { return };
            left[first] += left[second];
            left[second] = 0;
            let end = last_of(lengths, &next, first);
            next[end] = Some(second);
            last_of(lengths, &next, second);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_symbols_have_short_codes() {
        let mut frequencies = Frequencies::new();
        for (symbol, count) in [(7, 100), (3, 40), (9, 40), (200, 1)] {
            (0..count).for_each(|_| frequencies.count(symbol));
        }
        let code = frequencies.code();
        assert_eq!(code.symbols, [7, 3, 9, 200], "of equal ones the last counts as the rarer");
        assert_eq!(code.counts[..5], [1, 1, 1, 1, 0], "the code 1111 stays free");
    }

    #[test]
    fn no_code_is_longer_than_16_bits() {
        let mut frequencies = Frequencies::new();
        let (mut a, mut b) = (1u32, 1u32);
        for symbol in 0..40 {
            frequencies.0[symbol] = a;
            (a, b) = (b, a.saturating_add(b).min(1 << 26));
        }
        let code = frequencies.code();
        assert_eq!(code.counts.iter().map(|&count| usize::from(count)).sum::<usize>(), 40);
        // What all codes take of the code space, in 2^-16: less than all of it.
        let taken: u32 = (1..).zip(&code.counts).map(|(length, &count)| u32::from(count) << (16 - length)).sum();
        assert!(taken < 1 << 16);
    }
}
