//! Baseline and extended sequential scans: blocks are decoded, transformed and forgotten, one row of MCUs at a time.
//!
//! Where components have scans of their own, these are read side by side, so that no more of the picture has to be held
//! than where all components share one.

use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::Result;
use crate::kernel::cpu::Cpu;

use super::super::damaged;
use super::band::Band;
use super::bits::{self, Bits, Reader};
use super::frame::Frame;
use super::huffman::Table;
use super::scan::{Scan, Scans, cut_off, defined};
use super::sidecar::{Entry, SPACING, Walked};
use super::skip::SkipTable;
use super::streams::{self, Block, Codes, Walk};
use super::tables::{Quantisation, Tables};

/// Bytes from where it pays to walk in several places at once.
const LONG: usize = if cfg!(fuzzing) { 1 << 12 } else { 1 << 16 };

/// Blocks of a restart interval from where the same pays, and how many intervals are walked through at once.
const LONG_INTERVAL: usize = if cfg!(fuzzing) { 4 } else { 64 };
const INTERVALS: usize = 48;

/// All scans of a picture.
#[derive(Debug)]
pub(super) struct Sequential<'a> {
    tracks: Vec<Track<'a>>,
    steps: Vec<Quantisation>,
    /// What is known of the first rows of MCUs, to which those that are read are added.
    record: Option<Walked>,
}

/// What is worth keeping between pictures.
#[derive(Debug, Default)]
pub(in crate::decode) struct Buffers {
    bits: Vec<u8>,
    ahead: Vec<Block>,
}

impl Buffers {
    pub(in crate::decode) const fn bytes(&self) -> usize {
        self.bits.capacity() + self.ahead.capacity() * size_of::<Block>()
    }
}

/// How scans are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) cpu: Cpu,
    pub(super) skips: Skips,
    /// Nothing but means, or if `low` the lowest coefficients of luma, is wanted of rows of MCUs before this one.
    pub(super) only_means: u32,
    pub(super) low: bool,
    /// Single rows are sought out: little is unstuffed at a time.
    pub(super) seeks: bool,
}

impl<'a> Sequential<'a> {
    /// Finds the scans of all components.
    pub(super) fn new(bytes: &'a [u8], frame: &Frame, way: Way, buffers: &mut Buffers) -> Result<Self> {
        let mut scans = Scans::new(bytes, frame);
        let mut steps: Vec<Option<Quantisation>> = vec![None; frame.components.len()];
        let mut tracks = Vec::new();
        while steps.iter().any(Option::is_none) {
            if !tracks.is_empty() {
                scans.pass_data();
            }
            let Some(scan) = scans.next()? else { return Err(cut_off("a component has no scan")) };
            for part in &scan.parts {
                let table = scans.tables.quantisation[frame.components[part.component].table];
                let Some(table) = table else { return Err(damaged("is a damaged JPEG", &"steps are not defined")) };
                if steps[part.component].replace(table).is_some() {
                    return Err(damaged("is a damaged JPEG", &"a component has two scans"));
                }
            }
            // What the index says of a scan are places in the file.
            let start = bytes.len() - scan.data.len();
            tracks.push(Track::new(&scan, start, &scans.tables, frame, way, buffers)?);
        }
        Ok(Self { tracks, steps: steps.into_iter().flatten().collect(), record: None })
    }

    /// The components' steps.
    pub(super) fn steps(&self) -> &[Quantisation] {
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
            track.seek(index, track.rows(row).start * track.across)?;
        }
        Ok(())
    }

    /// Reads the next row of MCUs of the picture, and puts the blocks that `bands` need.
    pub(super) fn mcu_row(&mut self, row: u32, bands: &mut [Band], scratch: &mut Vec<u8>) -> Result<()> {
        for track in &mut self.tracks {
            for (row_in_mcu, scan_row) in (0..).zip(track.rows(row)) {
                track.row_of_mcus(scan_row, row_in_mcu, bands, scratch)?;
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

/// The row of a scan's MCUs, where it starts in a row of the picture's, and what its blocks go to.
type Put<'b> = (u32, u32, &'b mut [Band]);

/// Where the blocks of a component begin in some MCUs, and the differences of their DC coefficients.
#[derive(Clone, Copy)]
struct Starts<'b> {
    /// From the component's first block on, with those of the other components between.
    starts: &'b [(usize, i16)],
    /// Blocks of an MCU.
    blocks: usize,
}

impl<'b> Starts<'b> {
    /// Those of the same block of each MCU from one on.
    fn from(self, mcu: usize, block: usize) -> impl Iterator<Item = &'b (usize, i16)> {
        self.starts.iter().skip(mcu * self.blocks + block).step_by(self.blocks)
    }
}

/// One scan on its way through the picture.
#[derive(Debug)]
struct Track<'a> {
    bits: Bits<'a>,
    /// Where in the file its data starts, in bytes, and the bits from there to the file's end.
    start: usize,
    data_bits: u64,
    parts: Vec<Part>,
    /// The blocks of an MCU: part, and place in the part's means if it is the first MCU.
    pattern: Vec<(usize, usize)>,
    /// MCUs across, and in all; a scan of one component has MCUs of one block.
    across: u32,
    mcus: u32,
    restart: Restart,
    /// For a long scan of which nothing but means is wanted, up to some MCU.
    walk: Option<Walk>,
    walk_end: u32,
    /// What it found ahead of the MCU that is next, of which the first blocks have been used.
    ahead: Vec<Block>,
    looked_ahead: bool,
    used: usize,
    /// Where blocks begin of which more than the mean is wanted.
    starts: Vec<(usize, i16)>,
    /// What follows that is damaged.
    damaged: bool,
    /// It is looked for where the lowest coefficients of luma are wanted, too: streams say where each block begins.
    looks_for_low: bool,
    /// It comes from whole restart intervals: behind each, its marker has been passed.
    whole_intervals: bool,
    /// Where MCUs begin, if that is recorded, and which MCU is to be added to it next.
    index: Vec<Entry>,
    next_entry: u32,
}

/// Which blocks are passed over several symbols at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skips {
    /// None: all are wanted, or it is the plain way, by which the others are judged.
    None,
    /// Those around a window.
    Some,
    /// The same, and in several places at once those of which nothing but means is wanted.
    Walk,
}

#[derive(Debug)]
struct Part {
    component: usize,
    dc: Rc<Table>,
    ac: Rc<Table>,
    skip: Option<Rc<SkipTable>>,
    /// Blocks of an MCU across and down.
    h: u32,
    v: u32,
    /// Rows of blocks in a row of the picture's MCUs, and in the whole scan.
    rows: u32,
    all_rows: u32,
    /// The last DC coefficient.
    last: i16,
    /// The step of DC coefficients.
    step: u16,
    /// The DC coefficients of a row of MCUs, row by row, and how many a row has.
    means: Vec<i16>,
    stride: usize,
}

/// Counts MCUs to the next restart marker.
#[derive(Debug)]
pub(super) struct Restart {
    interval: u32,
    left: u32,
    number: u8,
}

impl Restart {
    pub(super) const fn new(interval: u32) -> Self {
        Self { interval, left: interval, number: 0 }
    }

    /// Goes on before an MCU, of which it does not matter whether a marker comes before it: that has been passed.
    const fn seek(&mut self, mcu: u32) {
        if self.interval > 0 {
            self.left = self.interval - mcu % self.interval;
            self.number = (mcu / self.interval % 8) as u8;
        }
    }

    /// Before each MCU: true if everything starts anew, which `bits` then do.
    #[inline]
    pub(super) fn due(&mut self, bits: &mut Bits<'_>) -> Result<bool> {
        if self.interval == 0 {
            return Ok(false);
        }
        if self.left > 0 {
            self.left -= 1;
            return Ok(false);
        }
        self.left = self.interval - 1;
        let number = self.number;
        self.number = (number + 1) % 8;
        if bits.restart(number) { Ok(true) } else { Err(broken()) }
    }

    /// Between MCUs: counts the next one if no restart marker comes first.
    #[inline]
    pub(super) const fn pass(&mut self) -> bool {
        if self.interval == 0 {
            return true;
        }
        let more = self.left > 0;
        self.left -= more as u32;
        more
    }
}

pub(super) fn broken() -> crate::error::Error {
    damaged("is a damaged JPEG", &"entropy-coded data is damaged or cut off")
}

impl<'a> Track<'a> {
    fn new(
        scan: &Scan<'a>,
        start: usize,
        tables: &Tables,
        frame: &Frame,
        way: Way,
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
            let skip = (way.skips != Skips::None).then(|| {
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
            let step = tables.quantisation[component.table].map_or(0, |steps| steps[0]);
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
        let walks = way.skips == Skips::Walk && scan.data.len() > LONG && (interval == 0 || interval >= LONG_INTERVAL);
        let walk = walks.then(|| {
            let (codes, which) = codes(&parts);
            Walk::new(way.cpu, &codes, pattern.iter().map(|&(part, _)| which[part]))
        });
        let chunk = match (walks, way.seeks) {
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
            looks_for_low: way.low,
            whole_intervals: false,
            index: Vec::new(),
            next_entry: u32::MAX,
        };
        track.walk_end = track.rows(way.only_means).start * across;
        Ok(track)
    }

    /// Rows of the scan's own MCUs in a row of the picture's.
    fn rows(&self, row: u32) -> Range<u32> {
        let Some(part) = self.parts.first() else { return 0..0 };
        (row * part.rows).min(part.all_rows)..((row + 1) * part.rows).min(part.all_rows)
    }

    /// Goes on with an MCU of the scan, the first that the index does not know of or an earlier one.
    fn seek(&mut self, index: &[Entry], mcu: u32) -> Result<()> {
        let number = (mcu / SPACING).min((index.len() as u32).saturating_sub(1));
        let Some(entry) = index.get(number as usize) else { return Ok(()) };
        self.forget_ahead(mcu);
        self.bits.seek(entry.place.saturating_sub(8 * self.start as u64));
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
    fn row_of_mcus(&mut self, row: u32, row_in_mcu: u32, bands: &mut [Band], scratch: &mut Vec<u8>) -> Result<()> {
        let across = self.across;
        let only_means = |part: &Part| bands[part.component].only_means(row * part.v..(row + 1) * part.v);
        if !self.parts.iter().all(only_means) {
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

    /// Seeks out and reads the MCUs of a row that hold blocks that are needed.
    fn part_of_row(&mut self, row: u32, row_in_mcu: u32, bands: &mut [Band], index: &[Entry]) -> Result<()> {
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
        self.seek(index, first + needed.start)?;
        self.each_mcu(first, needed, |parts, _, reader, mcu, block| {
            let mut parts = parts.iter_mut();
            parts.try_for_each(|part| part.mcu(reader, mcu, row, row_in_mcu, &mut bands[part.component], block))
        })
    }

    /// Forgets what streams have found ahead: this MCU, which is next, is read as if they had not been there.
    fn forget_ahead(&mut self, mcu: u32) {
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
    fn look_ahead(&mut self, first: u32, mut put: Option<Put<'_>>, scratch: &mut Vec<u8>) -> Result<u32> {
        let (mut mcu, blocks) = (0, self.pattern.len());
        while mcu < self.across {
            if self.used == self.ahead.len() {
                if self.damaged {
                    return Err(broken());
                }
                if !self.walk_on(first + mcu, scratch)? {
                    break;
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

    /// Reads MCUs of a row that starts with `first`, each by `read`, which is given its place in the row and a block of
    /// zeros to work with.
    #[inline(always)]
    fn each_mcu(
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

impl Part {
    /// Takes the DC coefficients of its blocks in some MCUs from one on.
    fn take<'f>(&mut self, first: u32, mcus: impl Iterator<Item = &'f [Block]>) {
        match (self.h, self.v) {
            (1, 1) => self.take_some::<1, 1>(first, mcus),
            (2, 1) => self.take_some::<2, 1>(first, mcus),
            (1, 2) => self.take_some::<1, 2>(first, mcus),
            (2, 2) => self.take_some::<2, 2>(first, mcus),
            (h, _) => {
                for (mcu, blocks) in (first as usize..).zip(mcus) {
                    for (row, blocks) in blocks.chunks_exact(h as usize).enumerate() {
                        let means = &mut self.means[row * self.stride + mcu * h as usize..];
                        for (mean, block) in means.iter_mut().zip(blocks) {
                            self.last = self.last.wrapping_add(block.difference());
                            *mean = self.last;
                        }
                    }
                }
            }
        }
    }

    fn take_some<'f, const H: usize, const V: usize>(&mut self, first: u32, mcus: impl Iterator<Item = &'f [Block]>) {
        let mut last = self.last;
        let mut rows = self.means.chunks_exact_mut(self.stride);
        let mut rows: [_; V] = std::array::from_fn(|_| {
            let row = rows.next().unwrap_or_default();
            row.as_chunks_mut::<H>().0.iter_mut().skip(first as usize)
        });
        for blocks in mcus {
            let mut blocks = blocks.as_chunks::<H>().0.iter();
            for row in &mut rows {
                let (Some(means), Some(blocks)) = (row.next(), blocks.next()) else { break };
                for (mean, block) in means.iter_mut().zip(blocks) {
                    last = last.wrapping_add(block.difference());
                    *mean = last;
                }
            }
        }
        self.last = last;
    }

    /// Reads the blocks of an MCU. `block` is zero before and after.
    #[inline(always)]
    fn mcu(
        &mut self,
        reader: &mut Reader<'_>,
        mcu: u32,
        row: u32,
        row_in_mcu: u32,
        band: &mut Band,
        block: &mut [i16; 64],
    ) -> Option<()> {
        for y in 0..self.v {
            let needed = band.needs_row(row * self.v + y);
            for x in 0..self.h {
                let column = mcu * self.h + x;
                let needed = needed && band.columns().contains(&column);
                let mean = (y as usize * self.stride) + column as usize;
                if needed && !band.is_mean() {
                    self.last = self.last.wrapping_add(self.dc.difference(reader)?);
                    let count = self.ac.coefficients(reader, block)?;
                    block[0] = self.last;
                    self.means[mean] = self.last;
                    band.put(column, row_in_mcu + y, block, count);
                    *block = [0; 64];
                    continue;
                }
                self.last = self.last.wrapping_add(self.skipped(reader, block)?);
                self.means[mean] = self.last;
                if needed {
                    band.put_mean(column, row_in_mcu + y, self.last);
                }
            }
        }
        Some(())
    }

    /// Puts the blocks of some MCUs whose DC coefficients have been found. They are known to be sound; and as none depends
    /// on the one before it, the processor reads several at a time.
    fn put_known(
        &self,
        bits: &[u8],
        starts: Starts<'_>,
        mcus: Range<u32>,
        (row, row_in_mcu): (u32, u32),
        band: &mut Band,
    ) {
        let columns = band.columns();
        for block_in_mcu in 0..self.h * self.v {
            let (x, y) = (block_in_mcu % self.h, block_in_mcu / self.h);
            if !band.needs_row(row * self.v + y) {
                continue;
            }
            // Of the MCUs, those whose column is needed.
            let first = columns.start.saturating_sub(x).div_ceil(self.h).max(mcus.start);
            let end = columns.end.saturating_sub(x).div_ceil(self.h).min(mcus.end);
            let means = &self.means[y as usize * self.stride..][..self.stride];
            let columns = (first..end).map(|mcu| mcu * self.h + x);
            let starts = starts.from((first - mcus.start) as usize, block_in_mcu as usize);
            let blocks = columns.zip(starts).map(|(column, &(start, difference))| {
                let behind = start + self.dc.difference_bits(bits, start, difference);
                (column, means[column as usize], behind)
            });
            if band.is_low() {
                band.put_low(
                    row_in_mcu + y,
                    blocks.map(|(column, dc, behind)| (column, dc, self.ac.low(bits, behind))),
                );
                continue;
            }
            for (column, dc, behind) in blocks {
                let mut block = [0; 64];
                let count = self.ac.coefficients(&mut Reader::at(bits, behind), &mut block).unwrap_or(64);
                block[0] = dc;
                band.put(column, row_in_mcu + y, &block, count);
            }
        }
    }

    /// Passes over a block; returns the difference of its DC coefficient.
    #[inline(always)]
    fn skipped(&self, reader: &mut Reader<'_>, block: &mut [i16; 64]) -> Option<i16> {
        match &self.skip {
            Some(skip) => skip.block(&self.dc, &self.ac, reader),
            None => {
                let difference = self.dc.difference(reader)?;
                self.ac.coefficients(reader, block)?;
                *block = [0; 64];
                Some(difference)
            }
        }
    }
}

/// The last DC coefficients of the parts of a scan.
fn last(parts: &[Part]) -> [i16; 4] {
    std::array::from_fn(|i| parts.get(i).map_or(0, |part| part.last))
}

/// The codes of parts that have tables for skipping, and for each part which of these it is: those that share tables
/// share them here too, and so the cache.
fn codes(parts: &[Part]) -> (Vec<Codes<'_>>, Vec<usize>) {
    let (mut codes, mut which): (Vec<Codes<'_>>, Vec<usize>) = (Vec::new(), Vec::new());
    for part in parts {
        let Some(skip) = part.skip.as_deref() else { continue };
        let known = codes.iter().position(|known| std::ptr::eq(known.skip, skip));
        which.push(known.unwrap_or(codes.len()));
        if known.is_none() {
            codes.push(Codes { dc: &part.dc, ac: &part.ac, skip });
        }
    }
    which.resize(parts.len(), 0);
    (codes, which)
}

/// The table of a number, which components may share.
fn once<T>(made: &mut [Option<Rc<T>>; 4], number: usize, make: impl FnOnce() -> Result<T>) -> Result<Rc<T>> {
    let Some(slot) = made.get_mut(number) else { return Ok(Rc::new(make()?)) };
    if slot.is_none() {
        *slot = Some(Rc::new(make()?));
    }
    slot.clone().ok_or_else(broken)
}
