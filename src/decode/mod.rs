//! Decoding: from a file's bytes to rows of planes, only the window that a reply shows.
//!
//! The format is sniffed from the first bytes, never taken from a name.

mod exif;
mod jpeg;
mod metadata;
mod png;

use std::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Format, Header};
use crate::geometry::{Shrink, Window};
use crate::kernel::cpu::Cpu;
use crate::raster::RowSink;
use crate::watch::Watch;

pub(crate) use jpeg::Sidecar;
#[cfg(feature = "internals")]
pub(crate) use jpeg::kernels as jpeg_kernels;
pub(crate) use metadata::{Metadata, read_metadata, upright_xmp};

/// What to decode, and with what.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    /// The pixels wanted, at the shrink.
    pub(crate) window: Window,
    pub(crate) shrink: Shrink,
    pub(crate) cpu: Cpu,
    /// Threads that may work at the same time; they never change a pixel.
    pub(crate) threads: usize,
    /// The most bytes of decoded pixels to hold at once.
    pub(crate) decoded_bytes: u64,
    /// Kept between jobs: fresh memory costs a page fault per 4 KiB.
    pub(crate) scratch: &'a mut Buffers,
    /// What is known of the very same bytes; what is learned of them is added. It never changes a pixel.
    pub(crate) sidecar: &'a mut Sidecar,
    /// The most bytes that the sidecar may grow to; with 0 nothing is added.
    pub(crate) sidecar_bytes: u64,
    /// Asked at every row.
    pub(crate) watch: Watch<'a>,
}

/// What decoders work in. What is in it does not matter.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pixels: Vec<u8>,
    jpeg: jpeg::Buffers,
}

impl Buffers {
    /// Bytes that they take.
    pub(crate) fn bytes(&self) -> usize {
        self.pixels.capacity() + self.jpeg.bytes()
    }

    /// With a buffer for pixels.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn with_pixels(pixels: Vec<u8>) -> Self {
        Self { pixels, jpeg: jpeg::Buffers::default() }
    }
}

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

fn sniff(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        Some(Format::Jpeg)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Format::Png)
    } else {
        None
    }
}

/// The file is not what its format promises; what the codec says is for the operator.
fn damaged(what: &'static str, detail: &impl fmt::Display) -> Error {
    Error::new(ErrorKind::Source, what).with_detail(detail)
}

/// The header that a decoder found is not the one it was asked to decode by.
fn changed() -> Error {
    Error::new(ErrorKind::Changed, "was replaced while it was read; ask again")
}

/// Sizes the scratch buffer and sets it to zero: what a damaged file leaves out must not show another picture.
fn prepare(scratch: &mut Vec<u8>, bytes: u64, limit: u64) -> Result<()> {
    if bytes > limit {
        return Err(Error::new(ErrorKind::Limit, "needs more memory than the limit of decoded bytes"));
    }
    let too_large = |_| Error::new(ErrorKind::Limit, "needs more memory than there is");
    let len = usize::try_from(bytes).map_err(|_| too_large(()))?;
    scratch.clear();
    if scratch.capacity() < len {
        // Growing would copy; what is in it is of no use.
        *scratch = Vec::new();
        scratch.try_reserve_exact(len).map_err(|_| too_large(()))?;
    }
    scratch.resize(len, 0);
    Ok(())
}

/// Decoding into plain vectors, for the tests of every format.
#[cfg(test)]
mod tests_support;

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

    #[test]
    fn scratch_is_zeroed_and_limited() {
        let mut scratch = vec![7; 100];
        prepare(&mut scratch, 50, 50).unwrap();
        assert_eq!(scratch, [0; 50]);
        assert_eq!(prepare(&mut scratch, 51, 50).unwrap_err().kind(), ErrorKind::Limit);
    }
}
