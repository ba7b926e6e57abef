//! Errors about files.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// The file is not what its format promises; what the codec says is for the operator.
pub(super) fn damaged(what: &'static str, detail: &impl fmt::Display) -> Error {
    Error::new(ErrorKind::Source, what).with_detail(detail)
}

/// The header that a decoder found is not the one it was asked to decode by.
pub(super) fn changed() -> Error {
    Error::new(ErrorKind::Changed, "was replaced while it was read; ask again")
}
