//! From scans to the rows of a window: samples are enlarged to pixels and become gray, RGB or inks.

use std::ops::Range;
use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Shrink, Size, Window};
use crate::base::limits::over_decoded_bytes;
use crate::base::work::{Kind, count};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Row, RowSink};

use super::band::Band;
use super::coefficients::Quantization;
use super::color::Colors;
use super::frame::{Component, Frame};
use super::gather::{Gathered, Wanted};
use super::grid::{Grid, Lane};
use super::marker::Segments;
use super::passes::refuse_many;
use super::plane;
use super::sequential::{Reading, Sequential, Skips};
use super::sidecar::{Samples, Walked};
use super::streams;
use super::upsample::Upsampler;
use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::job::{Job, prepare};

/// Decodes the window of a job.
pub(super) fn decode(
    file: &[u8],
    segments: &Segments<'_>,
    header: &Header,
    job: &mut Job<'_>,
    sink: &mut dyn RowSink,
) -> Result<()> {
    let frame = &segments.frame;
    let mut view = View::new(file, segments, header, job, sink);
    let end = view.mcu_rows.end;
    // Nothing is learned of a damaged picture.
    if !header.damaged {
        view.keep_preview(job);
    }
    if !header.damaged {
        refuse_empty(file, frame, end)?;
    }
    if job.shrink != Shrink::Eighth {
        // Few scans give the DC coefficients, which are all that an eighth needs.
        refuse_many(frame, header.passes)?;
    }
    // A sidecar knows the sound parts alone.
    let kept = if header.damaged { None } else { job.sidecar.samples(job.shrink, end) };
    match kept {
        _ if header.damaged => view.damaged(job),
        Some(samples) => view.kept(&samples, job),
        None if frame.is_gathered() => view.gathered(job),
        None => view.sequential(job),
    }
}

/// Whether it is known where the parts of a sequential picture begin, down to the end of the job's window. If not, `learns`
/// says to learn it, if there is room to remember it.
pub(super) fn index(
    file: &[u8],
    segments: &Segments<'_>,
    header: &Header,
    job: &mut Job<'_>,
    learns: bool,
) -> Result<bool> {
    let frame = &segments.frame;
    let end = mcu_rows(&grids(frame, job)).end;
    let is_known = |job: &Job<'_>| job.sidecar.walked.as_ref().is_some_and(|walked| walked.rows >= end);
    if frame.is_gathered() || is_known(job) || !learns || !has_room(frame, job) {
        return Ok(!frame.is_gathered() && is_known(job));
    }
    means(file, segments, header, job, end)?;
    Ok(is_known(job))
}

/// What is learned of a whole picture may be remembered.
fn has_room(frame: &Frame, job: &Job<'_>) -> bool {
    Walked::most_bytes(frame) + job.sidecar.sample_bytes() as u64 <= job.sidecar_bytes
}

/// Reads the first rows of MCUs: the sidecar learns of them, and an error says that they are damaged.
pub(super) fn means(
    file: &[u8],
    segments: &Segments<'_>,
    header: &Header,
    job: &mut Job<'_>,
    mcu_rows: u32,
) -> Result<()> {
    let (frame, shrink) = (&segments.frame, Shrink::Eighth);
    let Size { width, height } = shrink.of(Size::new(frame.width, frame.height));
    // At an eighth a row of MCUs has as many rows as its finest component has blocks.
    let window = Window { x: 0, y: 0, width, height: height.min(mcu_rows * frame.v_max()) };
    let mut above = Job { window, shrink, scratch: &mut *job.scratch, sidecar: &mut *job.sidecar, ..*job };
    decode(file, segments, header, &mut above, &mut Nowhere)
}

/// Reads coefficients, beside which `others` bytes are held.
pub(super) fn gather<'c>(
    file: &[u8],
    frame: &Frame,
    wanted: Wanted,
    others: u64,
    job: &'c mut Job<'_>,
) -> Result<(Gathered<'c>, Vec<Quantization>)> {
    let Wanted { mcu_rows, only_dc, .. } = wanted;
    let bytes = plane::bytes(frame, mcu_rows, only_dc);
    let others = others + plane::more_bytes(bytes, only_dc);
    prepare(&mut job.scratch.pixels, bytes, job.decoded_bytes.saturating_sub(others), job.cancel)?;
    Gathered::read(file, frame, wanted, &mut job.scratch.pixels, job.cancel)
}

/// What each component needs for a job.
pub(super) fn grids(frame: &Frame, job: &Job<'_>) -> Vec<Grid> {
    frame.components.iter().map(|component| Grid::new(frame, component, job.shrink, job.window)).collect()
}

/// Rows of MCUs that hold it.
pub(super) fn mcu_rows(grids: &[Grid]) -> Range<u32> {
    let rows = || grids.iter().map(Grid::mcu_rows);
    rows().map(|rows| rows.start).min().unwrap_or(0)..rows().map(|rows| rows.end).max().unwrap_or(0)
}

/// Takes rows that no caller wants.
struct Nowhere;

impl RowSink for Nowhere {
    fn row(&mut self, _: &mut Row) -> Result<()> {
        Ok(())
    }
}

/// A window of a picture on its way to the sink.
pub(super) struct View<'a> {
    file: &'a [u8],
    frame: &'a Frame,
    grids: Vec<Grid>,
    /// Rows of MCUs that hold its blocks.
    pub(super) mcu_rows: Range<u32>,
    rows: Rows,
    /// All samples of the picture, which the next decoder is spared.
    preview: Option<Samples>,
    sink: &'a mut dyn RowSink,
}

impl<'a> View<'a> {
    /// The window of a job.
    pub(super) fn new(
        file: &'a [u8],
        segments: &'a Segments<'_>,
        header: &Header,
        job: &Job<'_>,
        sink: &'a mut dyn RowSink,
    ) -> Self {
        let frame = &segments.frame;
        let grids = grids(frame, job);
        let rows = Rows::new(segments, header, &grids, job);
        Self { file, frame, mcu_rows: mcu_rows(&grids), grids, rows, preview: None, sink }
    }

    /// Keeps the samples of a whole picture at a quarter for the sidecar, if there is room for them.
    fn keep_preview(&mut self, job: &Job<'_>) {
        if job.shrink != Shrink::Quarter || job.sidecar.preview.is_some() || self.is_part() {
            return;
        }
        let (frame, end) = (self.frame, self.mcu_rows.end);
        let side = |component: &Component| frame.side(component, job.shrink);
        let bytes = Samples::bytes_of(frame, side);
        // One picture may not take all there is: the next would drive it out.
        let kept = 2 * bytes + job.sidecar.bytes() as u64 + Walked::most_bytes(frame);
        let others = if frame.is_gathered() {
            let planes = plane::bytes(frame, end, false);
            planes + plane::more_bytes(planes, false)
        } else {
            streams::BUFFER as u64
        };
        if kept <= job.sidecar_bytes && bytes + self.band_bytes() + others <= job.decoded_bytes {
            self.preview = Some(Samples::new(frame, side));
        }
    }

    /// What the samples of its bands take.
    pub(super) fn band_bytes(&self) -> u64 {
        self.grids.iter().map(Band::bytes).sum()
    }

    pub(super) fn bands(&self, steps: &[Quantization], first: u32, cpu: Cpu) -> Vec<Band> {
        let grids = self.grids.iter().cloned().zip(steps);
        grids.map(|(grid, steps)| Band::new(grid, first, *steps, cpu)).collect()
    }

    /// Shows samples that have been kept.
    fn kept(&mut self, samples: &Samples, job: &Job<'_>) -> Result<()> {
        self.limit_bands(job)?;
        // Nothing is transformed, so that no steps are needed.
        let mut bands = self.bands(&[[0; 64]; 4], self.mcu_rows.start, job.cpu);
        for _ in self.mcu_rows.clone() {
            job.cancel.check()?;
            for (component, band) in bands.iter_mut().enumerate() {
                band.advance();
                band.take(samples.rows(component, band.first_row()));
            }
            self.rows.deliver(&bands, self.sink)?;
        }
        Ok(())
    }

    fn gathered(&mut self, job: &mut Job<'_>) -> Result<()> {
        let (frame, only_dc) = (self.frame, job.shrink == Shrink::Eighth);
        if !only_dc && self.is_part() {
            // If more of the file is damaged than what is asked for, that is no reason to refuse it.
            if let Some(level) = self.level(job) {
                self.kept(&level, job)?;
                job.sidecar.keep(job.shrink, level);
                return Ok(());
            }
        }
        let end = self.mcu_rows.end;
        let records = only_dc && end == frame.mcus().1 && self.records(job);
        let wanted = Wanted { mcu_rows: end, only_dc, damaged: false };
        let (cpu, cancel) = (job.cpu, job.cancel);
        let (coefficients, steps) = gather(self.file, frame, wanted, self.band_bytes(), job)?;
        self.show(&coefficients, &steps, cpu, cancel)?;
        if records {
            job.sidecar.walked = Some(Arc::new(coefficients.walked(frame, &steps)));
        }
        self.leave_preview(job);
        Ok(())
    }

    /// Shows a damaged picture as far as it goes. Nothing is learned of it.
    fn damaged(&mut self, job: &mut Job<'_>) -> Result<()> {
        let only_dc = job.shrink == Shrink::Eighth;
        let wanted = Wanted { mcu_rows: self.mcu_rows.end, only_dc, damaged: true };
        let (cpu, cancel) = (job.cpu, job.cancel);
        let (coefficients, steps) = gather(self.file, self.frame, wanted, self.band_bytes(), job)?;
        self.show(&coefficients, &steps, cpu, cancel)
    }

    pub(super) fn show(
        &mut self,
        coefficients: &Gathered<'_>,
        steps: &[Quantization],
        cpu: Cpu,
        cancel: Cancel<'_>,
    ) -> Result<()> {
        let mut bands = self.bands(steps, self.mcu_rows.start, cpu);
        for row in self.mcu_rows.clone() {
            cancel.check()?;
            bands.iter_mut().for_each(Band::advance);
            coefficients.mcu_row(row, &mut bands);
            self.deliver(&bands)?;
        }
        Ok(())
    }

    /// All samples of a gathered picture at the shrink, if they may be kept and the file is sound.
    fn level(&self, job: &mut Job<'_>) -> Option<Samples> {
        let (frame, shrink) = (self.frame, job.shrink);
        let level_bytes = Samples::bytes_of(frame, |component| frame.side(component, shrink));
        // One picture may not take all there is: the next would drive it out.
        if 2 * level_bytes + job.sidecar.bytes() as u64 > job.sidecar_bytes {
            return None;
        }
        let Size { width, height } = shrink.of(Size::new(frame.width, frame.height));
        let whole = Window { x: 0, y: 0, width, height };
        let grids = frame.components.iter().map(|component| Grid::new(frame, component, shrink, whole));
        let grids: Vec<_> = grids.collect();
        let rows = frame.mcus().1;
        let band_bytes = self.band_bytes() + grids.iter().map(Band::bytes).sum::<u64>();
        let wanted = Wanted { mcu_rows: rows, only_dc: false, damaged: false };
        let (cpu, cancel) = (job.cpu, job.cancel);
        let (coefficients, steps) = gather(self.file, frame, wanted, level_bytes + band_bytes, job).ok()?;
        let bands = grids.into_iter().zip(steps);
        let mut bands: Vec<_> = bands.map(|(grid, steps)| Band::new(grid, 0, steps, cpu)).collect();
        let mut level = Samples::new(frame, |component| frame.side(component, shrink));
        for row in 0..rows {
            cancel.check().ok()?;
            bands.iter_mut().for_each(Band::advance);
            coefficients.mcu_row(row, &mut bands);
            for (component, band) in bands.iter().enumerate() {
                band.give(level.rows_mut(component, band.first_row()));
            }
        }
        Some(level)
    }

    fn sequential(&mut self, job: &mut Job<'_>) -> Result<()> {
        let (frame, band_bytes, Range { start: first, end }) = (self.frame, self.band_bytes(), self.mcu_rows.clone());
        self.limit_bands(job)?;
        let fits = band_bytes + streams::BUFFER as u64 <= job.decoded_bytes;
        let only_dc = job.shrink == Shrink::Eighth;
        let known = job.sidecar.walked.clone();
        let known_rows = known.as_ref().map_or(0, |walked| walked.rows);
        let low = job.shrink == Shrink::Quarter;
        let only_means = if only_dc || low { end } else { first };
        // Of the lowest coefficients of most of a row, streams find more than can be sought out.
        let by_parts = !low || self.grids.iter().all(|grid| 2 * grid.x.needed.len() < grid.x.len as usize);
        let skips = match job.shrink {
            _ if job.reference => Skips::None,
            _ if (only_means > known_rows || !by_parts) && fits => Skips::Walk,
            _ if only_dc || self.is_part() => Skips::Some,
            _ => Skips::None,
        };
        let seeks = by_parts && known_rows >= end;
        let reading = Reading { cpu: job.cpu, pool: job.pool, skips, only_means, low, seeks };
        let mut scans = Sequential::new(self.file, frame, reading, &mut job.scratch.jpeg, job.cancel)?;
        // Rows above the window are read as well, unless they are known: where they end is known no other way.
        let start = first.min(known_rows);
        let mut bands = self.bands(scans.steps(), start, job.cpu);
        let records = known_rows < end && self.records(job);
        let mut begun = start == 0;
        for row in start..end {
            job.cancel.check()?;
            bands.iter_mut().for_each(Band::advance);
            match &known {
                Some(known) if row < known.rows && only_dc => {
                    for (component, band) in bands.iter_mut().enumerate() {
                        band.take(known.means.rows(component, band.first_row()));
                    }
                    begun = false;
                }
                Some(known) if row < known.rows && by_parts => {
                    scans.sought_row(row, known, &mut bands)?;
                    begun = false;
                }
                _ => {
                    if let (Some(known), false) = (&known, begun) {
                        scans.seek(known, row)?;
                    }
                    begun = true;
                    if records && row == known_rows {
                        scans.record(known.as_deref(), frame);
                    }
                    scans.mcu_row(row, &mut bands, &mut job.scratch.pixels)?;
                }
            }
            self.deliver(&bands)?;
        }
        let walked = scans.end(&mut job.scratch.jpeg);
        if let Some(walked) = walked {
            job.sidecar.walked = Some(Arc::new(walked));
        }
        self.leave_preview(job);
        Ok(())
    }

    /// Hands on the rows whose samples are there, after a row of MCUs has been put.
    pub(super) fn deliver(&mut self, bands: &[Band]) -> Result<()> {
        if let Some(preview) = &mut self.preview {
            for (component, band) in bands.iter().enumerate() {
                band.give(preview.rows_mut(component, band.first_row()));
            }
        }
        self.rows.deliver(bands, self.sink)
    }

    /// The picture has been decoded to its end: its preview goes into the sidecar.
    fn leave_preview(&mut self, job: &mut Job<'_>) {
        if let Some(preview) = self.preview.take() {
            job.sidecar.keep(Shrink::Quarter, preview);
        }
    }

    /// What is learned of the picture is worth keeping.
    pub(super) fn records(&self, job: &Job<'_>) -> bool {
        // A file that is too small for all that it claims to be is refused some rows further down.
        has_room(self.frame, job) && refuse_empty(self.file, self.frame, self.frame.mcus().1).is_ok()
    }

    fn limit_bands(&self, job: &Job<'_>) -> Result<()> {
        let fits = self.band_bytes() <= job.decoded_bytes;
        if fits { Ok(()) } else { Err(over_decoded_bytes()) }
    }

    /// Not all of the picture is asked for.
    pub(super) fn is_part(&self) -> bool {
        let is_part = |lane: &Lane| lane.needed.len() < lane.len as usize;
        self.grids.iter().any(|grid| is_part(&grid.x) || is_part(&grid.y))
    }
}

/// Every block takes a bit at least: a small file that claims to be a huge picture is refused before any work. An arithmetic
/// code can hold many blocks in a bit.
pub(super) fn refuse_empty(file: &[u8], frame: &Frame, mcu_rows: u32) -> Result<()> {
    if frame.arithmetic {
        return Ok(());
    }
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
            count(Kind::Row, 1);
            count(Kind::JpegPixel, bands.len() * self.row.width());
            let mut planes = self.row.planes_mut();
            for ((plane, band), upsampler) in planes.iter_mut().zip(bands).zip(&mut self.upsamplers) {
                plane.copy_from_slice(upsampler.row(y, &band.grid, |row| band.row(row)));
            }
            self.colors.convert(self.cpu, planes);
            sink.row(&mut self.row)?;
            self.next += 1;
        }
        Ok(())
    }
}
