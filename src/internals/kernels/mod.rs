//! Kernels one by one, each with something to work on.

mod jpeg;
mod pictures;
mod rows;

use std::rc::Rc;

use crate::encode::Blocks;
use crate::kernel::cpu::{Cpu, CpuLevel};
use crate::raster::{Layout, Raster};

use super::Planes;

/// The levels that this machine has.
#[must_use]
pub fn cpu_levels() -> Vec<CpuLevel> {
    [CpuLevel::Scalar, CpuLevel::Avx2].into_iter().filter(|&level| Cpu::detect(level).level() == level).collect()
}

/// A kernel, and a picture for it.
pub struct Kernel {
    /// What it does.
    pub name: &'static str,
    /// Pixels that it makes or goes through in a run.
    pub pixels: u64,
    /// There is more than portable code.
    pub has_levels: bool,
    work: Work,
}

type Work = Box<dyn FnMut(Cpu, &mut Answer)>;

/// What a kernel has made. Memory is used again by the next run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    samples: Vec<u8>,
    blocks: Blocks,
    picture: Option<Raster>,
}

impl Kernel {
    /// Runs it on all of its picture.
    pub fn run(&mut self, level: CpuLevel, answer: &mut Answer) {
        (self.work)(Cpu::detect(level), answer);
    }

    fn new(name: &'static str, pixels: u64, work: impl FnMut(Cpu, &mut Answer) + 'static) -> Self {
        Self { name, pixels, has_levels: false, work: Box::new(work) }
    }

    fn with_levels(self) -> Self {
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

    /// Room for so many planes of so many samples.
    fn planes<const COUNT: usize>(&mut self, len: usize) -> [&mut [u8]; COUNT] {
        self.samples.resize(COUNT * len, 0);
        let mut planes = self.samples.chunks_exact_mut(len);
        std::array::from_fn(|_| planes.next().unwrap_or_default())
    }
}

/// All kernels, for a picture of red, green, blue and alpha of at least 64 pixels on a side. Those that take a whole
/// picture and change it are given a copy, which their time includes; the first one only copies.
///
/// # Panics
///
/// The picture has other components.
#[must_use]
pub fn kernels(picture: &Planes) -> Vec<Kernel> {
    assert_eq!((picture.colors, picture.alpha), (3, true));
    let all = picture.raster();
    let colors = Raster::from_planes(all.split_alpha().0.to_vec(), Layout::RGB);
    let input = Rc::new(Input { all, colors });
    [pictures::kernels(&input), rows::kernels(&input), jpeg::kernels(&input)].into_iter().flatten().collect()
}

/// What kernels work on.
struct Input {
    all: Raster,
    /// The same without alpha.
    colors: Raster,
}

impl Input {
    fn area(&self) -> usize {
        self.all.planes()[0].samples().len()
    }

    fn plane(&self, i: usize) -> &[u8] {
        self.all.planes()[i].samples()
    }
}

impl std::fmt::Debug for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kernel").field("name", &self.name).finish_non_exhaustive()
    }
}
