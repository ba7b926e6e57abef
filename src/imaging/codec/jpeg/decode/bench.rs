//! The decoder's kernels one by one, for benches.

use crate::base::geom::{Shrink, Size, Window};
use crate::imaging::kernel::isa::cpu::Cpu;

use super::frame::{Component, Frame};
use super::grid::Grid;
use super::upsample::Upsampler;
use super::{color, inverse};

/// Samples of blocks, which lie one behind the other in rows of `8 · side · side` samples: eight blocks each.
///
/// `side` is 8, 4, 2 or 1; the coefficients and their steps are in the order of rows.
pub(crate) fn inverse(cpu: Cpu, side: u32, blocks: &[[i16; 64]], steps: &[u16; 64], out: &mut [u8]) {
    let side_len = side as usize;
    for (blocks, rows) in blocks.chunks_exact(8).zip(out.chunks_exact_mut(8 * side_len * side_len)) {
        for (i, block) in blocks.iter().enumerate() {
            inverse::inverse(cpu, side, block, 64, steps, &mut rows[i * side_len..], 8 * side_len);
        }
    }
}

/// Enlarges a component of half a picture's size, rounded up, to the picture's.
pub(crate) fn enlarge(cpu: Cpu, size: Size, samples: &[u8], out: &mut [u8]) {
    let component = |side| Component { id: 0, h: side, v: side, table: 0 };
    let (width, height) = (size.width, size.height);
    let frame =
        Frame { width, height, progressive: false, arithmetic: false, components: vec![component(2), component(1)] };
    let grid = Grid::new(&frame, &frame.components[1], Shrink::Full, Window { x: 0, y: 0, width, height });
    let mut upsampler = Upsampler::new(cpu, &grid, 0, width);
    let stride = width.div_ceil(2) as usize;
    for (y, out) in (0..height).zip(out.chunks_exact_mut(width as usize)) {
        out.copy_from_slice(upsampler.row(y, &grid, |row| &samples[row as usize * stride..][..stride]));
    }
}

/// YCbCr to RGB in place.
pub(crate) fn to_rgb(cpu: Cpu, [y, cb, cr]: [&mut [u8]; 3]) {
    color::to_rgb(cpu, y, cb, cr);
}
