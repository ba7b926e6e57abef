//! WebP, by the `image-webp` crate (feature `webp`). Of an animation the first frame is the picture.
//!
//! The chunks of a file are walked here. The crate gets the compressed pixels of one frame, so that what surrounds them
//! costs nothing, and frames are put on their canvas here. Lossy frames are written by the `gamut-webp` crate, all else of a
//! file here.

mod chunks;
mod decode;
mod encode;
mod feed;
mod metadata;
mod tables;

use super::frame;
use super::table::Codec;
use crate::imaging::pixel::header::Format;

pub(super) use encode::encode;

pub(super) const CODEC: Codec = Codec {
    format: Format::Webp,
    matches: |bytes| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
    read_header: decode::read_header,
    decode: |bytes, header, job, sink| frame::decode(decode::whole, bytes, header, job, sink),
    decode_all: |bytes, header, job, outputs| frame::decode_all(decode::whole, bytes, header, job, outputs),
    // A frame that is cut off cannot be decoded at all.
    check: |bytes, header, job| decode::whole(bytes, header, job).map(|()| *header),
    // Any window takes the whole picture.
    index: |_, _, _, _| Ok(false),
    read_profile: metadata::read_profile,
    read_metadata: metadata::read,
};
