//! Pictures with alpha, row by row: colours are multiplied by alpha before they are weighed.
//!
//! Products have 16 bits, so that a colour of low alpha keeps its levels. Where all pixels that a sample reads are opaque
//! there is nothing to multiply, and the sample is that of 8 bits: a picture whose alpha is 255 throughout gives the bytes
//! of the same picture without alpha. Where they are all transparent the sample is 0. Both rules look at nothing but the
//! pixels of the sample itself, so that tiles join.

use std::ops::Range;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Size, Window};
use crate::base::limits::zeros;
use crate::base::work::{Kind, count};
use crate::imaging::kernel::alpha_wide::{all, is_opaque, multiplied, premultiplied};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::taps::{Taps, WideTaps};
use crate::imaging::pixel::raster::{AnyRaster, Layout, Raster, Row, RowStage, Sample};

use super::ring::Ring;
use super::wide::{Pixel, across, down};
use super::{PutRow, put_row};

/// What pixels have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alpha {
    /// 255 throughout.
    Opaque,
    /// 0 throughout, or there are no pixels.
    Clear,
    Mixed,
}

impl Alpha {
    fn of(alpha: &[u8]) -> Self {
        if all(alpha, 255) {
            Self::Opaque
        } else if all(alpha, 0) {
            Self::Clear
        } else {
            Self::Mixed
        }
    }
}

/// Lists of rows up to this length need no memory of their own.
const FEW: usize = 64;

/// A row of the source on its way from one pass to the other: those of its samples that are needed.
#[derive(Debug, Default)]
struct Passed {
    row: usize,
    done: Vec<bool>,
    pixels: Vec<Pixel>,
}

/// Resamples the rows of a window, whose colours are not multiplied by their alpha.
#[derive(Debug)]
pub(crate) struct AlphaResampler {
    cpu: Cpu,
    filter: Filter,
    axes: [Axis; 2],
    /// For samples that are opaque.
    narrow: (Taps, Taps),
    /// For all others; made when the first comes.
    wide: Option<(WideTaps, WideTaps)>,
    /// The pixels of each sample that exist.
    columns: Vec<Range<usize>>,
    rows: Vec<Range<usize>>,
    /// Rows before the passes.
    ring: Ring,
    /// The alpha of each of them.
    alphas: Vec<Alpha>,
    /// The same rows between the passes.
    passed: Vec<Passed>,
    buffers: Buffers,
    window_x: usize,
    next_in: usize,
    next_out: usize,
    out: AnyRaster,
}

/// Of one row of the result.
#[derive(Debug)]
struct Buffers {
    /// Between the passes of bytes.
    between: Row,
    /// The samples of bytes.
    narrow: Row,
    wide: Vec<Pixel>,
    /// The alpha of the pixels of each sample.
    alphas: Vec<Alpha>,
    /// The bits that the alphas of a column have in common, and those that any has.
    common: Vec<u8>,
    any: Vec<u8>,
    /// Columns up to each that are not opaque, and that are not clear.
    before: Vec<[u32; 2]>,
    /// Pixels of a row, multiplied by alpha.
    products: Vec<Pixel>,
}

impl AlphaResampler {
    /// Samples at `x` and `y`, in the pixels of the whole decoded source, from rows of `window` with alpha.
    pub(crate) fn new(cpu: Cpu, (x, y): (&Axis, &Axis), filter: Filter, window: Window, layout: Layout) -> Self {
        debug_assert!(layout.alpha && layout.colors <= 3);
        let reads = |axis: &Axis| -> Vec<Range<usize>> {
            let of = |t: u32| {
                let pixels = axis.taps(t, filter);
                let there = pixels.start.max(axis.exists.start)..pixels.end.min(axis.exists.end);
                // Pixels in the source count from 0.
                if there.is_empty() { 0..0 } else { there.start as usize..there.end as usize }
            };
            (0..axis.len).map(of).collect()
        };
        let (columns, rows) = (reads(x), reads(y));
        let ring = Ring::reading(rows.iter().cloned(), window.width, layout);
        let width = window.width as usize;
        let mut resampler = Self {
            cpu,
            filter,
            axes: [x.clone(), y.clone()],
            narrow: (Taps::new(x, filter), Taps::new(y, filter)),
            wide: None,
            alphas: vec![Alpha::Clear; ring.len()],
            passed: Vec::new(),
            buffers: Buffers {
                between: Row::new(window.width, layout),
                narrow: Row::new(x.len, layout),
                wide: zeros(x.len as usize),
                alphas: vec![Alpha::Clear; x.len as usize],
                common: zeros(width),
                any: zeros(width),
                before: zeros(width + 1),
                products: Vec::new(),
            },
            window_x: window.x as usize,
            next_in: window.y as usize,
            next_out: 0,
            out: AnyRaster::Bytes(Raster::zeroed(Size::new(x.len, y.len), layout)),
            columns,
            rows,
            ring,
        };
        resampler.skip_empty();
        resampler
    }

    /// The samples, once all rows have come: bytes if all are opaque, else colours multiplied by alpha.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(crate) fn finish(self, cancel: Cancel<'_>) -> Result<AnyRaster> {
        debug_assert_eq!(self.next_out, self.rows.len(), "a decoder delivers every row of its window");
        match self.out {
            AnyRaster::Bytes(raster) if !is_opaque(&raster) => Ok(AnyRaster::Wide(multiplied(&raster, true, cancel)?)),
            out => Ok(out),
        }
    }

    /// Rows of the result that see nothing of the source stay zero.
    fn skip_empty(&mut self) {
        while self.rows.get(self.next_out).is_some_and(Range::is_empty) {
            self.next_out += 1;
        }
    }

    /// Makes the next row of the result.
    fn put_row(&mut self, cancel: Cancel<'_>) -> Result<()> {
        cancel.check()?;
        let of_rows = |alpha| self.held().all(|row| self.alphas[row % self.ring.len()] == alpha);
        if of_rows(Alpha::Clear) {
            return Ok(());
        }
        if of_rows(Alpha::Opaque) {
            self.buffers.alphas.fill(Alpha::Opaque);
            return self.put_narrow(cancel);
        }
        self.compare();
        let all = |alpha| self.buffers.alphas.iter().all(|&of| of == alpha);
        if all(Alpha::Clear) {
            return Ok(());
        }
        if all(Alpha::Opaque) {
            return self.put_narrow(cancel);
        }
        if let AnyRaster::Bytes(raster) = &self.out {
            self.out = AnyRaster::Wide(multiplied(raster, true, cancel)?);
        }
        self.put_wide(cancel)?;
        if self.buffers.alphas.contains(&Alpha::Opaque) {
            self.put_narrow(cancel)?;
        }
        Ok(())
    }

    /// The rows that the next row of the result reads.
    fn held(&self) -> Range<usize> {
        self.rows[self.next_out].clone()
    }

    /// Finds out the alpha of the pixels of each sample of the next row.
    fn compare(&mut self) {
        let (held, Buffers { alphas, common, any, before, .. }) = (self.held(), &mut self.buffers);
        let plane = self.ring.row(held.start).layout().planes() - 1;
        count(Kind::Down, held.len() * common.len());
        count(Kind::Copy, 10 * common.len());
        common.fill(255);
        any.fill(0);
        for row in held {
            for ((common, any), &alpha) in common.iter_mut().zip(&mut *any).zip(self.ring.row(row).plane(plane)) {
                *common &= alpha;
                *any |= alpha;
            }
        }
        let mut counts = [0; 2];
        for ((before, &common), &any) in before[1..].iter_mut().zip(&*common).zip(&*any) {
            counts = [counts[0] + u32::from(common != 255), counts[1] + u32::from(any != 0)];
            *before = counts;
        }
        for (alpha, pixels) in alphas.iter_mut().zip(&self.columns) {
            let there = (pixels.start.saturating_sub(self.window_x), pixels.end.saturating_sub(self.window_x));
            let (start, end) = (before[there.0], before[there.1]);
            *alpha = if start[1] == end[1] {
                Alpha::Clear
            } else if start[0] == end[0] {
                Alpha::Opaque
            } else {
                Alpha::Mixed
            };
        }
    }

    /// Makes the next row of bytes, and puts it where samples are opaque.
    fn put_narrow(&mut self, cancel: Cancel<'_>) -> Result<()> {
        let Self { cpu, narrow: (x, y), ring, window_x, next_out, out, .. } = self;
        let Buffers { between, narrow, alphas, .. } = &mut self.buffers;
        let work = PutRow { cpu: *cpu, x, y, ring, window_x: *window_x, cancel };
        match out {
            AnyRaster::Bytes(raster) => put_row(&work, *next_out, between, raster.rows_mut(*next_out)),
            AnyRaster::Wide(raster) => {
                put_row(&work, *next_out, between, narrow.planes_mut())?;
                count(Kind::Copy, raster.planes().len() * alphas.len());
                for (plane, out) in raster.planes_mut().iter_mut().enumerate() {
                    let samples = out.row_mut(*next_out).iter_mut().zip(narrow.plane(plane)).zip(&*alphas);
                    for ((out, &sample), _) in samples.filter(|(_, alpha)| **alpha == Alpha::Opaque) {
                        *out = u16::of_byte(sample);
                    }
                }
                Ok(())
            }
        }
    }

    /// Makes the samples of the next row that are neither opaque nor clear, and puts them.
    fn put_wide(&mut self, cancel: Cancel<'_>) -> Result<()> {
        let (len, t) = (self.buffers.alphas.len(), self.next_out);
        if self.passed.is_empty() {
            let pixels = || Passed { row: usize::MAX, done: vec![false; len], pixels: zeros(len) };
            self.passed = (0..self.ring.len()).map(|_| pixels()).collect();
        }
        let (x, y) = self.wide.get_or_insert_with(|| {
            (WideTaps::new(&self.axes[0], self.filter), WideTaps::new(&self.axes[1], self.filter))
        });
        let held = self.rows[t].clone();
        let Buffers { alphas, products, wide, .. } = &mut self.buffers;
        let source = Source { cpu: self.cpu, x, columns: &self.columns, window_x: self.window_x };
        for span in spans(alphas, |&alpha| alpha == Alpha::Mixed) {
            for row in held.clone() {
                cancel.check()?;
                let place = row % self.ring.len();
                let clear = self.alphas[place] == Alpha::Clear;
                source.pass(row, self.ring.row(row), clear, &mut self.passed[place], span.clone(), products);
            }
            let rows = held.clone().map(|row| &self.passed[row % self.ring.len()].pixels[span.clone()]);
            let weights = (y.coefs(t), y.bits(t));
            if held.len() > FEW {
                down(self.cpu, weights, &rows.collect::<Vec<_>>(), &mut wide[span.clone()]);
            } else {
                let mut few: [&[Pixel]; FEW] = [&[]; FEW];
                few.iter_mut().zip(rows).for_each(|(place, row)| *place = row);
                down(self.cpu, weights, &few[..held.len()], &mut wide[span.clone()]);
            }
            if let AnyRaster::Wide(raster) = &mut self.out {
                let last = raster.planes().len() - 1;
                for (plane, out) in raster.planes_mut().iter_mut().enumerate() {
                    let component = if plane == last { 3 } else { plane };
                    for (out, pixel) in out.row_mut(t)[span.clone()].iter_mut().zip(&wide[span.clone()]) {
                        *out = pixel[component];
                    }
                }
            }
        }
        Ok(())
    }
}

/// How rows of the source are taken through the first pass.
struct Source<'a> {
    cpu: Cpu,
    x: &'a WideTaps,
    columns: &'a [Range<usize>],
    window_x: usize,
}

impl Source<'_> {
    /// Takes some samples of a row through the first pass, if they are not there yet.
    fn pass(
        &self,
        number: usize,
        row: &Row,
        clear: bool,
        passed: &mut Passed,
        span: Range<usize>,
        products: &mut Vec<Pixel>,
    ) {
        if passed.row != number {
            passed.row = number;
            passed.done.fill(false);
        }
        for missing in spans(&passed.done[span.clone()], |done| !done) {
            let missing = span.start + missing.start..span.start + missing.end;
            let out = &mut passed.pixels[missing.clone()];
            let pixels = &self.columns[missing.clone()];
            // They follow each other.
            let first = pixels.iter().find(|pixels| !pixels.is_empty()).map_or(0, |pixels| pixels.start);
            let end = pixels.iter().rfind(|pixels| !pixels.is_empty()).map_or(0, |pixels| pixels.end);
            if clear || first == end {
                out.fill(Pixel::default());
            } else {
                multiply(row, first - self.window_x..end - self.window_x, products);
                across(self.cpu, self.x, missing, (products, first), out);
            }
        }
        passed.done[span].fill(true);
    }
}

/// Some pixels of a row, with colours multiplied by alpha.
fn multiply(row: &Row, columns: Range<usize>, products: &mut Vec<Pixel>) {
    let plane = |plane: usize| &row.plane(plane)[columns.clone()];
    count(Kind::Multiply, row.layout().planes() * columns.len());
    products.clear();
    if row.layout().colors == 3 {
        let colors = plane(0).iter().zip(plane(1)).zip(plane(2)).zip(plane(3));
        products.extend(colors.map(|(((&red, &green), &blue), &alpha)| {
            let of = |color| premultiplied(color, alpha);
            [of(red), of(green), of(blue), u16::of_byte(alpha)]
        }));
    } else {
        let grays = plane(0).iter().zip(plane(1));
        products.extend(grays.map(|(&gray, &alpha)| [premultiplied(gray, alpha), 0, 0, u16::of_byte(alpha)]));
    }
}

/// The longest ranges of values that are wanted.
fn spans<T>(values: &[T], is_wanted: impl Fn(&T) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let start = next + values[next..].iter().position(&is_wanted)?;
        let end = values[start..].iter().position(|value| !is_wanted(value)).map_or(values.len(), |len| start + len);
        next = end;
        Some(start..end)
    })
}

impl RowStage for AlphaResampler {
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        let place = self.next_in % self.ring.len();
        self.alphas[place] = Alpha::of(row.plane(row.layout().planes() - 1));
        count(Kind::Row, 1);
        count(Kind::Copy, row.width());
        let slot = self.ring.slot(self.next_in);
        debug_assert_eq!(row.layout(), slot.layout());
        // The row stays here, and the memory of the oldest one goes back to be filled again.
        std::mem::swap(row, slot);
        self.next_in += 1;
        while self.rows.get(self.next_out).is_some_and(|rows| rows.end <= self.next_in) {
            self.put_row(cancel)?;
            self.next_out += 1;
            self.skip_empty();
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "alpha_tests.rs"]
mod tests;
