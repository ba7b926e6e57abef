//! Whole pictures that lie in memory, through `fast_image_resize`.
//!
//! The bytes are those that the [`Resampler`](super::Resampler) makes of the same pixels row by row. A part of a picture is
//! cut from the pixels before, or taken by the resampler: a crop of `fast_image_resize` derives the precision of its
//! weights from the crop, so that a tile would differ from the whole.

use fast_image_resize::images::{Image, ImageRef, TypedImage, TypedImageRef};
use fast_image_resize::pixels::U16;
use fast_image_resize::{self as fir, FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Axis, Filter, Size, Window};
use crate::base::limits::{with_room, zeros};
use crate::imaging::kernel::interleave::{join, split};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::extensions::resizer;
use crate::imaging::kernel::taps::{can_be_resized, can_be_resized_wide, filters};
use crate::imaging::pixel::raster::{Layout, Row};

use super::Resampler;
use super::wide::WideResampler;

/// Components of an interleaved pixel of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Components {
    One,
    Three,
}

impl Components {
    const fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Three => 3,
        }
    }

    const fn pixel_type(self) -> PixelType {
        match self {
            Self::One => PixelType::U8,
            Self::Three => PixelType::U8x3,
        }
    }
}

/// Resizes a picture of `from` pixels without gaps to `to` pixels. No side is 0.
///
/// # Errors
///
/// The pixels are not as many as the size says, or the work is to be given up: asked before each pass.
pub(crate) fn resized(
    cpu: Cpu,
    (pixels, components): (&[u8], Components),
    from: Size,
    to: Size,
    filter: Filter,
    cancel: Cancel<'_>,
) -> Result<Vec<u8>> {
    if pixels.len() as u64 != from.area() * components.count() as u64 {
        return Err(failed());
    }
    let axes = (Axis::resizing(from.width, to.width), Axis::resizing(from.height, to.height));
    if can_be_resized([&axes.0, &axes.1], filter) {
        return Calls { filter, cancel }.bytes(&mut resizer(cpu), pixels, components, from, to);
    }
    // Filters too long for rounded weights.
    let layout = Layout { colors: components.count() as u8, alpha: false };
    let window = Window { x: 0, y: 0, width: from.width, height: from.height };
    let mut resampler = Resampler::new(cpu, (&axes.0, &axes.1), filter, window, layout, false, cancel);
    let mut row = Row::new(from.width, layout);
    for line in pixels.chunks_exact(from.width as usize * components.count()) {
        split(cpu, line, &mut row.planes_mut()[..layout.planes()]);
        resampler.take(&mut row)?;
    }
    let raster = resampler.finish();
    let mut out = Vec::with_capacity(to.area() as usize * components.count());
    for y in 0..to.height as usize {
        join(&raster.planes().iter().map(|plane| plane.row(y)).collect::<Vec<_>>(), &mut out);
    }
    Ok(out)
}

/// Resizes one component of 16 bits in the same way: what rows of pixels with alpha are held to.
///
/// # Errors
///
/// As [`resized`].
#[cfg_attr(not(test), expect(dead_code, reason = "for sources of 16 bits; so far the oracle of the rows with alpha"))]
pub(crate) fn resized_wide(
    cpu: Cpu,
    samples: &[u16],
    from: Size,
    to: Size,
    filter: Filter,
    cancel: Cancel<'_>,
) -> Result<Vec<u16>> {
    if samples.len() as u64 != from.area() {
        return Err(failed());
    }
    let axes = (Axis::resizing(from.width, to.width), Axis::resizing(from.height, to.height));
    if can_be_resized_wide([&axes.0, &axes.1], filter) {
        return Calls { filter, cancel }.wide(&mut resizer(cpu), samples, from, to);
    }
    let window = Window { x: 0, y: 0, width: from.width, height: from.height };
    let mut resampler = WideResampler::new((&axes.0, &axes.1), filter, window, cancel);
    samples.chunks_exact(from.width as usize).try_for_each(|row| resampler.row(row))?;
    Ok(resampler.finish())
}

/// How `fast_image_resize` is called.
#[derive(Clone, Copy)]
struct Calls<'a> {
    filter: Filter,
    cancel: Cancel<'a>,
}

impl Calls<'_> {
    fn bytes(
        self,
        resizer: &mut Resizer,
        pixels: &[u8],
        components: Components,
        from: Size,
        to: Size,
    ) -> Result<Vec<u8>> {
        let pixel_type = components.pixel_type();
        let call = |pixels: &[u8], from: Size, to: Size, options: &ResizeOptions| {
            let source = ImageRef::new(from.width, from.height, pixels, pixel_type).map_err(|_| failed())?;
            let mut out = zeros(to.area() as usize * components.count());
            let mut image = Image::from_slice_u8(to.width, to.height, &mut out, pixel_type).map_err(|_| failed())?;
            resizer.resize(&source, &mut image, options).map_err(|_| failed())?;
            Ok(out)
        };
        // The vertical pass comes first.
        self.one_by_one(pixels, from, Size::new(from.width, to.height), to, call)
    }

    fn wide(self, resizer: &mut Resizer, samples: &[u16], from: Size, to: Size) -> Result<Vec<u16>> {
        let pixels: Vec<U16> =
            with_room(2 * samples.len(), || samples.iter().map(|&sample| U16::new(sample)).collect());
        let call = |pixels: &[U16], from: Size, to: Size, options: &ResizeOptions| {
            let source = TypedImageRef::new(from.width, from.height, pixels).map_err(|_| failed())?;
            let mut out = zeros(to.area() as usize);
            let mut image = TypedImage::from_pixels_slice(to.width, to.height, &mut out).map_err(|_| failed())?;
            resizer.resize_typed(&source, &mut image, options).map_err(|_| failed())?;
            Ok(out)
        };
        // The horizontal pass comes first.
        let resized = self.one_by_one(&pixels, from, Size::new(to.width, from.height), to, call)?;
        Ok(resized.into_iter().map(|pixel| pixel.0).collect())
    }

    /// Both passes in one call or, where they have different functions, in two.
    fn one_by_one<P: Clone>(
        self,
        pixels: &[P],
        from: Size,
        between: Size,
        to: Size,
        mut call: impl FnMut(&[P], Size, Size, &ResizeOptions) -> Result<Vec<P>>,
    ) -> Result<Vec<P>> {
        let mut pass = |pixels: &[P], from: Size, to: Size| {
            self.cancel.check()?;
            call(pixels, from, to, &self.options(reduces(from, to))?)
        };
        // `bisharp` has another function where it enlarges.
        if self.filter == Filter::Bisharp && reduces(from, between) != reduces(between, to) {
            let first = pass(pixels, from, between)?;
            return pass(&first, between, to);
        }
        pass(pixels, from, to)
    }

    fn options(self, reduces: bool) -> Result<ResizeOptions> {
        let (function, radius) = (filters::function(self.filter, reduces), f64::from(self.filter.radius()));
        let filter = fir::Filter::new("of the engine", function, radius).map_err(|_| failed())?;
        Ok(ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Custom(filter))))
    }
}

/// One of the sides gets shorter.
const fn reduces(from: Size, to: Size) -> bool {
    to.width < from.width || to.height < from.height
}

fn failed() -> Error {
    Error::new(ErrorKind::Internal, "has pixels that its size does not have").at("resize")
}

#[cfg(test)]
#[path = "whole_tests.rs"]
mod tests;
