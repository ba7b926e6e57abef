//! Baseline and extended sequential scans: blocks are decoded, transformed and forgotten, one row of MCUs at a time.
//!
//! Where components have scans of their own, these are read side by side, so that no more of the picture has to be held
//! than where all components share one.

use std::rc::Rc;

use crate::error::Result;
use crate::kernel::cpu::Cpu;

use super::super::damaged;
use super::band::Band;
use super::bits::{Bits, Reader};
use super::frame::Frame;
use super::huffman::{SkipTable, Table};
use super::scan::{Scan, Scans, cut_off, defined};
use super::tables::{Quantisation, Tables};

/// All scans of a picture.
#[derive(Debug)]
pub(super) struct Sequential<'a> {
    tracks: Vec<Track<'a>>,
}

impl<'a> Sequential<'a> {
    /// Finds the scans of all components; also returns the components' steps.
    pub(super) fn new(bytes: &'a [u8], frame: &Frame, cpu: Cpu) -> Result<(Self, Vec<Quantisation>)> {
        let mut scans = Scans::new(bytes, frame);
        let mut steps: Vec<Option<Quantisation>> = vec![None; frame.components.len()];
        let mut tracks = Vec::new();
        while steps.iter().any(Option::is_none) {
            if !tracks.is_empty() {
                scans.pass_data();
            }
            let Some(scan) = scans.next()? else { return Err(cut_off("a component has no scan")) };
            for part in &scan.parts {
                let table = scans.tables.quantisation[frame.components[part.component].table].clone();
                let Some(table) = table else { return Err(damaged("is a damaged JPEG", &"steps are not defined")) };
                if steps[part.component].replace(table).is_some() {
                    return Err(damaged("is a damaged JPEG", &"a component has two scans"));
                }
            }
            tracks.push(Track::new(&scan, &scans.tables, frame, cpu)?);
        }
        Ok((Self { tracks }, steps.into_iter().flatten().collect()))
    }

    /// Reads the next row of MCUs of the picture, and puts the blocks that `bands` need.
    pub(super) fn mcu_row(&mut self, row: u32, bands: &mut [Band]) -> Result<()> {
        self.tracks.iter_mut().try_for_each(|track| track.mcu_row(row, bands))
    }
}

/// One scan on its way through the picture.
#[derive(Debug)]
struct Track<'a> {
    bits: Bits<'a>,
    parts: Vec<Part>,
    /// MCUs across; a scan of one component has MCUs of one block.
    across: u32,
    restart: Restart,
}

#[derive(Debug)]
struct Part {
    component: usize,
    dc: Rc<Table>,
    ac: Rc<Table>,
    /// On levels above the portable one, and where there is no other.
    skip: Option<Rc<SkipTable>>,
    /// Blocks of an MCU across and down.
    h: u32,
    v: u32,
    /// Rows of blocks in a row of the picture's MCUs, and in the whole scan.
    rows: u32,
    all_rows: u32,
    /// The last DC coefficient.
    last: i16,
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
}

pub(super) fn broken() -> crate::error::Error {
    damaged("is a damaged JPEG", &"entropy-coded data is damaged or cut off")
}

impl<'a> Track<'a> {
    fn new(scan: &Scan<'a>, tables: &Tables, frame: &Frame, cpu: Cpu) -> Result<Self> {
        let alone = scan.parts.len() == 1;
        let (mut parts, mut across) = (Vec::new(), frame.mcus().0);
        let (mut dcs, mut acs, mut skip_tables) = Default::default();
        for part in &scan.parts {
            let component = &frame.components[part.component];
            let dc = once(&mut dcs, part.dc, || {
                let table = Table::dc(defined(&tables.dc, part.dc)?);
                table.ok_or_else(|| damaged("is a damaged JPEG", &"a DC difference is too long"))
            })?;
            let code = defined(&tables.ac, part.ac)?;
            let ac = once(&mut acs, part.ac, || Ok(Table::ac(code)))?;
            let skip = match skips(cpu) {
                true => Some(once(&mut skip_tables, part.ac, || Ok(SkipTable::new(code)))?),
                false => None,
            };
            let (blocks, all_rows) = frame.blocks(component);
            let (h, v) = if alone { (1, 1) } else { (component.h, component.v) };
            let all_rows = if alone { all_rows } else { frame.mcus().1 * v };
            if alone {
                across = blocks;
            }
            let rows = component.v;
            parts.push(Part { component: part.component, dc, ac, skip, h, v, rows, all_rows, last: 0 });
        }
        Ok(Self { bits: Bits::new(scan.data), parts, across, restart: Restart::new(tables.restart) })
    }

    fn mcu_row(&mut self, row: u32, bands: &mut [Band]) -> Result<()> {
        if let [part] = &self.parts[..] {
            let (first, end) = (row * part.rows, ((row + 1) * part.rows).min(part.all_rows));
            for (row_in_mcu, block_row) in (0..).zip(first..end) {
                self.row_of_mcus(block_row, row_in_mcu, bands)?;
            }
            return Ok(());
        }
        self.row_of_mcus(row, 0, bands)
    }

    /// Reads a row of the scan's own MCUs, which starts in this row of the picture's.
    fn row_of_mcus(&mut self, row: u32, row_in_mcu: u32, bands: &mut [Band]) -> Result<()> {
        let mut block = [0; 64];
        for mcu in 0..self.across {
            if self.restart.due(&mut self.bits)? {
                self.parts.iter_mut().for_each(|part| part.last = 0);
            }
            let mut reader = self.bits.reader();
            for part in &mut self.parts {
                let band = &mut bands[part.component];
                if part.mcu(&mut reader, mcu, row, row_in_mcu, band, &mut block).is_none() {
                    return Err(broken());
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
    #[inline]
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
                self.last = self.last.wrapping_add(self.dc.difference(reader)?);
                let needed = needed && band.columns().contains(&column);
                if needed && !band.is_mean() {
                    let count = self.ac.coefficients(reader, block)?;
                    block[0] = self.last;
                    band.put(column, row_in_mcu + y, block, count);
                    *block = [0; 64];
                    continue;
                }
                match &self.skip {
                    Some(skip) => skip.skip(&self.ac, reader)?,
                    None => {
                        self.ac.coefficients(reader, block)?;
                        *block = [0; 64];
                    }
                }
                if needed {
                    band.put_mean(column, row_in_mcu + y, self.last);
                }
            }
        }
        Some(())
    }
}

/// The table of a number, which components may share.
fn once<T>(made: &mut [Option<Rc<T>>; 4], number: usize, make: impl FnOnce() -> Result<T>) -> Result<Rc<T>> {
    let Some(slot) = made.get_mut(number) else { return Ok(Rc::new(make()?)) };
    if slot.is_none() {
        *slot = Some(Rc::new(make()?));
    }
    slot.clone().ok_or_else(broken)
}

/// Whether blocks are passed over several symbols at a time. The portable level of a CPU that has another one does not:
/// it is the plain way, by which the others are judged.
fn skips(cpu: Cpu) -> bool {
    cfg!(not(target_arch = "x86_64")) || cpu.avx2().is_some()
}
