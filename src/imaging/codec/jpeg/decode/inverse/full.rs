//! The transform to 8×8 samples.

use super::super::coefficients::Quantization;
use super::arithmetic::{dequantized, descale, sample, saturate};

pub(super) fn inverse(block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    let mut rows = [[0i16; 8]; 8];
    for x in 0..8 {
        let column = std::array::from_fn(|y| dequantized(block[8 * y + x], steps[8 * y + x]));
        let sums = transform(column);
        for (row, sum) in rows.iter_mut().zip(sums) {
            row[x] = saturate(descale::<11>(sum));
        }
    }
    for (row, out) in rows.into_iter().zip(out.chunks_mut(stride)) {
        let sums = transform(row);
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = sample(i32::from(saturate(descale::<18>(sum))));
        }
    }
}

/// Loeffler, Ligtenberg and Moschytz's transform of 8 values, scaled by 2¹³ √8, with multiplications gathered in pairs.
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
