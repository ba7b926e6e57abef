//! Encoding: from a finished picture to the bytes of a reply.

mod jpeg;
mod png;
mod within;

use std::io::{self, Write};

use crate::error::{Error, ErrorKind, Result};
use crate::kernel::cpu::Cpu;
use crate::raster::Raster;
use crate::watch::Watch;

#[cfg(feature = "internals")]
pub(crate) use jpeg::{Blocks, Forward};
pub(crate) use within::encode_within;

/// How a JPEG is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct JpegSettings {
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Chroma at full resolution instead of half of it on both axes.
    pub(crate) full_chroma: bool,
    pub(crate) progressive: bool,
    /// Scans per component of a progressive file, 3 to 5; `None`: 4.
    pub(crate) scans: Option<u8>,
}

/// What a file notes besides its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extras<'a> {
    /// Print resolution in dots per inch.
    pub(crate) dpi: u16,
    /// An XMP packet; formats that do not take one leave it out.
    pub(crate) xmp: Option<&'a str>,
}

impl Extras<'_> {
    /// Nothing but a print resolution.
    pub(crate) const fn dpi(dpi: u16) -> Self {
        Self { dpi, xmp: None }
    }
}

/// The file format of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Gray, RGB or CMYK without alpha.
    Jpeg(JpegSettings),
    /// Gray or RGB, with or without alpha.
    Png,
}

/// What encoding may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds<'a> {
    /// Bytes of the file, at most.
    pub(crate) limit: usize,
    /// Asked at every few rows.
    pub(crate) watch: Watch<'a>,
}

/// A limit of bytes alone.
impl From<usize> for Bounds<'_> {
    fn from(limit: usize) -> Self {
        Self { limit, watch: Watch::ALWAYS }
    }
}

/// Encodes a picture of a layout that the format can hold.
///
/// # Errors
///
/// The format cannot hold a picture of that size or the extras, the file would be longer than the limit, or the work is to
/// be given up.
pub(crate) fn encode<'a>(
    cpu: Cpu,
    raster: &Raster,
    encoding: Encoding,
    extras: Extras<'_>,
    bounds: impl Into<Bounds<'a>>,
) -> Result<Vec<u8>> {
    let bounds = bounds.into();
    match encoding {
        Encoding::Jpeg(settings) => jpeg::encode(cpu, raster, settings, extras, bounds)?.ok_or_else(too_long),
        Encoding::Png => png::encode(raster, extras.dpi, bounds)?.ok_or_else(too_long),
    }
}

/// Every kind of file, for the engine's fingerprint. Other numbers of scans are split by the rule of the default.
pub(crate) const PROBES: [Encoding; 4] = [
    Encoding::Jpeg(JpegSettings { quality: 80, full_chroma: false, progressive: false, scans: None }),
    Encoding::Jpeg(JpegSettings { quality: 93, full_chroma: true, progressive: false, scans: None }),
    Encoding::Jpeg(JpegSettings { quality: 51, full_chroma: false, progressive: true, scans: None }),
    Encoding::Png,
];

fn too_long() -> Error {
    Error::new(ErrorKind::Limit, "exceeds the limit of reply bytes").at("encoded reply")
}

/// A file in memory that refuses to grow beyond a limit, or once nobody waits for it.
struct Limited<'a> {
    bytes: Vec<u8>,
    bounds: Bounds<'a>,
    exceeded: bool,
    stopped: Option<Error>,
}

impl<'a> Limited<'a> {
    fn new(bounds: Bounds<'a>) -> Self {
        Self { bytes: Vec::new(), bounds, exceeded: false, stopped: None }
    }

    /// The file after an encoder's last word; `None` if it would have grown beyond the limit.
    ///
    /// # Errors
    ///
    /// The work is to be given up, or the encoder failed otherwise, which is a mistake of ours.
    fn finish<E: std::fmt::Display>(self, written: std::result::Result<(), E>) -> Result<Option<Vec<u8>>> {
        if let Some(error) = self.stopped {
            return Err(error);
        }
        match written {
            _ if self.exceeded => Ok(None),
            Ok(()) => Ok(Some(self.bytes)),
            Err(error) => Err(Error::new(ErrorKind::Internal, "the reply cannot be encoded").with_detail(&error)),
        }
    }
}

impl Write for Limited<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.bounds.watch.check() {
            self.stopped = Some(error);
            return Err(io::ErrorKind::TimedOut.into());
        }
        if part.len() > self.bounds.limit - self.bytes.len() {
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
