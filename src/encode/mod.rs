//! Encoding: from a finished picture to the bytes of a reply.

mod jpeg;
mod png;

use std::io::{self, Write};

use crate::error::{Error, ErrorKind, Result};
use crate::raster::Raster;

/// How a JPEG is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JpegSettings {
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Chroma at full resolution instead of half of it on both axes.
    pub(crate) full_chroma: bool,
    pub(crate) progressive: bool,
}

/// The file format of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Gray, RGB or CMYK without alpha.
    Jpeg(JpegSettings),
    /// Gray or RGB, with or without alpha.
    Png,
}

/// Encodes a picture of a layout that the format can hold. `dpi` is the print resolution noted in the file.
///
/// # Errors
///
/// The format cannot hold a picture of that size, or the file would be longer than `limit` bytes.
pub(crate) fn encode(raster: &Raster, encoding: Encoding, dpi: u16, limit: usize) -> Result<Vec<u8>> {
    match encoding {
        Encoding::Jpeg(settings) => jpeg::encode(raster, settings, dpi, limit),
        Encoding::Png => png::encode(raster, dpi, limit),
    }
}

/// Every kind of file, for the engine's fingerprint.
pub(crate) const PROBES: [Encoding; 4] = [
    Encoding::Jpeg(JpegSettings { quality: 80, full_chroma: false, progressive: false }),
    Encoding::Jpeg(JpegSettings { quality: 93, full_chroma: true, progressive: false }),
    Encoding::Jpeg(JpegSettings { quality: 51, full_chroma: false, progressive: true }),
    Encoding::Png,
];

/// A file in memory that refuses to grow beyond a limit.
struct Limited {
    bytes: Vec<u8>,
    limit: usize,
    exceeded: bool,
}

impl Limited {
    fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, exceeded: false }
    }

    /// What an encoder's failure means: the limit, or a mistake of ours.
    fn failure(&self, detail: &impl std::fmt::Display) -> Error {
        if self.exceeded {
            Error::new(ErrorKind::Limit, "exceeds the limit of reply bytes").at("encoded reply")
        } else {
            Error::new(ErrorKind::Internal, "the reply cannot be encoded").with_detail(detail)
        }
    }
}

impl Write for Limited {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if part.len() > self.limit - self.bytes.len() {
            self.exceeded = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
