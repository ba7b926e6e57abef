//! The entropy-coded data of a baseline scan (T.81 F.1.2).

use super::tables::{AC, DC, NATURAL};
use super::transform::Block;

/// The codes of luma or of chroma.
#[derive(Debug)]
pub(super) struct Codes {
    dc: [(u16, u8); 256],
    ac: [(u16, u8); 256],
}

impl Codes {
    /// Those of luma, 0, or of chroma, 1.
    pub(super) fn new(table: usize) -> Self {
        Self { dc: DC[table % 2].codes(), ac: AC[table % 2].codes() }
    }
}

/// For each place in a row and each byte, which says which of the row's coefficients differ from zero, the same in the
/// order of the file.
const ORDERED: [[u64; 256]; 8] = {
    let mut place = [0; 64];
    let mut i = 0;
    while i < 64 {
        place[NATURAL[i] as usize] = i;
        i += 1;
    }
    let mut ordered = [[0; 256]; 8];
    let mut row = 0;
    while row < 8 {
        let mut byte = 0;
        while byte < 256 {
            let mut bit = 0;
            while bit < 8 {
                if byte >> bit & 1 == 1 {
                    ordered[row][byte] |= 1 << place[8 * row + bit];
                }
                bit += 1;
            }
            byte += 1;
        }
        row += 1;
    }
    ordered
};

/// Writes codes and values bit by bit.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    /// The bits that are not written yet, at the bottom; at most 31 between calls.
    bits: u64,
    count: u32,
}

impl BitWriter {
    /// Appends `count` bits, at most 32, of which `bits` has no others.
    #[inline(always)]
    fn put(&mut self, bits: u32, count: u32, out: &mut Vec<u8>) {
        self.bits = self.bits << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            let word = (self.bits >> self.count) as u32;
            // FF is followed by a zero; a word that holds none is written at once.
            if word & 0x8080_8080 & !word.wrapping_add(0x0101_0101) == 0 {
                out.extend_from_slice(&word.to_be_bytes());
            } else {
                word.to_be_bytes().into_iter().for_each(|byte| stuffed(byte, out));
            }
        }
    }

    /// A code and the value behind it: positive ones as they are, negative ones less one.
    #[inline(always)]
    fn symbol(&mut self, (code, length): (u16, u8), value: i16, size: u32, out: &mut Vec<u8>) {
        let value = i32::from(value) + (i32::from(value) >> 31);
        let bits = value as u32 & ((1 << size) - 1);
        self.put(u32::from(code) << size | bits, u32::from(length) + size, out);
    }

    /// Appends a block whose component had `last` as the DC coefficient before it.
    #[inline]
    pub(super) fn block(&mut self, block: &Block, last: i16, codes: &Codes, out: &mut Vec<u8>) {
        let difference = block.coefficients[0].wrapping_sub(last);
        let size = size(difference);
        self.symbol(codes.dc[size as usize % 256], difference, size, out);
        let rows = block.nonzero.to_le_bytes().into_iter().zip(&ORDERED);
        let mut rest = rows.fold(0, |all, (byte, ordered)| all | ordered[usize::from(byte)]) & !1;
        let mut next = 1;
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            let mut run = at - next;
            next = at + 1;
            while run > 15 {
                let (code, length) = codes.ac[0xf0];
                self.put(u32::from(code), u32::from(length), out);
                run -= 16;
            }
            let value = block.coefficients[usize::from(NATURAL[at as usize % 64]) % 64];
            let size = self::size(value);
            self.symbol(codes.ac[(run << 4 | size) as usize % 256], value, size, out);
        }
        if next < 64 {
            let (code, length) = codes.ac[0];
            self.put(u32::from(code), u32::from(length), out);
        }
    }

    /// Fills the last byte with ones.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        let free = (8 - self.count % 8) % 8;
        self.put((1 << free) - 1, free, out);
        for i in (0..self.count / 8).rev() {
            stuffed((self.bits >> (8 * i)) as u8, out);
        }
    }
}

/// The bits that a value takes.
#[inline(always)]
const fn size(value: i16) -> u32 {
    u16::BITS - value.unsigned_abs().leading_zeros()
}

fn stuffed(byte: u8, out: &mut Vec<u8>) {
    out.push(byte);
    if byte == 0xff {
        out.push(0);
    }
}
