//! Deflate by `miniz_oxide`, which is slower than `fdeflate` and finds what repeats. It has no implementation that another
//! crate in the host's program could switch.

use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::{MZFlush, MZStatus};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::grow;

/// Bytes that are taken from the compressor at a time.
const PIECE: usize = 1 << 15;

/// The window of zlib, 32 KiB.
const WINDOW_BITS: i32 = 15;

/// Bytes on their way into a zlib stream.
pub(super) struct Deflater {
    compressor: Box<CompressorOxide>,
    out: Vec<u8>,
}

impl Deflater {
    /// `level`: 0 to 10.
    pub(super) fn new(level: u8) -> Self {
        let flags = create_comp_flags_from_zip_params(i32::from(level), WINDOW_BITS, 0);
        Self { compressor: Box::new(CompressorOxide::new(flags)), out: Vec::new() }
    }

    /// # Errors
    ///
    /// There is no memory for what comes out.
    pub(super) fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let (consumed, _) = self.step(bytes, MZFlush::None)?;
            bytes = &bytes[consumed..];
        }
        Ok(())
    }

    /// The whole stream.
    ///
    /// # Errors
    ///
    /// There is no memory for it.
    pub(super) fn finish(mut self) -> Result<Vec<u8>> {
        while !self.step(&[], MZFlush::Finish)?.1 {}
        Ok(self.out)
    }

    /// How many bytes were taken, and whether the stream has ended.
    fn step(&mut self, bytes: &[u8], flush: MZFlush) -> Result<(usize, bool)> {
        grow(&mut self.out, PIECE)?;
        let written = self.out.len();
        self.out.resize(written + PIECE, 0);
        let step = deflate(&mut self.compressor, bytes, &mut self.out[written..], flush);
        self.out.truncate(written + step.bytes_written);
        match step.status {
            Ok(MZStatus::StreamEnd) => Ok((step.bytes_consumed, true)),
            Ok(_) if step.bytes_consumed + step.bytes_written > 0 => Ok((step.bytes_consumed, false)),
            Ok(_) | Err(_) => Err(Error::new(ErrorKind::Internal, "the reply cannot be encoded").at("deflate")),
        }
    }
}
