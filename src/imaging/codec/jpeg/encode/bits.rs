//! The entropy-coded data of a baseline scan (T.81 F.1.2).

use super::super::typical::{AC, DC};
use super::tables::NATURAL;
use super::transform::Block;

/// A code, and its length in bits; 0 if there is none.
pub(super) type Code = (u16, u8);

/// The codes of luma or of chroma.
#[derive(Debug)]
pub(super) struct Codes {
    dc: [Code; 256],
    ac: [Code; 256],
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

/// The bits that values of each magnitude take: quicker to look up than to count on CPUs that only search bits.
const SIZES: [u8; 2048] = {
    let mut sizes = [0; 2048];
    let mut magnitude: usize = 0;
    while magnitude < 2048 {
        sizes[magnitude] = (usize::BITS - magnitude.leading_zeros()) as u8;
        magnitude += 1;
    }
    sizes
};

/// Bytes that are gathered before they are handed on.
const BUFFER: usize = 4096;
/// More than a block takes: 64 codes of 16 bits with values of 11, what was left over, and a word that is written ahead.
const BLOCK: usize = 256;

/// Writes codes and values bit by bit.
#[derive(Debug)]
pub(super) struct BitWriter {
    /// The bits that fill no byte yet, at the top: at most 7.
    bits: u64,
    count: u32,
    /// Bytes that are not handed on yet, without the zeros that follow FF.
    bytes: [u8; BUFFER],
    len: usize,
}

impl BitWriter {
    pub(super) const fn new() -> Self {
        Self { bits: 0, count: 0, bytes: [0; BUFFER], len: 0 }
    }

    /// Appends a block whose component had `last` as the DC coefficient before it.
    #[inline]
    pub(super) fn block(&mut self, block: &Block, last: i16, codes: &Codes, out: &mut Vec<u8>) {
        if self.len > BUFFER - BLOCK {
            self.hand_on(out);
        }
        // Copies, so that they stay in registers.
        let mut packer = Packer { bits: self.bits, count: self.count, len: self.len, bytes: &mut self.bytes };
        let difference = block.coefficients[0].wrapping_sub(last);
        let size = size(difference);
        packer.symbol(codes.dc[size as usize % 256], difference, size);
        let rows = block.nonzero.to_le_bytes().into_iter().zip(&ORDERED);
        let mut rest = rows.fold(0, |all, (byte, ordered)| all | ordered[usize::from(byte)]) & !1;
        let mut next = 1;
        while rest != 0 {
            let at = rest.trailing_zeros();
            rest &= rest - 1;
            let mut run = at - next;
            next = at + 1;
            while run > 15 {
                packer.code(codes.ac[0xf0]);
                run -= 16;
            }
            let value = block.coefficients[usize::from(NATURAL[at as usize % 64]) % 64];
            let size = self::size(value);
            packer.symbol(codes.ac[(run << 4 | size) as usize % 256], value, size);
        }
        if next < 64 {
            packer.code(codes.ac[0]);
        }
        let Packer { bits, count, len, .. } = packer;
        (self.bits, self.count, self.len) = (bits, count, len);
    }

    /// Appends the DC coefficient of a block whose component had `last` before it.
    #[inline]
    pub(super) fn dc(&mut self, value: i16, last: i16, codes: &[Code; 256], out: &mut Vec<u8>) {
        let difference = value.wrapping_sub(last);
        let size = size(difference);
        self.pack(out, |packer| packer.symbol(codes[size as usize % 256], difference, size));
    }

    /// Appends the AC coefficients of a band: the first of them, and the one after the last.
    #[inline]
    pub(super) fn band(&mut self, block: &Block, band: (u32, u32), codes: &[Code; 256], out: &mut Vec<u8>) {
        self.pack(out, |packer| {
            symbols(block, band, |symbol, value, size| packer.symbol(codes[usize::from(symbol)], value, size));
        });
    }

    /// Appends what a block takes at most.
    #[inline(always)]
    fn pack(&mut self, out: &mut Vec<u8>, put: impl FnOnce(&mut Packer<'_>)) {
        if self.len > BUFFER - BLOCK {
            self.hand_on(out);
        }
        let mut packer = Packer { bits: self.bits, count: self.count, len: self.len, bytes: &mut self.bytes };
        put(&mut packer);
        let Packer { bits, count, len, .. } = packer;
        (self.bits, self.count, self.len) = (bits, count, len);
    }

    /// Fills the last byte with ones.
    pub(super) fn finish(mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            let byte = (self.bits >> 56) as u8 | 0xff >> self.count;
            self.bytes[self.len % BUFFER] = byte;
            self.len += 1;
        }
        self.hand_on(out);
    }

    /// Hands the bytes on, a zero after every FF.
    fn hand_on(&mut self, out: &mut Vec<u8>) {
        let (words, rest) = self.bytes[..self.len.min(BUFFER)].as_chunks::<8>();
        for bytes in words {
            let word = u64::from_le_bytes(*bytes);
            if word & 0x8080_8080_8080_8080 & !word.wrapping_add(0x0101_0101_0101_0101) == 0 {
                out.extend_from_slice(bytes);
            } else {
                stuff(bytes, out);
            }
        }
        stuff(rest, out);
        self.len = 0;
    }
}

/// A [`BitWriter`] within a block.
struct Packer<'a> {
    bits: u64,
    count: u32,
    len: usize,
    bytes: &'a mut [u8; BUFFER],
}

impl Packer<'_> {
    /// Appends `count` bits, at most 32, of which `bits` has no others. Without branches: whole bytes and what follows them
    /// are written every time, and those that were not whole once more.
    #[inline(always)]
    fn put(&mut self, bits: u32, count: u32) {
        debug_assert!(count > 0 && self.len + 8 <= BUFFER, "a block takes more than {BLOCK} bytes");
        self.count += count;
        self.bits |= u64::from(bits) << (u64::BITS - self.count);
        if let Some(bytes) = self.bytes.get_mut(self.len..self.len + 8) {
            bytes.copy_from_slice(&self.bits.to_be_bytes());
        }
        self.len += self.count as usize / 8;
        self.bits <<= self.count & !7;
        self.count %= 8;
    }

    #[inline(always)]
    fn code(&mut self, (code, length): (u16, u8)) {
        self.put(u32::from(code), u32::from(length));
    }

    /// A code and the value behind it: positive ones as they are, negative ones less one.
    #[inline(always)]
    fn symbol(&mut self, (code, length): (u16, u8), value: i16, size: u32) {
        let value = i32::from(value) + (i32::from(value) >> 31);
        let bits = value as u32 & ((1 << size) - 1);
        self.put(u32::from(code) << size | bits, u32::from(length) + size);
    }
}

/// The symbol of a DC coefficient: the bits that its difference from the last one takes.
pub(super) fn dc_symbol(value: i16, last: i16) -> u8 {
    size(value.wrapping_sub(last)) as u8
}

/// Hands on the symbols of a band of AC coefficients in the order of the file, each with the value behind it and the bits
/// that it takes. The band begins behind the DC coefficient, and ends before the second number.
#[inline(always)]
pub(super) fn symbols(block: &Block, (first, end): (u32, u32), mut take: impl FnMut(u8, i16, u32)) {
    let rows = block.nonzero.to_le_bytes().into_iter().zip(&ORDERED);
    let all = rows.fold(0, |all, (byte, ordered)| all | ordered[usize::from(byte)]);
    let mut rest = all & u64::MAX << first & u64::MAX >> (64 - end);
    let mut next = first;
    while rest != 0 {
        let at = rest.trailing_zeros();
        rest &= rest - 1;
        let mut run = at - next;
        next = at + 1;
        while run > 15 {
            take(0xf0, 0, 0);
            run -= 16;
        }
        let value = block.coefficients[usize::from(NATURAL[at as usize % 64]) % 64];
        let size = size(value);
        take((run << 4 | size) as u8, value, size);
    }
    if next < end {
        take(0, 0, 0);
    }
}

/// The bits that a value takes.
#[inline(always)]
fn size(value: i16) -> u32 {
    debug_assert!(usize::from(value.unsigned_abs()) < SIZES.len(), "{value}");
    u32::from(SIZES[usize::from(value.unsigned_abs()) % SIZES.len()])
}

fn stuff(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        out.push(byte);
        if byte == 0xff {
            out.push(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same bit by bit (T.81 F.1.2.1 and F.1.2.2).
    fn plainly(blocks: &[Block], table: usize) -> Vec<u8> {
        let (mut bits, mut last) = (vec![], 0);
        let mut put = |value: u32, count: u32| bits.extend((0..count).rev().map(|i| value >> i & 1));
        let sized = |value: i16| {
            let size = u32::BITS - u32::from(value.unsigned_abs()).leading_zeros();
            let value = i32::from(value);
            (size, (if value < 0 { value - 1 } else { value } as u32) & ((1 << size) - 1))
        };
        for block in blocks {
            let (size, value) = sized(block.coefficients[0] - last);
            last = block.coefficients[0];
            let (code, length) = DC[table].codes()[size as usize];
            put(u32::from(code), u32::from(length));
            put(value, size);
            let mut run = 0;
            for &place in &NATURAL[1..] {
                let coefficient = block.coefficients[usize::from(place)];
                if coefficient == 0 {
                    run += 1;
                    continue;
                }
                let (size, value) = sized(coefficient);
                for symbol in std::iter::repeat_n(0xf0, run / 16).chain([(run % 16) << 4 | size as usize]) {
                    let (code, length) = AC[table].codes()[symbol];
                    put(u32::from(code), u32::from(length));
                }
                put(value, size);
                run = 0;
            }
            if run > 0 {
                let (code, length) = AC[table].codes()[0];
                put(u32::from(code), u32::from(length));
            }
        }
        bits.resize(bits.len().next_multiple_of(8), 1);
        let bytes = bits.chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | *bit as u8));
        bytes.flat_map(|byte| if byte == 0xff { vec![0xff, 0] } else { vec![byte] }).collect()
    }

    fn written(blocks: &[Block], table: usize) -> Vec<u8> {
        let (mut writer, mut last, mut out) = (BitWriter::new(), 0, vec![]);
        for block in blocks {
            writer.block(block, last, &Codes::new(table), &mut out);
            last = block.coefficients[0];
        }
        writer.finish(&mut out);
        out
    }

    fn block(coefficients: [i16; 64]) -> Block {
        let nonzero = (0..64).fold(0, |all, i| all | u64::from(coefficients[i] != 0) << i);
        Block { coefficients, nonzero }
    }

    /// As many bytes as blocks can take, several buffers of them.
    #[test]
    fn the_longest_blocks_fit() {
        let blocks: Vec<Block> = (0..60)
            .map(|i| block(std::array::from_fn(|at| if (i + at / 2) % 2 == 0 { 1023 } else { -1023 })))
            .collect();
        for table in [0, 1] {
            let bytes = written(&blocks, table);
            assert!(bytes.len() > 2 * BUFFER);
            assert_eq!(bytes, plainly(&blocks, table));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn bits_are_those_of_the_plain_way(
            blocks in prop::collection::vec(
                prop::array::uniform32((prop_oneof![6 => Just(0i16), 3 => -3i16..4, 1 => -1023i16..1024], 0i16..2)), 1..80,
            ),
            table in 0usize..2,
        ) {
            // Each value stands in one of two places, and nothing in the other.
            let wide = |values: [(i16, i16); 32]| {
                block(std::array::from_fn(|i| values[i / 2].0 * (values[i / 2].1 ^ (i % 2) as i16)))
            };
            let blocks: Vec<Block> = blocks.into_iter().map(wide).collect();
            prop_assert_eq!(written(&blocks, table), plainly(&blocks, table));
        }
    }
}
