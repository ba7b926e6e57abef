//! Samples of 16 bits, row by row: portable code. The horizontal pass comes first, as in `fast_image_resize`, which makes
//! the same of whole pictures.
//!
//! Sums have 64 bits. Pixels of four components are weighed by one text for all levels, which the compiler makes vectors of
//! with the instructions of each. The resampler of single components has no level: no source
//! has 16 bits so far, and tests compare with it.

mod scalar;

use std::ops::Range;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Window};
use crate::base::limits::zeros;
use crate::base::work::{Kind, count};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;
use crate::imaging::kernel::taps::WideTaps;

pub(in crate::imaging::kernel) use scalar::Pixel;
use scalar::round;

/// Resamples one component of the rows of a window.
#[derive(Debug)]
pub(crate) struct WideResampler<'a> {
    x: WideTaps,
    y: WideTaps,
    /// Rows between the passes, each in the place of an older one.
    ring: Vec<Vec<u16>>,
    sums: Vec<i64>,
    /// Source column of the first sample of a row, and source row of the next row.
    window_x: usize,
    next_in: usize,
    next_out: usize,
    out: Vec<u16>,
    cancel: Cancel<'a>,
}

impl<'a> WideResampler<'a> {
    /// Samples at `x` and `y`, in the pixels of the whole decoded source, from rows of `window`.
    pub(crate) fn new((x, y): (&Axis, &Axis), filter: Filter, window: Window, cancel: Cancel<'a>) -> Self {
        let (x, y) = (WideTaps::new(x, filter), WideTaps::new(y, filter));
        // A sample waits for the latest row that it or one before it needs; all its rows must still be there.
        let (mut latest, mut rows) = (0, 1);
        for pixels in (0..y.len()).map(|t| y.pixels(t)).filter(|pixels| !pixels.is_empty()) {
            latest = latest.max(pixels.end);
            rows = rows.max(latest - pixels.start);
        }
        let (width, height) = (x.len(), y.len());
        let mut resampler = Self {
            x,
            y,
            ring: (0..rows).map(|_| Vec::new()).collect(),
            sums: zeros(width),
            window_x: window.x as usize,
            next_in: window.y as usize,
            next_out: 0,
            out: zeros(width * height),
            cancel,
        };
        resampler.skip_empty();
        resampler
    }

    /// Takes one row.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(crate) fn row(&mut self, samples: &[u16]) -> Result<()> {
        let Self { x, ring, window_x, next_in, .. } = self;
        let place = *next_in % ring.len();
        let slot = &mut ring[place];
        slot.clear();
        slot.extend((0..x.len()).map(|t| {
            let (pixels, coefs) = (x.pixels(t), x.coefs(t));
            if pixels.is_empty() {
                return 0;
            }
            count(Kind::AcrossTap, coefs.len());
            // Weights have at most 45 fraction bits, and their magnitudes add up to less than 2: sums stay below 2⁶².
            let products = coefs.iter().zip(&samples[pixels.start - *window_x..]);
            round(products.map(|(&coef, &sample)| i64::from(coef) * i64::from(sample)).sum(), x.bits(t))
        }));
        count(Kind::Row, 1);
        count(Kind::Across, x.len());
        *next_in += 1;
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).end <= self.next_in {
            self.put_row()?;
            self.next_out += 1;
            self.skip_empty();
        }
        Ok(())
    }

    /// The samples, row after row, once all rows have come.
    pub(crate) fn finish(self) -> Vec<u16> {
        debug_assert_eq!(self.next_out, self.y.len(), "a decoder delivers every row of its window");
        self.out
    }

    /// Makes the next row of the result.
    fn put_row(&mut self) -> Result<()> {
        let Self { x, y, ring, sums, next_out, out, cancel, .. } = self;
        let (t, width) = (*next_out, x.len());
        sums.fill(0);
        for (row, &coef) in y.pixels(t).zip(y.coefs(t)) {
            cancel.check()?;
            count(Kind::Tap, 1);
            count(Kind::Down, width);
            for (sum, &sample) in sums.iter_mut().zip(&ring[row % ring.len()]) {
                *sum += i64::from(coef) * i64::from(sample);
            }
        }
        for (out, &sum) in out[t * width..][..width].iter_mut().zip(&*sums) {
            *out = round(sum, y.bits(t));
        }
        Ok(())
    }

    /// Rows that see nothing of the source stay zero.
    fn skip_empty(&mut self) {
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).is_empty() {
            self.next_out += 1;
        }
    }
}

/// Weighs pixels that lie side by side: samples `span` of a table, from a row whose first pixel is `first` in the source.
pub(in crate::imaging::kernel) fn across(
    cpu: Cpu,
    taps: &WideTaps,
    span: Range<usize>,
    (row, first): (&[Pixel], usize),
    out: &mut [Pixel],
) {
    count(Kind::WidePixel, span.len());
    // The compiler makes vectors of the portable code where it may.
    at_level!(cpu, |simd| scalar::across(taps, span, (row, first), out), else {
        scalar::across(taps, span, (row, first), out);
    });
}

/// Weighs pixels that lie one below the other: as many rows as coefficients, each as long as `out`.
pub(in crate::imaging::kernel) fn down(cpu: Cpu, (coefs, bits): (&[i32], u32), rows: &[&[Pixel]], out: &mut [Pixel]) {
    count(Kind::WidePixel, out.len());
    count(Kind::WideTap, rows.len() * out.len());
    at_level!(cpu, |simd| scalar::down((coefs, bits), rows, out), else scalar::down((coefs, bits), rows, out));
}

#[cfg(test)]
mod tests;
