//! What packed the bytes of a chunk, undone from the first byte on, as far as rows are asked for.

mod codes;
mod fax;
mod packbits;

use std::borrow::Cow;

use miniz_oxide::inflate::stream::{InflateState, ZeroReset, inflate};
use miniz_oxide::{DataFormat, MZFlush};
use weezl::{BitOrder, LzwStatus, decode::Decoder};

use crate::base::error::{Error, Result};
use crate::imaging::codec::fault::damaged;

use fax::Fax;
pub(super) use fax::Scheme;
use packbits::PackBits;

/// What packed the bytes of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Stored,
    Lzw,
    Deflate,
    PackBits,
    Fax(Scheme),
}

/// Unpacks chunks, one after the other.
pub(super) struct Unpacker<'a> {
    data: Cow<'a, [u8]>,
    /// The first byte that has not been used.
    at: usize,
    state: State,
}

enum State {
    Stored,
    /// Whether codes are the old ones: their lowest bits come first, as in files of before 1993.
    Lzw(Decoder, bool),
    Deflate(Box<InflateState>),
    PackBits(PackBits),
    Fax(Fax),
}

impl<'a> Unpacker<'a> {
    /// For chunks of a width in pixels.
    pub(super) fn new(packing: Packing, width: u32) -> Self {
        let state = match packing {
            Packing::Stored => State::Stored,
            Packing::Lzw => State::Lzw(lzw(false), false),
            // The check sum stands at the end, up to which a window need not read.
            Packing::Deflate => State::Deflate(InflateState::new_boxed(DataFormat::ZLibIgnoreChecksum)),
            Packing::PackBits => State::PackBits(PackBits::default()),
            Packing::Fax(scheme) => State::Fax(Fax::new(scheme, width)),
        };
        Self { data: Cow::Borrowed(&[]), at: 0, state }
    }

    /// Begins a chunk.
    pub(super) fn start(&mut self, data: Cow<'a, [u8]>) {
        match &mut self.state {
            State::Stored => {}
            State::Lzw(decoder, is_old) => {
                // A chunk begins with the code that clears: 256, in nine bits.
                let old = matches!(*data, [0, second, ..] if second & 1 > 0);
                if old == *is_old {
                    decoder.reset();
                } else {
                    (*decoder, *is_old) = (lzw(old), old);
                }
            }
            State::Deflate(state) => state.reset_as(ZeroReset),
            State::PackBits(state) => *state = PackBits::default(),
            State::Fax(fax) => fax.restart(),
        }
        (self.data, self.at) = (data, 0);
    }

    /// Fills `out` with the next row.
    ///
    /// # Errors
    ///
    /// The chunk is damaged, or ends before.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<()> {
        let rest = self.data.get(self.at..).unwrap_or_default();
        let used = match &mut self.state {
            State::Stored => {
                let bytes = rest.get(..out.len()).ok_or_else(cut_off)?;
                out.copy_from_slice(bytes);
                out.len()
            }
            State::Lzw(decoder, _) => unlzw(decoder, rest, out)?,
            State::Deflate(state) => inflated(state, rest, out)?,
            State::PackBits(state) => {
                let mut left = rest;
                state.read(&mut left, out).ok_or_else(cut_off)?;
                rest.len() - left.len()
            }
            State::Fax(fax) => {
                fax.read(rest, out).ok_or_else(|| damaged("is a damaged TIFF", &"codes of CCITT that do not fit"))?;
                0
            }
        };
        self.at += used;
        Ok(())
    }

    /// Passes over one row, which has as many bytes as `spare`.
    ///
    /// # Errors
    ///
    /// As for [`read`](Self::read).
    pub(super) fn pass(&mut self, spare: &mut [u8]) -> Result<()> {
        match self.state {
            State::Stored => {
                self.at = self.at.saturating_add(spare.len());
                Ok(())
            }
            _ => self.read(spare),
        }
    }
}

fn lzw(is_old: bool) -> Decoder {
    // The old codes become longer one code later too.
    if is_old { Decoder::new(BitOrder::Lsb, 8) } else { Decoder::with_tiff_size_switch(BitOrder::Msb, 8) }
}

/// Fills `out`; says how many bytes that took.
fn unlzw(decoder: &mut Decoder, data: &[u8], mut out: &mut [u8]) -> Result<usize> {
    let mut used = 0;
    while !out.is_empty() {
        let result = decoder.decode_bytes(data.get(used..).unwrap_or_default(), out);
        used += result.consumed_in;
        out = out.get_mut(result.consumed_out..).unwrap_or_default();
        match result.status {
            Ok(LzwStatus::Ok) if result.consumed_in + result.consumed_out > 0 => {}
            _ if out.is_empty() => {}
            Ok(_) => return Err(cut_off()),
            Err(error) => return Err(damaged("is a damaged TIFF", &error)),
        }
    }
    Ok(used)
}

fn inflated(state: &mut InflateState, data: &[u8], mut out: &mut [u8]) -> Result<usize> {
    let mut used = 0;
    while !out.is_empty() {
        let result = inflate(state, data.get(used..).unwrap_or_default(), out, MZFlush::None);
        used += result.bytes_consumed;
        out = out.get_mut(result.bytes_written..).unwrap_or_default();
        match result.status {
            Ok(_) if result.bytes_consumed + result.bytes_written > 0 => {}
            _ if out.is_empty() => {}
            Ok(_) => return Err(cut_off()),
            Err(error) => return Err(damaged("is a damaged TIFF", &format_args!("deflate: {error:?}"))),
        }
    }
    Ok(used)
}

fn cut_off() -> Error {
    damaged("is a damaged TIFF", &"a chunk of pixels ends too early")
}
