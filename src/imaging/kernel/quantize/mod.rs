//! From colours to numbers of a palette: at most 256 entries.
//!
//! An adaptive palette is made of the picture's histogram, whose bins are split by Wu's rule and then moved by a few rounds of
//! Lloyd's. A picture that has no more colours than it may have keeps them exactly. Pixels are mapped to the nearest entry, with or
//! without diffusion of what they miss.
//!
//! All of it is whole-number arithmetic in a fixed order, on one thread. For p pixels, b bins (at most 32768) and n entries
//! it takes p steps for the histogram, about b·log n for splitting, b times the entries near a bin for each round, and p
//! times those near a pixel for mapping. No code for levels: most of the time goes into looking up tables.
//!
//! Colours are compared after they have been multiplied by alpha, alpha being a fourth component: what is nearly transparent
//! hardly differs.

mod boxes;
mod color;
mod distinct;
mod dither;
mod fixed;
mod histogram;
mod lloyd;
mod nearest;
mod palette;
mod part;
mod pixels;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::palette::{Indexed, PaletteKind, Quantize, Transparency};
use crate::imaging::pixel::raster::{Plane, Raster};

pub(crate) use part::cut_out;

use nearest::Nearest;
use palette::Palette;
use pixels::Pixels;

/// Makes a palette for a gray or RGB picture, with or without alpha, and maps the picture to it. Colours are not multiplied by
/// alpha. What is wholly transparent becomes transparent black. Entries that are asked for come first, the transparent one next, if
/// there is one, and the others in the order of alpha and brightness; the others are in use.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn quantize(
    raster: &Raster,
    settings: &Quantize,
    transparency: Transparency,
    cancel: Cancel<'_>,
) -> Result<Indexed> {
    count(Kind::Quantize, raster.size().area() as usize);
    let mut pixels = Pixels::new(raster, transparency);
    let forced = match settings.kind {
        PaletteKind::Adaptive => settings.list.iter().map(|&[r, g, b]| [r, g, b, 255]).collect(),
        PaletteKind::Web => fixed::web(),
        PaletteKind::Mac => fixed::mac(),
    };
    let most = match settings.kind {
        PaletteKind::Adaptive => usize::from(settings.colors),
        PaletteKind::Web | PaletteKind::Mac => forced.len(),
    };
    let keeps = settings.kind == PaletteKind::Adaptive;
    let mut palette = Palette::begun((forced, keeps), most, &pixels, cancel)?;
    if let Some(exact) = palette.exact(&mut pixels, cancel)? {
        return Ok(exact);
    }
    palette.adapt(&mut pixels, cancel)?;
    let key = palette.transparent();
    let mut nearest = Nearest::new(&palette.points(), key.filter(|_| pixels.has_key()), pixels.has_alpha());
    let mut indices = Plane::filled(raster.size(), 0);
    if settings.diffuse {
        dither::diffused(&mut pixels, &mut nearest, key, &mut indices, cancel)?;
    } else {
        dither::plain(&mut pixels, &mut nearest, key, &mut indices, cancel)?;
    }
    palette.compacted(indices, cancel)
}

#[cfg(test)]
mod tests;
