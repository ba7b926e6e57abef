//! Entity tags.

use std::fmt;

use crate::base::version::Version;

/// An entity tag, printed as the header's value: `"…"`, or `W/"…"` for a weak one.
///
/// A strong tag is known before anything is decoded, and equal strong tags mean equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ETag {
    /// The opaque part.
    pub value: Version,
    /// It promises the same meaning, not the same bytes.
    pub weak: bool,
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.value)
    }
}
