//! The stages of a layer. Each does nothing where the plan says nothing of it.

use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Orientation, Rect, Size};
use crate::base::stage::ByteStage;
use crate::imaging::kernel::alpha::with_alpha;
use crate::imaging::kernel::picture::Picture;
use crate::imaging::kernel::placement::fill::{Coverage, Covered, Hole, filled};
use crate::imaging::kernel::placement::orient::orient;
use crate::imaging::kernel::placement::warp::warp;
use crate::imaging::kernel::resample::{Resampling, coverage};
use crate::imaging::kernel::sink::collect::Collector;
use crate::imaging::kernel::sink::mask::Masked;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{Canvas, Here, Layout, Plane, Raster, RowSink, Strip};
use crate::imaging::plan::{Cover, Drawing, Fill, Gap, LayerDrawing, Pixels, Samples};

use super::bands;
use super::mask::mask_plane;
use super::pixels::Source;
use super::relay::relayed;
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
    let layout = layer.mask_use.layout(form.layout, mask.is_some());
    let add_alpha = samples.margins && !layout.alpha;
    let mask = mask.map(|mask| mask_plane(tools, files, mask, form, samples, window)).transpose()?;
    let sampling = Sampling { filter, layout, add_alpha, mask_use: layer.mask_use, incoming: form.layout };
    let banded = match source {
        Source::File(file) if mask.is_none() => {
            let band = |tools: &mut Tools<'_>, files: &mut Files<'_>, samples: &Samples, strip: Strip<'_>| {
                sampling.onto(tools, files, source, (samples, None), strip).map(|_| ())
            };
            bands::drawn(tools, files, *file, (samples, filter, sampling.sampled()), &band)
        }
        _ => None,
    };
    let masks = mask.is_some() || layer.mask_use != MaskUse::Normal;
    let raster = match banded {
        Some(raster) => raster,
        None => sampling.rows(tools, files, source, samples, mask)?,
    };
    let picture = picture(raster, !is_unscaled(samples));
    Ok(if masks { tools.made(ByteStage::Mask, picture) } else { picture })
}

/// How rows are sampled.
struct Sampling {
    filter: Filter,
    mask_use: MaskUse,
    /// Of rows before and after they are masked.
    incoming: Layout,
    layout: Layout,
    /// Samples beyond the pixels are transparent, which needs a component of its own.
    add_alpha: bool,
}

impl Sampling {
    /// The components of samples.
    fn sampled(&self) -> Layout {
        self.layout.with_alpha(self.layout.alpha || self.add_alpha)
    }

    /// Samples the rows of a window that is not empty.
    fn rows(
        &self,
        tools: &mut Tools<'_>,
        files: &mut Files<'_>,
        source: &Source,
        samples: &Samples,
        mask: Option<Plane>,
    ) -> Result<Raster> {
        let out = Raster::zeroed(Size::new(samples.x.len, samples.y.len), self.sampled());
        self.onto(tools, files, source, (samples, mask), out)
    }

    /// The same onto a canvas of zeros.
    fn onto<C: Canvas>(
        &self,
        tools: &mut Tools<'_>,
        files: &mut Files<'_>,
        source: &Source,
        (samples, mask): (&Samples, Option<Plane>),
        out: C,
    ) -> Result<C> {
        let Some(window) = samples.window else { return Ok(out) };
        let axes = (&samples.x, &samples.y);
        let masked = |tools: &mut Tools<'_>, sink: &mut dyn RowSink| {
            let mut masked = Masked::new(sink, mask, self.mask_use, window.width, self.incoming);
            source.rows(tools, files, window, samples.shrink, &mut masked)
        };
        if is_unscaled(samples) {
            let mut collector = Collector::onto(axes, window, out);
            // It does too little for another thread.
            let cancel = tools.cancel;
            masked(tools, &mut Here { stage: &mut collector, cancel })?;
            return Ok(collector.finish());
        }
        let mut resampling = Resampling::onto(tools.cpu, axes, self.filter, window, self.layout, out);
        relayed(tools, window, &mut resampling, masked)?;
        Ok(resampling.finish())
    }
}

/// Each sample is a pixel as it is. Unscaled pixels keep their exact colours under alpha: they are not premultiplied.
pub(super) const fn is_unscaled(samples: &Samples) -> bool {
    samples.x.is_identity() && samples.y.is_identity()
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
