//! The lossy frame, VP8 (RFC 6386), by the crate `gamut-webp`: this is the place of an encoder of ours.
//!
//! The crate gets planes, which are made here in whole numbers, and a quantizer. Its lossless encoder is not used: it
//! chooses between groups of codes by the order of a hash map, which differs between two runs.

use gamut_color::Yuv420;
use gamut_webp::vp8::frame::{decode_frame, encode_frame};

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::pixel::raster::{Plane, Raster};

/// Sides of a macroblock: 16 samples of brightness, 8 of each colour difference.
const BLOCK: usize = 16;

/// The frame notes the length of its first part, the modes of all macroblocks, in 19 bits, and the crate does not check
/// that. A macroblock takes fewer than 128 bytes of it.
const MOST_MODES: usize = 1 << 19;
const MODES_PER_BLOCK: usize = 128;

/// The data of the frame. `alpha` is that of the picture, if some of it is transparent.
///
/// # Errors
///
/// The work is to be given up, or the frame cannot note how long its modes are.
pub(super) fn frame(raster: &Raster, alpha: Option<&Plane>, quantizer: u8, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let size = raster.size();
    let mut planes = planes(raster, alpha, cancel)?;
    if let Some(alpha) = alpha {
        hide(&mut planes, alpha, cancel)?;
    }
    let [y, u, v] = planes;
    let yuv = Yuv420::new(size.width, size.height, y.samples, u.samples, v.samples)
        .map_err(|error| Error::new(ErrorKind::Internal, "the reply cannot be encoded").with_detail(&error))?;
    let (frame, shown) = encode_frame(&yuv, quantizer);
    drop(yuv);
    cancel.check()?;
    let blocks = size.width.div_ceil(16) as usize * size.height.div_ceil(16) as usize;
    let may_be_too_long = blocks * MODES_PER_BLOCK >= MOST_MODES && frame.len() >= MOST_MODES;
    let reads = || decode_frame(&frame).is_ok_and(|read| same(&read.to_yuv420(), &shown.to_yuv420()));
    if may_be_too_long && !reads() {
        let what = "has more detail than a WebP of that size can describe; a lower qlt or a smaller size helps";
        return Err(Error::new(ErrorKind::Limit, what));
    }
    Ok(frame)
}

fn same(one: &Yuv420, other: &Yuv420) -> bool {
    one.y() == other.y() && one.u() == other.u() && one.v() == other.v()
}

/// Samples of one component.
struct Samples {
    width: usize,
    samples: Vec<u8>,
}

impl Samples {
    fn rows(&mut self) -> impl Iterator<Item = &mut [u8]> {
        self.samples.chunks_exact_mut(self.width)
    }
}

/// Brightness in 16…235 at full size, and two colour differences in 16…240 at half of it (BT.601). The factors have 16
/// fractional bits.
///
/// # Errors
///
/// The work is to be given up.
fn planes(raster: &Raster, alpha: Option<&Plane>, cancel: Cancel<'_>) -> Result<[Samples; 3]> {
    let (width, height) = (raster.size().width as usize, raster.size().height as usize);
    let half = width.div_ceil(2);
    let mut y = Samples { width, samples: Vec::with_capacity(width * height) };
    let [mut u, mut v] =
        [128, 128].map(|neutral: u8| Samples { width: half, samples: vec![neutral; half * height.div_ceil(2)] });
    let planes = raster.planes();
    if raster.layout().colors == 1 {
        for row in 0..height {
            cancel.check()?;
            // 219 / 255.
            let luma = |&gray: &u8| ((u32::from(gray) * 56_284 + (16 << 16) + (1 << 15)) >> 16) as u8;
            y.samples.extend(planes[0].row(row).iter().map(luma));
        }
        return Ok([y, u, v]);
    }
    for row in 0..height {
        cancel.check()?;
        let [red, green, blue] = [0, 1, 2].map(|plane: usize| planes[plane].row(row));
        let luma = red.iter().zip(green).zip(blue).map(|((&red, &green), &blue)| {
            let sum = u32::from(red) * 16_829 + u32::from(green) * 33_039 + u32::from(blue) * 6_416;
            ((sum + (16 << 16) + (1 << 15)) >> 16) as u8
        });
        y.samples.extend(luma);
    }
    for (row, (u, v)) in u.rows().zip(v.rows()).enumerate() {
        cancel.check()?;
        let both = 2 * row..(2 * row + 2).min(height);
        for (x, (u, v)) in u.iter_mut().zip(v).enumerate() {
            let columns = 2 * x..(2 * x + 2).min(width);
            let [red, green, blue] = mean(planes, alpha, both.clone(), columns);
            // Four times a component, so 18 fractional bits.
            let difference = |sum: i64| ((sum + (128 << 18) + (1 << 17)) >> 18) as u8;
            *u = difference(28_784 * blue - 9_714 * red - 19_070 * green);
            *v = difference(28_784 * red - 24_103 * green - 4_681 * blue);
        }
    }
    Ok([y, u, v])
}

/// Four times the mean of each component of some pixels. What is more transparent counts less, so that the colours that lie
/// there unseen do not show at edges.
fn mean(
    planes: &[Plane],
    alpha: Option<&Plane>,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
) -> [i64; 3] {
    let (mut sums, mut weights) = ([0u32; 3], 0u32);
    let (mut plain, mut pixels) = ([0u32; 3], 0u32);
    for y in rows {
        for x in columns.clone() {
            let weight = alpha.map_or(1, |alpha| u32::from(alpha.row(y)[x]));
            weights += weight;
            pixels += 1;
            for (plane, (sum, plain)) in planes.iter().zip(sums.iter_mut().zip(&mut plain)) {
                let sample = u32::from(plane.row(y)[x]);
                *sum += weight * sample;
                *plain += sample;
            }
        }
    }
    let (sums, weights) = if weights > 0 { (sums, weights) } else { (plain, pixels) };
    sums.map(|sum| i64::from((4 * sum + weights / 2) / weights))
}

/// Gives what is fully transparent the mean of what is seen in its macroblock, or of the last macroblock in the row of which
/// something is seen: no edge between the two takes bytes, or shows.
///
/// # Errors
///
/// The work is to be given up.
fn hide(planes: &mut [Samples; 3], alpha: &Plane, cancel: Cancel<'_>) -> Result<()> {
    let hidden = |x: usize, y: usize| alpha.row(y)[x] == 0;
    let (width, height) = (alpha.size().width as usize, alpha.size().height as usize);
    // A sample of a colour difference stands for four pixels.
    let four = |x: usize, y: usize| {
        let mut all =
            (2 * y..(2 * y + 2).min(height)).flat_map(|y| (2 * x..(2 * x + 2).min(width)).map(move |x| (x, y)));
        all.all(|(x, y)| hidden(x, y))
    };
    for (plane, block) in planes.iter_mut().zip([BLOCK, BLOCK / 2, BLOCK / 2]) {
        let is_hidden = |x: usize, y: usize| if block == BLOCK { hidden(x, y) } else { four(x, y) };
        let (width, height) = (plane.width, plane.samples.len() / plane.width);
        for top in (0..height).step_by(block) {
            cancel.check()?;
            let mut last = 128;
            for left in (0..width).step_by(block) {
                let places = || {
                    let columns = left..(left + block).min(width);
                    (top..(top + block).min(height)).flat_map(move |y| columns.clone().map(move |x| (x, y)))
                };
                let (mut sum, mut seen, mut all) = (0, 0, 0);
                for (x, y) in places() {
                    all += 1;
                    if !is_hidden(x, y) {
                        sum += u32::from(plane.samples[y * width + x]);
                        seen += 1;
                    }
                }
                last = (sum + seen / 2).checked_div(seen).map_or(last, |mean| mean as u8);
                if seen < all {
                    for (x, y) in places().filter(|&(x, y)| is_hidden(x, y)) {
                        plane.samples[y * width + x] = last;
                    }
                }
            }
        }
    }
    Ok(())
}
