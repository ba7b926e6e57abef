//! Separable resampling, row by row as a decoder delivers them.
//!
//! Each row is resampled horizontally at once and rounded to bytes; a ring keeps as many such rows as the tallest
//! vertical filter needs, and an output row is summed up as soon as its last input row has come. Memory is therefore
//! bounded by the output's width, whatever the source, and the ring stays in the CPU's cache.
//!
//! Sums are exact in `i32` and rounded once per pass, so that SIMD and scalar code agree byte for byte. The
//! arithmetic is that of Pillow and `fast_image_resize`, which are the oracles in tests; what differs is that weights
//! are scaled per sample and add up to exactly 1.

mod scalar;
#[cfg(target_arch = "x86_64")]
mod simd;

use crate::error::Result;
use crate::geometry::{Axis, Filter, Size, Window};
use crate::raster::{Layout, ROW_PADDING, Raster, Row, RowSink};

use super::alpha::premultiply;
use super::cpu::Cpu;
use super::taps::Taps;

/// Resamples the rows of a window to a picture.
#[derive(Debug)]
pub(crate) struct Resampler {
    cpu: Cpu,
    x: Taps,
    y: Taps,
    ring: Ring,
    /// Components of the incoming rows.
    incoming: Layout,
    /// The source is opaque but has transparent surroundings: an alpha of 255 goes along with it.
    add_alpha: bool,
    /// Source column of the first pixel of a row, and source row of the next row.
    window_x: usize,
    next_in: usize,
    next_out: usize,
    out: Raster,
}

impl Resampler {
    /// Samples at `x` and `y`, in the pixels of the whole decoded source, from rows of `window`.
    ///
    /// Colours come out premultiplied if the result has alpha. With `add_alpha` an alpha component is added to a source
    /// that has none.
    pub(crate) fn new(
        cpu: Cpu,
        (x, y): (&Axis, &Axis),
        filter: Filter,
        window: Window,
        incoming: Layout,
        add_alpha: bool,
    ) -> Self {
        let layout = incoming.with_alpha(incoming.alpha || add_alpha);
        let size = Size::new(x.len, y.len);
        let (x, y) = (Taps::new(x, filter), Taps::new(y, filter));
        Self::with_taps(cpu, (x, y), (window.x, window.y), incoming, Raster::zeroed(size, layout))
    }

    /// Samples with given tables; `out` has the size of the tables and the layout of the result.
    pub(super) fn with_taps(cpu: Cpu, (x, y): (Taps, Taps), origin: (u32, u32), incoming: Layout, out: Raster) -> Self {
        let ring = Ring::new(&y, out.layout().planes(), x.len());
        let add_alpha = out.layout().alpha && !incoming.alpha;
        let mut resampler = Self {
            cpu,
            x,
            y,
            ring,
            incoming,
            add_alpha,
            window_x: origin.0 as usize,
            next_in: origin.1 as usize,
            next_out: 0,
            out,
        };
        resampler.skip_empty();
        resampler
    }

    /// The resampled picture, once all rows have come.
    pub(crate) fn finish(self) -> Raster {
        debug_assert_eq!(self.next_out, self.y.len(), "a decoder delivers every row of its window");
        self.out
    }

    /// Takes one row of planes, each with padding behind it, without premultiplying.
    pub(super) fn take<'a>(&mut self, planes: impl Iterator<Item = &'a [u8]>) {
        let mut plane = 0;
        for samples in planes {
            let out = self.ring.row_mut(self.next_in, plane);
            horizontal(self.cpu, &self.x, self.window_x, samples, out);
            plane += 1;
        }
        if self.add_alpha {
            // A row of 255 resampled: what part of each sample's weights lies on the source.
            opaque(&self.x, self.ring.row_mut(self.next_in, plane));
        }
        self.next_in += 1;
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).end <= self.next_in {
            for plane in 0..self.out.planes().len() {
                self.ring.gather(&self.y, self.next_out, plane);
                let row = self.out.planes_mut()[plane].row_mut(self.next_out);
                vertical(self.cpu, &self.y, self.next_out, &self.ring, row);
            }
            self.next_out += 1;
            self.skip_empty();
        }
    }

    /// Output rows that see nothing of the source stay zero.
    fn skip_empty(&mut self) {
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).is_empty() {
            self.next_out += 1;
        }
    }
}

impl RowSink for Resampler {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        debug_assert_eq!(row.layout(), self.incoming);
        if row.layout().alpha {
            premultiply(row);
        }
        self.take((0..row.layout().planes()).map(|plane| row.padded(plane)));
        Ok(())
    }
}

/// The last few horizontally resampled rows of every plane.
#[derive(Debug)]
struct Ring {
    /// Rows kept per plane.
    rows: usize,
    /// Bytes from one row to the next: the output's width and padding.
    stride: usize,
    /// Slot after slot; a slot holds the row of every plane.
    data: Vec<u8>,
    planes: usize,
    /// Where the rows gathered last start in `data`.
    offsets: Vec<usize>,
}

impl Ring {
    fn new(y: &Taps, planes: usize, width: usize) -> Self {
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

    fn row_mut(&mut self, row: usize, plane: usize) -> &mut [u8] {
        let offset = self.offset(row, plane);
        let width = self.stride - ROW_PADDING;
        &mut self.data[offset..][..width]
    }

    /// Finds the rows of one plane that output row `t` needs.
    fn gather(&mut self, y: &Taps, t: usize, plane: usize) {
        self.offsets.clear();
        for row in y.pixels(t) {
            let offset = self.offset(row, plane);
            self.offsets.push(offset);
        }
    }
}

/// One output row of one plane: `samples` starts at source column `window_x` and has padding behind it.
fn horizontal(cpu: Cpu, taps: &Taps, window_x: usize, samples: &[u8], out: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = cpu.avx2() {
        return simd::horizontal(token, taps, window_x, samples, out);
    }
    let _ = cpu;
    scalar::horizontal(taps, window_x, samples, out);
}

/// Output row `t` of one plane from the rows that the ring has gathered for it.
fn vertical(cpu: Cpu, taps: &Taps, t: usize, ring: &Ring, out: &mut [u8]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = cpu.avx2() {
        return simd::vertical(token, taps.coefs(t), taps.bits(t), &ring.data, &ring.offsets, out);
    }
    let _ = cpu;
    scalar::vertical(taps.coefs(t), taps.bits(t), &ring.data, &ring.offsets, out);
}

/// What [`horizontal`] makes of a row that is 255 throughout.
fn opaque(taps: &Taps, out: &mut [u8]) {
    for (t, out) in out.iter_mut().enumerate() {
        let sum: i32 = taps.coefs(t).iter().map(|&coef| i32::from(coef) * 255).sum();
        *out = scalar::round(sum, taps.bits(t));
    }
}

#[cfg(test)]
mod tests;
