//! Rows of a track: which blocks are read one by one, and which are taken from what streams have found ahead.

use std::ops::Range;

use crate::base::error::Result;
use crate::base::work::{Kind, count};

use super::super::band::Band;
use super::super::sidecar::{Entry, SPACING};
use super::part::Part;
use super::track::Track;

impl Track<'_> {
    /// Goes on with an MCU of the scan, the first that the index does not know of or an earlier one. `near`: little is read
    /// from there on.
    pub(super) fn seek(&mut self, index: &[Entry], mcu: u32, near: bool) -> Result<()> {
        let number = (mcu / SPACING).min((index.len() as u32).saturating_sub(1));
        let Some(entry) = index.get(number as usize) else { return Ok(()) };
        self.forget_ahead(mcu);
        let place = entry.place.saturating_sub(8 * self.start as u64);
        if near {
            self.bits.seek_near(place);
        } else {
            self.bits.seek(place);
        }
        self.restart.seek(number * SPACING);
        self.parts.iter_mut().zip(entry.last).for_each(|(part, last)| part.last = last);
        self.each_mcu(0, number * SPACING..mcu, |parts, pattern, reader, _, block| {
            pattern.iter().try_for_each(|&(part, _)| {
                let part = &mut parts[part];
                part.last = part.last.wrapping_add(part.skipped(reader, block)?);
                Some(())
            })
        })
    }

    /// Reads a row of the scan's own MCUs, which starts in this row of the picture's.
    pub(super) fn row_of_mcus(
        &mut self,
        row: u32,
        row_in_mcu: u32,
        bands: &mut [Band],
        scratch: &mut Vec<u8>,
    ) -> Result<()> {
        let across = self.across;
        let blocks = across as usize * self.pattern.len();
        let only_means = |part: &Part| bands[part.component].only_means(row * part.v..(row + 1) * part.v);
        if !self.parts.iter().all(only_means) {
            count(Kind::JpegRead, blocks);
            let known = if self.looks_for_low {
                self.look_ahead(row * across, Some((row, row_in_mcu, bands)), scratch)?
            } else {
                self.forget_ahead(row * across);
                0
            };
            return self.each_mcu(row * across, known..across, |parts, _, reader, mcu, block| {
                let mut parts = parts.iter_mut();
                parts.try_for_each(|part| part.mcu(reader, mcu, row, row_in_mcu, &mut bands[part.component], block))
            });
        }
        count(Kind::JpegWalk, blocks);
        let known = self.look_ahead(row * across, None, scratch)?;
        self.each_mcu(row * across, known..across, |parts, pattern, reader, mcu, block| {
            for &(part, place) in pattern {
                let part = &mut parts[part];
                part.last = part.last.wrapping_add(part.skipped(reader, block)?);
                part.means[place + (mcu * part.h) as usize] = part.last;
            }
            Some(())
        })?;
        for part in &self.parts {
            let band = &mut bands[part.component];
            for (y, means) in (0..).zip(part.means.chunks_exact(part.stride)) {
                if band.is_mean() && band.needs_row(row * part.v + y) {
                    band.put_means(row_in_mcu + y, means);
                }
            }
        }
        Ok(())
    }

    /// Reads a row of the scan's own MCUs for several outputs.
    pub(super) fn row_for_all(
        &mut self,
        row: u32,
        row_in_mcu: u32,
        outputs: &mut [Vec<Band>],
        scratch: &mut Vec<u8>,
    ) -> Result<()> {
        let is_idle = |part: &Part, bands: &[Band]| bands[part.component].only_means(row * part.v..(row + 1) * part.v);
        let all_idle = outputs.iter().all(|bands| self.parts.iter().all(|part| is_idle(part, bands)));
        if let Some(bands) = outputs.first_mut().filter(|_| all_idle) {
            return self.row_of_mcus(row, row_in_mcu, bands, scratch);
        }
        count(Kind::JpegRead, self.across as usize * self.pattern.len());
        self.forget_ahead(row * self.across);
        self.each_mcu(row * self.across, 0..self.across, |parts, _, reader, mcu, block| {
            parts.iter_mut().try_for_each(|part| part.mcu_for_all(reader, mcu, row, row_in_mcu, outputs, block))
        })
    }

    /// Seeks out and reads the MCUs of a row that hold blocks that are needed.
    pub(super) fn part_of_row(&mut self, row: u32, row_in_mcu: u32, bands: &mut [Band], index: &[Entry]) -> Result<()> {
        let mut needed: Option<Range<u32>> = None;
        for part in &self.parts {
            let band = &bands[part.component];
            if !band.only_means(row * part.v..(row + 1) * part.v) {
                let columns = band.columns();
                let mcus = columns.start / part.h..columns.end.div_ceil(part.h);
                needed =
                    Some(needed.map_or(mcus.clone(), |other| other.start.min(mcus.start)..other.end.max(mcus.end)));
            }
        }
        let Some(needed) = needed else { return Ok(()) };
        let first = row * self.across;
        self.seek(index, first + needed.start, true)?;
        self.each_mcu(first, needed, |parts, _, reader, mcu, block| {
            let mut parts = parts.iter_mut();
            parts.try_for_each(|part| part.mcu(reader, mcu, row, row_in_mcu, &mut bands[part.component], block))
        })
    }
}
