//! A conversion between two devices, in whole numbers.

use crate::base::error::Result;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;

use super::compile::compiled;
use super::gray::GrayTables;
use super::icc::Icc;
use super::kinds::{Channels, Intent};
use super::link::linked;
use super::program::{Program, run};
use super::tables::Samples;

/// A conversion between two devices.
#[derive(Debug)]
pub(super) struct Conversion(Work);

#[derive(Debug)]
enum Work {
    Gray(GrayTables),
    Program(Program),
}

impl Conversion {
    /// # Errors
    ///
    /// A profile cannot be converted from or to.
    pub(super) fn new(from: &Icc, to: &Icc, intent: Intent, bpc: bool) -> Result<Self> {
        let stages = linked(from, to, intent, bpc)?;
        let (inputs, outputs) = (from.channels.count(), to.channels.count());
        Ok(Self(match from.channels {
            Channels::Gray => Work::Gray(GrayTables::new(stages, outputs)),
            Channels::Rgb | Channels::Cmyk => Work::Program(compiled(&stages, inputs, outputs)),
        }))
    }

    pub(super) fn row(&self, cpu: Cpu, from: [&[u8]; 4], to: [&mut [u8]; 4]) {
        match &self.0 {
            Work::Gray(tables) => tables.row(from[0], to),
            Work::Program(program) => rows(program, cpu, from, to),
        }
    }

    pub(super) fn row_wide(&self, cpu: Cpu, from: [&[u16]; 4], to: [&mut [u8]; 4]) {
        match &self.0 {
            Work::Gray(tables) => tables.row_wide(from[0], to),
            Work::Program(program) => rows(program, cpu, from, to),
        }
    }

    /// What it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        match &self.0 {
            Work::Gray(tables) => tables.bytes(),
            Work::Program(program) => program.bytes(),
        }
    }
}

/// The loops are the same text for every level, in whole numbers; the compiler makes vectors of them where the level has any.
fn rows<S: Samples>(program: &Program, cpu: Cpu, from: [&[S]; 4], to: [&mut [u8]; 4]) {
    at_level!(cpu, |simd| run(program, from, to), else run(program, from, to));
}
