//! Progressive scans with Huffman codes: coefficients are given, then refined bit by bit (T.81 annex G).

use std::rc::Rc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::bits::{Bits, CHUNK, Reader};
use super::coefficients::NATURAL;
use super::frame::Frame;
use super::huffman::{END, Table};
use super::plane::Plane;
use super::restart::Restart;
use super::scan::{Scan, defined};
use super::tables::Tables;
use crate::imaging::codec::fault::damaged;

/// A scan being read.
pub(super) struct Pass<'a> {
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
        (row, mcu): (u32, u32),
        low: u32,
    ) -> Option<()> {
        let per_block = plane.per_block;
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
    pub(super) fn new(scan: &Scan<'a>, tables: &Tables, frame: &Frame, cancel: Cancel<'a>) -> Result<Self> {
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

    /// Reads the scan for the first rows of MCUs.
    pub(super) fn run(&mut self, planes: &mut [Plane<'_>], mcu_rows: u32) -> Result<()> {
        if let [part] = &self.parts[..]
            && let (Some(table), 1..) = (&part.table, self.first)
        {
            let table = Rc::clone(table);
            return self.run_ac(&mut planes[part.component], &table);
        }
        if let [part] = &self.parts[..] {
            let table = part.table.clone();
            let plane = &mut planes[part.component];
            return match table {
                Some(table) => self.run_dc(plane, &table),
                None => self.refine_dc(plane),
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
                parts
                    .iter_mut()
                    .try_for_each(|part| part.dc_of_mcu(reader, &mut planes[part.component], (row, mcu), *low))
            })?;
        }
        Ok(())
    }

    /// Reads one MCU, the next: the same, slowly.
    pub(super) fn mcu(&mut self, planes: &mut [Plane<'_>], place @ (row, mcu): (u32, u32)) -> Result<()> {
        let Self { bits, parts, restart, low, first, last, refine, empty, .. } = self;
        restart.run(bits, 1, |reader, anew| {
            if anew {
                *empty = 0;
                parts.iter_mut().for_each(|part| part.predicted = 0);
            }
            let (Some(part), 1..) = (parts.first(), *first) else {
                let mut parts = parts.iter_mut();
                return parts.try_for_each(|part| part.dc_of_mcu(reader, &mut planes[part.component], place, *low));
            };
            let (plane, table) = (&mut planes[part.component], part.table.as_deref()?);
            let band = Band64 { first: *first, last: *last, low: *low };
            let (block, mask) = plane.block_mut((row * plane.across + mcu) as usize)?;
            match (*refine, *empty) {
                (true, _) => band.refine(reader, table, empty, block, mask),
                (false, 0) => band.first(reader, table, empty, block, mask),
                (false, _) => {
                    *empty -= 1;
                    Some(())
                }
            }
        })
    }

    /// Gives the DC coefficients of one component.
    fn run_dc(&mut self, plane: &mut Plane<'_>, table: &Table) -> Result<()> {
        let (low, mut predicted) = (self.low, 0i16);
        self.each_dc(plane, |reader, word, anew| {
            let difference = table.difference(reader)?;
            predicted = if anew { difference } else { predicted.wrapping_add(difference) };
            *word = predicted.wrapping_shl(low).to_ne_bytes();
            Some(())
        })
    }

    /// Refines the DC coefficients of one component.
    fn refine_dc(&mut self, plane: &mut Plane<'_>) -> Result<()> {
        let low = self.low;
        self.each_dc(plane, |reader, word, _| {
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
        mut read: impl FnMut(&mut Reader<'_>, &mut [u8; 2], bool) -> Option<()>,
    ) -> Result<()> {
        let per_block = plane.per_block;
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
