//! Gaussian blur of a plane: resampling at scale 1 with Gaussian weights. What `op_blur` (`protocol.md` §8) does to every
//! plane, and part of unsharp masks.

use std::ops::Range;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Layout, Plane, Raster, Row};

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::resample::Resampler;
use crate::imaging::kernel::taps::Taps;

/// A blur of the planes of one picture.
pub(super) struct Gaussian {
    size: Size,
    x: Taps,
    y: Taps,
}

impl Gaussian {
    /// Blurs the part of planes of `size` at columns and rows `out`, counted from their corner.
    ///
    /// Weights are cut off at three standard deviations and normalised over the pixels of the plane, which repeats its
    /// border in effect. `sigma_x` and `sigma_y` are in 1/[`SIGMA_STEPS`](crate::imaging::pixel::operation::SIGMA_STEPS) pixels.
    pub(super) fn new(size: Size, out: &(Range<i64>, Range<i64>), (sigma_x, sigma_y): (u32, u32)) -> Self {
        let x = Taps::gaussian(out.0.clone(), 0..i64::from(size.width), sigma_x);
        let y = Taps::gaussian(out.1.clone(), 0..i64::from(size.height), sigma_y);
        Self { size, x, y }
    }

    /// Blurs a plane.
    ///
    /// # Errors
    ///
    /// The work is to be given up: wide blurs take long.
    pub(super) fn of(&self, cpu: Cpu, plane: &Plane, cancel: Cancel<'_>) -> Result<Plane> {
        let Self { size, x, y } = self;
        // Tables never have more samples than the plane has pixels.
        let blurred = Plane::filled(Size::new(x.len() as u32, y.len() as u32), 0);
        let blurred = Raster::from_planes(vec![blurred], Layout::GRAY);
        let mut resampler = Resampler::of_plane(cpu, (x.clone(), y.clone()), *size, blurred, cancel);
        let mut row = Row::new(size.width, Layout::GRAY);
        count(Kind::Copy, plane.samples().len());
        for y in 0..size.height as usize {
            cancel.check()?;
            row.planes_mut()[0].copy_from_slice(plane.row(y));
            resampler.take(&mut row)?;
        }
        Ok(resampler.finish().into_planes().swap_remove(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::pixel::operation::SIGMA_STEPS;

    fn gaussian(cpu: Cpu, plane: &Plane, out: &(Range<i64>, Range<i64>), sigma_x: u32, sigma_y: u32) -> Plane {
        Gaussian::new(plane.size(), out, (sigma_x, sigma_y)).of(cpu, plane, Cancel::ALWAYS).unwrap()
    }

    fn dot(size: u32) -> Plane {
        let mut plane = Plane::filled(Size::new(size, size), 0);
        plane.row_mut(size as usize / 2)[size as usize / 2] = 255;
        plane
    }

    #[test]
    fn a_dot_becomes_a_bell_and_flat_stays_flat() {
        for cpu in Cpu::all() {
            let blurred = gaussian(cpu, &dot(9), &(0..9, 0..9), SIGMA_STEPS, SIGMA_STEPS);
            // Weights .0044 .0540 .2422 .3992 and back: the column keeps 102 of 255, of which the row then keeps
            // .3992 = 41 in the middle; 62, 14 and 1 beside it give 25, 6 and 0.
            assert_eq!(blurred.row(4), [0, 0, 6, 25, 41, 25, 6, 0, 0]);
            let flat = Plane::filled(Size::new(7, 5), 137);
            assert_eq!(gaussian(cpu, &flat, &(0..7, 0..5), 3000, 70_000), flat);
        }
    }

    #[test]
    fn a_part_is_cut_from_the_whole() {
        let cpu = Cpu::detect(crate::imaging::kernel::isa::cpu::CpuLevel::default());
        let mut plane = Plane::filled(Size::new(40, 30), 0);
        for (i, sample) in plane.samples_mut().iter_mut().enumerate() {
            *sample = (i * 7919 % 251) as u8;
        }
        let whole = gaussian(cpu, &plane, &(0..40, 0..30), 1500, 900);
        let part = gaussian(cpu, &plane, &(5..25, 7..29), 1500, 900);
        for y in 0..22 {
            assert_eq!(part.row(y), &whole.row(y + 7)[5..25]);
        }
    }
}
