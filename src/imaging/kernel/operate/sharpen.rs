//! Sharpening: `op_sharpen`, `op_usm`, `op_usmR` (`protocol.md` §8).
//!
//! Works on premultiplied colours and on alpha alike. Both are linear but for rounding, so a picture sharpened and then
//! flattened is the flattened picture sharpened, without fringes where it turns transparent.

use std::ops::Range;

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::imaging::pixel::operation::Unsharp;
use crate::imaging::pixel::raster::{Plane, Raster, Sample};

use crate::imaging::kernel::color::brightness;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::operate::blur::Gaussian;
use crate::imaging::kernel::placement::place::cut_plane;

/// A sample that is sharpened.
pub(super) trait Level: Sample + Into<i32> {
    /// The nearest sample to a value.
    fn at_most(value: i32) -> Self;
}

impl Level for u8 {
    fn at_most(value: i32) -> Self {
        value.clamp(0, 255) as Self
    }
}

impl Level for u16 {
    fn at_most(value: i32) -> Self {
        value.clamp(0, 65535) as Self
    }
}

/// `op_sharpen` of the part of a plane at `local` columns and rows, which have `size`.
///
/// Each pixel is doubled, less the mean of its eight neighbours: 3×3 weights of −2 around 32, in sixteenths. No code for
/// levels: the operation is rare (`op_usm` is the usual one), and small beside the decoding of its picture.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn simple<S: Level>(
    plane: &Plane<S>,
    (columns, rows): &(Range<i64>, Range<i64>),
    size: Size,
    cancel: Cancel<'_>,
) -> Result<Plane<S>> {
    let source = plane.size();
    let mut out = Plane::filled(size, S::default());
    for (i, y) in rows.clone().enumerate() {
        cancel.check()?;
        let row = |dy: i64| plane.row((y + dy).clamp(0, i64::from(source.height) - 1) as usize);
        let three = [row(-1), row(0), row(1)];
        let last = i64::from(source.width) - 1;
        for (out, x) in out.row_mut(i).iter_mut().zip(columns.clone()) {
            let across = [(x - 1).max(0), x, (x + 1).min(last)].map(|x| x as usize);
            let all: i32 = three.iter().map(|row| across.iter().map(|&x| row[x].into()).sum::<i32>()).sum();
            let center: i32 = three[1][x as usize].into();
            *out = S::at_most((34 * center - 2 * all + 8) >> 4);
        }
    }
    Ok(out)
}

/// `op_usm` of the part of a picture at `local` columns and rows, which have `size`.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn unsharp(
    cpu: Cpu,
    raster: &Raster,
    local: &(Range<i64>, Range<i64>),
    size: Size,
    usm: &Unsharp,
    cancel: Cancel<'_>,
) -> Result<Vec<Plane>> {
    let gaussian = Gaussian::new(raster.size(), local, (usm.sigma_x, usm.sigma_y));
    let blurred = |plane: &Plane| gaussian.of(cpu, plane, cancel);
    let (colors, alpha) = raster.split_alpha();
    let corner = (local.0.start as usize, local.1.start as usize);
    let cut = |plane: &Plane| cut_plane(plane, corner, size, cancel);
    let mut planes = raster.planes().iter().map(cut).collect::<Result<Vec<Plane>>>()?;
    if usm.mono && colors.len() > 1 {
        let gray = brightness(colors, cancel)?;
        let (sharp, soft) = (cut(&gray)?, blurred(&gray)?);
        for plane in &mut planes[..colors.len()] {
            amplify(plane, sharp.samples(), soft.samples(), usm, cancel)?;
        }
        if let (Some(plane), Some(alpha)) = (planes.get_mut(colors.len()), alpha) {
            amplify_own(plane, &blurred(alpha)?, usm, cancel)?;
        }
    } else {
        for (plane, source) in planes.iter_mut().zip(raster.planes()) {
            amplify_own(plane, &blurred(source)?, usm, cancel)?;
        }
    }
    Ok(planes)
}

/// Adds the amplified difference of a plane to itself.
fn amplify_own(plane: &mut Plane, soft: &Plane, usm: &Unsharp, cancel: Cancel<'_>) -> Result<()> {
    cancel.each(plane.samples_mut().chunks_mut(STRIDE).zip(soft.samples().chunks(STRIDE)), |(samples, soft)| {
        for (sample, &soft) in samples.iter_mut().zip(soft) {
            *sample = amplified(*sample, i32::from(*sample) - i32::from(soft), usm);
        }
    })
}

/// Adds the amplified difference of two other planes.
fn amplify(plane: &mut Plane, sharp: &[u8], soft: &[u8], usm: &Unsharp, cancel: Cancel<'_>) -> Result<()> {
    let pieces = plane.samples_mut().chunks_mut(STRIDE).zip(sharp.chunks(STRIDE)).zip(soft.chunks(STRIDE));
    cancel.each(pieces, |((samples, sharp), soft)| {
        for ((sample, &sharp), &soft) in samples.iter_mut().zip(sharp).zip(soft) {
            *sample = amplified(*sample, i32::from(sharp) - i32::from(soft), usm);
        }
    })
}

#[inline]
fn amplified(sample: u8, difference: i32, usm: &Unsharp) -> u8 {
    // Amounts up to 5 and differences up to 255: 5 · 65536 · 255 fits.
    let added = (difference * usm.amount as i32 + 32768) >> 16;
    let added = if difference.abs() >= i32::from(usm.threshold) { added } else { 0 };
    (i32::from(sample) + added).clamp(0, 255) as u8
}

/// The same for 16 bits.
pub(super) fn amplified_wide(sample: u16, difference: i32, usm: &Unsharp) -> u16 {
    let added = (i64::from(difference) * i64::from(usm.amount) + 32768) >> 16;
    let added = if difference.abs() >= 257 * i32::from(usm.threshold) { added } else { 0 };
    (i64::from(sample) + added).clamp(0, 65535) as u16
}
