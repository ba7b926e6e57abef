//! Panics become errors of one request.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::{NoRoom, no_room};

/// Runs a step. A panic in it, which would be a mistake of this library or of a codec, is an error of this one request. So
/// is memory that the step does not get.
pub(crate) fn caught<T>(step: impl FnOnce() -> Result<T>) -> Result<T> {
    // What a step leaves behind after a panic is dropped with it: stores and buffers hold finished values only.
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
        if panic.is::<NoRoom>() {
            return Err(no_room());
        }
        let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(Error::new(ErrorKind::Internal, "internal error").with_detail(&text.unwrap_or("a panic without a text")))
    })
}
