//! The rows that a resampler still needs.

use std::ops::Range;

use crate::imaging::kernel::taps::Taps;
use crate::imaging::pixel::raster::{Layout, ROW_PADDING, Row};

/// The last few rows; older ones are overwritten.
#[derive(Debug)]
pub(super) struct Ring {
    /// Each has its samples from when its first row comes: a filter may need all rows of a picture.
    slots: Vec<Row>,
    width: u32,
    layout: Layout,
    /// What stands for the plane after those of the slots, in every row.
    constant: Vec<u8>,
}

/// Lists of rows up to this length need no memory of their own.
const FEW: usize = 64;

impl Ring {
    /// Rows of `width` samples, as many as a table along the other axis needs at once.
    pub(super) fn new(y: &Taps, width: u32, layout: Layout) -> Self {
        Self::reading((0..y.len()).map(|t| y.pixels(t)), width, layout)
    }

    /// The same for rows of which `reads` says which each sample needs.
    pub(super) fn reading(reads: impl Iterator<Item = Range<usize>>, width: u32, layout: Layout) -> Self {
        // An output row waits for the latest row that it or one before it needs; all its rows must still be there.
        let (mut latest, mut rows) = (0, 1);
        for pixels in reads.filter(|pixels| !pixels.is_empty()) {
            latest = latest.max(pixels.end);
            rows = rows.max(latest - pixels.start);
        }
        Self { slots: (0..rows).map(|_| Row::new(0, layout)).collect(), width, layout, constant: Vec::new() }
    }

    /// Adds a plane that is the same in every row.
    pub(super) fn set_constant(&mut self, mut samples: Vec<u8>) {
        samples.resize(samples.len() + ROW_PADDING, 0);
        self.constant = samples;
    }

    /// The place of a row, which the oldest one gives up.
    pub(super) fn slot(&mut self, row: usize) -> &mut Row {
        let count = self.slots.len();
        let slot = &mut self.slots[row % count];
        if slot.width() != self.width as usize {
            *slot = Row::new(self.width, self.layout);
        }
        slot
    }

    /// Rows that are held at once.
    pub(super) const fn len(&self) -> usize {
        self.slots.len()
    }

    /// A row that is still held.
    pub(super) fn row(&self, row: usize) -> &Row {
        &self.slots[row % self.slots.len()]
    }

    /// Hands `take` one plane of some rows, each with padding behind it.
    pub(super) fn with_rows<T>(&self, rows: Range<usize>, plane: usize, take: impl FnOnce(&[&[u8]]) -> T) -> T {
        let (count, first) = (rows.len(), rows.start % self.slots.len());
        // At most all of them: they follow each other, and the first follows the last.
        let slots = self.slots[first..].iter().chain(&self.slots[..first]).take(count);
        let rows = slots.map(|slot| if plane < slot.layout().planes() { slot.padded(plane) } else { &self.constant });
        if count > FEW {
            return take(&rows.collect::<Vec<_>>());
        }
        let mut few: [&[u8]; FEW] = [&[]; FEW];
        for (place, row) in few.iter_mut().zip(rows) {
            *place = row;
        }
        take(&few[..count])
    }
}
