//! Palettes that do not depend on the picture.

use super::color::Color;

/// The 216 colours whose components are multiples of 51, from black to white.
pub(super) fn web() -> Vec<Color> {
    const LEVELS: [u8; 6] = [0, 51, 102, 153, 204, 255];
    let levels = || LEVELS.into_iter();
    levels().flat_map(|r| levels().flat_map(move |g| levels().map(move |b| [r, g, b, 255]))).collect()
}

/// The system palette of the classic Macintosh, from white to black: 215 colours whose components are multiples of 51, ramps
/// of ten reds, greens, blues and grays between them, and black.
pub(super) fn mac() -> Vec<Color> {
    let mut entries: Vec<Color> = web().into_iter().rev().filter(|entry| entry[..3] != [0; 3]).collect();
    let ramp = [238, 221, 187, 170, 136, 119, 85, 68, 34, 17];
    entries.extend(ramp.map(|level| [level, 0, 0, 255]));
    entries.extend(ramp.map(|level| [0, level, 0, 255]));
    entries.extend(ramp.map(|level| [0, 0, level, 255]));
    entries.extend(ramp.map(|level| [level, level, level, 255]));
    entries.push([0, 0, 0, 255]);
    entries
}
