//! The pixels of a damaged file, unpacked as far as they go.
//!
//! The `png` crate loses up to 32 KiB of what it has unpacked when the compressed stream breaks off, which can be the whole
//! of a small picture. Here the stream is unpacked up to the byte at which it breaks.

use std::io;

use fdeflate::Decompressor;

use crate::base::cancel::Cancel;

use super::chunk::Chunk;

/// How far back the compressed stream may refer (PNG, third edition, section 10.1).
const REACH: usize = 32 << 10;
/// The most bytes that are unpacked at a time.
const PIECE: usize = 32 << 10;
/// Bytes of the stream that are read at a time, until it breaks.
const STRIDE: usize = 4 << 10;

/// The stream of a file's IDAT chunks.
///
/// It ends where the compressed data end or break, where the file ends, behind the first chunk whose check sum is wrong, and
/// at the first chunk of another type.
pub(super) struct Unpacked<'a> {
    bytes: &'a [u8],
    /// Where the first chunk begins.
    start: usize,
    cancel: Cancel<'a>,
    /// Where the next chunk begins; `None` behind the last one.
    next: Option<usize>,
    /// What is left of the current chunk.
    data: &'a [u8],
    inflate: Box<Decompressor>,
    /// Unpacked bytes, of which the last [`REACH`] are kept.
    window: Vec<u8>,
    filled: usize,
    /// Bytes that are read at a time.
    stride: usize,
    /// Reads that have not failed.
    reads: u64,
    /// The check sum behind the stream has to be right, if it is there.
    sum: bool,
}

/// A file that is cut off inside a chunk of pixels holds all bytes of them, and not more.
///
/// Such a chunk has no check sum. Either the file really ends too early, or the chunk's length is wrong and what follows it is
/// taken for pixels; then the stream breaks, goes on behind its end or does not have its own check sum.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn is_complete(bytes: &[u8], start: usize, len: u64, cancel: Cancel<'_>) -> io::Result<bool> {
    let mut stream = Unpacked { sum: true, ..Unpacked::new(bytes, start, cancel) };
    let mut unpacked = 0;
    loop {
        cancel.check().map_err(|_| io::ErrorKind::TimedOut)?;
        match stream.read() {
            Read::Some(given) => unpacked += given as u64,
            Read::Nothing => {}
            Read::End => return Ok(unpacked == len),
            Read::Broken => return Ok(false),
        }
        if unpacked > len {
            return Ok(false);
        }
    }
}

impl<'a> Unpacked<'a> {
    /// The stream whose first chunk begins at this byte.
    pub(super) fn new(bytes: &'a [u8], start: usize, cancel: Cancel<'a>) -> Self {
        Self {
            bytes,
            start,
            cancel,
            next: Some(start),
            data: &[],
            inflate: Box::default(),
            window: vec![0; REACH + PIECE],
            filled: 0,
            stride: STRIDE,
            reads: 0,
            sum: false,
        }
    }

    /// The next bytes, at most [`PIECE`] of them; none at the end.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(super) fn piece(&mut self) -> io::Result<&[u8]> {
        loop {
            self.cancel.check().map_err(|_| io::ErrorKind::TimedOut)?;
            match self.read() {
                Read::Some(len) => return Ok(&self.window[self.filled - len..self.filled]),
                Read::Nothing => {}
                Read::End => return Ok(&[]),
                Read::Broken if self.stride == 1 => return Ok(&[]),
                // The failed read has lost the bytes before the break. The decoder repeats the earlier reads, then
                // reads byte by byte.
                Read::Broken => self.repeat()?,
            }
        }
    }

    fn repeat(&mut self) -> io::Result<()> {
        let reads = self.reads;
        *self = Self::new(self.bytes, self.start, self.cancel);
        while self.reads < reads {
            self.cancel.check().map_err(|_| io::ErrorKind::TimedOut)?;
            if matches!(self.read(), Read::Broken | Read::End) {
                break;
            }
        }
        self.stride = 1;
        Ok(())
    }

    fn read(&mut self) -> Read {
        if self.data.is_empty() {
            self.enter_chunk();
        }
        if self.filled > REACH {
            self.window.copy_within(self.filled - REACH..self.filled, 0);
            self.filled = REACH;
        }
        if self.reads == 0 && !self.sum {
            self.inflate.ignore_adler32();
        }
        let input = &self.data[..self.data.len().min(self.stride)];
        // At the start the window has room for more than a piece.
        let room = &mut self.window[..self.filled + PIECE];
        let Ok((taken, given)) = self.inflate.read(input, room, self.filled, false) else {
            return Read::Broken;
        };
        self.data = &self.data[taken..];
        self.filled += given;
        self.reads += 1;
        if given > 0 {
            Read::Some(given)
        } else if self.inflate.is_done() || taken == 0 && self.next.is_none() {
            Read::End
        } else {
            Read::Nothing
        }
    }

    /// Goes on to the next chunk, if there is one.
    fn enter_chunk(&mut self) {
        let Some(at) = self.next.take() else { return };
        let Some(chunk) = Chunk::at(self.bytes, at).filter(|chunk| chunk.kind == *b"IDAT") else { return };
        self.data = chunk.data;
        self.next = chunk.is_sound().then(|| at + chunk.whole.len());
    }
}

enum Read {
    /// The number of bytes that were unpacked.
    Some(usize),
    /// No byte was unpacked, and more may follow.
    Nothing,
    End,
    Broken,
}
