//! Rows to a picture without resampling.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Window};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Canvas, Row, RowStage};

/// Collects the rows of a window at scale 1. What the window does not cover stays as it is: transparent black.
#[derive(Debug)]
pub(crate) struct Collector<C> {
    out: C,
    /// Column of the window in the picture, and row of the next row.
    column: usize,
    next: usize,
}

impl<C: Canvas> Collector<C> {
    /// Samples at `x` and `y`, which are [identities](Axis::is_identity), from rows of `window`, onto a canvas of as many
    /// columns and rows. If it has one component more than the rows, that is alpha.
    pub(crate) fn onto((x, y): (&Axis, &Axis), window: Window, out: C) -> Self {
        // The window is the part of the samples' pixels that exists, so it starts at or after the first sample.
        let offset = |start: u32, axis: &Axis| {
            usize::try_from(i64::from(start) - axis.center(0).div_euclid(axis.den)).unwrap_or(0)
        };
        Self { out, column: offset(window.x, x), next: offset(window.y, y) }
    }

    pub(crate) fn finish(self) -> C {
        self.out
    }
}

impl<C: Canvas> RowStage for Collector<C> {
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        let (planes, all) = (row.layout().planes(), self.out.layout().planes());
        count(Kind::Row, 1);
        count(Kind::Copy, all * row.width());
        let (y, columns) = (self.next, self.column..self.column + row.width());
        for (plane, out) in self.out.row_mut(y).into_iter().enumerate().take(all) {
            let out = &mut out[columns.clone()];
            if plane < planes {
                out.copy_from_slice(row.plane(plane));
            } else {
                out.fill(255);
            }
        }
        self.next += 1;
        self.out.done(y, cancel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;
    use crate::imaging::pixel::raster::{Layout, Raster};

    #[test]
    fn a_window_inside_margins_gets_alpha() {
        // Pixels −1..3 of a source of 2×2, all of which exist from 0 on.
        let axis = Axis { len: 4, first: -1, step: 2, den: 2, bounds: -1..3, exists: 0..2 };
        let window = Window { x: 0, y: 0, width: 2, height: 2 };
        let out = Raster::zeroed(Size::new(4, 4), Layout::GRAY.with_alpha(true));
        let mut collector = Collector::onto((&axis, &axis), window, out);
        let mut row = Row::new(2, Layout::GRAY);
        for value in [10, 20] {
            row.planes_mut().into_iter().for_each(|plane| plane.fill(value));
            collector.row(&mut row, Cancel::ALWAYS).unwrap();
        }
        let raster = collector.finish();
        assert_eq!(raster.planes()[0].samples(), [0, 0, 0, 0, 0, 10, 10, 0, 0, 20, 20, 0, 0, 0, 0, 0]);
        assert_eq!(raster.planes()[1].samples(), [0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0]);
    }
}
