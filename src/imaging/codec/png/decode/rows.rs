//! From lines of pixels to rows of planes.

use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::codec::job::Job;
use crate::imaging::kernel::interleave::split;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{Layout, Row, RowSink};

use super::reader::Form;

/// From a line of pixels to the planes of the window's columns.
pub(super) struct Unpacker {
    cpu: Cpu,
    /// The window's bytes in a line.
    columns: std::ops::Range<usize>,
    form: Form,
    narrowed: Vec<u8>,
    row: Row,
}

impl Unpacker {
    /// The layout has the samples of the form, and may have alpha beyond them.
    pub(super) fn new(job: &Job<'_>, layout: Layout, form: Form) -> Self {
        let (x, width) = (job.window.x as usize, job.window.width as usize);
        let bytes = form.bytes_per_pixel();
        Self {
            cpu: job.cpu,
            columns: x * bytes..(x + width) * bytes,
            form,
            narrowed: Vec::new(),
            row: Row::new(job.window.width, layout),
        }
    }

    pub(super) fn row(&mut self, line: &[u8], sink: &mut dyn RowSink) -> Result<()> {
        let mut pixels = &line[self.columns.clone()];
        if self.form.wide {
            self.narrowed.clear();
            self.narrowed.extend(pixels.as_chunks::<2>().0.iter().map(|&sample| narrow(u16::from_be_bytes(sample))));
            pixels = &self.narrowed;
        }
        let mut planes = self.row.planes_mut();
        let (samples, alpha) = planes.split_at_mut(self.form.samples);
        count(Kind::Copy, pixels.len());
        split(self.cpu, pixels, samples);
        // Planes that the layout does not have are empty.
        alpha.iter_mut().for_each(|alpha| alpha.fill(u8::MAX));
        sink.row(&mut self.row)
    }

    /// A row that the file does not have: transparent black.
    pub(super) fn missing_row(&mut self, sink: &mut dyn RowSink) -> Result<()> {
        self.row.planes_mut().iter_mut().for_each(|plane| plane.fill(0));
        sink.row(&mut self.row)
    }
}

/// 16 bits to 8: `round(v / 257)`.
pub(super) fn narrow(sample: u16) -> u8 {
    // v · 255 / 65535 with the quotient's half in 16-bit fixed point; tested for every v.
    ((u32::from(sample) * 255 + 32895) >> 16) as u8
}
