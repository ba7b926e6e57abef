//! The transform to 8×8 samples in portable code.

use crate::imaging::kernel::isa::portable::transposed;

use super::super::coefficients::Quantization;
use super::arithmetic::{all_dequantized, descale, sample, saturate};

pub(super) fn inverse(block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    let columns = transposed(&pass::<11>(&all_dequantized(block, steps)));
    let rows = transposed(&pass::<18>(&columns));
    for (row, out) in rows.into_iter().zip(out.chunks_mut(stride)) {
        if let Some(out) = out.first_chunk_mut() {
            *out = row.map(|value| sample(i32::from(value)));
        }
    }
}

/// One pass down the columns, descaled by 2^`BITS`.
#[inline(always)]
fn pass<const BITS: u32>(from: &[[i16; 8]; 8]) -> [[i16; 8]; 8] {
    let mut to = [[0; 8]; 8];
    for x in 0..8 {
        let sums = transform(std::array::from_fn(|y| from[y][x]));
        for (row, sum) in to.iter_mut().zip(sums) {
            row[x] = saturate(descale::<BITS>(sum));
        }
    }
    to
}

/// Loeffler, Ligtenberg and Moschytz's transform of 8 values, scaled by 2¹³ √8, with multiplications gathered in pairs.
#[inline(always)]
fn transform(x: [i16; 8]) -> [i32; 8] {
    let pair = |a: i16, ka: i32, b: i16, kb: i32| (i32::from(a) * ka).wrapping_add(i32::from(b) * kb);
    let [a, b] = [x[0].wrapping_add(x[4]), x[0].wrapping_sub(x[4])].map(|sum| i32::from(sum) << 13);
    let (c, d) = (pair(x[2], 4433 + 6270, x[6], 4433), pair(x[2], 4433, x[6], 4433 - 15137));
    let even = [a.wrapping_add(c), b.wrapping_add(d), b.wrapping_sub(d), a.wrapping_sub(c)];
    let (p, q) = (x[7].wrapping_add(x[3]), x[5].wrapping_add(x[1]));
    let (r, s) = (pair(p, 9633 - 16069, q, 9633), pair(p, 9633, q, 9633 - 3196));
    let odd = [
        pair(x[7], -7373, x[1], 12299 - 7373).wrapping_add(s),
        pair(x[5], -20995, x[3], 25172 - 20995).wrapping_add(r),
        pair(x[5], 16819 - 20995, x[3], -20995).wrapping_add(s),
        pair(x[7], 2446 - 7373, x[1], -7373).wrapping_add(r),
    ];
    std::array::from_fn(|i| if i < 4 { even[i].wrapping_add(odd[i]) } else { even[7 - i].wrapping_sub(odd[7 - i]) })
}
