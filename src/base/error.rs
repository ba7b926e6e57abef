//! The one error type, sorted by who has to act.

use std::fmt;

/// Who has to act on an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller: the request is malformed or asks for something that is not offered.
    Request,
    /// The caller or the publisher: the object does not exist.
    Missing,
    /// The publisher: the source file exists but cannot be decoded.
    Source,
    /// The caller or the operator: a limit was reached. The text names the limit.
    Limit,
    /// The operator: a catalog file cannot be used.
    Catalog,
    /// The operator: the file system refused a file that is there.
    Io,
    /// No one has to act. The source was replaced while the engine read it; ask again.
    Changed,
    /// The publisher; ask again: the source cannot be decoded, and has been written to so lately that it may be incomplete.
    Unfinished,
    /// The operator: the host gave the work up, because it took too long or because the caller has gone.
    Stopped,
    /// The authors of this library.
    Internal,
}

/// An error: what went wrong, at which command, object or file.
///
/// Its text is one line, fit to be shown to the caller: it never holds a path of the file system.
/// What only the operator should see is in [`detail`](Self::detail).
///
/// ```
/// let engine = platemark::Engine::builder("assets/demo").build()?;
/// let error = engine.serve("/is/image/demo/harbour?fit=crop").error.unwrap();
/// assert_eq!(error.kind(), platemark::ErrorKind::Request);
/// assert_eq!(error.to_string(), "fit: needs wid or hei");
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    what: &'static str,
    at: Option<Box<str>>,
    detail: Option<Box<str>>,
}

/// The longest text of a caller that an error repeats, in characters.
const MAX_ECHO: usize = 80;

impl Error {
    /// An error of a kind; `what` is a short lower-case clause without a full stop.
    pub(crate) const fn new(kind: ErrorKind, what: &'static str) -> Self {
        Self { kind, what, at: None, detail: None }
    }

    /// The caller's mistake at a command.
    pub(crate) fn request(command: &str, what: &'static str) -> Self {
        Self::new(ErrorKind::Request, what).at(command)
    }

    /// A file was replaced while a request was working with it.
    pub(crate) const fn changed() -> Self {
        Self::new(ErrorKind::Changed, "was replaced while it was read; ask again")
    }

    /// Names the command, object or file. Control characters are replaced and the text is cut,
    /// so that the whole stays one short line whatever a caller sent.
    pub(crate) fn at(mut self, at: &str) -> Self {
        let mut text: String = at
            .chars()
            .take(MAX_ECHO)
            .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { '\u{fffd}' } else { c })
            .collect();
        if at.chars().nth(MAX_ECHO).is_some() {
            text.push('…');
        }
        self.at = Some(text.into());
        self
    }

    /// Adds what only the operator may see: paths, messages of the system or of a codec.
    pub(crate) fn with_detail(mut self, detail: &impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string().into());
        self
    }

    /// Who has to act.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What went wrong, without the place.
    pub(crate) const fn what(&self) -> &'static str {
        self.what
    }

    /// The command, object or catalog file at fault, if one is.
    #[must_use]
    pub fn place(&self) -> Option<&str> {
        self.at.as_deref()
    }

    /// Paths and messages of the system, for the operator's log; not for the caller.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{at}: {}", self.what),
            None => f.write_str(self.what),
        }
    }
}

impl std::error::Error for Error {}

/// Shorthand for results of this crate.
pub(crate) type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_one_short_line_whatever_the_caller_sent() {
        let error = Error::request(&format!("a\r\nb\u{2028}{}", "x".repeat(500)), "is malformed");
        let text = error.to_string();
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("a\u{fffd}\u{fffd}b\u{fffd}xxx"), "{text}");
        assert!(text.ends_with("x…: is malformed"), "{text}");
        assert!(text.chars().count() < 100);
    }

    #[test]
    fn detail_is_not_part_of_the_text() {
        let error = Error::new(ErrorKind::Io, "cannot be read").at("shoe").with_detail(&"/secret/path");
        assert_eq!(error.to_string(), "shoe: cannot be read");
        assert_eq!(error.detail(), Some("/secret/path"));
    }
}
