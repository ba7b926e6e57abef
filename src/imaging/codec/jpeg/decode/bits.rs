//! Entropy-coded data as plain bits: stuffing taken out, restart markers obeyed.
//!
//! Data is unstuffed in chunks into a buffer of its own, so that a reader may load eight bytes anywhere without asking
//! whether a marker lies among them, and so that memory does not depend on the file's length.

use std::ops::Range;

use super::marker::next_marker;

/// Readable bytes that an MCU can count on: at most 10 blocks of 64 symbols of at most 16 + 15 bits take 2480.
const RESERVE: usize = 4096;

/// Bytes unstuffed at a time by one reader.
pub(super) const CHUNK: usize = 1 << 15;

/// The same where little is read from each place.
pub(super) const SMALL_CHUNK: usize = 2 * RESERVE;

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
    /// Of that, what is unstuffed where but little is read.
    reach: usize,
    /// Unstuffed data, zeros behind it.
    bytes: Vec<u8>,
    /// Length of the data in `bytes`.
    end: usize,
    /// Bits read of `bytes`.
    position: usize,
    /// Where in `source` the first of `bytes` was.
    origin: usize,
    /// For each place in `bytes` before which some were left out: the place, and how many have been up to there.
    left_out: Vec<(usize, usize)>,
}

impl<'a> Bits<'a> {
    /// Bits from the start of a scan's data, of which about as many bytes as `chunk` are unstuffed at a time, into a buffer
    /// with any content.
    pub(super) fn new(source: &'a [u8], chunk: usize, mut bytes: Vec<u8>) -> Self {
        bytes.resize(chunk + 2 * RESERVE, 0);
        Self {
            source,
            at: 0,
            stopped: false,
            chunk,
            reach: chunk,
            bytes,
            end: 0,
            position: 0,
            origin: 0,
            left_out: Vec::new(),
        }
    }

    /// Goes on with a bit of the source; the first has number 0. It is none of the bytes that [`raw`](Self::raw) leaves
    /// out.
    pub(super) fn seek(&mut self, raw: u64) {
        self.seek_near(raw);
        self.reach = self.chunk;
    }

    /// The same where little is read from there on.
    pub(super) fn seek_near(&mut self, raw: u64) {
        self.reach = self.chunk.min(SMALL_CHUNK);
        self.at = usize::try_from(raw / 8).unwrap_or(usize::MAX).min(self.source.len());
        self.start_anew();
        self.position = (raw % 8) as usize;
    }

    /// The bit of the source at a position of the readers that have been lent since bytes were last unstuffed.
    pub(super) fn raw(&self, position: usize) -> u64 {
        let byte = position / 8;
        let before = self.left_out.partition_point(|&(place, _)| place <= byte);
        let left_out = before.checked_sub(1).map_or(0, |last| self.left_out[last].1);
        8 * (self.origin + byte + left_out) as u64 + (position % 8) as u64
    }

    /// Bits read, as readers count them.
    pub(super) const fn position(&self) -> usize {
        self.position
    }

    /// Nothing is held, and the next byte is the one at `at`.
    fn start_anew(&mut self) {
        (self.end, self.position, self.stopped, self.origin) = (0, 0, false, self.at);
        self.left_out.clear();
    }

    /// As many bytes as can be held, the first unread bit among them, and the bit before which MCUs may begin so that
    /// they end within the data.
    pub(super) fn ahead(&mut self) -> (&[u8], usize, usize) {
        self.fill();
        (&self.bytes, self.position, 8 * self.end.saturating_sub(RESERVE))
    }

    /// Holds whole restart intervals, as many as there is room for, up to `most`; the marker behind the first of them has
    /// this number. Says where the bits of each begin and end. Goes on where readers have been, at a byte's start; before
    /// they go on, [`seek`](Self::seek) must lead them to where they shall.
    pub(super) fn intervals(&mut self, mut number: u8, most: usize) -> Vec<Range<usize>> {
        self.seek(self.raw(self.position));
        let mut intervals = Vec::new();
        while intervals.len() < most {
            let start = self.end;
            while !self.stopped && self.end < self.chunk {
                self.append();
            }
            if !self.stopped {
                break;
            }
            intervals.push(8 * start..8 * self.end);
            if start == self.end {
                // A marker directly behind another one: no place leads to what is between them.
                break;
            }
            let rest = self.source.get(self.at..).unwrap_or(&[]);
            let Some((_, after)) = next_marker(rest).filter(|&(marker, _)| marker == 0xd0 + number) else { break };
            let before = self.left_out.last().map_or(0, |&(_, sum)| sum);
            self.left_out.push((self.end, before + rest.len() - after.len()));
            self.at = self.source.len() - after.len();
            self.stopped = false;
            number = (number + 1) % 8;
        }
        self.bytes[self.end..][..RESERVE].fill(0);
        intervals
    }

    /// What is held.
    pub(super) fn held(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the buffer back.
    pub(super) fn end(self) -> Vec<u8> {
        self.bytes
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
        self.start_anew();
        marker == 0xd0 + number
    }

    #[cold]
    fn fill(&mut self) {
        let read = self.position / 8;
        self.origin = (self.raw(8 * read) / 8) as usize;
        let gone = self.left_out.partition_point(|&(place, _)| place <= read);
        let before = gone.checked_sub(1).map_or(0, |last| self.left_out[last].1);
        self.left_out.drain(..gone);
        self.left_out.iter_mut().for_each(|(place, sum)| (*place, *sum) = (*place - read, *sum - before));
        self.bytes.copy_within(read..self.end, 0);
        self.end -= read;
        self.position -= 8 * read;
        while !self.stopped && self.end < self.reach {
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
        let rest = &rest[..rest.len().min(self.reach - self.end)];
        let len = copy_to_ff(rest, &mut self.bytes[self.end..]);
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
                let before = self.left_out.last().map_or(0, |&(_, sum)| sum);
                self.left_out.push((self.end, before + fill));
            } else {
                self.stopped = true;
            }
        } else if self.at >= self.source.len() {
            self.stopped = true;
        }
    }
}

/// Copies what is before the first FF, and returns how much that was. Behind it anything may be written, if there is room.
fn copy_to_ff(from: &[u8], to: &mut [u8]) -> usize {
    let mut done = 0;
    for (from, to) in from.as_chunks::<32>().0.iter().zip(to.as_chunks_mut().0) {
        *to = *from;
        // One comparison of vectors.
        if from.iter().fold(false, |any, &byte| any | (byte == 0xff)) {
            break;
        }
        done += 32;
    }
    // The first byte of all ones, of eight at a time, is where the lowest bit of 80 is left.
    let rest = from.get(done..).unwrap_or(&[]);
    for word in rest.as_chunks().0 {
        let other = !u64::from_le_bytes(*word);
        let found = other.wrapping_sub(0x0101_0101_0101_0101) & !other & 0x8080_8080_8080_8080;
        if found != 0 {
            let len = found.trailing_zeros() as usize / 8;
            to[done..done + len].copy_from_slice(&word[..len]);
            return done + len;
        }
        to[done..done + 8].copy_from_slice(word);
        done += 8;
    }
    for (&from, to) in from[done..].iter().zip(&mut to[done..]).take_while(|(from, _)| **from != 0xff) {
        *to = from;
        done += 1;
    }
    done
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
            self.word = word_at(self.bytes, position);
            self.left = 64 - (position % 8) as u32;
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

/// The bits from a position on, the first on top; 57 of them are valid.
#[inline(always)]
pub(super) fn word_at(bytes: &[u8], position: usize) -> u64 {
    // Past the reserve there is nothing but zeros.
    let bytes = bytes.get(position / 8..).and_then(<[u8]>::first_chunk::<8>);
    bytes.map_or(0, |bytes| u64::from_be_bytes(*bytes)) << (position % 8)
}

/// The value of `size` bits: with a leading zero it is negative, the value of its ones' complement (T.81 F.2.2.1). Of 3
/// bits, 101 is 5 and 010 is −5.
#[inline(always)]
pub(super) const fn signed(bits: u32, size: u32) -> i32 {
    let value = bits as i32;
    if value < (1 << size) >> 1 { value - (1 << size) + 1 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bytes_before_ff_are_copied(mut bytes in prop::collection::vec(0u8..255, 0..200), at in any::<prop::sample::Index>()) {
            let copied = |bytes: &[u8]| {
                let mut to = vec![7; bytes.len() + 32];
                let len = copy_to_ff(bytes, &mut to);
                to[..len].to_vec()
            };
            prop_assert_eq!(&copied(&bytes), &bytes);
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = 0xff;
                prop_assert_eq!(&copied(&bytes)[..], &bytes[..at]);
            }
        }

        /// Where a bit of the scan is found again, by its number in the source.
        #[test]
        fn places_lead_back(
            bytes in prop::collection::vec(prop_oneof![Just(vec![0xff, 0]), Just(vec![0xff, 0xff, 0]), any::<u8>().prop_map(|b| vec![b & 0x7f])], 20..4000),
            at in any::<prop::sample::Index>(),
        ) {
            let source = bytes.concat();
            let plain: Vec<u8> = bytes.iter().map(|part| part[0]).collect();
            let bit = at.index(8 * plain.len() - 64);
            let mut walked = Bits::new(&source, 1 << 15, vec![7; 99]);
            walked.fill();
            let raw = walked.raw(bit);
            let mut sought = Bits::new(&source, SMALL_CHUNK, Vec::new());
            sought.seek(raw);
            let mut reader = sought.readers().0;
            reader.need::<32>();
            let expected = (0..32).fold(0u32, |word, i| word << 1 | u32::from(plain[(bit + i) / 8] >> (7 - (bit + i) % 8) & 1));
            prop_assert_eq!(reader.peek(32), expected);
        }
    }
}
