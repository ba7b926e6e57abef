//! Inks under alpha, row by row.
//!
//! A [pixel of 16 bits](super::wide::Pixel) has three colours and alpha. So cyan, magenta and yellow go through one resampler
//! with alpha, and black with the same alpha through another one. Which samples are opaque, and how many bits all have,
//! depends on alpha alone: both resamplers decide it alike.

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Axis, Filter, Window};
use crate::base::work::{Kind, count};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{AnyRaster, Layout, Raster, Row, RowStage, Sample};

use super::alpha::AlphaResampler;

/// Resamples the rows of a window of four inks and alpha, which are not multiplied by it.
#[derive(Debug)]
pub(crate) struct InkResampler {
    colors: AlphaResampler,
    black: AlphaResampler,
    /// A row of either.
    rows: [Row; 2],
}

impl InkResampler {
    /// As [`AlphaResampler::new`].
    pub(crate) fn new(cpu: Cpu, axes: (&Axis, &Axis), filter: Filter, window: Window) -> Self {
        let layouts = [Layout::RGB, Layout::GRAY].map(|layout| layout.with_alpha(true));
        let [colors, black] = layouts.map(|layout| AlphaResampler::new(cpu, axes, filter, window, layout));
        Self { colors, black, rows: layouts.map(|layout| Row::new(window.width, layout)) }
    }

    /// The samples, as [`AlphaResampler::finish`].
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(crate) fn finish(self, cancel: Cancel<'_>) -> Result<AnyRaster> {
        match (self.colors.finish(cancel)?, self.black.finish(cancel)?) {
            (AnyRaster::Bytes(colors), AnyRaster::Bytes(black)) => Ok(AnyRaster::Bytes(joined(colors, black))),
            (AnyRaster::Wide(colors), AnyRaster::Wide(black)) => Ok(AnyRaster::Wide(joined(colors, black))),
            _ => Err(Error::new(ErrorKind::Internal, "has one alpha of two depths").at("resample")),
        }
    }
}

/// Three inks and alpha, and black with the same alpha, as one picture.
fn joined<S: Sample>(colors: Raster<S>, black: Raster<S>) -> Raster<S> {
    let mut planes = colors.into_planes();
    let alpha = planes.pop();
    planes.extend(black.into_planes().into_iter().take(1).chain(alpha));
    Raster::from_planes(planes, Layout::CMYK.with_alpha(true))
}

impl RowStage for InkResampler {
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        let [colors, black] = &mut self.rows;
        count(Kind::Copy, 6 * row.width());
        // Alpha is the last plane of each.
        for (part, planes) in [(&mut *colors, &[0, 1, 2, 4][..]), (&mut *black, &[3, 4])] {
            for (to, &plane) in part.planes_mut().into_iter().zip(planes) {
                to.copy_from_slice(row.plane(plane));
            }
        }
        self.colors.row(colors, cancel)?;
        self.black.row(black, cancel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::alpha_wide::divided;
    use crate::test_support::Dice;

    fn rows(width: u32, height: u32, layout: Layout, mut sample: impl FnMut(usize, u32, u32) -> u8) -> Vec<Row> {
        let mut all = Vec::new();
        for y in 0..height {
            let mut row = Row::new(width, layout);
            for (p, plane) in row.planes_mut().into_iter().enumerate() {
                plane.iter_mut().zip(0..).for_each(|(to, x)| *to = sample(p, x, y));
            }
            all.push(row);
        }
        all
    }

    /// Each ink is what it is beside any other colours.
    #[test]
    fn inks_are_resampled_each_by_itself() {
        let (width, height) = (37, 29);
        let mut dice = Dice::new(5);
        let noise: Vec<u8> = (0..5 * width * height).map(|_| dice.byte()).collect();
        for opaque in [false, true] {
            let sample = |p: usize, x: u32, y: u32| match p {
                4 if opaque => 255,
                4 => [0, 255, noise[(y * width + x) as usize]][((x / 9 + y / 7) % 3) as usize],
                _ => noise[p * (width * height) as usize + (y * width + x) as usize],
            };
            let axes = (&Axis::resizing(width, 11), &Axis::resizing(height, 9));
            let window = Window { x: 0, y: 0, width, height };
            for cpu in Cpu::all() {
                let mut inks = InkResampler::new(cpu, axes, Filter::Sharp2, window);
                for mut row in rows(width, height, Layout::CMYK.with_alpha(true), sample) {
                    inks.row(&mut row, Cancel::ALWAYS).unwrap();
                }
                let inks = inks.finish(Cancel::ALWAYS).unwrap();
                let bytes = |raster: AnyRaster| match raster {
                    AnyRaster::Bytes(raster) => raster,
                    AnyRaster::Wide(raster) => divided(&raster, Cancel::ALWAYS).unwrap(),
                };
                assert_eq!(matches!(inks, AnyRaster::Bytes(_)), opaque);
                let inks = bytes(inks);
                assert_eq!(inks.layout(), Layout::CMYK.with_alpha(true));
                for ink in 0..4 {
                    let layout = Layout::GRAY.with_alpha(true);
                    let mut one = AlphaResampler::new(cpu, axes, Filter::Sharp2, window, layout);
                    for mut row in rows(width, height, layout, |p, x, y| sample([ink, 4][p.min(1)], x, y)) {
                        one.row(&mut row, Cancel::ALWAYS).unwrap();
                    }
                    let one = bytes(one.finish(Cancel::ALWAYS).unwrap());
                    assert_eq!(inks.planes()[ink], one.planes()[0]);
                    assert_eq!(inks.planes()[4], one.planes()[1]);
                }
            }
        }
    }
}
