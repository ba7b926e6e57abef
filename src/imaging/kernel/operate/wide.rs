//! Operations on the neighbours of each pixel of pictures whose colours are multiplied by alpha with 16 bits.
//!
//! Where all pixels that a result reads are opaque, it is that of 8 bits: an opaque picture is sharpened to the bytes of the
//! same picture without alpha, and so is an opaque part of any picture, so that tiles join.

use std::ops::Range;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::base::limits::zeros;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::operation::{Operation, Unsharp};
use crate::imaging::pixel::raster::{Plane, Raster, Sample};

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::placement::place::cut;
use crate::imaging::kernel::resample::wide::{Pixel, across, down};
use crate::imaging::kernel::taps::WideTaps;

use super::sharpen::{amplified_wide, simple};

/// Columns and rows of a picture.
type Part = (Range<i64>, Range<i64>);

/// What an operation makes of a part of a picture, of which `bytes` is the result with 8 bits.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn operated(
    cpu: Cpu,
    raster: Raster<u16>,
    (local, size): (&Part, Size),
    operation: &Operation,
    bytes: &Raster,
    cancel: Cancel<'_>,
) -> Result<Raster<u16>> {
    let opaque = raster.planes().last().map(|alpha| opaque(alpha, local, operation.reach(), cancel)).transpose()?;
    let mut out = match operation {
        Operation::Blur(blur) => blurred(cpu, raster, (local, size), (blur.sigma_x, blur.sigma_y), cancel)?,
        Operation::Unsharp(usm) => unsharp(cpu, raster, (local, size), usm, cancel)?,
        _ => {
            count(Kind::Sharpen, raster.planes().len() * size.area() as usize);
            let planes = raster.planes().iter().map(|plane| simple(plane, local, size, cancel));
            Raster::from_planes(planes.collect::<Result<_>>()?, raster.layout())
        }
    };
    if let Some(opaque) = opaque {
        count(Kind::Copy, out.planes().len() * size.area() as usize);
        for (out, bytes) in out.planes_mut().iter_mut().zip(bytes.planes()) {
            let samples = out.samples_mut().iter_mut().zip(bytes.samples()).zip(&opaque);
            for ((out, &byte), _) in samples.filter(|(_, opaque)| **opaque) {
                *out = u16::of_byte(byte);
            }
        }
    }
    Ok(out)
}

/// Whether all pixels that each pixel of a part reads are opaque, row after row. They are those within reach.
fn opaque(alpha: &Plane<u16>, (columns, rows): &Part, reach: (u32, u32), cancel: Cancel<'_>) -> Result<Vec<bool>> {
    let Size { width, height } = alpha.size();
    count(Kind::Copy, 8 * alpha.samples().len());
    let near = |center: i64, reach: u32, side: u32| {
        let (from, to) = (center - i64::from(reach), center + i64::from(reach) + 1);
        from.max(0) as usize..to.min(i64::from(side)) as usize
    };
    // For each column of the part, how many of the rows within reach have a pixel within reach that is not opaque.
    let mut spoiled: Vec<u32> = zeros((columns.end - columns.start) as usize);
    let mut line: Vec<u32> = zeros(width as usize + 1);
    let mut told = |y: usize, tell: &mut dyn FnMut(usize, u32)| {
        for (x, &alpha) in alpha.row(y).iter().enumerate() {
            line[x + 1] = line[x] + u32::from(alpha != u16::MAX);
        }
        for (at, x) in columns.clone().enumerate() {
            let pixels = near(x, reach.0, width);
            tell(at, u32::from(line[pixels.start] != line[pixels.end]));
        }
    };
    let mut out = Vec::with_capacity(spoiled.len() * (rows.end - rows.start) as usize);
    let first = near(rows.start, reach.1, height).start;
    let mut held = first..first;
    for y in rows.clone() {
        let read = near(y, reach.1, height);
        while held.end < read.end {
            cancel.check()?;
            told(held.end, &mut |at, more| spoiled[at] += more);
            held.end += 1;
        }
        while held.start < read.start {
            cancel.check()?;
            told(held.start, &mut |at, less| spoiled[at] -= less);
            held.start += 1;
        }
        out.extend(spoiled.iter().map(|&rows| rows == 0));
    }
    Ok(out)
}

/// A Gaussian blur of a part of a picture.
fn blurred(
    cpu: Cpu,
    mut raster: Raster<u16>,
    (part, size): (&Part, Size),
    sigmas: (u32, u32),
    cancel: Cancel<'_>,
) -> Result<Raster<u16>> {
    if raster.size() == size {
        blurred_rows(cpu, &mut raster, part, sigmas, cancel, put)?;
        return Ok(raster);
    }
    let mut out = Raster::zeroed(size, raster.layout());
    blurred_rows(cpu, &mut raster, part, sigmas, cancel, |_, t, soft| put(&mut out, t, soft))?;
    Ok(out)
}

/// Puts pixels into a row of a picture.
fn put(raster: &mut Raster<u16>, row: usize, pixels: &[Pixel]) {
    let components = components(raster);
    for (plane, component) in raster.planes_mut().iter_mut().zip(components) {
        plane.row_mut(row).iter_mut().zip(pixels).for_each(|(sample, pixel)| *sample = pixel[component]);
    }
}

/// Blurs a part of a picture; `put` takes each row of the result with its number. Rows of the picture up to that number have
/// been read when it is called, and are not read again.
fn blurred_rows(
    cpu: Cpu,
    raster: &mut Raster<u16>,
    (columns, rows): &Part,
    (sigma_x, sigma_y): (u32, u32),
    cancel: Cancel<'_>,
    mut put: impl FnMut(&mut Raster<u16>, usize, &[Pixel]),
) -> Result<()> {
    let Size { width, height } = raster.size();
    let x = WideTaps::gaussian(columns.clone(), &(0..i64::from(width)), sigma_x);
    let y = WideTaps::gaussian(rows.clone(), &(0..i64::from(height)), sigma_y);
    let mut line: Vec<Pixel> = zeros(width as usize);
    // For each row of the result the rows that have to be held for it: up to the last that it reads, from the first that it
    // or a later one reads.
    let mut held: Vec<Range<usize>> = (0..y.len()).map(|t| y.pixels(t).start..y.pixels(t).end.max(t + 1)).collect();
    for t in (1..held.len()).rev() {
        held[t - 1].start = held[t - 1].start.min(held[t].start);
    }
    for t in 1..held.len() {
        held[t].end = held[t].end.max(held[t - 1].end);
    }
    // Of the rows that were passed across no more than that, each in the place of one that is not needed any more. They are
    // one piece of memory, which large pages can back: the pass down reads all of them for each pixel.
    let room = held.iter().map(Range::len).max().unwrap_or(1).max(1);
    let mut passed: Vec<Pixel> = zeros(room * x.len());
    let place = |row: usize| (row % room) * x.len()..(row % room + 1) * x.len();
    let mut next = 0;
    let mut below: Vec<Pixel> = zeros(x.len());
    for (t, held) in held.into_iter().enumerate() {
        cancel.check()?;
        while next < held.end {
            cancel.check()?;
            count(Kind::Copy, raster.planes().len() * line.len());
            for (plane, component) in raster.planes().iter().zip(components(raster)) {
                line.iter_mut().zip(plane.row(next)).for_each(|(pixel, &sample)| pixel[component] = sample);
            }
            across(cpu, &x, 0..x.len(), (&line, 0), &mut passed[place(next)]);
            next += 1;
        }
        let rows: Vec<&[Pixel]> = y.pixels(t).map(|row| &passed[place(row)]).collect();
        down(cpu, (y.coefs(t), y.bits(t)), &rows, &mut below);
        put(raster, t, &below);
    }
    Ok(())
}

/// Where pixels have the planes of a picture: alpha last.
fn components(raster: &Raster<u16>) -> impl Iterator<Item = usize> + use<> {
    (0..usize::from(raster.layout().colors)).chain([3])
}

/// `op_usm`.
fn unsharp(
    cpu: Cpu,
    mut raster: Raster<u16>,
    (local, size): (&Part, Size),
    usm: &Unsharp,
    cancel: Cancel<'_>,
) -> Result<Raster<u16>> {
    let (corner, sigmas) = ((local.0.start as usize, local.1.start as usize), (usm.sigma_x, usm.sigma_y));
    count(Kind::Amplify, raster.planes().len() * size.area() as usize);
    // The differences of brightness of a row, if all colours change by them.
    let is_mono = usm.mono && raster.layout().colors == 3;
    let mut mono: Vec<i32> = zeros(if is_mono { size.width as usize } else { 0 });
    let mut sharpen = |out: &mut Raster<u16>, t: usize, soft: &[Pixel]| sharpened(out, t, soft, &mut mono, usm);
    if raster.size() == size {
        blurred_rows(cpu, &mut raster, local, sigmas, cancel, sharpen)?;
        return Ok(raster);
    }
    let mut out = cut(&raster, corner, size, cancel)?;
    blurred_rows(cpu, &mut raster, local, sigmas, cancel, |_, t, soft| sharpen(&mut out, t, soft))?;
    Ok(out)
}

/// Adds the amplified differences of a row and its blur to the row. `mono` has room for those of brightness, or none.
fn sharpened(out: &mut Raster<u16>, t: usize, soft: &[Pixel], mono: &mut [i32], usm: &Unsharp) {
    let luma = |[red, green, blue]: [u16; 3]| {
        // Weights of 16 bits, as for bytes: the largest sum is 65535 · 65536 + 32768.
        ((19595 * u32::from(red) + 38470 * u32::from(green) + 7471 * u32::from(blue) + 32768) >> 16) as i32
    };
    // Before any colour changes.
    for (x, (difference, soft)) in mono.iter_mut().zip(soft).enumerate() {
        let sharp = [0, 1, 2].map(|plane: usize| out.planes()[plane].row(t)[x]);
        *difference = luma(sharp) - luma([soft[0], soft[1], soft[2]]);
    }
    let (colors, components) = (usize::from(out.layout().colors), components(out));
    for (p, (plane, component)) in out.planes_mut().iter_mut().zip(components).enumerate() {
        let common = if p < colors { &*mono } else { &[] };
        for (x, (sample, soft)) in plane.row_mut(t).iter_mut().zip(soft).enumerate() {
            let own = i32::from(*sample) - i32::from(soft[component]);
            *sample = amplified_wide(*sample, common.get(x).copied().unwrap_or(own), usm);
        }
    }
}

#[cfg(test)]
#[path = "wide_tests.rs"]
mod tests;
