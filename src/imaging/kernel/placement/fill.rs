//! Filling what is transparent with a colour (`color=`, `bgColor=`; `protocol.md` §3.2, §7).
//!
//! No code for levels: a few sums and one multiplication for each sample of a reply that has alpha.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Orientation;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::color::{Color, Ink, mul_255};
use crate::imaging::pixel::raster::{Raster, Sample};

use crate::imaging::kernel::color::to_rgb;
use crate::imaging::kernel::picture::{AnyPicture, Depth, Picture};

/// How much of each pixel a rectangle covers, 255 being all of it: the [coverage](crate::imaging::kernel::resample::coverage) of its
/// column times that of its row, as the rectangle's edges come out of resampling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Coverage {
    /// One per column and one per row of the picture.
    pub(crate) columns: Vec<u8>,
    pub(crate) rows: Vec<u8>,
}

impl Coverage {
    /// The coverage of a pixel; where nothing is said there is none.
    fn at(&self, x: usize, y: usize) -> u8 {
        let of = |line: &[u8], i: usize| line.get(i).copied().unwrap_or(0);
        mul_255(of(&self.columns, x), of(&self.rows, y))
    }

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

/// How much of each pixel a fill covers: a rectangle but for a hole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Covered {
    /// `None`: all.
    pub(crate) rectangle: Option<Coverage>,
    pub(crate) hole: Option<Hole>,
}

/// A rectangle that is not covered, but for a rectangle inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hole {
    pub(crate) outer: Coverage,
    pub(crate) inner: Coverage,
}

impl Covered {
    /// The coverage of a picture after an orientation is applied to it.
    pub(crate) fn oriented(self, orientation: Orientation) -> Self {
        let hole = |Hole { outer, inner }: Hole| Hole {
            outer: outer.oriented(orientation),
            inner: inner.oriented(orientation),
        };
        Self { rectangle: self.rectangle.map(|all| all.oriented(orientation)), hole: self.hole.map(hole) }
    }

    /// The coverage of a pixel. The coverage of a rectangle is linear, so that of the hole is a difference.
    fn at(&self, x: usize, y: usize) -> u8 {
        let all = self.rectangle.as_ref().map_or(255, |all| all.at(x, y));
        let Some(Hole { outer, inner }) = &self.hole else { return all };
        let left = i32::from(all) - i32::from(outer.at(x, y)) + i32::from(inner.at(x, y));
        left.clamp(0, 255) as u8
    }
}

/// Lays a colour under what is transparent of a picture; its colours come out premultiplied, with as many bits as `depth`
/// says if they were not before. A gray picture becomes RGB if
/// the colour is not gray, unless it `stays_gray`.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn filled(
    picture: AnyPicture,
    depth: Depth,
    color: Color,
    covered: &Covered,
    stays_gray: bool,
    cancel: Cancel<'_>,
) -> Result<AnyPicture> {
    if !picture.layout().alpha || color.alpha == 0 {
        return Ok(picture);
    }
    Ok(match picture.multiplied(depth, cancel)? {
        AnyPicture::Bytes(picture) => AnyPicture::Bytes(laid_under(picture, color, covered, stays_gray, cancel)?),
        AnyPicture::Wide(picture) => AnyPicture::Wide(laid_under(picture, color, covered, stays_gray, cancel)?),
    })
}

/// Lays a colour under a picture with premultiplied colours.
fn laid_under<S: Sample>(
    mut picture: Picture<S>,
    color: Color,
    covered: &Covered,
    stays_gray: bool,
    cancel: Cancel<'_>,
) -> Result<Picture<S>> {
    let gray = stays_gray || matches!(color.ink, Ink::Gray(_));
    if picture.raster.layout().colors == 1 && gray {
        fill(&mut picture.raster, &[color.ink.gray()], color.alpha, covered, cancel)?;
    } else {
        picture.raster = to_rgb(picture.raster, cancel)?;
        fill(&mut picture.raster, &color.ink.rgb(), color.alpha, covered, cancel)?;
    }
    Ok(picture)
}

/// Lays a colour under a picture that has alpha and premultiplied colours: it shows where the picture is transparent and
/// the rectangle is; `None` covers all.
///
/// `color` has one true component per colour plane, `alpha` is 255 for a colour that hides all. The picture gets
/// `k = (cover − a) · alpha / 255` more of alpha, if that is positive, and `k · c / 255` of each colour.
///
/// Under a pixel of alpha 55, covered by 255, white of alpha 128 adds 200 · 128 / 255 = 100 to alpha and colours.
///
/// # Errors
///
/// As [`filled`].
pub(crate) fn under<S: Sample>(
    raster: &mut Raster<S>,
    color: &[u8],
    alpha: u8,
    coverage: Option<&Coverage>,
    cancel: Cancel<'_>,
) -> Result<()> {
    fill(raster, color, alpha, &Covered { rectangle: coverage.cloned(), hole: None }, cancel)
}

fn fill<S: Sample>(
    raster: &mut Raster<S>,
    color: &[u8],
    alpha: u8,
    covered: &Covered,
    cancel: Cancel<'_>,
) -> Result<()> {
    if alpha == 0 || !raster.layout().alpha {
        return Ok(());
    }
    let colors = usize::from(raster.layout().colors);
    let alpha = S::of_byte(alpha);
    count(Kind::Fill, raster.planes()[0].samples().len());
    for y in 0..raster.size().height as usize {
        cancel.check()?;
        let mut rows = raster.rows_mut(y);
        let (planes, own) = rows.split_at_mut(colors);
        let Some(own) = own.first_mut() else { break };
        for (x, own) in own.iter_mut().enumerate() {
            let more = S::of_byte(covered.at(x, y)).less(*own).times(alpha);
            for (plane, &color) in planes.iter_mut().zip(color) {
                plane[x] = plane[x].plus(S::of_byte(color).times(more));
            }
            // At most cover.
            *own = own.plus(more);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::{Axis, Filter, Size};
    use crate::imaging::kernel::alpha::flatten;
    use crate::imaging::kernel::resample::coverage;
    use crate::imaging::kernel::test_support::premultiplied_noise;
    use crate::imaging::pixel::raster::{Layout, Plane};
    use proptest::prelude::*;

    fn under(raster: &mut Raster, color: &[u8], alpha: u8, coverage: Option<&Coverage>) {
        super::under(raster, color, alpha, coverage, Cancel::ALWAYS).unwrap();
    }

    fn fill(raster: &mut Raster, color: &[u8], alpha: u8, covered: &Covered) {
        super::fill(raster, color, alpha, covered, Cancel::ALWAYS).unwrap();
    }

    fn orient(raster: Raster, orientation: Orientation) -> Raster {
        crate::imaging::kernel::placement::orient::orient(raster, orientation, Cancel::ALWAYS).unwrap()
    }

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
    fn a_hole_is_left_out_but_for_its_inside() {
        let coverage = |columns: [u8; 4]| Coverage { columns: columns.to_vec(), rows: vec![255] };
        let hole = Hole { outer: coverage([0, 255, 255, 128]), inner: coverage([0, 0, 200, 0]) };
        let of = |rectangle| {
            let covered = Covered { rectangle, hole: Some(hole.clone()) };
            let mut raster = Raster::zeroed(Size::new(4, 1), Layout::GRAY.with_alpha(true));
            fill(&mut raster, &[255], 255, &covered);
            let turned = covered.oriented(Orientation::from_exif(2));
            let mut mirrored = Raster::zeroed(Size::new(4, 1), Layout::GRAY.with_alpha(true));
            fill(&mut mirrored, &[255], 255, &turned);
            assert_eq!(mirrored, orient(raster.clone(), Orientation::from_exif(2)));
            columns(&raster, 1)
        };
        assert_eq!(of(None), [255, 0, 200, 127]);
        assert_eq!(of(Some(coverage([100, 255, 0, 255]))), [100, 0, 0, 127]);
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
            let flat = flatten(raster, &color, true, Cancel::ALWAYS).unwrap();
            for (a, b) in filled.planes().iter().zip(flat.planes()) {
                prop_assert_eq!(a, b);
            }
        }
    }
}
