//! Eight columns at a time, whose sums of two products are one instruction.

use crate::imaging::kernel::isa::simd::Simd;

use super::super::coefficients::Quantization;

/// The transform of `full.rs`.
#[inline(always)]
pub(super) fn inverse8<S: Simd>(s: S, block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    let columns = s.transpose(pass::<S, 11>(s, dequantized(s, block, steps)));
    let samples = s.transpose(pass::<S, 18>(s, columns));
    for (pair, i) in samples.as_chunks::<2>().0.iter().zip([0, 2, 4, 6]) {
        let both = s.samples(pair[0], pair[1]);
        let (rows, _) = both.as_chunks::<8>();
        if let Some(row) = out.get_mut(i * stride..).and_then(<[u8]>::first_chunk_mut::<8>) {
            *row = rows[0];
        }
        if let Some(row) = out.get_mut((i + 1) * stride..).and_then(<[u8]>::first_chunk_mut::<8>) {
            *row = rows[1];
        }
    }
}

/// The transform to 4×4 samples of `reduced.rs`.
#[inline(always)]
pub(super) fn inverse4<S: Simd>(s: S, block: &[i16; 64], steps: &Quantization, out: &mut [u8], stride: usize) {
    let [a, b, c, d] = pass4::<S, 12>(s, dequantized(s, block, steps));
    let zero = s.zero_row();
    let columns = s.transpose([a, b, c, d, zero, zero, zero, zero]);
    let samples = s.square(pass4::<S, 19>(s, columns));
    for (row, out) in samples.as_chunks::<4>().0.iter().zip(out.chunks_mut(stride)) {
        if let Some(out) = out.first_chunk_mut() {
            *out = *row;
        }
    }
}

#[inline(always)]
fn dequantized<S: Simd>(s: S, block: &[i16; 64], steps: &Quantization) -> [S::Row; 8] {
    let mut x = [s.zero_row(); 8];
    for ((x, row), steps) in x.iter_mut().zip(block.as_chunks::<8>().0).zip(steps.as_chunks::<8>().0) {
        *x = s.mul_rows(s.load_row(row), s.load_row(&steps.map(|step| step as i16)));
    }
    x
}

/// One pass down the columns to four rows.
#[inline(always)]
fn pass4<S: Simd, const BITS: i32>(s: S, x: [S::Row; 8]) -> [S::Row; 4] {
    let a = s.add_row_sums(s.widen_row::<14>(x[0]), s.splat_row_sums(1 << (BITS - 1)));
    let b = s.row_products(x[2], 15137, x[6], -6270);
    let (outer, inner) = (s.add_row_sums(a, b), s.sub_row_sums(a, b));
    let p = s.add_row_sums(s.row_products(x[7], -4176, x[5], -4926), s.row_products(x[3], 7373, x[1], 20995));
    let q = s.add_row_sums(s.row_products(x[7], -1730, x[5], 11893), s.row_products(x[3], -17799, x[1], 8697));
    let [x0, x3] = s.narrow_rows::<BITS>(s.add_row_sums(outer, p), s.sub_row_sums(outer, p));
    let [x1, x2] = s.narrow_rows::<BITS>(s.add_row_sums(inner, q), s.sub_row_sums(inner, q));
    [x0, x1, x2, x3]
}

/// One pass down the columns, descaled by 2^`BITS`.
#[inline(always)]
fn pass<S: Simd, const BITS: i32>(s: S, x: [S::Row; 8]) -> [S::Row; 8] {
    let half = s.splat_row_sums(1 << (BITS - 1));
    let a = s.add_row_sums(s.widen_row::<13>(s.add_rows(x[0], x[4])), half);
    let b = s.add_row_sums(s.widen_row::<13>(s.sub_rows(x[0], x[4])), half);
    let c = s.row_products(x[2], 4433 + 6270, x[6], 4433);
    let d = s.row_products(x[2], 4433, x[6], 4433 - 15137);
    let even = [s.add_row_sums(a, c), s.add_row_sums(b, d), s.sub_row_sums(b, d), s.sub_row_sums(a, c)];
    let (p, q) = (s.add_rows(x[7], x[3]), s.add_rows(x[5], x[1]));
    let (r, t) = (s.row_products(p, 9633 - 16069, q, 9633), s.row_products(p, 9633, q, 9633 - 3196));
    let odd = [
        s.add_row_sums(s.row_products(x[7], -7373, x[1], 12299 - 7373), t),
        s.add_row_sums(s.row_products(x[5], -20995, x[3], 25172 - 20995), r),
        s.add_row_sums(s.row_products(x[5], 16819 - 20995, x[3], -20995), t),
        s.add_row_sums(s.row_products(x[7], 2446 - 7373, x[1], -7373), r),
    ];
    let [x0, x7] = butterfly::<S, BITS>(s, even[0], odd[0]);
    let [x1, x6] = butterfly::<S, BITS>(s, even[1], odd[1]);
    let [x2, x5] = butterfly::<S, BITS>(s, even[2], odd[2]);
    let [x3, x4] = butterfly::<S, BITS>(s, even[3], odd[3]);
    [x0, x1, x2, x3, x4, x5, x6, x7]
}

/// The sum and the difference, descaled by 2^`BITS`, which `even` is rounded for.
#[inline(always)]
fn butterfly<S: Simd, const BITS: i32>(s: S, even: S::RowSums, odd: S::RowSums) -> [S::Row; 2] {
    s.narrow_rows::<BITS>(s.add_row_sums(even, odd), s.sub_row_sums(even, odd))
}
