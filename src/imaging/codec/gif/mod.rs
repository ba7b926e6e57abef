//! GIF (feature `gif`): the blocks of a file are walked here, the `weezl` crate unpacks and packs the pixels. Of an animation the first
//! frame is the picture.

mod blocks;
mod decode;
mod encode;
mod metadata;

use super::frame;
use super::table::Codec;
use crate::imaging::pixel::header::Format;

pub(super) use encode::encode_indexed;

pub(super) const CODEC: Codec = Codec {
    format: Format::Gif,
    matches: |bytes| bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
    read_header: decode::read_header,
    decode: |bytes, header, job, sink| frame::decode(decode::whole, bytes, header, job, sink),
    decode_all: |bytes, header, job, outputs| frame::decode_all(decode::whole, bytes, header, job, outputs),
    check: decode::check,
    // Any window takes the whole picture.
    index: |_, _, _, _| Ok(false),
    read_profile: metadata::read_profile,
    read_metadata: metadata::read,
};
