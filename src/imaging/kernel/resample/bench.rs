//! One pass of the resampler alone, for benches.

use crate::base::geom::{Axis, Filter};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::taps::Taps;
use crate::imaging::pixel::raster::Row;

use super::{horizontal, vertical};

/// A table along one axis.
#[derive(Debug)]
pub(crate) struct Pass(Taps);

impl Pass {
    pub(crate) fn new(axis: &Axis, filter: Filter) -> Self {
        Self(Taps::new(axis, filter))
    }

    /// Samples that come out along the axis.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Resamples a row of RGB along its width.
    pub(crate) fn across(&self, cpu: Cpu, row: &Row, [red, green, blue]: [&mut [u8]; 3]) {
        horizontal(cpu, &self.0, 0, row, [red, green, blue, &mut [], &mut []]);
    }

    /// Resamples all rows of one component along its height to row `t` of the result.
    pub(crate) fn down(&self, cpu: Cpu, rows: &[Row], t: usize, out: &mut [u8]) {
        let rows: Vec<&[u8]> = rows[self.0.pixels(t)].iter().map(|row| row.padded(0)).collect();
        vertical(cpu, self.0.coefs(t), self.0.bits(t), &rows, out);
    }
}
