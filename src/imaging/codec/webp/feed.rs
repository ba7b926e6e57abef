//! One frame as a file of its own, read in pieces, with a look at whether the work is to go on before each.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::base::cancel::Cancel;

use super::chunks::{Frame, Pixels};

/// Bytes that are handed out at a time.
const PIECE: usize = 1 << 14;

/// The most parts of a file: a head, alpha, the head of the colours, colours.
const PARTS: usize = 4;

/// A file in parts, of which the decoder sees the whole.
pub(super) struct Feed<'a> {
    heads: [Vec<u8>; 2],
    data: [&'a [u8]; 2],
    at: u64,
    cancel: Cancel<'a>,
}

impl<'a> Feed<'a> {
    /// A file with the pixels of a frame alone.
    pub(super) fn new(frame: &Frame<'a>, cancel: Cancel<'a>) -> Self {
        let (heads, data) = match frame.pixels {
            Pixels::Lossless { pixels, .. } => ([head(b"VP8L", pixels), Vec::new()], [pixels, &[]]),
            Pixels::Lossy { colors, alpha: None } => ([head(b"VP8 ", colors), Vec::new()], [colors, &[]]),
            Pixels::Lossy { colors, alpha: Some(alpha) } => {
                // A flag says that there is alpha; three reserved bytes; width and height less one.
                let side = |side: u32| (side - 1).to_le_bytes();
                let ([w0, w1, w2, _], [h0, h1, h2, _]) = (side(frame.size.width), side(frame.size.height));
                let canvas = [0x10, 0, 0, 0, w0, w1, w2, h0, h1, h2];
                let first = [head(b"VP8X", &canvas), canvas.to_vec(), head(b"ALPH", alpha)].concat();
                let pad = vec![0; alpha.len() % 2];
                ([first, [pad, head(b"VP8 ", colors)].concat()], [alpha, colors])
            }
        };
        let mut feed = Self { heads, data, at: 0, cancel };
        let len = feed.len();
        feed.heads[0].splice(..0, riff(len));
        feed
    }

    fn parts(&self) -> [&[u8]; PARTS] {
        [&self.heads[0], self.data[0], &self.heads[1], self.data[1]]
    }

    fn len(&self) -> u64 {
        self.parts().iter().map(|part| part.len() as u64).sum()
    }

    /// What is left of the part that the position is in.
    fn rest(&self) -> &[u8] {
        let mut start = 0;
        for part in self.parts() {
            let end = start + part.len() as u64;
            if self.at < end {
                let skipped = usize::try_from(self.at - start).unwrap_or(usize::MAX);
                return part.get(skipped..).unwrap_or(&[]);
            }
            start = end;
        }
        &[]
    }
}

/// The head of a chunk. Its size fits: it was read from such a head.
fn head(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    [*kind, u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes()].concat()
}

/// The head of a file whose chunks have this number of bytes.
fn riff(len: u64) -> Vec<u8> {
    let size = u32::try_from(len + 4).unwrap_or(u32::MAX);
    [&b"RIFF"[..], &size.to_le_bytes(), b"WEBP"].concat()
}

impl BufRead for Feed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.cancel.check().is_err() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let rest = self.rest();
        Ok(rest.get(..PIECE).unwrap_or(rest))
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.fill_buf()?;
        let len = piece.len().min(buffer.len());
        buffer[..len].copy_from_slice(&piece[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl Seek for Feed<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.len().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
