//! Rows to a picture without resampling.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Size, Window};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Layout, Raster, Row, RowStage};

/// Collects the rows of a window at scale 1. What the window does not cover stays transparent black.
#[derive(Debug)]
pub(crate) struct Collector {
    out: Raster,
    /// Column of the window in the picture, and row of the next row.
    column: usize,
    next: usize,
}

impl Collector {
    /// Samples at `x` and `y`, which are [identities](Axis::is_identity), from rows of `window`. With `add_alpha` an
    /// alpha component is added to a source that has none.
    pub(crate) fn new((x, y): (&Axis, &Axis), window: Window, incoming: Layout, add_alpha: bool) -> Self {
        let layout = incoming.with_alpha(incoming.alpha || add_alpha);
        // The window is the part of the samples' pixels that exists, so it starts at or after the first sample.
        let offset = |start: u32, axis: &Axis| {
            usize::try_from(i64::from(start) - axis.center(0).div_euclid(axis.den)).unwrap_or(0)
        };
        Self {
            out: Raster::zeroed(Size::new(x.len, y.len), layout),
            column: offset(window.x, x),
            next: offset(window.y, y),
        }
    }

    pub(crate) fn finish(self) -> Raster {
        self.out
    }
}

impl RowStage for Collector {
    fn row(&mut self, row: &mut Row, _: Cancel<'_>) -> Result<()> {
        let planes = row.layout().planes();
        count(Kind::Row, 1);
        count(Kind::Copy, self.out.planes().len() * row.width());
        let (y, columns) = (self.next, self.column..self.column + row.width());
        for (plane, out) in self.out.planes_mut().iter_mut().enumerate() {
            let out = &mut out.row_mut(y)[columns.clone()];
            if plane < planes {
                out.copy_from_slice(row.plane(plane));
            } else {
                out.fill(255);
            }
        }
        self.next += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_inside_margins_gets_alpha() {
        // Pixels −1..3 of a source of 2×2, all of which exist from 0 on.
        let axis = Axis { len: 4, first: -1, step: 2, den: 2, bounds: -1..3, exists: 0..2 };
        let window = Window { x: 0, y: 0, width: 2, height: 2 };
        let mut collector = Collector::new((&axis, &axis), window, Layout::GRAY, true);
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
