//! Functions that decide weights, from `+ − × ÷` alone.
//!
//! Those are exact or correctly rounded everywhere, while `f64::sin` and `f64::exp` are whatever the platform's libm
//! makes of them: two machines would compute other weights and so other bytes.

/// The largest whole number that is not above `x`, for |x| below 2⁶². (`f64::floor` is a call where SSE 4.1 may not be
/// used.)
#[inline]
pub(crate) fn floor(x: f64) -> i64 {
    let towards_zero = x as i64;
    towards_zero - i64::from((towards_zero as f64) > x)
}

/// sin(π x) for |x| up to a few thousand, within 10⁻¹⁵.
pub(crate) fn sin_pi(x: f64) -> f64 {
    // The reciprocals of 2k · (2k + 1) for k from 9 to 1: sin y = y · (1 − y²/(2·3) · (1 − y²/(4·5) · (…))).
    const RECIPROCALS: [f64; 9] = [
        1.0 / (18.0 * 19.0),
        1.0 / (16.0 * 17.0),
        1.0 / (14.0 * 15.0),
        1.0 / (12.0 * 13.0),
        1.0 / (10.0 * 11.0),
        1.0 / (8.0 * 9.0),
        1.0 / (6.0 * 7.0),
        1.0 / (4.0 * 5.0),
        1.0 / (2.0 * 3.0),
    ];
    // π x = π (n + r) with |r| ≤ ½: the sign alternates with n.
    let n = floor(x + 0.5);
    let r = x - n as f64;
    let sign = if n & 1 == 0 { 1.0 } else { -1.0 };
    // Taylor up to the 19th power: the next term is below 10⁻¹⁶ for |π r| ≤ π/2.
    let y = std::f64::consts::PI * r;
    let z = y * y;
    let sum = RECIPROCALS.iter().fold(1.0, |sum, reciprocal| 1.0 - z * reciprocal * sum);
    sign * y * sum
}

/// e⁻ˣ for 0 ≤ x ≤ 32, within a relative 5 · 10⁻¹³.
pub(crate) fn exp_neg(x: f64) -> f64 {
    // e⁻ˣ = (e^(−x/64))⁶⁴; Taylor up to the 16th power for an argument of at most ½.
    let y = x / 64.0;
    let mut sum = 1.0;
    for k in [16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0] {
        sum = 1.0 - y / k * sum;
    }
    for _ in 0..6 {
        sum = sum * sum;
    }
    sum
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "libm is the oracle here")]
mod tests {
    use super::*;

    #[test]
    fn sine_and_exponential_agree_with_libm() {
        for i in -40_000..=40_000 {
            let x = f64::from(i) / 9_973.0;
            // libm sees π x rounded: off by up to |π x| · 2⁻⁵³.
            let expected = (std::f64::consts::PI * x).sin();
            assert!((sin_pi(x) - expected).abs() < 2e-15 + x.abs() * 5e-16, "{x}: {} {expected}", sin_pi(x));
        }
        for i in 0..=32_000 {
            let x = f64::from(i) / 1_000.0;
            assert!((exp_neg(x) / (-x).exp() - 1.0).abs() < 5e-13, "{x}");
        }
    }

    #[test]
    fn whole_numbers_are_exact_zeros() {
        for n in -9..=9 {
            assert_eq!(sin_pi(f64::from(n)).abs(), 0.0, "{n}");
        }
        assert_eq!(exp_neg(0.0), 1.0);
    }
}
