//! A file in memory of a limited length.

use std::io::{self, Write};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::grow;

use super::settings::WriteLimits;

/// Bytes that are taken at a time: the work can be given up between.
const PART: usize = 1 << 20;

/// A file in memory that refuses to grow beyond a limit, or once the work is cancelled.
pub(super) struct Limited<'a> {
    bytes: Vec<u8>,
    bounds: WriteLimits<'a>,
    exceeded: bool,
    stopped: Option<Error>,
}

impl<'a> Limited<'a> {
    pub(super) fn new(bounds: WriteLimits<'a>) -> Self {
        Self { bytes: Vec::new(), bounds, exceeded: false, stopped: None }
    }

    /// The file after an encoder's last word; `None` if it would have grown beyond the limit.
    ///
    /// # Errors
    ///
    /// The work is to be given up, there is no memory, or the encoder failed otherwise, which is a mistake of ours.
    pub(super) fn finish<E: std::fmt::Display>(self, written: std::result::Result<(), E>) -> Result<Option<Vec<u8>>> {
        if let Some(error) = self.stopped {
            return Err(error);
        }
        match written {
            _ if self.exceeded => Ok(None),
            Ok(()) => Ok(Some(self.bytes)),
            Err(error) => Err(Error::new(ErrorKind::Internal, "the reply cannot be encoded").with_detail(&error)),
        }
    }
}

impl Write for Limited<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let part = &part[..part.len().min(PART)];
        if let Err(error) = self.bounds.cancel.check() {
            self.stopped = Some(error);
            return Err(io::ErrorKind::TimedOut.into());
        }
        if part.len() > self.bounds.limit - self.bytes.len() {
            self.exceeded = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if let Err(error) = grow(&mut self.bytes, part.len()) {
            self.stopped = Some(error);
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file would be longer than the limit of a reply.
pub(super) fn too_long() -> Error {
    Error::new(ErrorKind::Limit, "exceeds the limit of reply bytes").at("encoded reply")
}
