//! The rows that a resampler still needs.

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

    fn offset(&self, row: usize, plane: usize) -> usize {
        ((row % self.rows) * self.planes + plane) * self.stride
    }

    /// The place of a row, which the oldest one gives up.
    pub(super) fn row_mut(&mut self, row: usize, plane: usize) -> &mut [u8] {
        let offset = self.offset(row, plane);
        &mut self.data[offset..][..self.stride - ROW_PADDING]
    }

    /// The rows of one plane that output row `t` needs: where they start in the bytes returned with them, each with
    /// padding behind it.
    pub(super) fn gather(&mut self, y: &Taps, t: usize, plane: usize) -> (&[usize], &[u8]) {
        self.offsets.clear();
        for row in y.pixels(t) {
            let offset = self.offset(row, plane);
            self.offsets.push(offset);
        }
        (&self.offsets, &self.data)
    }
}
