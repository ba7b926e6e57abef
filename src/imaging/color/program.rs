//! A conversion in whole numbers, which every set of instructions carries out alike.
//!
//! Components of a block of pixels lie in columns. Each step reads and writes all columns, so that the choice of the step is
//! made once for a block. A component is a whole number from 0 to the `one` of its [`Scale`](super::tables::Scale).

use std::sync::Arc;

use super::steps::{BLOCK, Block, Nodes, Sums};
use super::tables::{Entry, Exit, Lookup, Samples};

/// A stage of whole numbers.
#[derive(Debug)]
pub(super) enum Step {
    Sums(Sums),
    Lookup(Vec<Arc<Lookup>>),
    Tetrahedral(Nodes),
    Trilinear(Nodes),
    /// The first component in a straight line, the others in tetrahedra.
    Quaternary(Nodes),
}

/// A conversion in whole numbers.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) entries: Vec<Entry>,
    pub(super) steps: Vec<Step>,
    pub(super) exits: Vec<Arc<Exit>>,
}

impl Program {
    pub(super) fn bytes(&self) -> usize {
        let entries: usize = self.entries.iter().map(Entry::bytes).sum();
        let steps = self.steps.iter().map(|step| match step {
            Step::Sums(_) => size_of::<Sums>(),
            Step::Lookup(lookups) => lookups.iter().map(|lookup| lookup.bytes()).sum(),
            Step::Tetrahedral(nodes) | Step::Trilinear(nodes) | Step::Quaternary(nodes) => size_of_val(&*nodes.values),
        });
        entries + steps.sum::<usize>() + self.exits.iter().map(|exit| exit.bytes()).sum::<usize>()
    }
}

/// Converts rows. Planes that a device does not have are not looked at.
#[inline(always)]
pub(super) fn run<S: Samples>(program: &Program, from: [&[S]; 4], mut to: [&mut [u8]; 4]) {
    let inputs = from.iter().take(program.entries.len()).map(|plane| plane.len());
    let outputs = to.iter().take(program.exits.len()).map(|plane| plane.len());
    let count = inputs.chain(outputs).min().unwrap_or(0);
    let mut block: Block = [[0; BLOCK]; 4];
    let mut at = 0;
    while at < count {
        let len = BLOCK.min(count - at);
        for ((entry, from), column) in program.entries.iter().zip(from).zip(&mut block) {
            S::enter(entry, &from[at..at + len], &mut column[..len]);
        }
        for step in &program.steps {
            step.run(&mut block, len);
        }
        for ((exit, to), column) in program.exits.iter().zip(&mut to).zip(&mut block) {
            exit.run(&mut column[..len], &mut to[at..at + len]);
        }
        at += len;
    }
}

impl Step {
    #[inline(always)]
    fn run(&self, block: &mut Block, len: usize) {
        match self {
            Self::Sums(sums) => sums.run(block, len),
            Self::Lookup(lookups) => {
                for (lookup, column) in lookups.iter().zip(block) {
                    lookup.run(&mut column[..len]);
                }
            }
            // All but those towards inks have three components or one.
            Self::Tetrahedral(nodes) if nodes.outputs < 4 => nodes.tetrahedral::<3>(block, len),
            Self::Tetrahedral(nodes) => nodes.tetrahedral::<4>(block, len),
            Self::Trilinear(nodes) if nodes.outputs < 4 => nodes.trilinear::<3>(block, len),
            Self::Trilinear(nodes) => nodes.trilinear::<4>(block, len),
            Self::Quaternary(nodes) => nodes.quaternary::<3>(block, len),
        }
    }
}
