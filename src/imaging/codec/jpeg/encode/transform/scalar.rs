//! The transform of one block in portable code.

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
    let mut rows = [[0i32; 8]; 8];
    for (row, samples) in rows.iter_mut().zip(samples.chunks(stride.max(1))) {
        let shifted = std::array::from_fn(|x| samples.get(x).map_or(0, |&sample| i32::from(sample) - 128));
        *row = pass::<11>(shifted);
    }
    let mut block = Block::ZERO;
    for x in 0..8 {
        let column = pass::<15>(rows.map(|row| row[x]));
        for (y, value) in column.into_iter().enumerate() {
            let at = 8 * y + x;
            let magnitude = value.unsigned_abs() + u32::from(quantizer.corrections[at]);
            let quotient = ((magnitude * u32::from(quantizer.reciprocals[at])) >> 16) as i16;
            block.coefficients[at] = if value < 0 { -quotient } else { quotient };
            block.nonzero |= u64::from(quotient != 0) << at;
        }
    }
    block
}

/// Rotations and sums of eight values; the products have 13 bits more than is wanted, less the 2 that the first pass adds
/// and the second takes away: `BITS` of 11 and 15.
fn pass<const BITS: u32>(x: [i32; 8]) -> [i32; 8] {
    let descale = |value: i32| (value + (1 << (BITS - 1))) >> BITS;
    let [s0, s1, s2, s3] = std::array::from_fn(|i| x[i] + x[7 - i]);
    let [d0, d1, d2, d3] = std::array::from_fn(|i| x[i] - x[7 - i]);
    let (outer, inner, far, near) = (s0 + s3, s1 + s2, s0 - s3, s1 - s2);
    let even = |sum: i32| if BITS == 11 { sum << 2 } else { (sum + 2) >> 2 };
    [
        even(outer + inner),
        descale(d0 * 11363 + d1 * 9633 + d2 * 6437 + d3 * 2260),
        descale(far * 10703 + near * 4433),
        descale(d0 * 9633 - d1 * 2259 - d2 * 11362 - d3 * 6436),
        even(outer - inner),
        descale(d0 * 6437 - d1 * 11362 + d2 * 2261 + d3 * 9633),
        descale(far * 4433 - near * 10704),
        descale(d0 * 2260 - d1 * 6436 + d2 * 9633 - d3 * 11363),
    ]
}
