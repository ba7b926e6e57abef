//! TIFF (revision 6.0 with its supplements, and BigTIFF): the first picture of a file, by a reader of our own.
//!
//! `directory` reads tags, `page` says which picture is shown and how it is stored, `chunks` where its strips or tiles are.
//! `unpack` undoes their compression; JPEGs in them go to the decoder of JPEG, as files that `stream` puts together. `samples`
//! and `rows` make gray, RGB or inks of the rows, and `decode` drives it all: only chunks that the window needs are read.
//!
//! Alpha is delivered apart from colours: those that the file has multiplied by it are divided again.

#[cfg(test)]
mod builder;
mod chunks;
mod decode;
mod directory;
mod encode;
mod metadata;
mod page;
mod rows;
mod samples;
mod stream;
mod tags;
#[cfg(test)]
mod tests;
mod unpack;

use super::table::Codec;
use super::together::of_union;
use crate::imaging::pixel::header::Format;

pub(super) use encode::encode;

pub(super) const CODEC: Codec = Codec {
    format: Format::Tiff,
    matches: |bytes| directory::File::new(bytes).is_some(),
    read_header: decode::read_header,
    decode: decode::decode,
    decode_all: |bytes, header, job, outputs| of_union(decode::decode, bytes, header, job, outputs),
    check: decode::check,
    index: |bytes, _, _, _| decode::index(bytes),
    read_profile: decode::read_profile,
    read_metadata: metadata::read,
};
