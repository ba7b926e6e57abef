use proptest::prelude::*;

use super::super::coefficients::NATURAL;
use super::super::test_support::naive_inverse;
use super::*;
use crate::imaging::kernel::isa::twin::each_level_equals;

/// How much each of eight coefficients adds to the first half of the samples, scaled by 2¹³ √8; to the other half it adds as
/// much in reverse, the odd ones with the other sign.
const EIGHT: [&[i64]; 8] = [
    &[8192, 8192, 8192, 8192],
    &[11363, 9633, 6437, 2260],
    &[10703, 4433, -4433, -10703],
    &[9633, -2259, -11362, -6436],
    &[8192, -8192, -8192, 8192],
    &[6437, -11362, 2261, 9633],
    &[4433, -10704, 10704, -4433],
    &[2260, -6436, 9633, -11363],
];

/// The same for four samples, scaled by 2¹⁴ √8.
const FOUR: [&[i64]; 8] = [
    &[16384, 16384],
    &[20995, 8697],
    &[15137, -15137],
    &[7373, -17799],
    &[0, 0],
    &[-4926, 11893],
    &[-6270, 6270],
    &[-4176, -1730],
];

/// Sums of products, divided by 2^`bits` and rounded; `None` where words of 16 bits or sums of 32 bits would wrap.
fn naive_pass(weights: &[&[i64]; 8], x: [i64; 8], bits: u32) -> Option<Vec<i64>> {
    let side = 2 * weights[0].len();
    let sum = |i: usize| {
        let of = |j: usize| match weights[j].get(i) {
            Some(weight) => *weight,
            None => weights[j][side - 1 - i] * [1, -1][j % 2],
        };
        let sum = (0..8).map(|j| of(j) * x[j]).sum::<i64>() + (1 << (bits - 1));
        i32::try_from(sum).ok()?;
        Some((sum >> bits).clamp(-32768, 32767))
    };
    let wraps = |pair: [usize; 2]| x[pair[0]].abs() + x[pair[1]].abs() > 32767;
    let adds_words = side == 8 && [[0, 4], [3, 7], [1, 5]].into_iter().any(wraps);
    if adds_words { None } else { (0..side).map(sum).collect() }
}

/// Samples, row by row: down the columns, then along the rows.
fn naive(side: u32, block: &[i16; 64], steps: &Quantization) -> Option<Vec<u8>> {
    let (weights, bits) = if side == 8 { (&EIGHT, [11, 18]) } else { (&FOUR, [12, 19]) };
    let value = |i: usize| i64::from(block[i]) * i64::from(steps[i]);
    let columns: Vec<Vec<i64>> = (0..8)
        .map(|x| naive_pass(weights, std::array::from_fn(|y| value(8 * y + x)), bits[0]))
        .collect::<Option<_>>()?;
    let rows = (0..side as usize).map(|y| naive_pass(weights, std::array::from_fn(|x| columns[x][y]), bits[1]));
    let samples = rows.collect::<Option<Vec<_>>>()?.concat();
    Some(samples.into_iter().map(|sample| (sample.clamp(-128, 127) + 128) as u8).collect())
}

/// A block in rows, with its steps in rows, of which `count` coefficients may differ from zero.
fn blocks(limit: i16) -> impl Strategy<Value = ([i16; 64], Quantization)> {
    (prop::collection::vec(-limit..=limit, 64), prop::collection::vec(1u16..40, 64), 1usize..65).prop_map(
        |(values, factors, count)| {
            let (mut block, mut steps) = ([0; 64], [1; 64]);
            for i in 0..64 {
                let place = usize::from(NATURAL[i]);
                steps[place] = factors[i];
                block[place] = if i < count { values[i] } else { 0 };
            }
            (block, steps)
        },
    )
}

fn run(cpu: Cpu, side: u32, block: &[i16; 64], steps: &Quantization) -> Vec<u8> {
    let count = (0..64).rev().find(|&i| block[usize::from(NATURAL[i])] != 0).map_or(1, |last| last as u32 + 1);
    let mut out = vec![0; 7 * 11 + 8];
    inverse(cpu, side, block, count, steps, &mut out, 11);
    let side = side as usize;
    (0..side * side).map(|i| out[i / side * 11 + i % side]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn samples_are_those_of_the_definition((block, steps) in blocks(12)) {
        let zigzag = |i: usize| usize::from(NATURAL[i]);
        let expected = naive_inverse(&std::array::from_fn(|i| block[zigzag(i)]), &std::array::from_fn(|i| steps[zigzag(i)]));
        for cpu in Cpu::all() {
            let samples = run(cpu, 8, &block, &steps);
            for (&is, was) in samples.iter().zip(expected) {
                prop_assert!((f64::from(is) - was).abs() <= 1.0, "{is} {was}");
            }
        }
    }

    #[test]
    fn each_level_equals_sums_of_products(
        (block, steps) in prop_oneof![blocks(3), blocks(12), blocks(40)], side in prop_oneof![Just(4), Just(8)],
    ) {
        let twin = naive(side, &block, &steps);
        prop_assume!(twin.is_some());
        if let Some(twin) = twin {
            each_level_equals(&twin, |cpu| run(cpu, side, &block, &steps));
        }
    }

    /// Extreme values as well, which wrap and saturate.
    #[test]
    fn levels_agree((block, steps) in prop_oneof![blocks(40), blocks(2000), blocks(i16::MAX)], side in 0u32..4) {
        each_level_equals(&run(Cpu::all()[0], 1 << side, &block, &steps), |cpu| run(cpu, 1 << side, &block, &steps));
        // The way for flat blocks gives what the whole transform would.
        let mut flat = [0; 64];
        flat[0] = block[0];
        let mut out = vec![0; 64];
        full::inverse(&flat, &steps, &mut out, 8);
        prop_assert!(out.iter().all(|&sample| sample == flat_sample(block[0], steps[0])));
        out.truncate(16);
        reduced::inverse4(&flat, &steps, &mut out, 4);
        prop_assert!(out.iter().all(|&sample| sample == flat_sample(block[0], steps[0])));
        prop_assert_eq!(inverse2(low(&flat), &steps), [[flat_sample(block[0], steps[0]); 2]; 2]);
    }

    /// Smaller transforms give the means of the whole one's samples, where these are not cut off; of two across and down,
    /// those of the lowest coefficients.
    #[test]
    fn smaller_transforms_are_means((block, steps) in blocks(3)) {
        let mut lowest = [0; 64];
        for i in [0, 1, 8, 9] {
            lowest[i] = block[i];
        }
        for (side, block) in [(1, block), (2, lowest), (4, block)] {
            let whole = run(Cpu::all()[0], 8, &block, &steps);
            prop_assume!(whole.iter().all(|sample| (1..255).contains(sample)));
            let (small, factor) = (run(Cpu::all()[0], side as u32, &block, &steps), 8 / side);
            for (i, &sample) in small.iter().enumerate() {
                let (x, y) = (i % side * factor, i / side * factor);
                let square = (0..factor * factor).map(|j| u32::from(whole[(y + j / factor) * 8 + x + j % factor]));
                let mean = f64::from(square.sum::<u32>()) / (factor * factor) as f64;
                prop_assert!((f64::from(sample) - mean).abs() <= 2.0, "{side}: {sample} {mean}");
            }
        }
    }

    /// What the other coefficients are does not matter to two samples across and down.
    #[test]
    fn two_samples_are_made_of_the_lowest_coefficients((block, steps) in blocks(40), (other, _) in blocks(40)) {
        let mut changed = other;
        for i in [0, 1, 8, 9] {
            changed[i] = block[i];
        }
        for cpu in Cpu::all() {
            prop_assert_eq!(run(cpu, 2, &block, &steps), run(cpu, 2, &changed, &steps));
        }
    }
}
