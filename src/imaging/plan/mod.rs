//! The plan: all geometry of a reply, computed from numbers alone before a pixel is touched.
//!
//! [`plan`] takes a [`Scene`], the headers of its files and the limits, and yields an immutable [`Plan`]: the reply's
//! size and, if any of the picture shows in it, a [`Drawing`]. [`Placement`] is the same geometry the other way round:
//! where points of a layer come to lie in the reply.

mod axis_map;
mod coded;
mod draft;
mod drawing;
mod geometry;
mod layer;
mod memory;
mod operations;
mod placement;
mod ratio;
mod reading;
mod stages;
mod stored;
mod view;
mod work;

use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::base::limits::Limits;
use crate::imaging::scene::{Content, InputId, Layer, Scene};

pub(crate) use coded::KEPT_FROM;
pub(crate) use drawing::{Cover, Drawing, Fill, Gap, LayerDrawing, Operations, Pixels, Plan, Samples};
pub(crate) use geometry::Headers;
pub(crate) use memory::RELAYED;
pub(crate) use placement::{Placement, Station};

use draft::{Draft, LayerDraft};
use geometry::{Geometry, header, upright};
use layer::LayerGeometry;
use stored::Stored;
use view::Extent;

/// The longest side of a reply, which bounds the tap tables; JPEG has the same.
const MAX_REPLY_SIDE: u32 = 65535;

/// How deep scenes may be nested in a scene: 1 is a scene in a scene (`layers.md` §4).
const MAX_DEPTH: usize = 8;

/// Plans a reply.
///
/// # Errors
///
/// A limit is exceeded: the view's cap, a side of the view, composite or layer, the pixels of a file or of the reply, the
/// bytes that a layer is drawn in; or a mask is not as large as its content.
pub(crate) fn plan(scene: &Scene, headers: Headers<'_>, limits: &Limits) -> Result<Plan> {
    check(scene, headers, limits, 0)?;
    let Geometry { layers, view } = Geometry::of(scene, headers, Extent::Delivered)?;
    let reply = view.reply.size();
    if reply.width.max(reply.height) > MAX_REPLY_SIDE {
        return Err(over("is longer on a side than the 65535 pixels of a reply", reply));
    }
    if reply.area() > limits.reply_pixels {
        return Err(over("exceeds the limit of reply pixels", reply));
    }
    layers.iter().try_for_each(|layer| layer.check_sides(&view))?;
    let layers = scene.layers.iter().zip(layers).map(|(layer, geometry)| drafted(layer, geometry, headers, limits));
    let layers = layers.collect::<Result<_>>()?;
    let filter = scene.view.filter;
    let draft = Draft { layers, operations: &scene.operations, filter, window_filter: filter };
    let drawing = draft.drawing(&view)?;
    drawing.iter().try_for_each(|drawing| drawing.check_bytes(limits))?;
    Ok(Plan { reply, drawing, output: scene.output, xmp: described(scene) })
}

/// The file whose XMP packet is copied into the reply, if it has one.
pub(crate) fn described(scene: &Scene) -> Option<InputId> {
    match scene.layers[0].content {
        Content::File(file) if scene.output.xmp => Some(file),
        Content::File(_) | Content::Scene(_) => None,
    }
}

/// Plans the numbers of a reply that is not delivered. Neither the view's cap nor the limits of replies hold: tiling
/// clients ask for the size of views that are too large to be delivered whole.
///
/// # Errors
///
/// As [`plan`], but for the sizes of the reply.
pub(crate) fn measure(scene: &Scene, headers: Headers<'_>, limits: &Limits) -> Result<Plan> {
    check(scene, headers, limits, 0)?;
    let reply = Geometry::of(scene, headers, Extent::Measured)?.view.reply.size();
    Ok(Plan { reply, drawing: None, output: scene.output, xmp: None })
}

/// Checks the sizes of all contents and masks of a scene, and how deep scenes are nested in it. `depth` is how deep the
/// scene itself is nested.
fn check(scene: &Scene, headers: Headers<'_>, limits: &Limits, depth: usize) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::new(ErrorKind::Limit, "is nested more than 8 deep").at("scene"));
    }
    scene.layers.iter().try_for_each(|layer| check_layer(layer, headers, limits, depth))
}

/// Checks the sizes of a layer's content and mask.
fn check_layer(layer: &Layer, headers: Headers<'_>, limits: &Limits, depth: usize) -> Result<()> {
    for content in std::iter::once(&layer.content).chain(&layer.mask) {
        match content {
            Content::File(file) => {
                let stored = header(*file, headers)?.stored;
                if stored.area() > limits.source_pixels {
                    return Err(over("exceeds the limit of source pixels", stored));
                }
            }
            Content::Scene(scene) => check(scene, headers, limits, depth + 1)?,
        }
    }
    match &layer.mask {
        Some(mask) if upright(mask, headers)? != upright(&layer.content, headers)? => {
            Err(Error::new(ErrorKind::Source, "is not as large as its picture").at("mask"))
        }
        _ => Ok(()),
    }
}

/// A layer with what its content and mask turn out to be.
fn drafted<'a>(
    layer: &'a Layer,
    geometry: LayerGeometry,
    headers: Headers<'_>,
    limits: &Limits,
) -> Result<LayerDraft<'a>> {
    let (pixels, stored) = planned(&layer.content, headers, limits)?;
    let mask = layer.mask.as_ref().map(|mask| planned(mask, headers, limits)).transpose()?;
    let turned_alike = mask.as_ref().is_none_or(|(_, mask)| mask.orientation == stored.orientation);
    let stored = Stored { shrinks: stored.shrinks && turned_alike, ..stored };
    Ok(LayerDraft { layer, geometry, pixels, mask: mask.map(|(pixels, _)| pixels), stored })
}

/// Where pixels come from, and how they are stored.
fn planned(content: &Content, headers: Headers<'_>, limits: &Limits) -> Result<(Pixels, Stored)> {
    Ok(match content {
        Content::File(file) => (Pixels::File(*file), Stored::of_file(header(*file, headers)?)),
        Content::Scene(scene) => {
            // The packet of the outermost scene alone goes into the reply.
            let plan = Plan { xmp: None, ..plan(scene, headers, limits)? };
            let stored = Stored::drawn(plan.reply);
            (Pixels::Plan(Arc::new(plan)), stored)
        }
    })
}

fn over(what: &'static str, size: Size) -> Error {
    Error::new(ErrorKind::Limit, what).at(&size.to_string())
}

#[cfg(test)]
mod limits_tests;
#[cfg(test)]
mod tests;
