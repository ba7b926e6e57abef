//! Reading values: numbers, switches, sides and factors.

use std::fmt;

use crate::base::geom::MAX_SIDE;
use crate::base::num::decimal::Decimal;

/// Why a value was refused; the caller adds the command's name.
pub(crate) type Reason = &'static str;

/// A value of one command, in the canonical spelling of its `Display`.
pub(crate) trait Value: Sized + fmt::Display {
    fn parse(text: &str) -> Result<Self, Reason>;
}

/// A whole decimal number; blanks around it and a sign are allowed.
pub(crate) fn whole(text: &str) -> Option<i32> {
    let text = text.trim_matches(' ');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    (!digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())).then(|| text.parse().ok())?
}

/// `0` or `1`, also `false`, `true`, `off`, `on` (`protocol.md` §2).
pub(crate) fn flag(text: &str) -> Option<bool> {
    match text.trim_matches(' ').to_ascii_lowercase().as_str() {
        "0" | "false" | "off" => Some(false),
        "1" | "true" | "on" => Some(true),
        _ => None,
    }
}

/// Exactly `N` comma-separated values.
pub(super) fn list<T, const N: usize>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<[T; N]> {
    let values: Vec<T> = text.split(',').map(read).collect::<Option<_>>()?;
    values.try_into().ok()
}

/// A whole number from 1 to [`MAX_SIDE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Side(pub(crate) u32);

pub(super) fn side(value: i32) -> Option<u32> {
    u32::try_from(value).ok().filter(|side| (1..=MAX_SIDE).contains(side))
}

impl Value for Side {
    fn parse(text: &str) -> Result<Self, Reason> {
        whole(text).and_then(side).map(Self).ok_or("needs a whole number from 1 to 16777216")
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A factor: a real number greater than 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Factor(pub(crate) Decimal);

impl Factor {
    pub(super) fn read(text: &str) -> Option<Self> {
        Decimal::parse(text).filter(|value| value.billionths() > 0).map(Self)
    }
}

impl Value for Factor {
    fn parse(text: &str) -> Result<Self, Reason> {
        Self::read(text).ok_or("needs a number greater than 0")
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag(pub(crate) bool);

impl Value for Flag {
    fn parse(text: &str) -> Result<Self, Reason> {
        flag(text).map(Self).ok_or("needs 0 or 1")
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        u8::from(self.0).fmt(f)
    }
}
