//! A component of a scan.

use std::ops::Range;
use std::rc::Rc;

use super::super::band::Band;
use super::super::bits::Reader;
use super::super::huffman::Table;
use super::super::skip::SkipTable;
use super::super::streams::{Block, Codes};

/// A component on its way through a scan: its codes, and the DC coefficients of the row.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) component: usize,
    pub(super) dc: Rc<Table>,
    pub(super) ac: Rc<Table>,
    pub(super) skip: Option<Rc<SkipTable>>,
    /// Blocks of an MCU across and down.
    pub(super) h: u32,
    pub(super) v: u32,
    /// Rows of blocks in a row of the picture's MCUs, and in the whole scan.
    pub(super) rows: u32,
    pub(super) all_rows: u32,
    /// The last DC coefficient.
    pub(super) last: i16,
    /// The step of DC coefficients.
    pub(super) step: u16,
    /// The DC coefficients of a row of MCUs, row by row, and how many a row has.
    pub(super) means: Vec<i16>,
    pub(super) stride: usize,
}

/// Where the blocks of a component begin in some MCUs, and the differences of their DC coefficients.
#[derive(Clone, Copy)]
pub(super) struct Starts<'b> {
    /// From the component's first block on, with those of the other components between.
    pub(super) starts: &'b [(usize, i16)],
    /// Blocks of an MCU.
    pub(super) blocks: usize,
}

impl<'b> Starts<'b> {
    /// Those of the same block of each MCU from one on.
    pub(super) fn from(self, mcu: usize, block: usize) -> impl Iterator<Item = &'b (usize, i16)> {
        self.starts.iter().skip(mcu * self.blocks + block).step_by(self.blocks)
    }
}

impl Part {
    /// Takes the DC coefficients of its blocks in some MCUs from one on.
    pub(super) fn take<'f>(&mut self, first: u32, mcus: impl Iterator<Item = &'f [Block]>) {
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
    pub(super) fn mcu(
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

    /// Reads the blocks of an MCU for the bands of several outputs, of which none asks for means alone. `block` is zero before
    /// and after.
    #[inline(always)]
    pub(super) fn mcu_for_all(
        &mut self,
        reader: &mut Reader<'_>,
        mcu: u32,
        row: u32,
        row_in_mcu: u32,
        outputs: &mut [Vec<Band>],
        block: &mut [i16; 64],
    ) -> Option<()> {
        for y in 0..self.v {
            for x in 0..self.h {
                let column = mcu * self.h + x;
                let needs = |band: &Band| band.needs_row(row * self.v + y) && band.columns().contains(&column);
                let is_needed = outputs.iter().any(|bands| needs(&bands[self.component]));
                let difference = if is_needed { self.dc.difference(reader)? } else { self.skipped(reader, block)? };
                self.last = self.last.wrapping_add(difference);
                self.means[y as usize * self.stride + column as usize] = self.last;
                if !is_needed {
                    continue;
                }
                let count = self.ac.coefficients(reader, block)?;
                block[0] = self.last;
                for bands in &mut *outputs {
                    let band = &mut bands[self.component];
                    if needs(band) {
                        band.put(column, row_in_mcu + y, block, count);
                    }
                }
                *block = [0; 64];
            }
        }
        Some(())
    }

    /// Puts the blocks of some MCUs whose DC coefficients have been found. They are known to be sound; and as none depends
    /// on the one before it, the processor reads several at a time.
    pub(super) fn put_known(
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
    pub(super) fn skipped(&self, reader: &mut Reader<'_>, block: &mut [i16; 64]) -> Option<i16> {
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
pub(super) fn codes(parts: &[Part]) -> (Vec<Codes<'_>>, Vec<usize>) {
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
