//! Which colours the components are, by the rules of JFIF and Adobe, and what makes RGB or inks of them.

use crate::imaging::kernel::color::ycbcr_to_rgb;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;
use crate::imaging::pixel::raster::PLANES;

use super::marker::Segments;

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod vector;

/// What the components are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    Gray,
    YCbCr,
    Rgb,
    /// Inks; 255 is no ink. Adobe's files store inks so. Other software reads files without an Adobe segment the same
    /// way.
    Cmyk,
    /// Inks of which the first three are stored as the YCbCr of their inverses.
    Ycck,
}

impl Colors {
    /// Three components are RGB if Adobe's segment says so and there is no JFIF segment, which always means YCbCr; or if
    /// there is neither and they are called so. Four are inks, transformed if Adobe's segment says anything but 0.
    pub(super) fn of(segments: &Segments<'_>) -> Self {
        let ids: Vec<u8> = segments.frame.components.iter().map(|component| component.id).collect();
        match (&ids[..], segments.adobe) {
            ([_], _) => Self::Gray,
            (_, None | Some(0)) if ids.len() == 4 => Self::Cmyk,
            _ if ids.len() == 4 => Self::Ycck,
            (_, Some(0)) | (b"RGB", None) if !segments.jfif => Self::Rgb,
            _ => Self::YCbCr,
        }
    }

    /// Makes gray, RGB or inks (255 is full ink) of the components of one row, in place of them.
    pub(super) fn convert(self, cpu: Cpu, planes: [&mut [u8]; PLANES]) {
        let invert = |plane: &mut [u8]| plane.iter_mut().for_each(|ink| *ink = 255 - *ink);
        let [first, second, third, fourth, _] = planes;
        match self {
            Self::Gray | Self::Rgb => {}
            Self::YCbCr => to_rgb(cpu, first, second, third),
            Self::Cmyk => [first, second, third, fourth].into_iter().for_each(invert),
            Self::Ycck => {
                // The inverses of the stored inks are the inks.
                to_rgb(cpu, first, second, third);
                invert(fourth);
            }
        }
    }
}

pub(super) fn to_rgb(cpu: Cpu, y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    at_level!(cpu, |simd| vector::to_rgb(simd, y, cb, cr), else ycbcr_to_rgb(y, cb, cr));
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Component, Frame};
    use super::*;
    use crate::imaging::kernel::isa::twin::each_level_equals;
    use proptest::prelude::*;

    /// What the components of these names are, with a JFIF segment or none and Adobe's with a transform or none.
    fn colors(ids: &[u8], jfif: bool, adobe: Option<u8>) -> Colors {
        let components = ids.iter().map(|&id| Component { id, h: 1, v: 1, table: 0 }).collect();
        let frame = Frame { width: 8, height: 8, progressive: false, arithmetic: false, components };
        Colors::of(&Segments { frame, jfif, adobe, exif: None })
    }

    /// As libjpeg-turbo has it (`jdapimin.c`, `default_decompress_parms`), every case.
    #[test]
    fn segments_and_names_say_what_components_are() {
        for jfif in [false, true] {
            for adobe in [None, Some(0), Some(1), Some(2), Some(3)] {
                assert_eq!(colors(&[1], jfif, adobe), Colors::Gray);
                for ids in [[1, 2, 3], [0, 1, 2], *b"RGB", *b"rgb", *b"BGR"] {
                    let rgb = !jfif && (adobe == Some(0) || adobe.is_none() && ids == *b"RGB");
                    let expected = if rgb { Colors::Rgb } else { Colors::YCbCr };
                    assert_eq!(colors(&ids, jfif, adobe), expected, "{ids:?} {jfif} {adobe:?}");
                }
                for ids in [[1, 2, 3, 4], *b"CMYK", *b"RGBK"] {
                    let expected = if matches!(adobe, None | Some(0)) { Colors::Cmyk } else { Colors::Ycck };
                    assert_eq!(colors(&ids, jfif, adobe), expected, "{ids:?} {jfif} {adobe:?}");
                }
            }
        }
    }

    /// The formulas of JFIF for one pixel, in units of 1/65536, rounded half up.
    fn naive([y, cb, cr]: [u8; 3]) -> [u8; 3] {
        let [y, blue, red] = [i64::from(y), i64::from(cb) - 128, i64::from(cr) - 128];
        let sums = [65536 * y + 91881 * red, 65536 * y - 22554 * blue - 46802 * red, 65536 * y + 116_130 * blue];
        sums.map(|sum| (sum + 32768).div_euclid(65536).clamp(0, 255) as u8)
    }

    /// Every level makes of pixels what the formulas make of each.
    fn converted_as_by_the_formulas(pixels: &[[u8; 3]]) {
        let expected: Vec<[u8; 3]> = pixels.iter().map(|&pixel| naive(pixel)).collect();
        each_level_equals(&expected, |cpu| {
            let [mut y, mut cb, mut cr] = [0, 1, 2].map(|i| pixels.iter().map(|pixel| pixel[i]).collect::<Vec<_>>());
            to_rgb(cpu, &mut y, &mut cb, &mut cr);
            (0..pixels.len()).map(|i| [y[i], cb[i], cr[i]]).collect()
        });
    }

    proptest! {
        #[test]
        fn each_level_converts_to_rgb(pixels in prop::collection::vec(any::<[u8; 3]>(), 0..200)) {
            converted_as_by_the_formulas(&pixels);
        }
    }

    #[test]
    fn all_values_of_chroma_are_converted() {
        let all = |v: u8| (0..=255).map(move |other| [v ^ other, v, other]);
        converted_as_by_the_formulas(&(0..=255).flat_map(all).collect::<Vec<_>>());
    }
}
