//! From a source's bytes to the finished pixels of a reply, as its plan says.

use crate::decode::{Job, decode};
use crate::error::Result;
use crate::facts::Header;
use crate::geometry::{Rect, Size};
use crate::kernel::alpha::{divide, flatten};
use crate::kernel::collect::Collector;
use crate::kernel::color::{to_cmyk, to_gray, to_rgb};
use crate::kernel::cpu::Cpu;
use crate::kernel::operate::{Picture, operate};
use crate::kernel::orient::orient;
use crate::kernel::resample::Resampler;
use crate::limits::Limits;
use crate::plan::{Drawing, Plan};
use crate::raster::{Layout, Plane, Raster};
use crate::request::PixelType;
use crate::resolve::Output;

/// Draws a reply.
///
/// # Errors
///
/// The source is damaged, or a limit is exceeded.
pub(super) fn draw(
    cpu: Cpu,
    limits: &Limits,
    plan: &Plan,
    output: &Output,
    header: &Header,
    source: &[u8],
    scratch: &mut Vec<u8>,
) -> Result<Raster> {
    let Some(drawing) = &plan.drawing else {
        return Ok(pixel_type(background(plan.reply, output), output.pixels));
    };
    let sampled = sample(cpu, limits, drawing, output, header, source, scratch)?;
    let Sampled { raster, premultiplied } = sampled;
    let upright = orient(raster, drawing.orientation);
    let (sharp, at) = sharpened(cpu, upright, drawing);
    let gray = output.pixels == PixelType::Gray;
    let typed = if gray { to_gray(sharp) } else { to_rgb(sharp) };
    let opaque = on_background(typed, output, premultiplied);
    Ok(pixel_type(placed(opaque, at, plan.reply, drawing, output), output.pixels))
}

/// Pixels as they come from the source's grid.
struct Sampled {
    raster: Raster,
    /// Colours have been multiplied by alpha.
    premultiplied: bool,
}

/// Decodes the window and samples it.
fn sample(
    cpu: Cpu,
    limits: &Limits,
    drawing: &Drawing,
    output: &Output,
    header: &Header,
    source: &[u8],
    scratch: &mut Vec<u8>,
) -> Result<Sampled> {
    let (x, y) = (&drawing.x, &drawing.y);
    let layout = header.layout;
    let add_alpha = drawing.margins && !layout.alpha;
    let Some(window) = drawing.window else {
        let raster = Raster::zeroed(Size::new(x.len, y.len), layout.with_alpha(true));
        return Ok(Sampled { raster, premultiplied: true });
    };
    let mut job = Job { window, shrink: drawing.shrink, cpu, decoded_bytes: limits.decoded_bytes, scratch };
    // Unscaled pixels keep their exact colours under alpha; sharpening needs them multiplied.
    if x.is_identity() && y.is_identity() && (drawing.sharpenings.is_empty() || !(layout.alpha || add_alpha)) {
        let mut collector = Collector::new((x, y), window, layout, add_alpha);
        decode(source, header, &mut job, &mut collector)?;
        return Ok(Sampled { raster: collector.finish(), premultiplied: false });
    }
    let mut resampler = Resampler::new(cpu, (x, y), output.filter, window, layout, add_alpha);
    decode(source, header, &mut job, &mut resampler)?;
    Ok(Sampled { raster: resampler.finish(), premultiplied: true })
}

/// Sharpens in order; returns the pixels and where they lie in the view.
fn sharpened(cpu: Cpu, raster: Raster, drawing: &Drawing) -> (Raster, Rect) {
    let picture = Picture { raster, at: drawing.sampled, visible: drawing.visible, premultiplied: true };
    let sharp = drawing.sharpenings.iter().fold(picture, |picture, operation| operate(cpu, picture, operation, None));
    (sharp.raster, sharp.at)
}

/// Makes the picture what the format holds: opaque on the background, or with alpha and undivided colours.
fn on_background(mut raster: Raster, output: &Output, premultiplied: bool) -> Raster {
    if output.format.alpha() {
        if premultiplied {
            divide(&mut raster);
        }
        return with_alpha(raster);
    }
    flatten(raster, &background_colors(output), premultiplied)
}

fn with_alpha(raster: Raster) -> Raster {
    let layout = raster.layout();
    if layout.alpha {
        return raster;
    }
    let alpha = Plane::filled(raster.size(), 255);
    let planes = raster.into_planes().into_iter().chain([alpha]).collect();
    Raster::from_planes(planes, layout.with_alpha(true))
}

/// The background in the components that are drawn in: gray or RGB.
fn background_colors(output: &Output) -> Vec<u8> {
    match output.pixels {
        PixelType::Gray => vec![output.background.gray()],
        PixelType::Rgb | PixelType::Cmyk => output.background.rgb().to_vec(),
    }
}

/// A reply that shows nothing of the picture: the background, or transparency.
fn background(size: Size, output: &Output) -> Raster {
    let colors = background_colors(output);
    let layout = if colors.len() == 1 { Layout::GRAY } else { Layout::RGB };
    if output.format.alpha() {
        return Raster::zeroed(size, layout.with_alpha(true));
    }
    let planes = colors.into_iter().map(|value| Plane::filled(size, value)).collect();
    Raster::from_planes(planes, layout)
}

/// Puts the part that is delivered in its place on the reply.
fn placed(raster: Raster, at: Rect, reply: Size, drawing: &Drawing, output: &Output) -> Raster {
    let delivered = drawing.delivered;
    if at == delivered && delivered.size() == reply {
        return raster;
    }
    let mut out = background(reply, output);
    // `delivered` lies inside `at`, and at its place inside the reply.
    let (left, top) = ((delivered.x - at.x) as usize, (delivered.y - at.y) as usize);
    let (column, row) = (drawing.at.0 as usize, drawing.at.1 as usize);
    let width = delivered.width as usize;
    for (to, from) in out.planes_mut().iter_mut().zip(raster.planes()) {
        for y in 0..delivered.height as usize {
            to.row_mut(row + y)[column..column + width].copy_from_slice(&from.row(top + y)[left..left + width]);
        }
    }
    out
}

/// Gray and RGB are drawn as such; inks are made at the end.
fn pixel_type(raster: Raster, pixels: PixelType) -> Raster {
    if pixels == PixelType::Cmyk { to_cmyk(raster) } else { raster }
}
