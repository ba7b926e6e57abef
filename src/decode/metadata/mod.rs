//! What a file says besides its pixels: XMP, colour profile, Photoshop paths, resolution.
//!
//! Read only where somebody asks for it, so that decoding never pays for it. Whatever is damaged is left out; only of
//! XMP, which is delivered as a whole, it is told why it cannot be.

mod icc;
mod jpeg;
mod model;
mod photoshop;
mod png;
mod upright;
mod xmp;

use crate::facts::Format;

use super::sniff::sniff;

pub(crate) use model::Metadata;
pub(crate) use upright::upright_xmp;

/// Reads a file's metadata. No kind of it is unpacked to more than `limit` bytes.
pub(crate) fn read_metadata(bytes: &[u8], limit: usize) -> Metadata {
    match sniff(bytes) {
        Some(Format::Jpeg) => jpeg::read(bytes, limit),
        Some(Format::Png) => png::read(bytes, limit),
        None => Metadata::default(),
    }
}

#[cfg(test)]
mod tests;
