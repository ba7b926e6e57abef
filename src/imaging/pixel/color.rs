//! Colours and the naive conversions between pixel types (`protocol.md` §2.1: no profile involved).

/// Colour components at 8 bits, in the pixel type they were written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Ink {
    /// Brightness.
    Gray(u8),
    /// Red, green, blue.
    Rgb([u8; 3]),
    /// Cyan, magenta, yellow, black; 255 is full ink.
    Cmyk([u8; 4]),
}

/// A colour with its alpha, not premultiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Color {
    pub(crate) ink: Ink,
    /// 255 is opaque.
    pub(crate) alpha: u8,
    /// The value lies in the source colour space of its pixel type (suffix `s`).
    pub(crate) source_space: bool,
}

impl Ink {
    /// This colour as RGB.
    pub(crate) fn rgb(self) -> [u8; 3] {
        match self {
            Self::Gray(g) => [g; 3],
            Self::Rgb(rgb) => rgb,
            Self::Cmyk(cmyk) => rgb_of_cmyk(cmyk),
        }
    }

    /// This colour as gray.
    pub(crate) fn gray(self) -> u8 {
        match self {
            Self::Gray(g) => g,
            other => gray_of_rgb(other.rgb()),
        }
    }
}

/// `round(a · b / 255)`, exact for all bytes.
pub(crate) const fn mul_255(a: u8, b: u8) -> u8 {
    // (t + t/256) / 256 with t = ab + 128 equals round(ab / 255) for all 65,536 pairs; tested below.
    let t = a as u32 * b as u32 + 128;
    ((t + (t >> 8)) >> 8) as u8
}

/// Rec. 601 luma in 16-bit fixed point; the weights sum to 65536, so gray stays gray.
pub(crate) const fn gray_of_rgb([r, g, b]: [u8; 3]) -> u8 {
    ((19595 * r as u32 + 38470 * g as u32 + 7471 * b as u32 + 32768) >> 16) as u8
}

/// Light left by the four inks: R = (255 − C)(255 − K) / 255.
pub(crate) const fn rgb_of_cmyk([c, m, y, k]: [u8; 4]) -> [u8; 3] {
    [mul_255(255 - c, 255 - k), mul_255(255 - m, 255 - k), mul_255(255 - y, 255 - k)]
}

/// The inverse with all common darkness in black: K = 255 − max(R, G, B).
pub(crate) fn cmyk_of_rgb([r, g, b]: [u8; 3]) -> [u8; 4] {
    let light = u32::from(r.max(g).max(b));
    if light == 0 {
        return [0, 0, 0, 255];
    }
    // (light − v) · 255 / light, rounded: at most 255, so the narrowing is exact.
    let ink = |v: u8| (((light - u32::from(v)) * 510 + light) / (2 * light)) as u8;
    [ink(r), ink(g), ink(b), 255 - light as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mul_255_is_the_rounded_quotient_for_every_pair() {
        for a in 0..=255u8 {
            for b in 0..=255u8 {
                let exact = (u32::from(a) * u32::from(b) * 2 + 255) / 510;
                assert_eq!(u32::from(mul_255(a, b)), exact, "{a} {b}");
            }
        }
    }

    #[test]
    fn gray_stays_gray_in_every_type() {
        for g in 0..=255u8 {
            assert_eq!(gray_of_rgb([g; 3]), g);
            assert_eq!(Ink::Gray(g).rgb(), [g; 3]);
            assert_eq!(cmyk_of_rgb([g; 3]), [0, 0, 0, 255 - g]);
            assert_eq!(Ink::Cmyk([0, 0, 0, 255 - g]).gray(), g);
        }
    }

    #[test]
    fn cmyk_returns_to_the_same_rgb_within_one_step() {
        for r in (0..=255u8).step_by(5) {
            for g in (0..=255u8).step_by(3) {
                for b in (0..=255u8).step_by(15) {
                    let back = rgb_of_cmyk(cmyk_of_rgb([r, g, b]));
                    for (was, is) in [r, g, b].iter().zip(back) {
                        assert!(was.abs_diff(is) <= 1, "{r} {g} {b} -> {back:?}");
                    }
                }
            }
        }
    }
}
