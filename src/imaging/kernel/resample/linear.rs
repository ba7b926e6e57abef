//! Resampling in linear light, row by row: samples become light, are resampled as pictures of 16 bits are, and become samples
//! again. Alpha is no light: it is resampled as it is, and light is multiplied by it before.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Window};
use crate::base::work::{Kind, count};
use crate::imaging::kernel::alpha_wide::narrowed;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{AnyRaster, Layout, Raster, Row, RowStage, Sample, WideRow};

use super::deep::DeepResampler;
use super::light::{LIGHT, WIDE_LIGHT};

/// Resamples the rows of a window of gray or RGB, whose colours are not multiplied by their alpha.
#[derive(Debug)]
pub(crate) struct LinearResampler {
    deep: DeepResampler,
    /// Samples have 16 bits.
    is_wide: bool,
    /// A row of light.
    light: Option<WideRow>,
}

impl LinearResampler {
    /// As [`DeepResampler::new`]. With `is_wide` the rows come from a source of 16 bits.
    pub(crate) fn new(
        cpu: Cpu,
        axes: (&Axis, &Axis),
        filter: Filter,
        window: Window,
        (incoming, is_wide): (Layout, bool),
        add_alpha: bool,
    ) -> Self {
        let deep = DeepResampler::new(cpu, axes, filter, window, incoming, add_alpha);
        Self { deep, is_wide, light: None }
    }

    /// The samples, once all rows have come: true colours of 8 bits, or of 16 bits where the rows have them and there is no
    /// alpha.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(crate) fn finish(self, cancel: Cancel<'_>) -> Result<AnyRaster> {
        let mut light = self.deep.finish();
        let (size, layout) = (light.size(), light.layout());
        if self.is_wide && !layout.alpha {
            count(Kind::Multiply, light.planes().len() * size.area() as usize);
            for plane in light.planes_mut() {
                for y in 0..size.height as usize {
                    cancel.check()?;
                    plane.row_mut(y).iter_mut().for_each(|sample| *sample = wide_sample(*sample));
                }
            }
            return Ok(AnyRaster::Wide(light));
        }
        // What is wide is rounded twice, with alpha as without, so that tiles join.
        let sample = |light: u16| if self.is_wide { narrowed(wide_sample(light)) } else { sample(light) };
        let mut bytes = Raster::zeroed(size, layout);
        let (colors, alpha) = light.split_alpha();
        let (out_colors, out_alpha) = bytes.split_alpha_mut();
        count(if alpha.is_some() { Kind::Divide } else { Kind::Multiply }, light.planes().len() * size.area() as usize);
        for (out, plane) in out_colors.iter_mut().zip(colors) {
            for y in 0..size.height as usize {
                cancel.check()?;
                let (out, light) = (out.row_mut(y).iter_mut(), plane.row(y));
                match alpha {
                    None => out.zip(light).for_each(|(out, &light)| *out = sample(light)),
                    Some(alpha) => out
                        .zip(light.iter().zip(alpha.row(y)))
                        .for_each(|(out, (&light, &alpha))| *out = sample(quotient(light, alpha))),
                }
            }
        }
        for (out, alpha) in out_alpha.into_iter().zip(alpha) {
            out.samples_mut().iter_mut().zip(alpha.samples()).for_each(|(out, &alpha)| *out = narrowed(alpha));
        }
        Ok(AnyRaster::Bytes(bytes))
    }

    /// Takes a row that `fill` makes light of.
    fn take(
        &mut self,
        (width, layout): (usize, Layout),
        fill: impl FnOnce(&mut WideRow),
        cancel: Cancel<'_>,
    ) -> Result<()> {
        count(Kind::Multiply, layout.planes() * width);
        let mut light = self.light.take().unwrap_or_else(|| WideRow::new(width as u32, layout));
        fill(&mut light);
        self.deep.take(&light, cancel)?;
        self.light = Some(light);
        Ok(())
    }
}

fn sample(light: u16) -> u8 {
    LIGHT.sample[usize::from(light)]
}

fn wide_sample(light: u16) -> u16 {
    WIDE_LIGHT.sample[usize::from(light)]
}

/// `round(light · 65535 / alpha)`, halves up, at most 65535; 0 where alpha rounds to 0.
fn quotient(light: u16, alpha: u16) -> u16 {
    if narrowed(alpha) == 0 {
        return 0;
    }
    // Filters that ring can leave light above its alpha.
    let (light, alpha) = (u64::from(light.min(alpha)), u64::from(alpha));
    ((light * 131_070 + alpha) / (2 * alpha)) as u16
}

impl RowStage for LinearResampler {
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        let layout = row.layout();
        let colors = usize::from(layout.colors);
        let fill = |light: &mut WideRow| {
            for (plane, to) in light.planes_mut().into_iter().enumerate().take(layout.planes()) {
                let pairs = to.iter_mut().zip(row.plane(plane));
                if plane < colors {
                    let table = &LIGHT.light;
                    pairs.for_each(|(to, &sample)| *to = table[usize::from(sample)]);
                } else {
                    pairs.for_each(|(to, &alpha)| *to = u16::of_byte(alpha));
                }
            }
        };
        self.take((row.width(), layout), fill, cancel)
    }

    fn takes_wide(&self) -> bool {
        self.is_wide
    }

    fn wide_row(&mut self, row: &mut WideRow, cancel: Cancel<'_>) -> Result<()> {
        let layout = row.layout();
        let colors = usize::from(layout.colors);
        let fill = |light: &mut WideRow| {
            for (plane, to) in light.planes_mut().into_iter().enumerate().take(layout.planes()) {
                if plane < colors {
                    let table = &WIDE_LIGHT.light[..];
                    to.iter_mut().zip(row.plane(plane)).for_each(|(to, &sample)| *to = table[usize::from(sample)]);
                } else {
                    to.copy_from_slice(row.plane(plane));
                }
            }
        };
        self.take((row.width(), layout), fill, cancel)
    }
}

#[cfg(test)]
#[path = "linear_tests.rs"]
mod tests;
