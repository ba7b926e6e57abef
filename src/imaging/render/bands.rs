//! One large picture on several threads.
//!
//! Its samples are cut into bands of rows, which join like tiles: each samples the grid of the whole. To decode a band for
//! its own share of the work a decoder has to know where in the file it begins. If it does not know, four threads look for
//! that first; two decode the picture in one piece and sample it side by side (`relay`). Each thread takes the next band
//! when it has drawn one. The calling thread draws bands too, and it alone asks the host.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Filter, Shrink, Size, Window};
use crate::base::observe::{Span, Stage, StopWatch, span};
use crate::base::pool::Pool;
use crate::imaging::codec;
use crate::imaging::pixel::raster::{Layout, Raster, Strip};
use crate::imaging::plan::Samples;
use crate::imaging::scene::InputId;

use super::sampled::Sampled;
use super::tools::{File, Files, Tools};

/// Pixels of the source, at the shrink, that are worth a band.
const WORTH: u64 = if cfg!(test) { 1 << 12 } else { 1 << 20 };

/// Numbers of bands, for equal shares of as many numbers of threads as can be. They depend on nothing but the picture.
const COUNTS: [usize; 7] = [2, 3, 4, 6, 8, 12, 24];

/// Idle threads that make it pay to look for where bands begin before any is drawn. With fewer the decoder works on one
/// thread, and the stages behind it on another one.
const LEARNERS: usize = 3;

/// Rows of a band at least. At its borders a band reads rows of the source that another one reads too.
const ROWS: u32 = if cfg!(test) { 1 } else { 64 };

/// Draws a band of samples to its place in the picture.
pub(super) type Draw<'a> = &'a (dyn Fn(&mut Tools<'_>, &mut Files<'_>, &Samples, Strip<'_>) -> Result<()> + Sync);

/// Draws the samples of a file in bands. `None`: not worth splitting, or decoding failed. The caller then draws them in one
/// piece and gets the same pixels or the same error.
pub(super) fn drawn(
    tools: &mut Tools<'_>,
    files: &mut Files<'_>,
    input: InputId,
    (samples, filter, layout): (&Samples, Filter, Layout),
    draw: Draw<'_>,
) -> Option<Raster> {
    let count = numbers(tools, files, input, samples)?;
    let rows = (0..count).map(|i| cut(samples.y.len, i, count));
    let heights: Vec<_> = rows.clone().map(|rows| rows.len()).collect();
    let bands: Option<Vec<Samples>> = rows.map(|rows| samples.rows(rows, filter)).collect();
    let bands = bands?;
    let mut raster = Raster::zeroed(Size::new(samples.x.len, samples.y.len), layout);
    let bands = bands.into_iter().zip(raster.strips(&heights)).collect();
    let draw = |tools: &mut Tools<'_>, files: &mut Files<'_>, (samples, strip): (Samples, Strip<'_>)| {
        draw(tools, files, &samples, strip)
    };
    let drawn = apart(tools, (files.file(input).ok()?, input), bands, &draw);
    #[cfg(test)]
    tests::count();
    drawn.map(|_| raster)
}

/// Bands are drawn rather than all rows in turn.
pub(super) fn pay(tools: &mut Tools<'_>, files: &mut Files<'_>, input: InputId, samples: &Samples) -> bool {
    numbers(tools, files, input, samples).is_some()
}

/// The number of bands; `None`: the samples are not worth splitting, or it is not known where bands begin.
fn numbers(tools: &mut Tools<'_>, files: &mut Files<'_>, input: InputId, samples: &Samples) -> Option<usize> {
    let window = samples.window?;
    let count = count(window, samples.y.len)?;
    let learns = tools.pool.idle() >= LEARNERS;
    // At an eighth nothing is left to do once the places are known.
    let is_split = tools.pool.idle() > 0
        && samples.shrink != Shrink::Eighth
        && tools.index(files.file_mut(input).ok()?, window, samples.shrink, learns).ok()?;
    is_split.then_some(count)
}

/// The number of bands that a window is cut into, by its pixels and by the rows of its samples; `None`: it is too small.
pub(super) fn count(window: Window, rows: u32) -> Option<usize> {
    let pixels = u64::from(window.width) * u64::from(window.height);
    let most = usize::try_from(pixels / WORTH).unwrap_or(usize::MAX).min((rows / ROWS) as usize);
    COUNTS.into_iter().rev().find(|&count| count <= most)
}

/// The rows of one of `count` bands.
pub(super) fn cut(rows: u32, i: usize, count: usize) -> std::ops::Range<u32> {
    let border = |i: usize| (u64::from(rows) * i as u64 / count as u64) as u32;
    border(i)..border(i + 1)
}

/// Draws bands here and on idle threads; `None` if one fails.
pub(super) fn apart<B: Send, R: Send>(
    tools: &mut Tools<'_>,
    (file, input): (&File<'_>, InputId),
    bands: Vec<B>,
    draw: &(dyn Fn(&mut Tools<'_>, &mut Files<'_>, B) -> Result<R> + Sync),
) -> Option<Vec<R>> {
    let goes_on = AtomicBool::new(true);
    let (cpu, limits, idle, sidecar_bytes) = (tools.cpu, tools.limits, tools.idle, tools.sidecar_bytes);
    let (altered, palette) = (tools.altered, tools.palette);
    let span = Span::current();
    let drawn = |band: B, cancel: Cancel<'_>| {
        let (header, bytes, sidecar) = (file.header, file.bytes, file.sidecar.clone());
        idle.lend(|scratch| {
            let stop_watch = StopWatch::default();
            // Bands are enough for the threads that there may be.
            let mut tools = Tools {
                cpu,
                pool: &Pool::NONE,
                limits,
                palette,
                scratch,
                idle,
                sidecar_bytes,
                cancel,
                stop_watch: &stop_watch,
                altered,
                sampled: Sampled::default(),
            };
            let file = File { header, bytes, sidecar };
            span.enter(|| draw(&mut tools, &mut Files::one(input, file), band))
        })
    };
    let (cancel, stop_watch) = (tools.cancel, tools.stop_watch);
    // One that fails stops the others, and so does the host, which only this thread may ask.
    let stop_others = |result: Result<R>| {
        goes_on.fetch_and(result.is_ok(), Ordering::Relaxed);
        result.ok()
    };
    let deadline = cancel.deadline();
    let here = |band: B| {
        let wanted = || {
            goes_on.fetch_and(cancel.check().is_ok(), Ordering::Relaxed);
            goes_on.load(Ordering::Relaxed)
        };
        stop_others(drawn(band, Cancel::new(&wanted).until(deadline)))
    };
    let there = |band: B| stop_others(drawn(band, Cancel::new(&|| goes_on.load(Ordering::Relaxed)).until(deadline)));
    stop_watch.time(Stage::Decode, || tools.pool.each(bands, here, &there)).into_iter().collect()
}

impl Tools<'_> {
    /// Whether it is known of a file, or is learned now if it may be, what it takes to decode parts of a window.
    pub(super) fn index(&mut self, file: &mut File<'_>, window: Window, shrink: Shrink, learns: bool) -> Result<bool> {
        let (stop_watch, header, bytes) = (self.stop_watch, file.header, file.bytes);
        let mut job = self.job(file, window, shrink);
        let mut work = || codec::index(bytes, header, &mut job, learns);
        if !learns {
            return work();
        }
        stop_watch.time(Stage::Decode, || span!("index", format = header.format.name()).enter(work))
    }
}

#[cfg(test)]
pub(super) use tests::{count_relayed, engine as test_engine};

#[cfg(test)]
#[path = "bands_tests.rs"]
mod tests;
