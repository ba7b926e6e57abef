//! Parts of pictures with a palette.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::palette::Indexed;
use crate::imaging::pixel::raster::Plane;

use super::color::{Color, MOST, multiplied};

/// The part of a picture with this top-left corner and size. Where it reaches beyond the picture it has the colour `outside`, or
/// if the palette has neither it nor room for it, the nearest one.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn cut_out(
    indexed: Indexed,
    (left, top): (i64, i64),
    size: Size,
    outside: Color,
    cancel: Cancel<'_>,
) -> Result<Indexed> {
    let Indexed { mut palette, indices } = indexed;
    let whole = indices.size();
    count(Kind::Copy, size.area() as usize);
    // What of the part lies inside, counted in the picture.
    let inside = |start: i64, len: u32, whole: u32| {
        let whole = i64::from(whole);
        start.clamp(0, whole)..(start + i64::from(len)).clamp(0, whole)
    };
    let (columns, rows) = (inside(left, size.width, whole.width), inside(top, size.height, whole.height));
    let (width, height) = (columns.end - columns.start, rows.end - rows.start);
    let is_inside = (width, height) == (i64::from(size.width), i64::from(size.height));
    let around = if is_inside { 0 } else { entry_for(&mut palette, outside) };
    let mut part = Plane::filled(size, around);
    if width > 0 {
        // Neither is negative, nor longer than a side.
        let (from, to) = (columns.start as usize, (columns.start - left) as usize);
        let width = width as usize;
        cancel.each(rows, |row| {
            let source = &indices.row(row as usize)[from..from + width];
            part.row_mut((row - top) as usize)[to..to + width].copy_from_slice(source);
        })?;
    }
    Ok(Indexed { palette, indices: part })
}

/// The entry of a colour, a new one if there is room, or the nearest.
fn entry_for(palette: &mut Vec<Color>, color: Color) -> u8 {
    let found = palette.iter().position(|entry| *entry == color);
    let found = found.unwrap_or_else(|| {
        if palette.len() < MOST {
            palette.push(color);
            return palette.len() - 1;
        }
        let wanted = multiplied(color).map(i32::from);
        let distance = |entry: &Color| -> i32 {
            multiplied(*entry).into_iter().zip(wanted).map(|(part, wanted)| (i32::from(part) - wanted).pow(2)).sum()
        };
        (0..palette.len()).min_by_key(|&entry| distance(&palette[entry])).unwrap_or(0)
    });
    // At most 256.
    found as u8
}
