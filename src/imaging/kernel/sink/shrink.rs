//! Shrinking rows by a whole factor on their way: each pixel is the mean of a square.
//!
//! No code for levels: the compiler makes vectors of the sums of rows, and unpacking the PNG whose rows these are takes many
//! times as long.

use crate::base::error::Result;
use crate::base::geom::Shrink;
use crate::base::limits::zeros;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Layout, Row, RowSink};

/// Passes on the mean of every square of `factor × factor` pixels, rounded half up. Squares that the last columns or
/// rows do not fill are the mean of what is there.
pub(crate) struct Shrinker<'a> {
    sink: &'a mut dyn RowSink,
    factor: usize,
    /// Sums down each column of the rows taken since the last one passed on, plane after plane: at most 8 · 255.
    sums: Vec<u16>,
    rows: usize,
    out: Row,
    width: usize,
}

impl<'a> Shrinker<'a> {
    /// Takes rows of `width` pixels and passes rows of `width / factor`, rounded up, to `sink`.
    pub(crate) fn new(sink: &'a mut dyn RowSink, shrink: Shrink, width: u32, layout: Layout) -> Self {
        let out = Row::new(width.div_ceil(shrink.factor()), layout);
        let width = width as usize;
        Self { sink, factor: shrink.factor() as usize, sums: zeros(width * layout.planes()), rows: 0, out, width }
    }

    /// Passes on what the last rows amount to.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.rows > 0 { self.pass_on() } else { Ok(()) }
    }

    fn pass_on(&mut self) -> Result<()> {
        for (out, sums) in self.out.planes_mut().into_iter().zip(self.sums.chunks_exact(self.width)) {
            means(sums, self.factor, self.rows, out);
        }
        self.sums.fill(0);
        self.rows = 0;
        self.sink.row(&mut self.out)
    }
}

impl RowSink for Shrinker<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        count(Kind::Copy, 2 * self.sums.len());
        for (plane, sums) in self.sums.chunks_exact_mut(self.width).enumerate() {
            for (sum, &sample) in sums.iter_mut().zip(row.plane(plane)) {
                *sum += u16::from(sample);
            }
        }
        self.rows += 1;
        if self.rows == self.factor { self.pass_on() } else { Ok(()) }
    }
}

/// Means of squares from the sums of their columns.
fn means(sums: &[u16], factor: usize, rows: usize, out: &mut [u8]) {
    if rows == factor {
        // Constant divisors, for the compiler.
        match factor {
            2 => whole_means::<2>(sums, out),
            4 => whole_means::<4>(sums, out),
            8 => whole_means::<8>(sums, out),
            _ => {}
        }
    } else {
        for (out, square) in out.iter_mut().zip(sums.chunks_exact(factor)) {
            *out = mean(square, rows);
        }
    }
    if let (last @ [_, ..], Some(out)) = (sums.chunks_exact(factor).remainder(), out.last_mut()) {
        *out = mean(last, rows);
    }
}

fn whole_means<const FACTOR: usize>(sums: &[u16], out: &mut [u8]) {
    let area = (FACTOR * FACTOR) as u16;
    for (out, square) in out.iter_mut().zip(sums.as_chunks::<FACTOR>().0) {
        // At most 64 · 255 + 32.
        *out = ((square.iter().sum::<u16>() + area / 2) / area) as u8;
    }
}

fn mean(columns: &[u16], rows: usize) -> u8 {
    let area = (columns.len() * rows) as u32;
    ((columns.iter().map(|&sum| u32::from(sum)).sum::<u32>() + area / 2) / area) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Default)]
    struct Rows(Vec<Vec<Vec<u8>>>);

    impl RowSink for Rows {
        fn row(&mut self, row: &mut Row) -> Result<()> {
            self.0.push((0..row.layout().planes()).map(|plane| row.plane(plane).to_vec()).collect());
            Ok(())
        }
    }

    proptest! {
        #[test]
        fn pixels_are_means_of_squares(width in 1u32..40, height in 1usize..40, pick in 1usize..4, seed: u32) {
            let shrink = [Shrink::Full, Shrink::Half, Shrink::Quarter, Shrink::Eighth][pick];
            let value = |plane: usize, x: usize, y: usize| {
                (((plane * 999 + x * 37 + y * 101) as u32 ^ seed).wrapping_mul(2_654_435_761) >> 24) as u8
            };
            let mut rows = Rows::default();
            let layout = Layout::GRAY.with_alpha(true);
            let mut shrinker = Shrinker::new(&mut rows, shrink, width, layout);
            let mut row = Row::new(width, layout);
            for y in 0..height {
                for (plane, samples) in row.planes_mut().into_iter().take(2).enumerate() {
                    samples.iter_mut().enumerate().for_each(|(x, sample)| *sample = value(plane, x, y));
                }
                shrinker.row(&mut row).unwrap();
            }
            shrinker.finish().unwrap();
            let (width, factor) = (width as usize, shrink.factor() as usize);
            prop_assert_eq!(rows.0.len(), height.div_ceil(factor));
            for (top, planes) in rows.0.iter().enumerate() {
                for (plane, samples) in planes.iter().enumerate() {
                    prop_assert_eq!(samples.len(), width.div_ceil(factor));
                    for (left, &sample) in samples.iter().enumerate() {
                        let (ys, xs) = (top * factor..((top + 1) * factor).min(height), left * factor..((left + 1) * factor).min(width));
                        let sum: usize = ys.clone().map(|y| xs.clone().map(|x| usize::from(value(plane, x, y))).sum::<usize>()).sum();
                        let area = ys.len() * xs.len();
                        prop_assert_eq!(usize::from(sample), (sum + area / 2) / area);
                    }
                }
            }
        }
    }
}
