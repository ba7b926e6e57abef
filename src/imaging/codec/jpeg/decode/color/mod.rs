//! Which colours the components are, by the rules of JFIF and Adobe, and what makes RGB of them.

use crate::imaging::kernel::color::{inverted_cmyk_to_rgb, ycbcr_to_rgb};
use crate::imaging::kernel::isa::cpu::Cpu;

use super::marker::Segments;

#[cfg(target_arch = "x86_64")]
mod avx2;

/// What the components are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    Gray,
    YCbCr,
    Rgb,
    /// Inks. Adobe's files, which are nearly all there are, store 255 for no ink.
    Cmyk {
        inverted: bool,
    },
    /// Inks of which the first three are stored as the YCbCr of their inverses.
    Ycck,
}

impl Colors {
    /// Three components are RGB if Adobe's segment says so and there is no JFIF segment, which always means YCbCr; or if
    /// there is neither and they are called so.
    pub(super) fn of(segments: &Segments<'_>) -> Self {
        let ids: Vec<u8> = segments.frame.components.iter().map(|component| component.id).collect();
        match (&ids[..], segments.adobe) {
            ([_], _) => Self::Gray,
            (_, None) if ids.len() == 4 => Self::Cmyk { inverted: false },
            (_, Some(0)) if ids.len() == 4 => Self::Cmyk { inverted: true },
            _ if ids.len() == 4 => Self::Ycck,
            (_, Some(0)) | (b"RGB", None) if !segments.jfif => Self::Rgb,
            _ => Self::YCbCr,
        }
    }

    /// Makes gray or RGB of one row, in place of its first components.
    pub(super) fn convert(self, cpu: Cpu, planes: [&mut [u8]; 3], black: &mut [u8]) {
        let invert = |plane: &mut [u8]| plane.iter_mut().for_each(|ink| *ink = 255 - *ink);
        let [first, second, third] = planes;
        match self {
            Self::Gray | Self::Rgb => {}
            Self::YCbCr => to_rgb(cpu, first, second, third),
            Self::Cmyk { inverted } => {
                if !inverted {
                    [&mut *first, &mut *second, &mut *third, &mut *black].into_iter().for_each(invert);
                }
                inverted_cmyk_to_rgb([first, second, third], black);
            }
            Self::Ycck => {
                to_rgb(cpu, first, second, third);
                [&mut *first, &mut *second, &mut *third].into_iter().for_each(invert);
                inverted_cmyk_to_rgb([first, second, third], black);
            }
        }
    }
}

pub(super) fn to_rgb(cpu: Cpu, y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = cpu.avx2() {
        return avx2::to_rgb(token, y, cb, cr);
    }
    let _ = cpu;
    ycbcr_to_rgb(y, cb, cr);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn levels_convert_alike(pixels in prop::collection::vec(any::<[u8; 3]>(), 0..200)) {
            let plane = |i: usize| pixels.iter().map(|pixel| pixel[i]).collect::<Vec<_>>();
            let converted = Cpu::all().into_iter().map(|cpu| {
                let (mut y, mut cb, mut cr) = (plane(0), plane(1), plane(2));
                to_rgb(cpu, &mut y, &mut cb, &mut cr);
                [y, cb, cr]
            });
            let converted: Vec<_> = converted.collect();
            prop_assert!(converted.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }
}
