//! `op_colorize` (`protocol.md` §8): recolouring by luminance.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::pixel::operation::Colorize;
use crate::imaging::pixel::raster::Plane;

use crate::imaging::kernel::color::{brightness, copied};
use crate::imaging::kernel::operate::histogram::Histogram;
use crate::imaging::kernel::operate::lookup::{replace, table};

/// Luminance in fixed point: its fraction bits.
const BITS: u32 = 16;
/// 255, and 127.5.
const WHITE: i64 = 255 << BITS;
const MIDDLE: i64 = WHITE / 2;

/// Replaces true (not premultiplied) colours, gray or RGB, by red, green and blue.
///
/// Luminance goes through a curve of two straight lines: 0 is black, 127.5 the colour and 255 white, so that shadows
/// and highlights stay. Colour 200,100,0 makes 64 a dark 100,50,0 and 191 a light 227,177,127.
///
/// With [`Colorize::tone`] luminance is set right first, by what `tones` says of the whole picture; without it (nothing
/// is visible) luminance stays as it is.
pub(super) fn colorize(
    colors: &[Plane],
    colorize: &Colorize,
    tones: Option<&Histogram>,
    cancel: Cancel<'_>,
) -> Result<Vec<Plane>> {
    let tone = colorize.tone.zip(tones).and_then(|(contrast, tones)| Tone::new(contrast, tones));
    let luminance = brightness(colors, cancel)?;
    let component = |&component: &u8| {
        let mut plane = copied(&luminance, cancel)?;
        replace(&mut plane, &curve(component, tone.as_ref()), cancel)?;
        Ok(plane)
    };
    colorize.color.iter().map(component).collect()
}

/// The table of one component.
fn curve(component: u8, tone: Option<&Tone>) -> [u8; 256] {
    let component = i64::from(component);
    table(|v| {
        let light = tone.map_or(i64::from(v) << BITS, |tone| tone.at(v));
        // All in units of 1/2^BITS: component · light / MIDDLE below, the rest of the way to 255 above.
        let value = if light <= MIDDLE {
            divided((component << BITS) * light, MIDDLE)
        } else {
            (component << BITS) + divided(((255 - component) << BITS) * (light - MIDDLE), MIDDLE)
        };
        ((value + (1 << (BITS - 1))) >> BITS) as i32
    })
}

/// How luminance is set right: the median to 127.5, then the range widened.
#[derive(Debug)]
struct Tone {
    /// The median, 1 to 254: black and white keep their places.
    median: i64,
    /// The darkest and lightest half percent after that, and where they go.
    from: (i64, i64),
    to: (i64, i64),
}

impl Tone {
    /// `None` if nothing is visible. `contrast` is 0 to 100.
    ///
    /// A picture with median 51 and its darkest and lightest half percent at 17 and 153 gets 17 · 2.5 = 42.5 and
    /// 127.5 + 102 · 0.625 = 191.25; at contrast 100 those two become 0 and 255, at 50 they go half of the way.
    fn new(contrast: u8, tones: &Histogram) -> Option<Self> {
        let [dark, median, light] = [5, 500, 995].map(|permille| tones.quantile(permille).map(i32::from));
        let shift = Self { median: i64::from(median?).clamp(1, 254), from: (0, WHITE), to: (0, WHITE) };
        let (low, high) = (shift.at(dark?), shift.at(light?));
        let share = i64::from(contrast.min(100));
        let to = (low - divided(low * share, 100), high + divided((WHITE - high) * share, 100));
        Some(if low < high { Self { from: (low, high), to, ..shift } } else { shift })
    }

    /// The tone of a luminance of 0 to 255, in fixed point, 0 to 255.
    fn at(&self, luminance: i32) -> i64 {
        let luminance = i64::from(luminance);
        let shifted = if luminance <= self.median {
            divided(luminance * MIDDLE, self.median)
        } else {
            MIDDLE + divided((luminance - self.median) * MIDDLE, 255 - self.median)
        };
        let (from, to) = (self.from, self.to);
        // Products of two luminances: 2 · 24 bits.
        (to.0 + divided((shifted - from.0) * (to.1 - to.0), from.1 - from.0)).clamp(0, WHITE)
    }
}

/// A quotient rounded half up; the divisor is greater than 0.
const fn divided(numerator: i64, denominator: i64) -> i64 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;
    use crate::imaging::kernel::test_support::ramp;

    /// A histogram of as many pixels at each luminance.
    fn colorize(colors: &[Plane], colorize: &Colorize, tones: Option<&Histogram>) -> [Plane; 3] {
        super::colorize(colors, colorize, tones, Cancel::ALWAYS).unwrap().try_into().unwrap()
    }

    fn histogram(counts: &[(usize, u64)]) -> Histogram {
        let mut histogram = Histogram([0; 256]);
        for &(luminance, count) in counts {
            histogram.0[luminance] = count;
        }
        histogram
    }

    fn at(color: [u8; 3], tone: Option<u8>, tones: Option<&Histogram>, luminance: usize) -> [u8; 3] {
        colorize(&[ramp()], &Colorize { color, tone }, tones).map(|plane| plane.samples()[luminance])
    }

    #[test]
    fn shadows_and_highlights_stay() {
        for (luminance, expected) in
            [(0, [0, 0, 0]), (64, [100, 50, 0]), (127, [199, 100, 0]), (191, [227, 177, 127]), (255, [255; 3])]
        {
            assert_eq!(at([200, 100, 0], None, None, luminance), expected, "{luminance}");
        }
        for v in 0..=255u8 {
            let gray = at([127, 128, 255], None, None, usize::from(v));
            assert!(gray[0].abs_diff(v) <= 1 && gray[1].abs_diff(v) <= 1, "{v} {gray:?}");
        }
    }

    #[test]
    fn the_median_becomes_the_color() {
        let dark = histogram(&[(10, 40), (60, 20), (90, 40)]);
        assert_eq!(at([200, 100, 0], Some(0), Some(&dark), 60), [200, 100, 0]);
        assert_eq!(at([200, 100, 0], Some(0), Some(&dark), 0), [0, 0, 0]);
        assert_eq!(at([200, 100, 0], Some(0), Some(&dark), 30), [100, 50, 0]);
        assert_eq!(at([200, 100, 0], Some(0), Some(&dark), 255), [255; 3]);
        assert_eq!(at([200, 100, 0], Some(0), Some(&histogram(&[])), 64), [100, 50, 0], "nothing to go by");
        assert_eq!(at([200, 100, 0], Some(0), None, 64), [100, 50, 0]);
    }

    #[test]
    fn contrast_spreads_the_range() {
        let fixed = |value: f64| (value * f64::from(1 << BITS)) as i64;
        let tones = histogram(&[(17, 30), (51, 40), (153, 30)]);
        let spread = |contrast| {
            let tone = Tone::new(contrast, &tones).unwrap();
            [17, 51, 153].map(|v| tone.at(v))
        };
        assert_eq!(spread(0), [fixed(42.5), fixed(127.5), fixed(191.25)]);
        assert_eq!(spread(50), [fixed(21.25), fixed(21.25) + 7_560_046, fixed(223.125)]);
        assert_eq!(spread(100), [0, 9_549_531, WHITE]);
        // One luminance alone has no range.
        let flat = Tone::new(100, &histogram(&[(200, 9)])).unwrap();
        assert_eq!(flat.at(200), MIDDLE);
        for only in [0, 255] {
            let tone = Tone::new(100, &histogram(&[(only, 9)])).unwrap();
            assert_eq!((tone.at(0), tone.at(255)), (0, WHITE));
        }
    }

    #[test]
    fn rgb_counts_by_its_luma() {
        let red = [255, 0, 0].map(|v| Plane::filled(Size::new(1, 1), v));
        let out = colorize(&red, &Colorize { color: [0, 255, 0], tone: None }, None).map(|plane| plane.samples()[0]);
        assert_eq!(out, [0, 152, 0]);
    }
}
