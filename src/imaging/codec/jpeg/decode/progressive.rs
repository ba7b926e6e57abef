//! Progressive scans: coefficients are gathered from many scans before any block can be transformed (T.81 annex G).
//!
//! Every coefficient may be given once, then refined bit by bit, as the standard demands; a scan that gives or refines
//! what is not its turn refuses the file. So the work is bounded by the blocks of the picture and the bits of a
//! coefficient, however many scans a file holds.

use std::rc::Rc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::band::Band;
use super::bits::{Bits, CHUNK, Reader};
use super::coefficients::NATURAL;
use super::coefficients::Quantization;
use super::frame::Frame;
use super::huffman::{END, Table};
use super::inverse::mean;
use super::restart::Restart;
use super::scan::{Scan, Scans, cut_off, defined};
use super::sidecar::Samples;
use super::tables::Tables;
use crate::imaging::codec::fault::damaged;

/// A coefficient that no scan has given yet.
const UNKNOWN: u8 = 0xff;

/// The coefficients of one component.
#[derive(Debug)]
struct Plane<'c> {
    /// Blocks across, with those that only fill the last MCU, and rows of blocks that are wanted.
    across: u32,
    rows: u32,
    /// Blocks that hold samples, across and down; what scans of one component hold.
    real: (u32, u32),
    /// Per block, 64 words in native order of bytes, row by row, or the DC coefficient alone.
    words: &'c mut [[u8; 2]],
    /// For each block which AC coefficients, in the order of the file, differ from zero.
    nonzero: Vec<u64>,
    /// For each coefficient in the order of the file, the bit below which it is undecided; [`UNKNOWN`] at first.
    low: [u8; 64],
    steps: Option<Quantization>,
}

/// The coefficients of a picture, as far down as they are wanted.
#[derive(Debug)]
pub(super) struct Progressive<'c> {
    planes: Vec<Plane<'c>>,
    /// Words of each block: 64, or 1 if only the DC coefficients are wanted.
    per_block: usize,
}

/// Bytes of a block's coefficients.
const BYTES: u64 = 128;

/// Bytes that go with each of these.
const MASK_BYTES: u64 = 8;

/// Bytes held besides those of [`bytes`].
pub(super) const fn more_bytes(bytes: u64, only_dc: bool) -> u64 {
    if only_dc { 0 } else { bytes / BYTES * MASK_BYTES }
}

/// Bytes that the coefficients of the first rows of MCUs take.
pub(super) fn bytes(frame: &Frame, mcu_rows: u32, only_dc: bool) -> u64 {
    let blocks = |h: u32, v: u32| u64::from(frame.mcus().0 * h) * u64::from(mcu_rows * v);
    let per_block = if only_dc { 2 } else { BYTES };
    frame.components.iter().map(|c| blocks(c.h, c.v) * per_block).sum()
}

impl<'c> Progressive<'c> {
    /// Reads the coefficients of the first rows of MCUs into `memory`, which is zero and as long as [`bytes`] says. For
    /// the DC coefficients alone, no other scan is read, and nothing after the one that completes them.
    pub(super) fn read(
        file: &[u8],
        frame: &Frame,
        mcu_rows: u32,
        only_dc: bool,
        memory: &'c mut [u8],
        cancel: Cancel<'_>,
    ) -> Result<(Self, Vec<Quantization>)> {
        let per_block = if only_dc { 1 } else { 64 };
        let (mut memory, mut planes) = (memory.as_chunks_mut().0, Vec::new());
        for component in &frame.components {
            let (across, rows) = (frame.mcus().0 * component.h, mcu_rows * component.v);
            let (words, rest) = memory.split_at_mut((across * rows) as usize * per_block);
            memory = rest;
            let nonzero = vec![0; if only_dc { 0 } else { (across * rows) as usize }];
            let real = frame.blocks(component);
            planes.push(Plane { across, rows, real, words, nonzero, low: [UNKNOWN; 64], steps: None });
        }
        let mut coefficients = Self { planes, per_block };
        coefficients.scans(file, frame, mcu_rows, cancel)?;
        let steps: Vec<_> = coefficients.planes.iter_mut().filter_map(|plane| plane.steps.take()).collect();
        if steps.len() < frame.components.len() {
            return Err(cut_off("a component has no scan"));
        }
        Ok((coefficients, steps))
    }

    fn scans(&mut self, file: &[u8], frame: &Frame, mcu_rows: u32, cancel: Cancel<'_>) -> Result<()> {
        let mut scans = Scans::new(file, frame);
        // A file that is complete need not say that it ends.
        while !self.is_complete() {
            let Some(scan) = scans.next()? else { break };
            self.take_turn(&scan, &scans.tables, frame)?;
            if self.per_block == 64 || scan.first == 0 {
                Pass::new(&scan, &scans.tables, frame, cancel)?.run(self, mcu_rows)?;
            }
            scans.pass_data();
        }
        Ok(())
    }

    /// Nothing that is wanted is undecided.
    fn is_complete(&self) -> bool {
        self.planes.iter().all(|plane| plane.low[..self.per_block].iter().all(|&low| low == 0))
    }

    /// Notes what a scan gives; it is refused if that is not its turn.
    fn take_turn(&mut self, scan: &Scan<'_>, tables: &Tables, frame: &Frame) -> Result<()> {
        let band = if scan.first == 0 { scan.last == 0 } else { scan.last < 64 && scan.parts.len() == 1 };
        let sound = band && scan.first <= scan.last && scan.low < 14 && (scan.high == 0 || scan.high == scan.low + 1);
        if !sound {
            return Err(damaged("is a damaged JPEG", &"malformed progressive scan"));
        }
        for part in &scan.parts {
            let plane = &mut self.planes[part.component];
            // AC coefficients come after the DC coefficient.
            let early = scan.first > 0 && plane.low[0] == UNKNOWN;
            let expected = if scan.high == 0 { UNKNOWN } else { scan.high as u8 };
            let lows = &mut plane.low[scan.first as usize..=scan.last as usize];
            if early || lows.iter().any(|&low| low != expected) {
                return Err(damaged("is a damaged JPEG", &"a progressive scan out of turn"));
            }
            lows.fill(scan.low as u8);
            if plane.steps.is_none() {
                plane.steps.clone_from(&tables.quantization[frame.components[part.component].table]);
                if plane.steps.is_none() {
                    return Err(damaged("is a damaged JPEG", &"steps are not defined"));
                }
            }
        }
        Ok(())
    }

    /// Puts the blocks of a row of MCUs that `bands` need.
    pub(super) fn mcu_row(&self, row: u32, bands: &mut [Band]) {
        for (plane, band) in self.planes.iter().zip(bands) {
            for y in 0..band.grid.v {
                let block_row = row * band.grid.v + y;
                if !band.needs_row(block_row) || block_row >= plane.rows {
                    continue;
                }
                for column in band.columns() {
                    let index = (block_row * plane.across + column) as usize * self.per_block;
                    if self.per_block == 1 {
                        band.put_mean(column, y, i16::from_ne_bytes(plane.words[index]));
                        continue;
                    }
                    let Some(words) = plane.words[index..].first_chunk::<64>() else { continue };
                    // The last coefficient of all, in the order of the file, that differs from zero.
                    let count = 64 - (plane.nonzero[index / 64] | 1).leading_zeros();
                    band.put(column, y, &words.map(i16::from_ne_bytes), count);
                }
            }
        }
    }

    /// The means of all blocks.
    pub(super) fn means(&self, steps: &[Quantization], means: &mut Samples) {
        for (component, (plane, steps)) in self.planes.iter().zip(steps).enumerate() {
            let (samples, _) = means.rows_mut(component, 0);
            for (sample, block) in samples.iter_mut().zip(plane.words.chunks_exact(self.per_block)) {
                *sample = mean(i16::from_ne_bytes(block[0]), steps[0]);
            }
        }
    }
}

/// A scan being read.
struct Pass<'a> {
    bits: Bits<'a>,
    parts: Vec<PassPart>,
    /// MCUs across; a scan of one component has MCUs of one block.
    across: u32,
    restart: Restart,
    /// First and last coefficient.
    first: u32,
    last: u32,
    refine: bool,
    low: u32,
    /// Blocks to come that hold nothing new.
    empty: u32,
    cancel: Cancel<'a>,
}

struct PassPart {
    component: usize,
    table: Option<Rc<Table>>,
    h: u32,
    v: u32,
    predicted: i16,
}

impl PassPart {
    /// Gives or refines the DC coefficients of its blocks of an MCU.
    #[inline(always)]
    fn dc_of_mcu(
        &mut self,
        reader: &mut Reader<'_>,
        plane: &mut Plane<'_>,
        per_block: usize,
        (row, mcu): (u32, u32),
        low: u32,
    ) -> Option<()> {
        for y in 0..self.v {
            let first = ((row * self.v + y) * plane.across + mcu * self.h) as usize;
            let words = plane.words[first * per_block..].iter_mut().step_by(per_block);
            for word in words.take(self.h as usize) {
                let Some(table) = &self.table else {
                    reader.need::<1>();
                    let bit = (reader.take(1) << low) as i16;
                    *word = (i16::from_ne_bytes(*word) | bit).to_ne_bytes();
                    continue;
                };
                let difference = table.difference(reader)?;
                self.predicted = self.predicted.wrapping_add(difference);
                *word = self.predicted.wrapping_shl(low).to_ne_bytes();
            }
        }
        Some(())
    }
}

impl<'a> Pass<'a> {
    fn new(scan: &Scan<'a>, tables: &Tables, frame: &Frame, cancel: Cancel<'a>) -> Result<Self> {
        let alone = scan.parts.len() == 1;
        let (mut parts, mut across) = (Vec::new(), frame.mcus().0);
        for part in &scan.parts {
            let component = &frame.components[part.component];
            let table = match (scan.first, scan.high) {
                (0, 0) => Some(Rc::new(
                    Table::dc(defined(&tables.dc, part.dc)?)
                        .ok_or_else(|| damaged("is a damaged JPEG", &"a DC difference is too long"))?,
                )),
                (0, _) => None,
                _ if scan.high == 0 => Some(Rc::new(Table::progressive(defined(&tables.ac, part.ac)?))),
                _ => Some(Rc::new(Table::plain(defined(&tables.ac, part.ac)?))),
            };
            let (h, v) = if alone { (1, 1) } else { (component.h, component.v) };
            if alone {
                across = frame.blocks(component).0;
            }
            parts.push(PassPart { component: part.component, table, h, v, predicted: 0 });
        }
        Ok(Self {
            bits: Bits::new(scan.data, CHUNK, Vec::new()),
            parts,
            across,
            restart: Restart::new(tables.restart),
            first: scan.first,
            last: scan.last,
            refine: scan.high > 0,
            low: scan.low,
            empty: 0,
            cancel,
        })
    }

    fn run(&mut self, coefficients: &mut Progressive<'_>, mcu_rows: u32) -> Result<()> {
        if let [part] = &self.parts[..]
            && let (Some(table), 1..) = (&part.table, self.first)
        {
            let table = Rc::clone(table);
            return self.run_ac(&mut coefficients.planes[part.component], &table);
        }
        if let [part] = &self.parts[..] {
            let table = part.table.clone();
            let (plane, per_block) = (&mut coefficients.planes[part.component], coefficients.per_block);
            return match table {
                Some(table) => self.run_dc(plane, per_block, &table),
                None => self.refine_dc(plane, per_block),
            };
        }
        let Self { bits, parts, restart, across, low, cancel, .. } = self;
        for row in 0..mcu_rows {
            cancel.check()?;
            let mut mcus = 0..*across;
            restart.run(bits, *across, |reader, anew| {
                if anew {
                    parts.iter_mut().for_each(|part| part.predicted = 0);
                }
                let mcu = mcus.next()?;
                parts.iter_mut().try_for_each(|part| {
                    let plane = &mut coefficients.planes[part.component];
                    part.dc_of_mcu(reader, plane, coefficients.per_block, (row, mcu), *low)
                })
            })?;
        }
        Ok(())
    }

    /// Gives the DC coefficients of one component.
    fn run_dc(&mut self, plane: &mut Plane<'_>, per_block: usize, table: &Table) -> Result<()> {
        let (low, mut predicted) = (self.low, 0i16);
        self.each_dc(plane, per_block, |reader, word, anew| {
            let difference = table.difference(reader)?;
            predicted = if anew { difference } else { predicted.wrapping_add(difference) };
            *word = predicted.wrapping_shl(low).to_ne_bytes();
            Some(())
        })
    }

    /// Refines the DC coefficients of one component.
    fn refine_dc(&mut self, plane: &mut Plane<'_>, per_block: usize) -> Result<()> {
        let low = self.low;
        self.each_dc(plane, per_block, |reader, word, _| {
            reader.need::<1>();
            let bit = (reader.take(1) << low) as i16;
            *word = (i16::from_ne_bytes(*word) | bit).to_ne_bytes();
            Some(())
        })
    }

    /// Runs over the DC coefficients of one component; `read` is told whether everything starts anew.
    #[inline(always)]
    fn each_dc(
        &mut self,
        plane: &mut Plane<'_>,
        per_block: usize,
        mut read: impl FnMut(&mut Reader<'_>, &mut [u8; 2], bool) -> Option<()>,
    ) -> Result<()> {
        for row in 0..plane.rows.min(plane.real.1) {
            self.cancel.check()?;
            let first = (row * plane.across) as usize * per_block;
            let words = plane.words.get_mut(first..).unwrap_or(&mut []);
            let mut words = words.iter_mut().step_by(per_block).take(self.across as usize);
            // At most `across`.
            let count = words.len() as u32;
            self.restart.run(&mut self.bits, count, |reader, anew| read(reader, words.next()?, anew))?;
        }
        Ok(())
    }

    /// Runs over the blocks of one component.
    fn run_ac(&mut self, plane: &mut Plane<'_>, table: &Table) -> Result<()> {
        let band = Band64 { first: self.first, last: self.last, low: self.low };
        for row in 0..plane.rows.min(plane.real.1) {
            self.cancel.check()?;
            let first = (row * plane.across) as usize;
            let mut blocks = plane.words[64 * first..].as_chunks_mut::<64>().0.iter_mut();
            let mut masks = plane.nonzero[first..].iter_mut();
            let Self { bits, restart, empty, refine, across, .. } = self;
            restart.run(bits, *across, |reader, anew| {
                if anew {
                    *empty = 0;
                }
                let (block, mask) = (blocks.next()?, masks.next()?);
                match (*refine, *empty) {
                    (true, _) => band.refine(reader, table, empty, block, mask),
                    (false, 0) => band.first(reader, table, empty, block, mask),
                    (false, _) => {
                        *empty -= 1;
                        Some(())
                    }
                }
            })?;
        }
        Ok(())
    }
}

/// How many blocks end with a symbol of `run` below 15 and no size: 2^run and as much as the next `run` bits say.
fn ended(reader: &mut Reader<'_>, run: u32) -> u32 {
    (1 << run) + reader.take(run)
}

/// The AC coefficients that a scan is about, in the order of the file, and the bit that it gives.
#[derive(Debug, Clone, Copy)]
struct Band64 {
    first: u32,
    last: u32,
    low: u32,
}

impl Band64 {
    /// Gives coefficients (T.81 G.1.2.2).
    #[inline(always)]
    fn first(
        self,
        reader: &mut Reader<'_>,
        table: &Table,
        empty: &mut u32,
        block: &mut [[u8; 2]; 64],
        nonzero: &mut u64,
    ) -> Option<()> {
        let mut next = self.first;
        while next <= self.last {
            let (advance, value) = table.read(reader)?;
            if advance >= END {
                *empty = ended(reader, advance - END) - 1;
                break;
            }
            next += advance;
            if value != 0 {
                let at = next - 1;
                if at > self.last {
                    return None;
                }
                let value = value.wrapping_shl(self.low);
                block[usize::from(NATURAL[at as usize]) % 64] = value.to_ne_bytes();
                *nonzero |= u64::from(value != 0) << at;
            }
        }
        Some(())
    }

    /// Refines coefficients by one bit and gives those that it makes differ from zero (T.81 G.1.2.3).
    #[inline(always)]
    fn refine(
        self,
        reader: &mut Reader<'_>,
        table: &Table,
        empty: &mut u32,
        block: &mut [[u8; 2]; 64],
        nonzero: &mut u64,
    ) -> Option<()> {
        let band = u64::MAX >> (63 - self.last);
        let mut next = self.first;
        while *empty == 0 && next <= self.last {
            let symbol = table.symbol(reader)?;
            let (run, size) = (u32::from(symbol >> 4), symbol & 15);
            let value = match size {
                0 if run == 15 => 0,
                0 => {
                    *empty = ended(reader, run);
                    break;
                }
                1 if reader.take(1) == 1 => 1i16 << self.low,
                1 => -1i16 << self.low,
                _ => return None,
            };
            // Coefficients that differ from zero are refined on the way and do not count as zeros of the run.
            let mut zeros = !*nonzero & band & u64::MAX << next;
            for _ in 0..run {
                zeros &= zeros.wrapping_sub(1);
            }
            let passed = if zeros == 0 { band } else { (zeros & zeros.wrapping_neg()).wrapping_sub(1) };
            self.correct(reader, *nonzero & passed & u64::MAX << next, block);
            if zeros == 0 {
                return if value == 0 { Some(()) } else { None };
            }
            let at = zeros.trailing_zeros();
            block[usize::from(NATURAL[at as usize]) % 64] = value.to_ne_bytes();
            *nonzero |= u64::from(value != 0) << at;
            next = at + 1;
        }
        if *empty > 0 {
            // All of them may have been passed.
            let rest = u64::MAX.checked_shl(next).unwrap_or(0);
            self.correct(reader, *nonzero & band & rest, block);
            *empty -= 1;
        }
        Some(())
    }

    /// For each of these coefficients a bit says whether it grows by the bit given now. One that has it already keeps it.
    #[inline(always)]
    fn correct(self, reader: &mut Reader<'_>, which: u64, block: &mut [[u8; 2]; 64]) {
        let mut which = which;
        while which != 0 {
            let at = which.trailing_zeros() as usize;
            which &= which - 1;
            reader.need::<1>();
            let grows = (reader.take(1) as i16).wrapping_neg();
            let word = &mut block[usize::from(NATURAL[at]) % 64];
            let old = i16::from_ne_bytes(*word);
            // No branch: the bits cannot be foreseen. `sign` is 0 or −1.
            let (growth, sign) = (grows & !old & 1 << self.low, old >> 15);
            *word = old.wrapping_add((growth ^ sign).wrapping_sub(sign)).to_ne_bytes();
        }
    }
}
