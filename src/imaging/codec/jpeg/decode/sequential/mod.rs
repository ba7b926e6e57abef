//! Baseline and extended sequential scans: blocks are decoded, transformed and forgotten, one row of MCUs at a time.
//!
//! Where components have scans of their own, these are read side by side, so that no more of the picture has to be held
//! than where all components share one.
//!
//! A `track` is one scan on its way, its `part`s are the components; `ahead` is what streams have found ahead of it.

mod ahead;
mod part;
mod reading;
mod rows;
mod track;

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::work::{Kind, count};

use super::band::Band;
use super::coefficients::Quantization;
use super::frame::Frame;
use super::scan::{Scans, cut_off};
use super::sidecar::{SPACING, Walked};
use crate::imaging::codec::fault::damaged;
use track::Track;

pub(in crate::imaging::codec) use reading::Buffers;
pub(super) use reading::{Reading, Skips};

/// All scans of a picture.
#[derive(Debug)]
pub(super) struct Sequential<'a> {
    tracks: Vec<Track<'a>>,
    steps: Vec<Quantization>,
    /// What is known of the first rows of MCUs, to which those that are read are added.
    record: Option<Walked>,
}

impl<'a> Sequential<'a> {
    /// Finds the scans of all components.
    pub(super) fn new(
        bytes: &'a [u8],
        frame: &Frame,
        reading: Reading<'_>,
        buffers: &mut Buffers,
        cancel: Cancel<'_>,
    ) -> Result<Self> {
        let mut scans = Scans::new(bytes, frame, cancel);
        let mut steps: Vec<Option<Quantization>> = vec![None; frame.components.len()];
        let mut tracks = Vec::new();
        while steps.iter().any(Option::is_none) {
            if !tracks.is_empty() {
                scans.pass_data();
            }
            let Some(scan) = scans.next()? else { return Err(cut_off("a component has no scan")) };
            for part in &scan.parts {
                let table = scans.tables.quantization[frame.components[part.component].table];
                let Some(table) = table else { return Err(damaged("is a damaged JPEG", &"steps are not defined")) };
                if steps[part.component].replace(table).is_some() {
                    return Err(damaged("is a damaged JPEG", &"a component has two scans"));
                }
            }
            // What the index says of a scan are places in the file.
            let start = bytes.len() - scan.data.len();
            tracks.push(Track::new(&scan, start, &scans.tables, frame, reading, buffers)?);
        }
        Ok(Self { tracks, steps: steps.into_iter().flatten().collect(), record: None })
    }

    /// The components' steps.
    pub(super) fn steps(&self) -> &[Quantization] {
        &self.steps
    }

    /// Records what is learned of the rows that are read from now on, which follow those that are known.
    pub(super) fn record(&mut self, known: Option<&Walked>, frame: &Frame) {
        let mut record = known.cloned().unwrap_or_else(|| Walked::new(frame, self.tracks.len()));
        for (track, index) in self.tracks.iter_mut().zip(&mut record.index) {
            track.index = std::mem::take(index);
            track.next_entry = track.index.len() as u32 * SPACING;
        }
        self.record = Some(record);
    }

    /// Gives the buffers back; returns all that is known by now, if it is recorded.
    pub(super) fn end(self, buffers: &mut Buffers) -> Option<Walked> {
        let index = self.tracks.into_iter().map(|track| {
            count(Kind::JpegByte, (track.bits.raw(track.bits.position()) / 8) as usize);
            if track.looked_ahead {
                *buffers = Buffers { bits: track.bits.end(), ahead: track.ahead };
            }
            track.index
        });
        let index = index.collect();
        self.record.map(|record| Walked { index, ..record })
    }

    /// Goes on with a row of MCUs of the picture, the first that is not known or an earlier one.
    pub(super) fn seek(&mut self, known: &Walked, row: u32) -> Result<()> {
        for (track, index) in self.tracks.iter_mut().zip(&known.index) {
            track.seek(index, track.rows(row).start * track.across, false)?;
        }
        Ok(())
    }

    /// Reads the next row of MCUs of the picture, and puts the blocks that `bands` need.
    pub(super) fn mcu_row(&mut self, row: u32, bands: &mut [Band], scratch: &mut Vec<u8>) -> Result<()> {
        self.each_row(row, |track, row, row_in_mcu| track.row_of_mcus(row, row_in_mcu, bands, scratch))
    }

    /// The same with the bands of several outputs, at shrinks of their own.
    pub(super) fn mcu_row_for_all(&mut self, row: u32, outputs: &mut [Vec<Band>], scratch: &mut Vec<u8>) -> Result<()> {
        self.each_row(row, |track, row, row_in_mcu| track.row_for_all(row, row_in_mcu, outputs, scratch))
    }

    /// Reads the rows of the scans' MCUs in a row of the picture's, of which each has its own number and the one in the
    /// picture's MCU; learns of them.
    fn each_row(&mut self, row: u32, mut read: impl FnMut(&mut Track<'a>, u32, u32) -> Result<()>) -> Result<()> {
        for track in &mut self.tracks {
            for (row_in_mcu, scan_row) in (0..).zip(track.rows(row)) {
                read(track, scan_row, row_in_mcu)?;
                if let Some(record) = &mut self.record {
                    let means = Arc::make_mut(&mut record.means);
                    for part in &track.parts {
                        let coefficients = part.means.chunks_exact(part.stride);
                        means.put_means(part.component, scan_row * part.v, coefficients, part.step);
                    }
                }
            }
        }
        if let Some(record) = &mut self.record {
            record.rows += 1;
        }
        Ok(())
    }

    /// Puts the blocks of a row of MCUs that is known and that `bands` need.
    pub(super) fn sought_row(&mut self, row: u32, known: &Walked, bands: &mut [Band]) -> Result<()> {
        for (track, index) in self.tracks.iter_mut().zip(&known.index) {
            for (row_in_mcu, scan_row) in (0..).zip(track.rows(row)) {
                track.part_of_row(scan_row, row_in_mcu, bands, index)?;
            }
        }
        Ok(())
    }
}
