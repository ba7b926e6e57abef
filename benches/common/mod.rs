//! What several benches share: pictures that are drawn, and how far two are apart.
#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "no bench needs all of it; figures are for people"
)]

pub(crate) mod direct;

/// Benches only run once, to see that they run: pictures may be small.
pub(crate) fn is_test() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// Slopes, edges, texture and noise, as a photograph has them: gray, RGB or RGB with alpha, by the number of
/// components.
pub(crate) fn photograph((width, height): (u32, u32), components: usize) -> Vec<u8> {
    let (mut pixels, mut state) = (Vec::with_capacity((width * height) as usize * components), 1u32);
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let busy = (x / 512 + y / 384) % 3;
            let noise = (state >> 24) % [3, 11, 31][busy as usize];
            let edge = if (x / 37 + y / 53) % 4 == 0 { 40 } else { 0 };
            let slope = x * 120 / width + y * 60 / height;
            let alpha = (x * 512 / width).abs_diff(256).min(255);
            let pixel = [slope + edge + noise, slope + noise / 2 + 20, 150 - slope / 2 + noise, alpha];
            pixels.extend(pixel.iter().take(components).map(|&value| value as u8));
        }
    }
    pixels
}

/// Components one after the other.
pub(crate) fn planes(pixels: &[u8], components: usize) -> Vec<u8> {
    (0..components).flat_map(|i| pixels.iter().skip(i).step_by(components)).copied().collect()
}

/// The mean difference of samples.
pub(crate) fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>() as f64 / a.len() as f64
}

/// The ratio of the largest sample to a mean square error, in decibels.
pub(crate) fn decibels(mean_square: f64) -> f64 {
    10.0 * (255.0 * 255.0 / mean_square).log10()
}
