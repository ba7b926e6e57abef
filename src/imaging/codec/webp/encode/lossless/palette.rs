//! Pictures of at most 256 colours, as indices (RFC 9649 §3.5, color indexing).

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::bits::Bits;
use super::write;

const MOST_COLORS: usize = 256;

/// The number of the transform.
const COLOR_INDEXING: u32 = 3;

/// The colours of a picture in ascending order; `None`: there are too many.
pub(super) fn of(pixels: &[u32]) -> Option<Vec<u32>> {
    let mut colors: Vec<u32> = Vec::new();
    let mut last = None;
    for &pixel in pixels {
        if last == Some(pixel) {
            continue;
        }
        last = Some(pixel);
        if let Err(place) = colors.binary_search(&pixel) {
            if colors.len() == MOST_COLORS {
                return None;
            }
            colors.insert(place, pixel);
        }
    }
    Some(colors)
}

/// The data of a picture of these colours.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn written(pixels: &[u32], width: usize, palette: &[u32], cancel: Cancel<'_>) -> Result<Vec<u8>> {
    let mut bits = Bits::default();
    bits.put(1, 1);
    bits.put(COLOR_INDEXING, 2);
    bits.put(palette.len() as u32 - 1, 8);
    // Each colour less the one before, component by component.
    let differences: Vec<u32> =
        std::iter::once(0).chain(palette.iter().copied()).zip(palette).map(difference).collect();
    write::small(&mut bits, &differences, differences.len(), cancel)?;
    // No further transform.
    bits.put(0, 1);
    // Several indices share a pixel.
    let shared = match palette.len() {
        ..=2 => 8,
        3..=4 => 4,
        5..=16 => 2,
        _ => 1,
    };
    let index = |pixel: &u32| palette.partition_point(|color| color < pixel) as u32;
    let joined = |pixels: &[u32]| {
        let wide = 8 / shared as u32;
        let green = (0..).zip(pixels).map(|(place, pixel)| index(pixel) << (place * wide)).sum::<u32>();
        0xff00_0000 | green << 8
    };
    let rows = pixels.chunks_exact(width);
    let indices: Vec<u32> = rows.flat_map(|row| row.chunks(shared).map(joined)).collect();
    cancel.check()?;
    write::main(&mut bits, &indices, width.div_ceil(shared), cancel)?;
    Ok(bits.finish())
}

fn difference((before, color): (u32, &u32)) -> u32 {
    let (before, color) = (before.to_le_bytes(), color.to_le_bytes());
    u32::from_le_bytes(std::array::from_fn(|component| color[component].wrapping_sub(before[component])))
}
