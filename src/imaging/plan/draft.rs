//! From the geometry of layers and view to the [`Drawing`]: which stored pixels of each layer to decode at which shrink,
//! where its samples lie on them, what happens to them, and where the result goes.

use std::ops::Range;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::affine::{Affine, Angle, Grid, Scaling, warp_window};
use crate::base::geom::{Axis, Filter, Rect, Shrink, Size, Window};
use crate::imaging::pixel::color::Color;
use crate::imaging::pixel::operation::{MaskUse, Operation};
use crate::imaging::pixel::space::Channels;
use crate::imaging::scene::{Adjustment, Flip, Layer};

use super::axis_map::{FrameMaps, FrameToStored, ViewToFrame, shrink};
use super::color::Conversion;
use super::drawing::{Cover, Drawing, Fill, Gap, LayerDrawing, Operations, Pixels, Samples, Warp};
use super::layer::{LayerGeometry, MOST_IN_ONE, Turn, too_far};
use super::operations::{Scale, Scales, before_colorize, needs_tones, operations};
use super::ratio::Ratio;
use super::stored::Stored;
use super::view::ViewGeometry;

/// What is drawn, and how finely.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    /// From the bottom up; at least one.
    pub(super) layers: Vec<LayerDraft<'a>>,
    /// On the composite.
    pub(super) operations: &'a [Adjustment],
    /// What layers are resampled with.
    pub(super) filter: Filter,
    /// Layers are resampled in linear light, but for inks.
    pub(super) linear: bool,
    /// The filter that shrinks and windows are chosen for. It is that of the view, but for tones: measuring them decodes as
    /// few pixels as a bilinear filter needs, whatever filter the view has.
    pub(super) window_filter: Filter,
    /// Of the composite's colours.
    pub(super) conversion: Option<Conversion>,
}

/// A layer to be drawn.
#[derive(Debug, Clone)]
pub(super) struct LayerDraft<'a> {
    pub(super) layer: &'a Layer,
    pub(super) geometry: LayerGeometry,
    pub(super) pixels: Pixels,
    pub(super) mask: Option<Pixels>,
    /// How the pixels are stored; they shrink only if their mask can follow.
    pub(super) stored: Stored,
    /// Of the layer's colours.
    pub(super) conversion: Option<Conversion>,
    /// Of the colours that are filled under it: `color` and `bgColor`.
    pub(super) fills: [Option<Conversion>; 2],
}

/// The longest side of the picture that tones are measured on.
const TONES_SIDE: u32 = 128;

/// The whole composite, small: a rule of the composite alone, so that tones do not depend on what is delivered.
fn small_view(canvas: Size) -> Result<ViewGeometry> {
    let scale = Ratio::ONE.min(Ratio::new(TONES_SIDE, canvas.width.max(canvas.height)));
    let size = Size::new(scale.of(canvas.width, "tones")?, scale.of(canvas.height, "tones")?);
    let all = Rect::at_origin(size);
    Ok(ViewGeometry { size, region: Rect::at_origin(canvas), placed: all, reply: all })
}

impl Draft<'_> {
    /// Draws a view; `None`: nothing of the composite shows.
    ///
    /// # Errors
    ///
    /// A layer lies so far off its content, or gets so large by its rotation, that places can no longer be computed with.
    pub(super) fn drawing(&self, view: &ViewGeometry) -> Result<Option<Drawing>> {
        let canvas = self.layers[0].geometry.canvas;
        let axes = ViewToFrame::pair(view.region, view.placed);
        let scale = view_scale(view);
        let list = operations(self.operations, Scales { composite: scale, full: scale });
        // Before the places, so that a layer out of reach is refused even where the reply shows nothing of it.
        let tones = self.tones(&list)?;
        let content = rect_of(axes[0].content(canvas.width), axes[1].content(canvas.height));
        let Some(visible) = content.and_then(|content| overlap(Rect::at_origin(view.size), content)) else {
            return Ok(None);
        };
        let Some(delivered) = overlap(visible, view.reply) else { return Ok(None) };
        // Inside `visible`, because `delivered` is.
        let sampled = overlap(visible, grown(delivered, reach(&list))).unwrap_or(delivered);
        let operations = Operations { tones, list };
        let at = (delivered.x - view.reply.x, delivered.y - view.reply.y);
        // Inside the reply, so neither is negative nor longer than a side.
        let at = (at.0 as u32, at.1 as u32);
        let part = Part { draft: self, view, axes, visible, sampled };
        let mut layers = Vec::with_capacity(self.layers.len());
        for (i, layer) in self.layers.iter().enumerate() {
            let drawing = part.layer(layer)?;
            // The first layer stays, so that there is always one.
            if i == 0 || drawing.shows() {
                layers.push(drawing);
            }
        }
        let composed = self.layers.len() > 1;
        let (filter, conversion) = (self.filter, self.conversion);
        Ok(Some(Drawing { layers, operations, conversion, filter, sampled, visible, delivered, at, composed }))
    }

    /// The small drawing whose tones the composite's operations need to know, if they do.
    fn tones(&self, list: &[Operation]) -> Result<Option<Box<Drawing>>> {
        if !needs_tones(list) {
            return Ok(None);
        }
        let before = before_colorize(self.operations);
        let (window_filter, layers) = (Filter::Bilin, self.layers.clone());
        // Tones are those of the samples, in linear light or not.
        let draft = Draft { operations: &before, window_filter, layers, linear: false, conversion: None, ..*self };
        Ok(draft.drawing(&small_view(self.layers[0].geometry.canvas)?)?.map(Box::new))
    }
}

/// The part of a view that layers are drawn for.
struct Part<'a> {
    draft: &'a Draft<'a>,
    view: &'a ViewGeometry,
    axes: [ViewToFrame; 2],
    visible: Rect,
    sampled: Rect,
}

/// Samples of a layer, and what is done with them.
struct Sampled {
    samples: Samples,
    sampled: Rect,
    whole: Rect,
    /// What of them `color` may fill: the layer's box, but not what its crop adds to the content (`layers.md` §1.3).
    cover: Cover,
    warp: Option<Warp>,
}

impl Part<'_> {
    fn layer(&self, layer: &LayerDraft<'_>) -> Result<LayerDrawing> {
        let geometry = &layer.geometry;
        let (Sampled { samples, sampled, whole, cover, warp }, list) = match geometry.turn {
            Turn::Quarters(quarters) => {
                let list = operations(&layer.layer.operations, self.scales(geometry, quarters % 2 == 1));
                (self.straight(layer, quarters, reach(&list))?, list)
            }
            Turn::Free(angle) => {
                let frame = self.frame(geometry)?;
                let list = operations(&layer.layer.operations, frame_scales(geometry, frame));
                (self.turned(layer, angle, frame, reach(&list))?, list)
            }
        };
        let fill = |color: Option<Color>, conversion, cover| color.map(|color| Fill { color, conversion, cover });
        let [of_color, of_bg_color] = layer.fills;
        Ok(LayerDrawing {
            pixels: layer.pixels.clone(),
            colors: layer.stored.colors,
            wide: layer.stored.wide,
            alpha: match layer.layer.mask_use {
                MaskUse::Normal => layer.stored.alpha || layer.mask.is_some(),
                MaskUse::Invert => true,
                MaskUse::Off => false,
            },
            mask: layer.mask.clone(),
            mask_use: layer.layer.mask_use,
            linear: self.is_linear(layer) && !(samples.x.is_identity() && samples.y.is_identity()),
            samples,
            sampled,
            whole,
            operations: Operations { tones: self.tones(layer, &list)?, list },
            conversion: layer.conversion,
            color: fill(layer.layer.color, of_color, cover),
            warp,
            bg_color: fill(
                layer.layer.bg_color,
                of_bg_color,
                Cover { rectangle: self.extended_cover(geometry), ..Cover::default() },
            ),
        })
    }

    /// What is resampled of a layer is weighed in linear light.
    const fn is_linear(&self, layer: &LayerDraft<'_>) -> bool {
        self.draft.linear && layer.stored.colors <= 3
    }

    /// Samples in view pixels.
    fn straight(&self, layer: &LayerDraft<'_>, quarters: u32, reach: (u32, u32)) -> Result<Sampled> {
        let frame = FrameMaps::of_canvas(&layer.geometry, &layer.stored, quarters);
        let sampled = overlap(self.visible, grown(self.sampled, reach)).unwrap_or(self.sampled);
        let (samples, cover) = self.samples(layer, &frame, &self.axes, sampled)?;
        // Colours are filled in after the operations, which leave as much as is drawn.
        let cover =
            if sampled == self.sampled { cover } else { self.samples(layer, &frame, &self.axes, self.sampled)?.1 };
        Ok(Sampled { samples, sampled, whole: self.visible, cover, warp: None })
    }

    /// Size of a layer's whole box at the scale of the view.
    fn frame(&self, layer: &LayerGeometry) -> Result<Size> {
        let (placed, region) = (self.view.placed, self.view.region);
        let scale = Ratio::new(placed.width, region.width).max(Ratio::new(placed.height, region.height));
        let side = |side: u32| scale.of(side, "side of the layer");
        Ok(Size::new(side(layer.box_size.width)?, side(layer.box_size.height)?))
    }

    /// Samples of the box at the scale of the view, and the map that turns them.
    fn turned(&self, layer: &LayerDraft<'_>, angle: Angle, frame: Size, reach: (u32, u32)) -> Result<Sampled> {
        let geometry = &layer.geometry;
        let grid = |view: &ViewToFrame, flip: bool, canvas: u32, place: i64| {
            let (den, first, step) = view.grid();
            let (first, step) = if flip { (i64::from(canvas) * den - first, -step) } else { (first, step) };
            Grid { first: first - place * den, step, den }
        };
        let flip = geometry.canvas_flip;
        let grids = (
            grid(&self.axes[0], flip.horizontally, geometry.canvas.width, geometry.place.0),
            grid(&self.axes[1], flip.vertically, geometry.canvas.height, geometry.place.1),
        );
        let ratio = |num: u32, den: u32| Scaling { num: i64::from(num), den: i64::from(den) };
        let prescaled = (ratio(frame.width, geometry.box_size.width), ratio(frame.height, geometry.box_size.height));
        let map = Affine::new(grids, angle, geometry.box_size, geometry.rectangle, prescaled);
        let shown = warp_window(&map, self.sampled, frame, self.draft.window_filter);
        // Where nothing of the box shows, any sample of it does, and it need not be decoded.
        let read = shown.unwrap_or(Rect::new(0, 0, 1, 1));
        let whole = Rect::at_origin(frame);
        let sampled = overlap(whole, grown(read, reach)).unwrap_or(read);
        let axes = ViewToFrame::pair(Rect::at_origin(geometry.box_size), whole);
        let (mut samples, cover) = self.samples(layer, &FrameMaps::of_box(geometry, &layer.stored), &axes, sampled)?;
        if shown.is_none() {
            samples.window = None;
        }
        Ok(Sampled { samples, sampled, whole, cover, warp: Some(Warp { frame, map }) })
    }

    /// Samples of some pixels of a frame, and what of them the layer's `color` may fill.
    fn samples(
        &self,
        layer: &LayerDraft<'_>,
        frame: &FrameMaps,
        axes: &[ViewToFrame; 2],
        sampled: Rect,
    ) -> Result<(Samples, Cover)> {
        if frame.is_out_of_reach() {
            return Err(too_far());
        }
        let filter = self.draft.window_filter;
        // A decoder that shrinks weighs samples, not light.
        let shrinks = layer.stored.shrinks && !self.is_linear(layer);
        let shrink = if shrinks { shrink(filter, axes, frame) } else { Shrink::Full };
        let axis = |map: &FrameToStored, view: &ViewToFrame, range: Range<i64>| {
            let axis = map.axis(view, range, shrink);
            let cover = frame.box_has_margins().then(|| map.cover(&axis, shrink));
            let gap = frame.crop_has_margins().then(|| map.gap(&axis, shrink));
            (axis, cover, gap)
        };
        let across = axis(&frame.x, &axes[0], sampled.columns());
        let down = axis(&frame.y, &axes[1], sampled.rows());
        let ((x, cover_x, gap_x), (y, cover_y, gap_y)) = frame.stored(across, down);
        let source = layer.geometry.source;
        let most = MOST_IN_ONE.max(u64::from(source.width.max(source.height)));
        let reduces_more = |axis: &Axis| axis.step / axis.den > most as i64;
        if reduces_more(&x) || reduces_more(&y) {
            return Err(Error::new(ErrorKind::Limit, "has more than 1048576 pixels in one of the view").at("layer"));
        }
        let window = x.span(filter).zip(y.span(filter)).map(|(columns, rows)| Window {
            x: columns.start,
            y: rows.start,
            width: columns.end - columns.start,
            height: rows.end - rows.start,
        });
        let samples = Samples { shrink, window, x, y, margins: frame.has_margins(), orientation: frame.orientation };
        let gap = gap_x.zip(gap_y).map(|([outer_x, inner_x], [outer_y, inner_y])| Gap {
            outer: (outer_x, outer_y),
            inner: (inner_x, inner_y),
        });
        Ok((samples, Cover { rectangle: cover_x.zip(cover_y), gap }))
    }

    /// The small drawing whose tones a layer's operations need to know, if they do: the layer as it is before it is
    /// filled and turned.
    fn tones(&self, layer: &LayerDraft<'_>, list: &[Operation]) -> Result<Option<Box<Drawing>>> {
        if !needs_tones(list) {
            return Ok(None);
        }
        let plain = Layer {
            operations: before_colorize(&layer.layer.operations),
            color: None,
            bg_color: None,
            ..layer.layer.clone()
        };
        let canvas = layer.geometry.box_size;
        let geometry = LayerGeometry {
            turn: Turn::Quarters(0),
            rectangle: canvas,
            place: (0, 0),
            extended: Rect::at_origin(canvas),
            canvas,
            canvas_flip: Flip::NONE,
            ..layer.geometry.clone()
        };
        // Inks are converted before they are operated on, everything else after that.
        let conversion = layer.conversion.filter(|conversion| conversion.channels == Channels::Cmyk);
        let layers = vec![LayerDraft { layer: &plain, geometry, conversion, ..layer.clone() }];
        let (filter, window_filter) = (self.draft.filter, Filter::Bilin);
        let draft = Draft { layers, operations: &[], filter, linear: false, window_filter, conversion: None };
        Ok(draft.drawing(&small_view(canvas)?)?.map(Box::new))
    }

    /// The scales of radii in view pixels. `swapped`: the content's axes have changed places.
    fn scales(&self, layer: &LayerGeometry, swapped: bool) -> Scales {
        let composite = view_scale(self.view);
        let (scaled, crop) = (layer.scaled.swapped(swapped), layer.crop.size().swapped(swapped));
        let by = |(num, den): (u64, u64), scaled: u32, crop: u32| (num * u64::from(scaled), den * u64::from(crop));
        let full =
            Scale { x: by(composite.x, scaled.width, crop.width), y: by(composite.y, scaled.height, crop.height) };
        Scales { composite, full }
    }

    /// The axes of what a layer's extended rectangle covers, if that is not all.
    fn extended_cover(&self, layer: &LayerGeometry) -> Option<(Axis, Axis)> {
        if layer.extended == Rect::at_origin(layer.canvas) {
            return None;
        }
        let axis = |view: &ViewToFrame, pixels: Range<i64>, extended: Range<i64>, canvas: u32, flip: bool| {
            let (den, _, step) = view.grid();
            let canvas = i64::from(canvas);
            let shown = if flip { canvas - extended.end..canvas - extended.start } else { extended };
            let start = shown.start.clamp(0, canvas);
            Axis {
                len: (pixels.end - pixels.start) as u32,
                first: view.center(pixels.start),
                step,
                den,
                bounds: 0..canvas,
                exists: start..shown.end.clamp(start, canvas),
            }
        };
        let (extended, canvas, flip) = (layer.extended, layer.canvas, layer.canvas_flip);
        let [x, y] = &self.axes;
        Some((
            axis(x, self.sampled.columns(), extended.columns(), canvas.width, flip.horizontally),
            axis(y, self.sampled.rows(), extended.rows(), canvas.height, flip.vertically),
        ))
    }
}

impl LayerDrawing {
    /// Something of the layer may show.
    const fn shows(&self) -> bool {
        self.samples.window.is_some() || self.color.is_some() || self.bg_color.is_some()
    }
}

/// View pixels per pixel of the composite.
fn view_scale(view: &ViewGeometry) -> Scale {
    let (placed, region) = (view.placed, view.region);
    Scale { x: (placed.width.into(), region.width.into()), y: (placed.height.into(), region.height.into()) }
}

/// The scales of radii in a frame that a box is prescaled to.
fn frame_scales(layer: &LayerGeometry, frame: Size) -> Scales {
    let (of_box, scaled, crop) = (layer.box_size, layer.scaled, layer.crop.size());
    let by = |frame: u32, of_box: u32| (u64::from(frame), u64::from(of_box));
    let full = |frame: u32, of_box: u32, scaled: u32, crop: u32| {
        (u64::from(frame) * u64::from(scaled), u64::from(of_box) * u64::from(crop))
    };
    Scales {
        composite: Scale { x: by(frame.width, of_box.width), y: by(frame.height, of_box.height) },
        full: Scale {
            x: full(frame.width, of_box.width, scaled.width, crop.width),
            y: full(frame.height, of_box.height, scaled.height, crop.height),
        },
    }
}

/// Pixels to each side that some operations read together.
fn reach(list: &[Operation]) -> (u32, u32) {
    list.iter().map(Operation::reach).fold((0, 0), |(x, y), (dx, dy)| (x + dx, y + dy))
}

fn rect_of(columns: Range<i64>, rows: Range<i64>) -> Option<Rect> {
    let side = |range: &Range<i64>| u32::try_from(range.end - range.start).ok().filter(|&side| side > 0);
    Some(Rect::new(columns.start, rows.start, side(&columns)?, side(&rows)?))
}

pub(super) fn overlap(a: Rect, b: Rect) -> Option<Rect> {
    let common = |a: Range<i64>, b: Range<i64>| a.start.max(b.start)..a.end.min(b.end);
    rect_of(common(a.columns(), b.columns()), common(a.rows(), b.rows()))
}

fn grown(rect: Rect, (x, y): (u32, u32)) -> Rect {
    Rect::new(rect.x - i64::from(x), rect.y - i64::from(y), rect.width + 2 * x, rect.height + 2 * y)
}
