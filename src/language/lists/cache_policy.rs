//! How long a reply may be kept, and by which caches (`responses.md` §8, §9; `catalog.md` §9).
//!
//! A lifetime other than "not at all" comes only from what the protocol lets a lifetime come from: a record, an
//! attribute, a default image, or the smallest of such. An error reply has no way to get one.

use std::fmt;
use std::time::Duration;

use crate::base::num::decimal::Decimal;
use crate::language::catalog::Hours;

/// What caches are told about a reply. It prints as the value of a `Cache-Control` header.
///
/// What may be kept is `public`: shared caches may keep it too, whatever headers the request had. The host's
/// [`stale_while_revalidate`](crate::EngineBuilder::stale_while_revalidate) and
/// [`stale_if_error`](crate::EngineBuilder::stale_if_error) follow the lifetime of a reply that may be kept for a while and
/// is not `immutable`: an immutable one is never revalidated, and never stale before its lifetime ends.
///
/// ```
/// use std::time::Duration;
///
/// let engine = platemark::Engine::builder("assets/demo").build()?;
/// let reply = engine.serve("/is/image/demo/harbour?wid=100");
/// assert_eq!(reply.cache_policy.to_string(), "public, max-age=36000");
/// let gone = engine.serve("/is/image/demo/gone");
/// assert_eq!((gone.cache_policy.to_string().as_str(), gone.cache_policy.seconds()), ("no-store", None));
///
/// let engine = platemark::Engine::builder("assets/demo")
///     .stale_while_revalidate(Duration::from_secs(60))
///     .stale_if_error(Duration::from_secs(86_400))
///     .build()?;
/// let reply = engine.serve("/is/image/demo/harbour?wid=100");
/// assert_eq!(
///     reply.cache_policy.to_string(),
///     "public, max-age=36000, stale-while-revalidate=60, stale-if-error=86400"
/// );
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CachePolicy {
    span: Span,
    promise: Promise,
    stale: Stale,
    /// Only the client may keep it, and no cache that others share.
    private: bool,
}

/// For how many seconds after its lifetime a cache may deliver a reply (RFC 5861); 0 for not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Stale {
    /// While it asks for a new one.
    pub(crate) while_revalidate: u32,
    /// If it gets an error, or no answer, in place of a new one.
    pub(crate) if_error: u32,
}

impl Stale {
    /// Whole seconds, as many as fit into 31 bits.
    pub(crate) const fn seconds(time: Duration) -> u32 {
        let (seconds, most) = (time.as_secs(), i32::MAX as u32);
        if seconds < most as u64 { seconds as u32 } else { most }
    }
}

/// How long; ordered, the shortest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Span {
    /// Not to be stored: errors, and replies whose content and key may not belong together.
    NoStore,
    /// A number of seconds; with 0 a cache has to revalidate the reply every time.
    Seconds(u32),
    /// Without end.
    Forever,
}

/// What is promised of the content behind the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Promise {
    Nothing,
    /// It is never going to change.
    Immutable,
    /// It stands in for something else, such as a picture that is missing or damaged, and will change when that turns up.
    Fallback,
    /// It is made of a file that may be half written.
    Unsettled,
}

/// What a reply that never expires is given: a year, the longest that caches honour.
const FOREVER: u32 = 31_536_000;

/// The most seconds for which caches may keep a reply that is made of a file that has not settled.
const UNSETTLED: u32 = 10;

impl CachePolicy {
    /// Not to be stored.
    pub const NO_STORE: Self = Self::new(Span::NoStore, Promise::Nothing);

    const fn new(span: Span, promise: Promise) -> Self {
        Self { span, promise, stale: Stale { while_revalidate: 0, if_error: 0 }, private: false }
    }

    /// Seconds for which the reply may be kept; `None` if not at all.
    #[must_use]
    pub const fn seconds(self) -> Option<u32> {
        match self.span {
            Span::NoStore => None,
            Span::Seconds(seconds) => Some(seconds),
            Span::Forever => Some(FOREVER),
        }
    }

    /// The reply never expires: conditional requests are answered 304 unseen, as the protocol says of −1.
    #[must_use]
    pub const fn is_forever(self) -> bool {
        matches!(self.span, Span::Forever)
    }

    /// Of a layer or field: the record's own Expiration, else the attribute of the layer's catalog.
    pub(crate) fn of_record(own: Option<Hours>, attribute: Hours) -> Self {
        Self::new(Span::of_own(own).unwrap_or_else(|| Span::of(attribute)), Promise::Nothing)
    }

    /// Of property lists: the main catalog's NonImgExpiration.
    pub(crate) fn of_list(attribute: Hours) -> Self {
        Self::new(Span::of(attribute), Promise::Nothing)
    }

    /// Of a reply that shows a default image: its record's own Expiration, else DefaultExpiration.
    pub(crate) fn of_default_image(own: Option<Hours>, default_expiration: Hours) -> Self {
        let span = Span::of_own(own).unwrap_or_else(|| Span::of(default_expiration));
        Self::new(span, Promise::Fallback)
    }

    /// The smallest of all that a reply is made of; of nothing, not to be stored.
    pub(crate) fn smallest(lifetimes: impl IntoIterator<Item = Self>) -> Self {
        let smaller = |a: Self, b: Self| {
            let promise = match (a.promise, b.promise) {
                (Promise::Unsettled, _) | (_, Promise::Unsettled) => Promise::Unsettled,
                (Promise::Fallback, _) | (_, Promise::Fallback) => Promise::Fallback,
                (Promise::Immutable, Promise::Immutable) => Promise::Immutable,
                _ => Promise::Nothing,
            };
            Self { span: a.span.min(b.span), promise, stale: a.stale, private: a.private || b.private }
        };
        lifetimes.into_iter().reduce(smaller).unwrap_or(Self::NO_STORE)
    }

    /// The same, with how long it may be delivered after its lifetime. What may not be kept at all stays as it is.
    pub(crate) fn with_stale(self, stale: Stale) -> Self {
        let kept = self.span != Span::NoStore;
        Self { stale: if kept { stale } else { self.stale }, ..self }
    }

    /// The policy of a reply that not every client may get: shared caches keep nothing of it.
    pub(crate) fn private(self) -> Self {
        Self { private: self.span != Span::NoStore, ..self }
    }

    /// The policy of a reply whose link ends after `seconds`.
    pub(crate) fn at_most(self, seconds: u32) -> Self {
        if self.span <= Span::Seconds(seconds) {
            return self;
        }
        Self { span: Span::Seconds(seconds), promise: Promise::Nothing, stale: Stale::default(), ..self }
    }

    /// The policy of a reply made of a file that was changed a moment ago, and may be half written: for 10 s at most, and
    /// not a second longer. Once the file has settled, the reply has its own policy again.
    pub(crate) fn unsettled(self) -> Self {
        if self.span == Span::NoStore {
            return self;
        }
        Self {
            span: self.span.min(Span::Seconds(UNSETTLED)),
            promise: Promise::Unsettled,
            stale: Stale::default(),
            ..self
        }
    }

    /// The reply may be kept, and is made of a file that may be half written.
    pub(crate) fn is_unsettled(self) -> bool {
        self.promise == Promise::Unsettled
    }

    /// The policy of content that may change under its version, and so is never immutable.
    pub(crate) fn provisional(self) -> Self {
        Self { promise: Promise::Fallback, ..self }
    }

    /// The policy of content that never changes under its URL: caches may keep it for `seconds`; with 0 for as long as
    /// before. A reply that may not be kept, or that stands in for something else, keeps its policy. So does one that has to
    /// be revalidated every time: its catalog says so.
    pub(crate) fn immutable(self, seconds: u32) -> Self {
        if self.span <= Span::Seconds(0) || self.promise != Promise::Nothing {
            return self;
        }
        let span = if seconds > 0 { Span::Seconds(seconds) } else { self.span };
        Self { span, promise: Promise::Immutable, ..self }
    }
}

impl Span {
    /// A record's own Expiration; `None` where −2, or any other number without a meaning, defers to the attribute.
    fn of_own(own: Option<Hours>) -> Option<Self> {
        own.filter(|hours| hours.0 >= Decimal::from_int(0) || hours.0 == Decimal::from_int(-1)).map(Self::of)
    }

    fn of(hours: Hours) -> Self {
        let billionths = i128::from(hours.0.billionths());
        if billionths < 0 {
            return Self::Forever;
        }
        let exact = crate::base::geom::round_half_up(billionths * 3600, i128::from(Decimal::ONE));
        // Expiry dates have to fit where seconds are counted in 31 bits.
        Self::Seconds(u32::try_from(exact.min(i128::from(i32::MAX))).unwrap_or(FOREVER))
    }
}

impl fmt::Display for CachePolicy {
    /// The value of a `Cache-Control` header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds() {
            None => f.write_str("no-store"),
            Some(0) => f.write_str("no-cache, max-age=0"),
            Some(seconds) => {
                write!(f, "{}, max-age={seconds}", if self.private { "private" } else { "public" })?;
                if self.promise == Promise::Immutable {
                    return f.write_str(", immutable");
                }
                for (name, seconds) in
                    [("stale-while-revalidate", self.stale.while_revalidate), ("stale-if-error", self.stale.if_error)]
                {
                    if seconds > 0 {
                        write!(f, ", {name}={seconds}")?;
                    }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Hours {
        Hours(Decimal::parse(text).unwrap())
    }

    fn record(own: &str) -> CachePolicy {
        CachePolicy::of_record(Some(hours(own)), hours("10"))
    }

    #[test]
    fn hours_become_seconds() {
        let header = |text: &str| CachePolicy::of_list(hours(text)).to_string();
        assert_eq!(header("10"), "public, max-age=36000");
        assert_eq!(header("0.1"), "public, max-age=360");
        assert_eq!(header("1"), "public, max-age=3600");
        assert_eq!(header("0.0001"), "no-cache, max-age=0");
        assert_eq!(header("0"), "no-cache, max-age=0");
        assert_eq!(header("-1"), "public, max-age=31536000");
        assert_eq!(header("9000000000"), "public, max-age=2147483647");
    }

    #[test]
    fn a_record_goes_before_its_catalog() {
        assert_eq!(record("24").seconds(), Some(86_400));
        assert_eq!(record("0").seconds(), Some(0));
        assert_eq!(record("-1").seconds(), Some(FOREVER));
        assert!(record("-1").is_forever() && !record("9000000000").is_forever());
        for deferring in ["-2", "-1.5", "-0.5", "-7"] {
            assert_eq!(record(deferring).seconds(), Some(36_000), "{deferring}");
        }
        assert_eq!(CachePolicy::of_record(None, hours("10")).seconds(), Some(36_000));
        assert!(CachePolicy::of_record(Some(hours("-2")), hours("-1")).is_forever());
    }

    #[test]
    fn default_images_follow_their_own_record_and_are_never_immutable() {
        let default = |own: Option<&str>| CachePolicy::of_default_image(own.map(hours), hours("1"));
        assert_eq!(default(None).to_string(), "public, max-age=3600");
        assert_eq!(default(Some("-2")).to_string(), "public, max-age=3600");
        assert_eq!(default(Some("0.5")).to_string(), "public, max-age=1800");
        assert_eq!(default(Some("0")).to_string(), "no-cache, max-age=0");
        assert_eq!(default(Some("-1")).immutable(0).to_string(), "public, max-age=31536000");
        let mixed = CachePolicy::smallest([record("24"), default(None)]);
        assert_eq!(mixed.immutable(0).to_string(), "public, max-age=3600");
        assert_eq!(
            CachePolicy::smallest([default(None), record("0.5")]).immutable(0).to_string(),
            "public, max-age=1800"
        );
    }

    #[test]
    fn the_smallest_layer_decides_and_for_ever_is_the_longest() {
        let smallest = |own: &[&str]| CachePolicy::smallest(own.iter().map(|own| record(own)));
        assert_eq!(smallest(&["24", "2", "-2"]).seconds(), Some(7200));
        assert_eq!(smallest(&["-1", "9000000000"]).seconds(), Some(i32::MAX as u32));
        assert_eq!(smallest(&["-1", "-1"]).immutable(0).to_string(), "public, max-age=31536000, immutable");
        assert_eq!(smallest(&["-1", "0"]).seconds(), Some(0));
        assert_eq!(smallest(&[]), CachePolicy::NO_STORE);
        assert_eq!(CachePolicy::smallest([record("24"), CachePolicy::NO_STORE]).seconds(), None);
    }

    #[test]
    fn some_replies_are_for_one_client_or_end_at_a_time() {
        assert_eq!(record("1").private().to_string(), "private, max-age=3600");
        assert_eq!(record("1").private().immutable(60).to_string(), "private, max-age=60, immutable");
        assert_eq!(CachePolicy::NO_STORE.private(), CachePolicy::NO_STORE);
        assert_eq!(CachePolicy::smallest([record("1"), record("2").private()]).to_string(), "private, max-age=3600");
        let stale = Stale { while_revalidate: 60, if_error: 60 };
        assert_eq!(record("-1").immutable(FOREVER).at_most(60).to_string(), "public, max-age=60");
        assert_eq!(record("1").with_stale(stale).at_most(60).to_string(), "public, max-age=60");
        assert_eq!(record("1").immutable(0).at_most(3600).to_string(), "public, max-age=3600, immutable");
        assert_eq!(record("1").at_most(0).to_string(), "no-cache, max-age=0");
        assert_eq!(CachePolicy::NO_STORE.at_most(60), CachePolicy::NO_STORE);
    }

    #[test]
    fn what_is_made_of_a_file_that_has_not_settled_is_kept_for_ten_seconds() {
        let stale = Stale { while_revalidate: 60, if_error: 60 };
        for (policy, expected) in [
            (record("1"), "public, max-age=10"),
            (record("-1").with_stale(stale), "public, max-age=10"),
            (record("1").immutable(FOREVER), "public, max-age=10"),
            (record("0.0025").with_stale(stale).immutable(0), "public, max-age=9"),
            (record("1").private(), "private, max-age=10"),
            (record("0"), "no-cache, max-age=0"),
        ] {
            let unsettled = policy.unsettled();
            assert_eq!(unsettled.to_string(), expected);
            assert_eq!((unsettled.immutable(FOREVER), unsettled.is_forever()), (unsettled, false));
            assert_eq!((unsettled.is_unsettled(), policy.is_unsettled()), (true, false));
        }
        assert_eq!(CachePolicy::NO_STORE.unsettled(), CachePolicy::NO_STORE);
        assert_eq!(record("1").unsettled().at_most(5).to_string(), "public, max-age=5");
    }

    #[test]
    fn what_may_not_be_kept_is_never_immutable() {
        assert_eq!(CachePolicy::NO_STORE.immutable(0).to_string(), "no-store");
        assert_eq!(record("0").immutable(0).to_string(), "no-cache, max-age=0");
        assert_eq!(record("0.0025").immutable(0).to_string(), "public, max-age=9, immutable");
        assert_eq!(record("0.0025").immutable(FOREVER).to_string(), "public, max-age=31536000, immutable");
        assert_eq!(record("0").immutable(FOREVER).to_string(), "no-cache, max-age=0");
        assert_eq!(record("1").provisional().immutable(FOREVER).to_string(), "public, max-age=3600");
        assert_eq!(CachePolicy::smallest([record("1").immutable(0), record("2")]).to_string(), "public, max-age=3600");
    }

    #[test]
    fn stale_replies_are_those_that_could_be_kept_and_had_to_be_asked_for_again() {
        let stale = Stale { while_revalidate: 60, if_error: 86_400 };
        let both = ", stale-while-revalidate=60, stale-if-error=86400";
        assert_eq!(record("1").with_stale(stale).to_string(), format!("public, max-age=3600{both}"));
        assert_eq!(record("-1").with_stale(stale).to_string(), format!("public, max-age=31536000{both}"));
        let default = CachePolicy::of_default_image(None, hours("1"));
        assert_eq!(default.with_stale(stale).immutable(0).to_string(), format!("public, max-age=3600{both}"));
        for (policy, expected) in [
            (record("1").immutable(0), "public, max-age=3600, immutable"),
            (record("0"), "no-cache, max-age=0"),
            (CachePolicy::NO_STORE, "no-store"),
        ] {
            assert_eq!(policy.with_stale(stale).to_string(), expected);
        }
        assert_eq!(record("1").with_stale(stale).immutable(0).to_string(), "public, max-age=3600, immutable");
        assert_eq!(CachePolicy::NO_STORE.with_stale(stale), CachePolicy::NO_STORE);
        for (stale, expected) in [
            (Stale { while_revalidate: 5, if_error: 0 }, "public, max-age=3600, stale-while-revalidate=5"),
            (Stale { while_revalidate: 0, if_error: 5 }, "public, max-age=3600, stale-if-error=5"),
            (Stale::default(), "public, max-age=3600"),
        ] {
            assert_eq!(record("1").with_stale(stale).to_string(), expected);
        }
        for (time, seconds) in [(Duration::from_millis(1999), 1), (Duration::MAX, i32::MAX as u32), (Duration::ZERO, 0)]
        {
            assert_eq!(Stale::seconds(time), seconds);
        }
    }
}
