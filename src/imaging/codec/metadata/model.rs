//! Metadata as values, and errors about it.

use crate::base::error::{Error, ErrorKind, Result};

use super::rights::Rights;

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
    /// Who made the picture, and who has rights in it.
    pub(crate) rights: Rights,
}

impl Default for Metadata {
    fn default() -> Self {
        Self { xmp: Ok(None), icc: None, path_names: Vec::new(), milli_dpi: None, rights: Rights::default() }
    }
}

/// What is known of an embedded colour profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct IccInfo {
    /// The profile's description, else the name it is embedded under; may be empty.
    pub(crate) description: String,
}

/// XMP that is there but cannot be delivered.
pub(in crate::imaging::codec) fn unusable_xmp(what: &'static str) -> Error {
    Error::new(ErrorKind::Source, what)
}

pub(in crate::imaging::codec) fn too_much_xmp() -> Error {
    Error::new(ErrorKind::Limit, "has more XMP metadata than the limit of metadata bytes")
}
