//! JPEG (T.81, JFIF, Exif).

mod decode;
mod encode;
mod metadata;
mod typical;

use super::table::Codec;
use crate::imaging::pixel::header::Format;

pub(super) use decode::Buffers;
pub(crate) use decode::Sidecar;
#[cfg(feature = "internals")]
pub(crate) use decode::bench as decode_bench;
#[cfg(feature = "internals")]
pub(crate) use encode::{Blocks, Forward};
pub(crate) use encode::{RowEncoder, encode_within};
#[cfg(test)]
pub(super) use encode::{XMP_NAME, by_crate};
pub(super) use encode::{can_hold_xmp, encode};

pub(super) const CODEC: Codec = Codec {
    format: Format::Jpeg,
    matches: |bytes| bytes.starts_with(&[0xff, 0xd8, 0xff]),
    read_header: decode::read_header,
    decode: decode::decode,
    decode_all: decode::decode_all,
    check: decode::check,
    index: decode::index,
    read_profile: decode::profile::read,
    read_metadata: metadata::read,
};
