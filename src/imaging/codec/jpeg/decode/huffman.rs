//! Huffman codes, and the tables that read a symbol with its value at a time (T.81 annex C, F.2.2).

use std::borrow::Cow;

use super::bits::{Reader, signed, word_at};
use super::coefficients::{LAST_LOW, NATURAL};
use crate::imaging::codec::jpeg::typical::{self, Specification};

/// Bits that index the tables of one symbol.
const LOOKAHEAD: u32 = 11;

/// Above any index of a coefficient: the block ends here.
pub(super) const END: u32 = 128;

/// A code as its segment defines it.
#[derive(Debug, Clone)]
pub(super) struct Code {
    /// Codes of each length from 1 to 16 bits.
    counts: [u8; 16],
    /// Their symbols, by rising length and code.
    symbols: Cow<'static, [u8]>,
}

/// The codes that numbers 0 and 1 mean until a segment defines them: Motion JPEG leaves their definitions out. Both, of DC
/// and of AC coefficients, are those of T.81 K.3, as libjpeg-turbo has it.
pub(super) const fn typical() -> [[Option<Code>; 4]; 2] {
    let [luma_dc, chroma_dc] = typical::DC;
    let [luma_ac, chroma_ac] = typical::AC;
    [
        [Some(Code::typical(luma_dc)), Some(Code::typical(chroma_dc)), None, None],
        [Some(Code::typical(luma_ac)), Some(Code::typical(chroma_ac)), None, None],
    ]
}

impl Code {
    const fn typical(Specification { counts, symbols }: Specification) -> Self {
        Self { counts, symbols: Cow::Borrowed(symbols) }
    }

    /// Reads a code and says what follows it; `None` if it is cut off or has more codes than there are.
    pub(super) fn read(payload: &[u8]) -> Option<(Self, &[u8])> {
        let (&counts, rest) = payload.split_first_chunk::<16>()?;
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let (symbols, rest) = rest.split_at_checked(total).filter(|_| total <= 256)?;
        // The code of all ones is kept free (T.81 C.2), so that codes of each length must end below it.
        let mut code = 0u32;
        for (length, &count) in (1..).zip(&counts) {
            code = 2 * code + u32::from(count);
            if count > 0 && code >= 1 << length {
                return None;
            }
        }
        Some((Self { counts, symbols: Cow::Owned(symbols.to_vec()) }, rest))
    }

    /// Each code: its length, its bits and its symbol.
    pub(super) fn codes(&self) -> impl Iterator<Item = (u32, u32, u8)> {
        let lengths = (1u32..).zip(self.counts).flat_map(|(length, count)| (0..count).map(move |_| length));
        let (mut code, mut last) = (0, 0);
        lengths.zip(&*self.symbols).map(move |(length, &symbol)| {
            code <<= length - last;
            last = length;
            code += 1;
            (length, code - 1, symbol)
        })
    }
}

/// Codes that are longer than a table's index, found by length.
#[derive(Debug)]
struct Long {
    /// For each length: the code after its last, as the top of 16 bits, and what leads from a code to its symbol.
    limits: [(u32, i32); 17],
    symbols: Cow<'static, [u8]>,
}

impl Long {
    fn new(code: &Code) -> Self {
        let mut limits = [(0, 0); 17];
        for (index, (length, bits, _)) in code.codes().enumerate() {
            limits[length as usize] = ((bits + 1) << (16 - length), index as i32 - bits as i32);
        }
        Self { limits, symbols: code.symbols.clone() }
    }

    /// The length and symbol of the code at the start of 16 bits.
    fn find(&self, bits: u32) -> Option<(u32, u8)> {
        let (length, &(_, offset)) = (0..).zip(&self.limits).find(|(_, limit)| bits < limit.0)?;
        let index = (bits >> (16 - length)) as i32 + offset;
        Some((length, *self.symbols.get(index as usize)?))
    }
}

/// What one look at the next bits yields. Packed into 32 bits:
/// 0–6 bits to skip; 7 set if the rest has to be read; 8–15 the advance; 16–31 the value.
#[derive(Debug, Clone, Copy, Default)]
struct Entry(u32);

impl Entry {
    /// The code is longer than the index, or there is none: found by length.
    const LONG: Self = Self(0x80);

    const fn whole(bits: u32, advance: u32, value: i16) -> Self {
        Self(bits | advance << 8 | (value as u16 as u32) << 16)
    }

    /// The code is known, its value lies behind the index.
    const fn part(bits: u32, advance: u32, size: u32) -> Self {
        Self(bits | 0x80 | advance << 8 | size << 16)
    }

    const fn is_part(self) -> bool {
        self.0 & 0x80 != 0
    }

    const fn bits(self) -> u32 {
        self.0 & 0x7f
    }

    const fn advance(self) -> u32 {
        self.0 >> 8 & 0xff
    }

    const fn value(self) -> i16 {
        (self.0 >> 16) as i16
    }
}

/// A table of one symbol with its value, by the next bits.
#[derive(Debug)]
pub(super) struct Table {
    entries: Box<[Entry; 1 << LOOKAHEAD]>,
    /// Of AC symbols, each entry and the one that follows it within the index, the latter with the bits of both. If there
    /// is none it advances by nothing and has the same value, so that to put it changes nothing.
    pairs: Box<[[Entry; 2]; 1 << LOOKAHEAD]>,
    long: Long,
    /// How a symbol advances and how many bits its value has.
    meaning: fn(u8) -> (u32, u32),
    /// For the symbols that are sizes alone, the bits of their code and value, or [`AMBIGUOUS`].
    lengths: [u8; 16],
}

/// More bits than any symbol and its value take.
const AMBIGUOUS: u8 = 64;

/// A DC symbol is the size of the difference.
pub(super) const fn dc(symbol: u8) -> (u32, u32) {
    (0, symbol as u32 & 15)
}

/// An AC symbol: 16 · (zeros before the coefficient) + size; without a size F0 is 16 zeros, others end the block.
pub(super) const fn ac(symbol: u8) -> (u32, u32) {
    match symbol {
        0xf0 => (16, 0),
        _ if symbol & 15 == 0 => (END, 0),
        _ => (symbol as u32 / 16 + 1, symbol as u32 & 15),
    }
}

/// The coefficient before `next` at its place in a word of the first four, or nothing if it is behind them.
#[inline(always)]
fn low_value(next: u32, value: i16) -> u64 {
    let wanted = u64::from(next <= LAST_LOW + 1).wrapping_neg();
    (u64::from(value as u16) & wanted) << (16 * next.wrapping_sub(2) % 64)
}

impl Table {
    /// A table of differences; `None` if a difference has more bits than any can have.
    pub(super) fn dc(code: &Code) -> Option<Self> {
        code.symbols.iter().all(|&size| size < 16).then(|| Self::new(code, dc))
    }

    pub(super) fn ac(code: &Code) -> Self {
        let mut table = Self::new(code, ac);
        for (index, pair) in table.pairs.iter_mut().enumerate() {
            let first = table.entries[index];
            *pair = [first, Entry::whole(first.bits(), 0, first.value())];
            if first.is_part() || first.advance() == END {
                continue;
            }
            let second = table.entries[index << first.bits() & ((1 << LOOKAHEAD) - 1)];
            let bits = first.bits() + second.bits();
            if !second.is_part() && bits <= LOOKAHEAD {
                pair[1] = Entry::whole(bits, second.advance(), second.value());
            }
        }
        table
    }

    /// A table of coefficients in progressive scans, where the end of a block may be that of many: 2^n and more for an
    /// advance of [`END`] + n.
    pub(super) fn progressive(code: &Code) -> Self {
        Self::new(code, |symbol| match symbol {
            0xf0 => (16, 0),
            _ if symbol & 15 == 0 => (END + u32::from(symbol >> 4), 0),
            _ => (u32::from(symbol >> 4) + 1, u32::from(symbol & 15)),
        })
    }

    /// A table of symbols as such.
    pub(super) fn plain(code: &Code) -> Self {
        Self::new(code, |symbol| (u32::from(symbol), 0))
    }

    fn new(code: &Code, meaning: fn(u8) -> (u32, u32)) -> Self {
        let mut entries = Box::new([Entry::LONG; 1 << LOOKAHEAD]);
        for (length, bits, symbol) in code.codes().take_while(|&(length, ..)| length <= LOOKAHEAD) {
            let (advance, size) = meaning(symbol);
            let free = LOOKAHEAD - length;
            let first = (bits << free) as usize;
            let entries = &mut entries[first..first + (1 << free)];
            if size > free {
                entries.fill(Entry::part(length, advance, size));
                continue;
            }
            for (rest, entry) in (0u32..).zip(entries) {
                *entry = Entry::whole(length + size, advance, signed(rest >> (free - size), size) as i16);
            }
        }
        let pairs = Box::new([[Entry::LONG; 2]; 1 << LOOKAHEAD]);
        let mut lengths = [0; 16];
        for (length, _, symbol) in code.codes() {
            if let Some(bits) = lengths.get_mut(usize::from(symbol)) {
                // A code that has a symbol twice, which is none of a sound file, does not say which it was.
                *bits = if *bits == 0 { length as u8 + symbol } else { AMBIGUOUS };
            }
        }
        Self { entries, pairs, long: Long::new(code), meaning, lengths }
    }

    /// Reads a symbol: by how much it advances, and its value. Needs no bits before; `None` if there is no such code.
    #[inline(always)]
    pub(super) fn read(&self, reader: &mut Reader<'_>) -> Option<(u32, i16)> {
        reader.need::<31>();
        let entry = self.entries[reader.peek(LOOKAHEAD) as usize];
        if entry.is_part() {
            return self.read_part(entry, reader);
        }
        reader.skip(entry.bits());
        Some((entry.advance(), entry.value()))
    }

    #[inline(always)]
    fn read_part(&self, entry: Entry, reader: &mut Reader<'_>) -> Option<(u32, i16)> {
        let (advance, size) = if entry.bits() == 0 {
            self.long_symbol(reader)?
        } else {
            reader.skip(entry.bits());
            (entry.advance(), u32::from(entry.value().unsigned_abs()))
        };
        Some((advance, reader.signed(size) as i16))
    }

    #[cold]
    #[inline(never)]
    fn long_symbol(&self, reader: &mut Reader<'_>) -> Option<(u32, u32)> {
        let (length, symbol) = self.long.find(reader.peek(16))?;
        reader.skip(length);
        Some((self.meaning)(symbol))
    }

    /// Reads the difference of a DC coefficient.
    #[inline(always)]
    pub(super) fn difference(&self, reader: &mut Reader<'_>) -> Option<i16> {
        Some(self.read(reader)?.1)
    }

    /// The bits of a difference that is known to begin somewhere, by a table of differences.
    #[inline(always)]
    pub(super) fn difference_bits(&self, bytes: &[u8], start: usize, difference: i16) -> usize {
        let size = u16::BITS - difference.unsigned_abs().leading_zeros();
        let bits = self.lengths[size as usize % 16];
        if bits == AMBIGUOUS {
            let mut reader = Reader::at(bytes, start);
            let _ = self.difference(&mut reader);
            return reader.position() - start;
        }
        usize::from(bits)
    }

    /// Reads the AC coefficients of a block into their natural places. Returns how many coefficients, in the order of
    /// the file and with the DC coefficient, may differ from zero; `None` if they are damaged.
    #[inline(always)]
    pub(super) fn coefficients(&self, reader: &mut Reader<'_>, block: &mut [i16; 64]) -> Option<u32> {
        // Zeros are written where a run or the block ends: they are there already.
        let mut put = |next: u32, value: i16| {
            block[usize::from(NATURAL[(next as usize).wrapping_sub(1) % NATURAL.len()]) % 64] = value;
        };
        let mut next = 1;
        loop {
            reader.need::<31>();
            let [first, second] = self.pairs[reader.peek(LOOKAHEAD) as usize];
            if first.is_part() {
                let (advance, value) = self.read_part(first, reader)?;
                next += advance;
                put(next, value);
                if next >= 64 {
                    break;
                }
                continue;
            }
            next += first.advance();
            put(next, first.value());
            if next >= 64 {
                reader.skip(first.bits());
                break;
            }
            reader.skip(second.bits());
            next += second.advance();
            put(next, second.value());
            if next >= 64 {
                break;
            }
        }
        match next {
            64 => Some(64),
            END.. => Some(next - END),
            _ => None,
        }
    }

    /// The AC coefficients of a sound block, which begin at some bit, as far as they are among the
    /// [lowest](super::inverse::low): across, down and both.
    #[inline(always)]
    pub(super) fn low(&self, bytes: &[u8], start: usize) -> [i16; 3] {
        // The first four in the order of the file, 16 bits each: in memory, places that cannot be foreseen would cost
        // more than all else.
        let (mut low, mut next, mut word, mut bits) = (0, 1, word_at(bytes, start), 0);
        // Two looks are enough for most blocks. That more is read than is wanted costs less than to ask.
        for _ in 0..2 {
            let [first, second] = self.pairs[(word >> (64 - LOOKAHEAD)) as usize];
            if first.is_part() {
                break;
            }
            next += first.advance();
            low |= low_value(next, first.value());
            next += second.advance();
            low |= low_value(next, second.value());
            word <<= second.bits();
            bits += second.bits() as usize;
        }
        if next <= LAST_LOW {
            low |= self.low_rest(next, Reader::at(bytes, start + bits));
        }
        [low as i16, (low >> 16) as i16, (low >> 48) as i16]
    }

    #[inline(never)]
    fn low_rest(&self, mut next: u32, mut reader: Reader<'_>) -> u64 {
        let mut low = 0;
        while next <= LAST_LOW {
            let Some((advance, value)) = self.read(&mut reader) else { break };
            next += advance;
            low |= low_value(next, value);
        }
        low
    }

    /// Reads a symbol of a plain table.
    #[inline(always)]
    pub(super) fn symbol(&self, reader: &mut Reader<'_>) -> Option<u8> {
        Some(self.read(reader)?.0 as u8)
    }
}
