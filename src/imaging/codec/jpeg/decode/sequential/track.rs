//! One scan on its way through the picture.

use std::ops::Range;
use std::rc::Rc;

use crate::base::error::Result;

use super::super::bits::{self, Bits, Reader};
use super::super::frame::Frame;
use super::super::huffman::Table;
use super::super::restart::Restart;
use super::super::scan::{Scan, broken, defined};
use super::super::sidecar::{Entry, SPACING};
use super::super::skip::SkipTable;
use super::super::streams::{self, Block, Walk};
use super::super::tables::Tables;
use super::part::{Part, codes};
use super::reading::{Buffers, Reading, Skips};
use crate::imaging::codec::fault::damaged;

/// Bytes from where it pays to walk in several places at once.
const LONG: usize = if cfg!(fuzzing) { 1 << 12 } else { 1 << 16 };

/// Blocks of a restart interval from where the same pays.
const LONG_INTERVAL: usize = if cfg!(fuzzing) { 4 } else { 64 };

/// One scan on its way through the picture.
#[derive(Debug)]
pub(super) struct Track<'a> {
    pub(super) bits: Bits<'a>,
    /// Where in the file its data starts, in bytes, and the bits from there to the file's end.
    pub(super) start: usize,
    pub(super) data_bits: u64,
    pub(super) parts: Vec<Part>,
    /// The blocks of an MCU: part, and place in the part's means if it is the first MCU.
    pub(super) pattern: Vec<(usize, usize)>,
    /// MCUs across, and in all; a scan of one component has MCUs of one block.
    pub(super) across: u32,
    pub(super) mcus: u32,
    pub(super) restart: Restart,
    /// For a long scan of which nothing but means is wanted, up to some MCU.
    pub(super) walk: Option<Walk>,
    pub(super) walk_end: u32,
    /// What it found ahead of the MCU that is next, of which the first blocks have been used.
    pub(super) ahead: Vec<Block>,
    pub(super) looked_ahead: bool,
    pub(super) used: usize,
    /// Where blocks begin of which more than the mean is wanted.
    pub(super) starts: Vec<(usize, i16)>,
    /// The blocks that the walk found next are damaged.
    pub(super) damaged: bool,
    /// The track also walks ahead where the lowest coefficients of luma are wanted: streams say where each block begins.
    pub(super) looks_for_low: bool,
    /// It comes from whole restart intervals: behind each, its marker has been passed.
    pub(super) whole_intervals: bool,
    /// Where MCUs begin, if that is recorded, and which MCU is to be added to it next.
    pub(super) index: Vec<Entry>,
    pub(super) next_entry: u32,
}

impl<'a> Track<'a> {
    pub(super) fn new(
        scan: &Scan<'a>,
        start: usize,
        tables: &Tables,
        frame: &Frame,
        reading: Reading<'_>,
        buffers: &mut Buffers,
    ) -> Result<Self> {
        let alone = scan.parts.len() == 1;
        let (mut parts, mut pattern, mut across) = (Vec::new(), Vec::new(), frame.mcus().0);
        let (mut dcs, mut acs) = Default::default();
        let mut skip_tables: Vec<((usize, usize), Rc<SkipTable>)> = Vec::new();
        for part in &scan.parts {
            let component = &frame.components[part.component];
            let dc = once(&mut dcs, part.dc, || {
                let table = Table::dc(defined(&tables.dc, part.dc)?);
                table.ok_or_else(|| damaged("is a damaged JPEG", &"a DC difference is too long"))
            })?;
            let (dc_code, ac_code) = (defined(&tables.dc, part.dc)?, defined(&tables.ac, part.ac)?);
            let ac = once(&mut acs, part.ac, || Ok(Table::ac(ac_code)))?;
            let skip = (reading.skips != Skips::None).then(|| {
                let made = skip_tables.iter().find(|(codes, _)| *codes == (part.dc, part.ac));
                made.map_or_else(|| Rc::new(SkipTable::new(dc_code, ac_code)), |(_, table)| Rc::clone(table))
            });
            skip_tables.extend(skip.iter().map(|table| ((part.dc, part.ac), Rc::clone(table))));
            let (blocks, all_rows) = frame.blocks(component);
            let (h, v) = if alone { (1, 1) } else { (component.h, component.v) };
            let all_rows = if alone { all_rows } else { frame.mcus().1 };
            if alone {
                across = blocks;
            }
            let rows = if alone { component.v } else { 1 };
            let stride = (across * h) as usize;
            pattern.extend((0..h * v).map(|i| (parts.len(), (i / h) as usize * stride + (i % h) as usize)));
            let step = tables.quantization[component.table].map_or(0, |steps| steps[0]);
            let means = vec![0; stride * v as usize];
            parts.push(Part {
                component: part.component,
                dc,
                ac,
                skip,
                h,
                v,
                rows,
                all_rows,
                last: 0,
                step,
                means,
                stride,
            });
        }
        let mcus = across * parts.first().map_or(0, |part| part.all_rows);
        let interval = tables.restart as usize * pattern.len();
        let walks =
            reading.skips == Skips::Walk && scan.data.len() > LONG && (interval == 0 || interval >= LONG_INTERVAL);
        let walk = walks.then(|| {
            let (codes, which) = codes(&parts);
            Walk::new(reading.cpu, reading.pool.clone(), &codes, pattern.iter().map(|&(part, _)| which[part]))
        });
        let chunk = match (walks, reading.seeks) {
            (true, _) => scan.data.len().clamp(bits::CHUNK, streams::CHUNK),
            (false, true) => bits::SMALL_CHUNK,
            (false, false) => bits::CHUNK,
        };
        // The first scan that looks ahead has the buffers.
        let Buffers { bits, mut ahead } = if walks { std::mem::take(buffers) } else { Buffers::default() };
        ahead.clear();
        let mut track = Self {
            bits: Bits::new(scan.data, chunk, bits),
            start,
            data_bits: 8 * scan.data.len() as u64,
            parts,
            pattern,
            across,
            mcus,
            restart: Restart::new(tables.restart),
            walk,
            walk_end: 0,
            ahead,
            looked_ahead: walks,
            used: 0,
            starts: Vec::new(),
            damaged: false,
            looks_for_low: reading.low,
            whole_intervals: false,
            index: Vec::new(),
            next_entry: u32::MAX,
        };
        track.walk_end = track.rows(reading.only_means).start * across;
        Ok(track)
    }

    /// Rows of the scan's own MCUs in a row of the picture's.
    pub(super) fn rows(&self, row: u32) -> Range<u32> {
        let Some(part) = self.parts.first() else { return 0..0 };
        (row * part.rows).min(part.all_rows)..((row + 1) * part.rows).min(part.all_rows)
    }

    /// Reads MCUs of a row that starts with `first`, each by `read`, which is given its place in the row and a block of
    /// zeros to work with.
    #[inline(always)]
    pub(super) fn each_mcu(
        &mut self,
        first: u32,
        mcus: Range<u32>,
        mut read: impl FnMut(&mut [Part], &[(usize, usize)], &mut Reader<'_>, u32, &mut [i16; 64]) -> Option<()>,
    ) -> Result<()> {
        let (mut mcu, mut block) = (mcus.start, [0; 64]);
        while mcu < mcus.end {
            if self.restart.due(&mut self.bits)? {
                self.parts.iter_mut().for_each(|part| part.last = 0);
            }
            let new = self.index.len();
            let (mut reader, until) = self.bits.readers();
            loop {
                if first + mcu == self.next_entry {
                    self.index.push(Entry::new(reader.position() as u64, last(&self.parts)));
                    self.next_entry += SPACING;
                }
                read(&mut self.parts, &self.pattern, &mut reader, mcu, &mut block).ok_or_else(broken)?;
                mcu += 1;
                if reader.position() > until || mcu == mcus.end || !self.restart.pass() {
                    break;
                }
            }
            let position = reader.position();
            for entry in &mut self.index[new..] {
                entry.place = 8 * self.start as u64 + self.bits.raw(entry.place as usize);
            }
            if !self.bits.advance(position) {
                return Err(broken());
            }
        }
        Ok(())
    }
}

/// The last DC coefficients of the parts of a scan.
pub(super) fn last(parts: &[Part]) -> [i16; 4] {
    std::array::from_fn(|i| parts.get(i).map_or(0, |part| part.last))
}

/// The table of a number, which components may share.
fn once<T>(made: &mut [Option<Rc<T>>; 4], number: usize, make: impl FnOnce() -> Result<T>) -> Result<Rc<T>> {
    let Some(slot) = made.get_mut(number) else { return Ok(Rc::new(make()?)) };
    if slot.is_none() {
        *slot = Some(Rc::new(make()?));
    }
    slot.clone().ok_or_else(broken)
}
