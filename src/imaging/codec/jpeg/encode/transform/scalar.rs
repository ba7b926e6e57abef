//! The transform of one block in portable code.

use crate::imaging::kernel::isa::portable::transposed;

/// The coefficients of a block, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(32))]
pub(in super::super) struct Block {
    pub(in super::super) coefficients: [i16; 64],
    /// Which of them differ from zero, the first in the lowest bit.
    pub(in super::super) nonzero: u64,
}

impl Block {
    pub(in super::super) const ZERO: Self = Self { coefficients: [0; 64], nonzero: 0 };
}

/// Divides by steps, rounding to the nearest; halves as the reciprocals of 15 bits have it.
#[derive(Debug)]
pub(in super::super) struct Quantizer {
    /// What is added to a magnitude, and twice the reciprocal that it is then multiplied by; row by row.
    pub(super) corrections: [u16; 64],
    pub(super) reciprocals: [u16; 64],
}

impl Quantizer {
    /// For steps row by row.
    pub(in super::super) fn new(steps: &[u8; 64]) -> Self {
        let (mut corrections, mut reciprocals) = ([0; 64], [0; 64]);
        for (i, &step) in steps.iter().enumerate() {
            // Coefficients are scaled by 8.
            let divisor = 8 * u16::from(step).max(1);
            let (whole, rest) = ((1 << 15) / divisor, (1 << 15) % divisor);
            // A reciprocal that is rounded down is made up for by a larger correction.
            let up = rest > divisor / 2;
            reciprocals[i] = 2 * (whole + u16::from(up));
            corrections[i] = divisor / 2 + u16::from(rest != 0 && !up);
        }
        Self { corrections, reciprocals }
    }
}

/// Transforms the block at the start of `samples`, whose rows are `stride` apart.
pub(super) fn one(samples: &[u8], stride: usize, quantizer: &Quantizer) -> Block {
    let mut x = [[0; 8]; 8];
    for (x, samples) in x.iter_mut().zip(samples.chunks(stride.max(1))) {
        if let Some(samples) = samples.first_chunk::<8>() {
            *x = samples.map(|sample| i16::from(sample) - 128);
        }
    }
    // Rows are transformed as columns of the transposed block.
    let values = pass::<15>(&transposed(&pass::<11>(&transposed(&x))));
    let mut block = Block::ZERO;
    let steps = quantizer.corrections.iter().zip(&quantizer.reciprocals);
    let values = values.as_flattened().iter().zip(steps);
    for (coefficient, (&value, (&correction, &reciprocal))) in block.coefficients.iter_mut().zip(values) {
        // Magnitudes have 14 bits at most.
        let magnitude = u32::from(value.unsigned_abs() + correction);
        let quotient = ((magnitude * u32::from(reciprocal)) >> 16) as i16;
        *coefficient = if value < 0 { -quotient } else { quotient };
    }
    for (y, row) in block.coefficients.as_chunks::<8>().0.iter().enumerate() {
        let bits = row.iter().enumerate().fold(0, |bits, (x, &coefficient)| bits | u8::from(coefficient != 0) << x);
        block.nonzero |= u64::from(bits) << (8 * y);
    }
    block
}

/// One pass down the columns.
#[inline(always)]
fn pass<const BITS: u32>(from: &[[i16; 8]; 8]) -> [[i16; 8]; 8] {
    let mut to = [[0; 8]; 8];
    for x in 0..8 {
        let values = transform::<BITS>(std::array::from_fn(|y| from[y][x]));
        for (row, value) in to.iter_mut().zip(values) {
            // Of 15 bits and a sign at most.
            row[x] = value as i16;
        }
    }
    to
}

/// Rotations and sums of eight values; the products have 13 bits more than is wanted, less the 2 that the first pass adds
/// and the second takes away: `BITS` of 11 and 15. Sums of words are words, so that the compiler multiplies words.
#[inline(always)]
fn transform<const BITS: u32>(x: [i16; 8]) -> [i32; 8] {
    let descale = |value: i32| (value + (1 << (BITS - 1))) >> BITS;
    let [s0, s1, s2, s3]: [i16; 4] = std::array::from_fn(|i| x[i].wrapping_add(x[7 - i]));
    let d: [i16; 4] = std::array::from_fn(|i| x[i].wrapping_sub(x[7 - i]));
    let (outer, far) = (s0.wrapping_add(s3), s0.wrapping_sub(s3));
    let (inner, near) = (s1.wrapping_add(s2), s1.wrapping_sub(s2));
    let even = |sum: i16| if BITS == 11 { i32::from(sum) << 2 } else { (i32::from(sum) + 2) >> 2 };
    let two = |by: i16, and: i16| descale(i32::from(far) * i32::from(by) + i32::from(near) * i32::from(and));
    let four = |by: [i16; 4]| descale(d.iter().zip(by).map(|(&d, by)| i32::from(d) * i32::from(by)).sum());
    [
        even(outer.wrapping_add(inner)),
        four([11363, 9633, 6437, 2260]),
        two(10703, 4433),
        four([9633, -2259, -11362, -6436]),
        even(outer.wrapping_sub(inner)),
        four([6437, -11362, 2261, 9633]),
        two(4433, -10704),
        four([2260, -6436, 9633, -11363]),
    ]
}
