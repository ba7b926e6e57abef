//! Spans and events of the `tracing` crate (feature `tracing`), all of the target `platemark`.

use crate::base::error::Error;

/// Starts a span of a stage: its name, and fields that an operator filters by. `Empty` fields are filled in later, by
/// [`Span::record`].
#[cfg(feature = "tracing")]
macro_rules! span {
    ($name:literal $(, $field:ident $(= $value:expr)?)* $(,)?) => {
        $crate::base::observe::Span::new(tracing::debug_span!(
            target: "platemark", $name $(, $field = span!(@value $($value)?))*
        ))
    };
    (@value) => { tracing::field::Empty };
    (@value $value:expr) => { $value };
}

/// Without the feature there are none.
#[cfg(not(feature = "tracing"))]
macro_rules! span {
    ($name:literal $(, $field:ident $(= $value:expr)?)* $(,)?) => {{
        $($(let _ = &$value;)?)*
        $crate::base::observe::Span::none()
    }};
}

pub(crate) use span;

/// A span, or nothing without the feature.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl Span {
    pub(crate) const fn new(span: tracing::Span) -> Self {
        Self { span }
    }

    /// The span that is entered where this is asked.
    pub(crate) fn current() -> Self {
        Self::new(tracing::Span::current())
    }

    /// Does some work inside the span.
    pub(crate) fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        self.span.in_scope(work)
    }

    /// Fills a field in that was left empty.
    pub(crate) fn record(&self, field: &'static str, value: &dyn std::fmt::Display) {
        if !self.span.is_disabled() {
            self.span.record(field, tracing::field::display(value));
        }
    }
}

#[cfg(not(feature = "tracing"))]
impl Span {
    pub(crate) const fn none() -> Self {
        Self {}
    }

    pub(crate) const fn current() -> Self {
        Self {}
    }

    pub(crate) fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        work()
    }

    pub(crate) fn record(&self, _: &'static str, _: &dyn std::fmt::Display) {}
}

/// Tells of an error that the operator should know of, too.
#[cfg(feature = "tracing")]
pub(crate) fn went_wrong(error: &Error, target: &str) {
    use crate::base::error::ErrorKind;
    // An event has no field `detail` if there is none.
    let detail = error.detail();
    match error.kind() {
        ErrorKind::Request | ErrorKind::Missing | ErrorKind::Limit => {
            tracing::debug!(target: "platemark", request = target, %error, detail, "refused");
        }
        ErrorKind::Changed | ErrorKind::Unfinished | ErrorKind::Stopped => {
            tracing::debug!(target: "platemark", request = target, %error, detail, "put off");
        }
        ErrorKind::Source | ErrorKind::Catalog | ErrorKind::Io => {
            tracing::warn!(target: "platemark", request = target, %error, detail, "failed");
        }
        ErrorKind::Internal => tracing::error!(target: "platemark", request = target, %error, detail, "failed"),
    }
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn went_wrong(_: &Error, _: &str) {}

/// Tells of commands whose names are not known; they are joined by commas.
#[cfg(feature = "tracing")]
pub(crate) fn unknown_commands_came(names: &str, target: &str) {
    tracing::warn!(target: "platemark", request = target, commands = names, "unknown commands ignored");
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn unknown_commands_came(_: &str, _: &str) {}

/// Tells of a mount whose files are read for every request.
#[cfg(feature = "tracing")]
pub(crate) fn not_trusted(mount: &dyn std::fmt::Display, file_system: &str) {
    tracing::warn!(target: "platemark", %mount, file_system, "mount not trusted, its files are read for every request");
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn not_trusted(_: &dyn std::fmt::Display, _: &str) {}

/// Tells of what is wrong with the catalogs that an engine starts with.
#[cfg(feature = "tracing")]
pub(crate) fn started(warnings: &[impl std::fmt::Display], failures: &[Error]) {
    for warning in warnings {
        tracing::warn!(target: "platemark", "{warning}");
    }
    failures.iter().for_each(not_used);
}

#[cfg(feature = "tracing")]
fn not_used(error: &Error) {
    tracing::warn!(target: "platemark", %error, detail = error.detail(), "catalog file not used");
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn started<T>(_: &[T], _: &[Error]) {}

/// Tells of catalogs that were read again.
#[cfg(feature = "tracing")]
pub(crate) fn reloaded(files: &[String], warnings: &[String], failures: &[Error]) {
    tracing::info!(target: "platemark", files = files.len(), failures = failures.len(), "catalogs read again");
    for warning in warnings {
        tracing::warn!(target: "platemark", "{warning}");
    }
    failures.iter().for_each(not_used);
}

#[cfg(not(feature = "tracing"))]
pub(crate) const fn reloaded(_: &[String], _: &[String], _: &[Error]) {}
