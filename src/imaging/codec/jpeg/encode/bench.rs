//! The forward transform alone, for benches.

use crate::imaging::kernel::isa::cpu::Cpu;

use super::tables::steps;
use super::transform::{Block, Quantizer, transform};

/// Transforms luma for files of one quality.
#[derive(Debug)]
pub(crate) struct Forward(Quantizer);

/// Transformed blocks, row by row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Blocks(Vec<Block>);

impl Forward {
    pub(crate) fn new(quality: u8) -> Self {
        Self(Quantizer::new(&steps(0, quality)))
    }

    /// Transforms a plane whose width is a multiple of 8; rows that fill no block are left out.
    pub(crate) fn run(&self, cpu: Cpu, samples: &[u8], width: usize, blocks: &mut Blocks) {
        let (across, lines) = (width / 8, samples.chunks_exact(8 * width));
        blocks.0.resize(across * lines.len(), Block::ZERO);
        for (samples, blocks) in lines.zip(blocks.0.chunks_exact_mut(across)) {
            transform(cpu, samples, width, &self.0, blocks);
        }
    }
}

impl Blocks {
    /// The coefficients of each.
    pub(crate) fn coefficients(&self) -> Vec<[i16; 64]> {
        self.0.iter().map(|block| block.coefficients).collect()
    }
}
