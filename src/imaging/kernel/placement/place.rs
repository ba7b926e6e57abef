//! Parts of pictures: cutting them out, and putting them in their place.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Plane, Raster, Sample};

/// The part of a plane with this top-left corner and size, which lies inside.
///
/// # Errors
///
/// The work is to be given up, as for the others.
pub(crate) fn cut_plane<S: Sample>(
    plane: &Plane<S>,
    (left, top): (usize, usize),
    size: Size,
    cancel: Cancel<'_>,
) -> Result<Plane<S>> {
    let mut out = Plane::filled(size, S::default());
    let columns = left..left + size.width as usize;
    count(Kind::Copy, size_of::<S>() * size.area() as usize);
    cancel.each(0..size.height as usize, |y| out.row_mut(y).copy_from_slice(&plane.row(top + y)[columns.clone()]))?;
    Ok(out)
}

/// The part of a picture with this top-left corner and size, which lies inside.
pub(crate) fn cut<S: Sample>(
    raster: &Raster<S>,
    corner: (usize, usize),
    size: Size,
    cancel: Cancel<'_>,
) -> Result<Raster<S>> {
    let planes = raster.planes().iter().map(|plane| cut_plane(plane, corner, size, cancel)).collect::<Result<_>>()?;
    Ok(Raster::from_planes(planes, raster.layout()))
}

/// Puts a part of a picture, `size` from the corner `from`, on another one at `to`. Both lie inside, and the pictures have
/// as many planes.
pub(crate) fn put(
    onto: &mut Raster,
    to: (usize, usize),
    raster: &Raster,
    from: (usize, usize),
    size: Size,
    cancel: Cancel<'_>,
) -> Result<()> {
    debug_assert_eq!(onto.planes().len(), raster.planes().len(), "the pictures have as many planes");
    let width = size.width as usize;
    count(Kind::Copy, onto.planes().len() * size.area() as usize);
    for (onto, plane) in onto.planes_mut().iter_mut().zip(raster.planes()) {
        cancel.each(0..size.height as usize, |y| {
            onto.row_mut(to.1 + y)[to.0..to.0 + width].copy_from_slice(&plane.row(from.1 + y)[from.0..from.0 + width]);
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::pixel::raster::Layout;

    fn numbered(width: u32, height: u32) -> Raster {
        let mut raster = Raster::zeroed(Size::new(width, height), Layout::GRAY);
        raster.planes_mut()[0].samples_mut().iter_mut().zip(1..).for_each(|(sample, number)| *sample = number);
        raster
    }

    #[test]
    fn parts_are_cut_out_and_put_elsewhere() {
        let raster = numbered(4, 3);
        let part = cut(&raster, (1, 1), Size::new(2, 2), Cancel::ALWAYS).unwrap();
        assert_eq!(part.planes()[0].samples(), [6, 7, 10, 11]);
        let mut onto = Raster::zeroed(Size::new(3, 2), Layout::GRAY);
        put(&mut onto, (1, 0), &raster, (2, 1), Size::new(2, 2), Cancel::ALWAYS).unwrap();
        assert_eq!(onto.planes()[0].samples(), [0, 7, 8, 0, 11, 12]);
    }
}
