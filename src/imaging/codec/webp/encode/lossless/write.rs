//! Pixels as bits: the codes of their components, then the pixels by these codes (RFC 9649 §3.6, §3.7).

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::bits::Bits;
use super::matches::{Token, tokens};
use super::prefix::Code;

/// Symbols of green beside its values: lengths of runs. Symbols of distances.
const LENGTHS: usize = 24;
const DISTANCES: usize = 40;

/// Where near pixels lie, as columns to the left and rows up: their distances have the first codes. There are 120; those
/// behind these are not used here.
const NEAR: [(i32, i32); 28] = [
    (0, 1),
    (1, 0),
    (1, 1),
    (-1, 1),
    (0, 2),
    (2, 0),
    (1, 2),
    (-1, 2),
    (2, 1),
    (-2, 1),
    (2, 2),
    (-2, 2),
    (0, 3),
    (3, 0),
    (1, 3),
    (-1, 3),
    (3, 1),
    (-3, 1),
    (2, 3),
    (-2, 3),
    (3, 2),
    (-3, 2),
    (0, 4),
    (4, 0),
    (1, 4),
    (-1, 4),
    (4, 1),
    (-4, 1),
];

/// Codes of near pixels.
const NEAR_CODES: usize = 120;

/// Writes a small picture that describes another one.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn small(bits: &mut Bits, pixels: &[u32], width: usize, cancel: Cancel<'_>) -> Result<()> {
    // No cache of colours.
    bits.put(0, 1);
    data(bits, pixels, width, cancel)
}

/// Writes the pixels of the picture itself.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn main(bits: &mut Bits, pixels: &[u32], width: usize, cancel: Cancel<'_>) -> Result<()> {
    // No cache of colours, and the same codes everywhere.
    bits.put(0, 2);
    data(bits, pixels, width, cancel)
}

fn data(bits: &mut Bits, pixels: &[u32], width: usize, cancel: Cancel<'_>) -> Result<()> {
    let tokens = tokens(pixels, width, cancel)?;
    let mut counts = [vec![0; 256 + LENGTHS], vec![0; 256], vec![0; 256], vec![0; 256], vec![0; DISTANCES]];
    each(&tokens, pixels, width, cancel, |which, Symbol { symbol, .. }| counts[which][symbol] += 1u32)?;
    let codes = counts.map(|counts| Code::of(&counts));
    codes.iter().for_each(|code| code.describe(bits));
    each(&tokens, pixels, width, cancel, |which, Symbol { symbol, more, wide }| {
        codes[which].put(bits, symbol);
        bits.put(more, wide);
    })
}

/// A symbol of a code, and the bits behind it.
struct Symbol {
    symbol: usize,
    more: u32,
    wide: u32,
}

impl Symbol {
    const fn plain(symbol: u8) -> Self {
        Self { symbol: symbol as usize, more: 0, wide: 0 }
    }

    /// A length or a distance from 1 on.
    fn prefix(value: usize) -> Self {
        let value = value - 1;
        if value < 4 {
            return Self { symbol: value, more: 0, wide: 0 };
        }
        // The first two bits are in the symbol, the others behind it.
        let wide = value.ilog2() - 1;
        let symbol = 2 * (wide as usize + 1) + (value >> wide & 1);
        Self { symbol, more: (value & ((1 << wide) - 1)) as u32, wide }
    }
}

/// Visits the symbols of all tokens, with the number of the code of each.
///
/// # Errors
///
/// The work is to be given up.
fn each(
    tokens: &[Token],
    pixels: &[u32],
    width: usize,
    cancel: Cancel<'_>,
    mut visit: impl FnMut(usize, Symbol),
) -> Result<()> {
    let mut at = 0;
    for tokens in tokens.chunks(1 << 14) {
        cancel.check()?;
        for token in tokens {
            if let Some((length, distance)) = token.as_run() {
                let length_symbol = Symbol::prefix(length);
                visit(0, Symbol { symbol: 256 + length_symbol.symbol, ..length_symbol });
                visit(4, Symbol::prefix(distance_code(distance, width)));
                at += length;
            } else {
                let [blue, green, red, alpha] = pixels[at].to_le_bytes();
                [green, red, blue, alpha]
                    .into_iter()
                    .enumerate()
                    .for_each(|(which, value)| visit(which, Symbol::plain(value)));
                at += 1;
            }
        }
    }
    Ok(())
}

fn distance_code(distance: usize, width: usize) -> usize {
    let is_there = |&(left, up): &(i32, i32)| {
        i64::try_from(distance).is_ok_and(|distance| i64::from(left) + i64::from(up) * width as i64 == distance)
    };
    NEAR.iter().position(is_there).map_or(distance + NEAR_CODES, |place| place + 1)
}
