//! The plan: all geometry of a reply, computed from numbers alone before a pixel is touched.
//!
//! [`plan`] takes a [`Scene`], the headers of its files and the limits, and yields an immutable [`Plan`]: the reply's
//! size and, if any of the picture shows in it, a [`Drawing`]. [`Placement`] is the same geometry the other way round:
//! where points of a layer come to lie in the reply.

mod axis_map;
mod coded;
mod color;
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
use crate::base::geom::{Rect, Size};
use crate::base::limits::Limits;
use crate::imaging::pixel::space::ProfileFacts;
use crate::imaging::scene::{Content, InputId, Keep, Layer, Output, Scene, View};

pub(crate) use coded::KEPT_FROM;
pub(crate) use color::{Conversion, SpaceRef};
pub(crate) use drawing::{Cover, Cut, Drawing, Fill, Gap, LayerDrawing, Operations, Pixels, Plan, Samples};
pub(crate) use geometry::Headers;
pub(crate) use memory::RELAYED;
pub(crate) use placement::{Placement, Station};

use color::{Colors, colors};
use draft::{Draft, LayerDraft};
use geometry::{Geometry, header, upright};
use layer::LayerGeometry;
use stored::Stored;
use view::{Extent, ViewGeometry};

/// The longest side of a reply, which bounds the tap tables; JPEG has the same.
const MAX_REPLY_SIDE: u32 = 65535;

/// How deep scenes may be nested in a scene: 1 is a scene in a scene (`layers.md` §4).
const MAX_DEPTH: usize = 8;

/// What is known of the files that a scene names: the headers of pictures, and the profiles by their place in their list, of
/// which some cannot be used.
pub(crate) type Known<'k> = (Headers<'k>, &'k [Option<ProfileFacts>]);

/// Plans a reply that names no profiles.
///
/// # Errors
///
/// As [`plan_with`].
#[cfg(test)]
pub(crate) fn plan(scene: &Scene, headers: Headers<'_>, limits: &Limits) -> Result<Plan> {
    plan_with(scene, (headers, &[]), limits)
}

/// Plans a reply. `profiles` are those that the scene names.
///
/// # Errors
///
/// A limit is exceeded: the view's cap, a side of the view, composite or layer, a side of the format of the reply, the pixels
/// of a file or of the reply, the bytes that a layer is drawn in; a mask is not as large as its content; or the format of the
/// reply cannot hold the pixels of a profile that is named.
pub(crate) fn plan_with(scene: &Scene, known: Known<'_>, limits: &Limits) -> Result<Plan> {
    plan_within(scene, known, limits, false)
}

/// Plans a reply, or the content of a layer if the scene is nested.
fn plan_within(scene: &Scene, known: Known<'_>, limits: &Limits, nested: bool) -> Result<Plan> {
    let (headers, profiles) = known;
    check(scene, headers, limits, 0)?;
    let Geometry { layers, view } = Geometry::of(scene, headers, Extent::Delivered)?;
    let reply = view.reply.size();
    if reply.width.max(reply.height) > MAX_REPLY_SIDE {
        return Err(over("is longer on a side than the 65535 pixels of a reply", reply));
    }
    if let Some((side, exceeded)) = scene.output.format.max_side()
        && reply.width.max(reply.height) > side
    {
        return Err(over(exceeded, reply));
    }
    if reply.area() > limits.reply_pixels {
        return Err(over("exceeds the limit of reply pixels", reply));
    }
    if scene.output.format.is_avif() && reply.area() > limits.avif_pixels {
        return Err(over("exceeds the limit of AVIF pixels", reply));
    }
    let has_palette = scene.output.format.has_palette() && !nested;
    let (view, cut) = if has_palette { whole(view, &scene.view, limits)? } else { (view, None) };
    layers.iter().try_for_each(|layer| layer.check_sides(&view))?;
    let Colors { layers: conversions, fills, composite, reply: conversion, pixels, space } =
        colors(scene, headers, profiles)?;
    let layers = scene.layers.iter().zip(layers).zip(conversions.into_iter().zip(fills));
    let layers = layers.map(|((layer, geometry), conversions)| drafted(layer, geometry, conversions, (known, limits)));
    let layers = layers.collect::<Result<_>>()?;
    let filter = scene.view.filter;
    let (operations, linear) = (&scene.operations[..], scene.view.linear);
    let draft = Draft { layers, operations, filter, linear, window_filter: filter, conversion: composite };
    let drawing = draft.drawing(&view)?;
    drawing.iter().try_for_each(|drawing| drawing.check_bytes(limits))?;
    let output = Output { pixels, ..scene.output.clone() };
    Ok(Plan { reply, cut, drawing, output, conversion, space, described: described(scene) })
}

/// The whole view in place of the part of it that is delivered: palettes are chosen for it, and what a pixel misses is handed on
/// from its top-left corner, so that tiles join.
fn whole(geometry: ViewGeometry, view: &View, limits: &Limits) -> Result<(ViewGeometry, Option<Cut>)> {
    let (size, all) = (geometry.size, Rect::at_origin(geometry.size));
    if geometry.reply == all {
        return Ok((geometry, None));
    }
    let refused = |what| Error::new(ErrorKind::Limit, what).at(&format!("view of {size}"));
    if size.width.max(size.height) > MAX_REPLY_SIDE {
        return Err(refused("is longer on a side than the 65535 pixels of a reply, and its palette needs all of it"));
    }
    if !view.max.size.allows(size) {
        return Err(refused(view.max.exceeded));
    }
    if size.area() > limits.reply_pixels {
        return Err(refused("exceeds the limit of reply pixels, and its palette needs all of it"));
    }
    let cut = Cut { view: size, at: (geometry.reply.x, geometry.reply.y) };
    Ok((ViewGeometry { reply: all, ..geometry }, Some(cut)))
}

/// The file of whose metadata the reply keeps something, if it has any.
pub(crate) fn described(scene: &Scene) -> Option<InputId> {
    match scene.layers[0].content {
        Content::File(file) if scene.output.keep != Keep::NOTHING => Some(file),
        Content::File(_) | Content::Scene(_) => None,
    }
}

/// Plans the numbers of a reply that is not delivered. Neither the view's cap nor the limits of replies hold: tiling
/// clients ask for the size of views that are too large to be delivered whole.
///
/// # Errors
///
/// As [`plan_with`], but for the sizes of the reply.
pub(crate) fn measure(scene: &Scene, (headers, profiles): Known<'_>, limits: &Limits) -> Result<Plan> {
    check(scene, headers, limits, 0)?;
    let reply = Geometry::of(scene, headers, Extent::Measured)?.view.reply.size();
    let Colors { pixels, space, reply: conversion, .. } = colors(scene, headers, profiles)?;
    let output = Output { pixels, ..scene.output.clone() };
    Ok(Plan { reply, cut: None, drawing: None, output, conversion, space, described: None })
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
    (conversion, fills): (Option<Conversion>, [Option<Conversion>; 2]),
    known: (Known<'_>, &Limits),
) -> Result<LayerDraft<'a>> {
    let (pixels, stored) = planned(&layer.content, known)?;
    let mask = layer.mask.as_ref().map(|mask| planned(mask, known)).transpose()?;
    let turned_alike = mask.as_ref().is_none_or(|(_, mask)| mask.orientation == stored.orientation);
    let stored = Stored { shrinks: stored.shrinks && turned_alike, ..stored };
    Ok(LayerDraft { layer, geometry, pixels, mask: mask.map(|(pixels, _)| pixels), stored, conversion, fills })
}

/// Where pixels come from, and how they are stored.
fn planned(content: &Content, (known, limits): (Known<'_>, &Limits)) -> Result<(Pixels, Stored)> {
    Ok(match content {
        Content::File(file) => (Pixels::File(*file), Stored::of_file(header(*file, known.0)?)),
        Content::Scene(scene) => {
            // The metadata of the outermost scene alone goes into the reply.
            let plan = Plan { described: None, ..plan_within(scene, known, limits, true)? };
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
