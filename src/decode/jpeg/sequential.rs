//! Baseline and extended sequential scans: blocks are decoded, transformed and forgotten, one row of MCUs at a time.
//!
//! Where components have scans of their own, these are read side by side, so that no more of the picture has to be held
//! than where all components share one.

use std::rc::Rc;

use crate::error::Result;

use super::super::damaged;
use super::band::Band;
use super::bits::{self, Bits, Reader};
use super::frame::Frame;
use super::huffman::Table;
use super::scan::{Scan, Scans, cut_off, defined};
use super::skip::SkipTable;
use super::streams::{self, Codes, Walk};
use super::tables::{Quantisation, Tables};

/// Bytes from where it pays to walk in several places at once.
const LONG: usize = 1 << 16;

/// All scans of a picture.
#[derive(Debug)]
pub(super) struct Sequential<'a> {
    tracks: Vec<Track<'a>>,
}

impl<'a> Sequential<'a> {
    /// Finds the scans of all components; also returns the components' steps.
    pub(super) fn new(bytes: &'a [u8], frame: &Frame, skips: Skips) -> Result<(Self, Vec<Quantisation>)> {
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
            tracks.push(Track::new(&scan, &scans.tables, frame, skips)?);
        }
        Ok((Self { tracks }, steps.into_iter().flatten().collect()))
    }

    /// Passes over as many as it pays of the first rows of MCUs, of which nothing is needed; [`mcu_row`](Self::mcu_row)
    /// passes over the others.
    pub(super) fn pass(&mut self, rows: u32, scratch: &mut Vec<u8>) {
        self.tracks.iter_mut().for_each(|track| track.pass(rows, scratch));
    }

    /// Reads the next row of MCUs of the picture, and puts the blocks that `bands` need.
    pub(super) fn mcu_row(&mut self, row: u32, bands: &mut [Band], scratch: &mut Vec<u8>) -> Result<()> {
        self.tracks.iter_mut().try_for_each(|track| track.mcu_row(row, bands, scratch))
    }
}

/// One scan on its way through the picture.
#[derive(Debug)]
struct Track<'a> {
    bits: Bits<'a>,
    parts: Vec<Part>,
    /// The blocks of an MCU: part, and place in the part's means if it is the first MCU.
    pattern: Vec<(usize, usize)>,
    /// MCUs across; a scan of one component has MCUs of one block.
    across: u32,
    restart: Restart,
    /// For a long scan of which nothing but means is wanted.
    walk: Option<Walk>,
    /// What it found ahead: differences of DC coefficients, of which the first have been used.
    ahead: Vec<i16>,
    used: usize,
    /// What follows is damaged.
    damaged: bool,
    /// MCUs of the scan that have been passed over before its first row was asked for.
    passed: u32,
}

/// Which blocks are passed over several symbols at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Skips {
    /// None: all are wanted, or it is the plain way, by which the others are judged.
    None,
    /// Those around a window.
    Some,
    /// The same, and many above it.
    Below,
    /// All: nothing but means is wanted.
    All,
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
    /// The DC coefficients of a row of MCUs, row by row.
    means: Vec<i16>,
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
    fn new(scan: &Scan<'a>, tables: &Tables, frame: &Frame, skips: Skips) -> Result<Self> {
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
            let skip = (skips != Skips::None).then(|| {
                let made = skip_tables.iter().find(|(codes, _)| *codes == (part.dc, part.ac));
                made.map_or_else(|| Rc::new(SkipTable::new(dc_code, ac_code)), |(_, table)| Rc::clone(table))
            });
            skip_tables.extend(skip.iter().map(|table| ((part.dc, part.ac), Rc::clone(table))));
            let (blocks, all_rows) = frame.blocks(component);
            let (h, v) = if alone { (1, 1) } else { (component.h, component.v) };
            let all_rows = if alone { all_rows } else { frame.mcus().1 * v };
            if alone {
                across = blocks;
            }
            let rows = component.v;
            let means = vec![0; (across * h * v) as usize];
            let slots = (0..h * v).map(|i| (parts.len(), (i / h * across * h + i % h) as usize));
            pattern.extend(slots);
            parts.push(Part { component: part.component, dc, ac, skip, h, v, rows, all_rows, last: 0, means });
        }
        let walks = matches!(skips, Skips::All | Skips::Below) && tables.restart == 0 && scan.data.len() > LONG;
        let walk = walks.then(|| {
            let (codes, which) = codes(&parts);
            Walk::new(&codes, pattern.iter().map(|&(part, _)| which[part]))
        });
        let chunk = if walks { scan.data.len().min(streams::CHUNK) } else { 0 };
        Ok(Self {
            bits: Bits::new(scan.data, chunk.max(bits::CHUNK)),
            parts,
            pattern,
            across,
            restart: Restart::new(tables.restart),
            walk,
            ahead: Vec::new(),
            used: 0,
            damaged: false,
            passed: 0,
        })
    }

    fn pass(&mut self, rows: u32, scratch: &mut Vec<u8>) {
        let Some(walk) = self.walk.take_if(|_| rows > 0) else { return };
        let rows = if let [part] = &self.parts[..] { (rows * part.rows).min(part.all_rows) } else { rows };
        let (wanted, blocks) = (rows * self.across, self.pattern.len());
        let (codes, _) = codes(&self.parts);
        let mut last = vec![0i16; self.parts.len()];
        let mut most = usize::MAX;
        while self.passed < wanted {
            let (bytes, start, end) = self.bits.ahead();
            let (mut differences, end) = (Vec::new(), end.min(start.saturating_add(most)));
            let found = walk.walk(&codes, bytes, (start, end), scratch, &mut differences);
            // What is damaged is met again, and told, by the way of single MCUs.
            let Some((position, false)) = found else { break };
            let (mcus, left) = (differences.len() / blocks, (wanted - self.passed) as usize);
            if mcus == 0 {
                break;
            }
            if mcus > left {
                // Too far: again with about as much as is left, and a little less.
                most = (end - start) / mcus * left / 16 * 15;
                continue;
            }
            for (&(part, _), difference) in self.pattern.iter().cycle().zip(differences) {
                last[part] = last[part].wrapping_add(difference);
            }
            if !self.bits.advance(position) {
                break;
            }
            self.passed += mcus as u32;
        }
        self.parts.iter_mut().zip(last).for_each(|(part, last)| part.last = last);
    }

    fn mcu_row(&mut self, row: u32, bands: &mut [Band], scratch: &mut Vec<u8>) -> Result<()> {
        if let [part] = &self.parts[..] {
            let (first, end) = (row * part.rows, ((row + 1) * part.rows).min(part.all_rows));
            for (row_in_mcu, block_row) in (0..).zip(first..end) {
                self.row_of_mcus(block_row, row_in_mcu, bands, scratch)?;
            }
            return Ok(());
        }
        self.row_of_mcus(row, 0, bands, scratch)
    }

    /// Reads a row of the scan's own MCUs, which starts in this row of the picture's.
    fn row_of_mcus(&mut self, row: u32, row_in_mcu: u32, bands: &mut [Band], scratch: &mut Vec<u8>) -> Result<()> {
        let passed = self.passed.saturating_sub(row * self.across).min(self.across);
        if passed == self.across {
            return Ok(());
        }
        let only_means = |part: &Part| bands[part.component].only_means(row * part.v..(row + 1) * part.v);
        if !self.parts.iter().all(only_means) {
            return self.each_mcu(passed, |parts, _, reader, mcu, block| {
                let mut parts = parts.iter_mut();
                parts.try_for_each(|part| part.mcu(reader, mcu, row, row_in_mcu, &mut bands[part.component], block))
            });
        }
        let known = passed.max(self.look_ahead(scratch)?);
        self.each_mcu(known, |parts, pattern, reader, mcu, block| {
            for &(part, place) in pattern {
                let part = &mut parts[part];
                part.last = part.last.wrapping_add(part.skipped(reader, block)?);
                part.means[place + (mcu * part.h) as usize] = part.last;
            }
            Some(())
        })?;
        for part in &self.parts {
            let band = &mut bands[part.component];
            for (y, means) in (0..).zip(part.means.chunks_exact((self.across * part.h) as usize)) {
                if band.needs_row(row * part.v + y) {
                    band.put_means(row_in_mcu + y, means);
                }
            }
        }
        Ok(())
    }

    /// Takes the means of a row of MCUs from what streams have found ahead; returns how many MCUs that were.
    fn look_ahead(&mut self, scratch: &mut Vec<u8>) -> Result<u32> {
        let blocks = self.pattern.len();
        let wanted = self.across as usize * blocks;
        while let Some(walk) = &mut self.walk
            && !self.damaged
            && self.ahead.len() - self.used < wanted
        {
            self.ahead.drain(..self.used);
            self.used = 0;
            let (codes, _) = codes(&self.parts);
            let (bytes, start, end) = self.bits.ahead();
            match walk.walk(&codes, bytes, (start, end), scratch, &mut self.ahead) {
                Some((position, damaged)) => {
                    self.damaged = damaged || !self.bits.advance(position);
                }
                // The rest is too short.
                None => self.walk = None,
            }
        }
        let found = &self.ahead[self.used..];
        let found = &found[..found.len().min(wanted)];
        self.used += found.len();
        for (mcu, differences) in found.chunks_exact(blocks).enumerate() {
            for (&(part, place), difference) in self.pattern.iter().zip(differences) {
                let part = &mut self.parts[part];
                part.last = part.last.wrapping_add(*difference);
                part.means[place + mcu * part.h as usize] = part.last;
            }
        }
        if self.damaged && found.len() < wanted {
            return Err(broken());
        }
        Ok((found.len() / blocks) as u32)
    }

    /// Reads a row of MCUs from one on, each by `read`, which is given its number and a block of zeros to work with.
    #[inline(always)]
    fn each_mcu(
        &mut self,
        first: u32,
        mut read: impl FnMut(&mut [Part], &[(usize, usize)], &mut Reader<'_>, u32, &mut [i16; 64]) -> Option<()>,
    ) -> Result<()> {
        let (mut mcu, mut block) = (first, [0; 64]);
        while mcu < self.across {
            if self.restart.due(&mut self.bits)? {
                self.parts.iter_mut().for_each(|part| part.last = 0);
            }
            let (mut reader, until) = self.bits.readers();
            loop {
                read(&mut self.parts, &self.pattern, &mut reader, mcu, &mut block).ok_or_else(broken)?;
                mcu += 1;
                if reader.position() > until || mcu == self.across || !self.restart.pass() {
                    break;
                }
            }
            let position = reader.position();
            if !self.bits.advance(position) {
                return Err(broken());
            }
        }
        Ok(())
    }
}

impl Part {
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
                if needed && !band.is_mean() {
                    self.last = self.last.wrapping_add(self.dc.difference(reader)?);
                    let count = self.ac.coefficients(reader, block)?;
                    block[0] = self.last;
                    band.put(column, row_in_mcu + y, block, count);
                    *block = [0; 64];
                    continue;
                }
                self.last = self.last.wrapping_add(self.skipped(reader, block)?);
                if needed {
                    band.put_mean(column, row_in_mcu + y, self.last);
                }
            }
        }
        Some(())
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
