//! What streams find ahead of a track: where the next blocks begin and end, and their DC coefficients.

use crate::base::error::Result;

use super::super::band::Band;
use super::super::scan::broken;
use super::super::sidecar::{Entry, SPACING};
use super::super::streams::{Block, Walk};
use super::part::{Starts, codes};
use super::track::{Track, last};

/// Restart intervals that are walked through at once.
const INTERVALS: usize = 48;

/// The row of a scan's MCUs, where it starts in a row of the picture's, and what its blocks go to.
pub(super) type Put<'b> = (u32, u32, &'b mut [Band]);

impl Track<'_> {
    /// Forgets what streams have found ahead: this MCU, which is next, is read as if they had not been there.
    pub(super) fn forget_ahead(&mut self, mcu: u32) {
        self.ahead.clear();
        (self.used, self.damaged) = (0, false);
        if self.whole_intervals {
            self.bits.seek(self.bits.raw(self.bits.position()));
            self.restart.seek(mcu);
            self.whole_intervals = false;
            if mcu.is_multiple_of(self.restart.interval) {
                self.parts.iter_mut().for_each(|part| part.last = 0);
            }
        }
    }

    /// Takes the means of a row of MCUs, which starts with `first`, from what streams have found ahead, and puts the blocks
    /// that bands need; returns how many MCUs that were.
    pub(super) fn look_ahead(&mut self, first: u32, mut put: Option<Put<'_>>, scratch: &mut Vec<u8>) -> Result<u32> {
        let (mut mcu, blocks) = (0, self.pattern.len());
        while mcu < self.across {
            if self.used == self.ahead.len() {
                if self.damaged {
                    return Err(broken());
                }
                if !self.walk_on(first + mcu, scratch)? {
                    break;
                }
                if self.ahead.is_empty() {
                    // Damaged in the very first MCU.
                    return Err(broken());
                }
            }
            let in_interval = if self.whole_intervals { (first + mcu) % self.restart.interval } else { 0 };
            if self.whole_intervals && in_interval == 0 {
                self.parts.iter_mut().for_each(|part| part.last = 0);
            }
            if first + mcu == self.next_entry {
                let place = 8 * self.start as u64 + self.bits.raw(self.bits.position());
                self.index.push(Entry::new(place, last(&self.parts)));
                self.next_entry += SPACING;
            }
            // Up to the next entry of the index or the end of the interval.
            let there = (self.ahead.len() - self.used) / blocks;
            let run = (self.across - mcu).min(self.next_entry - (first + mcu)).min(there as u32);
            let run = if self.whole_intervals { run.min(self.restart.interval - in_interval) } else { run };
            let found = &self.ahead[self.used..][..run as usize * blocks];
            self.used += found.len();
            let mut before = 0;
            for part in &mut self.parts {
                let count = (part.h * part.v) as usize;
                part.take(mcu, found.chunks_exact(blocks).map(|found| &found[before..before + count]));
                before += count;
            }
            if let Some((row, row_in_mcu, bands)) = &mut put {
                self.starts.clear();
                let starts = found.iter().scan(self.bits.position(), |start, block| {
                    Some((std::mem::replace(start, block.end(*start)), block.difference()))
                });
                self.starts.extend(starts);
                let mut before = 0;
                for part in &self.parts {
                    let starts = Starts { starts: &self.starts[before..], blocks };
                    part.put_known(
                        self.bits.held(),
                        starts,
                        mcu..mcu + run,
                        (*row, *row_in_mcu),
                        &mut bands[part.component],
                    );
                    before += (part.h * part.v) as usize;
                }
            }
            let ends = found.chunks_exact(blocks).filter_map(<[Block]>::last);
            let position = ends.fold(self.bits.position(), |position, block| block.end(position));
            let last = self.whole_intervals && in_interval + run == self.restart.interval;
            let position = if last { position.next_multiple_of(8) } else { position };
            if !self.bits.advance(position) {
                return Err(broken());
            }
            mcu += run;
        }
        Ok(mcu)
    }

    /// Lets streams look ahead from an MCU on; false if that does not pay any more.
    fn walk_on(&mut self, mcu: u32, scratch: &mut Vec<u8>) -> Result<bool> {
        let walk = self.walk.take_if(|_| mcu < self.walk_end);
        let at_interval = mcu.checked_rem(self.restart.interval) == Some(0);
        match walk {
            Some(walk) if self.restart.interval > 0 && at_interval => self.walk_intervals(walk, mcu, scratch),
            Some(walk) if self.restart.interval == 0 => Ok(self.walk_far(walk, mcu, scratch)),
            walk => {
                self.forget_ahead(mcu);
                self.walk = walk;
                Ok(false)
            }
        }
    }

    /// The same in whole restart intervals, of which the one that starts with this MCU is next.
    fn walk_intervals(&mut self, walk: Walk, mcu: u32, scratch: &mut Vec<u8>) -> Result<bool> {
        if !self.whole_intervals && mcu > 0 {
            // The marker before it, if it has not been passed yet.
            self.restart.due(&mut self.bits)?;
        }
        let (interval, blocks) = (self.restart.interval, self.pattern.len());
        let wanted = (self.walk_end - mcu).div_ceil(interval) as usize;
        let start = self.bits.raw(self.bits.position());
        let number = (mcu / interval % 8) as u8;
        let bits = self.bits.intervals(number, wanted.min(INTERVALS));
        let firsts = (mcu..self.mcus).step_by(interval as usize);
        let intervals = bits.into_iter().zip(firsts);
        let intervals = intervals.map(|(bits, first)| (bits, interval.min(self.mcus - first) as usize * blocks));
        // A block takes two bits at least: what has fewer is damaged.
        let intervals: Vec<_> = intervals.take_while(|(bits, blocks)| 2 * blocks <= bits.len()).collect();
        self.ahead.clear();
        self.used = 0;
        let (codes, _) = codes(&self.parts);
        let found = walk.intervals(&codes, self.bits.held(), &intervals, scratch, &mut self.ahead);
        self.whole_intervals = true;
        if found == 0 {
            // What is wrong, if anything is, is found where MCUs are read one by one.
            self.bits.seek(start);
            self.forget_ahead(mcu);
            return Ok(false);
        }
        self.walk = Some(walk);
        Ok(true)
    }

    /// The same where there are none.
    fn walk_far(&mut self, walk: Walk, mcu: u32, scratch: &mut Vec<u8>) -> bool {
        self.forget_ahead(mcu);
        let (codes, _) = codes(&self.parts);
        let (bytes, start, end) = self.bits.ahead();
        let end = if self.walk_end < self.mcus {
            // Not much further than what is wanted, if MCUs are as long as they are on the average.
            let left = u64::from(self.walk_end - mcu) * self.data_bits / u64::from(self.mcus);
            end.min(start.saturating_add((left + left / 8) as usize))
        } else {
            end
        };
        let damaged = walk.walk(&codes, bytes, (start, end), scratch, &mut self.ahead);
        self.damaged = damaged == Some(true);
        self.walk = damaged.map(|_| walk);
        damaged.is_some()
    }
}
