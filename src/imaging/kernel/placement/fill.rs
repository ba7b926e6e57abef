//! Filling what is transparent with a colour (`color=`, `bgColor=`; `protocol.md` §3.2, §7).

use crate::base::geom::Orientation;
use crate::imaging::pixel::color::{Color, Ink, mul_255};
use crate::imaging::pixel::raster::Raster;

use crate::imaging::kernel::color::to_rgb;
use crate::imaging::kernel::picture::Picture;

/// How much of each pixel a rectangle covers, 255 being all of it: the [coverage](crate::imaging::kernel::resample::coverage) of its
/// column times that of its row, as the rectangle's edges come out of resampling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// One per column and one per row of the picture.
    pub(crate) columns: Vec<u8>,
    pub(crate) rows: Vec<u8>,
}

impl Coverage {
    /// The coverage of a picture after an orientation is applied to it.
    pub(crate) fn oriented(self, orientation: Orientation) -> Self {
        let (mut columns, mut rows) =
            if orientation.swap { (self.rows, self.columns) } else { (self.columns, self.rows) };
        if orientation.reverse_x {
            columns.reverse();
        }
        if orientation.reverse_y {
            rows.reverse();
        }
        Self { columns, rows }
    }
}

/// Lays a colour under what is transparent of a picture; its colours come out premultiplied. A gray picture becomes RGB if
/// the colour is not gray, unless it `stays_gray`.
pub(crate) fn filled(picture: Picture, color: Color, coverage: Option<&Coverage>, stays_gray: bool) -> Picture {
    if !picture.raster.layout().alpha || color.alpha == 0 {
        return picture;
    }
    let mut picture = picture.with_premultiplied(true);
    let gray = stays_gray || matches!(color.ink, Ink::Gray(_));
    if picture.raster.layout().colors == 1 && gray {
        under(&mut picture.raster, &[color.ink.gray()], color.alpha, coverage);
    } else {
        picture.raster = to_rgb(picture.raster);
        under(&mut picture.raster, &color.ink.rgb(), color.alpha, coverage);
    }
    picture
}

/// Lays a colour under a picture that has alpha and premultiplied colours: it shows where the picture is transparent and
/// the rectangle is; `None` covers all.
///
/// `color` has one true component per colour plane, `alpha` is 255 for a colour that hides all. The picture gets
/// `k = (cover − a) · alpha / 255` more of alpha, if that is positive, and `k · c / 255` of each colour.
///
/// Under a pixel of alpha 55, covered by 255, white of alpha 128 adds 200 · 128 / 255 = 100 to alpha and colours.
pub(crate) fn under(raster: &mut Raster, color: &[u8], alpha: u8, coverage: Option<&Coverage>) {
    if alpha == 0 || !raster.layout().alpha {
        return;
    }
    let colors = usize::from(raster.layout().colors);
    for y in 0..raster.size().height as usize {
        // Where coverage says nothing there is none.
        let row_cover = coverage.map_or(255, |coverage| coverage.rows.get(y).copied().unwrap_or(0));
        let mut rows = raster.rows_mut(y);
        let (planes, own) = rows.split_at_mut(colors);
        let Some(own) = own.first_mut() else { return };
        for (x, own) in own.iter_mut().enumerate() {
            let cover = match coverage {
                None => row_cover,
                Some(coverage) => mul_255(coverage.columns.get(x).copied().unwrap_or(0), row_cover),
            };
            let more = mul_255(cover.saturating_sub(*own), alpha);
            for (plane, &color) in planes.iter_mut().zip(color) {
                plane[x] = plane[x].saturating_add(mul_255(color, more));
            }
            // At most cover.
            *own += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::{Axis, Filter, Size};
    use crate::imaging::kernel::alpha::flatten;
    use crate::imaging::kernel::placement::orient::orient;
    use crate::imaging::kernel::resample::coverage;
    use crate::imaging::kernel::test_support::premultiplied_noise;
    use crate::imaging::pixel::raster::{Layout, Plane};
    use proptest::prelude::*;

    fn columns(raster: &Raster, plane: usize) -> Vec<u8> {
        raster.planes()[plane].row(0).to_vec()
    }

    #[test]
    fn shows_where_the_picture_is_transparent() {
        let mut raster = Raster::zeroed(Size::new(3, 1), Layout::GRAY.with_alpha(true));
        raster.planes_mut()[0].row_mut(0).copy_from_slice(&[0, 10, 70]);
        raster.planes_mut()[1].row_mut(0).copy_from_slice(&[0, 55, 255]);
        let mut half = raster.clone();
        under(&mut half, &[255], 128, None);
        assert_eq!((columns(&half, 0), columns(&half, 1)), (vec![128, 110, 70], vec![128, 155, 255]));
        let mut partly = raster.clone();
        under(&mut partly, &[100], 255, Some(&Coverage { columns: vec![255, 100, 255], rows: vec![128] }));
        // Covers 128, 50 and 128: only the first has more than the picture.
        assert_eq!((columns(&partly, 0), columns(&partly, 1)), (vec![50, 10, 70], vec![128, 55, 255]));
        let same = |alpha, coverage: Option<&Coverage>| {
            let mut out = raster.clone();
            under(&mut out, &[100], alpha, coverage);
            out == raster
        };
        assert!(same(0, None) && same(255, Some(&Coverage { columns: vec![], rows: vec![] })));
    }

    #[test]
    fn edges_are_as_smooth_as_resampled_ones() {
        // 8 pixels to 4, of which 3 to 6 exist; the triangle weighs ⅛ ⅜ ⅜ ⅛ inside and ¾ ¼ … at the ends.
        let axis = Axis { len: 4, first: 1, step: 2, den: 1, bounds: 0..8, exists: 3..6 };
        assert_eq!(coverage(&axis, Filter::Bilin), [0, 128, 223, 36]);
        assert_eq!(coverage(&Axis { exists: 0..8, ..axis.clone() }, Filter::Sharp2), [255; 4]);
        let left = Axis { first: 1 - 8, bounds: -8..0, exists: -5..-2, ..axis };
        assert_eq!(coverage(&left, Filter::Bilin), [0, 128, 223, 36]);
    }

    #[test]
    fn coverage_turns_with_its_picture() {
        let raster = premultiplied_noise(Size::new(5, 3), Layout::GRAY.with_alpha(true), 7);
        let coverage = Coverage { columns: vec![0, 50, 100, 200, 255], rows: vec![10, 255, 90] };
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif);
            let mut filled_first = raster.clone();
            under(&mut filled_first, &[180], 200, Some(&coverage));
            let mut turned_first = orient(raster.clone(), orientation);
            under(&mut turned_first, &[180], 200, Some(&coverage.clone().oriented(orientation)));
            assert_eq!(turned_first, orient(filled_first, orientation), "{exif}");
        }
    }

    proptest! {
        #[test]
        fn an_opaque_fill_is_a_background(seed: u64, (width, height) in (1u32..30, 1u32..30), color: [u8; 3]) {
            let layout = Layout::RGB.with_alpha(true);
            let raster = premultiplied_noise(Size::new(width, height), layout, seed);
            let mut filled = raster.clone();
            under(&mut filled, &color, 255, None);
            prop_assert_eq!(&filled.planes()[3], &Plane::filled(raster.size(), 255));
            let flat = flatten(raster, &color, true);
            for (a, b) in filled.planes().iter().zip(flat.planes()) {
                prop_assert_eq!(a, b);
            }
        }
    }
}
