//! The files that a picture is made of, as a list.

use std::path::PathBuf;

use crate::base::geom::Size;

/// What an object or its file is to a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The content of a layer.
    Source,
    /// The object of the path, where it is not the source.
    Path,
    /// The record whose Modifier takes the place of the object's.
    Template,
    /// The mask of a layer.
    Mask,
}

impl Role {
    /// Its name in versions.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Path => "path",
            Self::Template => "template",
            Self::Mask => "mask",
        }
    }
}

/// A file that takes part in a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) role: Role,
    /// What errors call it: the object as the caller wrote it, or the command that names it.
    pub(crate) name: String,
    /// `None`: the object is a record without a file.
    pub(crate) file: Option<PathBuf>,
    /// The size that the record says the picture has.
    pub(crate) declared: Option<Size>,
}

impl Input {
    /// The picture cannot be made without the file.
    pub(crate) const fn is_needed(&self) -> bool {
        // Versions cover the file of the path's object; no pixel comes from it.
        !matches!(self.role, Role::Path)
    }
}
