//! From scans to the rows of a window: samples are enlarged to pixels and become gray or RGB.

use crate::error::{Error, ErrorKind, Result};
use crate::facts::Header;
use crate::geometry::Shrink;
use crate::kernel::cpu::Cpu;
use crate::raster::{Row, RowSink};

use super::super::{Job, damaged, prepare};
use super::band::Band;
use super::color::Colors;
use super::frame::Frame;
use super::grid::Grid;
use super::marker::Segments;
use super::progressive::{self, Progressive};
use super::sequential::{Sequential, Skips};
use super::streams;
use super::tables::Quantisation;
use super::upsample::Upsampler;

/// Decodes the window of a job.
pub(super) fn decode(
    file: &[u8],
    segments: &Segments<'_>,
    header: &Header,
    job: &mut Job<'_>,
    sink: &mut dyn RowSink,
) -> Result<()> {
    let frame = &segments.frame;
    let grids = frame.components.iter().map(|component| Grid::new(frame, component, job.shrink, job.window));
    let grids: Vec<_> = grids.collect();
    let first = grids.iter().map(|grid| grid.mcu_rows().start).min().unwrap_or(0);
    let end = grids.iter().map(|grid| grid.mcu_rows().end).max().unwrap_or(0);
    refuse_empty(file, frame, end)?;
    let band_bytes = grids.iter().map(Band::bytes).sum::<u64>();
    let mut rows = Rows::new(segments, header, &grids, job);
    let cpu = job.cpu;
    let bands = |steps: Vec<Quantisation>, first: u32| -> Vec<Band> {
        let grids = grids.iter().cloned().zip(steps);
        grids.map(|(grid, steps)| Band::new(grid, first, steps, cpu)).collect()
    };
    if frame.progressive {
        let only_dc = job.shrink == Shrink::Eighth;
        let bytes = progressive::bytes(frame, end, only_dc);
        let others = band_bytes + progressive::more_bytes(bytes, only_dc);
        prepare(job.scratch, bytes, job.decoded_bytes.saturating_sub(others))?;
        let (coefficients, steps) = Progressive::read(file, frame, end, only_dc, job.scratch)?;
        let mut bands = bands(steps, first);
        for row in first..end {
            bands.iter_mut().for_each(Band::advance);
            coefficients.mcu_row(row, &mut bands);
            rows.deliver(&bands, sink)?;
        }
        return Ok(());
    }
    if band_bytes > job.decoded_bytes {
        return Err(Error::new(ErrorKind::Limit, "needs more memory than the limit of decoded bytes"));
    }
    let is_part = first > 0 || grids.iter().any(|grid| grid.x.needed.len() < grid.x.len as usize);
    let fits = band_bytes + streams::BUFFER as u64 <= job.decoded_bytes;
    let skips = match job.shrink {
        _ if is_plain(job.cpu) => Skips::None,
        Shrink::Eighth if fits => Skips::All,
        Shrink::Eighth => Skips::Some,
        _ if first > 0 && fits => Skips::Below,
        _ if is_part => Skips::Some,
        _ => Skips::None,
    };
    let (mut scans, steps) = Sequential::new(file, frame, skips)?;
    // Rows above the window are read as well: where they end is known no other way.
    if skips == Skips::Below {
        scans.pass(first, job.scratch);
    }
    let mut bands = bands(steps, 0);
    for row in 0..end {
        bands.iter_mut().for_each(Band::advance);
        scans.mcu_row(row, &mut bands, job.scratch)?;
        rows.deliver(&bands, sink)?;
    }
    Ok(())
}

/// The portable level of a CPU that has another one decodes in the plain way, by which the others are judged.
fn is_plain(cpu: Cpu) -> bool {
    cfg!(target_arch = "x86_64") && cpu.avx2().is_none()
}

/// Every block takes a bit at least: a small file that claims to be a huge picture is refused before any work.
fn refuse_empty(file: &[u8], frame: &Frame, mcu_rows: u32) -> Result<()> {
    let blocks = frame.components.iter().map(|component| {
        let (across, down) = frame.blocks(component);
        u64::from(across) * u64::from(down.min(mcu_rows * component.v))
    });
    if blocks.sum::<u64>() > 8 * file.len() as u64 {
        return Err(damaged("is a damaged JPEG", &"less data than blocks"));
    }
    Ok(())
}

/// The rows of the window on their way out.
struct Rows {
    cpu: Cpu,
    colors: Colors,
    upsamplers: Vec<Upsampler>,
    row: Row,
    /// The fourth component of inks, which the rows handed on do not have.
    black: Vec<u8>,
    /// The next row, and the one after the last, of the picture at the shrink.
    next: u32,
    end: u32,
}

impl Rows {
    fn new(segments: &Segments<'_>, header: &Header, grids: &[Grid], job: &Job<'_>) -> Self {
        let window = job.window;
        let upsampler = |grid| Upsampler::new(job.cpu, grid, window.x, window.width);
        Self {
            cpu: job.cpu,
            colors: Colors::of(segments),
            upsamplers: grids.iter().map(upsampler).collect(),
            row: Row::new(window.width, header.layout),
            black: vec![0; if grids.len() == 4 { window.width as usize } else { 0 }],
            next: window.y,
            end: window.y + window.height,
        }
    }

    /// Hands on the rows whose samples, and those around them, are there.
    fn deliver(&mut self, bands: &[Band], sink: &mut dyn RowSink) -> Result<()> {
        while self.next < self.end {
            let y = self.next;
            // The sample below, if the picture has one.
            let is_ready = |band: &Band| (band.grid.y.sample(y) + 2).min(band.grid.y.len) <= band.ready();
            if !bands.iter().all(is_ready) {
                return Ok(());
            }
            let [first, second, third, _] = self.row.planes_mut();
            let mut planes = [first, second, third, &mut self.black];
            for ((plane, band), upsampler) in planes.iter_mut().zip(bands).zip(&mut self.upsamplers) {
                plane.copy_from_slice(upsampler.row(y, &band.grid, |row| band.row(row)));
            }
            let [first, second, third, black] = planes;
            self.colors.convert(self.cpu, [first, second, third], black);
            sink.row(&mut self.row)?;
            self.next += 1;
        }
        Ok(())
    }
}
