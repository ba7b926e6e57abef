//! Entropy-coded data as plain bits: stuffing taken out, restart markers obeyed.
//!
//! Data is unstuffed in chunks into a buffer of its own, so that a reader may load eight bytes anywhere without asking
//! whether a marker lies among them, and so that memory does not depend on the file's length.

use super::marker::{find_ff, next_marker};

/// Readable bytes that an MCU can count on: at most 10 blocks of 64 symbols of at most 16 + 15 bits take 2480.
const RESERVE: usize = 4096;

/// Bytes unstuffed at a time by one reader.
pub(super) const CHUNK: usize = 1 << 15;

/// The bits of a scan, one restart interval after the other.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    /// From the scan's first byte to the file's end.
    source: &'a [u8],
    /// The next byte to unstuff; once `stopped`, the marker that ended the interval.
    at: usize,
    /// Everything of the interval is in `bytes`.
    stopped: bool,
    chunk: usize,
    /// Unstuffed data, zeros behind it.
    bytes: Vec<u8>,
    /// Length of the data in `bytes`.
    end: usize,
    /// Bits read of `bytes`.
    position: usize,
}

impl<'a> Bits<'a> {
    /// Bits from the start of a scan's data, of which about as many bytes as `chunk` are unstuffed at a time.
    pub(super) fn new(source: &'a [u8], chunk: usize) -> Self {
        let bytes = vec![0; chunk + 2 * RESERVE];
        Self { source, at: 0, stopped: false, chunk, bytes, end: 0, position: 0 }
    }

    /// As many bytes as can be held, the first unread bit among them, and the bit before which MCUs may begin so that
    /// they end within the data.
    pub(super) fn ahead(&mut self) -> (&[u8], usize, usize) {
        self.fill();
        (&self.bytes, self.position, 8 * self.end.saturating_sub(RESERVE))
    }

    /// A reader for one MCU, or whatever else is shorter than the reserve.
    #[inline]
    pub(super) fn reader(&mut self) -> Reader<'_> {
        self.readers().0
    }

    /// A reader, and the position up to which further MCUs may be begun before it must be given back.
    #[inline]
    pub(super) fn readers(&mut self) -> (Reader<'_>, usize) {
        if !self.stopped && self.position / 8 + RESERVE > self.end {
            self.fill();
        }
        let until = if self.stopped { 0 } else { 8 * (self.end - RESERVE) };
        (Reader::at(&self.bytes, self.position), until)
    }

    /// Takes note of what a reader has read; false if that was more than there is.
    #[inline]
    #[must_use]
    pub(super) fn advance(&mut self, position: usize) -> bool {
        self.position = position;
        position <= 8 * self.end
    }

    /// Passes the restart marker of this number, 0 to 7; false if there is another marker or none. Bytes before it that
    /// nothing has read are no harm.
    #[must_use]
    pub(super) fn restart(&mut self, number: u8) -> bool {
        while !self.stopped {
            self.position = 8 * self.end;
            self.fill();
        }
        let rest = self.source.get(self.at..).unwrap_or(&[]);
        let Some((marker, after)) = next_marker(rest) else { return false };
        self.at = self.source.len() - after.len();
        (self.end, self.position, self.stopped) = (0, 0, false);
        marker == 0xd0 + number
    }

    #[cold]
    fn fill(&mut self) {
        let read = self.position / 8;
        self.bytes.copy_within(read..self.end, 0);
        self.end -= read;
        self.position -= 8 * read;
        while !self.stopped && self.end < self.chunk {
            self.append();
        }
        if self.stopped {
            // Never longer than a chunk and the reserve.
            self.bytes[self.end..][..RESERVE].fill(0);
        }
    }

    /// Unstuffs up to a chunk in all, or up to the next FF.
    fn append(&mut self) {
        let rest = self.source.get(self.at..).unwrap_or(&[]);
        let rest = &rest[..rest.len().min(self.chunk - self.end)];
        let len = find_ff(rest).unwrap_or(rest.len());
        self.bytes[self.end..][..len].copy_from_slice(&rest[..len]);
        self.at += len;
        self.end += len;
        if len < rest.len() {
            // FF 00 stands for FF, and so do any number of FF before 00.
            let rest = &self.source[self.at..];
            let fill = rest.iter().take_while(|&&byte| byte == 0xff).count();
            if rest.get(fill) == Some(&0) {
                self.bytes[self.end] = 0xff;
                self.at += fill + 1;
                self.end += 1;
            } else {
                self.stopped = true;
            }
        } else if self.at >= self.source.len() {
            self.stopped = true;
        }
    }
}

/// A place among the bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    /// Bits read and those in `word`: where `word` ends.
    end: usize,
    /// The next bits, the first on top.
    word: u64,
    /// How many of them are valid.
    left: u32,
}

impl<'b> Reader<'b> {
    /// A reader of unstuffed bytes from a bit on.
    pub(super) const fn at(bytes: &'b [u8], position: usize) -> Self {
        Self { bytes, end: position, word: 0, left: 0 }
    }

    /// Bits read.
    #[inline(always)]
    pub(super) const fn position(&self) -> usize {
        self.end - self.left as usize
    }

    /// Makes at least `COUNT` bits valid, of at most 57.
    #[inline(always)]
    pub(super) fn need<const COUNT: u32>(&mut self) {
        if self.left < COUNT {
            let position = self.position();
            // Past the reserve there is nothing but zeros.
            let bytes = self.bytes.get(position / 8..).and_then(<[u8]>::first_chunk::<8>);
            let skip = (position % 8) as u32;
            self.word = bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes)) << skip;
            self.left = 64 - skip;
            self.end = position + self.left as usize;
        }
    }

    /// The next `count` bits, of at most those needed; 1 to 32.
    #[inline(always)]
    pub(super) const fn peek(&self, count: u32) -> u32 {
        (self.word >> (64 - count)) as u32
    }

    #[inline(always)]
    pub(super) const fn skip(&mut self, count: u32) {
        self.word <<= count;
        self.left -= count;
    }

    /// Reads bits, of at most those needed; 0 to 16.
    #[inline(always)]
    pub(super) const fn take(&mut self, count: u32) -> u32 {
        let value = (self.word >> 32 >> (32 - count)) as u32;
        self.skip(count);
        value
    }

    /// Reads a value of `size` bits, 0 to 15.
    #[inline(always)]
    pub(super) const fn signed(&mut self, size: u32) -> i32 {
        signed(self.take(size), size)
    }
}

/// The value of `size` bits: with a leading zero it is negative, the value of its ones' complement (T.81 F.2.2.1). Of 3
/// bits, 101 is 5 and 010 is −5.
#[inline(always)]
pub(super) const fn signed(bits: u32, size: u32) -> i32 {
    let value = bits as i32;
    if value < (1 << size) >> 1 { value - (1 << size) + 1 } else { value }
}
