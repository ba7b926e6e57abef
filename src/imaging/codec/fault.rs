//! Errors about files.

use std::fmt;

use crate::base::error::{Error, ErrorKind};

/// The file is not what its format promises; what the codec says is for the operator.
pub(super) fn damaged(what: &'static str, detail: &impl fmt::Display) -> Error {
    Error::new(ErrorKind::Source, what).with_detail(detail)
}
