//! PNG, by the `png` crate.

mod decode;
mod encode;
mod metadata;

use super::table::Codec;
use super::together::of_union;
use crate::imaging::pixel::header::Format;

pub(super) use encode::{Effort, encode, encode_indexed};

pub(super) const CODEC: Codec = Codec {
    format: Format::Png,
    matches: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
    read_header: decode::read_header,
    decode: decode::decode,
    decode_all: |bytes, header, job, outputs| of_union(decode::decode, bytes, header, job, outputs),
    check: decode::check,
    // Rows can only be read from the first one on.
    index: |_, _, _, _| Ok(false),
    read_profile: decode::read_profile,
    read_metadata: metadata::read,
};
