//! Forward transforms: from 8×8 samples to quantised coefficients.
//!
//! Their results are those of the Independent JPEG Group's "islow" transform: 13-bit constants, 2 more bits between the
//! passes, and a scale of 8 that the steps take out. Each odd result is one sum of four products, which in whole numbers
//! is the same as the fewer products that the algorithm is known for.

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;

mod scalar;
#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod vector;

use scalar::one;
pub(super) use scalar::{Block, Quantizer};

/// Transforms a row of blocks, the samples of whose rows are `stride` apart.
pub(super) fn transform(cpu: Cpu, samples: &[u8], stride: usize, quantizer: &Quantizer, blocks: &mut [Block]) {
    at_level!(cpu, |simd| vector::transform(simd, samples, stride, quantizer, blocks), else {
        for (i, block) in blocks.iter_mut().enumerate() {
            *block = one(samples.get(8 * i..).unwrap_or(&[]), stride, quantizer);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::isa::twin::each_level_equals;
    use proptest::prelude::*;

    /// How much each of the first four samples adds to each coefficient, scaled by 2¹³ √8; the other four add as much in
    /// reverse, to odd ones with the other sign.
    const WEIGHTS: [[i64; 4]; 8] = [
        [8192, 8192, 8192, 8192],
        [11363, 9633, 6437, 2260],
        [10703, 4433, -4433, -10703],
        [9633, -2259, -11362, -6436],
        [8192, -8192, -8192, 8192],
        [6437, -11362, 2261, 9633],
        [4433, -10704, 10704, -4433],
        [2260, -6436, 9633, -11363],
    ];

    /// Sums of products, divided by 2^`bits` and rounded.
    fn naive_pass(x: [i64; 8], bits: u32) -> [i64; 8] {
        std::array::from_fn(|j| {
            let weight = |i: usize| if i < 4 { WEIGHTS[j][i] } else { WEIGHTS[j][7 - i] * [1, -1][j % 2] };
            ((0..8).map(|i| weight(i) * x[i]).sum::<i64>() + (1 << (bits - 1))) >> bits
        })
    }

    /// Along the rows, down the columns, and divided by the steps.
    fn naive(samples: &[u8], stride: usize, quantizer: &Quantizer) -> Block {
        let rows: [[i64; 8]; 8] =
            std::array::from_fn(|y| naive_pass(std::array::from_fn(|x| i64::from(samples[y * stride + x]) - 128), 11));
        let columns: [[i64; 8]; 8] = std::array::from_fn(|x| naive_pass(rows.map(|row| row[x]), 15));
        let mut block = Block::ZERO;
        for (at, coefficient) in block.coefficients.iter_mut().enumerate() {
            let value = columns[at % 8][at / 8];
            let magnitude = value.abs() + i64::from(quantizer.corrections[at]);
            *coefficient = (value.signum() * (magnitude * i64::from(quantizer.reciprocals[at]) / 65536)) as i16;
            block.nonzero |= u64::from(*coefficient != 0) << at;
        }
        block
    }

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
        fn each_level_equals_sums_of_products(samples in samples(), quality in 1u8..101, chroma in 0usize..2) {
            let quantizer = Quantizer::new(&super::super::tables::steps(chroma, quality));
            let twin: [Block; 3] = std::array::from_fn(|i| naive(&samples[8 * i..], 24, &quantizer));
            each_level_equals(&twin, |cpu| {
                let mut blocks = [Block::ZERO; 3];
                transform(cpu, &samples, 24, &quantizer, &mut blocks);
                blocks
            });
        }
    }

    /// Every value by every step is rounded to the nearest, as far as reciprocals of 15 bits tell.
    #[test]
    fn quotients_are_rounded() {
        for step in 1..=255 {
            let quantizer = Quantizer::new(&[step; 64]);
            let divisor = 8 * u32::from(step);
            for value in 0..=8192u32 {
                let quotient =
                    ((value + u32::from(quantizer.corrections[0])) * u32::from(quantizer.reciprocals[0])) >> 16;
                let reciprocal = u32::from(quantizer.reciprocals[0]) / 2;
                let off = (value + divisor / 2) * (reciprocal * divisor).abs_diff(1 << 15) / (1 << 15);
                assert!((quotient * divisor).abs_diff(value) <= divisor / 2 + off + 2, "{value} / {step}: {quotient}");
            }
        }
    }
}
