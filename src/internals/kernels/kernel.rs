//! A kernel with something to work on.

use crate::imaging::codec::Blocks;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::raster::{Plane, Raster};

/// A kernel, and a picture for it.
pub struct Kernel {
    /// What it does.
    pub name: &'static str,
    /// Pixels that it makes or goes through in a run.
    pub pixels: u64,
    /// There is more than portable code.
    pub has_levels: bool,
    pub(super) work: Work,
}

pub(super) type Work = Box<dyn FnMut(Cpu, &mut Answer)>;

/// What a kernel has made. Memory is used again by the next run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub(super) samples: Vec<u8>,
    pub(super) blocks: Blocks,
    pub(super) picture: Option<Raster>,
}

impl Kernel {
    /// Runs it on all of its picture.
    pub fn run(&mut self, level: CpuLevel, answer: &mut Answer) {
        (self.work)(Cpu::detect(level), answer);
    }

    pub(super) fn new(name: &'static str, pixels: u64, work: impl FnMut(Cpu, &mut Answer) + 'static) -> Self {
        Self { name, pixels, has_levels: false, work: Box::new(work) }
    }

    pub(super) fn with_levels(self) -> Self {
        Self { has_levels: true, ..self }
    }
}

impl Answer {
    /// Is anything but zeros.
    #[must_use]
    pub fn is_something(&self) -> bool {
        let of_picture = |raster: &Raster| raster.planes().iter().any(|plane| plane.samples().iter().any(|&v| v != 0));
        self.samples.iter().any(|&sample| sample != 0)
            || self.blocks != Blocks::default()
            || self.picture.as_ref().is_some_and(of_picture)
    }

    /// All of it, in an order that depends on no target.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let planes = self.picture.iter().flat_map(|raster| raster.planes().iter().flat_map(Plane::samples));
        let coefficients = self.blocks.coefficients().into_iter().flatten().flat_map(i16::to_le_bytes);
        self.samples.iter().chain(planes).copied().chain(coefficients).collect()
    }

    /// Room for `COUNT` planes of `len` samples each.
    pub(super) fn planes<const COUNT: usize>(&mut self, len: usize) -> [&mut [u8]; COUNT] {
        self.samples.resize(COUNT * len, 0);
        let mut planes = self.samples.chunks_exact_mut(len);
        std::array::from_fn(|_| planes.next().unwrap_or_default())
    }
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What kernels work on.
pub(super) struct Input {
    pub(super) all: Raster,
    /// The same without alpha.
    pub(super) colors: Raster,
}

impl Input {
    pub(super) fn area(&self) -> usize {
        self.all.planes()[0].samples().len()
    }

    pub(super) fn plane(&self, i: usize) -> &[u8] {
        self.all.planes()[i].samples()
    }
}
