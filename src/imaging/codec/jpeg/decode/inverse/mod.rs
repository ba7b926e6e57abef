//! Inverse transforms: from the coefficients of a block to 8, 4, 2 or 1 samples across and down.
//!
//! They follow the Independent JPEG Group's "islow" transforms, whose results most software shows: 13-bit constants, 2
//! more bits between the passes. Those to 4×4 and 1×1 give what the means of the whole one's samples would be, nearly; that to
//! 2×2 leaves out all but the four lowest coefficients.
//! Products are taken of 16-bit words, which wrap where they are multiplied by their steps and saturate between the
//! passes, as vector instructions do it: so blocks that no encoder makes have one answer too.

mod arithmetic;
mod full;
mod reduced;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod vector;

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;

use super::coefficients::Quantization;

use arithmetic::{dequantized, sample, saturate};

pub(super) use reduced::{inverse2, mean};

/// Writes the samples of a block to the top left of `out`, whose rows are `stride` apart. `count` coefficients, in the
/// order of the file, may differ from zero. The side is 8, 4, 2 or 1.
#[inline]
pub(super) fn inverse(
    cpu: Cpu,
    side: u32,
    block: &[i16; 64],
    count: u32,
    steps: &Quantization,
    out: &mut [u8],
    stride: usize,
) {
    if count <= 1 && side > 1 {
        return flat(side as usize, block[0], steps[0], out, stride);
    }
    match side {
        8 => at_level!(
            cpu,
            |simd| vector::inverse8(simd, block, steps, out, stride),
            else full::inverse(block, steps, out, stride)
        ),
        4 => at_level!(
            cpu,
            |simd| vector::inverse4(simd, block, steps, out, stride),
            else reduced::inverse4(block, steps, out, stride)
        ),
        2 => {
            for (out, row) in out.chunks_mut(stride).zip(inverse2(low(block), steps)) {
                out[..2].copy_from_slice(&row);
            }
        }
        _ => out[0] = mean(block[0], steps[0]),
    }
}

/// The coefficients that two samples across and down are made of.
pub(super) const fn low(block: &[i16; 64]) -> [i16; 4] {
    [block[0], block[1], block[8], block[9]]
}

/// A block of which only the DC coefficient differs from zero.
#[inline]
fn flat(side: usize, dc: i16, step: u16, out: &mut [u8], stride: usize) {
    let value = flat_sample(dc, step);
    if side == 8 {
        // Of a known length, a store rather than a call.
        for row in out.chunks_mut(stride).take(8) {
            if let Some(row) = row.first_chunk_mut() {
                *row = [value; 8];
            }
        }
        return;
    }
    for row in out.chunks_mut(stride).take(side) {
        row[..side].fill(value);
    }
}

/// What both passes make of a DC coefficient alone: it leaves the first with 2 more bits, the second divides by 32.
fn flat_sample(dc: i16, step: u16) -> u8 {
    sample((i32::from(saturate(i32::from(dequantized(dc, step)) << 2)) + 16) >> 5)
}

#[cfg(test)]
mod tests;
