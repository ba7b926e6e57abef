//! Positive rational factors of geometry.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{MAX_SIDE, round_half_up};
use crate::base::num::decimal::Decimal;

/// A positive rational factor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ratio {
    num: u64,
    den: u64,
}

impl Ratio {
    pub(super) const ONE: Self = Self { num: 1, den: 1 };

    pub(super) const fn new(num: u32, den: u32) -> Self {
        Self { num: num as u64, den: den as u64 }
    }

    /// A factor greater than 0.
    pub(super) const fn from_decimal(factor: Decimal) -> Self {
        Self { num: factor.billionths().unsigned_abs(), den: Decimal::ONE as u64 }
    }

    /// The quotient of two numbers greater than 0.
    pub(super) const fn of_decimals(num: Decimal, den: Decimal) -> Self {
        Self { num: num.billionths().unsigned_abs(), den: den.billionths().unsigned_abs() }
    }

    pub(super) const fn inverse(self) -> Self {
        Self { num: self.den, den: self.num }
    }

    fn is_less(self, other: Self) -> bool {
        u128::from(self.num) * u128::from(other.den) < u128::from(other.num) * u128::from(self.den)
    }

    pub(super) fn min(self, other: Self) -> Self {
        if other.is_less(self) { other } else { self }
    }

    pub(super) fn max(self, other: Self) -> Self {
        if self.is_less(other) { other } else { self }
    }

    /// A scaled side: rounded half up, at least 1. `what` is named by the error.
    ///
    /// # Errors
    ///
    /// The result is longer than [`MAX_SIDE`].
    pub(super) fn of(self, side: u32, what: &str) -> Result<u32> {
        let exact = i128::from(side) * i128::from(self.num);
        let rounded = round_half_up(exact, i128::from(self.den)).max(1);
        u32::try_from(rounded)
            .ok()
            .filter(|&side| side <= MAX_SIDE)
            .ok_or_else(|| Error::new(ErrorKind::Limit, "is longer than 16777216 pixels").at(what))
    }
}
