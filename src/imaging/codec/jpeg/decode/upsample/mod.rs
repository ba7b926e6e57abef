//! Enlarging components that have fewer samples than pixels, row by row.
//!
//! Twofold enlargements weigh the nearer sample by 3/4 and the farther one by 1/4 along each axis, as the Independent
//! JPEG Group's "fancy" ones do; all others repeat samples.

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;

use super::grid::Grid;

mod scalar;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod vector;

/// How one component is enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Enlargement {
    /// As many samples as pixels.
    None,
    Across,
    Down,
    Both,
    Repeat,
}

/// Enlarges rows of one component.
#[derive(Debug)]
pub(super) struct Upsampler {
    cpu: Cpu,
    enlargement: Enlargement,
    /// Sums of two rows, 3 : 1, with one more on each side.
    sums: Vec<u16>,
    /// The enlarged row: of the needed samples or, if they are repeated, of the window.
    row: Vec<u8>,
    /// Where the window starts in `row`.
    start: usize,
    /// For each pixel the sample to repeat, counted from the first needed one.
    index: Vec<u32>,
    width: usize,
}

impl Upsampler {
    /// For the columns of a window that starts at `x`.
    pub(super) fn new(cpu: Cpu, grid: &Grid, x: u32, width: u32) -> Self {
        let (across, down) = (&grid.x, &grid.y);
        let wide = across.len > 2;
        let enlargement = match (across.is_whole(), across.is_half() && wide, down.is_whole(), down.is_half()) {
            (true, _, true, _) => Enlargement::None,
            (true, _, _, true) => Enlargement::Down,
            (_, true, true, _) => Enlargement::Across,
            (_, true, _, true) => Enlargement::Both,
            _ => Enlargement::Repeat,
        };
        let needed = across.needed.len();
        let repeated = enlargement == Enlargement::Repeat;
        let index = (x..x + width).map(|x| across.sample(x).min(across.len - 1) - across.needed.start);
        Self {
            cpu,
            enlargement,
            sums: vec![0; if matches!(enlargement, Enlargement::Across | Enlargement::Both) { needed + 2 } else { 0 }],
            row: vec![0; if repeated { width as usize } else { 2 * needed }],
            start: match enlargement {
                Enlargement::Repeat => 0,
                Enlargement::Across | Enlargement::Both => (x - 2 * across.needed.start) as usize,
                Enlargement::None | Enlargement::Down => (x - across.needed.start) as usize,
            },
            index: if repeated { index.collect() } else { Vec::new() },
            width: width as usize,
        }
    }

    /// The window's part of the output row `y`. `rows` gives the needed samples of a row.
    pub(super) fn row<'a>(&'a mut self, y: u32, grid: &Grid, rows: impl Fn(u32) -> &'a [u8]) -> &'a [u8] {
        let nearest = grid.y.sample(y).min(grid.y.len - 1);
        // The row on the other side of the output row; at the picture's edges the row itself.
        let other = if y.is_multiple_of(2) { nearest.saturating_sub(1) } else { (nearest + 1).min(grid.y.len - 1) };
        let near = rows(nearest);
        match self.enlargement {
            Enlargement::None => return &near[self.start..][..self.width],
            Enlargement::Down => down(near, rows(other), y.is_multiple_of(2), &mut self.row),
            Enlargement::Across => {
                across_sums(near, &mut self.sums);
                self.double::<1, 2, 2>();
            }
            Enlargement::Both => {
                both_sums(near, rows(other), &mut self.sums);
                self.double::<8, 7, 4>();
            }
            Enlargement::Repeat => {
                for (out, &index) in self.row.iter_mut().zip(&self.index) {
                    *out = near[index as usize];
                }
            }
        }
        &self.row[self.start..][..self.width]
    }

    fn double<const EVEN: u16, const ODD: u16, const BITS: u32>(&mut self) {
        let Self { sums, row, .. } = self;
        at_level!(
            self.cpu,
            |simd| vector::double::<_, EVEN, ODD, BITS>(simd, sums, row),
            else scalar::double::<EVEN, ODD, BITS>(sums, row)
        );
    }
}

/// The row between two, nearer to the first. No code for levels here and in the sums below: the compiler makes vectors of loops
/// that add words.
fn down(near: &[u8], other: &[u8], upper: bool, out: &mut [u8]) {
    // What is rounded up in upper rows is rounded down in lower ones.
    let bias = if upper { 1 } else { 2 };
    for ((out, &near), &other) in out.iter_mut().zip(near).zip(other) {
        *out = ((3 * u16::from(near) + u16::from(other) + bias) >> 2) as u8;
    }
}

fn across_sums(row: &[u8], sums: &mut [u16]) {
    for (sum, &sample) in sums[1..].iter_mut().zip(row) {
        *sum = u16::from(sample);
    }
    repeat_ends(sums);
}

fn both_sums(near: &[u8], other: &[u8], sums: &mut [u16]) {
    for ((sum, &near), &other) in sums[1..].iter_mut().zip(near).zip(other) {
        *sum = 3 * u16::from(near) + u16::from(other);
    }
    repeat_ends(sums);
}

fn repeat_ends(sums: &mut [u16]) {
    let len = sums.len();
    sums[0] = sums[1];
    sums[len - 1] = sums[len - 2];
}

#[cfg(test)]
mod tests;
