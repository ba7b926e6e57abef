//! Pixels in memory: one plane of bytes per component.
//!
//! Planes, not interleaved pixels: every kernel is then one loop over one kind of row, whatever the number
//! of components, and JPEG, whose components are planes of their own, needs no shuffling.

use std::fmt;

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::base::limits::{with_room, zeros};

use super::color::mul_255;

/// Readable samples behind the end of every [`Row`]'s planes, so that a kernel may load whole vectors.
pub(crate) const ROW_PADDING: usize = 32;

/// The most planes of a picture: four inks and alpha.
pub(crate) const PLANES: usize = 5;

/// A sample of a picture: 8 bits, or 16 where colours are multiplied by alpha.
pub(crate) trait Sample: Copy + Default + Eq + fmt::Debug + Send {
    /// What shows as brightly: of 255 the largest.
    fn of_byte(byte: u8) -> Self;
    /// The rounded product, the largest sample standing for 1.
    fn times(self, other: Self) -> Self;
    /// The sum, at most the largest sample.
    fn plus(self, other: Self) -> Self;
    /// The difference, at least 0.
    fn less(self, other: Self) -> Self;
    /// The rounded product with `other / whole`, where neither sample is above `whole`; halves up, 0 of nothing.
    fn part(self, other: Self, whole: Self) -> Self;
}

impl Sample for u8 {
    fn of_byte(byte: u8) -> Self {
        byte
    }

    fn times(self, other: Self) -> Self {
        mul_255(self, other)
    }

    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    fn less(self, other: Self) -> Self {
        self.saturating_sub(other)
    }

    fn part(self, other: Self, whole: Self) -> Self {
        let (product, whole) = (u32::from(self) * u32::from(other), u32::from(whole));
        (2 * product + whole).checked_div(2 * whole).unwrap_or(0) as Self
    }
}

impl Sample for u16 {
    fn of_byte(byte: u8) -> Self {
        Self::from(byte) * 257
    }

    fn times(self, other: Self) -> Self {
        // t + t/65536 rounds as in `mul_255`.
        let t = u32::from(self) * u32::from(other) + (1 << 15);
        ((t + (t >> 16)) >> 16) as Self
    }

    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    fn less(self, other: Self) -> Self {
        self.saturating_sub(other)
    }

    fn part(self, other: Self, whole: Self) -> Self {
        let (product, whole) = (u64::from(self) * u64::from(other), u64::from(whole));
        (2 * product + whole).checked_div(2 * whole).unwrap_or(0) as Self
    }
}

/// One component of a picture, rows packed without gaps.
#[derive(PartialEq, Eq)]
pub(crate) struct Plane<S = u8> {
    width: usize,
    height: usize,
    samples: Vec<S>,
}

impl<S: Sample> Clone for Plane<S> {
    fn clone(&self) -> Self {
        let samples = with_room(size_of_val(&*self.samples), || self.samples.clone());
        Self { samples, ..*self }
    }
}

impl<S: Sample> Plane<S> {
    /// A plane of one value.
    pub(crate) fn filled(size: Size, value: S) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        Self { width, height, samples: with_room(width * height * size_of::<S>(), || vec![value; width * height]) }
    }

    pub(crate) fn size(&self) -> Size {
        // Built from a `Size`, so both fit.
        Size::new(self.width as u32, self.height as u32)
    }

    pub(crate) fn row(&self, y: usize) -> &[S] {
        &self.samples[y * self.width..][..self.width]
    }

    pub(crate) fn row_mut(&mut self, y: usize) -> &mut [S] {
        &mut self.samples[y * self.width..][..self.width]
    }

    /// All samples, row after row.
    pub(crate) fn samples(&self) -> &[S] {
        &self.samples
    }

    pub(crate) fn samples_mut(&mut self) -> &mut [S] {
        &mut self.samples
    }
}

impl<S: Sample> fmt::Debug for Plane<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.samples()[..self.samples().len().min(64)];
        write!(f, "Plane {{ {}, {shown:?}… }}", self.size())
    }
}

/// Which components a picture has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Layout {
    /// 1 (gray), 3 (RGB) or 4 (CMYK; 255 is full ink).
    pub(crate) colors: u8,
    /// One more plane, after the colours.
    pub(crate) alpha: bool,
}

impl Layout {
    pub(crate) const GRAY: Self = Self { colors: 1, alpha: false };
    pub(crate) const RGB: Self = Self { colors: 3, alpha: false };
    pub(crate) const CMYK: Self = Self { colors: 4, alpha: false };

    pub(crate) const fn with_alpha(self, alpha: bool) -> Self {
        Self { colors: self.colors, alpha }
    }

    pub(crate) const fn planes(self) -> usize {
        self.colors as usize + self.alpha as usize
    }

    /// The colours are inks.
    pub(crate) const fn is_cmyk(self) -> bool {
        self.colors == 4
    }
}

/// A picture: one plane per component, all of one size, alpha last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster<S: Sample = u8> {
    /// As many as the layout says.
    planes: Vec<Plane<S>>,
    layout: Layout,
}

impl<S: Sample> Raster<S> {
    /// A picture of zeros: black, and transparent if it has alpha.
    pub(crate) fn zeroed(size: Size, layout: Layout) -> Self {
        // The system clears each plane's memory when it is first used; copies of one plane would be cleared here.
        Self { planes: (0..layout.planes()).map(|_| Plane::filled(size, S::default())).collect(), layout }
    }

    /// A picture of these planes, which have one size and are as many as the layout says.
    pub(crate) fn from_planes(planes: Vec<Plane<S>>, layout: Layout) -> Self {
        debug_assert_eq!(planes.len(), layout.planes());
        debug_assert!(planes.windows(2).all(|pair| pair[0].size() == pair[1].size()));
        Self { planes, layout }
    }

    pub(crate) fn size(&self) -> Size {
        self.planes[0].size()
    }

    pub(crate) const fn layout(&self) -> Layout {
        self.layout
    }

    pub(crate) fn planes(&self) -> &[Plane<S>] {
        &self.planes
    }

    pub(crate) fn planes_mut(&mut self) -> &mut [Plane<S>] {
        &mut self.planes
    }

    /// One row of every plane; those that the layout does not have are empty.
    pub(crate) fn rows_mut(&mut self, y: usize) -> [&mut [S]; PLANES] {
        let mut planes = self.planes.iter_mut().map(|plane| plane.row_mut(y));
        std::array::from_fn(|_| planes.next().unwrap_or_default())
    }

    /// The colour planes and the alpha plane.
    pub(crate) fn split_alpha(&self) -> (&[Plane<S>], Option<&Plane<S>>) {
        let (colors, alpha) = self.planes.split_at(usize::from(self.layout.colors));
        (colors, alpha.first())
    }

    pub(crate) fn split_alpha_mut(&mut self) -> (&mut [Plane<S>], Option<&mut Plane<S>>) {
        let (colors, alpha) = self.planes.split_at_mut(usize::from(self.layout.colors));
        (colors, alpha.first_mut())
    }

    pub(crate) fn into_planes(self) -> Vec<Plane<S>> {
        self.planes
    }
}

impl Raster {
    /// Strips of these numbers of rows, one below the other, which may be made at the same time.
    pub(crate) fn strips(&mut self, heights: &[usize]) -> Vec<Strip<'_>> {
        let (width, layout) = (self.size().width as usize, self.layout);
        let mut strips: Vec<_> = heights.iter().map(|_| Strip { width, layout, planes: Vec::new() }).collect();
        for plane in &mut self.planes {
            let mut rest = &mut plane.samples[..];
            for (strip, height) in strips.iter_mut().zip(heights) {
                let (samples, below) = rest.split_at_mut(height * width);
                strip.planes.push(samples);
                rest = below;
            }
        }
        strips
    }
}

/// A picture of either depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnyRaster {
    Bytes(Raster),
    /// Colours are multiplied by alpha, if there is any.
    Wide(Raster<u16>),
}

/// One row of every component, on its way from a decoder to its caller.
#[derive(Debug)]
pub(crate) struct RowOf<S> {
    width: usize,
    layout: Layout,
    /// Per plane: `width` samples and [`ROW_PADDING`] more.
    data: Vec<S>,
}

/// A row of bytes.
pub(crate) type Row = RowOf<u8>;

/// A row of samples of 16 bits.
pub(crate) type WideRow = RowOf<u16>;

impl<S: Sample> RowOf<S> {
    pub(crate) fn new(width: u32, layout: Layout) -> Self {
        let width = width as usize;
        Self { width, layout, data: zeros(layout.planes() * (width + ROW_PADDING)) }
    }

    pub(crate) const fn width(&self) -> usize {
        self.width
    }

    pub(crate) const fn layout(&self) -> Layout {
        self.layout
    }

    /// Samples of one plane with [`ROW_PADDING`] readable ones behind them.
    pub(crate) fn padded(&self, plane: usize) -> &[S] {
        let stride = self.width + ROW_PADDING;
        &self.data[plane * stride..][..stride]
    }

    pub(crate) fn plane(&self, plane: usize) -> &[S] {
        &self.padded(plane)[..self.width]
    }

    /// All planes, without padding; those that the layout does not have are empty.
    pub(crate) fn planes(&self) -> [&[S]; PLANES] {
        let mut planes = self.data.chunks_exact(self.width + ROW_PADDING).map(|plane| &plane[..self.width]);
        std::array::from_fn(|_| planes.next().unwrap_or_default())
    }

    /// The same, to be changed.
    pub(crate) fn planes_mut(&mut self) -> [&mut [S]; PLANES] {
        let width = self.width;
        let mut planes = self.data.chunks_exact_mut(width + ROW_PADDING).map(|plane| &mut plane[..width]);
        std::array::from_fn(|_| planes.next().unwrap_or_default())
    }
}

/// Takes the rows of a window from a decoder, from top to bottom, exactly as many as the window has.
///
/// A decoder of samples of 16 bits hands on wide rows if the sink takes them, else bytes. All rows of a window are of one kind.
pub(crate) trait RowSink {
    /// Takes one row. What comes back in its place has the same shape and any samples.
    fn row(&mut self, row: &mut Row) -> Result<()>;

    /// The sink takes wide rows too.
    fn takes_wide(&self) -> bool {
        false
    }

    /// Takes one row of 16 bits, as [`row`](Self::row).
    fn wide_row(&mut self, _: &mut WideRow) -> Result<()> {
        Err(too_wide())
    }
}

/// Takes rows as a [`RowSink`] does, on whatever thread has time. Each call says whom to ask whether the work has a purpose.
pub(crate) trait RowStage: Send {
    /// Takes one row, as [`RowSink::row`].
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()>;

    /// As [`RowSink::takes_wide`].
    fn takes_wide(&self) -> bool {
        false
    }

    /// Takes one row, as [`RowSink::wide_row`].
    fn wide_row(&mut self, _: &mut WideRow, _: Cancel<'_>) -> Result<()> {
        Err(too_wide())
    }
}

fn too_wide() -> Error {
    Error::new(ErrorKind::Internal, "gets rows of another depth than it takes").at("rows")
}

/// A stage on the thread of the decoder.
pub(crate) struct Here<'a> {
    pub(crate) stage: &'a mut dyn RowStage,
    pub(crate) cancel: Cancel<'a>,
}

impl RowSink for Here<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        self.stage.row(row, self.cancel)
    }

    fn takes_wide(&self) -> bool {
        self.stage.takes_wide()
    }

    fn wide_row(&mut self, row: &mut WideRow) -> Result<()> {
        self.stage.wide_row(row, self.cancel)
    }
}

/// Takes the rows of a picture that is being made, from top to bottom.
pub(crate) trait Canvas: Send {
    fn layout(&self) -> Layout;

    /// Where the samples of a row go. So far they are zero, or any if the canvas has no place of its own for each row. Planes
    /// that the layout does not have are empty.
    fn row_mut(&mut self, y: usize) -> [&mut [u8]; PLANES];

    /// The row is complete. Rows that are left out are zero.
    fn done(&mut self, y: usize, cancel: Cancel<'_>) -> Result<()>;
}

/// Some rows of a picture, counted from the first of them.
#[derive(Debug)]
pub(crate) struct Strip<'a> {
    width: usize,
    layout: Layout,
    planes: Vec<&'a mut [u8]>,
}

impl Canvas for Strip<'_> {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn row_mut(&mut self, y: usize) -> [&mut [u8]; PLANES] {
        let width = self.width;
        let mut planes = self.planes.iter_mut().map(|plane| &mut plane[y * width..][..width]);
        std::array::from_fn(|_| planes.next().unwrap_or_default())
    }

    fn done(&mut self, _: usize, _: Cancel<'_>) -> Result<()> {
        Ok(())
    }
}

impl Canvas for Raster {
    fn layout(&self) -> Layout {
        self.layout
    }

    fn row_mut(&mut self, y: usize) -> [&mut [u8]; PLANES] {
        self.rows_mut(y)
    }

    fn done(&mut self, _: usize, _: Cancel<'_>) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_wide_samples_are_rounded() {
        for a in (0..=65535u16).step_by(51).chain([1, 127, 128, 32767, 32768]) {
            for b in (0..=65535u16).step_by(257).chain([1, 2, 32767, 32768, 65534]) {
                let exact = (f64::from(a) * f64::from(b) / 65535.0).round();
                assert_eq!(f64::from(a.times(b)), exact, "{a} {b}");
            }
        }
    }

    #[test]
    fn rows_have_padding_of_their_own() {
        let mut row = Row::new(5, Layout::GRAY.with_alpha(true));
        row.planes_mut()[1].fill(9);
        assert_eq!((row.padded(0).len(), row.plane(0)), (5 + ROW_PADDING, &[0; 5][..]));
        assert_eq!((row.padded(1).len(), row.plane(1)), (5 + ROW_PADDING, &[9; 5][..]));
    }

    #[test]
    fn parts_are_rounded() {
        for whole in 0..=255u8 {
            for (a, b) in (0..=whole).flat_map(|a| [0, 1, whole / 3, whole / 2, whole].map(|b| (a, b.min(whole)))) {
                let exact = if whole == 0 { 0.0 } else { f64::from(a) * f64::from(b) / f64::from(whole) };
                assert_eq!(f64::from(a.part(b, whole)), (exact + 0.5).floor(), "{a} {b} {whole}");
                assert_eq!(a.part(255, 255), a.times(255));
                // With 16 bits, a value between two of 8 bits is rounded no other way in the end.
                let [a, b, whole] = [a, b, whole].map(u16::of_byte);
                assert!((f64::from(a.part(b, whole)) - 257.0 * exact).abs() <= 0.5 + 1e-9);
            }
        }
        assert_eq!((u16::MAX.part(u16::MAX, u16::MAX), 1u16.part(1, 2)), (u16::MAX, 1));
    }

    #[test]
    fn rows_keep_their_planes_apart() {
        let mut row = Row::new(3, Layout::CMYK.with_alpha(true));
        for (i, plane) in row.planes_mut().into_iter().enumerate() {
            plane.fill(i as u8 + 1);
        }
        let planes: Vec<_> = (0..PLANES).map(|i| row.plane(i).to_vec()).collect();
        assert_eq!(planes, [[1; 3], [2; 3], [3; 3], [4; 3], [5; 3]]);
    }

    #[test]
    fn strips_are_the_rows_of_the_picture() {
        let mut raster = Raster::zeroed(Size::new(2, 5), Layout::GRAY.with_alpha(true));
        for (strip, value) in raster.strips(&[1, 0, 3]).iter_mut().zip([1, 2, 3]) {
            let last = if value == 1 { 0 } else { 2 };
            if value != 2 {
                strip.row_mut(last)[1].fill(value);
                assert!(strip.row_mut(last)[2].is_empty());
            }
        }
        assert_eq!(raster.planes()[1].samples(), [1, 1, 0, 0, 0, 0, 3, 3, 0, 0]);
        assert_eq!(raster.planes()[0].samples(), [0; 10]);
    }
}
