//! CCITT's compressions of black and white (T.4, T.6; TIFF 6.0, sections 10 and 11), row by row.

use super::codes::{LONGEST, Mode, RUNS, mode};

/// How rows are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Scheme {
    /// Runs; each row begins with a byte (compression 2).
    Bytes,
    /// Runs, with a mark before each row (T.4, one-dimensional).
    Marked,
    /// After each mark a bit says whether runs follow, or a description by the row above (T.4, two-dimensional).
    Mixed,
    /// Descriptions by the row above, without marks (T.6).
    Described,
}

/// Zeros before the one of a mark, at least.
const MARK_ZEROS: u32 = 11;

/// The rows of a chunk.
#[derive(Debug)]
pub(super) struct Fax {
    scheme: Scheme,
    width: u32,
    /// Where colours change in the row above and in this one, from white on: ascending, and followed by the width.
    above: Vec<u32>,
    row: Vec<u32>,
    /// The next bit.
    at: usize,
}

impl Fax {
    pub(super) fn new(scheme: Scheme, width: u32) -> Self {
        // Above the first row all is white.
        Self { scheme, width, above: Vec::new(), row: Vec::new(), at: 0 }
    }

    /// Begins another chunk of the same width.
    pub(super) fn restart(&mut self) {
        self.above.clear();
        self.at = 0;
    }

    /// Reads a row, of which one bits are black. `None`: it cannot be read, or the compressed bytes end before.
    pub(super) fn read(&mut self, data: &[u8], out: &mut [u8]) -> Option<()> {
        self.row.clear();
        let mut bits = Bits { data, at: self.at };
        match self.scheme {
            Scheme::Bytes => {
                bits.at = bits.at.next_multiple_of(8);
                self.runs(&mut bits)?;
            }
            Scheme::Marked => {
                bits.pass_mark();
                self.runs(&mut bits)?;
            }
            Scheme::Mixed => {
                if !bits.pass_mark() {
                    return None;
                }
                let is_runs = bits.peek(1) == 1;
                bits.take(1)?;
                if is_runs { self.runs(&mut bits)? } else { self.described(&mut bits)? }
            }
            Scheme::Described => self.described(&mut bits)?,
        }
        self.at = bits.at;
        paint(&self.row, self.width, out);
        std::mem::swap(&mut self.above, &mut self.row);
        Some(())
    }

    /// Runs of white and black in turn.
    fn runs(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        let (mut x, mut color) = (0, 0);
        while x < self.width {
            x = change(&mut self.row, self.width, x, bits.run(color)?)?;
            color ^= 1;
        }
        Some(())
    }

    fn described(&mut self, bits: &mut Bits<'_>) -> Option<()> {
        // What is described begins at x, after one pixel of white before the row.
        let (mut x, mut color, mut i) = (0, 0, 0);
        let mut is_start = true;
        while x < self.width {
            // The first change above that lies behind x and is to the other colour; changes to black have even places.
            if i % 2 != color {
                i = if i == 0 { 1 } else { i - 1 };
            }
            let above = |i: usize| self.above.get(i).copied().unwrap_or(self.width);
            while above(i) < self.width && (above(i) < x || above(i) == x && !is_start) {
                i += 2;
            }
            let (kind, len) = mode(bits.peek(7))?;
            bits.take(len)?;
            match kind {
                Mode::Pass => x = above(i + 1),
                Mode::Horizontal => {
                    let first = bits.run(color)?;
                    x = change(&mut self.row, self.width, x, first)?;
                    let second = bits.run(color ^ 1)?;
                    x = change(&mut self.row, self.width, x, second)?;
                }
                Mode::Vertical(by) => {
                    let to = above(i).checked_add_signed(i32::from(by))?;
                    x = change(&mut self.row, self.width, x, to.checked_sub(x)?)?;
                    color ^= 1;
                }
            }
            is_start = false;
        }
        Some(())
    }
}

/// Adds a change of colour `run` pixels to the right of `from`, and returns its place. `None`: it lies beyond the row.
fn change(row: &mut Vec<u32>, width: u32, from: u32, run: u32) -> Option<u32> {
    let x = from.checked_add(run).filter(|&x| x <= width)?;
    // Runs of nothing may not go on for ever.
    if row.len() > width as usize + 1 {
        return None;
    }
    row.push(x);
    Some(x)
}

/// Sets the bits between the changes to black and those to white.
fn paint(changes: &[u32], width: u32, out: &mut [u8]) {
    out.fill(0);
    for run in changes.chunks(2) {
        let [start, end] = [run[0], run.get(1).copied().unwrap_or(width)];
        let (first, last) = ((start / 8) as usize, (end / 8) as usize);
        // Ones from the start on, and those before the end.
        let (head, tail) = (0xff >> (start % 8), !(0xff_u8 >> (end % 8)));
        if start >= end {
            continue;
        }
        if first == last {
            out[first] |= head & tail;
            continue;
        }
        out[first] |= head;
        out[first + 1..last].fill(0xff);
        if let Some(out) = out.get_mut(last) {
            *out |= tail;
        }
    }
}

/// Bits, the highest of each byte first.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// The next bits, at most 16, as a number; behind the end there are zeros.
    fn peek(&self, count: u32) -> u32 {
        let byte = |i: usize| self.data.get(self.at / 8 + i).copied().map_or(0, u32::from);
        let next = byte(0) << 16 | byte(1) << 8 | byte(2);
        next << (8 + self.at % 8) >> (32 - count)
    }

    /// Passes over `count` bits that have been looked at. `None`: the data has fewer.
    fn take(&mut self, count: u32) -> Option<()> {
        self.at += count as usize;
        (self.at.div_ceil(8) <= self.data.len()).then_some(())
    }

    /// A run of a colour: codes of multiples of 64, if any, and one of less.
    fn run(&mut self, color: usize) -> Option<u32> {
        let mut sum = 0_u32;
        loop {
            let (run, len) = RUNS[color][self.peek(LONGEST) as usize];
            if len == 0 {
                return None;
            }
            self.take(u32::from(len))?;
            sum = sum.checked_add(u32::from(run))?;
            if run < 64 {
                return Some(sum);
            }
        }
    }

    /// Passes over the mark of a row, which any number of zeros precedes; false if there is none.
    fn pass_mark(&mut self) -> bool {
        if self.peek(MARK_ZEROS) != 0 {
            return false;
        }
        let mut at = self.at + MARK_ZEROS as usize;
        loop {
            let Some(&byte) = self.data.get(at / 8) else { return false };
            let rest = byte << (at % 8);
            if rest != 0 {
                self.at = at + rest.leading_zeros() as usize + 1;
                return true;
            }
            at = (at / 8 + 1) * 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bits_are_painted_between_changes() {
        let painted = |changes: &[u32], width: u32| {
            let mut out = vec![0xa5; width.div_ceil(8) as usize];
            paint(changes, width, &mut out);
            out
        };
        assert_eq!(painted(&[3, 5, 6], 16), [0b0001_1011, 0xff]);
        assert_eq!(painted(&[0, 1, 7, 25], 30), [0b1000_0001, 0xff, 0xff, 0b1000_0000]);
        assert_eq!(painted(&[4], 12), [0x0f, 0xf0]);
        assert_eq!(painted(&[], 9), [0, 0]);
        assert_eq!(painted(&[8, 16], 16), [0, 0xff]);
        assert_eq!(painted(&[5, 5, 9, 9], 10), [0, 0]);
    }

    /// Rows of the mode and of the runs of T.4, by hand.
    #[test]
    fn codes_are_read() {
        let mut fax = Fax::new(Scheme::Bytes, 16);
        let mut out = [0; 2];
        // 4 white 1011, 5 black 0011, 7 white 1111; padding; 0 white 00110101, 16 black 0000010111.
        let data = [0b1011_0011, 0b1111_0000, 0b0011_0101, 0b0000_0101, 0b1100_0000];
        fax.read(&data, &mut out).unwrap();
        assert_eq!(out, [0x0f, 0x80]);
        fax.read(&data, &mut out).unwrap();
        assert_eq!(out, [0xff, 0xff]);
        assert!(fax.read(&data, &mut out).is_none());
        let mut fax = Fax::new(Scheme::Described, 16);
        // Horizontal 001 with 4 white and 5 black, then V0 1 to the end. Below: VR1 011, VL1 010, V0 1.
        let data = [0b0011_0110, 0b0111_0110, 0b1010_0000];
        fax.read(&data, &mut out).unwrap();
        assert_eq!(out, [0x0f, 0x80]);
        fax.read(&data, &mut out).unwrap();
        assert_eq!(out, [0x07, 0x00]);
    }

    /// A plain encoder: it looks at pixels, not at lists of changes.
    #[derive(Default)]
    struct Written(Vec<bool>);

    impl Written {
        fn put(&mut self, code: &str) {
            self.0.extend(code.bytes().map(|digit| digit == b'1'));
        }

        fn run(&mut self, color: usize, mut run: usize) {
            while run >= 64 {
                let long = (run / 64 * 64).min(2560);
                self.code(color, long);
                run -= long;
            }
            self.code(color, run);
        }

        fn code(&mut self, color: usize, run: usize) {
            let at = RUNS[color].iter().position(|&(known, len)| usize::from(known) == run && len > 0).unwrap();
            let len = u32::from(RUNS[color][at].1);
            self.put(&format!("{:0width$b}", at >> (LONGEST - len), width = len as usize));
        }

        fn runs(&mut self, row: &[bool]) {
            let (mut x, mut color) = (0, false);
            while x < row.len() {
                let run = row[x..].iter().take_while(|&&pixel| pixel == color).count();
                self.run(usize::from(color), run);
                (x, color) = (x + run, !color);
            }
        }

        fn described(&mut self, above: &[bool], row: &[bool]) {
            let width = row.len();
            let find = |from: usize, is: &dyn Fn(usize) -> bool| (from..width).find(|&x| is(x)).unwrap_or(width);
            let (mut start, mut color) = (None, false);
            while start.is_none_or(|x| x < width) {
                let (x, next) = (start.unwrap_or(0), start.map_or(0, |x| x + 1));
                let a1 = find(x, &|x| row[x] != color);
                let b1 =
                    find(next, &|x| above[x] != color && (above[x.max(1) - 1] == color && x > 0 || x == 0 && !color));
                let b2 = find(b1, &|x| above[x] == color);
                if b2 < a1 {
                    self.put("0001");
                    start = Some(b2);
                } else if a1.abs_diff(b1) <= 3 {
                    self.put(match a1 as isize - b1 as isize {
                        0 => "1",
                        1 => "011",
                        2 => "000011",
                        3 => "0000011",
                        -1 => "010",
                        -2 => "000010",
                        _ => "0000010",
                    });
                    (start, color) = (Some(a1), !color);
                } else {
                    let a2 = find(a1, &|x| row[x] == color);
                    self.put("001");
                    self.run(usize::from(color), a1 - x);
                    self.run(usize::from(!color), a2 - a1);
                    start = Some(a2);
                }
            }
        }

        fn bytes(&self) -> Vec<u8> {
            let byte = |bits: &[bool]| bits.iter().enumerate().map(|(i, &bit)| u8::from(bit) << (7 - i)).sum();
            self.0.chunks(8).map(byte).collect()
        }
    }

    #[test]
    fn what_was_written_is_read() {
        for width in [1, 8, 31, 100, 5300] {
            let mut noise = 1u32;
            let rows: Vec<Vec<bool>> = (0..40)
                .map(|y| {
                    let (mut color, mut row) = (y % 3 == 0, vec![]);
                    while row.len() < width {
                        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        // Rows that are much like the ones above, and others.
                        let run = if y % 7 > 4 { noise >> 19 } else { (row.len() as u32 / 9 + y) % 23 + (noise >> 30) };
                        row.extend(std::iter::repeat_n(color, run as usize));
                        color = !color;
                    }
                    row.truncate(width);
                    row
                })
                .collect();
            for scheme in [Scheme::Bytes, Scheme::Marked, Scheme::Mixed, Scheme::Described] {
                let mut written = Written::default();
                let mut above = vec![false; width];
                for (y, row) in rows.iter().enumerate() {
                    match scheme {
                        Scheme::Bytes => {
                            written.0.resize(written.0.len().next_multiple_of(8), false);
                            written.runs(row);
                        }
                        Scheme::Marked => {
                            written.put(["000000000001", "000000000000000001"][y % 2]);
                            written.runs(row);
                        }
                        Scheme::Mixed if y % 4 == 0 => {
                            written.put("0000000000011");
                            written.runs(row);
                        }
                        Scheme::Mixed => {
                            written.put("0000000000010");
                            written.described(&above, row);
                        }
                        Scheme::Described => written.described(&above, row),
                    }
                    above.clone_from(row);
                }
                let (data, mut fax) = (written.bytes(), Fax::new(scheme, width as u32));
                let mut out = vec![0x5a; width.div_ceil(8)];
                for (y, row) in rows.iter().enumerate() {
                    fax.read(&data, &mut out).unwrap();
                    let mut packed = Written(row.clone()).bytes();
                    packed.resize(out.len(), 0);
                    assert_eq!(out, packed, "{scheme:?} {width} {y}");
                }
                fax.restart();
                fax.read(&data, &mut out).unwrap();
                assert_eq!(out[0] >> 7 > 0, rows[0][0]);
            }
        }
    }

    /// Files of libtiff: the same picture by T.4 and by T.6.
    #[test]
    fn files_of_another_writer_are_read() {
        use crate::imaging::codec::test_support::collect;
        let described = collect(include_bytes!("../../../../engine/versioning/probes/ccitt-4.tif"), None);
        let mixed = collect(include_bytes!("../../../../engine/versioning/probes/ccitt-3.tif"), None);
        assert_eq!(described, mixed);
        let black = described.planes[0].iter().filter(|&&sample| sample == 0).count();
        assert_eq!((described.width, described.planes[0].len(), black), (83, 83 * 40, 373));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(data: Vec<u8>, width in 1..100u32, zeros in 0..3usize) {
            let data = [vec![0; zeros], data].concat();
            for scheme in [Scheme::Bytes, Scheme::Marked, Scheme::Mixed, Scheme::Described] {
                let mut fax = Fax::new(scheme, width);
                let mut out = vec![0; width.div_ceil(8) as usize];
                for _ in 0..50 {
                    if fax.read(&data, &mut out).is_none() {
                        break;
                    }
                    prop_assert!(fax.above.is_sorted() && fax.above.iter().all(|&x| x <= width));
                }
            }
        }
    }
}
