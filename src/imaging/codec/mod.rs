//! Codecs: from a file's bytes to rows of planes, only the window that a reply shows, and from pixels to a file.
//!
//! Each format has a folder with its decoder, encoder and metadata, and a row in [`CODECS`]. The first bytes of a file
//! decide its format, never its name.

#[cfg(feature = "avif")]
mod avif;
mod bmp;
mod fault;
mod foreign;
mod frame;
#[cfg(feature = "gif")]
mod gif;
mod job;
mod jpeg;
mod limited;
mod metadata;
mod png;
mod raw;
mod settings;
mod table;
#[cfg(feature = "tiff")]
mod tiff;
mod together;
#[cfg(feature = "webp")]
mod webp;

use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::header::{Format, Header};
use crate::imaging::pixel::palette::Indexed;
use crate::imaging::pixel::raster::{Raster, RowSink};

pub(crate) use job::{Buffers, Job, Sidecar};
#[cfg(feature = "internals")]
pub(crate) use jpeg::{Blocks, Forward, decode_bench};
pub(crate) use jpeg::{RowEncoder, encode_within};
pub(crate) use metadata::icc::MAX_PROFILE;
pub(crate) use metadata::{Metadata, rights_packet, upright_xmp, with_rights};
pub(crate) use raw::header_of as raw_header;
pub(crate) use settings::{
    Encoding, Extras, IndexedEncoding, JpegSettings, LossySettings, TiffCompression, TiffSettings, WriteLimits,
    not_written,
};
pub(crate) use together::Output;

use limited::too_long;
use png::Effort;
use table::Codec;
use together::Fan;

/// The formats of sources.
const CODECS: &[Codec] = &[
    bmp::CODEC,
    #[cfg(feature = "gif")]
    gif::CODEC,
    jpeg::CODEC,
    png::CODEC,
    raw::CODEC,
    #[cfg(feature = "tiff")]
    tiff::CODEC,
    #[cfg(feature = "webp")]
    webp::CODEC,
];

/// The codec of a file, by its first bytes.
fn codec_of(bytes: &[u8]) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| (codec.matches)(bytes))
}

/// The codec of a format, of which each has one.
fn codec(format: Format) -> &'static Codec {
    CODECS.iter().find(|codec| codec.format == format).unwrap_or(&CODECS[0])
}

/// The file is of a format that is known by name and not read.
pub(crate) fn is_foreign(bytes: &[u8]) -> bool {
    codec_of(bytes).is_none() && foreign::is_foreign(bytes)
}

/// The error says that a file uses what no decoder here shows: a later read of the file does not help.
pub(crate) fn is_unsupported(error: &Error) -> bool {
    // How each such refusal ends.
    error.kind() == ErrorKind::Source && error.what().ends_with("and not supported")
}

/// Reads the header of a file.
///
/// # Errors
///
/// No codec reads the format, which the error names where it is known; or the header is damaged or of a kind that is not
/// supported.
pub(crate) fn read_header(bytes: &[u8]) -> Result<Header> {
    let foreign = || Error::new(ErrorKind::Source, foreign::refusal(bytes));
    (codec_of(bytes).ok_or_else(foreign)?.read_header)(bytes)
}

/// Decodes a window and hands its rows to `sink`, from top to bottom.
///
/// # Errors
///
/// The file is damaged or no longer the one the header was read from, a limit is exceeded, or the sink fails.
pub(crate) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    (codec(header.format).decode)(bytes, header, job, sink)
}

/// Decodes several windows, at shrinks of their own, for as few passes over the file as can be. The rows that each sink gets
/// are those of [`decode`]; the job's own window means nothing.
///
/// # Errors
///
/// As for [`decode`], of one of the outputs: which have got all rows is not known then. A file may be refused that
/// [`decode`] takes for some of them, which need less of it.
pub(crate) fn decode_all(bytes: &[u8], header: &Header, job: &mut Job<'_>, outputs: Vec<Output<'_>>) -> Result<()> {
    let mut fans = Fan::all(header, outputs);
    let mut outputs: Vec<Output<'_>> = fans.iter_mut().map(Fan::output).collect();
    match &mut outputs[..] {
        [one] => decode(bytes, header, &mut one.job(job), one.sink),
        outputs => (codec(header.format).decode_all)(bytes, header, job, outputs),
    }
}

/// Reads the whole file, and tells by which header it is decoded where damaged files are shown as far as they go. A sound
/// file keeps its header. The job gives CPU level, limits, scratch and cancelling; its window is the whole picture.
///
/// # Errors
///
/// Nothing of the picture can be decoded, a limit is exceeded, or the work is to be given up.
pub(crate) fn check(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<Header> {
    (codec(header.format).check)(bytes, header, job)
}

/// Whether it is known of a file what it takes to decode parts of the job's window for little more than their share of it.
/// If not, `learns` says to learn that first, where it can be remembered.
///
/// # Errors
///
/// As for [`decode`].
pub(crate) fn index(bytes: &[u8], header: &Header, job: &mut Job<'_>, learns: bool) -> Result<bool> {
    (codec(header.format).index)(bytes, header, job, learns)
}

/// Reads a file's metadata. No kind of it is unpacked to more than `limit` bytes.
pub(crate) fn read_metadata(bytes: &[u8], limit: usize) -> Metadata {
    codec_of(bytes).map_or_else(Metadata::default, |codec| (codec.read_metadata)(bytes, limit))
}

/// The embedded profile that [`Space::Icc`](crate::imaging::pixel::space::Space::Icc) of the header means, if it has at most
/// `limit` bytes.
pub(crate) fn read_profile(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    codec_of(bytes).and_then(|codec| (codec.read_profile)(bytes, limit.min(MAX_PROFILE)))
}

/// A JPEG file can hold this XMP packet.
pub(crate) const fn can_hold_xmp(packet: &str) -> bool {
    jpeg::can_hold_xmp(packet)
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
    bounds: impl Into<WriteLimits<'a>>,
) -> Result<Vec<u8>> {
    let bounds = bounds.into();
    match encoding {
        Encoding::Jpeg(settings) => jpeg::encode(cpu, raster, settings, extras, bounds)?.ok_or_else(too_long),
        Encoding::Png => png::encode(raster, Effort::Fast, extras, bounds)?.ok_or_else(too_long),
        Encoding::PngZip => png::encode(raster, Effort::Small, extras, bounds)?.ok_or_else(too_long),
        #[cfg(feature = "webp")]
        Encoding::WebP(settings) => webp::encode(raster, settings, extras, bounds)?.ok_or_else(too_long),
        #[cfg(not(feature = "webp"))]
        Encoding::WebP(_) => Err(not_written()),
        #[cfg(feature = "avif")]
        Encoding::Avif(settings) => avif::encode(raster, settings, extras, bounds)?.ok_or_else(too_long),
        #[cfg(not(feature = "avif"))]
        Encoding::Avif(_) => Err(not_written()),
        #[cfg(feature = "tiff")]
        Encoding::Tiff(settings) => tiff::encode(cpu, raster, settings, extras, bounds)?.ok_or_else(too_long),
        #[cfg(not(feature = "tiff"))]
        Encoding::Tiff(_) => Err(not_written()),
    }
}

/// Encodes a picture with a palette.
///
/// # Errors
///
/// As for [`encode`].
pub(crate) fn encode_indexed(
    indexed: &Indexed,
    encoding: IndexedEncoding,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Vec<u8>> {
    match encoding {
        IndexedEncoding::Png => png::encode_indexed(indexed, extras, bounds)?.ok_or_else(too_long),
        #[cfg(feature = "gif")]
        IndexedEncoding::Gif => gif::encode_indexed(indexed, bounds)?.ok_or_else(too_long),
        #[cfg(not(feature = "gif"))]
        IndexedEncoding::Gif => Err(not_written()),
    }
}

/// Every kind of file, for the engine's fingerprint. Other numbers of scans are split by the rule of the default.
pub(crate) const PROBES: &[Encoding] = &[
    Encoding::Jpeg(JpegSettings { quality: 80, full_chroma: false, progressive: false, scans: None }),
    Encoding::Jpeg(JpegSettings { quality: 93, full_chroma: true, progressive: false, scans: None }),
    Encoding::Jpeg(JpegSettings { quality: 51, full_chroma: false, progressive: true, scans: None }),
    Encoding::Png,
    Encoding::PngZip,
    #[cfg(feature = "webp")]
    Encoding::WebP(LossySettings { quality: 80, lossless: false }),
    #[cfg(feature = "webp")]
    Encoding::WebP(LossySettings { quality: 80, lossless: true }),
    #[cfg(feature = "avif")]
    Encoding::Avif(LossySettings { quality: 80, lossless: false }),
    #[cfg(feature = "tiff")]
    Encoding::Tiff(TiffSettings { compression: TiffCompression::None }),
    #[cfg(feature = "tiff")]
    Encoding::Tiff(TiffSettings { compression: TiffCompression::Lzw }),
    #[cfg(feature = "tiff")]
    Encoding::Tiff(TiffSettings { compression: TiffCompression::Zip }),
    #[cfg(feature = "tiff")]
    Encoding::Tiff(TiffSettings { compression: TiffCompression::Jpeg { quality: 80, full_chroma: false } }),
];

#[cfg(test)]
mod encode_tests;

/// Decoding into plain vectors, for the tests of every format.
#[cfg(test)]
mod test_support;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_the_format() {
        let format = |bytes: &[u8]| codec_of(bytes).map(|codec| codec.format);
        assert_eq!(format(b"\x89PNG\r\n\x1a\nrest"), Some(Format::Png));
        assert_eq!(format(b"\xff\xd8\xff\xe0"), Some(Format::Jpeg));
        assert_eq!(format(b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), Some(Format::Bmp));
        assert_eq!(format(b"GIF89a"), Some(Format::Gif));
        assert_eq!(format(b"RIFF\x1a\0\0\0WEBPVP8L"), Some(Format::Webp));
        #[cfg(feature = "tiff")]
        assert_eq!(format(b"MM\0*\0\0\0\x08"), Some(Format::Tiff));
        for (other, refusal) in [
            (&b""[..], "is empty"),
            (b"RIFF\0\0\0\0AVI LIST", "is a video (AVI), which is not a supported format"),
            (b"\xff\xd8", "is not a picture in a known format"),
            (b"\x89PNG", "is not a picture in a known format"),
            (b"<svg>", "is an SVG, which is not a supported format"),
        ] {
            assert_eq!(format(other), None);
            let error = read_header(other).unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Source, refusal));
        }
    }

    #[test]
    fn every_format_has_a_codec() {
        for format in [
            Format::Bmp,
            Format::Gif,
            Format::Jpeg,
            Format::Png,
            Format::Raw,
            Format::Webp,
            #[cfg(feature = "tiff")]
            Format::Tiff,
        ] {
            assert_eq!(codec(format).format, format);
        }
    }
}
