//! Prefix codes: the more often a symbol occurs, the fewer bits it has (RFC 9649 §3.7).

use super::bits::Bits;

/// The longest code of a symbol, and of the length of a code.
const MOST_BITS: u8 = 15;
const MOST_LENGTH_BITS: u8 = 7;

/// The order in which the lengths of the codes of lengths are written.
const LENGTH_ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// Symbols of such a code beside the lengths themselves: the last length again, and a few or many zeros.
const REPEAT: u8 = 16;
const ZEROS: u8 = 17;
const MANY_ZEROS: u8 = 18;

/// A code for the symbols of an alphabet.
pub(super) struct Code {
    /// Bits by symbol, 0 where it does not occur.
    lengths: Vec<u8>,
    /// The bits themselves, the first in the lowest place.
    words: Vec<u16>,
    /// The only symbol, which takes no bits.
    only: Option<u8>,
}

impl Code {
    /// A code for symbols that occur as often as counted.
    pub(super) fn of(counts: &[u32]) -> Self {
        let mut used = (0usize..).zip(counts).filter(|(_, count)| **count > 0).map(|(symbol, _)| symbol);
        match (used.next(), used.next()) {
            (None, _) => Self::only(counts.len(), 0),
            (Some(symbol), None) if symbol < 256 => Self::only(counts.len(), symbol as u8),
            _ => Self::within(counts, MOST_BITS),
        }
    }

    fn only(symbols: usize, symbol: u8) -> Self {
        Self { lengths: vec![0; symbols], words: vec![0; symbols], only: Some(symbol) }
    }

    fn within(counts: &[u32], most: u8) -> Self {
        let mut counts = counts.to_vec();
        // A code of one word has no bits to tell: another symbol shares it.
        if counts.iter().filter(|count| **count > 0).count() < 2 {
            let other = usize::from(counts[0] > 0);
            counts[other] = 1;
        }
        let lengths = lengths(&counts, most);
        let words = words(&lengths);
        Self { lengths, words, only: None }
    }

    /// Writes a symbol that occurs.
    pub(super) fn put(&self, bits: &mut Bits, symbol: usize) {
        bits.put(u32::from(self.words[symbol]), u32::from(self.lengths[symbol]));
    }

    /// Writes the code itself.
    pub(super) fn describe(&self, bits: &mut Bits) {
        if let Some(symbol) = self.only {
            // A simple code of one symbol, which has one bit or eight.
            bits.put(1, 1);
            bits.put(0, 1);
            let is_long = symbol > 1;
            bits.put(u32::from(is_long), 1);
            bits.put(u32::from(symbol), if is_long { 8 } else { 1 });
            return;
        }
        bits.put(0, 1);
        let runs = runs(&self.lengths);
        let mut counts = [0; 19];
        runs.iter().for_each(|(symbol, _)| counts[usize::from(*symbol)] += 1);
        let code = Self::within(&counts, MOST_LENGTH_BITS);
        let last = LENGTH_ORDER.iter().rposition(|symbol| code.lengths[*symbol] > 0).unwrap_or(0);
        let written = (last + 1).max(4);
        bits.put(written as u32 - 4, 4);
        for symbol in &LENGTH_ORDER[..written] {
            bits.put(u32::from(code.lengths[*symbol]), 3);
        }
        // The lengths of all symbols follow.
        bits.put(0, 1);
        for (symbol, more) in runs {
            code.put(bits, usize::from(symbol));
            let wide = match symbol {
                REPEAT => 2,
                ZEROS => 3,
                MANY_ZEROS => 7,
                _ => continue,
            };
            bits.put(u32::from(more), wide);
        }
    }
}

/// The lengths as symbols of the code of lengths, with how much more than the least the symbol means.
fn runs(lengths: &[u8]) -> Vec<(u8, u8)> {
    let mut out = Vec::new();
    let mut last = 8;
    for run in lengths.chunk_by(|one, other| one == other) {
        let (length, mut left) = (run[0], run.len());
        if length != 0 && length != last {
            out.push((length, 0));
            (last, left) = (length, left - 1);
        }
        while left > 0 {
            let (symbol, least, most) = match (length, left) {
                (0, 11..) => (MANY_ZEROS, 11, 138),
                (0, 3..) => (ZEROS, 3, 10),
                (1.., 3..) => (REPEAT, 3, 6),
                _ => (length, 1, 1),
            };
            let taken = left.min(most);
            out.push((symbol, (taken - least) as u8));
            left -= taken;
        }
    }
    out
}

/// Lengths of codes with at most as many bits, of two symbols or more.
fn lengths(counts: &[u32], most: u8) -> Vec<u8> {
    // Rare symbols count for more until no code is too long: at last all count for the same.
    let mut least = 1;
    loop {
        let lengths = depths(counts, least);
        if lengths.iter().all(|length| *length <= most) {
            return lengths;
        }
        least *= 2;
    }
}

/// Lengths by Huffman's rule; of equal weights the symbol that comes first, and a symbol before a tree.
fn depths(counts: &[u32], least: u64) -> Vec<u8> {
    let used = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let mut leaves: Vec<_> = used.map(|(symbol, &count)| (u64::from(count).max(least), symbol)).collect();
    leaves.sort_unstable();
    let (leaf_count, node_count) = (leaves.len(), 2 * leaves.len() - 1);
    let mut weights: Vec<u64> = leaves.iter().map(|(weight, _)| *weight).collect();
    let mut parents = vec![0; node_count];
    let (mut leaf, mut tree) = (0, leaf_count);
    while weights.len() < node_count {
        let mut weight = 0;
        for _ in 0..2 {
            let takes_leaf = leaf < leaf_count && (tree == weights.len() || weights[leaf] <= weights[tree]);
            let next = if takes_leaf { &mut leaf } else { &mut tree };
            parents[*next] = weights.len();
            weight += weights[*next];
            *next += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0u8; node_count];
    for node in (0..node_count - 1).rev() {
        // Trees deeper than any limit need not be told apart.
        depths[node] = depths[parents[node]].saturating_add(1);
    }
    let mut lengths = vec![0; counts.len()];
    leaves.iter().zip(depths).for_each(|((_, symbol), depth)| lengths[*symbol] = depth);
    lengths
}

/// The words of a code: counted up from the shortest to the longest, those of one length in the order of their symbols.
fn words(lengths: &[u8]) -> Vec<u16> {
    let mut words = vec![0; lengths.len()];
    let mut next = 0u16;
    for length in 1..=MOST_BITS {
        next <<= 1;
        for (word, _) in words.iter_mut().zip(lengths).filter(|(_, own)| **own == length) {
            *word = next.reverse_bits() >> (16 - length);
            next += 1;
        }
    }
    words
}
