//! Pixels of another size.

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::clock::now;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{MAX_SIDE, Size};
use crate::base::limits::{over_decoded_bytes, try_reserve, with_room};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::kernel::resample::whole::{Components, resized};
use crate::imaging::kernel::resample::whole_alpha::resized_rgba;

use super::edit::Filter;
use super::making::LIMITS;
use super::pixels::{PixelLayout, Pixels};

/// Pixels of another size: the whole picture, whatever its aspect.
///
/// They are what [`Picture::pixels`](crate::Picture::pixels) makes of the same pixels with
/// [`Fit::Stretch`](crate::Fit::Stretch). Colours with alpha are weighed by it, with 16 bits: what is
/// transparent does not show, and colours that are nearly transparent keep their tone. Where the result is transparent its
/// colour is black. Opaque pixels give the bytes that they would give without alpha.
///
/// ```
/// use platemark::{Filter, PixelLayout, Pixels, resize};
///
/// let pixels = Pixels::from_raw(vec![100; 640 * 480 * 3], 640, 480, 640 * 3, PixelLayout::Rgb)?;
/// let small = resize(&pixels, 64, 48, Filter::Lanczos3)?;
/// assert_eq!((small.width(), small.height(), small.stride()), (64, 48, 192));
/// assert_eq!(small.row(47), Some(&[100; 192][..]));
/// # Ok::<(), platemark::Error>(())
/// ```
///
/// # Errors
///
/// A side is 0 or longer than 16,777,216, or one of the [default limits](crate::Limits::new) is exceeded: `reply_pixels` is
/// that of the result.
pub fn resize(pixels: &Pixels, width: u32, height: u32, filter: Filter) -> Result<Pixels> {
    for (name, side) in [("width", width), ("height", height)] {
        if !(1..=MAX_SIDE).contains(&side) {
            return Err(Error::request(name, "needs a whole number from 1 to 16777216"));
        }
    }
    let (from, to, filter) = (pixels.size(), Size::new(width, height), filter.of_kernels());
    if to.area() > LIMITS.reply_pixels {
        return Err(Error::new(ErrorKind::Limit, "exceeds the limit of reply pixels").at("resize"));
    }
    if from == to {
        return Ok(pixels.clone());
    }
    let (layout, stride) = (pixels.layout(), width as usize * pixels.layout().bytes());
    let bytes = bytes(pixels, to);
    if bytes > LIMITS.decoded_bytes {
        return Err(over_decoded_bytes());
    }
    caught(|| {
        try_reserve(bytes)?;
        let cpu = Cpu::detect(CpuLevel::default());
        let cancel = Cancel::ALWAYS.until(now().checked_add(LIMITS.time));
        let of_bytes = |components| {
            if is_packed(pixels) {
                return resized(cpu, (pixels.bytes(), components), from, to, filter, cancel);
            }
            let len = from.area() as usize * layout.bytes();
            let mut packed = with_room(len, || Vec::with_capacity(len));
            pixels.rows().for_each(|row| packed.extend_from_slice(row));
            resized(cpu, (&packed, components), from, to, filter, cancel)
        };
        let resized = match layout {
            PixelLayout::Gray => of_bytes(Components::One),
            PixelLayout::Rgb => of_bytes(Components::Three),
            PixelLayout::Rgba => resized_rgba(cpu, pixels.rows(), from, to, filter, cancel),
        };
        Pixels::from_raw(resized?, width, height, stride, layout)
    })
}

/// Nothing lies between rows.
fn is_packed(pixels: &Pixels) -> bool {
    pixels.stride() == pixels.width() as usize * pixels.layout().bytes() || pixels.height() == 1
}

/// Bytes that the work takes, but for tables.
fn bytes(pixels: &Pixels, to: Size) -> u64 {
    let from = pixels.size();
    let between = Size::new(from.width, to.height).area().max(Size::new(to.width, from.height).area());
    let components = pixels.layout().bytes() as u64;
    match pixels.layout() {
        // The rows that are held, all of them at most, in bytes and between the passes; what comes out in bytes, in 16 bits
        // and as pixels.
        PixelLayout::Rgba => {
            let passed = 9 * Size::new(to.width, from.height).area();
            components * from.area() + passed + 5 * components * to.area()
        }
        _ => {
            let packed = if is_packed(pixels) { 0 } else { from.area() };
            components * (packed + between + to.area())
        }
    }
}
