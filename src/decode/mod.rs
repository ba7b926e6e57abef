//! Decoding: from a file's bytes to rows of planes, only the window that a reply shows.
//!
//! The format is sniffed from the first bytes, never taken from a name.

mod exif;
mod fault;
mod job;
mod jpeg;
mod metadata;
mod png;
mod sniff;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Format, Header};
use crate::raster::RowSink;

pub(crate) use job::{Buffers, Job};
pub(crate) use jpeg::Sidecar;
#[cfg(feature = "internals")]
pub(crate) use jpeg::kernels as jpeg_kernels;
pub(crate) use metadata::{Metadata, read_metadata, upright_xmp};

use sniff::sniff;

/// Reads the header of a file.
///
/// # Errors
///
/// The format is not known, or the header is damaged or of a kind that is not supported.
pub(crate) fn read_header(bytes: &[u8]) -> Result<Header> {
    match sniff(bytes) {
        Some(Format::Jpeg) => jpeg::read_header(bytes),
        Some(Format::Png) => png::read_header(bytes),
        None => Err(Error::new(ErrorKind::Source, "is not a picture in a known format")),
    }
}

/// Decodes a window and hands its rows to `sink`, from top to bottom.
///
/// # Errors
///
/// The file is damaged or no longer the one the header was read from, a limit is exceeded, or the sink fails.
pub(crate) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    match header.format {
        Format::Jpeg => jpeg::decode(bytes, header, job, sink),
        Format::Png => png::decode(bytes, header, job, sink),
    }
}

/// Learns of a file what it takes to decode parts of the job's window for little more than their share of it; false if that
/// is not to be had.
///
/// # Errors
///
/// As for [`decode`].
pub(crate) fn index(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<bool> {
    match header.format {
        Format::Jpeg => jpeg::index(bytes, header, job),
        Format::Png => Ok(false),
    }
}

/// Decoding into plain vectors, for the tests of every format.
#[cfg(test)]
mod test_support;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_the_format() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\nrest"), Some(Format::Png));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Some(Format::Jpeg));
        for other in [&b"GIF89a"[..], b"", b"\xff\xd8", b"\x89PNG", b"<svg>"] {
            assert_eq!(sniff(other), None);
            assert_eq!(read_header(other).unwrap_err().to_string(), "is not a picture in a known format");
        }
    }
}
