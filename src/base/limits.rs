//! What one request may cost.

use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
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
    /// Pixels of an AVIF reply (feature `avif`), which takes a thousand times as long as a JPEG and cannot be given up while
    /// it is encoded. Default: 4 million.
    pub avif_pixels: u64,
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
            avif_pixels: 4_000_000,
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

    /// Sets the most pixels of an AVIF reply.
    #[must_use]
    pub const fn avif_pixels(self, avif_pixels: u64) -> Self {
        Self { avif_pixels, ..self }
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

/// Bytes of an allocation that is made only if there is room for it, at least.
const LARGE: usize = 1 << 20;

/// Bytes that are left for smaller allocations, whose failure would abort the process.
const HEADROOM: usize = 16 << 20;

/// What the work unwinds with that finds no room. The engine makes an error of it.
pub(crate) struct NoRoom;

/// There is no memory for a buffer.
pub(crate) const fn no_room() -> Error {
    Error::new(ErrorKind::Limit, "needs more memory than there is")
}

/// Allocates a buffer of a number of bytes if there is room for it. If there is none, the thread unwinds with [`NoRoom`],
/// as it would for a panic but without its message: the process would abort otherwise, and buffers are made in places that
/// return no errors.
pub(crate) fn with_room<T>(bytes: usize, allocate: impl FnOnce() -> T) -> T {
    // Between the trial and the allocation no other thread takes the memory.
    static TURN: Mutex<()> = Mutex::new(());
    if bytes < LARGE {
        return allocate();
    }
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    if !is_free(bytes.saturating_add(HEADROOM)) {
        drop(turn);
        std::panic::resume_unwind(Box::new(NoRoom));
    }
    allocate()
}

fn is_free(bytes: usize) -> bool {
    let mut trial = Vec::<u8>::new();
    let is_free = trial.try_reserve_exact(bytes).is_ok();
    // A compiler may leave out an allocation that is not used.
    black_box(&trial);
    is_free
}

/// A vector of zeros, if there is room for it; see [`with_room`].
pub(crate) fn zeros<T: Clone + Default>(len: usize) -> Vec<T> {
    with_room(len.saturating_mul(size_of::<T>()), || vec![T::default(); len])
}

/// Makes room behind the end of a vector, which would abort the process if it grew by itself and there were none. A short
/// vector is left to itself.
///
/// # Errors
///
/// There is no room.
pub(crate) fn grow(vector: &mut Vec<u8>, more: usize) -> Result<()> {
    if vector.capacity() - vector.len() >= more || vector.len().saturating_add(more) < LARGE {
        return Ok(());
    }
    vector.try_reserve(more).map_err(|_| no_room())
}

/// Tries to reserve a number of bytes before work begins that needs them, and frees them at once. Later allocations can still
/// fail, but they are small beside the one that was tried.
///
/// # Errors
///
/// There are not.
pub(crate) fn try_reserve(bytes: u64) -> Result<()> {
    let is_free = usize::try_from(bytes).is_ok_and(is_free);
    if is_free { Ok(()) } else { Err(no_room()) }
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

    #[test]
    fn work_without_room_unwinds_and_leaves_the_next_its_turn() {
        assert_eq!(zeros::<u16>(3), [0; 3]);
        assert_eq!(zeros::<u8>(LARGE), vec![0; LARGE]);
        for len in [1 << 62, usize::MAX] {
            let panic = std::panic::catch_unwind(|| zeros::<u8>(len)).unwrap_err();
            assert!(panic.is::<NoRoom>());
            let mut short = vec![7];
            assert_eq!(grow(&mut short, len).unwrap_err().to_string(), "needs more memory than there is");
            assert_eq!(short, [7]);
        }
        let mut grown = vec![7];
        grow(&mut grown, 2 * LARGE).unwrap();
        assert!(grown.capacity() > 2 * LARGE && grown == [7]);
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
