//! A writer of scans with arithmetic codes (T.81 annex D.1, F.1.4, G.1.3).

use super::arithmetic::{AC_CATEGORIES, BITS, DC_CATEGORIES, STATES, dc_context};

/// The bounds of DC differences and the last of the first AC coefficients, where they are not the usual ones.
pub(super) type Conditions = (u8, u8, u8);

/// Decisions on their way into bytes.
pub(super) struct Coder {
    base: u64,
    interval: u64,
    /// Bits until the next byte is complete.
    left: u32,
    bytes: Vec<u8>,
}

impl Coder {
    pub(super) const fn new() -> Self {
        Self { base: 0, interval: 0x10000, left: 11, bytes: vec![] }
    }

    pub(super) fn put(&mut self, state: &mut u8, answer: bool) {
        let (estimate, role) = (STATES[usize::from(*state & 0x7f)], *state & 0x80);
        let share = u64::from(estimate.share);
        self.interval -= share;
        let less = answer != (role > 0);
        if !less && self.interval >= 0x8000 {
            return;
        }
        // The smaller part is that of the less probable answer, and is the upper one.
        if less == (self.interval >= share) {
            (self.base, self.interval) = (self.base + self.interval, share);
        }
        *state = role ^ if less { estimate.less } else { estimate.more };
        while self.interval < 0x8000 {
            (self.base, self.interval) = (self.base << 1, self.interval << 1);
            self.left -= 1;
            if self.left == 0 {
                self.byte();
                self.left = 8;
            }
        }
    }

    fn even(&mut self, answer: bool) {
        self.put(&mut 113, answer);
    }

    fn byte(&mut self) {
        if self.base >> 27 > 0 {
            // A carry goes through all bytes that it makes zero.
            for byte in self.bytes.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
        self.bytes.push((self.base >> 19) as u8);
        self.base &= 0x7_ffff;
    }

    /// The bytes, as they stand in a file: FF stuffed, zeros at the end left out.
    pub(super) fn end(mut self) -> Vec<u8> {
        // Of all numbers in the interval the one with most zeros at its end.
        let round = (self.interval - 1 + self.base) & !0xffff;
        self.base = if round < self.base { round + 0x8000 } else { round };
        self.base <<= self.left;
        self.byte();
        self.base <<= 8;
        self.byte();
        let len = self.bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let stuffed = self.bytes[..len].iter().flat_map(|&byte| [Some(byte), (byte == 0xff).then_some(0)]);
        stuffed.flatten().collect()
    }
}

/// A scan being written, from one restart marker to the next.
pub(super) struct Writer {
    coder: Coder,
    dc: [u8; 64],
    ac: [u8; 256],
    /// Of each component.
    predicted: [i16; 4],
    context: [usize; 4],
    conditions: Conditions,
}

impl Writer {
    pub(super) const fn new(conditions: Conditions) -> Self {
        let (predicted, context) = ([0; 4], [0; 4]);
        Self { coder: Coder::new(), dc: [0; 64], ac: [0; 256], predicted, context, conditions }
    }

    pub(super) fn end(self) -> Vec<u8> {
        self.coder.end()
    }

    /// What a scan of these coefficients and bits gives of a block.
    pub(super) fn block(&mut self, progressive: bool, c: usize, block: &[i16; 64], [first, last, high, low]: [u8; 4]) {
        let band = usize::from(first)..usize::from(last) + 1;
        match (progressive, first, high) {
            (false, ..) => {
                self.dc(c, block[0]);
                self.first_ac(block, 1..64, 0);
            }
            (true, 0, 0) => self.dc(c, block[0] >> low),
            (true, 0, _) => self.coder.even(block[0] >> low & 1 > 0),
            (true, _, 0) => self.first_ac(block, band, low),
            (true, ..) => self.refine_ac(block, band, low),
        }
    }

    fn dc(&mut self, c: usize, value: i16) {
        let difference = value.wrapping_sub(self.predicted[c]);
        self.predicted[c] = value;
        let context = self.context[c];
        self.coder.put(&mut self.dc[context], difference != 0);
        self.context[c] = 0;
        if difference == 0 {
            return;
        }
        let negative = difference < 0;
        self.coder.put(&mut self.dc[context + 1], negative);
        let rest = u32::from(difference.unsigned_abs()) - 1;
        let at = context + 2 + usize::from(negative);
        self.coder.put(&mut self.dc[at], rest > 0);
        let (mut size, mut place) = (u32::from(rest > 0), DC_CATEGORIES);
        while size > 0 && size << 1 <= rest {
            self.coder.put(&mut self.dc[place], true);
            (size, place) = (size << 1, place + 1);
        }
        if size > 0 {
            self.coder.put(&mut self.dc[place], false);
            bits(&mut self.coder, &mut self.dc[place + BITS], rest, size);
        }
        self.context[c] = dc_context(negative, size, (self.conditions.0, self.conditions.1));
    }

    fn first_ac(&mut self, block: &[i16; 64], band: std::ops::Range<usize>, low: u8) {
        let magnitude = |k: usize| u32::from(block[k].unsigned_abs()) >> low;
        let end = band.clone().rev().find(|&k| magnitude(k) > 0).map_or(0, |last| last + 1);
        let mut begins = true;
        for k in band.start..end {
            let at = 3 * (k - 1);
            if begins {
                self.coder.put(&mut self.ac[at], false);
            }
            begins = magnitude(k) > 0;
            self.coder.put(&mut self.ac[at + 1], begins);
            if !begins {
                continue;
            }
            self.coder.even(block[k] < 0);
            let rest = magnitude(k) - 1;
            self.coder.put(&mut self.ac[at + 2], rest > 0);
            if rest == 0 {
                continue;
            }
            self.coder.put(&mut self.ac[at + 2], rest > 1);
            if rest == 1 {
                continue;
            }
            let (mut size, mut place) = (2, AC_CATEGORIES[usize::from(k > usize::from(self.conditions.2))]);
            while size << 1 <= rest {
                self.coder.put(&mut self.ac[place], true);
                (size, place) = (size << 1, place + 1);
            }
            self.coder.put(&mut self.ac[place], false);
            bits(&mut self.coder, &mut self.ac[place + BITS], rest, size);
        }
        if end.max(band.start) < band.end {
            self.coder.put(&mut self.ac[3 * (end.max(band.start) - 1)], true);
        }
    }

    fn refine_ac(&mut self, block: &[i16; 64], band: std::ops::Range<usize>, low: u8) {
        let magnitude = |k: usize| u32::from(block[k].unsigned_abs()) >> low;
        let end = band.clone().rev().find(|&k| magnitude(k) > 0).map_or(0, |last| last + 1);
        let known = band.clone().rev().find(|&k| magnitude(k) > 1).unwrap_or(0);
        let mut begins = true;
        for (k, &value) in block.iter().enumerate().take(end).skip(band.start) {
            let at = 3 * (k - 1);
            if begins && k > known {
                self.coder.put(&mut self.ac[at], false);
            }
            begins = magnitude(k) > 0;
            match magnitude(k) {
                0 => self.coder.put(&mut self.ac[at + 1], false),
                1 => {
                    self.coder.put(&mut self.ac[at + 1], true);
                    self.coder.even(value < 0);
                }
                more => self.coder.put(&mut self.ac[at + 2], more & 1 > 0),
            }
        }
        if end.max(band.start) < band.end {
            self.coder.put(&mut self.ac[3 * (end.max(band.start) - 1)], true);
        }
    }
}

/// The bits of a number below its highest.
fn bits(coder: &mut Coder, state: &mut u8, number: u32, highest: u32) {
    let mut bit = highest >> 1;
    while bit > 0 {
        coder.put(state, number & bit > 0);
        bit >>= 1;
    }
}
