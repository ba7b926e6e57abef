//! The reply to a request that cannot be answered.

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::observe::StopWatch;
use crate::language::catalog::Caller;
use crate::language::request::Kind;

use super::inflight::InFlight;
use super::job::{Job, Purpose};
use super::reply::Reply;
use super::state::MissingStatus;

impl InFlight {
    /// The reply to a request that cannot be answered, made now, by a thread that makes pictures: the catalog's error image,
    /// or the error as text.
    pub(super) fn failed(&self, error: Error, cancel: Cancel<'_>) -> Reply {
        let image = self.error_image(&error, cancel).and_then(|job| job.finished(cancel, &StopWatch::default()).ok());
        image.unwrap_or_else(|| self.told(error))
    }

    /// The error as text.
    pub(super) fn told(&self, error: Error) -> Reply {
        let missing = self.missing_status(&error);
        let reply = Reply::of_error(error, &self.style, self.detail, &self.stamp);
        Reply { status: missing.unwrap_or(reply.status), ..reply }
    }

    /// The status that the host has chosen for what is missing, if the error says so.
    fn missing_status(&self, error: &Error) -> Option<u16> {
        // `saveToFile` may miss its target folder. That is not a missing image.
        let is_missing = error.kind() == ErrorKind::Missing && self.call.req.kind != Kind::SaveToFile;
        (is_missing && self.engine.inner.missing == MissingStatus::NotFound).then_some(404)
    }

    /// `ErrorImage`, which no cache may keep (`responses.md` §5.5); it is made like any other picture. An error that ends by
    /// itself has none, and neither has the refusal of a caller.
    pub(super) fn error_image(&self, error: &Error, cancel: Cancel<'_>) -> Option<Job> {
        if is_transient(error) || Caller::is_refusal(error) {
            return None;
        }
        caught(|| self.error_job(error, cancel)).unwrap_or_default()
    }

    fn error_job(&self, error: &Error, cancel: Cancel<'_>) -> Result<Option<Job>> {
        let message = crate::language::lists::error_message(error, self.detail.min(2));
        let Some(resolved) = self.call.error_picture(&self.catalogs, self.caller, error, message)? else {
            return Ok(None);
        };
        let status = self.missing_status(error).unwrap_or(200);
        Job::new(self.clone(), resolved, Purpose::Error { error: error.clone(), status }, cancel).map(Some)
    }
}

/// The error ends by itself, so the same request may succeed in a moment.
pub(super) const fn is_transient(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Changed | ErrorKind::Unfinished | ErrorKind::Stopped)
}
