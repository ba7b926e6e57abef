//! The reply to a request that cannot be answered.

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::clock::now;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::observe::StopWatch;
use crate::language::catalog::Caller;
use crate::language::request::Kind;

use super::guard::caught;
use super::inflight::InFlight;
use super::job::{Job, Purpose};
use super::reply::Reply;
use super::state::MissingStatus;

impl InFlight {
    /// The reply to a request that cannot be answered: the catalog's error image, or the error as text.
    pub(super) fn failed(&self, error: Error) -> Reply {
        let is_transient = matches!(error.kind(), ErrorKind::Changed | ErrorKind::Unfinished | ErrorKind::Stopped);
        let has_none = is_transient || Caller::is_refusal(&error);
        let image = if has_none { None } else { caught(|| self.error_image(&error)).unwrap_or_default() };
        // `saveToFile` may miss its target folder. That is not a missing image.
        let is_missing = error.kind() == ErrorKind::Missing && self.call.req.kind != Kind::SaveToFile;
        let reply = match image {
            Some(reply) => Reply { error: Some(error), cache_tags: Arc::default(), ..reply },
            None => Reply::of_error(error, &self.style, self.detail, &self.stamp),
        };
        match self.engine.inner.missing {
            MissingStatus::NotFound if is_missing => Reply { status: 404, ..reply },
            _ => reply,
        }
    }

    /// `ErrorImage`, never kept (`responses.md` §5.5).
    fn error_image(&self, error: &Error) -> Result<Option<Reply>> {
        let message = crate::language::lists::error_message(error, self.detail.min(2));
        let Some(resolved) = self.call.error_picture(&self.catalogs, self.caller, error, message)? else {
            return Ok(None);
        };
        let cancel = Cancel::ALWAYS.until(now().checked_add(self.engine.inner.limits.time));
        let reply = Job::new(self.clone(), resolved, Purpose::Error)?.finished(cancel, &StopWatch::default())?;
        Ok(Some(reply))
    }
}
