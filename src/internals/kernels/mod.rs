//! Kernels one by one, each with something to work on.

mod jpeg;
mod kernel;
mod pictures;
mod rows;

use std::rc::Rc;

use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::raster::{Layout, Raster};

use super::Planes;
use kernel::Input;

pub use kernel::{Answer, Kernel};

/// The levels that this machine has.
#[must_use]
pub fn cpu_levels() -> Vec<CpuLevel> {
    Cpu::all().into_iter().map(Cpu::level).collect()
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
