//! One operation after another on a picture (`protocol.md` §8): what each needs of the colours, and what it leaves.
//!
//! Blurs and unsharp masks are passes of the resampler, which has code for levels. The other operations run once over the
//! pixels of a reply, most of them by a look-up for each sample, which vectors do no faster.

mod blur;
mod brightness;
mod color_balance;
mod colorize;
mod contrast;
pub(crate) mod histogram;
mod hue;
mod invert;
mod lookup;
mod noise;
mod saturation;
mod sharpen;
mod wide;

use std::ops::Range;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Rect, Size};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::operation::Operation;
use crate::imaging::pixel::raster::{Layout, Plane, Raster, Sample};

use crate::imaging::kernel::alpha_wide::{rounded, rounded_plane};
use crate::imaging::kernel::color::{copied, to_rgb};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::picture::{AnyPicture, Depth, Picture};

use blur::Gaussian;
use brightness::brightness;
use color_balance::color_balance;
use colorize::colorize;
use contrast::contrast;
use histogram::Histogram;
use hue::hue;
use invert::invert;
use noise::noise;
use saturation::saturation;
use sharpen::{simple, unsharp};

/// Applies an operation.
///
/// Operations that look at each pixel alone work on true colours, those that look at its neighbours on premultiplied
/// ones and on alpha alike: these are linear but for rounding, so a picture sharpened and then flattened is the
/// flattened picture sharpened, without fringes where it turns transparent. Premultiplied colours have as many bits as
/// `depth` says; true colours have 8, whatever alpha is, so that none of their levels is lost.
///
/// What comes back is as far inside [`Picture::at`] as the operation [reads](Operation::reach), except where that ends
/// with the whole. A part with enough around it so comes out as it is in the whole.
///
/// `tones` are those of the whole, for [`Operation::Colorize`].
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn operate(
    cpu: Cpu,
    picture: AnyPicture,
    depth: Depth,
    operation: &Operation,
    tones: Option<&Histogram>,
    cancel: Cancel<'_>,
) -> Result<AnyPicture> {
    let bytes = match operation {
        Operation::Blur(_) | Operation::Sharpen | Operation::Unsharp(_) => match picture.multiplied(depth, cancel)? {
            AnyPicture::Bytes(picture) => neighbors(cpu, &picture, operation, cancel),
            AnyPicture::Wide(picture) => {
                return wide_neighbors(cpu, picture, operation, cancel).map(AnyPicture::Wide);
            }
        },
        Operation::Brightness(_)
        | Operation::Contrast(_)
        | Operation::ColorBalance(_)
        | Operation::Hue(_)
        | Operation::Saturation(_)
        | Operation::Colorize(_)
        | Operation::Invert
        | Operation::Noise(_) => points(picture.divided(cancel)?, operation, tones, cancel),
    }?;
    Ok(AnyPicture::Bytes(bytes))
}

/// An operation on each pixel alone.
fn points(
    mut picture: Picture,
    operation: &Operation,
    tones: Option<&Histogram>,
    cancel: Cancel<'_>,
) -> Result<Picture> {
    if matches!(operation, Operation::ColorBalance(_)) {
        picture.raster = to_rgb(picture.raster, cancel)?;
    }
    let at = picture.at;
    let (colors, alpha) = picture.raster.split_alpha_mut();
    let pixels = at.size().area() as usize;
    match operation {
        Operation::Brightness(_) | Operation::Contrast(_) | Operation::Invert | Operation::ColorBalance(_) => {
            count(Kind::Point, colors.len() * pixels);
        }
        Operation::Noise(_) => count(Kind::Noise, colors.len() * pixels),
        _ => count(Kind::Mix, pixels),
    }
    let mut each = |one: &dyn Fn(&mut Plane) -> Result<()>| colors.iter_mut().try_for_each(one);
    match operation {
        Operation::Brightness(amount) => each(&|plane| brightness(plane, *amount, cancel))?,
        Operation::Contrast(amount) => each(&|plane| contrast(plane, *amount, cancel))?,
        Operation::ColorBalance(amounts) => color_balance(colors, *amounts, cancel)?,
        Operation::Hue(degrees) => hue(colors, *degrees, cancel)?,
        Operation::Saturation(amount) => saturation(colors, *amount, cancel)?,
        Operation::Colorize(parameters) => {
            let rgb = colorize(colors, parameters, tones, cancel)?;
            let alpha = alpha.map(|alpha| copied(alpha, cancel)).transpose()?;
            let layout = Layout::RGB.with_alpha(alpha.is_some());
            picture.raster = Raster::from_planes(rgb.into_iter().chain(alpha).collect(), layout);
        }
        Operation::Invert => each(&|plane| invert(plane, cancel))?,
        Operation::Noise(parameters) => noise(colors, at, parameters, cancel)?,
        Operation::Blur(_) | Operation::Sharpen | Operation::Unsharp(_) => {}
    }
    Ok(picture)
}

/// An operation that reads neighbours of each pixel.
fn neighbors(cpu: Cpu, picture: &Picture, operation: &Operation, cancel: Cancel<'_>) -> Result<Picture> {
    let Picture { raster, .. } = picture;
    let Inside { local, result } = Inside::of(picture, operation);
    let size = result.size();
    let each = |one: &dyn Fn(&Plane) -> Result<Plane>| raster.planes().iter().map(one).collect::<Result<_>>();
    match operation {
        Operation::Sharpen => count(Kind::Sharpen, raster.planes().len() * size.area() as usize),
        Operation::Unsharp(_) => count(Kind::Amplify, raster.planes().len() * size.area() as usize),
        _ => {}
    }
    let planes = match operation {
        Operation::Blur(blur) => {
            let gaussian = Gaussian::new(raster.size(), &local, (blur.sigma_x, blur.sigma_y));
            each(&|plane| gaussian.of(cpu, plane, cancel))
        }
        Operation::Unsharp(usm) => unsharp(cpu, raster, &local, size, usm, cancel),
        _ => each(&|plane| simple(plane, &local, size, cancel)),
    }?;
    Ok(Picture { raster: Raster::from_planes(planes, raster.layout()), at: result, ..*picture })
}

/// The same of a picture whose samples have 16 bits.
fn wide_neighbors(cpu: Cpu, picture: Picture<u16>, operation: &Operation, cancel: Cancel<'_>) -> Result<Picture<u16>> {
    let Inside { local, result } = Inside::of(&picture, operation);
    let (raster, layout) = (&picture.raster, picture.raster.layout());
    let bytes = |raster: Raster| {
        let narrow = picture.with_raster(raster, true);
        neighbors(cpu, &narrow, operation, cancel).map(|done| done.raster)
    };
    let bytes = if matches!(operation, Operation::Unsharp(usm) if usm.mono) {
        bytes(rounded(raster, cancel)?)?
    } else {
        // One plane after the other: what is large is not held twice.
        let plane = |i| {
            let plane = rounded_plane(raster, i, cancel)?;
            bytes(Raster::from_planes(vec![plane], Layout::GRAY)).map(Raster::into_planes)
        };
        let planes = (0..raster.planes().len()).map(plane).collect::<Result<Vec<_>>>()?;
        Raster::from_planes(planes.into_iter().flatten().collect(), layout)
    };
    let (visible, size) = (picture.visible, result.size());
    let raster = wide::operated(cpu, picture.raster, (&local, size), operation, &bytes, cancel)?;
    Ok(Picture { raster, at: result, visible, premultiplied: true })
}

/// What an operation that reads neighbours leaves of a picture.
struct Inside {
    /// In view pixels, and counted from the picture's corner.
    result: Rect,
    local: (Range<i64>, Range<i64>),
}

impl Inside {
    fn of<S: Sample>(Picture { at, visible, .. }: &Picture<S>, operation: &Operation) -> Self {
        let reach = operation.reach();
        let columns = inside(at.columns(), visible.columns(), reach.0);
        let rows = inside(at.rows(), visible.rows(), reach.1);
        // Inside `at`, and not empty, because the plan sampled enough.
        let size = Size::new((columns.end - columns.start) as u32, (rows.end - rows.start) as u32);
        let result = Rect::new(columns.start, rows.start, size.width, size.height);
        let local = (columns.start - at.x..columns.end - at.x, rows.start - at.y..rows.end - at.y);
        Self { result, local }
    }
}

/// A range less its borders, except where it ends with the whole.
fn inside(range: Range<i64>, whole: Range<i64>, border: u32) -> Range<i64> {
    let border = i64::from(border);
    let start = if range.start == whole.start { range.start } else { range.start + border };
    let end = if range.end == whole.end { range.end } else { range.end - border };
    start..end
}

#[cfg(test)]
mod tests;
