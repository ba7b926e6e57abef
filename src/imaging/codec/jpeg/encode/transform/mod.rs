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
            let quantizer = Quantizer::new(&super::super::tables::steps(chroma, quality));
            let run = |cpu| {
                let mut blocks = [Block::ZERO; 3];
                transform(cpu, &samples, 24, &quantizer, &mut blocks);
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
