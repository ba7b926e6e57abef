//! The small pictures that the demo catalog says something with: signal flags, a mask and a stand-in.

use crate::paint::{Rgb, hex, inside, noise, step};

/// Three signal flags side by side, the letters E, D and F; x from 0 to 3, y from 0 to 1.
pub(crate) fn signals(x: f64, y: f64) -> [f64; 3] {
    let (flag, u) = (x.floor(), x.fract());
    let (white, blue) = (hex(0xf5f1e8), hex(0x1f4e9c));
    let (red, yellow) = (hex(0xc8322b), hex(0xf2c230));
    let cloth = if flag < 1.0 {
        if y < 0.5 { blue } else { red }
    } else if flag < 2.0 {
        if (0.25..0.75).contains(&y) { blue } else { yellow }
    } else if (u - 0.5).abs() + (y - 0.5).abs() < 0.5 {
        red
    } else {
        white
    };
    // Folds, the deeper the further from the mast.
    let fold = noise(u * 5.0 + y * 1.2, y * 0.8, 40 + flag as u64) - 0.5;
    let Rgb(r, g, b) = cloth * (0.94 + 0.36 * fold * step(0.0, 0.8, u));
    [r, g, b]
}

/// An arched window, white on black with a soft edge; x from 0 to 3/4, y from 0 to 1.
pub(crate) fn arch(x: f64, y: f64) -> [f64; 1] {
    const HALF: f64 = 0.30;
    const SPRING: f64 = 0.36;
    const SILL: f64 = 0.94;
    let (dx, dy) = (x - 0.375, y - SPRING);
    let from_side = if y < SPRING { HALF - (dx * dx + dy * dy).sqrt() } else { (HALF - dx.abs()).min(SILL - y) };
    [step(0.0, 0.012, from_side)]
}

/// What hangs where a picture is missing: hills and a sun in a frame; x from 0 to 4/3, y from 0 to 1.
pub(crate) fn missing(x: f64, y: f64) -> [f64; 1] {
    const PAPER: f64 = 0.93;
    const INK: f64 = 0.62;
    let (dx, dy) = ((x - 2.0 / 3.0).abs(), (y - 0.5).abs());
    if dx > 0.47 || dy > 0.35 {
        return [PAPER];
    }
    let (sx, sy) = (x - 0.42, y - 0.36);
    let sun = (sx * sx + sy * sy).sqrt() < 0.065;
    let hills = inside(&[(0.24, 0.81), (0.50, 0.46), (0.76, 0.81)], x, y)
        || inside(&[(0.52, 0.81), (0.82, 0.34), (1.10, 0.81)], x, y);
    let frame = dx > 0.452 || dy > 0.332;
    [if frame || sun || hills && dx < 0.425 && dy < 0.30 { INK } else { PAPER }]
}
