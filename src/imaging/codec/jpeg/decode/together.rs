//! Several windows of one picture, at shrinks of their own: the decoder reads the entropy-coded data once and transforms each
//! block once for each of them.
//!
//! What costs little by itself is decoded by itself: a window at an eighth after the others, from the means of blocks that
//! these leave in the sidecar; what the sidecar has; and a narrow part of a picture whose places are known.

use std::sync::Arc;

use crate::base::error::Result;
use crate::base::geom::Shrink;
use crate::base::limits::over_decoded_bytes;
use crate::imaging::pixel::header::Header;

use super::band::Band;
use super::frame::Frame;
use super::gather::Wanted;
use super::marker::Segments;
use super::passes::refuse_many;
use super::picture::{View, decode, gather, grids, mcu_rows, refuse_empty};
use super::sequential::{Reading, Sequential, Skips};
use super::streams;
use crate::imaging::codec::job::Job;
use crate::imaging::codec::together::Output;

/// Decodes the windows of several outputs.
pub(super) fn decode_all(
    file: &[u8],
    segments: &Segments<'_>,
    header: &Header,
    job: &mut Job<'_>,
    outputs: &mut [Output<'_>],
) -> Result<()> {
    let frame = &segments.frame;
    // What is finer leaves behind what the others need.
    outputs.sort_by_key(|output| output.shrink.factor());
    let is_shared = |output: &&mut Output<'_>| !header.damaged && is_shared(frame, &output.job(job));
    let (mut shared, mut others): (Vec<_>, Vec<_>) = outputs.iter_mut().partition(is_shared);
    // Streams find the lowest coefficients, which are all that a quarter needs, faster than a reader does.
    let only_low = !frame.is_gathered() && shared.iter().all(|output| output.shrink == Shrink::Quarter);
    if shared.len() < 2 || only_low {
        shared.append(&mut others);
        others = shared;
    } else {
        together(file, segments, header, job, &mut shared)?;
    }
    others.into_iter().try_for_each(|output| decode(file, segments, header, &mut output.job(job), output.sink))
}

/// An output is worth a share of one decode.
fn is_shared(frame: &Frame, job: &Job<'_>) -> bool {
    let grids = grids(frame, job);
    let end = mcu_rows(&grids).end;
    let known_rows = job.sidecar.walked.as_ref().map_or(0, |walked| walked.rows);
    let is_narrow = grids.iter().all(|grid| 2 * grid.x.needed.len() < grid.x.len as usize);
    let is_sought = !frame.is_gathered() && known_rows >= end && is_narrow;
    job.shrink != Shrink::Eighth && !is_sought && job.sidecar.samples(job.shrink, end).is_none()
}

/// Decodes outputs, of which none is at an eighth, at the same time.
fn together(
    file: &[u8],
    segments: &Segments<'_>,
    header: &Header,
    job: &mut Job<'_>,
    outputs: &mut [&mut Output<'_>],
) -> Result<()> {
    let frame = &segments.frame;
    let mut views: Vec<View<'_>> = Vec::new();
    for output in outputs {
        let own = output.job(job);
        views.push(View::new(file, segments, header, &own, &mut *output.sink));
    }
    let end = views.iter().map(|view| view.mcu_rows.end).max().unwrap_or(0);
    refuse_empty(file, frame, end)?;
    refuse_many(frame, header.passes)?;
    let band_bytes = views.iter().map(View::band_bytes).sum();
    if frame.is_gathered() {
        let wanted = Wanted { mcu_rows: end, only_dc: false, damaged: false };
        let records = end == frame.mcus().1 && views.first().is_some_and(|view| view.records(job));
        let (cpu, cancel) = (job.cpu, job.cancel);
        let (coefficients, steps) = gather(file, frame, wanted, band_bytes, job)?;
        views.iter_mut().try_for_each(|view| view.show(&coefficients, &steps, cpu, cancel))?;
        if records {
            job.sidecar.walked = Some(Arc::new(coefficients.walked(frame, &steps)));
        }
        return Ok(());
    }
    if band_bytes > job.decoded_bytes {
        return Err(over_decoded_bytes());
    }
    sequential(file, frame, job, &mut views, band_bytes)
}

/// Reads the scans of a sequential picture down to the last row that an output needs.
fn sequential(file: &[u8], frame: &Frame, job: &mut Job<'_>, views: &mut [View<'_>], band_bytes: u64) -> Result<()> {
    let first = views.iter().map(|view| view.mcu_rows.start).min().unwrap_or(0);
    let end = views.iter().map(|view| view.mcu_rows.end).max().unwrap_or(0);
    let fits = band_bytes + streams::BUFFER as u64 <= job.decoded_bytes;
    let known = job.sidecar.walked.clone();
    let known_rows = known.as_ref().map_or(0, |walked| walked.rows);
    let skips = match first > known_rows && fits {
        _ if job.reference => Skips::None,
        true => Skips::Walk,
        false if views.iter().all(View::is_part) => Skips::Some,
        false => Skips::None,
    };
    let reading = Reading { cpu: job.cpu, pool: job.pool, skips, only_means: first, low: false, seeks: false };
    let mut scans = Sequential::new(file, frame, reading, &mut job.scratch.jpeg, job.cancel)?;
    let start = first.min(known_rows);
    let mut bands: Vec<_> = views.iter().map(|view| view.bands(scans.steps(), start, job.cpu)).collect();
    let mut begun = start == 0;
    let records = known_rows < end && views.first().is_some_and(|view| view.records(job));
    for row in start..end {
        job.cancel.check()?;
        bands.iter_mut().flatten().for_each(Band::advance);
        if row < known_rows && !views.iter().any(|view| view.mcu_rows.contains(&row)) {
            begun = false;
            continue;
        }
        if let Some(known) = known.as_deref().filter(|_| !begun) {
            scans.seek(known, row)?;
        }
        begun = true;
        if records && row == known_rows {
            scans.record(known.as_deref(), frame);
        }
        scans.mcu_row_for_all(row, &mut bands, &mut job.scratch.pixels)?;
        views.iter_mut().zip(&bands).try_for_each(|(view, bands)| view.deliver(bands))?;
    }
    if let Some(walked) = scans.end(&mut job.scratch.jpeg) {
        job.sidecar.walked = Some(Arc::new(walked));
    }
    Ok(())
}
