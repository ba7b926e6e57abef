//! Colours of palettes.

use crate::imaging::pixel::color::mul_255;
use crate::imaging::pixel::palette::Quantize;

/// Red, green, blue and alpha.
pub(super) type Color = [u8; 4];

/// Entries of the longest palette.
pub(super) const MOST: usize = Quantize::MOST as usize;

/// What has no colour.
pub(super) const TRANSPARENT: Color = [0; 4];

/// A colour multiplied by its alpha.
pub(super) fn multiplied([r, g, b, alpha]: Color) -> Color {
    if alpha == 255 { [r, g, b, alpha] } else { [mul_255(r, alpha), mul_255(g, alpha), mul_255(b, alpha), alpha] }
}

/// A true colour of one that is multiplied by its alpha, whose colours are at most alpha.
pub(super) fn divided([r, g, b, alpha]: Color) -> Color {
    if alpha == 0 {
        return TRANSPARENT;
    }
    let all = u32::from(alpha);
    let of = |part: u8| ((u32::from(part) * 510 + all) / (2 * all)).min(255) as u8;
    [of(r), of(g), of(b), alpha]
}

/// A place in a table of 2 to the power of `bits` places.
pub(super) fn hash(key: u32, bits: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}
