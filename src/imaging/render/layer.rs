//! The stages of a layer. Each does nothing where the plan says nothing of it.

use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Orientation, Rect, Size};
use crate::base::stage::ByteStage;
use crate::imaging::kernel::alpha::with_alpha;
use crate::imaging::kernel::picture::{AnyPicture, Depth, Picture};
use crate::imaging::kernel::placement::fill::{Coverage, Covered, Hole, filled};
use crate::imaging::kernel::placement::orient::orient;
use crate::imaging::kernel::placement::warp::warp;
use crate::imaging::kernel::resample::coverage;
use crate::imaging::pixel::color::Color;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{AnyRaster, Layout, Raster, Strip};
use crate::imaging::pixel::space::Channels;
use crate::imaging::plan::{Conversion, Cover, Drawing, Fill, Gap, LayerDrawing, Pixels, Samples};

use super::bands;
use super::convert::{converted_ink, transform_of};
use super::mask::mask_plane;
use super::pixels::Source;
use super::sampling::{Sampling, is_unscaled};
use super::tools::{Files, Tools};

/// How many bits colours multiplied by alpha have: 16 if the layer has alpha of its own, whether it shows here or not, so
/// that tiles join. Margins alone are no reason: their edges are all that is not opaque.
pub(super) fn depth(layer: &LayerDrawing, source: &Source) -> Depth {
    let has_alpha = match source {
        Source::File(_) => layer.alpha,
        Source::Drawn(raster) => layer.mask_use.layout(raster.layout(), layer.mask.is_some()).alpha,
    };
    if has_alpha { Depth::Wide } else { Depth::Bytes }
}

/// The mask of a layer, if it is looked at.
pub(super) fn mask_of(layer: &LayerDrawing) -> Option<&Pixels> {
    let looked_at = layer.samples.window.is_some() && layer.mask_use != MaskUse::Off;
    layer.mask.as_ref().filter(|_| looked_at)
}

/// Decodes the window and samples it, masked.
pub(super) fn sampled(
    tools: &mut Tools<'_>,
    files: &mut Files<'_>,
    (source, mask): (&Source, Option<&Source>),
    layer: &LayerDrawing,
    filter: Filter,
) -> Result<AnyPicture> {
    let samples = &layer.samples;
    let (x, y) = (&samples.x, &samples.y);
    let picture = |raster, premultiplied| AnyPicture::of(raster, layer.sampled, layer.whole, premultiplied);
    let Some(window) = samples.window else {
        let layout = Layout { colors: layer.colors, alpha: true };
        return Ok(picture(AnyRaster::Bytes(Raster::zeroed(Size::new(x.len, y.len), layout)), true));
    };
    let form = source.form(files)?;
    let sampling = Sampling::new(form, layer, mask.is_some(), filter);
    let mask = mask.map(|mask| mask_plane(tools, files, mask, form, samples, window)).transpose()?;
    let ready = tools.sampled.take(layer);
    let banded = match source {
        Source::File(file) if mask.is_none() && ready.is_none() && sampling.keeps_bytes() => {
            let band = |tools: &mut Tools<'_>, files: &mut Files<'_>, samples: &Samples, strip: Strip<'_>| {
                sampling.onto(tools, files, source, (samples, None), || strip).map(|_| ())
            };
            bands::drawn(tools, files, *file, (samples, filter, sampling.sampled()), &band)
        }
        _ => None,
    };
    let masks = mask.is_some() || layer.mask_use != MaskUse::Normal;
    let raster = match ready.or(banded.map(AnyRaster::Bytes)) {
        Some(raster) => raster,
        None => sampling.rows(tools, files, source, samples, mask)?,
    };
    let picture = picture(raster, !is_unscaled(samples) && !layer.linear);
    let picture = if layer.linear { tools.made(ByteStage::Linear, picture) } else { picture };
    Ok(if masks { tools.made(ByteStage::Mask, picture) } else { picture })
}

/// The conversion of the layer's colours before its operations, which is that of inks and where there are none, and the one
/// after them.
pub(super) fn conversions(layer: &LayerDrawing) -> (Option<&Conversion>, Option<&Conversion>) {
    match &layer.conversion {
        Some(conversion) if conversion.channels == Channels::Cmyk || layer.operations.is_empty() => {
            (Some(conversion), None)
        }
        conversion => (None, conversion.as_ref()),
    }
}

/// Turns the samples upright, by quarters, and mirrors them.
pub(super) fn oriented(tools: &Tools<'_>, picture: AnyPicture, layer: &LayerDrawing) -> Result<AnyPicture> {
    let (orientation, cancel) = (layer.samples.orientation, tools.cancel);
    if orientation == Orientation::default() {
        return Ok(picture);
    }
    let picture = match picture {
        AnyPicture::Bytes(picture) => {
            AnyPicture::Bytes(Picture { raster: orient(picture.raster, orientation, cancel)?, ..picture })
        }
        AnyPicture::Wide(picture) => {
            AnyPicture::Wide(Picture { raster: orient(picture.raster, orientation, cancel)?, ..picture })
        }
    };
    Ok(tools.made(ByteStage::Orient, picture))
}

/// Takes away what only the layer's operations had to see.
pub(super) fn cut_to_view(
    tools: &Tools<'_>,
    picture: AnyPicture,
    layer: &LayerDrawing,
    drawing: &Drawing,
) -> Result<AnyPicture> {
    if layer.warp.is_some() { Ok(picture) } else { picture.cut_to(drawing.sampled, tools.cancel) }
}

/// `color=`, under the box.
pub(super) fn colored(
    (tools, files): (&Tools<'_>, &Files<'_>),
    (picture, depth): (AnyPicture, Depth),
    layer: &LayerDrawing,
    filter: Filter,
    gray: bool,
) -> Result<AnyPicture> {
    let Some(fill) = &layer.color else { return Ok(picture) };
    let (color, cover) = (filling(tools, files, fill)?, covered(&fill.cover, filter));
    let cover = cover.oriented(layer.samples.orientation);
    Ok(tools.made(ByteStage::Fill, filled(picture, depth, color, &cover, gray, tools.cancel)?))
}

/// `rotate=` by an angle that is no multiple of 90°.
pub(super) fn warped(
    tools: &Tools<'_>,
    (picture, depth): (AnyPicture, Depth),
    layer: &LayerDrawing,
    drawing: &Drawing,
) -> Result<AnyPicture> {
    let Some(turn) = &layer.warp else { return Ok(picture) };
    let Rect { x, y, .. } = picture.at();
    let (frame, map, to, filter, cancel) = (turn.frame, &turn.map, drawing.sampled, drawing.filter, tools.cancel);
    let raster = match picture.multiplied(depth, cancel)? {
        AnyPicture::Bytes(picture) => {
            AnyRaster::Bytes(warp(&with_alpha(picture.raster), (x, y), frame, map, to, filter, cancel)?)
        }
        AnyPicture::Wide(picture) => AnyRaster::Wide(warp(&picture.raster, (x, y), frame, map, to, filter, cancel)?),
    };
    Ok(tools.made(ByteStage::Warp, AnyPicture::of(raster, to, drawing.visible, true)))
}

/// `bgColor=`, under the extended rectangle.
pub(super) fn on_bg_color(
    (tools, files): (&Tools<'_>, &Files<'_>),
    (picture, depth): (AnyPicture, Depth),
    layer: &LayerDrawing,
    filter: Filter,
    gray: bool,
) -> Result<AnyPicture> {
    let Some(fill) = &layer.bg_color else { return Ok(picture) };
    let (color, cover) = (filling(tools, files, fill)?, covered(&fill.cover, filter));
    Ok(tools.made(ByteStage::Fill, filled(picture, depth, color, &cover, gray, tools.cancel)?))
}

/// The colour of a fill, in the space of the layer.
fn filling(tools: &Tools<'_>, files: &Files<'_>, fill: &Fill) -> Result<Color> {
    let Some(conversion) = &fill.conversion else { return Ok(fill.color) };
    let transform = transform_of(tools.palette, files, conversion)?;
    Ok(Color { ink: converted_ink(&transform, fill.color.ink), ..fill.color })
}

fn covered(cover: &Cover, filter: Filter) -> Covered {
    let of = |(x, y): &(Axis, Axis)| Coverage { columns: coverage(x, filter), rows: coverage(y, filter) };
    let hole = |Gap { outer, inner }: &Gap| Hole { outer: of(outer), inner: of(inner) };
    Covered { rectangle: cover.rectangle.as_ref().map(of), hole: cover.gap.as_ref().map(hole) }
}
