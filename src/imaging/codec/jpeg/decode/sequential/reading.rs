//! How scans are read.

use crate::base::pool::Pool;
use crate::imaging::kernel::isa::cpu::Cpu;

use super::super::streams::Block;

/// What is worth keeping between pictures.
#[derive(Debug, Default)]
pub(in crate::imaging::codec) struct Buffers {
    pub(super) bits: Vec<u8>,
    pub(super) ahead: Vec<Block>,
}

impl Buffers {
    pub(in crate::imaging::codec) const fn bytes(&self) -> usize {
        self.bits.capacity() + self.ahead.capacity() * size_of::<Block>()
    }
}

/// How scans are read.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Reading<'p> {
    pub(in super::super) cpu: Cpu,
    /// Threads that may help.
    pub(in super::super) pool: &'p Pool,
    pub(in super::super) skips: Skips,
    /// Nothing but means, or if `low` the lowest coefficients of luma, is wanted of rows of MCUs before this one.
    pub(in super::super) only_means: u32,
    pub(in super::super) low: bool,
    /// Single rows are sought out: little is unstuffed at a time.
    pub(in super::super) seeks: bool,
}

/// Which blocks are passed over several symbols at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Skips {
    /// None: all are wanted, or the job takes no fast path.
    None,
    /// Those around a window.
    Some,
    /// The same, and in several places at once those of which nothing but means is wanted.
    Walk,
}
