//! Decimal numbers, held exactly.

use std::fmt;

/// A real number of the request language: a multiple of 10⁻⁹.
///
/// Held as a whole number, so that geometry computed from it is exact and one value has one spelling.
/// Digits beyond the ninth after the point are rounded off, halves away from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Decimal(i64);

impl Decimal {
    /// Steps per 1.
    pub(crate) const ONE: i64 = 1_000_000_000;

    pub(crate) const ZERO: Self = Self(0);

    /// 0.1
    pub(crate) const TENTH: Self = Self(Self::ONE / 10);

    pub(crate) const fn from_int(value: i32) -> Self {
        Self(value as i64 * Self::ONE)
    }

    /// A number of billionths.
    pub(crate) const fn from_billionths(billionths: i64) -> Self {
        Self(billionths)
    }

    /// This number in billionths.
    pub(crate) const fn billionths(self) -> i64 {
        self.0
    }

    /// Reads `[+-]digits[.digits]` or `[+-].digits`, blanks around it ignored (`protocol.md` §2).
    /// `None` if malformed or beyond ±9.2 · 10⁹.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|c| c.is_ascii_digit())
        {
            return None;
        }
        let mut value = whole.bytes().try_fold(0i64, push_digit)?;
        for position in 0..9 {
            value = push_digit(value, fraction.as_bytes().get(position).copied().unwrap_or(b'0'))?;
        }
        if fraction.as_bytes().get(9).is_some_and(|&next| next >= b'5') {
            value = value.checked_add(1)?;
        }
        Some(Self(if negative { -value } else { value }))
    }

    /// Like [`parse`](Self::parse), and an exponent may follow: catalogs write `-2.34e4` (`catalog.md` §5).
    pub(crate) fn parse_with_exponent(text: &str) -> Option<Self> {
        let text = text.trim_matches(' ');
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
            return Self::parse(text);
        };
        let mut value = i128::from(Self::parse(mantissa)?.0);
        let exponent: i32 = exponent.parse().ok().filter(|e| (-30..=30).contains(e))?;
        for _ in 0..exponent.unsigned_abs() {
            value = if exponent > 0 { value.checked_mul(10)? } else { value / 10 };
        }
        i64::try_from(value).ok().map(Self)
    }
}

fn push_digit(value: i64, digit: u8) -> Option<i64> {
    value.checked_mul(10)?.checked_add(i64::from(digit - b'0'))
}

impl fmt::Display for Decimal {
    /// The shortest spelling: `72`, `0.5`, `-1.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0.unsigned_abs() / Self::ONE as u64, self.0.unsigned_abs() % Self::ONE as u64);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        write!(f, "{whole}")?;
        if fraction != 0 {
            f.write_str(".")?;
            f.write_str(format!("{fraction:09}").trim_end_matches('0'))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_number_are_equal() {
        for text in ["0.5", ".5", "+.5", "00.50", " 0.5 ", "0.5000000000001"] {
            assert_eq!(Decimal::parse(text), Some(Decimal(500_000_000)), "{text:?}");
        }
        assert_eq!(Decimal::parse("-0"), Some(Decimal(0)));
        assert_eq!(Decimal::parse("2."), Some(Decimal::from_int(2)));
        assert_eq!(Decimal::parse("0.3333333333333333").unwrap().to_string(), "0.333333333");
        assert_eq!(Decimal::parse("0.66666666666").unwrap().to_string(), "0.666666667");
    }

    #[test]
    fn malformed_and_huge_numbers_are_refused() {
        for text in ["", " ", ".", "-", "+", "--1", "1e3", "0x10", "1,5", "½", "NaN", "inf", "1 2", "99999999999"] {
            assert_eq!(Decimal::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn exponents_move_the_point() {
        assert_eq!(Decimal::parse_with_exponent("-2.34e4"), Some(Decimal::from_int(-23400)));
        assert_eq!(Decimal::parse_with_exponent("5E-1"), Decimal::parse("0.5"));
        assert_eq!(Decimal::parse_with_exponent("1e99"), None);
        assert_eq!(Decimal::parse_with_exponent("1e12"), None);
        assert_eq!(Decimal::parse_with_exponent("7"), Some(Decimal::from_int(7)));
    }

    proptest! {
        #[test]
        fn printing_and_reading_round_trip(billionths in -9_000_000_000_000_000_000i64..9_000_000_000_000_000_000) {
            let real = Decimal(billionths);
            prop_assert_eq!(Decimal::parse(&real.to_string()), Some(real));
        }

        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = Decimal::parse(&text);
            let _ = Decimal::parse_with_exponent(&text);
        }
    }
}
