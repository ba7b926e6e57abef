//! The tables of prefix codes that a lossless picture announces (RFC 9649, section 3.7): a small file may announce 65,536
//! groups of them, so they count for the limit of decoded bytes before they are made.
//!
//! How many groups there are is in a picture of its own: the largest number in it. It is read here as far as that takes.
//! Numbers that are copied have been there before, so that those which are read themselves suffice.

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::chunks::broken;

/// Symbols of the five codes of a group: green with lengths, red, blue, alpha, distances. Green has those of the cache of
/// colours beside.
const SYMBOLS: [usize; 5] = [256 + LENGTHS, 256, 256, 256, 40];
/// Symbols of green that are lengths.
const LENGTHS: usize = 24;
/// The order in which lengths of codes of lengths of codes come.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// The longest code in bits.
const LONGEST: usize = 15;
/// Pixels that are read between two looks at whether the work is to go on.
const STRIDE: u64 = 1 << 14;

/// Bytes of the table of a code for its first ten bits.
const TABLE: u64 = 4 << 10;
/// Bytes of each symbol whose code is longer, at most.
const SYMBOL: u64 = 32;

/// Bytes that the tables of a picture take, at most. `size`: the picture has no head that tells it.
///
/// # Errors
///
/// The file is damaged, or the work is to be given up.
pub(super) fn bytes(data: &[u8], size: Option<[u32; 2]>, cancel: Cancel<'_>) -> Result<u64> {
    let mut bits = Bits { data, at: 0, cancel };
    let [mut width, height] = match size {
        Some(size) => size,
        None => {
            bits.read(8)?;
            let size = [bits.read(14)? + 1, bits.read(14)? + 1];
            bits.read(4)?;
            size
        }
    };
    let mut seen = [false; 4];
    while bits.read(1)? == 1 {
        let kind = bits.read(2)?;
        if std::mem::replace(&mut seen[kind as usize], true) {
            return Err(broken("a transform that comes twice"));
        }
        match kind {
            // Predictors and colours, in blocks.
            0 | 1 => {
                let side = bits.read(3)? + 2;
                bits.picture(blocks(width, side), blocks(height, side))?;
            }
            // Several numbers of few colours share a pixel.
            3 => {
                let colors = bits.read(8)? + 1;
                bits.picture(colors, 1)?;
                width = blocks(width, [3, 3, 3, 2, 2].get(colors as usize).copied().unwrap_or(u32::from(colors <= 16)));
            }
            _ => {}
        }
    }
    let cached = bits.cache()?;
    let groups = if bits.read(1)? == 1 {
        let side = bits.read(3)? + 2;
        bits.picture(blocks(width, side), blocks(height, side))? + 1
    } else {
        1
    };
    let each: u64 =
        SYMBOLS.iter().map(|&symbols| TABLE + SYMBOL * symbols as u64).sum::<u64>() + SYMBOL * cached as u64;
    Ok(u64::from(groups) * each)
}

/// Blocks of `2^side` pixels.
const fn blocks(pixels: u32, side: u32) -> u32 {
    pixels.div_ceil(1 << side)
}

/// Bits of a file, the lowest one of each byte first.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    cancel: Cancel<'a>,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<u32> {
        let byte = self.data.get(self.at / 8).ok_or_else(|| broken("ends inside its tables"))?;
        let bit = byte >> (self.at % 8) & 1;
        self.at += 1;
        Ok(bit.into())
    }

    fn read(&mut self, count: u32) -> Result<u32> {
        let mut number = 0;
        for i in 0..count {
            number |= self.bit()? << i;
        }
        Ok(number)
    }

    /// Colours in the cache, which may be none.
    fn cache(&mut self) -> Result<usize> {
        if self.bit()? == 0 {
            return Ok(0);
        }
        match self.read(4)? {
            bits @ 1..=11 => Ok(1 << bits),
            _ => Err(broken("a cache of colours of an unknown size")),
        }
    }

    /// Reads a picture that has one group of codes; tells the largest number in its pixels, of red and green.
    fn picture(&mut self, width: u32, height: u32) -> Result<u32> {
        let cached = self.cache()?;
        let mut codes = Vec::with_capacity(SYMBOLS.len());
        for (i, symbols) in SYMBOLS.into_iter().enumerate() {
            codes.push(self.code(symbols + if i == 0 { cached } else { 0 })?);
        }
        let [green, red, blue, alpha, distance] = &codes[..] else { return Ok(0) };
        let (area, mut done, mut looked, mut largest) = (u64::from(width) * u64::from(height), 0, 0, 0);
        while done < area {
            if done - looked >= STRIDE {
                self.cancel.check()?;
                looked = done;
            }
            let symbol = green.read(self)?;
            if symbol < 256 {
                let high = red.read(self)?;
                blue.read(self)?;
                alpha.read(self)?;
                largest = largest.max((high as u32) << 8 | symbol as u32);
                done += 1;
            } else if symbol < 256 + LENGTHS {
                done += u64::from(self.number(symbol - 256)?);
                let symbol = distance.read(self)?;
                self.number(symbol)?;
            } else {
                done += 1;
            }
        }
        Ok(largest)
    }

    /// A length or distance by its symbol and the bits that follow.
    fn number(&mut self, symbol: usize) -> Result<u32> {
        if symbol < 4 {
            return Ok(symbol as u32 + 1);
        }
        let extra = (symbol as u32 - 2) / 2;
        Ok(((2 + (symbol as u32 & 1)) << extra) + self.read(extra)? + 1)
    }

    /// Reads a code for this number of symbols.
    fn code(&mut self, symbols: usize) -> Result<Code> {
        if self.bit()? == 1 {
            // One or two symbols, the first of 1 or 8 bits.
            let has_two = self.bit()? == 1;
            let bits = if self.bit()? == 1 { 8 } else { 1 };
            let mut own = vec![self.read(bits)? as u16];
            if has_two {
                own.push(self.read(8)? as u16);
            }
            if own.iter().any(|&symbol| usize::from(symbol) >= symbols) {
                return Err(broken("a symbol that its code does not have"));
            }
            let mut counts = [0; LONGEST + 1];
            counts[1] = own.len() as u32;
            return Ok(Code { counts, symbols: own });
        }
        let mut own = [0; 19];
        let count = self.read(4)? as usize + 4;
        for &symbol in ORDER.iter().take(count) {
            own[symbol] = self.read(3)? as u8;
        }
        let code = Code::of(&own)?;
        let mut left = symbols;
        if self.bit()? == 1 {
            let bits = 2 + 2 * self.read(3)?;
            left = self.read(bits)? as usize + 2;
            if left > symbols {
                return Err(broken("more lengths than symbols"));
            }
        }
        let mut lengths = vec![0; symbols];
        let (mut at, mut last) = (0, 8);
        while at < symbols && left > 0 {
            left -= 1;
            let (length, count) = match code.read(self)? {
                length @ 0..=15 => (length as u8, 1),
                16 => (last, self.read(2)? as usize + 3),
                17 => (0, self.read(3)? as usize + 3),
                _ => (0, self.read(7)? as usize + 11),
            };
            let places = lengths.get_mut(at..at + count).ok_or_else(|| broken("more lengths than symbols"))?;
            places.fill(length);
            at += count;
            if length > 0 {
                last = length;
            }
        }
        Code::of(&lengths)
    }
}

/// A prefix code: symbols in the order of their codes, and how many there are of each length.
struct Code {
    counts: [u32; LONGEST + 1],
    symbols: Vec<u16>,
}

impl Code {
    /// # Errors
    ///
    /// There is no such code, or it leaves something out.
    fn of(lengths: &[u8]) -> Result<Self> {
        let mut counts = [0; LONGEST + 1];
        let mut symbols: Vec<u16> = (0..lengths.len() as u16).filter(|&i| lengths[usize::from(i)] > 0).collect();
        symbols.sort_by_key(|&symbol| lengths[usize::from(symbol)]);
        for &symbol in &symbols {
            counts[usize::from(lengths[usize::from(symbol)])] += 1;
        }
        let used: u32 = counts.iter().enumerate().map(|(length, count)| count << (LONGEST - length)).sum();
        if symbols.is_empty() || symbols.len() > 1 && used != 1 << LONGEST {
            return Err(broken("a code that is not complete"));
        }
        Ok(Self { counts, symbols })
    }

    /// A single symbol takes no bit.
    fn read(&self, bits: &mut Bits<'_>) -> Result<usize> {
        if let [symbol] = self.symbols[..] {
            return Ok(symbol.into());
        }
        // Codes of a length follow each other; `first` is the first one.
        let (mut code, mut first, mut index) = (0, 0, 0);
        for &count in &self.counts[1..] {
            code |= bits.bit()?;
            if code < first + count {
                let symbol = self.symbols.get((index + code - first) as usize);
                return symbol.map(|&symbol| symbol.into()).ok_or_else(|| broken("an unknown code"));
            }
            (index, first, code) = (index + count, (first + count) << 1, code << 1);
        }
        Err(broken("an unknown code"))
    }
}
