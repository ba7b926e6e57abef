//! Rows to a picture without resampling.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Size, Window};
use crate::base::work::{Kind, count};
use crate::imaging::kernel::alpha_wide::narrowed;
use crate::imaging::pixel::raster::{Canvas, Layout, Raster, Row, RowOf, RowStage, Sample, WideRow};

/// Collects the rows of a window at scale 1. What the window does not cover stays as it is: transparent black.
#[derive(Debug)]
pub(crate) struct Collector<C> {
    out: C,
    /// Column of the window in the picture, and row of the next row.
    column: usize,
    next: usize,
    /// A wide row as bytes.
    narrow: Option<Row>,
}

impl<C: Canvas> Collector<C> {
    /// Samples at `x` and `y`, which are [identities](Axis::is_identity), from rows of `window`, onto a canvas of as many
    /// columns and rows. If it has one component more than the rows, that is alpha.
    pub(crate) fn onto((x, y): (&Axis, &Axis), window: Window, out: C) -> Self {
        // The window is the part of the samples' pixels that exists, so it starts at or after the first sample.
        let offset = |start: u32, axis: &Axis| {
            usize::try_from(i64::from(start) - axis.center(0).div_euclid(axis.den)).unwrap_or(0)
        };
        Self { out, column: offset(window.x, x), next: offset(window.y, y), narrow: None }
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

    fn takes_wide(&self) -> bool {
        true
    }

    fn wide_row(&mut self, row: &mut WideRow, cancel: Cancel<'_>) -> Result<()> {
        let mut narrow = self.narrow.take().unwrap_or_else(|| Row::new(row.width() as u32, row.layout()));
        count(Kind::Multiply, row.layout().planes() * row.width());
        for (plane, out) in narrow.planes_mut().into_iter().enumerate().take(row.layout().planes()) {
            out.iter_mut().zip(row.plane(plane)).for_each(|(out, &sample)| *out = narrowed(sample));
        }
        self.row(&mut narrow, cancel)?;
        self.narrow = Some(narrow);
        Ok(())
    }
}

/// Collects the rows of a window of 16 bits at scale 1, which has no alpha and covers all of the samples.
#[derive(Debug)]
pub(crate) struct WideCollector {
    out: Raster<u16>,
    next: usize,
}

impl WideCollector {
    pub(crate) fn new(window: Window, layout: Layout) -> Self {
        Self { out: Raster::zeroed(Size::new(window.width, window.height), layout), next: 0 }
    }

    pub(crate) fn finish(self) -> Raster<u16> {
        self.out
    }
}

impl RowStage for WideCollector {
    fn row(&mut self, row: &mut Row, _: Cancel<'_>) -> Result<()> {
        self.take(row, |out, samples| {
            out.iter_mut().zip(samples).for_each(|(out, &sample)| *out = u16::of_byte(sample));
        });
        Ok(())
    }

    fn takes_wide(&self) -> bool {
        true
    }

    fn wide_row(&mut self, row: &mut WideRow, _: Cancel<'_>) -> Result<()> {
        self.take(row, |out, samples| out.copy_from_slice(samples));
        Ok(())
    }
}

impl WideCollector {
    fn take<S: Sample>(&mut self, row: &RowOf<S>, copy: impl Fn(&mut [u16], &[S])) {
        count(Kind::Row, 1);
        count(Kind::Copy, 2 * row.layout().planes() * row.width());
        for (plane, out) in self.out.planes_mut().iter_mut().enumerate() {
            copy(out.row_mut(self.next), row.plane(plane));
        }
        self.next += 1;
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
