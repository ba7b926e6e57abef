//! Products of sixteen bytes and sixteen coefficients at a time.
//!
//! Sums of `i16 × u8` products are exact in `i32` whatever their order, so these equal the scalar reference.

use crate::imaging::kernel::isa::checked::{Places, Rows};
use crate::imaging::kernel::isa::simd::Simd;
use crate::imaging::kernel::taps::{GROUP, Quartet, SHORT, Taps};
use crate::imaging::pixel::raster::ROW_PADDING;

#[inline(always)]
pub(super) fn horizontal<S: Simd>(s: S, taps: &Taps, window_x: usize, rows: &[&[u8]], out: &mut [&mut [u8]]) {
    // Short filters, which most are, get loops of known length.
    match taps.groups() {
        Some(1) => quartets::<S, 1>(s, taps, window_x, rows, out),
        Some(2) => quartets::<S, 2>(s, taps, window_x, rows, out),
        Some(3) => quartets::<S, 3>(s, taps, window_x, rows, out),
        Some(4) => quartets::<S, 4>(s, taps, window_x, rows, out),
        Some(5) => quartets::<S, 5>(s, taps, window_x, rows, out),
        Some(SHORT) => quartets::<S, SHORT>(s, taps, window_x, rows, out),
        _ => quartets::<S, 0>(s, taps, window_x, rows, out),
    }
}

/// Four samples after the other, of at most `GROUPS` groups of coefficients; 0 stands for any number.
#[inline(always)]
fn quartets<S: Simd, const GROUPS: usize>(s: S, taps: &Taps, window_x: usize, rows: &[&[u8]], out: &mut [&mut [u8]]) {
    for (number, quartet) in taps.quartets().enumerate() {
        // A quartet has four times as many groups of coefficients as its table.
        let coefs = quartet.coefs.as_chunks::<GROUP>().0.get(..4 * GROUPS);
        let places = if GROUPS > 0 { Places::<GROUPS>::new(quartet.first, window_x) } else { None };
        // The inner loop takes all planes, so that it loads the coefficients once.
        for (samples, out) in rows.iter().zip(out.iter_mut()) {
            let groups = match places {
                Some(places) => places.of(samples),
                None => None,
            };
            let sums = match (groups, coefs) {
                (Some(groups), Some(coefs)) => short_sums(s, groups, coefs),
                // At the right edge filters are shorter and whole groups may reach beyond the padding.
                _ => long_sums(s, (taps, number), quartet, window_x, samples),
            };
            let bytes = s.totals(sums, quartet.bits);
            let out = &mut out[4 * number..];
            if let Some(out) = out.first_chunk_mut::<4>() {
                *out = bytes;
            } else {
                let count = out.len();
                out.copy_from_slice(&bytes[..count]);
            }
        }
    }
}

/// The sums of four samples of `GROUPS` groups each. Where one has fewer, bytes behind it are weighed by zero.
#[inline(always)]
fn short_sums<S: Simd, const GROUPS: usize>(
    s: S,
    groups: [&[[u8; GROUP]; GROUPS]; 4],
    coefs: &[[i16; GROUP]],
) -> [S::Partial; 4] {
    let mut sums = [s.zero_partial(); 4];
    for (lane, sum) in sums.iter_mut().enumerate() {
        for group in 0..GROUPS {
            *sum = s.dot(*sum, &groups[lane][group], &coefs[lane * GROUPS + group]);
        }
    }
    sums
}

/// The sums of four samples of any length: the quartet of that number.
#[inline(never)]
fn long_sums<S: Simd>(
    s: S,
    (taps, number): (&Taps, usize),
    quartet: Quartet<'_>,
    window_x: usize,
    samples: &[u8],
) -> [S::Partial; 4] {
    s.run(
        #[inline(always)]
        || {
            let mut sums = [s.zero_partial(); 4];
            let each = quartet.first.iter().zip(quartet.count).enumerate();
            for (sum, (lane, (&first, &count))) in sums.iter_mut().zip(each) {
                if count > 0 {
                    let coefs = taps.coefs(4 * number + lane);
                    // Whole groups: up to 15 bytes of the row's padding are read and weighed by zero.
                    let samples = samples[first as usize - window_x..].as_chunks::<GROUP>().0;
                    let groups = (count as usize).div_ceil(GROUP);
                    for (samples, coefs) in samples[..groups].iter().zip(coefs.as_chunks::<GROUP>().0) {
                        *sum = s.dot(*sum, samples, coefs);
                    }
                }
            }
            sums
        },
    )
}

#[inline(always)]
pub(super) fn vertical<S: Simd>(s: S, coefs: &[i16], bits: u32, rows: &[&[u8]], out: &mut [u8]) {
    // The padding behind a row completes its last vector.
    let rows = Rows::new(rows, out.len() + ROW_PADDING);
    // Two vectors of columns at a time use the weights of a pair of rows twice.
    let mut column = 0;
    while column < out.len() {
        let wide = out.len() - column > S::COLUMNS;
        let sums = if wide {
            weighed::<S, 2>(s, coefs, bits, &rows, column)
        } else {
            weighed::<S, 1>(s, coefs, bits, &rows, column)
        };
        for sums in &sums[..1 + usize::from(wide)] {
            let bytes = s.round_columns(*sums, bits);
            let count = S::COLUMNS.min(out.len() - column);
            out[column..column + count].copy_from_slice(&bytes[..count]);
            column += count;
        }
    }
}

/// `VECTORS` vectors of one output row from `column` on.
#[inline(always)]
fn weighed<S: Simd, const VECTORS: usize>(
    s: S,
    coefs: &[i16],
    bits: u32,
    rows: &Rows<'_>,
    column: usize,
) -> [S::Columns; 2] {
    let mut sums = [s.splat_columns(1 << (bits - 1)); 2];
    let bytes = VECTORS * S::COLUMNS;
    // Coefficients are padded with zeros to an even number, so that an odd last row is paired with itself.
    for ([first, second], coefs) in rows.pairs(column, bytes).zip(coefs.as_chunks::<2>().0) {
        let weights = s.weights(*coefs);
        if rows.count() > MANY_ROWS {
            s.prefetch(first, bytes);
            s.prefetch(second, bytes);
        }
        for (vector, sums) in sums.iter_mut().enumerate().take(VECTORS) {
            let at = vector * S::COLUMNS;
            *sums = s.weigh(*sums, s.load_columns(&first[at..]), s.load_columns(&second[at..]), weights);
        }
    }
    sums
}

/// More rows than the CPU's own prefetchers keep track of. Asking ahead takes 12 % off a reduction by 12 of rows that are too
/// many for the L2 cache.
const MANY_ROWS: usize = 32;
