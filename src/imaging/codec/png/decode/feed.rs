//! A file's bytes as the `png` crate is to read them: the chunks that the still picture is decoded from.
//!
//! The crate reads more than that, and refuses files that browsers show for what it finds there:
//! * Chunks of animations (acTL, fcTL, fdAT) are left out: the still picture is that of the IDAT chunks, whatever is wrong
//!   with the others.
//! * Nothing behind the last IDAT chunk is read. An IEND chunk is put in its place.
//! * An IDAT chunk that the end of the file cuts off becomes a whole one of the bytes that are there. Whether they hold all
//!   pixels, the crate finds out.
//! * A tRNS chunk that is too long loses what is too much. The crate would ignore all of it.
//! * A palette of a picture without indices, which is only a suggestion, is left out.
//! * Chunks about colour spaces are left out: the header has what they say, and a malformed one counts as absent.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::chunk::{Chunk, check_sum, made};
use super::unpacked::Unpacked;

/// Bytes of the signature.
const SIGNATURE: usize = 8;
const INDEXED: u8 = 3;

/// Chunks that are passed over between two questions whether the work is to go on.
const CHUNKS: u64 = 1 << 12;

/// The bytes of a file that are decoded. No pixel is copied, unless the file is damaged.
pub(super) struct Feed<'a> {
    bytes: &'a [u8],
    /// Where the next chunk begins.
    at: usize,
    stage: Stage<'a>,
    /// What is to be read before the next chunk, and how much of its first part has been read.
    parts: VecDeque<Cow<'a, [u8]>>,
    used: usize,
    /// The type of pixels in the header: gray, RGB, indices, gray with alpha, RGB with alpha are 0, 2, 3, 4, 6.
    color: Option<u8>,
    /// Colors of the palette.
    palette: usize,
    /// Pixels are unpacked here, as far as they go.
    damaged: bool,
    cancel: Cancel<'a>,
}

enum Stage<'a> {
    BeforePixels,
    Pixels,
    UnpackedPixels { pixels: Box<Unpacked<'a>>, first: bool },
    End,
}

impl<'a> Feed<'a> {
    /// A file that begins with the signature. Reading fails with [`TimedOut`](io::ErrorKind::TimedOut) once the work is to be
    /// given up.
    pub(super) fn new(bytes: &'a [u8], cancel: Cancel<'a>) -> Self {
        let signature = &bytes[..SIGNATURE.min(bytes.len())];
        Self {
            bytes,
            at: signature.len(),
            stage: Stage::BeforePixels,
            parts: VecDeque::from([Cow::Borrowed(signature)]),
            used: 0,
            color: None,
            palette: 0,
            damaged: false,
            cancel,
        }
    }

    /// Reads a damaged file. The feed unpacks its pixels itself.
    pub(super) fn damaged(bytes: &'a [u8], cancel: Cancel<'a>) -> Self {
        Self { damaged: true, ..Self::new(bytes, cancel) }
    }

    /// If the file ends inside the last IDAT chunk, the place of the first IDAT chunk.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(super) fn pixels_without_end(bytes: &[u8], cancel: Cancel<'_>) -> Result<Option<usize>> {
        let (mut at, mut first) = (SIGNATURE, None);
        for count in 0u64.. {
            // Chunks can be as short as twelve bytes.
            if count.is_multiple_of(CHUNKS) {
                cancel.check()?;
            }
            let Some(chunk) = Chunk::at(bytes, at) else { break };
            if chunk.kind == *b"IDAT" {
                first = first.or(Some(at));
                if chunk.sum.is_none() {
                    return Ok(first);
                }
            } else if first.is_some() {
                break;
            }
            at += chunk.whole.len();
        }
        Ok(None)
    }

    /// Takes the next chunk.
    fn advance(&mut self) -> io::Result<()> {
        match &mut self.stage {
            Stage::BeforePixels => match Chunk::at(self.bytes, self.at) {
                Some(chunk) => self.before_pixels(chunk),
                None => self.end(self.bytes.get(self.at..).unwrap_or_default()),
            },
            Stage::Pixels => self.pixels(),
            Stage::UnpackedPixels { pixels, first } => {
                let header: &[u8] = if std::mem::take(first) { ZLIB_HEADER } else { &[] };
                let piece = pixels.piece()?;
                let sum: &[u8] = if piece.is_empty() { UNUSED_SUM } else { &[] };
                let stored = [header, &stored(piece), piece, sum].concat();
                self.parts.push_back(made(*b"IDAT", &stored).into());
                if piece.is_empty() {
                    self.end(IEND);
                }
            }
            Stage::End => {}
        }
        Ok(())
    }

    fn before_pixels(&mut self, chunk: Chunk<'a>) {
        if chunk.kind == *b"IDAT" {
            self.stage = if self.damaged {
                let pixels = Box::new(Unpacked::new(self.bytes, self.at, self.cancel));
                Stage::UnpackedPixels { pixels, first: true }
            } else {
                Stage::Pixels
            };
            return;
        }
        self.at += chunk.whole.len();
        match &chunk.kind {
            // Of animations, and of colour spaces.
            b"acTL" | b"fcTL" | b"fdAT" | b"cICP" | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"mDCV" | b"cLLI" => return,
            b"IHDR" => self.color = self.color.or(chunk.data.get(9).copied()),
            b"PLTE" if self.color.is_some_and(|color| color != INDEXED) => return,
            b"PLTE" => self.palette = chunk.data.len() / 3,
            b"tRNS" => {
                let most = match self.color {
                    Some(0) => 2,
                    Some(2) => 6,
                    Some(INDEXED) => self.palette,
                    _ => 0,
                };
                if most > 0 && chunk.data.len() > most && chunk.is_sound() {
                    self.parts.push_back(made(*b"tRNS", &chunk.data[..most]).into());
                    return;
                }
            }
            _ => {}
        }
        self.parts.push_back(chunk.whole.into());
    }

    fn pixels(&mut self) {
        match Chunk::at(self.bytes, self.at) {
            Some(chunk) if chunk.kind == *b"IDAT" && chunk.sum.is_some() => {
                self.at += chunk.whole.len();
                self.parts.push_back(chunk.whole.into());
            }
            Some(Chunk { kind, data, .. }) if kind == *b"IDAT" => {
                // The chunk said that it were longer, so the length fits.
                let start = [(data.len() as u32).to_be_bytes(), kind].concat();
                let sum = check_sum(kind, data).to_be_bytes().to_vec();
                self.parts.extend([start.into(), data.into(), sum.into()]);
                self.end(IEND);
            }
            // Chunks of pixels follow each other without gaps.
            _ => self.end(IEND),
        }
    }

    fn end(&mut self, last: &'a [u8]) {
        self.parts.push_back(last.into());
        self.stage = Stage::End;
    }
}

/// Deflate with the smallest window, which blocks that are not compressed do not use.
const ZLIB_HEADER: &[u8] = &[0x08, 0x1d];
/// In the place of the check sum behind the stream, which is not verified.
const UNUSED_SUM: &[u8] = &[0; 4];
const IEND: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// What stands before a block that is not compressed (RFC 1951, section 3.2.4). An empty one is the last.
fn stored(block: &[u8]) -> [u8; 5] {
    debug_assert!(block.len() <= usize::from(u16::MAX), "a piece is shorter");
    let len = block.len() as u16;
    let ([low, high], [not_low, not_high]) = (len.to_le_bytes(), (!len).to_le_bytes());
    [u8::from(block.is_empty()), low, high, not_low, not_high]
}

impl BufRead for Feed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.cancel.check().map_err(|_| io::ErrorKind::TimedOut)?;
        while self.parts.front().is_none_or(|part| part.len() == self.used) {
            self.parts.pop_front();
            self.used = 0;
            if self.parts.is_empty() {
                if matches!(self.stage, Stage::End) {
                    return Ok(&[]);
                }
                self.advance()?;
            }
        }
        Ok(self.parts.front().map_or(&[][..], |part| &part[self.used..]))
    }

    fn consume(&mut self, amount: usize) {
        self.used += amount;
    }
}

impl Read for Feed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// The crate asks for it, and does not use it.
impl Seek for Feed<'_> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
