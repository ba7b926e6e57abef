//! Writing files.

use crate::base::error::Result;
use crate::imaging::codec::{Encoding, Extras, JpegSettings, LossySettings, encode, encode_within};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::raster::Raster;

use super::Planes;

/// How a JPEG is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegOrder<'a> {
    /// 1 to 100.
    pub quality: u8,
    /// Chroma as fine as luma.
    pub full_chroma: bool,
    /// In several scans.
    pub progressive: bool,
    /// So many, 3 to 5.
    pub scans: Option<u8>,
    /// Dots per inch.
    pub dpi: u16,
    /// A packet to be written along.
    pub xmp: Option<&'a str>,
    /// The quality may be lowered to stay within so many bytes.
    pub max_bytes: Option<usize>,
    /// More bytes are refused.
    pub limit: usize,
}

/// A picture as encoders take it.
#[derive(Debug)]
pub struct Canvas(Raster);

impl Canvas {
    /// A copy.
    #[must_use]
    pub fn of(picture: &Planes) -> Self {
        Self(picture.raster())
    }

    /// Writes a JPEG; returns the quality, too.
    ///
    /// # Errors
    ///
    /// JPEG cannot hold it, or a limit is exceeded.
    pub fn jpeg(&self, level: CpuLevel, order: JpegOrder<'_>) -> Result<(Vec<u8>, u8)> {
        let JpegOrder { quality, full_chroma, progressive, scans, dpi, xmp, max_bytes, limit } = order;
        let cpu = Cpu::detect(level);
        let settings = JpegSettings { quality, full_chroma, progressive, scans };
        let extras = Extras { xmp, ..Extras::dpi(dpi) };
        match max_bytes {
            Some(max_bytes) => encode_within(cpu, &self.0, settings, extras, max_bytes, limit.into()),
            None => encode(cpu, &self.0, Encoding::Jpeg(settings), extras, limit).map(|file| (file, quality)),
        }
    }

    /// Writes a PNG.
    ///
    /// # Errors
    ///
    /// The limit of bytes is exceeded.
    pub fn png(&self, level: CpuLevel, dpi: u16, limit: usize) -> Result<Vec<u8>> {
        encode(Cpu::detect(level), &self.0, Encoding::Png, Extras::dpi(dpi), limit)
    }

    /// Writes a WebP of a quality; `None`: without loss.
    ///
    /// # Errors
    ///
    /// The limit of bytes is exceeded, or this build has no encoder.
    pub fn webp(&self, level: CpuLevel, quality: Option<u8>, limit: usize) -> Result<Vec<u8>> {
        let settings = LossySettings { quality: quality.unwrap_or(100), lossless: quality.is_none() };
        encode(Cpu::detect(level), &self.0, Encoding::WebP(settings), Extras::dpi(72), limit)
    }
}

/// Writes a JPEG; returns the quality, too.
///
/// # Errors
///
/// JPEG cannot hold it, or a limit is exceeded.
pub fn encode_jpeg(level: CpuLevel, picture: &Planes, order: JpegOrder<'_>) -> Result<(Vec<u8>, u8)> {
    Canvas::of(picture).jpeg(level, order)
}

/// Writes a PNG.
///
/// # Errors
///
/// The limit of bytes is exceeded.
pub fn encode_png(level: CpuLevel, picture: &Planes, dpi: u16, limit: usize) -> Result<Vec<u8>> {
    Canvas::of(picture).png(level, dpi, limit)
}

/// Writes a WebP of a quality; `None`: without loss.
///
/// # Errors
///
/// The limit of bytes is exceeded, or this build has no encoder.
pub fn encode_webp(level: CpuLevel, picture: &Planes, quality: Option<u8>, limit: usize) -> Result<Vec<u8>> {
    Canvas::of(picture).webp(level, quality, limit)
}
