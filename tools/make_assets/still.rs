//! The smaller pictures: a lighthouse, pebbles, a life ring, a chart and a poster.

use crate::paint::{distance, fbm, hex, inside, mix, noise, random, ridged, step};

/// A lighthouse above surf; x from 0 to 3/4, y from 0 to 1.
pub(crate) fn lighthouse(x: f64, y: f64) -> [f64; 3] {
    let mut color = mix(hex(0x16324f), hex(0x9bc4cb), step(-0.1, 0.75, y));
    let haze = fbm(x * 4.0, y * 9.0, 6, 1);
    color = mix(color, hex(0xf6ead2), step(0.50, 0.85, haze) * 0.8);
    if y > 0.70 {
        let near = (y - 0.70) / 0.30;
        let swell = fbm(x * (14.0 - 9.0 * near), (y - 0.7) * (140.0 - 80.0 * near), 6, 2);
        color = mix(hex(0x1b4a5a), hex(0x7fb3b5), swell * (1.0 - 0.3 * near));
        let foam = step(0.60, 0.70, fbm(x * 26.0, y * 60.0, 6, 3)) * step(0.80, 1.0, y);
        color = mix(color, hex(0xf4f8f5), foam);
    }
    let crag = 0.66
        + 0.25 * (x - 0.42).abs()
        + 0.10 * (ridged(x * 9.0, 0.0, 6, 4) - 0.5)
        + step(0.5, 0.75, x) * 0.06
        + 2.2 * (0.20 - x).max(0.0) * (0.6 + 0.8 * noise(x * 40.0, 3.0, 11));
    if y > crag {
        let rock = ridged(x * 14.0 + y * 4.0, y * 10.0, 8, 5);
        let grass = 1.0 - step(0.0, 0.035, y - crag + 0.03 * noise(x * 90.0, y * 90.0, 6));
        color = mix(
            mix(hex(0x2e2a2b), hex(0x9a8573), rock),
            hex(0x5f7a3c) * (0.6 + 0.8 * noise(x * 300.0, y * 140.0, 7)),
            grass,
        );
        let spray = step(0.55, 0.75, fbm(x * 30.0, y * 30.0, 6, 8)) * step(0.86, 0.95, y);
        color = mix(color, hex(0xffffff), spray);
    }
    let (cx, foot, head) = (0.40, 0.665, 0.235);
    let half = 0.038 + 0.030 * (y - head) / (foot - head);
    let u = (x - cx) / half;
    if (head..foot).contains(&y) && u.abs() < 1.0 {
        let band = ((y - head) / 0.086).floor() as i64;
        let paint = if band % 2 == 0 { hex(0xf3efe6) } else { hex(0xb8322c) };
        let light = 0.30 + 0.70 * (1.0 - (u + 0.35) * (u + 0.35) * 0.55).max(0.0);
        let window = (u - 0.1).abs() < 0.13 && ((y - head) * 9.0).fract() < 0.16;
        let stain = 0.92 + 0.10 * fbm(u * 3.0, y * 60.0, 5, 9);
        color = if window { hex(0x1d2228) } else { paint * (light * stain) };
    }
    if inside(&[(0.345, 0.235), (0.455, 0.235), (0.450, 0.218), (0.350, 0.218)], x, y) {
        color = hex(0x27282c) * (0.7 + 0.6 * noise(x * 400.0, 0.0, 10));
    }
    if (0.372..0.428).contains(&x) && (0.165..0.218).contains(&y) {
        let bar = ((x - 0.372) / 0.014).fract() < 0.10;
        let glow = 1.0 - distance((0.40, 0.17), (0.40, 0.215), x, y) * 30.0;
        color = if bar { hex(0x1d1e22) } else { mix(hex(0xffe9ae), hex(0xffffff), glow) };
    }
    if inside(&[(0.362, 0.165), (0.438, 0.165), (0.40, 0.118)], x, y)
        || ((x - 0.40).abs() < 0.002 && (0.09..0.12).contains(&y))
    {
        color = hex(0x9c2b27) * (0.6 + 6.0 * (x - 0.36).max(0.0));
    }
    [color.0, color.1, color.2]
}

/// Wet pebbles, in gray; x from 0 to 4/3, y from 0 to 1.
pub(crate) fn pebbles(x: f64, y: f64) -> [f64; 1] {
    const CELLS: f64 = 11.0;
    let warp = 0.35 * (fbm(x * 9.0, y * 9.0, 3, 1) - 0.5);
    let (u, v) = (x * CELLS + warp, y * CELLS - warp);
    let (mut nearest, mut second, mut stone) = (9.0, 9.0, (0, 0));
    for row in v.floor() as i64 - 1..=v.floor() as i64 + 1 {
        for column in u.floor() as i64 - 1..=u.floor() as i64 + 1 {
            let (sx, sy) = (column as f64 + random(column, row, 2), row as f64 + random(column, row, 3));
            let distance = ((u - sx) * (u - sx) + (v - sy) * (v - sy)).sqrt();
            if distance < nearest {
                (second, nearest, stone) = (nearest, distance, (column, row));
            } else if distance < second {
                second = distance;
            }
        }
    }
    let edge = second - nearest;
    let height = step(0.0, 0.32, edge);
    let tone = 0.34 + 0.60 * random(stone.0, stone.1, 4);
    let speckle = fbm(x * 160.0, y * 160.0, 5, 5 + (stone.0 * 7 + stone.1) as u64 % 50);
    let vein = 1.0 - step(0.0, 0.05, (fbm(x * 14.0 + stone.0 as f64, y * 14.0, 4, 6) - 0.5).abs());
    let (lx, ly) = (u - stone.0 as f64 - 0.5, v - stone.1 as f64 - 0.5);
    let light = 0.75 - 0.35 * (lx + ly) * (1.0 - height * 0.4);
    let shine = step(0.80, 0.97, 1.0 - ((lx + 0.22) * (lx + 0.22) + (ly + 0.25) * (ly + 0.25)) * 14.0) * 0.35;
    let body = (tone * (0.7 + 0.6 * speckle) + 0.16 * vein) * light + shine * height;
    [if edge < 0.05 { 0.04 } else { 0.05 + body * height }]
}

/// A life ring with its shadow on nothing: red, green, blue and alpha; x and y from 0 to 1.
pub(crate) fn ring(x: f64, y: f64) -> [f64; 4] {
    const RADIUS: f64 = 0.33;
    const TUBE: f64 = 0.115;
    let (dx, dy) = (x - 0.5, y - 0.47);
    let from_center = (dx * dx + dy * dy).sqrt();
    let across = (from_center - RADIUS) / TUBE;
    // Rope: four arcs outside the tube.
    let quarter = dx.abs().min(dy.abs()) / from_center.max(1e-6);
    let rope_at = RADIUS + TUBE + 0.018 - 0.030 * (1.0 - step(0.0, 0.42, quarter));
    let rope = (from_center - rope_at).abs() / 0.013;
    if rope < 1.0 {
        let strands = 0.65 + 0.35 * noise((dx - dy) * 260.0, (dx + dy) * 40.0, 3);
        let color = hex(0xd9c49a) * (strands * (1.0 - 0.5 * rope * rope));
        return [color.0, color.1, color.2, 1.0];
    }
    if across.abs() < 1.0 {
        let lift = (1.0 - across * across).sqrt();
        let (nx, ny) = (dx / from_center * across, dy / from_center * across);
        let light = (0.35 + 0.75 * (lift * 0.75 - nx * 0.45 - ny * 0.55)).max(0.05);
        let shine = step(0.90, 0.995, lift * 0.80 - nx * 0.42 - ny * 0.46);
        // Eight bands, by the sign of cos 4θ: 8 x⁴ − 8 x² + 1 for x = cos θ.
        let c = dx / from_center;
        let band = 8.0 * c * c * c * c - 8.0 * c * c + 1.0 < 0.0;
        let cloth = 0.94 + 0.06 * noise(x * 700.0, y * 700.0, 4);
        let paint = if band { hex(0xd8352a) } else { hex(0xf6f1e6) };
        let color = mix(paint * (light * cloth), hex(0xffffff), shine * 0.7);
        return [color.0, color.1, color.2, 1.0];
    }
    // A soft shadow below: black, the further the fainter.
    let (sx, sy) = (x - 0.515, (y - 0.535) * 1.03);
    let shadow = ((sx * sx + sy * sy).sqrt() - RADIUS).abs() / (TUBE * 1.5);
    let alpha = 0.45 * (1.0 - step(0.25, 1.0, shadow));
    [0.05, 0.04, 0.10, alpha]
}

/// Colours of the chart: sea by depth, land by height, ink.
pub(crate) const CHART_COLORS: [u32; 14] = [
    0x5b9bc9, 0x74aed6, 0x8fc1e1, 0xabd3ea, 0xc6e3f1, 0xe0f1f8, 0xf6ecc6, 0xf0deb0, 0xe7cd97, 0xdbb97f, 0xc9a069,
    0x2d3b4e, 0xb03a36, 0xffffff,
];

/// Number of the chart colour at a point; x from 0 to 7/5, y from 0 to 1.
pub(crate) fn chart(x: f64, y: f64) -> u8 {
    const INK: u8 = 11;
    const RED: u8 = 12;
    let (border_x, border_y) = ((x - 0.7).abs(), (y - 0.5).abs());
    if border_x > 0.682 || border_y > 0.482 {
        let scale = ((x * 20.0).floor() as i64 + (y * 20.0).floor() as i64) % 2 == 0;
        return if border_x > 0.694 || border_y > 0.494 || !scale { 13 } else { INK };
    }
    // A compass rose.
    let (dx, dy) = (x - 1.14, y - 0.74);
    let far = (dx * dx + dy * dy).sqrt();
    if (far - 0.130).abs() < 0.0012 || (far - 0.122).abs() < 0.0008 {
        return RED;
    }
    let (a, b) = (dx.abs().max(dy.abs()), dx.abs().min(dy.abs()));
    if far < 0.118 && b < (0.118 - a) * 0.22 {
        return if (dx * dy > 0.0) == (dx.abs() > dy.abs()) { RED } else { 13 };
    }
    let grid = |v: f64| ((v * 5.0).fract() * 200.0) < 0.9;
    let height = fbm(x * 2.3 + 5.0, y * 2.3 + 1.0, 7, 8) - 0.04 * (x - 0.5);
    let level = ((height - 0.25) * 26.0).clamp(0.0, 10.99);
    let shore = level - 6.0;
    if shore.abs() < 0.05 {
        return INK;
    }
    if level > 6.0 && level.fract() < 0.06 {
        return 10;
    }
    if grid(x) || grid(y) {
        return if level > 6.0 { 10 } else { 0 };
    }
    level.floor() as u8
}

/// A poster in four inks: cyan, magenta, yellow, black; x from 0 to 3/4, y from 0 to 1.
pub(crate) fn poster(x: f64, y: f64) -> [f64; 4] {
    let ink = |c: f64, m: f64, y: f64, k: f64| [c, m, y, k];
    let paper = 0.02 + 0.03 * noise(x * 500.0, y * 500.0, 1);
    let (dx, dy) = (x - 0.375, y - 0.40);
    let far = (dx * dx + dy * dy).sqrt();
    // Rays behind the sun, by the sign of a polynomial in the direction.
    let (c, s) = (dx / far.max(1e-9), dy / far.max(1e-9));
    let rays = (c * s * (c * c - s * s) * 4.0 * (1.0 - 2.0 * (2.0 * c * s) * (2.0 * c * s))) > 0.0;
    let mut color = if rays { ink(0.0, 0.22, 0.55, 0.0) } else { ink(0.0, 0.10, 0.32, 0.0) };
    if far < 0.19 {
        color = ink(0.0, 0.72 - 1.2 * far, 0.95, 0.0);
    }
    for layer in 0..5u8 {
        let l = f64::from(layer);
        let crest =
            0.50 + 0.095 * l + 0.028 * (ridged(x * (2.2 + 0.3 * l) + l * 3.7, 0.2, 3, 2 + u64::from(layer)) - 0.5);
        if y > crest {
            let foam = y < crest + 0.006;
            let deep = 0.25 + 0.15 * l;
            color = if foam { ink(0.05, 0.02, 0.05, 0.0) } else { ink(0.55 + 0.1 * l, deep, 0.12, 0.05 * l * l) };
        }
    }
    // Halftone: dots of black that grow towards the bottom.
    let (u, v) = ((x + y) * 90.0, (x - y) * 90.0);
    let dot =
        ((u.fract() - 0.5) * (u.fract() - 0.5) + ((v + 200.0).fract() - 0.5) * ((v + 200.0).fract() - 0.5)).sqrt();
    if dot < 0.42 * step(0.45, 1.05, y) {
        color[3] = (color[3] + 0.28_f64).min(1.0);
    }
    if (x - 0.375).abs() > 0.352 || (y - 0.5).abs() > 0.477 {
        color = ink(0.0, 0.0, 0.04, 0.0);
    }
    [color[0], color[1], color[2], color[3] + paper]
}

/// The colour of a chart entry.
pub(crate) fn chart_palette() -> Vec<u8> {
    CHART_COLORS.iter().flat_map(|&color| [(color >> 16) as u8, (color >> 8) as u8, color as u8]).collect()
}
