//! Whole pictures that lie in memory, through `fast_image_resize`.
//!
//! The bytes are those that the [`Resampler`](super::Resampler) makes of the same pixels row by row. A part of a picture is
//! cut from the pixels before, or taken by the resampler: a crop of `fast_image_resize` derives the precision of its
//! weights from the crop, so that a tile would differ from the whole.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{self as fir, FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Axis, Filter, Size, Window};
use crate::base::limits::zeros;
use crate::imaging::kernel::interleave::{join, split};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::extensions::resizer;
use crate::imaging::kernel::taps::{can_be_resized, filters};
use crate::imaging::pixel::raster::{Layout, Row};

use super::Resampler;

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
    if can_be_resized(&axes.0, filter) && can_be_resized(&axes.1, filter) {
        let passes = Passes { components, filter, cancel };
        return passes.resized(&mut resizer(cpu), pixels, from, to);
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

/// How `fast_image_resize` is called.
struct Passes<'a> {
    components: Components,
    filter: Filter,
    cancel: Cancel<'a>,
}

impl Passes<'_> {
    fn resized(&self, resizer: &mut Resizer, pixels: &[u8], from: Size, to: Size) -> Result<Vec<u8>> {
        let (reduces_across, reduces_down) = (to.width < from.width, to.height < from.height);
        // `bisharp` has another function where it enlarges, and a call has one.
        if self.filter == Filter::Bisharp && reduces_across != reduces_down {
            let between = Size::new(from.width, to.height);
            let lower = self.pass(resizer, pixels, from, between, reduces_down)?;
            return self.pass(resizer, &lower, between, to, reduces_across);
        }
        self.pass(resizer, pixels, from, to, reduces_across || reduces_down)
    }

    fn pass(&self, resizer: &mut Resizer, pixels: &[u8], from: Size, to: Size, reduces: bool) -> Result<Vec<u8>> {
        self.cancel.check()?;
        let pixel_type = self.components.pixel_type();
        let radius = f64::from(self.filter.radius());
        let function = filters::function(self.filter, reduces);
        let filter = fir::Filter::new("of the engine", function, radius).map_err(|_| failed())?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Custom(filter)));
        let source = ImageRef::new(from.width, from.height, pixels, pixel_type).map_err(|_| failed())?;
        let mut out = zeros(to.area() as usize * self.components.count());
        let mut image = Image::from_slice_u8(to.width, to.height, &mut out, pixel_type).map_err(|_| failed())?;
        resizer.resize(&source, &mut image, &options).map_err(|_| failed())?;
        Ok(out)
    }
}

fn failed() -> Error {
    Error::new(ErrorKind::Internal, "has pixels that its size does not have").at("resize")
}

#[cfg(test)]
#[path = "whole_tests.rs"]
mod tests;
