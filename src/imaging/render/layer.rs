//! The stages of a layer. Each does nothing where the plan says nothing of it.

use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Orientation, Rect, Size};
use crate::base::stage::ByteStage;
use crate::imaging::kernel::alpha::with_alpha;
use crate::imaging::kernel::picture::Picture;
use crate::imaging::kernel::placement::fill::{Coverage, Covered, Hole, filled};
use crate::imaging::kernel::placement::orient::orient;
use crate::imaging::kernel::placement::warp::warp;
use crate::imaging::kernel::resample::coverage;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{Layout, Raster, Strip};
use crate::imaging::plan::{Cover, Drawing, Fill, Gap, LayerDrawing, Pixels, Samples};

use super::bands;
use super::mask::mask_plane;
use super::pixels::Source;
use super::sampling::{Sampling, is_unscaled};
use super::tools::{Files, Tools};

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
) -> Result<Picture> {
    let samples = &layer.samples;
    let (x, y) = (&samples.x, &samples.y);
    let picture = |raster, premultiplied| Picture { raster, at: layer.sampled, visible: layer.whole, premultiplied };
    let Some(window) = samples.window else {
        let layout = Layout { colors: layer.colors, alpha: true };
        return Ok(picture(Raster::zeroed(Size::new(x.len, y.len), layout), true));
    };
    let form = source.form(files)?;
    let sampling = Sampling::new(form, layer, mask.is_some(), filter);
    let mask = mask.map(|mask| mask_plane(tools, files, mask, form, samples, window)).transpose()?;
    let ready = tools.sampled.take(layer);
    let banded = match source {
        Source::File(file) if mask.is_none() && ready.is_none() => {
            let band = |tools: &mut Tools<'_>, files: &mut Files<'_>, samples: &Samples, strip: Strip<'_>| {
                sampling.onto(tools, files, source, (samples, None), strip).map(|_| ())
            };
            bands::drawn(tools, files, *file, (samples, filter, sampling.sampled()), &band)
        }
        _ => None,
    };
    let masks = mask.is_some() || layer.mask_use != MaskUse::Normal;
    let raster = match ready.or(banded) {
        Some(raster) => raster,
        None => sampling.rows(tools, files, source, samples, mask)?,
    };
    let picture = picture(raster, !is_unscaled(samples));
    Ok(if masks { tools.made(ByteStage::Mask, picture) } else { picture })
}

/// Turns the samples upright, by quarters, and mirrors them.
pub(super) fn oriented(tools: &Tools<'_>, picture: Picture, layer: &LayerDrawing) -> Result<Picture> {
    if layer.samples.orientation == Orientation::default() {
        return Ok(picture);
    }
    let raster = orient(picture.raster, layer.samples.orientation, tools.cancel)?;
    Ok(tools.made(ByteStage::Orient, Picture { raster, ..picture }))
}

/// Takes away what only the layer's operations had to see.
pub(super) fn cut_to_view(
    tools: &Tools<'_>,
    picture: Picture,
    layer: &LayerDrawing,
    drawing: &Drawing,
) -> Result<Picture> {
    if layer.warp.is_some() { Ok(picture) } else { picture.cut_to(drawing.sampled, tools.cancel) }
}

/// `color=`, under the box.
pub(super) fn colored(
    tools: &Tools<'_>,
    picture: Picture,
    layer: &LayerDrawing,
    filter: Filter,
    gray: bool,
) -> Result<Picture> {
    let Some(Fill { color, cover }) = &layer.color else { return Ok(picture) };
    let cover = covered(cover, filter).oriented(layer.samples.orientation);
    Ok(tools.made(ByteStage::Fill, filled(picture, *color, &cover, gray, tools.cancel)?))
}

/// `rotate=` by an angle that is no multiple of 90°.
pub(super) fn warped(tools: &Tools<'_>, picture: Picture, layer: &LayerDrawing, drawing: &Drawing) -> Result<Picture> {
    let Some(turn) = &layer.warp else { return Ok(picture) };
    let Rect { x, y, .. } = picture.at;
    let raster = with_alpha(picture.with_premultiplied(true, tools.cancel)?.raster);
    let raster = warp(&raster, (x, y), turn.frame, &turn.map, drawing.sampled, drawing.filter, tools.cancel)?;
    let picture = Picture { raster, at: drawing.sampled, visible: drawing.visible, premultiplied: true };
    Ok(tools.made(ByteStage::Warp, picture))
}

/// `bgColor=`, under the extended rectangle.
pub(super) fn on_bg_color(
    tools: &Tools<'_>,
    picture: Picture,
    layer: &LayerDrawing,
    filter: Filter,
    gray: bool,
) -> Result<Picture> {
    let Some(Fill { color, cover }) = &layer.bg_color else { return Ok(picture) };
    Ok(tools.made(ByteStage::Fill, filled(picture, *color, &covered(cover, filter), gray, tools.cancel)?))
}

fn covered(cover: &Cover, filter: Filter) -> Covered {
    let of = |(x, y): &(Axis, Axis)| Coverage { columns: coverage(x, filter), rows: coverage(y, filter) };
    let hole = |Gap { outer, inner }: &Gap| Hole { outer: of(outer), inner: of(inner) };
    Covered { rectangle: cover.rectangle.as_ref().map(of), hole: cover.gap.as_ref().map(hole) }
}
