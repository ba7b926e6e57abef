//! From lines of pixels to rows of planes.

use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::codec::job::Job;
use crate::imaging::kernel::alpha_wide::narrowed;
use crate::imaging::kernel::interleave::split;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{Layout, Row, RowSink, WideRow};

use super::reader::Form;

/// From a line of pixels to the planes of the window's columns.
pub(super) struct Unpacker {
    cpu: Cpu,
    /// The window's bytes in a line.
    columns: std::ops::Range<usize>,
    form: Form,
    /// Samples of 16 bits as bytes.
    narrowed: Vec<u8>,
    row: AnyRow,
}

enum AnyRow {
    Bytes(Row),
    Wide(WideRow),
}

impl Unpacker {
    /// The layout has the samples of the form, and may have alpha beyond them.
    pub(super) fn new(job: &Job<'_>, layout: Layout, form: Form, sink: &dyn RowSink) -> Self {
        let (x, width) = (job.window.x as usize, job.window.width as usize);
        let bytes = form.bytes_per_pixel();
        let is_wide = form.wide && sink.takes_wide();
        let row = if is_wide {
            AnyRow::Wide(WideRow::new(job.window.width, layout))
        } else {
            AnyRow::Bytes(Row::new(job.window.width, layout))
        };
        Self { cpu: job.cpu, columns: x * bytes..(x + width) * bytes, form, narrowed: Vec::new(), row }
    }

    pub(super) fn row(&mut self, line: &[u8], sink: &mut dyn RowSink) -> Result<()> {
        let pixels = &line[self.columns.clone()];
        match &mut self.row {
            AnyRow::Wide(row) => {
                let mut planes = row.planes_mut();
                let (samples, alpha) = planes.split_at_mut(self.form.samples);
                count(Kind::Copy, pixels.len());
                for (i, plane) in samples.iter_mut().enumerate() {
                    let pixels = pixels.chunks_exact(2 * self.form.samples);
                    for (sample, pixel) in plane.iter_mut().zip(pixels) {
                        *sample = u16::from_be_bytes([pixel[2 * i], pixel[2 * i + 1]]);
                    }
                }
                alpha.iter_mut().for_each(|alpha| alpha.fill(u16::MAX));
                sink.wide_row(row)
            }
            AnyRow::Bytes(row) => {
                let pixels = if self.form.wide {
                    let samples = pixels.as_chunks::<2>().0.iter().map(|&sample| u16::from_be_bytes(sample));
                    self.narrowed.clear();
                    self.narrowed.extend(samples.map(narrowed));
                    &self.narrowed[..]
                } else {
                    pixels
                };
                let mut planes = row.planes_mut();
                let (samples, alpha) = planes.split_at_mut(self.form.samples);
                count(Kind::Copy, pixels.len());
                split(self.cpu, pixels, samples);
                // Planes that the layout does not have are empty.
                alpha.iter_mut().for_each(|alpha| alpha.fill(u8::MAX));
                sink.row(row)
            }
        }
    }

    /// A row that the file does not have: transparent black.
    pub(super) fn missing_row(&mut self, sink: &mut dyn RowSink) -> Result<()> {
        match &mut self.row {
            AnyRow::Wide(row) => {
                row.planes_mut().iter_mut().for_each(|plane| plane.fill(0));
                sink.wide_row(row)
            }
            AnyRow::Bytes(row) => {
                row.planes_mut().iter_mut().for_each(|plane| plane.fill(0));
                sink.row(row)
            }
        }
    }
}
