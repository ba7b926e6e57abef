//! Masks (`mask=`, `maskUse=`; `protocol.md` §7): alpha from elsewhere, on the rows' way from a decoder.
//!
//! No code for levels: a multiplication for each sample at most, of which the compiler makes vectors.

use crate::base::error::Result;
use crate::base::geom::Size;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{Layout, Plane, Row, RowOf, RowSink, Sample, WideRow};

use crate::imaging::kernel::color::{brightness_of_inks, luma};

impl MaskUse {
    /// The layout of rows of `incoming` after masking.
    pub(crate) const fn layout(self, incoming: Layout, has_mask: bool) -> Layout {
        incoming.with_alpha(match self {
            Self::Normal => has_mask || incoming.alpha,
            Self::Invert => true,
            Self::Off => false,
        })
    }
}

/// Gives rows, whose colours are not premultiplied, the alpha that a mask makes of them, and passes them on.
pub(crate) struct Masked<'a> {
    sink: &'a mut dyn RowSink,
    /// As large as the window that the rows are of; `None`: the rows' own alpha is the mask.
    mask: Option<Plane>,
    mask_use: MaskUse,
    /// `None` if rows are passed on as they are.
    out: Option<Row>,
    /// The same of 16 bits, from the first wide row on.
    wide_out: Option<WideRow>,
    /// Row of the next row in the mask.
    next: usize,
}

impl<'a> Masked<'a> {
    /// Takes rows of `width` pixels in the layout `incoming` and passes rows in the mask's
    /// [layout](MaskUse::layout) to `sink`.
    pub(crate) fn new(
        sink: &'a mut dyn RowSink,
        mask: Option<Plane>,
        mask_use: MaskUse,
        width: u32,
        incoming: Layout,
    ) -> Self {
        debug_assert!(mask.as_ref().is_none_or(|mask| mask.size().width == width));
        let layout = mask_use.layout(incoming, mask.is_some());
        let unchanged =
            layout == incoming && (mask_use == MaskUse::Off || mask_use == MaskUse::Normal && mask.is_none());
        let out = (!unchanged).then(|| Row::new(width, layout));
        Self { sink, mask, mask_use, out, wide_out: None, next: 0 }
    }
}

impl RowSink for Masked<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        let Some(out) = &mut self.out else { return self.sink.row(row) };
        mask(row, out, self.mask.as_ref().map(|mask| mask.row(self.next)), self.mask_use);
        self.next += 1;
        self.sink.row(out)
    }

    fn takes_wide(&self) -> bool {
        self.sink.takes_wide()
    }

    fn wide_row(&mut self, row: &mut WideRow) -> Result<()> {
        let Some(out) = &self.out else { return self.sink.wide_row(row) };
        let out = self.wide_out.get_or_insert_with(|| WideRow::new(out.width() as u32, out.layout()));
        mask(row, out, self.mask.as_ref().map(|mask| mask.row(self.next)), self.mask_use);
        self.next += 1;
        self.sink.wide_row(out)
    }
}

/// Copies the colours of a row, with the alpha that a row of a mask makes of them.
fn mask<S: Sample>(row: &RowOf<S>, out: &mut RowOf<S>, mask: Option<&[u8]>, mask_use: MaskUse) {
    let (colors, alpha) = (usize::from(row.layout().colors), row.layout().alpha);
    count(Kind::Copy, (colors + 1) * row.width());
    let mut planes = out.planes_mut();
    let (out_colors, out_alpha) = planes.split_at_mut(colors);
    for (plane, out) in out_colors.iter_mut().enumerate() {
        out.copy_from_slice(row.plane(plane));
    }
    let Some(out_alpha) = out_alpha.first_mut().filter(|_| mask_use != MaskUse::Off) else { return };
    match mask {
        Some(mask) => out_alpha.iter_mut().zip(mask).for_each(|(alpha, &mask)| *alpha = S::of_byte(mask)),
        None if alpha => out_alpha.copy_from_slice(row.plane(colors)),
        None => out_alpha.fill(S::of_byte(255)),
    }
    if mask_use == MaskUse::Invert {
        out_alpha.iter_mut().for_each(|alpha| *alpha = S::of_byte(255).less(*alpha));
    }
}

/// Collects a decoded picture as a mask: its alpha if it has one, else its brightness.
#[derive(Debug)]
pub(crate) struct MaskCollector {
    mask: Plane,
    next: usize,
}

impl MaskCollector {
    /// A mask of the window that the rows are of.
    pub(crate) fn new(size: Size) -> Self {
        Self { mask: Plane::filled(size, 0), next: 0 }
    }

    pub(crate) fn finish(self) -> Plane {
        self.mask
    }
}

impl RowSink for MaskCollector {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        count(Kind::Copy, row.layout().planes() * row.width());
        let out = self.mask.row_mut(self.next);
        let colors = usize::from(row.layout().colors);
        match colors {
            _ if row.layout().alpha => out.copy_from_slice(row.plane(colors)),
            1 => out.copy_from_slice(row.plane(0)),
            4 => brightness_of_inks([0, 1, 2, 3].map(|plane| row.plane(plane)), out),
            _ => luma([0, 1, 2].map(|plane| row.plane(plane)), out),
        }
        self.next += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Shrink;
    use crate::imaging::kernel::sink::shrink::Shrinker;

    /// One row of pixels, each a list of components.
    fn row(pixels: &[&[u8]], alpha: bool) -> Row {
        let mut row = Row::new(pixels.len() as u32, Layout { colors: pixels[0].len() as u8 - u8::from(alpha), alpha });
        for (p, plane) in row.planes_mut().into_iter().enumerate() {
            plane.iter_mut().zip(pixels).for_each(|(sample, pixel)| *sample = pixel[p]);
        }
        row
    }

    #[derive(Default)]
    struct Rows(Vec<Vec<Vec<u8>>>);

    impl RowSink for Rows {
        fn row(&mut self, row: &mut Row) -> Result<()> {
            let pixel = |x| (0..row.layout().planes()).map(|plane| row.plane(plane)[x]).collect();
            self.0.push((0..row.width()).map(pixel).collect());
            Ok(())
        }
    }

    /// Two rows of two pixels each through a mask.
    fn masked(pixels: [[&[u8]; 2]; 2], alpha: bool, mask: Option<[u8; 4]>, mask_use: MaskUse) -> Vec<Vec<u8>> {
        let mask = mask.map(|samples| {
            let mut plane = Plane::filled(Size::new(2, 2), 0);
            plane.samples_mut().copy_from_slice(&samples);
            plane
        });
        let (mut rows, layout) = (Rows::default(), row(&pixels[0], alpha).layout());
        let expected = mask_use.layout(layout, mask.is_some());
        let mut masked = Masked::new(&mut rows, mask, mask_use, 2, layout);
        for pixels in pixels {
            masked.row(&mut row(&pixels, alpha)).unwrap();
        }
        let pixels = rows.0.concat();
        assert!(pixels.iter().all(|pixel| pixel.len() == expected.planes()));
        pixels
    }

    /// The row `maskUse` of the protocol's table.
    #[test]
    fn every_use_with_and_without_mask_and_alpha() {
        let gray: [[&[u8]; 2]; 2] = [[&[1], &[2]], [&[3], &[4]]];
        let with_alpha: [[&[u8]; 2]; 2] = [[&[1, 10], &[2, 20]], [&[3, 30], &[4, 40]]];
        let mask = Some([0, 100, 200, 255]);
        let gray_out = |mask, mask_use| masked(gray, false, mask, mask_use);
        let alpha_out = |mask, mask_use| masked(with_alpha, true, mask, mask_use);
        let by_mask = [[1, 0], [2, 100], [3, 200], [4, 255]];
        let by_inverse = [[1, 255], [2, 155], [3, 55], [4, 0]];
        assert_eq!(gray_out(mask, MaskUse::Normal), by_mask);
        assert_eq!(alpha_out(mask, MaskUse::Normal), by_mask);
        assert_eq!(gray_out(None, MaskUse::Normal), [[1], [2], [3], [4]]);
        assert_eq!(alpha_out(None, MaskUse::Normal), [[1, 10], [2, 20], [3, 30], [4, 40]]);
        assert_eq!(gray_out(mask, MaskUse::Invert), by_inverse);
        assert_eq!(alpha_out(mask, MaskUse::Invert), by_inverse);
        assert_eq!(gray_out(None, MaskUse::Invert), [[1, 0], [2, 0], [3, 0], [4, 0]]);
        assert_eq!(alpha_out(None, MaskUse::Invert), [[1, 245], [2, 235], [3, 225], [4, 215]]);
        for mask in [None, mask] {
            assert_eq!(gray_out(mask, MaskUse::Off), [[1], [2], [3], [4]]);
            assert_eq!(alpha_out(mask, MaskUse::Off), [[1], [2], [3], [4]]);
        }
    }

    #[test]
    fn a_mask_is_alpha_or_gray_or_luma_of_colors_or_inks() {
        let collected = |mut row: Row| {
            let mut mask = MaskCollector::new(Size::new(2, 1));
            mask.row(&mut row).unwrap();
            mask.finish().samples().to_vec()
        };
        assert_eq!(collected(row(&[&[1], &[2]], false)), [1, 2]);
        assert_eq!(collected(row(&[&[1, 100], &[2, 200]], true)), [100, 200]);
        assert_eq!(collected(row(&[&[255, 0, 0], &[9, 9, 9]], false)), [76, 9]);
        assert_eq!(collected(row(&[&[255, 0, 0, 7], &[9, 9, 9, 8]], true)), [7, 8]);
        assert_eq!(collected(row(&[&[0, 255, 255, 0], &[0, 0, 0, 246]], false)), [76, 9]);
    }

    #[test]
    fn a_mask_is_shrunk_like_its_picture() {
        let mut mask = MaskCollector::new(Size::new(2, 1));
        let mut shrinker = Shrinker::new(&mut mask, Shrink::Half, 3, Layout::GRAY);
        for pixels in [[&[10][..], &[20], &[200]], [&[30], &[40], &[100]]] {
            shrinker.row(&mut row(&pixels, false)).unwrap();
        }
        shrinker.finish().unwrap();
        assert_eq!(mask.finish().samples(), [25, 150]);
    }
}
