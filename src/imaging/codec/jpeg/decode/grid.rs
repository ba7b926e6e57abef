//! Which samples and blocks of a component a window needs: numbers only.

use std::ops::Range;

use crate::base::geom::{Shrink, Window};

use super::frame::{Component, Frame};

/// A component's samples along one axis, at the shrink.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    /// Samples of a block.
    pub(super) side: u32,
    /// Samples for each `pixels` pixels of the output; the two have no common divisor.
    pub(super) samples: u32,
    pub(super) pixels: u32,
    /// Samples that the whole picture has; the last block may hold more.
    pub(super) len: u32,
    /// Samples that the window needs, with a neighbour on each side if there is one.
    pub(super) needed: Range<u32>,
    /// Blocks that hold those.
    pub(super) blocks: Range<u32>,
}

impl Lane {
    /// `factor` samples stand for `max` pixels of the stored picture, of which there are `stored`.
    fn new((factor, max): (u32, u32), side: u32, shrink: Shrink, stored: u32, window: Range<u32>) -> Self {
        let (samples, pixels) = lowest(factor * side, max * (8 / shrink.factor()));
        let len = (stored * factor * side).div_ceil(8 * max);
        let sample = |pixel: u32| pixel * samples / pixels;
        let start = sample(window.start).saturating_sub(1);
        let end = (sample(window.end - 1) + 2).min(len);
        Self { side, samples, pixels, len, needed: start..end, blocks: start / side..end.div_ceil(side) }
    }

    /// The sample over a pixel of the output.
    pub(super) const fn sample(&self, pixel: u32) -> u32 {
        pixel * self.samples / self.pixels
    }

    /// Neither more nor fewer samples than pixels.
    pub(super) const fn is_whole(&self) -> bool {
        self.samples == self.pixels
    }

    /// One sample for two pixels.
    pub(super) const fn is_half(&self) -> bool {
        2 * self.samples == self.pixels
    }
}

/// A component of a window.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub(super) x: Lane,
    pub(super) y: Lane,
    /// Rows of blocks in a row of MCUs.
    pub(super) v: u32,
}

impl Grid {
    /// The grid of a component, for a window that is not empty and lies inside the picture at the shrink.
    pub(super) fn new(frame: &Frame, component: &Component, shrink: Shrink, window: Window) -> Self {
        let side = frame.side(component, shrink);
        let (columns, rows) = (window.x..window.x + window.width, window.y..window.y + window.height);
        Self {
            x: Lane::new((component.h, frame.h_max()), side, shrink, frame.width, columns),
            y: Lane::new((component.v, frame.v_max()), side, shrink, frame.height, rows),
            v: component.v,
        }
    }

    /// The rows of MCUs that hold its blocks.
    pub(super) fn mcu_rows(&self) -> Range<u32> {
        self.y.blocks.start / self.v..self.y.blocks.end.div_ceil(self.v)
    }
}

/// A fraction in its lowest terms.
const fn lowest(a: u32, b: u32) -> (u32, u32) {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x, b / x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked example: 36×28 pixels with 2×2 sampling have 18×14 chroma samples in 3×2 blocks.
    #[test]
    fn a_window_needs_neighbors_but_none_beyond_the_picture() {
        let [luma, chroma] = [(2, 2), (1, 1)].map(|(h, v)| Component { id: 0, h, v, table: 0 });
        let frame =
            Frame { width: 36, height: 28, progressive: false, arithmetic: false, components: vec![luma, chroma] };
        let window = Window { x: 14, y: 0, width: 22, height: 9 };
        let grid = Grid::new(&frame, &chroma, Shrink::Full, window);
        assert_eq!((grid.x.len, grid.x.needed, grid.x.blocks), (18, 6..18, 0..3));
        assert_eq!((grid.y.len, grid.y.needed.clone(), grid.y.blocks.clone()), (14, 0..6, 0..1));
        let grid = Grid::new(&frame, &luma, Shrink::Full, window);
        assert_eq!((grid.x.needed.clone(), grid.x.blocks.clone(), grid.mcu_rows()), (13..36, 1..5, 0..1));
        // At half size chroma is decoded whole: 18 pixels across and as many samples.
        let grid = Grid::new(&frame, &chroma, Shrink::Half, Window { x: 0, y: 0, width: 18, height: 14 });
        assert_eq!((grid.x.side, grid.x.is_whole(), grid.x.needed.clone()), (8, true, 0..18));
        let grid = Grid::new(&frame, &chroma, Shrink::Eighth, Window { x: 4, y: 0, width: 1, height: 4 });
        assert_eq!((grid.x.side, grid.x.is_half(), grid.x.len, grid.x.needed.clone()), (1, true, 3, 1..3));
    }

    #[test]
    fn three_samples_may_stand_for_two() {
        let [fine, coarse] = [3, 2].map(|h| Component { id: 0, h, v: 1, table: 0 });
        let frame =
            Frame { width: 100, height: 9, progressive: false, arithmetic: false, components: vec![fine, coarse] };
        let grid = Grid::new(&frame, &coarse, Shrink::Full, Window { x: 99, y: 8, width: 1, height: 1 });
        assert_eq!((grid.x.samples, grid.x.pixels, grid.x.len, grid.x.sample(99)), (2, 3, 67, 66));
    }
}
