//! Portable code: loops of fixed length, of which the compiler makes vectors of what every CPU of the architecture has.

use super::Taps;
use crate::imaging::kernel::taps::{GROUP, SHORT};
use crate::imaging::pixel::raster::ROW_PADDING;

/// Columns whose sums stay in registers.
const COLUMNS: usize = 16;

/// A sum in fixed point as a byte: halves up, clamped.
#[inline]
pub(super) fn round(sum: i32, bits: u32) -> u8 {
    // The tables leave room for the half; clamped before narrowing.
    ((sum + (1 << (bits - 1))) >> bits).clamp(0, 255) as u8
}

/// One row, which has padding behind it.
pub(super) fn horizontal(taps: &Taps, window_x: usize, samples: &[u8], out: &mut [u8]) {
    // Short filters, which most are, get loops of known length.
    match taps.groups() {
        Some(1) => short::<1>(taps, window_x, samples, out),
        Some(2) => short::<2>(taps, window_x, samples, out),
        Some(3) => short::<3>(taps, window_x, samples, out),
        Some(4) => short::<4>(taps, window_x, samples, out),
        Some(5) => short::<5>(taps, window_x, samples, out),
        Some(SHORT) => short::<SHORT>(taps, window_x, samples, out),
        _ => {
            for (t, out) in out.iter_mut().enumerate() {
                *out = round(long_sum(taps, t, window_x, samples), taps.bits(t));
            }
        }
    }
}

/// Samples of `GROUPS` groups each. Where one has fewer, bytes behind it are weighed by zero.
fn short<const GROUPS: usize>(taps: &Taps, window_x: usize, samples: &[u8], out: &mut [u8]) {
    for (number, (out, quartet)) in out.chunks_mut(4).zip(taps.quartets()).enumerate() {
        let coefs = quartet.coefs.as_chunks::<GROUP>().0.as_chunks::<GROUPS>().0;
        let places = quartet.first.iter().zip(quartet.bits);
        for (lane, ((out, coefs), (&first, &bits))) in out.iter_mut().zip(coefs).zip(places).enumerate() {
            let bytes = samples.get((first as usize).wrapping_sub(window_x)..).unwrap_or(&[]);
            let sum = match bytes.as_chunks::<GROUP>().0.first_chunk::<GROUPS>() {
                Some(bytes) => coefs.iter().zip(bytes).map(|(coefs, bytes)| dot(coefs, bytes)).sum(),
                // At the right edge filters are shorter and whole groups may reach beyond the padding.
                None => long_sum(taps, 4 * number + lane, window_x, samples),
            };
            *out = round(sum, bits);
        }
    }
}

/// The sum of sample `t`, of any length.
fn long_sum(taps: &Taps, t: usize, window_x: usize, samples: &[u8]) -> i32 {
    let pixels = taps.pixels(t);
    if pixels.is_empty() {
        return 0;
    }
    // Whole groups: up to 15 bytes of the row's padding are read and weighed by zero.
    let groups = samples[pixels.start - window_x..].as_chunks::<GROUP>().0;
    taps.coefs(t).as_chunks::<GROUP>().0.iter().zip(groups).map(|(coefs, bytes)| dot(coefs, bytes)).sum()
}

#[inline(always)]
fn dot(coefs: &[i16; GROUP], bytes: &[u8; GROUP]) -> i32 {
    coefs.iter().zip(bytes).map(|(&coef, &byte)| i32::from(coef) * i32::from(byte)).sum()
}

/// There are as many rows as coefficients count, each with padding behind it.
pub(super) fn vertical(coefs: &[i16], bits: u32, rows: &[&[u8]], out: &mut [u8]) {
    // Checked once: the padding completes the last columns.
    assert!(rows.iter().all(|row| row.len() >= out.len() + ROW_PADDING));
    for (number, out) in out.chunks_mut(COLUMNS).enumerate() {
        let mut sums = [1 << (bits - 1); COLUMNS];
        for (&coef, row) in coefs.iter().zip(rows) {
            let Some(bytes) = row.get(COLUMNS * number..).and_then(<[u8]>::first_chunk::<COLUMNS>) else { break };
            for (sum, &byte) in sums.iter_mut().zip(bytes) {
                *sum += i32::from(coef) * i32::from(byte);
            }
        }
        // Clamped before narrowing.
        let bytes = sums.map(|sum| (sum >> bits).clamp(0, 255) as u8);
        out.copy_from_slice(&bytes[..out.len()]);
    }
}
