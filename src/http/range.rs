//! Ranges of bytes (RFC 9110 §14).

use std::ops::RangeInclusive;

/// A range of bytes as it is asked for (RFC 9110 §14.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    /// From a byte on, perhaps to another, which is included.
    From(u64, Option<u64>),
    /// The last bytes, by their number.
    Last(u64),
}

impl Span {
    /// Reads `bytes=first-last`, `bytes=first-` or `bytes=-count`. `None` for several ranges and whatever else is to be
    /// ignored.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (unit, range) = text.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        let number = |digits: &str| -> Option<u64> {
            let plain = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
            // More digits than fit stand for more bytes than there are.
            plain.then(|| digits.parse().unwrap_or(u64::MAX))
        };
        if !unit.trim().eq_ignore_ascii_case("bytes") {
            return None;
        }
        match (first.trim(), last.trim()) {
            ("", last) => number(last).map(Self::Last),
            (first, "") => number(first).map(|first| Self::From(first, None)),
            (first, last) => {
                let (first, last) = (number(first)?, number(last)?);
                (first <= last).then_some(Self::From(first, Some(last)))
            }
        }
    }

    /// The bytes of a body of that length; `None` if there are none.
    pub(super) fn of(self, length: u64) -> Option<RangeInclusive<u64>> {
        let end = length.checked_sub(1)?;
        match self {
            Self::From(first, last) if first <= end => Some(first..=last.map_or(end, |last| last.min(end))),
            Self::Last(count) if count > 0 => Some(length.saturating_sub(count)..=end),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_one_span_of_bytes() {
        for (text, expected) in [
            ("bytes=0-9", Some(0..=9)),
            ("Bytes = 5 - 99 ", Some(5..=19)),
            ("bytes=5-", Some(5..=19)),
            ("bytes=-5", Some(15..=19)),
            ("bytes=-50", Some(0..=19)),
            ("bytes=19-19", Some(19..=19)),
            ("bytes=0-99999999999999999999999", Some(0..=19)),
            ("bytes=20-", None),
            ("bytes=-0", None),
        ] {
            assert_eq!(Span::parse(text).unwrap().of(20), expected, "{text}");
        }
        for text in
            ["", "bytes", "bytes=", "bytes=-", "bytes=9-5", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b", "bytes=+1-2"]
        {
            assert_eq!(Span::parse(text), None, "{text}");
        }
        assert_eq!(Span::parse("bytes=0-").unwrap().of(0), None);
    }
}
