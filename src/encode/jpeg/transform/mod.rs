//! Forward transforms: from 8×8 samples to quantised coefficients.
//!
//! Their results are those of the Independent JPEG Group's "islow" transform: 13-bit constants, 2 more bits between the
//! passes, and a scale of 8 that the steps take out. Each odd result is one sum of four products, which in whole numbers
//! is the same as the fewer products that the algorithm is known for.

use crate::kernel::cpu::Cpu;

#[cfg(target_arch = "x86_64")]
mod simd;

/// The coefficients of a block, row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(32))]
pub(super) struct Block {
    pub(super) coefficients: [i16; 64],
    /// Which of them differ from zero, the first in the lowest bit.
    pub(super) nonzero: u64,
}

impl Block {
    pub(super) const ZERO: Self = Self { coefficients: [0; 64], nonzero: 0 };
}

/// Divides by steps, rounding to the nearest; halves as the reciprocals of 15 bits have it.
#[derive(Debug)]
pub(super) struct Quantiser {
    /// What is added to a magnitude, and twice the reciprocal that it is then multiplied by; row by row.
    corrections: [u16; 64],
    reciprocals: [u16; 64],
}

impl Quantiser {
    /// For steps row by row.
    pub(super) fn new(steps: &[u8; 64]) -> Self {
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

/// Transforms a row of blocks, the samples of whose rows are `stride` apart.
pub(super) fn transform(cpu: Cpu, samples: &[u8], stride: usize, quantiser: &Quantiser, blocks: &mut [Block]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = cpu.avx2() {
        return simd::transform(token, samples, stride, quantiser, blocks);
    }
    let _ = cpu;
    for (i, block) in blocks.iter_mut().enumerate() {
        *block = one(samples.get(8 * i..).unwrap_or(&[]), stride, quantiser);
    }
}

fn one(samples: &[u8], stride: usize, quantiser: &Quantiser) -> Block {
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
            let magnitude = value.unsigned_abs() + u32::from(quantiser.corrections[at]);
            let quotient = ((magnitude * u32::from(quantiser.reciprocals[at])) >> 16) as i16;
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Smooth, noisy and extreme samples of a row of three blocks.
    fn samples() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 8 * 24),
            prop::collection::vec(prop_oneof![Just(0u8), Just(255)], 8 * 24),
            (any::<u8>(), 0u8..9).prop_map(|(start, step)| {
                (0..8 * 24u32).map(|i| (u32::from(start) + i % 24 * u32::from(step) + i / 24) as u8).collect()
            }),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn levels_agree(samples in samples(), quality in 1u8..101, chroma in 0usize..2) {
            let quantiser = Quantiser::new(&super::super::tables::steps(chroma, quality));
            let run = |cpu| {
                let mut blocks = [Block::ZERO; 3];
                transform(cpu, &samples, 24, &quantiser, &mut blocks);
                blocks
            };
            let results: Vec<_> = Cpu::all().into_iter().map(run).collect();
            prop_assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
            for block in results[0] {
                for (i, &value) in block.coefficients.iter().enumerate() {
                    prop_assert_eq!(block.nonzero >> i & 1 == 1, value != 0);
                }
            }
        }
    }

    /// Every value by every step is rounded to the nearest, as far as reciprocals of 15 bits tell.
    #[test]
    fn quotients_are_rounded() {
        for step in 1..=255 {
            let quantiser = Quantiser::new(&[step; 64]);
            let divisor = 8 * u32::from(step);
            for value in 0..=8192u32 {
                let quotient =
                    ((value + u32::from(quantiser.corrections[0])) * u32::from(quantiser.reciprocals[0])) >> 16;
                let reciprocal = u32::from(quantiser.reciprocals[0]) / 2;
                let off = (value + divisor / 2) * (reciprocal * divisor).abs_diff(1 << 15) / (1 << 15);
                assert!((quotient * divisor).abs_diff(value) <= divisor / 2 + off + 2, "{value} / {step}: {quotient}");
            }
        }
    }
}
