//! A harbour at dusk: sky, mountains, a village, boats on rippled water, a pier.

use crate::paint::{Rgb, distance, fbm, hex, inside, mix, noise, random, ridged, step};

/// Coordinates: x from 0 to 16/9, y from 0 (top) to 1.
const HORIZON: f64 = 0.56;
const SUN: (f64, f64) = (1.27, 0.448);

pub(crate) fn paint(x: f64, y: f64) -> [f64; 3] {
    let mut color = if y < HORIZON { land_and_sky(x, y) } else { water(x, y) };
    for boat in &BOATS {
        color = boat.over(color, x, y);
    }
    if let Some(wood) = pier(x, y) {
        color = wood;
    }
    // A touch of grain, as a sensor has it.
    let grain = (random((x * 2700.0) as i64, (y * 2700.0) as i64, 99) - 0.5) * 0.022;
    [color.0 + grain, color.1 + grain, color.2 + grain]
}

fn sky(x: f64, y: f64) -> Rgb {
    let height = (HORIZON - y) / HORIZON;
    let mut color = mix(hex(0xf7b267), hex(0xe07a5f), step(0.0, 0.25, height));
    color = mix(color, hex(0x6d6a9c), step(0.15, 0.6, height));
    color = mix(color, hex(0x1d2d50), step(0.5, 1.1, height));
    let (dx, dy) = (x - SUN.0, (y - SUN.1) * 1.4);
    let to_sun = (dx * dx + dy * dy).sqrt();
    color = color + hex(0xffd39a) * (0.10 / (0.12 + to_sun * 3.0));

    // Clouds: long, thinner towards the horizon, their undersides lit.
    let (cx, cy) = (x * 2.2, y * 9.0 / (0.35 + height));
    let cover = fbm(cx + 3.0, cy, 7, 11);
    let thick = step(0.47, 0.74, cover);
    let lit = step(0.0, 0.12, cover - fbm(cx + 3.03, cy + 0.22, 6, 11));
    let shade = mix(hex(0x4b4a72), hex(0xf4a26b), lit * (0.35 + 0.65 / (1.0 + to_sun * 1.6)));
    color = mix(color, shade, thick * 0.85);

    let disc = 1.0 - step(0.0285, 0.0300, (dx * dx + (y - SUN.1) * (y - SUN.1)).sqrt());
    mix(color, hex(0xfff1cf), disc * (1.0 - 0.7 * thick))
}

fn land_and_sky(x: f64, y: f64) -> Rgb {
    let mut color = sky(x, y);
    // Three ranges, each nearer, darker and with more detail than the one behind.
    let far = 0.40 + 0.16 * (1.0 - ridged(x * 1.7 + 2.0, 0.3, 6, 21));
    if y > far {
        let lines = 0.6 * ridged(x * 16.0 + y * 8.0, y * 22.0, 7, 22) + 0.4 * fbm(x * 60.0, y * 90.0, 4, 24);
        let snow = step(0.30, 0.52, lines - 5.0 * (y - far - 0.02));
        let rock = mix(hex(0x5d5f86), hex(0x8b7f9a), fbm(x * 20.0, y * 30.0, 5, 23));
        color = mix(mix(rock, hex(0xf3c9b0), snow), hex(0xc98f7a), step(far, HORIZON, y) * 0.55);
    }
    let middle = 0.475 + 0.09 * (1.0 - fbm(x * 2.6 + 7.0, 0.7, 7, 31)) - 0.03 * x;
    if y > middle {
        let slope = ridged(x * 16.0 + y * 9.0, y * 26.0, 7, 32);
        color = mix(hex(0x2f3555), hex(0x6a5568), slope * 0.8);
        color = mix(color, hex(0xa0705f), step(middle, HORIZON, y) * 0.35);
    }
    let trees = (noise(x * 260.0, 0.0, 41) - 0.3).max(0.0) * 0.016 + noise(x * 70.0, 1.0, 42) * 0.012;
    let near = 0.545 - 0.035 * fbm(x * 3.0, 5.0, 5, 43) - trees * step(0.0, 0.9, (x - 0.75).abs() + 0.25);
    if y > near {
        let leaves = fbm(x * 190.0, y * 240.0, 5, 44);
        color = mix(hex(0x0f1822), hex(0x39413a), leaves * leaves * 1.5);
    }
    village(x, y).unwrap_or(color)
}

/// Gabled houses along the shore, some windows lit.
fn village(x: f64, y: f64) -> Option<Rgb> {
    const LOT: f64 = 0.026;
    let lot = (x / LOT).floor() as i64;
    for lot in [lot - 1, lot, lot + 1] {
        let chance = |what: u64| random(lot, what as i64, 51);
        if !(14..52).contains(&lot) || chance(0) < 0.25 {
            continue;
        }
        let (width, height) = (0.014 + 0.012 * chance(1), 0.014 + 0.020 * chance(2));
        let (left, base) = (lot as f64 * LOT + 0.006 * chance(3), 0.556 - 0.008 * chance(4));
        let (u, v) = ((x - left) / width, (base - y) / height);
        if !(0.0..1.0).contains(&u) || v < 0.0 {
            continue;
        }
        let wall = [hex(0xb5534a), hex(0xd8c9b0), hex(0x8c6a4f), hex(0x5f6f81)][(chance(5) * 4.0) as usize];
        if v < 1.0 {
            let boards = 0.82 + 0.18 * noise(0.0, v * height * 2600.0, 52);
            let (column, row) = ((u * 3.0).floor(), (v * 2.0).floor());
            let pane = (u * 3.0 - column - 0.5).abs() < 0.24 && (v * 2.0 - row - 0.5).abs() < 0.28;
            let lit = random(lot * 9 + column as i64, row as i64, 53) < 0.55;
            return Some(match (pane, lit) {
                (true, true) => hex(0xffd27a),
                (true, false) => hex(0x1c2233),
                _ => wall * (0.55 * boards),
            });
        }
        let roof = 0.75 * width / height;
        if v < 1.0 + roof * (1.0 - (2.0 * u - 1.0).abs()) {
            return Some(hex(0x2b2733) * (0.8 + 0.5 * noise(u * 40.0, v * 90.0, 54)));
        }
    }
    None
}

fn water(x: f64, y: f64) -> Rgb {
    let depth = (y - HORIZON) / (1.0 - HORIZON);
    // Ripples are long and low, and grow towards the viewer.
    let size = 0.004 + 0.055 * depth;
    let wave = fbm(x / size * 0.45, (y - HORIZON) / size * 2.2, 6, 61) - 0.5;
    let fine = fbm(x * 160.0, y * 700.0 / (0.3 + depth), 4, 62) - 0.5;
    let sway = wave * (0.010 + 0.10 * depth) + fine * 0.012;
    let mirrored = (2.0 * HORIZON - y - sway * 1.3).clamp(0.02, HORIZON - 0.001);
    let mut color = land_and_sky(x + sway * 0.35, mirrored) * (0.80 - 0.22 * depth);
    color = mix(color, hex(0x0c2236), 0.10 + 0.45 * depth * (1.0 - 0.5 * wave));
    // The sun's path.
    let across = (x - SUN.0 + sway * 0.6).abs() / (0.02 + 0.16 * depth);
    let glint = step(0.52, 0.72, fbm(x * 90.0 / (0.4 + depth), y * 620.0 / (0.25 + depth), 4, 63));
    color + hex(0xffcf8c) * (glint * 0.85 / (1.0 + across * across * 3.0))
}

struct Boat {
    x: f64,
    /// Waterline.
    y: f64,
    size: f64,
    hull: Rgb,
    sail: Rgb,
}

const BOATS: [Boat; 4] = [
    Boat { x: 0.66, y: 0.745, size: 0.145, hull: hex(0x8c2f2b), sail: hex(0xf2e8d5) },
    Boat { x: 0.88, y: 0.640, size: 0.068, hull: hex(0x27415e), sail: hex(0xe8dcc0) },
    Boat { x: 1.06, y: 0.605, size: 0.042, hull: hex(0xe9e3d6), sail: hex(0xd9785a) },
    Boat { x: 1.58, y: 0.690, size: 0.100, hull: hex(0xe9e3d6), sail: hex(0xf5efe2) },
];

impl Boat {
    fn over(&self, behind: Rgb, x: f64, y: f64) -> Rgb {
        let (u, v) = ((x - self.x) / self.size, (self.y - y) / self.size);
        if !(-1.2..1.2).contains(&u) || !(-2.2..2.2).contains(&v) {
            return behind;
        }
        if v >= 0.0 {
            return self.shape(u, v).unwrap_or(behind);
        }
        // Its image in the water, torn by ripples.
        let sway = (fbm(x * 60.0, y * 420.0, 4, 71) - 0.5) * (0.12 - 0.10 * v);
        match self.shape(u + sway, -v * 1.05) {
            Some(color) => mix(behind, color * 0.75, 0.62 + 0.25 * v),
            None => behind,
        }
    }

    fn shape(&self, u: f64, v: f64) -> Option<Rgb> {
        if inside(&[(-0.62, 0.0), (0.58, 0.0), (0.78, 0.20), (-0.70, 0.17)], u, v) {
            let stripe = if (0.12..0.15).contains(&v) { 1.5 } else { 1.0 };
            return Some(self.hull * (stripe * (0.55 + 0.9 * v + 0.12 * noise(u * 30.0, v * 90.0, 72))));
        }
        if (u - 0.02).abs() < 0.012 && v < 1.62 {
            return Some(hex(0x3a2a20));
        }
        // Light falls through the sails from the right.
        let cloth = |shade: f64| self.sail * (shade - 0.06 * noise(u * 3.0 + v * 14.0, v * 2.0, 73));
        if inside(&[(-0.02, 0.27), (-0.60, 0.30), (-0.03, 1.52)], u, v) {
            let seam = if (v * 9.0).fract() < 0.06 { 0.08 } else { 0.0 };
            return Some(cloth(0.78 + 0.25 * (u + 0.6) - seam));
        }
        if inside(&[(0.06, 0.24), (0.74, 0.24), (0.05, 1.40)], u, v) {
            return Some(cloth(0.98));
        }
        let rigging = distance((0.02, 1.6), (0.76, 0.2), u, v).min(distance((0.02, 1.6), (-0.68, 0.17), u, v));
        (rigging < 0.005).then(|| hex(0x2a2422))
    }
}

/// A wooden pier that leads out from the lower left, in perspective.
fn pier(x: f64, y: f64) -> Option<Rgb> {
    // Where its edges meet, on the horizon.
    const VANISH: f64 = 0.27;
    // Posts first, the nearest last to be asked but first to be seen.
    for post in 0..9 {
        let z = 2.0 + 0.68 * f64::from(post);
        for side in [-1.0, 1.0] {
            let (foot, px) = (HORIZON + 1.0 / z, VANISH + side * 0.56 / z);
            let (half, height) = (0.040 / z, 0.30 / z);
            let (u, v) = ((x - px) / half, (foot + 0.05 / z - y) / height);
            if u.abs() < 1.0 && (0.0..1.0).contains(&v) {
                let round = (1.0 - u * u).sqrt();
                let bark = fbm(u * 2.0, y * 120.0 * z * 0.4, 5, 81 + post as u64);
                let cap = if v > 0.95 { 1.35 } else { 1.0 };
                return Some(mix(hex(0x1d1512), hex(0x94694a), round * (0.25 + 0.75 * bark)) * cap);
            }
        }
    }
    let z = 1.0 / (y - HORIZON).max(0.01);
    let across = (x - VANISH) * z;
    if z > 7.6 || across.abs() > 0.53 {
        // Its shadow on the water.
        return None;
    }
    if across.abs() > 0.50 {
        return Some(hex(0x15100e) * (0.8 + 0.6 * noise(across * 40.0, z * 30.0, 80)));
    }
    // Planks lie across.
    let plank = (z * 7.0).floor();
    let within = z * 7.0 - plank;
    if within < 0.06 {
        return Some(hex(0x0b0908));
    }
    let seed = plank as u64;
    let grain = fbm(across * 9.0 + plank * 3.1, within * 3.0, 6, 91 + seed);
    let fibre = noise(across * 16.0, within * 26.0, 92 + seed);
    let knot = step(0.86, 0.93, noise(across * 22.0, within * 2.0 + plank * 9.0, 94));
    let tone = 0.70 + 0.45 * random(plank as i64, 0, 93);
    let nail = ((across.abs() - 0.42).abs() < 0.008) && (within - 0.5).abs() < 0.10;
    if nail {
        return Some(hex(0x120e0c));
    }
    let wood = mix(mix(hex(0x33241b), hex(0xb08a66), 0.7 * grain + 0.3 * fibre), hex(0x2b1b12), 0.6 * knot);
    // The sky is brighter to the right.
    Some(wood * (tone * (0.85 + 0.35 * across)) + hex(0xe07a5f) * (0.05 + 0.02 * z))
}
