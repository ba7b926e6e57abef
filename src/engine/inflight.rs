//! A request in flight: it has been read, and is being answered.

use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};
use crate::language::catalog::{Caller, Catalogs, Object};
use crate::language::lists::Style;
use crate::language::resolve::{Call, Resolved};

use super::state::Engine;

/// A request that has been read, and what it takes to answer it.
#[derive(Clone)]
pub(super) struct InFlight {
    pub(super) engine: Engine,
    /// The catalogs as they were when the request came.
    pub(super) catalogs: Arc<Catalogs>,
    pub(super) call: Arc<Call>,
    /// Who asks.
    pub(super) caller: Caller,
    /// The request as it came.
    pub(super) target: Arc<str>,
    pub(super) style: Style,
    /// How much errors tell: `ErrorDetail`.
    pub(super) detail: u8,
    /// The time of the reply.
    pub(super) stamp: String,
}

impl InFlight {
    /// The object of the path; `None` if there is no such record or file name.
    pub(super) fn object(&self) -> Result<Option<Object>> {
        match self.call.object(&self.catalogs, self.caller) {
            Err(error) if error.kind() == ErrorKind::Missing => Ok(None),
            other => other,
        }
    }

    /// The picture that is asked for, as far as it is known without its files.
    pub(super) fn resolved(&self) -> Result<Resolved> {
        self.call.picture(&self.catalogs, self.caller)
    }

    /// The object of the path, which has to name one.
    pub(super) fn object_with_file(&self) -> Result<Object> {
        let names_none = || Error::new(ErrorKind::Request, "names no image").at("path");
        self.call.object(&self.catalogs, self.caller)?.ok_or_else(names_none)
    }
}
