//! How long a reply may be kept (`responses.md` §8, §9).

use std::fmt;

use crate::catalog::{Hours, Object};
use crate::request::Real;

/// What caches are told about a reply.
///
/// ```
/// let engine = platemark::Engine::builder("assets/demo").build()?;
/// let reply = engine.serve("/is/image/demo/harbour?wid=100");
/// assert_eq!(reply.lifetime.to_string(), "max-age=36000");
/// assert_eq!(engine.serve("/is/image/demo/gone").lifetime.to_string(), "no-store");
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// Not to be stored: errors, and replies whose content and key may not belong together.
    NoStore,
    /// May be kept.
    MaxAge {
        /// For so many seconds; 0 means that it has to be revalidated every time.
        seconds: u32,
        /// It is never going to change under its URL.
        immutable: bool,
    },
}

/// What a reply that never expires is given: a year, the longest that caches honour.
const FOREVER: u32 = 31_536_000;

impl Lifetime {
    /// Seconds for which the reply may be kept; `None` if not at all.
    #[must_use]
    pub const fn seconds(self) -> Option<u32> {
        match self {
            Self::NoStore => None,
            Self::MaxAge { seconds, .. } => Some(seconds),
        }
    }

    fn of(hours: Hours) -> Self {
        let billionths = i128::from(hours.0.billionths());
        let seconds = if billionths < 0 {
            FOREVER
        } else {
            let exact = crate::geometry::round_half_up(billionths * 3600, i128::from(Real::ONE));
            // Expiry dates have to fit where seconds are counted in 31 bits.
            u32::try_from(exact.min(i128::from(i32::MAX))).unwrap_or(FOREVER)
        };
        Self::MaxAge { seconds, immutable: false }
    }

    /// The same, never going to change. What may not be kept stays so.
    pub(crate) const fn immutable(self) -> Self {
        match self {
            Self::MaxAge { seconds, .. } if seconds > 0 => Self::MaxAge { seconds, immutable: true },
            other => other,
        }
    }
}

impl fmt::Display for Lifetime {
    /// The value of a `Cache-Control` header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStore => f.write_str("no-store"),
            Self::MaxAge { seconds: 0, .. } => f.write_str("no-cache, max-age=0"),
            Self::MaxAge { seconds, immutable: false } => write!(f, "max-age={seconds}"),
            Self::MaxAge { seconds, immutable: true } => write!(f, "max-age={seconds}, immutable"),
        }
    }
}

/// Of images and thumbnails: the record's own, else that of the record's catalog.
pub(crate) fn of_image(object: &Object) -> Lifetime {
    let own = object.record.as_ref().and_then(|record| record.expiration);
    Lifetime::of(own.unwrap_or(object.owner.attributes.expiration))
}

/// Of property lists: that of the main catalog.
pub(crate) fn of_properties(object: &Object) -> Lifetime {
    Lifetime::of(object.main.attributes.non_img_expiration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(hours: &str) -> String {
        Lifetime::of(Hours(Real::parse(hours).unwrap())).to_string()
    }

    #[test]
    fn hours_become_seconds() {
        assert_eq!(header("10"), "max-age=36000");
        assert_eq!(header("0.1"), "max-age=360");
        assert_eq!(header("0.0001"), "no-cache, max-age=0");
        assert_eq!(header("0"), "no-cache, max-age=0");
        assert_eq!(header("-1"), "max-age=31536000");
        assert_eq!(header("9000000000"), "max-age=2147483647");
    }

    #[test]
    fn what_may_not_be_kept_is_never_immutable() {
        assert_eq!(Lifetime::NoStore.immutable(), Lifetime::NoStore);
        assert_eq!(Lifetime::MaxAge { seconds: 0, immutable: false }.immutable().to_string(), "no-cache, max-age=0");
        assert_eq!(Lifetime::MaxAge { seconds: 9, immutable: false }.immutable().to_string(), "max-age=9, immutable");
    }
}
