//! The codes of CCITT's compressions: lengths of runs (T.4, tables 2 and 3), and modes of rows that are described by the row
//! above (T.4, table 4).

/// Codes of 0 to 63 white pixels.
#[rustfmt::skip]
const WHITE: [&str; 64] = [
    "00110101", "000111", "0111", "1000", "1011", "1100", "1110", "1111", "10011", "10100", "00111", "01000",
    "001000", "000011", "110100", "110101", "101010", "101011", "0100111", "0001100", "0001000", "0010111", "0000011",
    "0000100", "0101000", "0101011", "0010011", "0100100", "0011000", "00000010", "00000011", "00011010", "00011011",
    "00010010", "00010011", "00010100", "00010101", "00010110", "00010111", "00101000", "00101001", "00101010",
    "00101011", "00101100", "00101101", "00000100", "00000101", "00001010", "00001011", "01010010", "01010011",
    "01010100", "01010101", "00100100", "00100101", "01011000", "01011001", "01011010", "01011011", "01001010",
    "01001011", "00110010", "00110011", "00110100",
];

/// Codes of 64, 128 to 1728 white pixels, behind which one of fewer pixels follows.
#[rustfmt::skip]
const WHITE_64: [&str; 27] = [
    "11011", "10010", "010111", "0110111", "00110110", "00110111", "01100100", "01100101", "01101000", "01100111",
    "011001100", "011001101", "011010010", "011010011", "011010100", "011010101", "011010110", "011010111",
    "011011000", "011011001", "011011010", "011011011", "010011000", "010011001", "010011010", "011000", "010011011",
];

/// Codes of 0 to 63 black pixels.
#[rustfmt::skip]
const BLACK: [&str; 64] = [
    "0000110111", "010", "11", "10", "011", "0011", "0010", "00011", "000101", "000100", "0000100", "0000101",
    "0000111", "00000100", "00000111", "000011000", "0000010111", "0000011000", "0000001000", "00001100111",
    "00001101000", "00001101100", "00000110111", "00000101000", "00000010111", "00000011000", "000011001010",
    "000011001011", "000011001100", "000011001101", "000001101000", "000001101001", "000001101010", "000001101011",
    "000011010010", "000011010011", "000011010100", "000011010101", "000011010110", "000011010111", "000001101100",
    "000001101101", "000011011010", "000011011011", "000001010100", "000001010101", "000001010110", "000001010111",
    "000001100100", "000001100101", "000001010010", "000001010011", "000000100100", "000000110111", "000000111000",
    "000000100111", "000000101000", "000001011000", "000001011001", "000000101011", "000000101100", "000001011010",
    "000001100110", "000001100111",
];

/// Codes of 64, 128 to 1728 black pixels.
#[rustfmt::skip]
const BLACK_64: [&str; 27] = [
    "0000001111", "000011001000", "000011001001", "000001011011", "000000110011", "000000110100", "000000110101",
    "0000001101100", "0000001101101", "0000001001010", "0000001001011", "0000001001100", "0000001001101",
    "0000001110010", "0000001110011", "0000001110100", "0000001110101", "0000001110110", "0000001110111",
    "0000001010010", "0000001010011", "0000001010100", "0000001010101", "0000001011010", "0000001011011",
    "0000001100100", "0000001100101",
];

/// Codes of 1792, 1856 to 2560 pixels of either colour.
#[rustfmt::skip]
const LONG: [&str; 13] = [
    "00000001000", "00000001100", "00000001101", "000000010010", "000000010011", "000000010100", "000000010101",
    "000000010110", "000000010111", "000000011100", "000000011101", "000000011110", "000000011111",
];

/// Bits of the longest code of a run.
pub(super) const LONGEST: u32 = 13;

/// What some bits begin with: a run, and the bits of its code; 0 bits where no code is.
pub(super) type Runs = [(u16, u8); 1 << LONGEST];

/// Runs by the next bits: white ones and black ones.
pub(super) static RUNS: [Runs; 2] = [runs(&WHITE, &WHITE_64), runs(&BLACK, &BLACK_64)];

const fn runs(short: &[&str; 64], long: &[&str; 27]) -> Runs {
    let mut runs = [(0, 0); 1 << LONGEST];
    let mut i = 0;
    while i < short.len() {
        put(&mut runs, short[i], i as u16);
        i += 1;
    }
    i = 0;
    while i < long.len() {
        put(&mut runs, long[i], 64 * (i as u16 + 1));
        i += 1;
    }
    i = 0;
    while i < LONG.len() {
        put(&mut runs, LONG[i], 1792 + 64 * i as u16);
        i += 1;
    }
    runs
}

/// Puts a code at all places that begin with it.
const fn put(runs: &mut Runs, code: &str, run: u16) {
    let (digits, mut bits, mut i) = (code.as_bytes(), 0, 0);
    while i < digits.len() {
        bits = bits << 1 | (digits[i] == b'1') as usize;
        i += 1;
    }
    let rest = LONGEST as usize - digits.len();
    let (mut at, end) = (bits << rest, (bits + 1) << rest);
    while at < end {
        runs[at] = (run, digits.len() as u8);
        at += 1;
    }
}

/// How the next piece of a row is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The colour goes on below the next two changes of the row above.
    Pass,
    /// Two runs follow.
    Horizontal,
    /// The colour changes so far to the right of a change in the row above.
    Vertical(i8),
}

/// The mode that the next seven bits begin with, and the bits of its code.
pub(super) const fn mode(bits: u32) -> Option<(Mode, u32)> {
    Some(match bits & 0x7f {
        0b100_0000.. => (Mode::Vertical(0), 1),
        0b011_0000.. => (Mode::Vertical(1), 3),
        0b010_0000.. => (Mode::Vertical(-1), 3),
        0b001_0000.. => (Mode::Horizontal, 3),
        0b000_1000.. => (Mode::Pass, 4),
        0b000_0110.. => (Mode::Vertical(2), 6),
        0b000_0100.. => (Mode::Vertical(-2), 6),
        0b000_0011 => (Mode::Vertical(3), 7),
        0b000_0010 => (Mode::Vertical(-3), 7),
        _ => return None,
    })
}
