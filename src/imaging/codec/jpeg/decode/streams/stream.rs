//! One stream of a walk: where it stands, and what it steps over.

use super::super::skip::LOOKAHEAD;
#[cfg(target_arch = "x86_64")]
use super::super::skip::Step;

/// Streams at once: three hide the latency, and their state fits the registers.
pub(super) const STREAMS: usize = 3;

/// The most bits that a step may take, by a table or by one symbol.
pub(super) const MAX_BITS: usize = 32;

pub(super) const TABLE: u32 = 1 << LOOKAHEAD;

/// The bits of a place that are the start of a table.
pub(super) const TABLES: u32 = 7 * TABLE;

/// What streams read.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Data<'d> {
    pub(super) bytes: &'d [u8],
    /// For each of the codes the steps from a block's start and those within a block.
    pub(super) steps: &'d [Step; 8 * TABLE as usize],
    /// For each block of an MCU the place within it, and the one where the next block starts. Of a place, bits 12–14 are
    /// the table of its steps, those from bit 16 the block.
    pub(super) places: &'d [[u32; 2]; 16],
}

/// The blocks that streams have found, as their bytes.
pub(super) type Out = [[u8; 4]];

/// What a walk has found of a block: the difference of its DC coefficient, and where it ends.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Block(pub(super) u32);

impl Block {
    pub(super) const fn new(difference: u32, end: usize) -> Self {
        Self(difference & 0xffff | (end as u32) << 16)
    }

    pub(in super::super) const fn difference(self) -> i16 {
        self.0 as i16
    }

    /// The bit behind the block, if it is less than 2¹⁶ bits behind another one.
    pub(in super::super) const fn end(self, other: usize) -> usize {
        other + ((self.0 >> 16) as u16).wrapping_sub(other as u16) as usize
    }
}

/// One place of a walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stream {
    /// Bits read.
    pub(super) position: usize,
    pub(super) place: u32,
    /// What steps have added up to since the block's start, but for the bits: advances, and the difference.
    pub(super) sum: u32,
    /// Where in the buffer the block goes.
    pub(super) out: usize,
}

/// A stream on its way through a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub(super) segment: usize,
    pub(super) stream: Stream,
    /// The bit where it began, and the one where the segment ends.
    pub(super) start: usize,
    pub(super) border: usize,
    /// The end of its part of the buffer.
    pub(super) end: usize,
}

impl Course {
    /// How many steps of a stream in it pass neither the border nor the end.
    pub(super) fn steps(&self, stream: &Stream) -> usize {
        (self.border.saturating_sub(stream.position) / MAX_BITS).min(self.end.saturating_sub(stream.out))
    }
}
