//! Turning sampled pixels upright: transposing and mirroring without resampling.
//!
//! No code for levels: samples are moved, not computed, and of the pixels of a reply, not of its source.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Orientation, Size};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Plane, Raster, Sample};

/// Applies an orientation.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn orient<S: Sample>(raster: Raster<S>, orientation: Orientation, cancel: Cancel<'_>) -> Result<Raster<S>> {
    if orientation == Orientation::default() {
        return Ok(raster);
    }
    let layout = raster.layout();
    // Samples that change rows are read from as many places.
    count(Kind::Copy, 8 * layout.planes() * raster.size().area() as usize);
    let planes = raster.into_planes().into_iter().map(|plane| orient_plane(plane, orientation, cancel));
    Ok(Raster::from_planes(planes.collect::<Result<_>>()?, layout))
}

fn orient_plane<S: Sample>(plane: Plane<S>, orientation: Orientation, cancel: Cancel<'_>) -> Result<Plane<S>> {
    let mut plane = if orientation.swap { transposed(&plane, cancel)? } else { plane };
    let Size { width, height } = plane.size();
    if orientation.reverse_x {
        cancel.each(0..height as usize, |y| plane.row_mut(y).reverse())?;
    }
    if orientation.reverse_y {
        let mut rows: Vec<&mut [S]> = plane.samples_mut().chunks_exact_mut(width as usize).collect();
        let (top, bottom) = rows.split_at_mut(height as usize / 2);
        cancel.each(top.iter_mut().zip(bottom.iter_mut().rev()), |(a, b)| a.swap_with_slice(b))?;
    }
    Ok(plane)
}

/// Pixel (x, y) becomes (y, x).
fn transposed<S: Sample>(plane: &Plane<S>, cancel: Cancel<'_>) -> Result<Plane<S>> {
    // Blocks keep both the rows read and the rows written in the cache.
    const BLOCK: usize = 32;
    let Size { width, height } = plane.size();
    let mut out = Plane::filled(Size::new(height, width), S::default());
    let (width, height) = (width as usize, height as usize);
    for top in (0..height).step_by(BLOCK) {
        cancel.check()?;
        for left in (0..width).step_by(BLOCK) {
            for x in left..(left + BLOCK).min(width) {
                let rows = top..(top + BLOCK).min(height);
                for (out, y) in out.row_mut(x)[rows.clone()].iter_mut().zip(rows) {
                    *out = plane.samples()[y * width + x];
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::pixel::raster::Layout;

    fn orient(raster: Raster, orientation: Orientation) -> Raster {
        super::orient(raster, orientation, Cancel::ALWAYS).unwrap()
    }

    fn plane(width: u32, height: u32) -> Plane {
        let mut plane = Plane::filled(Size::new(width, height), 0);
        for (i, sample) in plane.samples_mut().iter_mut().enumerate() {
            *sample = (i * 31 % 256) as u8;
        }
        plane
    }

    fn oriented(raster: &Raster, exif: u16) -> Raster {
        orient(raster.clone(), Orientation::from_exif(exif))
    }

    #[test]
    fn orientations_compose_as_pictures_do() {
        let stored = Raster::from_planes(vec![plane(5, 3)], Layout::GRAY);
        for first in 1..=8 {
            for second in 1..=8 {
                let both = Orientation::from_exif(first).then(Orientation::from_exif(second));
                assert_eq!(
                    orient(stored.clone(), both),
                    oriented(&oriented(&stored, first), second),
                    "{first} {second}"
                );
            }
        }
    }

    #[test]
    fn quarter_turns_are_clockwise() {
        let stored = Raster::from_planes(vec![plane(5, 3)], Layout::GRAY);
        let turned = |turns| orient(stored.clone(), Orientation::default().rotated_quarter_turns(turns));
        // What was at the left is at the top: the top row is the left column, read upwards.
        let left: Vec<u8> = (0..3).rev().map(|y| stored.planes()[0].row(y)[0]).collect();
        assert_eq!(turned(1).planes()[0].row(0), left);
        assert_eq!(turned(3), turned(7));
        for first in 1..=8 {
            let mirrored = oriented(&stored, first);
            for turns in 0..4 {
                let expected = (0..turns).fold(mirrored.clone(), |picture, _| oriented(&picture, 6));
                let both = Orientation::from_exif(first).rotated_quarter_turns(turns);
                assert_eq!(orient(stored.clone(), both), expected);
            }
        }
    }

    /// Where each upright pixel is stored, from the EXIF specification's table of corners.
    #[test]
    fn every_exif_orientation_puts_each_pixel_in_its_place() {
        for (width, height) in [(3, 2), (70, 41), (1, 1), (1, 40)] {
            let stored = plane(width, height);
            let (w, h) = (width as usize, height as usize);
            for exif in 1..=8u16 {
                let raster = Raster::from_planes(vec![stored.clone()], Layout::GRAY);
                let upright = orient(raster, Orientation::from_exif(exif));
                let size = Size::new(width, height).swapped(exif >= 5);
                assert_eq!(upright.size(), size, "{exif}");
                for y in 0..size.height as usize {
                    for x in 0..size.width as usize {
                        let (sx, sy) = match exif {
                            1 => (x, y),
                            2 => (w - 1 - x, y),
                            3 => (w - 1 - x, h - 1 - y),
                            4 => (x, h - 1 - y),
                            5 => (y, x),
                            6 => (y, h - 1 - x),
                            7 => (w - 1 - y, h - 1 - x),
                            _ => (w - 1 - y, x),
                        };
                        assert_eq!(upright.planes()[0].row(y)[x], stored.row(sy)[sx], "{exif} at {x},{y}");
                    }
                }
            }
        }
    }
}
