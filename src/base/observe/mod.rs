//! What operators see of requests: how long their stages take, spans of `tracing`, and counts for the `metrics` facade.
//!
//! Both facades are features. Without them what is here costs a look at the clock before and after a stage.

mod count;
mod span;

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use crate::base::clock::now;

pub(crate) use count::{catalog_faults, describe, digested, picture_from, served};
#[cfg(feature = "tower")]
pub(crate) use count::{turned, waited};
pub(crate) use span::{Span, not_trusted, reloaded, span, started, unknown_commands_came, went_wrong};

/// A part of the way of a request that takes time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Reading the request, looking at catalogs and files, planning. Of a source that is not known yet this includes
    /// reading the whole file for its digest.
    Prepare,
    /// Decoding the source and its mask, and resampling, which happens row by row as they are decoded.
    Decode,
    /// Everything else that is done to pixels: turning, operations, background, colours.
    Draw,
    /// Writing the file. What another thread writes while the source is decoded takes no time of its own.
    Encode,
}

impl Stage {
    /// All of them, in the order of a request.
    pub const ALL: [Self; 4] = [Self::Prepare, Self::Decode, Self::Draw, Self::Encode];

    /// Its name in logs, metrics and `Server-Timing`: one word in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Decode => "decode",
            Self::Draw => "draw",
            Self::Encode => "encode",
        }
    }
}

/// How long the stages of a request took. No time is counted to two of them; stages that there was no need for took none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timings([Duration; Stage::ALL.len()]);

impl Timings {
    /// The time of a stage; zero if the request had no need for it.
    ///
    /// ```
    /// use platemark::{Engine, Stage};
    ///
    /// let engine = Engine::builder("assets/demo").cache_bytes(1 << 20).build()?;
    /// let reply = engine.serve("/is/image/demo/harbour?wid=90");
    /// assert!(reply.timings.of(Stage::Decode) > reply.timings.of(Stage::Prepare) / 100);
    /// let stored = engine.serve("/is/image/demo/harbour?wid=90");
    /// assert!(stored.timings.of(Stage::Decode).is_zero());
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub const fn of(&self, stage: Stage) -> Duration {
        self.0[stage as usize]
    }

    pub(crate) fn add(&mut self, stage: Stage, time: Duration) {
        self.0[stage as usize] += time;
    }

    /// Both together.
    pub(crate) fn with(mut self, other: &Self) -> Self {
        Stage::ALL.into_iter().for_each(|stage| self.add(stage, other.of(stage)));
        self
    }
}

/// As the value of a `Server-Timing` header: `prepare;dur=0.031, decode;dur=12.4`, in milliseconds; empty if nothing took
/// any time.
impl fmt::Display for Timings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for stage in Stage::ALL.into_iter().filter(|stage| !self.of(*stage).is_zero()) {
            write!(f, "{separator}{};dur={}", stage.name(), Milliseconds(self.of(stage)))?;
            separator = ", ";
        }
        Ok(())
    }
}

/// A duration in milliseconds, to the microsecond.
pub(crate) struct Milliseconds(pub(crate) Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        write!(f, "{}.{:03}", micros / 1000, micros % 1000)
    }
}

/// Measures the stages of one request. A stage inside another one is counted to itself alone.
#[derive(Debug, Default)]
pub(crate) struct StopWatch {
    timings: Cell<Timings>,
    /// What stages inside the present one have taken.
    inner: Cell<Duration>,
}

impl StopWatch {
    /// Does the work of a stage.
    pub(crate) fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let before = self.inner.replace(Duration::ZERO);
        let start = now();
        let result = work();
        let whole = start.elapsed();
        let own = whole.saturating_sub(self.inner.get());
        let mut timings = self.timings.get();
        timings.add(stage, own);
        self.timings.set(timings);
        self.inner.set(before + whole);
        result
    }

    /// Counts to another stage what was measured as part of one.
    pub(crate) fn shift(&self, from: Stage, to: Stage, time: Duration) {
        let mut timings = self.timings.get();
        let time = time.min(timings.of(from));
        timings.0[from as usize] -= time;
        timings.add(to, time);
        self.timings.set(timings);
    }

    /// What has been measured.
    pub(crate) const fn timings(&self) -> Timings {
        self.timings.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_inside_another_is_counted_once() {
        let pause = |milliseconds| std::thread::sleep(Duration::from_millis(milliseconds));
        let cancel = StopWatch::default();
        let result = cancel.time(Stage::Draw, || {
            cancel.time(Stage::Decode, || pause(40));
            pause(1);
            cancel.time(Stage::Decode, || pause(40));
            7
        });
        let start = now();
        cancel.time(Stage::Encode, || pause(1));
        let timings = cancel.timings();
        assert_eq!(result, 7);
        assert!(timings.of(Stage::Decode) >= Duration::from_millis(80), "{timings}");
        assert!(timings.of(Stage::Draw) >= Duration::from_millis(1), "{timings}");
        assert!(timings.of(Stage::Encode) <= start.elapsed(), "what came before is not taken off");
        assert!(timings.of(Stage::Encode) >= Duration::from_millis(1));
        assert_eq!(timings.of(Stage::Prepare), Duration::ZERO);
    }

    #[test]
    fn timings_are_written_as_the_header_wants_them() {
        let mut timings = Timings::default();
        assert_eq!(timings.to_string(), "");
        timings.add(Stage::Decode, Duration::from_micros(12_045));
        timings.add(Stage::Prepare, Duration::from_nanos(31_900));
        assert_eq!(timings.to_string(), "prepare;dur=0.031, decode;dur=12.045");
    }
}
