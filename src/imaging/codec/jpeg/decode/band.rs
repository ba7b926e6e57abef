//! The samples of a component around the row of MCUs being decoded: a band that moves down the window.

use std::ops::Range;

use crate::base::limits::zeros;
use crate::base::work::{Kind, count};
use crate::imaging::kernel::isa::cpu::Cpu;

use super::coefficients::Quantization;
use super::grid::Grid;
use super::inverse::{inverse, inverse2, mean};

/// Rows kept of earlier MCUs. Output rows wait for the chroma row below them, so that at most four of them, one for each
/// pixel that a sample can stand for, lag behind the last row of samples, and need one row above them.
const KEPT: usize = 6;

/// The columns of blocks that a window needs, for some rows.
#[derive(Debug)]
pub(super) struct Band {
    pub(super) grid: Grid,
    cpu: Cpu,
    steps: Quantization,
    samples: Vec<u8>,
    stride: usize,
    /// Rows of samples in a row of MCUs.
    height: usize,
    /// The first row behind the samples decoded.
    end: u32,
}

impl Band {
    /// A band that starts at a row of MCUs.
    pub(super) fn new(grid: Grid, mcu_row: u32, steps: Quantization, cpu: Cpu) -> Self {
        let stride = (grid.x.blocks.len() as u32 * grid.x.side) as usize;
        let height = (grid.v * grid.y.side) as usize;
        let samples = zeros(Self::bytes(&grid) as usize);
        let end = mcu_row * height as u32;
        Self { grid, cpu, steps, samples, stride, height, end }
    }

    /// What the samples of a band take.
    pub(super) fn bytes(grid: &Grid) -> u64 {
        let rows = KEPT as u64 + u64::from(grid.v) * u64::from(grid.y.side);
        rows * grid.x.blocks.len() as u64 * u64::from(grid.x.side)
    }

    /// Moves on to the next row of MCUs; its blocks are put after this.
    pub(super) fn advance(&mut self) {
        self.samples.copy_within(self.height * self.stride.., 0);
        self.end += self.height as u32;
        if self.end > self.grid.y.needed.start {
            count(Kind::JpegSample, self.height * self.stride);
        }
    }

    /// Only the lowest coefficients of blocks are asked for.
    pub(super) const fn is_low(&self) -> bool {
        self.grid.x.side == 2
    }

    /// Only the means of blocks are asked for.
    pub(super) const fn is_mean(&self) -> bool {
        self.grid.x.side == 1
    }

    /// Whether a block is needed.
    #[inline]
    pub(super) const fn needs_row(&self, row: u32) -> bool {
        self.grid.y.blocks.start <= row && row < self.grid.y.blocks.end
    }

    /// The columns of blocks that are needed.
    #[inline]
    pub(super) const fn columns(&self) -> Range<u32> {
        self.grid.x.blocks.start..self.grid.x.blocks.end
    }

    /// Where in the samples a block of the current row of MCUs lies. Its column is one that is needed.
    #[inline]
    fn place(&self, column: u32, row_in_mcu: u32) -> usize {
        let side = self.grid.x.side;
        let x = (column - self.grid.x.blocks.start) * side;
        (KEPT + (row_in_mcu * side) as usize) * self.stride + x as usize
    }

    /// Puts a block of the current row of MCUs. `count` coefficients may differ from zero.
    #[inline]
    pub(super) fn put(&mut self, column: u32, row_in_mcu: u32, block: &[i16; 64], count: u32) {
        let place = self.place(column, row_in_mcu);
        let out = &mut self.samples[place..];
        inverse(self.cpu, self.grid.x.side, block, count, &self.steps, out, self.stride);
    }

    /// Puts blocks of which only the lowest coefficients are asked for: of each its column, the DC coefficient and those
    /// that follow.
    #[inline(always)]
    pub(super) fn put_low(&mut self, row_in_mcu: u32, blocks: impl Iterator<Item = (u32, i16, [i16; 3])>) {
        let place = self.place(self.grid.x.blocks.start, row_in_mcu);
        let (upper, lower) = self.samples[place..].split_at_mut(self.stride);
        let (upper, lower) = (upper.as_chunks_mut::<2>().0, lower.as_chunks_mut::<2>().0);
        for (column, dc, [across, down, both]) in blocks {
            let column = (column - self.grid.x.blocks.start) as usize;
            if let (Some(upper), Some(lower)) = (upper.get_mut(column), lower.get_mut(column)) {
                [*upper, *lower] = inverse2([dc, across, down, both], &self.steps);
            }
        }
    }

    /// Puts a block of which only the mean is asked for.
    #[inline]
    pub(super) fn put_mean(&mut self, column: u32, row_in_mcu: u32, dc: i16) {
        let place = self.place(column, row_in_mcu);
        self.samples[place] = mean(dc, self.steps[0]);
    }

    /// Of these rows of blocks, nothing but means is needed.
    pub(super) fn only_means(&self, rows: Range<u32>) -> bool {
        self.is_mean() || rows.end <= self.grid.y.blocks.start || self.grid.y.blocks.end <= rows.start
    }

    /// Puts a row of blocks of which only the means are asked for; those that are not needed are left out.
    pub(super) fn put_means(&mut self, row_in_mcu: u32, means: &[i16]) {
        let columns = self.columns();
        let place = self.place(columns.start, row_in_mcu);
        let needed = &means[columns.start as usize..columns.end as usize];
        for (out, &dc) in self.samples[place..].iter_mut().zip(needed) {
            *out = mean(dc, self.steps[0]);
        }
    }

    /// Takes the samples of the current row of MCUs from those of all rows, `stride` apart, from its first on.
    pub(super) fn take(&mut self, (samples, stride): (&[u8], usize)) {
        let start = (self.grid.x.blocks.start * self.grid.x.side) as usize;
        let kept = KEPT * self.stride;
        let rows = samples.chunks(stride.max(1));
        for (to, from) in self.samples[kept..].chunks_exact_mut(self.stride).zip(rows) {
            if let Some(from) = from.get(start..start + to.len()) {
                to.copy_from_slice(from);
            }
        }
    }

    /// Gives the samples of the current row of MCUs, which are all that the picture has across.
    pub(super) fn give(&self, (samples, stride): (&mut [u8], usize)) {
        let rows = self.samples[KEPT * self.stride..].chunks_exact(self.stride);
        for (to, from) in samples.chunks_mut(stride.max(1)).zip(rows) {
            for (to, from) in to.iter_mut().zip(from) {
                *to = *from;
            }
        }
    }

    /// The first row of samples in the current row of MCUs, of those of the whole picture.
    pub(super) const fn first_row(&self) -> u32 {
        self.end - self.height as u32
    }

    /// Rows of samples that are there, of those that the window needs.
    pub(super) fn ready(&self) -> u32 {
        self.end.min(self.grid.y.needed.end)
    }

    /// The needed samples of a row, which is one of the last that are there.
    pub(super) fn row(&self, row: u32) -> &[u8] {
        // The last row of the buffer is the one before `end`.
        let from_bottom = (self.end - row) as usize;
        let start = (self.grid.x.needed.start - self.grid.x.blocks.start * self.grid.x.side) as usize;
        let place = (KEPT + self.height - from_bottom) * self.stride + start;
        &self.samples[place..][..self.grid.x.needed.len()]
    }
}
