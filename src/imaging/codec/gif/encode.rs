//! GIF89a of one frame, compressed by `weezl`.

use std::io::{self, Write};

use weezl::encode::Encoder;
use weezl::{BitOrder, LzwStatus};

use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::codec::limited::Limited;
use crate::imaging::codec::settings::WriteLimits;
use crate::imaging::pixel::palette::Indexed;

/// Bytes of the longest block of data.
const BLOCK: usize = 255;

/// Bytes that are taken from the compressor at a time.
const PIECE: usize = 1 << 12;

/// `None`: longer than the limit.
pub(in crate::imaging::codec) fn encode_indexed(indexed: &Indexed, bounds: WriteLimits<'_>) -> Result<Option<Vec<u8>>> {
    count(Kind::EncodeGif, indexed.indices.size().area() as usize);
    let mut out = Limited::new(bounds);
    let written = write(&mut out, indexed);
    out.finish(written)
}

fn write(out: &mut Limited<'_>, indexed: &Indexed) -> io::Result<()> {
    let size = indexed.indices.size();
    let side = |side: u32| u16::try_from(side).map(u16::to_le_bytes).map_err(|_| io::ErrorKind::InvalidInput);
    let (width, height) = (side(size.width)?, side(size.height)?);
    // A palette has 2 to 256 entries, a power of 2.
    let bits = indexed.palette.len().max(2).next_power_of_two().trailing_zeros() as u8;
    out.write_all(b"GIF89a")?;
    out.write_all(&[width, height].concat())?;
    // The palette has 2 to the power of these bits entries, of 8 bits a component; no background, square pixels.
    out.write_all(&[0x80 | 7 << 4 | (bits - 1), 0, 0])?;
    let mut colors: Vec<u8> = indexed.palette.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    colors.resize(3 << bits, 0);
    out.write_all(&colors)?;
    if let Some(key) = indexed.key() {
        // A graphic control extension that says which entry is transparent.
        out.write_all(&[0x21, 0xf9, 4, 1, 0, 0, key, 0])?;
    }
    // The frame, which has no palette of its own.
    out.write_all(&[&b","[..], &[0; 4], &width, &height, &[0]].concat())?;
    // Codes of pixels have 2 bits at least.
    let bits = bits.max(2);
    out.write_all(&[bits])?;
    let mut blocks = Blocks { out, block: Vec::with_capacity(1 + BLOCK) };
    let mut encoder = Encoder::new(BitOrder::Lsb, bits);
    let mut piece = [0; PIECE];
    for y in 0..size.height as usize {
        let mut row = indexed.indices.row(y);
        while !row.is_empty() {
            let step = encoder.encode_bytes(row, &mut piece);
            step.status.map_err(io::Error::other)?;
            row = &row[step.consumed_in..];
            blocks.write(&piece[..step.consumed_out])?;
        }
    }
    encoder.finish();
    loop {
        let step = encoder.encode_bytes(&[], &mut piece);
        blocks.write(&piece[..step.consumed_out])?;
        match step.status.map_err(io::Error::other)? {
            LzwStatus::Done => break,
            LzwStatus::Ok => {}
            LzwStatus::NoProgress => return Err(io::ErrorKind::WriteZero.into()),
        }
    }
    blocks.end()?;
    out.write_all(b";")
}

/// Data in blocks, each behind its length.
struct Blocks<'a, 'b> {
    out: &'a mut Limited<'b>,
    block: Vec<u8>,
}

impl Blocks<'_, '_> {
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(now);
            if self.block.len() == BLOCK {
                self.flush()?;
            }
            bytes = later;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        // At most 255.
        self.out.write_all(&[self.block.len() as u8])?;
        self.out.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }

    /// The last block, and an empty one that says so.
    fn end(mut self) -> io::Result<()> {
        if !self.block.is_empty() {
            self.flush()?;
        }
        self.out.write_all(&[0])
    }
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
