//! What a format of sources can do, as one row of the table of formats.

use crate::base::error::Result;
use crate::imaging::pixel::header::{Format, Header};
use crate::imaging::pixel::raster::RowSink;

use super::job::Job;
use super::metadata::Metadata;
use super::together::Output;

/// A format of sources. The functions are called only for files that `matches` is true of, or for what the host says is of
/// the format.
pub(super) struct Codec {
    pub(super) format: Format,
    /// The file is of the format, by its first bytes. No file is of two formats.
    pub(super) matches: fn(&[u8]) -> bool,
    /// Reads the header of a file.
    pub(super) read_header: fn(&[u8]) -> Result<Header>,
    /// Decodes a window and hands its rows to the sink, from top to bottom.
    pub(super) decode: fn(&[u8], &Header, &mut Job<'_>, &mut dyn RowSink) -> Result<()>,
    /// Decodes several windows.
    pub(super) decode_all: fn(&[u8], &Header, &mut Job<'_>, &mut [Output<'_>]) -> Result<()>,
    /// Reads the whole file, and tells how it is decoded where damaged files are shown: the same header for a sound file,
    /// a header with `damaged` set (and whatever else the decoder needs to show the file as far as it goes) for others.
    pub(super) check: fn(&[u8], &Header, &mut Job<'_>) -> Result<Header>,
    /// Whether it is known of a file what it takes to decode parts of the window for little more than their share of it, or
    /// can be learned now if the last argument says so; false if the format does not allow it.
    pub(super) index: fn(&[u8], &Header, &mut Job<'_>, bool) -> Result<bool>,
    /// Reads the profile that the colour space in the header means, if it has no more bytes than the limit.
    pub(super) read_profile: fn(&[u8], usize) -> Option<Vec<u8>>,
    /// Reads the metadata of a file; no kind of it is unpacked to more bytes than the limit.
    pub(super) read_metadata: fn(&[u8], usize) -> Metadata,
}
