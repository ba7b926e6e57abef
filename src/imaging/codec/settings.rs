//! How files are written.

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind};
use crate::base::pool::Pool;

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

/// How a TIFF is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TiffSettings {
    pub(crate) compression: TiffCompression,
}

/// How the strips of a TIFF are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TiffCompression {
    None,
    Lzw,
    /// Deflate.
    Zip,
    /// Not for pictures with alpha.
    Jpeg {
        /// 1 to 100.
        quality: u8,
        /// Chroma at full resolution instead of half of it on both axes.
        full_chroma: bool,
    },
}

/// How a format is written that is lossy or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LossySettings {
    /// 1 to 100, on the scale of JPEG.
    pub(crate) quality: u8,
    /// The pixels keep their values; the quality means nothing.
    pub(crate) lossless: bool,
}

/// What a file notes besides its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extras<'a> {
    /// Print resolution in dots per inch.
    pub(crate) dpi: u16,
    /// An XMP packet; formats that do not take one leave it out.
    pub(crate) xmp: Option<&'a str>,
    /// The ICC profile of the pixels.
    pub(crate) profile: Option<&'a [u8]>,
}

impl Extras<'_> {
    /// Nothing but a print resolution.
    pub(crate) const fn dpi(dpi: u16) -> Self {
        Self { dpi, xmp: None, profile: None }
    }
}

/// The file format of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Gray, RGB or CMYK without alpha.
    Jpeg(JpegSettings),
    /// Gray or RGB, with or without alpha.
    Png,
    /// The same in fewer bytes, for more time.
    PngZip,
    /// Gray or RGB, with or without alpha.
    WebP(LossySettings),
    /// Gray or RGB, with or without alpha.
    Avif(LossySettings),
    /// Gray, RGB or CMYK, with or without alpha.
    Tiff(TiffSettings),
}

/// The file format of a reply whose pixels are numbers of a palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IndexedEncoding {
    Png,
    Gif,
}

/// A file of a format that this build has no encoder for.
pub(crate) const fn not_written() -> Error {
    Error::new(ErrorKind::Internal, "the format of the reply has no encoder in this build")
}

/// What encoding may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WriteLimits<'a> {
    /// Bytes of the file, at most.
    pub(crate) limit: usize,
    /// Asked at every few rows.
    pub(crate) cancel: Cancel<'a>,
    /// Threads that may help; they change no byte.
    pub(crate) pool: &'a Pool,
}

/// A limit of bytes alone, on this thread.
impl From<usize> for WriteLimits<'_> {
    fn from(limit: usize) -> Self {
        static NONE: Pool = Pool::NONE;
        Self { limit, cancel: Cancel::ALWAYS, pool: &NONE }
    }
}
