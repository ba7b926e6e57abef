//! The clock that durations are measured by, and the time of day, unless the host brings its own.

use std::time::{Instant, SystemTime};

/// Now. It decides only when work is given up; no byte of a reply depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "durations are measured by this clock alone, and no byte depends on them"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The time of day. It tells how long files have been left alone.
#[expect(clippy::disallowed_methods, reason = "the one place where time comes from, unless the host brings its own")]
pub(crate) fn time_of_day() -> SystemTime {
    SystemTime::now()
}
