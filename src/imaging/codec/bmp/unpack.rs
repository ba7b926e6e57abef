//! From the pixels of a file to red, green, blue and alpha, a byte each.

use super::heading::Form;

/// Unpacks the pixels of rows.
pub(super) struct Unpacker {
    from: Packed,
}

/// How the pixels of a row are stored.
enum Packed {
    Indexed { bits: usize, colors: Box<[[u8; 3]; 256]> },
    Bytes,
    Fields { bytes: usize, fields: [Field; 4], has_alpha: bool },
}

impl Unpacker {
    pub(super) fn new(form: &Form<'_>) -> Self {
        let from = match *form {
            Form::Indexed { bits, palette } | Form::Runs { bits, palette } => {
                Packed::Indexed { bits: bits as usize, colors: Box::new(palette.colors()) }
            }
            Form::Bytes | Form::ByteRuns => Packed::Bytes,
            Form::Fields { bits, masks } => {
                Packed::Fields { bytes: bits as usize / 8, fields: masks.map(Field::new), has_alpha: form.has_alpha() }
            }
        };
        Self { from }
    }

    /// Appends pixels of a row, from a column on.
    pub(super) fn row(&self, row: &[u8], columns: std::ops::Range<usize>, pixels: &mut Vec<u8>) {
        match &self.from {
            Packed::Indexed { bits, colors } => {
                let mask = (1_usize << bits) - 1;
                pixels.extend(columns.flat_map(|x| {
                    let bit = x * bits;
                    let byte = row.get(bit / 8).map_or(0, |byte| usize::from(*byte));
                    colors[byte >> (8 - bits - bit % 8) & mask]
                }));
            }
            Packed::Bytes => {
                let (row, _) = row.as_chunks::<3>();
                let row = row.get(columns).unwrap_or_default();
                pixels.extend(row.iter().flat_map(|&[blue, green, red]| [red, green, blue]));
            }
            Packed::Fields { bytes, fields: [red, green, blue, alpha], has_alpha } => {
                let row = row.get(columns.start * bytes..columns.end * bytes).unwrap_or_default();
                for pixel in row.chunks_exact(*bytes) {
                    let bits = pixel.iter().rev().fold(0, |bits, &byte| bits << 8 | u32::from(byte));
                    pixels.extend([red.of(bits), green.of(bits), blue.of(bits)]);
                    if *has_alpha {
                        pixels.push(alpha.of(bits));
                    }
                }
            }
        }
    }
}

/// A component in some of the bits of a pixel.
#[derive(Debug, Clone, Copy)]
struct Field {
    mask: u32,
    shift: u32,
    /// The largest value.
    most: u32,
}

impl Field {
    fn new(mask: u32) -> Self {
        let shift = mask.trailing_zeros() % 32;
        Self { mask, shift, most: mask >> shift }
    }

    /// To the nearest of 256 levels; 0 where there are no bits.
    fn of(&self, bits: u32) -> u8 {
        let value = (bits & self.mask) >> self.shift;
        if self.most == 255 {
            return value as u8;
        }
        let (value, most) = (u64::from(value), u64::from(self.most));
        (255 * value + most / 2).checked_div(most).unwrap_or(0) as u8
    }
}
