//! The arithmetic that all inverse transforms share.

use super::super::coefficients::Quantization;

/// All coefficients, row by row.
#[inline(always)]
pub(super) fn all_dequantized(block: &[i16; 64], steps: &Quantization) -> [[i16; 8]; 8] {
    let mut rows = [[0; 8]; 8];
    let each = block.iter().zip(steps);
    for (out, (&coefficient, &step)) in rows.as_flattened_mut().iter_mut().zip(each) {
        *out = dequantized(coefficient, step);
    }
    rows
}

pub(super) fn dequantized(coefficient: i16, step: u16) -> i16 {
    coefficient.wrapping_mul(step as i16)
}

/// Divides by 2^`BITS`, rounding half up.
pub(super) fn descale<const BITS: u32>(value: i32) -> i32 {
    value.wrapping_add(1 << (BITS - 1)) >> BITS
}

pub(super) fn saturate(value: i32) -> i16 {
    value.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}

/// Moves the range from −128…127 to 0…255.
pub(super) fn sample(value: i32) -> u8 {
    (value.clamp(-128, 127) + 128) as u8
}
