//! `op_noise` (`protocol.md` §8): random differences that depend on nothing but a pixel's place in the whole view and
//! the operation's own numbers, so that equal requests give equal bytes and tiles join.
//!
//! No code for levels: random numbers are products of 64 bits, which SSE4.1, AVX2 and NEON have no vectors for.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Rect;
use crate::imaging::pixel::operation::Noise;
use crate::imaging::pixel::raster::Plane;

use crate::imaging::kernel::operate::lookup::rounded;

/// Adds noise to true (not premultiplied) colours that lie at `at` in the view.
///
/// Uniform differences are any whole number up to `round(amount · 255 / 100)` either way, all equally likely; at 20
/// those are −51 to 51. Normal ones have a standard deviation of `amount · 255 / 200`: 25.5 at 20.
pub(super) fn noise(colors: &mut [Plane], at: Rect, noise: &Noise, cancel: Cancel<'_>) -> Result<()> {
    let mono = noise.mono || colors.len() == 1;
    let key = mix(u64::from(noise.amount) | u64::from(noise.gaussian) << 8 | u64::from(mono) << 9);
    let amount = noise.amount.min(100);
    // One loop for each distribution, so that neither asks at every pixel which one it is.
    if noise.gaussian {
        add(colors, at, key, mono, |hash| normal(hash, amount), cancel)
    } else {
        let limit = rounded(i32::from(amount) * 255, 100);
        add(colors, at, key, mono, |hash| uniform(hash, limit), cancel)
    }
}

/// Adds to each sample the difference that its place gives.
#[inline(never)]
fn add(
    colors: &mut [Plane],
    at: Rect,
    key: u64,
    mono: bool,
    difference: impl Fn(u64) -> i32,
    cancel: Cancel<'_>,
) -> Result<()> {
    for (component, plane) in (0..).zip(colors) {
        for (y, row) in at.rows().zip(0..) {
            cancel.check()?;
            // Mixed once a row: neighbouring rows and components start at unrelated places.
            let start = mix(key ^ mix(y as u64 ^ if mono { 0 } else { component << 56 }));
            let mut place = start.wrapping_add((at.x as u64).wrapping_mul(STEP));
            for sample in plane.row_mut(row) {
                *sample = (i32::from(*sample) + difference(mix(place))).clamp(0, 255) as u8;
                place = place.wrapping_add(STEP);
            }
        }
    }
    Ok(())
}

/// 2⁶⁴ divided by the golden ratio, made odd: multiples of it are spread evenly.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of SplitMix64: every bit of the result depends on every bit of the argument.
const fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

/// −limit to limit.
#[inline]
const fn uniform(hash: u64, limit: i32) -> i32 {
    // 32 random bits times at most 511 values.
    (((hash >> 32) * (2 * limit as u64 + 1)) >> 32) as i32 - limit
}

/// A sum of eight bytes, which is close to normally distributed: up to 4.9 standard deviations either way.
#[inline]
fn normal(hash: u64, amount: u8) -> i32 {
    // 1.275 amount for the sum's own deviation, √(8 · 65535/12) = 209.020, in 1/2²⁴.
    const SCALE: i64 = 102_339;
    // The bytes in pairs, then the four sums of pairs in the uppermost 16 bits.
    const PAIRS: u64 = 0x00ff_00ff_00ff_00ff;
    let pairs = (hash & PAIRS) + (hash >> 8 & PAIRS);
    let sum = (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as i64;
    // At most 1020 · 100 · 102339 / 2²⁴ = 622.
    (((sum - 1020) * i64::from(amount) * SCALE + (1 << 23)) >> 24) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;

    const AT: Rect = Rect::new(-20, 1000, 200, 100);

    /// Differences from middle gray.
    fn noise(colors: &mut [Plane], at: Rect, noise: &Noise) {
        super::noise(colors, at, noise, Cancel::ALWAYS).unwrap();
    }

    fn differences(amount: u8, gaussian: bool, mono: bool) -> Vec<Vec<i32>> {
        let mut planes = vec![Plane::filled(AT.size(), 128); 3];
        noise(&mut planes, AT, &Noise { amount, gaussian, mono });
        planes.iter().map(|plane| plane.samples().iter().map(|&v| i32::from(v) - 128).collect()).collect()
    }

    fn correlation(a: &[i32], b: &[i32]) -> f64 {
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            a.iter().zip(b).map(|(&a, &b)| of(f64::from(a), f64::from(b))).sum()
        };
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    }

    #[test]
    fn uniform_noise_reaches_its_limit_evenly() {
        let all = differences(20, false, false).concat();
        let count = |d: i32| all.iter().filter(|&&difference| difference == d).count();
        // 60,000 samples of 103 values: 582 each, give or take 24.
        assert!((-51..=51).all(|d| count(d).abs_diff(582) < 130), "{:?}", (-51..=51).map(count).collect::<Vec<_>>());
        assert!(all.iter().all(|d| d.abs() <= 51));
    }

    #[test]
    fn gaussian_noise_has_its_deviation() {
        let all = differences(20, true, false).concat();
        let n = all.len() as f64;
        let mean = all.iter().map(|&d| f64::from(d)).sum::<f64>() / n;
        let deviation = (all.iter().map(|&d| f64::from(d * d)).sum::<f64>() / n).sqrt();
        assert!(mean.abs() < 0.5 && (deviation - 25.5).abs() < 0.3, "{mean} {deviation}");
        let within = all.iter().filter(|d| f64::from(d.abs()) < 25.5).count() as f64 / n;
        assert!((within - 0.683).abs() < 0.015, "{within}");
    }

    #[test]
    fn components_rows_and_columns_are_unrelated_unless_mono() {
        let [red, green, blue] = &differences(20, false, false)[..] else { panic!() };
        let width = AT.width as usize;
        for (a, b) in
            [(&red[..], &green[..]), (red, blue), (red, &red[1..]), (red, &red[width..]), (red, &red[width + 1..])]
        {
            assert!(correlation(a, b).abs() < 0.03, "{}", correlation(a, b));
        }
        let mono = differences(20, true, true);
        assert!(mono[0] == mono[1] && mono[1] == mono[2]);
        assert_ne!(differences(20, true, false)[0], differences(21, true, false)[0]);
        assert!(
            differences(0, true, false).concat().iter().chain(&differences(0, false, true).concat()).all(|&d| d == 0)
        );
    }

    /// Pins the function itself: it must not change with the machine.
    #[test]
    fn the_first_differences() {
        let mut plane = [Plane::filled(Size::new(8, 1), 100)];
        noise(&mut plane, Rect::new(0, 0, 8, 1), &Noise { amount: 20, gaussian: false, mono: false });
        assert_eq!(plane[0].samples(), [89, 121, 132, 147, 79, 132, 115, 121]);
        let mut plane = [Plane::filled(Size::new(8, 1), 100)];
        noise(&mut plane, Rect::new(-3, -1, 8, 1), &Noise { amount: 20, gaussian: true, mono: false });
        assert_eq!(plane[0].samples(), [130, 98, 142, 86, 74, 95, 117, 89]);
    }
}
