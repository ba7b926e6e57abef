//! What a file says besides its pixels: XMP, colour profile, Photoshop paths, resolution.
//!
//! Read only where somebody asks for it, so that decoding never pays for it. Whatever is damaged is left out; only of
//! XMP, which is delivered as a whole, it is told why it cannot be.

mod icc;
mod jpeg;
mod photoshop;
mod png;
mod upright;
mod xmp;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::Format;

pub(crate) use upright::upright_xmp;

/// Metadata of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// The XMP packet, its extension included.
    pub(crate) xmp: Result<Option<String>>,
    /// The embedded colour profile.
    pub(crate) icc: Option<IccInfo>,
    /// Names of the Photoshop paths, in order. A file without names holds no paths.
    pub(crate) path_names: Vec<String>,
    /// Horizontal resolution in thousandths of a dot per inch.
    pub(crate) milli_dpi: Option<u32>,
}

impl Default for Metadata {
    fn default() -> Self {
        Self { xmp: Ok(None), icc: None, path_names: Vec::new(), milli_dpi: None }
    }
}

/// What is known of an embedded colour profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IccInfo {
    /// The profile's description, else the name it is embedded under; may be empty.
    pub(crate) description: String,
}

/// Reads a file's metadata. No kind of it is unpacked to more than `limit` bytes.
pub(crate) fn read_metadata(bytes: &[u8], limit: usize) -> Metadata {
    match super::sniff(bytes) {
        Some(Format::Jpeg) => jpeg::read(bytes, limit),
        Some(Format::Png) => png::read(bytes, limit),
        None => Metadata::default(),
    }
}

/// XMP that is there but cannot be delivered.
fn unusable_xmp(what: &'static str) -> Error {
    Error::new(ErrorKind::Source, what)
}

fn too_much_xmp() -> Error {
    Error::new(ErrorKind::Limit, "has more XMP metadata than the limit of metadata bytes")
}

#[cfg(test)]
mod tests;
