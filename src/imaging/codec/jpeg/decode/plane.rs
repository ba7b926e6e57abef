//! The coefficients of one component of a picture whose scans are gathered.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::limits::zeros;

use super::band::Band;
use super::coefficients::Quantization;
use super::frame::{Component, Frame};

/// A coefficient that no scan has given yet.
pub(super) const UNKNOWN: u8 = 0xff;

/// Bytes of a block's coefficients.
const BYTES: u64 = 128;

/// Bytes that go with each of these.
const MASK_BYTES: u64 = 8;

/// The coefficients of one component, as far down as they are wanted.
#[derive(Debug)]
pub(super) struct Plane<'c> {
    /// Blocks across, with those that only fill the last MCU, and rows of blocks that are wanted.
    pub(super) across: u32,
    pub(super) rows: u32,
    /// Blocks that hold samples, across and down; what scans of one component hold.
    pub(super) real: (u32, u32),
    /// Words of each block: 64, or 1 if only the DC coefficients are wanted.
    pub(super) per_block: usize,
    /// Per block, 64 words in native order of bytes, row by row, or the DC coefficient alone.
    pub(super) words: &'c mut [[u8; 2]],
    /// For each block which AC coefficients, in the order of the file, differ from zero. Of scans that are not progressive
    /// the last of them is enough.
    pub(super) nonzero: Vec<u64>,
    /// For each coefficient in the order of the file, the bit below which it is undecided; [`UNKNOWN`] at first.
    pub(super) low: [u8; 64],
    /// For each coefficient the rows of blocks that all its scans have given so far; more than there are if none was
    /// damaged.
    pub(super) sound: [u32; 64],
    pub(super) steps: Option<Quantization>,
}

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

impl<'c> Plane<'c> {
    /// Takes what the first rows of MCUs need from the start of `memory`, which is zero; returns the rest of it.
    pub(super) fn new(
        frame: &Frame,
        component: &Component,
        mcu_rows: u32,
        only_dc: bool,
        memory: &'c mut [[u8; 2]],
    ) -> (Self, &'c mut [[u8; 2]]) {
        let per_block = if only_dc { 1 } else { 64 };
        let (across, rows) = (frame.mcus().0 * component.h, mcu_rows * component.v);
        let (words, rest) = memory.split_at_mut((across * rows) as usize * per_block);
        let nonzero = zeros(if only_dc { 0 } else { (across * rows) as usize });
        let real = frame.blocks(component);
        let (low, sound) = ([UNKNOWN; 64], [u32::MAX; 64]);
        (Self { across, rows, real, per_block, words, nonzero, low, sound, steps: None }, rest)
    }

    /// Puts a whole block, given row by row, of which nothing is known yet. Of the AC coefficients, in the order of the
    /// file, none differs from zero from `count` on.
    #[inline]
    pub(super) fn put(&mut self, index: usize, block: &[i16; 64], count: u32) {
        if self.per_block == 1 {
            if let Some(word) = self.words.get_mut(index) {
                *word = block[0].to_ne_bytes();
            }
            return;
        }
        let words = self.words.get_mut(64 * index..).and_then(<[_]>::first_chunk_mut::<64>);
        if let (Some(words), Some(nonzero)) = (words, self.nonzero.get_mut(index)) {
            *words = block.map(i16::to_ne_bytes);
            *nonzero = 1 << (count.clamp(1, 64) - 1);
        }
    }

    /// A block and its mask, to be changed.
    #[inline]
    pub(super) fn block_mut(&mut self, index: usize) -> Option<(&mut [[u8; 2]; 64], &mut u64)> {
        Some((self.words.get_mut(64 * index..)?.first_chunk_mut()?, self.nonzero.get_mut(index)?))
    }

    /// Makes all blocks as bright as can be, by their DC coefficients; a scan that gives these puts others into their places.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(super) fn brighten(&mut self, cancel: Cancel<'_>) -> Result<()> {
        // 8 · 127 is what the brightest block has; with the steps that files hold, the product does not overflow.
        let step = self.steps.map_or(1, |steps| steps[0].max(1));
        let dc = 1016u16.div_ceil(step) as i16;
        cancel.each(self.words.chunks_mut(self.per_block << 14), |blocks| {
            blocks.iter_mut().step_by(self.per_block).for_each(|word| *word = dc.to_ne_bytes());
        })
    }

    /// Puts the blocks of a row of MCUs that the band needs.
    pub(super) fn mcu_row(&self, row: u32, band: &mut Band) {
        for y in 0..band.grid.v {
            let block_row = row * band.grid.v + y;
            if !band.needs_row(block_row) || block_row >= self.rows {
                continue;
            }
            for column in band.columns() {
                let index = (block_row * self.across + column) as usize * self.per_block;
                if self.per_block == 1 {
                    band.put_mean(column, y, i16::from_ne_bytes(self.words[index]));
                    continue;
                }
                let Some(words) = self.words[index..].first_chunk::<64>() else { continue };
                // The last coefficient of all, in the order of the file, that differs from zero.
                let count = 64 - (self.nonzero[index / 64] | 1).leading_zeros();
                band.put(column, y, &words.map(i16::from_ne_bytes), count);
            }
        }
    }

    /// The DC coefficients of all blocks.
    pub(super) fn dcs(&self) -> impl Iterator<Item = i16> {
        self.words.iter().step_by(self.per_block).map(|word| i16::from_ne_bytes(*word))
    }
}
