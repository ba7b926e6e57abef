//! The clock that durations are measured by. The time of day comes from the host.

use std::time::Instant;

/// Now. It decides only when work is given up; no byte of a reply depends on it.
#[expect(
    clippy::disallowed_methods,
    reason = "durations are measured by this clock alone, and no byte depends on them"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
