//! What one request may cost.

use std::time::Duration;

use crate::base::error::{Error, ErrorKind, Result};

/// Limits of one request. Each is checked before anything is allocated; a request that exceeds one is answered
/// with an error that names it, never with a lesser picture.
///
/// ```
/// let limits = platemark::Limits::new().source_pixels(50_000_000);
/// let engine = platemark::Engine::builder("assets/demo").limits(limits).build()?;
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a source file. Default: 1 GiB.
    pub source_bytes: u64,
    /// Pixels of a source picture. Default: 400 million.
    pub source_pixels: u64,
    /// Pixels of a reply. Default: 64 million.
    pub reply_pixels: u64,
    /// Bytes of an encoded reply. Default: 256 MiB.
    pub reply_bytes: usize,
    /// Bytes of a file that `/is/content` delivers. The engine delivers a long file in pieces of 256 KiB, so its length
    /// costs no memory. A file that the host supplies lies in memory as a whole; [`source_bytes`](Self::source_bytes)
    /// bounds it too. Default: 1 TiB.
    pub content_bytes: u64,
    /// Bytes of metadata (XMP, profiles) read from a source, unpacked. Default: 16 MiB.
    pub metadata_bytes: usize,
    /// Time that making a picture may take, looking at its sources included. It is asked for at every few rows and steps of
    /// the work; a step more may be done. A request that takes longer is answered with 503. Default: 60 s.
    pub time: Duration,
    /// Bytes of decoded pixels held at once; many only where a format cannot be decoded row by row (progressive JPEG,
    /// interlaced PNG). The same number bounds the bytes that drawing one layer takes: its samples, twice, and the rows and
    /// tables that resampling holds.
    /// Default: 1.5 GiB.
    pub decoded_bytes: u64,
}

impl Limits {
    /// The default of every limit.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            source_bytes: 1 << 30,
            source_pixels: 400_000_000,
            reply_pixels: 64_000_000,
            reply_bytes: 256 << 20,
            content_bytes: 1 << 40,
            metadata_bytes: 16 << 20,
            time: Duration::from_secs(60),
            decoded_bytes: 3 << 29,
        }
    }

    /// Sets the most bytes of a source file.
    #[must_use]
    pub const fn source_bytes(self, source_bytes: u64) -> Self {
        Self { source_bytes, ..self }
    }

    /// Sets the most pixels of a source picture.
    #[must_use]
    pub const fn source_pixels(self, source_pixels: u64) -> Self {
        Self { source_pixels, ..self }
    }

    /// Sets the most pixels of a reply.
    #[must_use]
    pub const fn reply_pixels(self, reply_pixels: u64) -> Self {
        Self { reply_pixels, ..self }
    }

    /// Sets the most bytes of an encoded reply.
    #[must_use]
    pub const fn reply_bytes(self, reply_bytes: usize) -> Self {
        Self { reply_bytes, ..self }
    }

    /// Sets the most bytes of a file that `/is/content` delivers.
    #[must_use]
    pub const fn content_bytes(self, content_bytes: u64) -> Self {
        Self { content_bytes, ..self }
    }

    /// Sets the most bytes of metadata that are read from a source.
    #[must_use]
    pub const fn metadata_bytes(self, metadata_bytes: usize) -> Self {
        Self { metadata_bytes, ..self }
    }

    /// Sets the time that making a picture may take.
    #[must_use]
    pub const fn time(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Sets the most bytes of decoded pixels that are held at once.
    #[must_use]
    pub const fn decoded_bytes(self, decoded_bytes: u64) -> Self {
        Self { decoded_bytes, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// Tries to reserve a number of bytes before work begins that needs them, and frees them at once. Later allocations can still
/// fail, but they are small beside the one that was tried.
///
/// # Errors
///
/// There are not.
pub(crate) fn try_reserve(bytes: u64) -> Result<()> {
    let refused = || Error::new(ErrorKind::Limit, "needs more memory than there is");
    let bytes = usize::try_from(bytes).map_err(|_| refused())?;
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| refused())
}

/// Decoded pixels would exceed [`Limits::decoded_bytes`].
pub(crate) const fn over_decoded_bytes() -> Error {
    Error::new(ErrorKind::Limit, "needs more memory than the limit of decoded bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_some_bytes_and_not_for_all() {
        try_reserve(0).unwrap();
        try_reserve(1 << 20).unwrap();
        for bytes in [1 << 62, u64::MAX] {
            assert_eq!(try_reserve(bytes).unwrap_err().to_string(), "needs more memory than there is");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn limits_that_a_file_does_not_name_are_the_defaults() {
        let limits: Limits = serde_json::from_str(r#"{"reply_pixels": 5}"#).unwrap();
        assert_eq!(limits, Limits::new().reply_pixels(5));
        assert_eq!(serde_json::from_str::<Limits>(&serde_json::to_string(&limits).unwrap()).unwrap(), limits);
        assert!(serde_json::from_str::<Limits>(r#"{"reply_pixel": 5}"#).is_err(), "a name that is misspelt");
    }
}
