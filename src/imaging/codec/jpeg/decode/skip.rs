//! Walking over blocks of which nothing but the DC coefficient is wanted: several symbols at a time.
//!
//! A table entry stands for as many symbols as the next 12 bits tell apart, most blocks being a few entries long.

use super::bits::{Reader, signed};
use super::huffman::{Code, END, Table, ac, dc};

/// Bits that index the tables: 12 proved best, and keep those of two components in the L1 cache.
pub(super) const LOOKAHEAD: u32 = 12;

/// The most bits that an entry may take.
const MAX_BITS: u32 = 24;

/// What the next bits of a block stand for. Bits 0–5: bits to skip; 8–15: the advance; from 16: the difference of the DC
/// coefficient.
///
/// Advances count coefficients after the DC coefficient. The sum is 63 where a block is full. The end of a block adds
/// 129, so that the sum is 129 to 191 where the block was not full before. Everything else from 64 on, that is every sum
/// with bit 6, is none that a sound block has in steps of this table; there a single symbol is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step(pub(super) u32);

/// The bits of an advance, where they begin, and the one that stands for 64.
pub(super) const ADVANCE: u32 = 0xff << ADVANCE_AT;
pub(super) const ADVANCE_AT: u32 = 8;
pub(super) const STUCK: u32 = 64 << ADVANCE_AT;

impl Step {
    /// Not even one symbol is known: 193 brings any sum to 193 to 255.
    pub(super) const UNKNOWN: Self = Self(193 << ADVANCE_AT);

    fn new(bits: u32, advance: u32, difference: u32) -> Self {
        // Two steps must not take more bits than are loaded at a time.
        if bits == 0 || bits > MAX_BITS {
            return Self::UNKNOWN;
        }
        let advance = if advance >= END { advance - END + 129 } else { advance };
        Self(bits | advance << ADVANCE_AT | difference << 16)
    }
}

/// The codes of a component, for walking.
#[derive(Debug)]
pub(super) struct SkipTable {
    /// From a block's start. Bits 0–5: bits to skip, 0 where not even the DC symbol is known with its value; from bit 6:
    /// the advance; from bit 16: the difference.
    first: Box<[u32; 1 << LOOKAHEAD]>,
    /// Within a block, the same without the difference.
    rest: Box<[u16; 1 << LOOKAHEAD]>,
}

/// Of the code at the start of an index: its length, 0 if it is longer; the bits of its value; its advance.
type Known = Vec<(u32, u32, u32)>;

fn known(code: &Code, meaning: fn(u8) -> (u32, u32)) -> Known {
    let mut known = vec![(0, 0, 0); 1 << LOOKAHEAD];
    for (length, bits, symbol) in code.codes().take_while(|&(length, ..)| length <= LOOKAHEAD) {
        let (advance, size) = meaning(symbol);
        let first = (bits << (LOOKAHEAD - length)) as usize;
        known[first..first + (1 << (LOOKAHEAD - length))].fill((length, size, advance));
    }
    known
}

/// Bits and advance of the AC symbols that an index tells apart behind its first `bits`. A symbol counts if its code lies
/// within the index; the bits of its value may lie behind it. No symbol is added to `full` or more coefficients.
fn symbols(known: &Known, index: usize, mut bits: u32, full: u32) -> (u32, u32) {
    let mut advance = 0;
    while advance < full && bits < LOOKAHEAD {
        let (length, size, next) = known[index << bits & ((1 << LOOKAHEAD) - 1)];
        if length == 0 || bits + length > LOOKAHEAD || bits + length + size > MAX_BITS {
            break;
        }
        // No sound block goes further without an end: such advances could pass for one.
        if next < END && advance + next > 63 {
            break;
        }
        (bits, advance) = (bits + length + size, advance + next);
    }
    (bits, advance)
}

impl SkipTable {
    pub(super) fn new(dc_code: &Code, ac_code: &Code) -> Self {
        let (known_dc, known_ac) = (known(dc_code, dc), known(ac_code, ac));
        let (mut first, mut rest) = (Box::new([0; 1 << LOOKAHEAD]), Box::new([0; 1 << LOOKAHEAD]));
        for (index, (first, rest)) in first.iter_mut().zip(rest.iter_mut()).enumerate() {
            let (bits, advance) = symbols(&known_ac, index, 0, 64);
            *rest = (bits | advance << 6) as u16;
            let (length, size, _) = known_dc[index];
            if length > 0 && length + size <= LOOKAHEAD {
                let value = (index as u32 >> (LOOKAHEAD - length - size)) & ((1 << size) - 1);
                let difference = signed(value, size) as i16;
                let (bits, advance) = symbols(&known_ac, index, length + size, 63);
                *first = bits | advance << 6 | u32::from(difference as u16) << 16;
            }
        }
        Self { first, rest }
    }

    /// The two tables, from a block's start and within it, as [`streams`](super::streams) uses them.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> {
        let rest = self.rest.iter().map(|&entry| u32::from(entry));
        self.first.iter().copied().chain(rest).map(|entry| Step::new(entry & 63, entry >> 6 & 0x3ff, entry >> 16))
    }

    /// Passes over a block; returns the difference of its DC coefficient, or `None` if the block is damaged. The other
    /// tables read the same codes.
    #[inline(always)]
    pub(super) fn block(&self, dc: &Table, ac: &Table, reader: &mut Reader<'_>) -> Option<i16> {
        reader.need::<MAX_BITS>();
        let entry = self.first[reader.peek(LOOKAHEAD) as usize];
        let (difference, mut next) = if entry == 0 {
            (dc.difference(reader)?, 1)
        } else {
            reader.skip(entry & 63);
            ((entry >> 16) as i16, 1 + (entry >> 6 & 0x3ff))
        };
        while next < 64 {
            reader.need::<MAX_BITS>();
            let entry = u32::from(self.rest[reader.peek(LOOKAHEAD) as usize]);
            let after = next + (entry >> 6);
            // At 64 the block is full. The end was read inside it if that brought it to 128 and at most 63 more; any
            // other place means that symbols of what follows were taken for the block's own, or that none was known.
            if entry != 0 && (after <= 64 || (END..END + 64).contains(&after)) {
                reader.skip(entry & 63);
                next = after;
            } else {
                next += ac.read(reader)?.0;
            }
        }
        if next == 64 || next >= END { Some(difference) } else { None }
    }
}
