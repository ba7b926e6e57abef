//! BMP, read by code of ours: rows that lie in the file as they are, or run lengths.

mod decode;
mod heading;
mod metadata;
mod runs;
mod unpack;

use super::table::Codec;
use crate::imaging::pixel::header::Format;

pub(super) const CODEC: Codec = Codec {
    format: Format::Bmp,
    matches: heading::matches,
    read_header: decode::read_header,
    decode: decode::decode,
    decode_all: decode::decode_all,
    check: decode::check,
    // Rows lie at equal distances, unless they are packed.
    index: |_, header, _, _| Ok(!header.coded.whole),
    read_profile: metadata::read_profile,
    read_metadata: metadata::read,
};
