//! `op_hue` (`protocol.md` §8): colours move along the colour circle, red to yellow to green.
//!
//! No code for levels: each pixel divides by its own range, and no set of instructions divides vectors of whole numbers.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::imaging::pixel::raster::Plane;

/// Turns the hue of true (not premultiplied) colours by `degrees`. The largest and the smallest component keep their
/// values; where they are equal there is no hue, so gray stays as it is.
///
/// Red 200,50,50 at 30° lies halfway to yellow: 200,125,50. At 120° it is green: 50,200,50.
pub(super) fn hue(rgb: &mut [Plane], degrees: i16, cancel: Cancel<'_>) -> Result<()> {
    let [red, green, blue] = rgb else { return Ok(()) };
    let degrees = i32::from(degrees).rem_euclid(360);
    let [red, green, blue] = [red, green, blue].map(|plane| plane.samples_mut().chunks_mut(STRIDE));
    cancel.each(red.zip(green).zip(blue), |((red, green), blue)| {
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            [*r, *g, *b] = turned([*r, *g, *b], degrees);
        }
    })
}

/// One colour; `degrees` are 0 to 359.
#[inline]
fn turned(rgb: [u8; 3], degrees: i32) -> [u8; 3] {
    let [r, g, b] = rgb.map(i32::from);
    let (low, high) = (r.min(g).min(b), r.max(g).max(b));
    let range = high - low;
    if range == 0 {
        return rgb;
    }
    // The circle has six parts of `range` steps: in each one component goes up or down and two stand still.
    let hue = if high == r && low == b {
        g - low
    } else if high == g && low == b {
        range + high - r
    } else if high == g {
        2 * range + b - low
    } else if high == b && low == r {
        3 * range + high - g
    } else if high == b {
        4 * range + r - low
    } else {
        5 * range + high - b
    };
    // In sixtieths of a step, so that degrees are whole: at most 2 · 360 · 255.
    let turned = (60 * hue + degrees * range) % (360 * range);
    let (part, step) = (turned / (60 * range), (turned % (60 * range) + 30) / 60);
    let (up, down) = (low + step, high - step);
    let [r, g, b] = match part {
        0 => [high, up, low],
        1 => [down, high, low],
        2 => [low, high, up],
        3 => [low, down, high],
        4 => [up, low, high],
        _ => [high, low, down],
    };
    // Between the lowest and the highest component.
    [r as u8, g as u8, b as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colors() -> impl Iterator<Item = [u8; 3]> {
        let steps = || (0..=255u8).step_by(15);
        steps().flat_map(move |r| steps().flat_map(move |g| steps().map(move |b| [r, g, b])))
    }

    #[test]
    fn worked_colors() {
        assert_eq!(turned([200, 50, 50], 30), [200, 125, 50]);
        assert_eq!(turned([200, 50, 50], 180), [50, 200, 200]);
        assert_eq!(turned([200, 50, 50], 330), [200, 50, 125]);
        assert_eq!(turned([200, 125, 50], 60), [125, 200, 50]);
        assert_eq!(turned([10, 10, 10], 77), [10, 10, 10]);
    }

    #[test]
    fn thirds_of_the_circle_permute_components_and_a_turn_leads_back() {
        for rgb in colors() {
            let [r, g, b] = rgb;
            assert_eq!(turned(rgb, 0), rgb);
            assert_eq!(turned(rgb, 120), [b, r, g], "{rgb:?}");
            assert_eq!(turned(rgb, 240), [g, b, r], "{rgb:?}");
            assert_eq!(turned(turned(rgb, 60), 300), rgb, "{rgb:?}");
        }
    }

    #[test]
    fn largest_and_smallest_component_stay() {
        for rgb in colors() {
            for degrees in [1, 29, 59, 61, 137, 205, 299, 359] {
                let out = turned(rgb, degrees);
                assert_eq!((rgb.iter().min(), rgb.iter().max()), (out.iter().min(), out.iter().max()));
                let back = turned(out, 360 - degrees);
                assert!(rgb.iter().zip(back).all(|(a, b)| a.abs_diff(b) <= 1), "{rgb:?} {degrees} {out:?} {back:?}");
            }
        }
    }
}
