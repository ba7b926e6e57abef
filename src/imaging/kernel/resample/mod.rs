//! Separable resampling, row by row as a decoder delivers them.
//!
//! A ring keeps as many rows as the tallest vertical filter needs, and an output row is summed up as soon as its last
//! input row has come. Memory is bounded by the rows in the ring and the output, whatever the source.
//!
//! The vertical pass comes first. It runs at vector speed on any filter, the horizontal one does not, so that reductions,
//! whose first pass sees the most pixels, gain by it.
//!
//! Sums are exact in `i32` and rounded to bytes once per pass, so SIMD and scalar code agree byte for byte. The tables and
//! the order of passes are those of `fast_image_resize`: where the samples divide the pixels evenly a tile from rows as
//! they come is that tile of what `fast_image_resize` makes of the whole picture.

pub(crate) mod alpha;
#[cfg(feature = "internals")]
mod bench;
pub(crate) mod deep;
pub(crate) mod inks;
mod light;
pub(crate) mod linear;
mod ring;
mod scalar;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod vector;
pub(crate) mod whole;
pub(crate) mod whole_alpha;
pub(crate) mod wide;

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Size, Window};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Canvas, Layout, PLANES, Raster, Row, RowSink, RowStage};

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;
use crate::imaging::kernel::taps::Taps;

#[cfg(feature = "internals")]
pub(crate) use bench::Pass;
use ring::Ring;

/// Resamples the rows of a window to a picture, and asks whether the work has a purpose.
#[derive(Debug)]
pub(crate) struct Resampler<'a> {
    resampling: Resampling,
    cancel: Cancel<'a>,
}

impl<'a> Resampler<'a> {
    /// As [`Resampling::new`].
    pub(crate) fn new(
        cpu: Cpu,
        axes: (&Axis, &Axis),
        filter: Filter,
        window: Window,
        incoming: Layout,
        add_alpha: bool,
        cancel: Cancel<'a>,
    ) -> Self {
        Self { resampling: Resampling::new(cpu, axes, filter, window, incoming, add_alpha), cancel }
    }

    /// Samples a plane of `size` with given tables, which have the size of `out`.
    pub(super) fn of_plane(cpu: Cpu, taps: (Taps, Taps), size: Size, out: Raster, cancel: Cancel<'a>) -> Self {
        let window = Window { x: 0, y: 0, width: size.width, height: size.height };
        Self { resampling: Resampling::with_taps(cpu, taps, window, Layout::GRAY, out), cancel }
    }

    /// The resampled picture, once all rows have come.
    pub(crate) fn finish(self) -> Raster {
        self.resampling.finish()
    }

    /// Takes one row.
    ///
    /// # Errors
    ///
    /// The work is to be given up: a row of the source can be the last that many rows of the picture wait for.
    pub(super) fn take(&mut self, row: &mut Row) -> Result<()> {
        self.resampling.take(row, self.cancel)
    }
}

impl RowSink for Resampler<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        self.resampling.row(row, self.cancel)
    }
}

/// Resamples the rows of a window to a canvas.
#[derive(Debug)]
pub(crate) struct Resampling<C = Raster> {
    cpu: Cpu,
    x: Taps,
    y: Taps,
    /// Rows before the passes.
    ring: Ring,
    /// The row between the passes.
    between: Row,
    /// Source column of the first pixel of a row, and source row of the next row.
    window_x: usize,
    next_in: usize,
    next_out: usize,
    out: C,
}

impl Resampling {
    /// Samples at `x` and `y`, in the pixels of the whole decoded source, from rows of `window`.
    ///
    /// Colours come out premultiplied if the result has alpha. With `add_alpha` an alpha component is added to a source
    /// that has none. One that has alpha of its own is for the [`AlphaResampler`](alpha::AlphaResampler).
    pub(crate) fn new(
        cpu: Cpu,
        (x, y): (&Axis, &Axis),
        filter: Filter,
        window: Window,
        incoming: Layout,
        add_alpha: bool,
    ) -> Self {
        let out = Raster::zeroed(Size::new(x.len, y.len), incoming.with_alpha(incoming.alpha || add_alpha));
        Self::onto(cpu, (x, y), filter, window, incoming, out)
    }
}

impl<C: Canvas> Resampling<C> {
    /// The same onto a canvas of as many rows and columns as the axes have samples.
    pub(crate) fn onto(
        cpu: Cpu,
        (x, y): (&Axis, &Axis),
        filter: Filter,
        window: Window,
        incoming: Layout,
        out: C,
    ) -> Self {
        let taps = (Taps::new(x, filter), Taps::new(y, filter));
        Self::with_taps(cpu, taps, window, incoming, out)
    }

    fn with_taps(cpu: Cpu, (x, y): (Taps, Taps), window: Window, incoming: Layout, out: C) -> Self {
        let mut ring = Ring::new(&y, window.width, incoming);
        if out.layout().alpha && !incoming.alpha {
            ring.set_constant(vec![255; window.width as usize]);
        }
        let mut resampling = Self {
            cpu,
            ring,
            between: Row::new(window.width, out.layout()),
            x,
            y,
            window_x: window.x as usize,
            next_in: window.y as usize,
            next_out: 0,
            out,
        };
        resampling.skip_empty();
        resampling
    }

    /// The resampled picture, once all rows have come.
    pub(crate) fn finish(self) -> C {
        debug_assert_eq!(self.next_out, self.y.len(), "a decoder delivers every row of its window");
        self.out
    }

    /// Takes one row.
    fn take(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        let slot = self.ring.slot(self.next_in);
        debug_assert_eq!(row.layout(), slot.layout());
        count(Kind::Row, 1);
        // The row stays here, and the memory of the oldest one goes back to be filled again.
        std::mem::swap(row, slot);
        self.next_in += 1;
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).end <= self.next_in {
            self.put_row(cancel)?;
            self.next_out += 1;
            self.skip_empty();
        }
        Ok(())
    }

    /// Makes the next output row from the ring.
    fn put_row(&mut self, cancel: Cancel<'_>) -> Result<()> {
        let t = self.next_out;
        let Self { cpu, x, y, ring, between, window_x, out, .. } = self;
        let work = PutRow { cpu: *cpu, x, y, ring, window_x: *window_x, cancel };
        put_row(&work, t, between, out.row_mut(t))?;
        out.done(t, cancel)
    }

    /// Output rows that see nothing of the source stay zero.
    fn skip_empty(&mut self) {
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).is_empty() {
            self.next_out += 1;
        }
    }
}

impl<C: Canvas> RowStage for Resampling<C> {
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        self.take(row, cancel)
    }
}

/// What rows of a picture are made of.
struct PutRow<'a> {
    cpu: Cpu,
    x: &'a Taps,
    y: &'a Taps,
    ring: &'a Ring,
    window_x: usize,
    cancel: Cancel<'a>,
}

/// Makes row `t` of a picture from the rows that a ring holds. `between` is the row between the passes.
fn put_row(work: &PutRow<'_>, t: usize, between: &mut Row, out: [&mut [u8]; PLANES]) -> Result<()> {
    let PutRow { cpu, x, y, ring, window_x, cancel } = work;
    cancel.check()?;
    let (coefs, bits, planes) = (y.coefs(t), y.bits(t), between.layout().planes());
    for (plane, summed) in between.planes_mut().into_iter().enumerate().take(planes) {
        if coefs.len() * summed.len() > STRIDE {
            cancel.check()?;
        }
        ring.with_rows(y.pixels(t), plane, |rows| vertical(*cpu, coefs, bits, rows, summed));
    }
    horizontal(*cpu, x, *window_x, between, out);
    Ok(())
}

/// One row of every plane: `row` starts at source column `window_x`.
fn horizontal(cpu: Cpu, taps: &Taps, window_x: usize, row: &Row, mut out: [&mut [u8]; PLANES]) {
    let planes = row.layout().planes();
    let rows: [&[u8]; PLANES] = std::array::from_fn(|plane| if plane < planes { row.padded(plane) } else { &[] });
    let (rows, out) = (&rows[..planes], &mut out[..planes]);
    count(Kind::Across, planes * taps.len());
    count(Kind::AcrossTap, planes * taps.total());
    at_level!(cpu, |simd| vector::horizontal(simd, taps, window_x, rows, out), else {
        for (samples, out) in rows.iter().zip(out) {
            scalar::horizontal(taps, window_x, samples, out);
        }
    });
}

/// One row from as many rows as count, each with padding behind it.
fn vertical(cpu: Cpu, coefs: &[i16], bits: u32, rows: &[&[u8]], out: &mut [u8]) {
    count(Kind::Tap, rows.len());
    count(Kind::Down, rows.len() * out.len().next_multiple_of(32));
    at_level!(
        cpu,
        |simd| vector::vertical(simd, coefs, bits, rows, out),
        else scalar::vertical(coefs, bits, rows, out)
    );
}

/// What the samples of an axis make of a row that is 255 where pixels [exist](Axis::exists) and transparent elsewhere.
///
/// An axis here need not be one of a decoded source: its pixels may lie anywhere.
pub(crate) fn coverage(axis: &Axis, filter: Filter) -> Vec<u8> {
    let of = |t: u32| {
        let (pixels, exists) = (axis.taps(t, filter), &axis.exists);
        count(Kind::Weight, 1);
        if pixels.start >= exists.start && pixels.end <= exists.end {
            // Coefficients add up to 1, or miss it by less than shows.
            return 255;
        }
        if pixels.start >= exists.end || pixels.end <= exists.start {
            return 0;
        }
        let alone = Axis { len: 1, first: axis.first + i64::from(t) * axis.step, ..axis.clone() };
        opaque(&Taps::new(&alone, filter))[0]
    };
    (0..axis.len).map(of).collect()
}

/// What [`horizontal`] makes of a row that is 255 throughout.
fn opaque(taps: &Taps) -> Vec<u8> {
    let sum = |t: usize| taps.coefs(t).iter().map(|&coef| i32::from(coef) * 255).sum();
    (0..taps.len()).map(|t| scalar::round(sum(t), taps.bits(t))).collect()
}

#[cfg(test)]
mod tests;
