//! Colours, noise and shapes to paint with.
//!
//! Only `+ − × ÷`, `sqrt` and `floor`: those are the same on every machine, and so are the pictures.

use std::ops::{Add, Mul};

/// Linear light is not modelled: components are display values from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rgb(pub(crate) f64, pub(crate) f64, pub(crate) f64);

impl Add for Rgb {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1, self.2 + other.2)
    }
}

impl Mul<f64> for Rgb {
    type Output = Self;
    fn mul(self, k: f64) -> Self {
        Self(self.0 * k, self.1 * k, self.2 * k)
    }
}

/// A colour written as in HTML.
pub(crate) const fn hex(rgb: u32) -> Rgb {
    Rgb((rgb >> 16 & 255) as f64 / 255.0, (rgb >> 8 & 255) as f64 / 255.0, (rgb & 255) as f64 / 255.0)
}

pub(crate) fn mix(a: Rgb, b: Rgb, t: f64) -> Rgb {
    let t = t.clamp(0.0, 1.0);
    a * (1.0 - t) + b * t
}

/// 0 below `a`, 1 above `b`, smooth between.
pub(crate) fn step(a: f64, b: f64, x: f64) -> f64 {
    let t = ((x - a) / (b - a)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

pub(crate) fn byte(x: f64) -> u8 {
    (x.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

/// A number from 0 to 1 for a point of a lattice.
pub(crate) fn random(x: i64, y: i64, seed: u64) -> f64 {
    let mut h = (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f) ^ seed;
    h = (h ^ h >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ h >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((h ^ h >> 31) >> 11) as f64 / (1u64 << 53) as f64
}

/// Value noise from 0 to 1, one lump per unit.
pub(crate) fn noise(x: f64, y: f64, seed: u64) -> f64 {
    let (fx, fy) = (x.floor(), y.floor());
    let (ix, iy) = (fx as i64, fy as i64);
    let ease = |t: f64| t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
    let (u, v) = (ease(x - fx), ease(y - fy));
    let top = random(ix, iy, seed) * (1.0 - u) + random(ix + 1, iy, seed) * u;
    let bottom = random(ix, iy + 1, seed) * (1.0 - u) + random(ix + 1, iy + 1, seed) * u;
    top * (1.0 - v) + bottom * v
}

/// Octaves of noise, each twice as fine and half as strong; about 0.5 on average.
pub(crate) fn fbm(x: f64, y: f64, octaves: u32, seed: u64) -> f64 {
    let (mut sum, mut amplitude, mut scale, mut total) = (0.0, 1.0, 1.0, 0.0);
    for octave in 0..octaves {
        // Shifted, so that the lattices do not line up.
        let shift = 17.3 * f64::from(octave);
        sum += amplitude * noise(x * scale + shift, y * scale - shift, seed ^ u64::from(octave));
        total += amplitude;
        amplitude *= 0.5;
        scale *= 2.03;
    }
    sum / total
}

/// Noise with sharp crests, as rock has them.
pub(crate) fn ridged(x: f64, y: f64, octaves: u32, seed: u64) -> f64 {
    let (mut sum, mut amplitude, mut scale, mut total) = (0.0, 1.0, 1.0, 0.0);
    for octave in 0..octaves {
        let crest = 1.0 - (2.0 * noise(x * scale, y * scale, seed ^ u64::from(octave) << 7) - 1.0).abs();
        sum += amplitude * crest * crest;
        total += amplitude;
        amplitude *= 0.5;
        scale *= 2.07;
    }
    sum / total
}

/// The point lies in the polygon.
pub(crate) fn inside(polygon: &[(f64, f64)], x: f64, y: f64) -> bool {
    let mut odd = false;
    for (i, &(ax, ay)) in polygon.iter().enumerate() {
        let (bx, by) = polygon[(i + 1) % polygon.len()];
        if (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax {
            odd = !odd;
        }
    }
    odd
}

/// Distance from a point to a segment.
pub(crate) fn distance((ax, ay): (f64, f64), (bx, by): (f64, f64), x: f64, y: f64) -> f64 {
    let (dx, dy) = (bx - ax, by - ay);
    let t = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    let (px, py) = (x - ax - t * dx, y - ay - t * dy);
    (px * px + py * py).sqrt()
}

/// Paints `width × height` pixels of `N` components, each the mean of 2×2 samples; `paint` takes coordinates in
/// units of the height and one sample's size.
pub(crate) fn render<const N: usize>(
    width: usize,
    height: usize,
    paint: impl Fn(f64, f64) -> [f64; N] + Sync,
) -> Vec<[f64; N]> {
    let mut pixels = vec![[0.0; N]; width * height];
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let rows_each = height.div_ceil(threads);
    std::thread::scope(|scope| {
        for (band, pixels) in pixels.chunks_mut(rows_each * width).enumerate() {
            let paint = &paint;
            scope.spawn(move || {
                for (i, pixel) in pixels.iter_mut().enumerate() {
                    let (x, y) = (i % width, band * rows_each + i / width);
                    for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                        let sample = paint((x as f64 + dx) / height as f64, (y as f64 + dy) / height as f64);
                        for (sum, value) in pixel.iter_mut().zip(sample) {
                            *sum += value * 0.25;
                        }
                    }
                }
            });
        }
    });
    pixels
}
