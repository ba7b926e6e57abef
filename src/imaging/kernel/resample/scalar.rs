//! The reference: one sum per sample.

use super::Taps;

/// A sum in fixed point as a byte: halves up, clamped.
#[inline]
pub(super) fn round(sum: i32, bits: u32) -> u8 {
    // The tables leave room for the half; clamped before narrowing.
    ((sum + (1 << (bits - 1))) >> bits).clamp(0, 255) as u8
}

pub(super) fn horizontal(taps: &Taps, window_x: usize, samples: &[u8], out: &mut [u8]) {
    for (t, out) in out.iter_mut().enumerate() {
        let pixels = taps.pixels(t);
        if pixels.is_empty() {
            *out = 0;
            continue;
        }
        let samples = &samples[pixels.start - window_x..];
        let sum = taps.coefs(t)[..pixels.len()].iter().zip(samples).map(|(&c, &s)| i32::from(c) * i32::from(s)).sum();
        *out = round(sum, taps.bits(t));
    }
}

/// There are as many rows as coefficients count.
pub(super) fn vertical(coefs: &[i16], bits: u32, rows: &[&[u8]], out: &mut [u8]) {
    // Sixteen columns at a time, so that the sums stay in registers.
    for (chunk, out) in out.chunks_mut(16).enumerate() {
        let mut sums = [0i32; 16];
        for (&coef, row) in coefs.iter().zip(rows) {
            let row = &row[16 * chunk..][..16];
            for (sum, &sample) in sums.iter_mut().zip(row) {
                *sum += i32::from(coef) * i32::from(sample);
            }
        }
        for (out, sum) in out.iter_mut().zip(sums) {
            *out = round(sum, bits);
        }
    }
}
