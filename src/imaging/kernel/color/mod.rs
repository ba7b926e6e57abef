//! Conversions between pixel types, plane by plane.
//!
//! Those that JPEG files need for every pixel have code for levels. The others, for gray and inks, serve few requests, and
//! work on the pixels of a reply, not of its source.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::color::cmyk_of_rgb;
use crate::imaging::pixel::raster::{Layout, Plane, Raster, Sample};

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;

mod inks;
mod scalar;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod vector;

pub(super) use inks::brightness_of_inks;
pub(crate) use inks::from_cmyk;
pub(super) use scalar::luma;

/// RGB to gray or gray to gray; alpha is kept.
///
/// # Errors
///
/// The work is to be given up, as for the other types.
pub(crate) fn to_gray(raster: Raster, cancel: Cancel<'_>) -> Result<Raster> {
    let layout = raster.layout();
    if layout.colors == 1 {
        return Ok(raster);
    }
    let mut planes = raster.into_planes();
    let alpha = layout.alpha.then(|| planes.pop()).flatten();
    let gray = brightness(&planes, cancel)?;
    Ok(Raster::from_planes(std::iter::once(gray).chain(alpha).collect(), Layout::GRAY.with_alpha(layout.alpha)))
}

/// Gray or RGB to RGB; alpha is kept.
pub(crate) fn to_rgb<S: Sample>(raster: Raster<S>, cancel: Cancel<'_>) -> Result<Raster<S>> {
    let layout = raster.layout();
    if layout.colors != 1 {
        return Ok(raster);
    }
    let mut planes = raster.into_planes();
    let alpha = layout.alpha.then(|| planes.pop()).flatten();
    let gray = planes.swap_remove(0);
    count(Kind::Copy, 2 * gray.samples().len());
    let rgb = [copied(&gray, cancel)?, copied(&gray, cancel)?, gray];
    Ok(Raster::from_planes(rgb.into_iter().chain(alpha).collect(), Layout::RGB.with_alpha(layout.alpha)))
}

/// Gray or RGB without alpha to CMYK; 255 is full ink.
pub(crate) fn to_cmyk(raster: Raster, cancel: Cancel<'_>) -> Result<Raster> {
    let mut planes = to_rgb(raster, cancel)?.into_planes();
    let mut black = Plane::filled(planes[0].size(), 0);
    count(Kind::Mix, black.samples().len());
    if let [cyan, magenta, yellow] = &mut planes[..] {
        let [cyan, magenta, yellow, black] =
            [cyan, magenta, yellow, &mut black].map(|plane| plane.samples_mut().chunks_mut(STRIDE));
        cancel.each(cyan.zip(magenta).zip(yellow).zip(black), |(((cyan, magenta), yellow), black)| {
            for (((c, m), y), k) in cyan.iter_mut().zip(magenta).zip(yellow).zip(black) {
                [*c, *m, *y, *k] = cmyk_of_rgb([*c, *m, *y]);
            }
        })?;
    }
    planes.push(black);
    Ok(Raster::from_planes(planes, Layout::CMYK))
}

/// The brightness of colour planes: gray itself, or the luma of RGB.
pub(super) fn brightness(colors: &[Plane], cancel: Cancel<'_>) -> Result<Plane> {
    let [red, green, blue] = colors else { return copied(&colors[0], cancel) };
    count(Kind::Point, red.samples().len());
    let mut gray = Plane::filled(red.size(), 0);
    let [red, green, blue] = [red, green, blue].map(|plane| plane.samples().chunks(STRIDE));
    let pieces = red.zip(green).zip(blue).zip(gray.samples_mut().chunks_mut(STRIDE));
    cancel.each(pieces, |(((red, green), blue), gray)| luma([red, green, blue], gray))?;
    Ok(gray)
}

/// The same plane once more.
pub(super) fn copied<S: Sample>(plane: &Plane<S>, cancel: Cancel<'_>) -> Result<Plane<S>> {
    let mut copy = Plane::filled(plane.size(), S::default());
    let pieces = copy.samples_mut().chunks_mut(STRIDE).zip(plane.samples().chunks(STRIDE));
    cancel.each(pieces, |(copy, samples)| copy.copy_from_slice(samples))?;
    Ok(copy)
}

/// Full-range Rec. 601 in 16-bit fixed point, rounded half up: the colour space of JFIF.
pub(crate) fn rgb_to_ycbcr(cpu: Cpu, rgb: [&[u8]; 3], out: [&mut [u8]; 3]) {
    at_level!(cpu, |simd| vector::rgb_to_ycbcr(simd, rgb, out), else scalar::rgb_to_ycbcr(rgb, out));
}

/// The means of squares of two pixels by two, for each of which there is one in `out`. Of their sums 1 and 2 more are
/// divided by four in turn, so that halves are rounded down as often as up.
pub(crate) fn halve(cpu: Cpu, rows: [&[u8]; 2], out: &mut [u8]) {
    at_level!(cpu, |simd| vector::halve(simd, rows, out), else scalar::halve(rows, out));
}

/// Full-range YCbCr to RGB in place, in 16-bit fixed point (JFIF).
pub(crate) fn ycbcr_to_rgb(y: &mut [u8], cb: &mut [u8], cr: &mut [u8]) {
    let byte = |value: i16| value.clamp(0, 255) as u8;
    for ((y, cb), cr) in y.iter_mut().zip(cb).zip(cr) {
        let (luma, blue, red) = (i16::from(*y), i16::from(*cb) - 128, i16::from(*cr) - 128);
        // Whole parts of the factors are added apart, so that the rest of each fits a word and the compiler multiplies words:
        // 91881 = 65536 + 26345, 116130 = 2 · 65536 − 14942, −46802 = −65536 + 18734.
        let weighted = |by: i16, and: i16| {
            let sum = i32::from(blue) * i32::from(by) + i32::from(red) * i32::from(and);
            ((sum + 32768) >> 16) as i16
        };
        // Red, green and blue take the places of Y, Cb and Cr.
        *y = byte(luma + red + weighted(0, 26345));
        *cb = byte(luma - red + weighted(-22554, 18734));
        *cr = byte(luma + 2 * blue + weighted(-14942, 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;
    use crate::imaging::kernel::isa::twin::each_level_equals;

    /// The formulas of JFIF for one pixel. Half of 65536 is made less by 1, so that 255.5 is not rounded up.
    fn naive([r, g, b]: [u8; 3]) -> [u8; 3] {
        let [r, g, b] = [r, g, b].map(i64::from);
        let y = 19595 * r + 38470 * g + 7471 * b + 32768;
        let cb = -11059 * r - 21709 * g + 32768 * b + 32767;
        let cr = 32768 * r - 27439 * g - 5329 * b + 32767;
        [(y, 0), (cb, 128), (cr, 128)].map(|(sum, middle)| (sum.div_euclid(65536) + middle) as u8)
    }

    #[test]
    fn each_level_makes_ycbcr_and_halves() {
        // All values of each component beside many of the others, in lengths that no vector divides.
        let plane = |step: usize, len: usize| (0..len).map(|i| (i * step / 7) as u8).collect::<Vec<_>>();
        for len in [0, 1, 15, 16, 33, 40_003] {
            let [r, g, b] = [7, 257, 1801].map(|step| plane(step, len));
            let pixels: Vec<[u8; 3]> = (0..len).map(|i| naive([r[i], g[i], b[i]])).collect();
            each_level_equals(&pixels, |cpu| {
                let [mut y, mut cb, mut cr] = [(); 3].map(|()| vec![0; len]);
                rgb_to_ycbcr(cpu, [&r, &g, &b], [&mut y, &mut cb, &mut cr]);
                (0..len).map(|i| [y[i], cb[i], cr[i]]).collect()
            });
            let mean = |i: usize| {
                let square = [g[2 * i], g[2 * i + 1], b[2 * i], b[2 * i + 1]];
                let sum: usize = square.into_iter().map(usize::from).sum();
                ((sum + 1 + i % 2) / 4) as u8
            };
            let means: Vec<u8> = (0..len / 2).map(mean).collect();
            each_level_equals(&means, |cpu| {
                let mut half = vec![0; len / 2];
                halve(cpu, [&g, &b], &mut half);
                half
            });
        }
    }

    fn to_gray(raster: Raster) -> Raster {
        super::to_gray(raster, Cancel::ALWAYS).unwrap()
    }

    fn rgb(pixels: &[[u8; 3]]) -> Raster {
        let mut raster = Raster::zeroed(Size::new(pixels.len() as u32, 1), Layout::RGB);
        for (c, plane) in raster.planes_mut().iter_mut().enumerate() {
            for (sample, pixel) in plane.samples_mut().iter_mut().zip(pixels) {
                *sample = pixel[c];
            }
        }
        raster
    }

    #[test]
    fn ycbcr_comes_back_within_two_steps() {
        for r in (0..=255u8).step_by(17) {
            for g in (0..=255u8).step_by(15) {
                for b in (0..=255u8).step_by(5) {
                    let (mut y, mut cb, mut cr) = ([0], [0], [0]);
                    scalar::rgb_to_ycbcr([&[r], &[g], &[b]], [&mut y, &mut cb, &mut cr]);
                    ycbcr_to_rgb(&mut y, &mut cb, &mut cr);
                    let back = [y[0], cb[0], cr[0]];
                    for (was, is) in [r, g, b].iter().zip(back) {
                        assert!(was.abs_diff(is) <= 2, "{r} {g} {b} -> {back:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn primaries_have_the_values_of_the_jfif_formulas() {
        let convert = |[r, g, b]: [u8; 3]| {
            let (mut y, mut cb, mut cr) = ([0], [0], [0]);
            scalar::rgb_to_ycbcr([&[r], &[g], &[b]], [&mut y, &mut cb, &mut cr]);
            [y[0], cb[0], cr[0]]
        };
        assert_eq!(convert([255, 0, 0]), [76, 85, 255]);
        assert_eq!(convert([0, 255, 0]), [150, 44, 21]);
        assert_eq!(convert([0, 0, 255]), [29, 255, 107]);
        assert_eq!(convert([90, 90, 90]), [90, 128, 128]);
    }

    #[test]
    fn pixel_types_convert_and_keep_alpha() {
        let gray = to_gray(rgb(&[[255, 0, 0], [9, 9, 9]]));
        assert_eq!((gray.layout(), gray.planes()[0].samples()), (Layout::GRAY, &[76, 9][..]));
        assert_eq!(to_rgb(gray, Cancel::ALWAYS).unwrap().planes()[2].samples(), [76, 9]);
        let cmyk = to_cmyk(rgb(&[[255, 0, 0], [0, 0, 0], [100, 200, 200]]), Cancel::ALWAYS).unwrap();
        let inks: Vec<_> = cmyk.planes().iter().map(|p| p.samples().to_vec()).collect();
        assert_eq!(inks, [[0, 0, 128], [255, 0, 0], [255, 0, 0], [0, 255, 55]]);
        let with_alpha = Raster::zeroed(Size::new(2, 2), Layout::RGB.with_alpha(true));
        assert_eq!(to_gray(with_alpha).layout(), Layout::GRAY.with_alpha(true));
    }
}
