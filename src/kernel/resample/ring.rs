//! The rows that a resampler still needs.

use std::ops::Range;

use crate::kernel::taps::Taps;
use crate::raster::ROW_PADDING;

/// The last few rows of every plane; older ones are overwritten.
#[derive(Debug)]
pub(super) struct Ring {
    /// Rows kept per plane.
    rows: usize,
    /// Bytes from one row to the next: a row and padding.
    stride: usize,
    /// Slot after slot; a slot holds the row of every plane.
    data: Vec<u8>,
    planes: usize,
    /// Where the rows gathered last start in `data`.
    offsets: Vec<usize>,
}

impl Ring {
    /// Rows of `width` bytes in `planes`, as many as a table along the other axis needs at once.
    pub(super) fn new(y: &Taps, planes: usize, width: usize) -> Self {
        // An output row waits for the latest row that it or one before it needs; all its rows must still be there.
        let (mut latest, mut rows) = (0, 1);
        for pixels in (0..y.len()).map(|t| y.pixels(t)).filter(|pixels| !pixels.is_empty()) {
            latest = latest.max(pixels.end);
            rows = rows.max(latest - pixels.start);
        }
        let stride = width + ROW_PADDING;
        Self { rows, stride, data: vec![0; rows * planes * stride], planes, offsets: Vec::with_capacity(rows) }
    }

    /// The place of a row, which the oldest one gives up.
    pub(super) fn row_mut(&mut self, row: usize, plane: usize) -> &mut [u8] {
        let offset = ((row % self.rows) * self.planes + plane) * self.stride;
        &mut self.data[offset..][..self.stride - ROW_PADDING]
    }

    /// Finds the rows that output row `t` needs.
    pub(super) fn gather(&mut self, y: &Taps, t: usize) {
        let Range { start, end } = y.pixels(t);
        let slot = self.planes * self.stride;
        self.offsets.clear();
        self.offsets.extend((start..end).map(|row| row % self.rows * slot));
    }

    /// The rows found last, of one plane: where they start in the bytes, each with padding behind it.
    pub(super) fn gathered(&self, plane: usize) -> (&[usize], &[u8]) {
        (&self.offsets, &self.data[plane * self.stride..])
    }
}
