//! The plan: all geometry of a reply, computed from numbers alone before a pixel is touched.
//!
//! [`plan`] takes what was resolved and the headers of source and mask, and yields an immutable [`Plan`]: the reply's
//! size and, if any of the picture shows in it, a [`Drawing`]. [`Placement`] is the same geometry the other way round:
//! where points of the source come to lie in the reply.

mod drawing;
mod layer;
mod operations;
mod placement;
mod ratio;
mod track;
mod view;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::Header;
use crate::geometry::{Filter, Rect, Size};
use crate::limits::Limits;
use crate::operation::Operation;
use crate::request::Kind;
use crate::resolve::Resolved;

pub(crate) use drawing::{Drawing, Samples};
pub(crate) use placement::{Placement, Station};

use drawing::{Draft, drawing};
use layer::Layer;
use operations::{before_colorize, operations};
use ratio::Ratio;
use view::{View, view};

/// The numbers of one reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) reply: Size,
    /// `None`: the reply shows nothing of the picture, or is not a picture.
    pub(crate) drawing: Option<Drawing>,
    /// A small drawing of the whole composite, whose tones an operation needs to know.
    pub(crate) tones: Option<Drawing>,
}

impl Plan {
    /// Bytes that drawing and encoding hold at once, about: samples, a copy of them on the way through operations, and the
    /// reply twice.
    pub(crate) fn bytes(&self) -> u64 {
        let samples = |drawing: &Drawing| u64::from(drawing.samples.x.len) * u64::from(drawing.samples.y.len);
        let samples = self.drawing.as_ref().map_or(0, samples);
        // Three colours and alpha at most.
        4 * (2 * samples + 2 * self.reply.area())
    }

    /// What the picture costs, roughly, in pixels: those of the source that are decoded, counted at full size, those that
    /// are sampled, as often as they are gone through (wide blurs count for as much more as they take), and those of the
    /// reply.
    pub(crate) fn work(&self) -> u64 {
        let pixels = |drawing: &Drawing| {
            let samples = &drawing.samples;
            let factor = u64::from(samples.shrink.factor());
            let decoded = samples.window.map_or(0, |w| u64::from(w.width) * u64::from(w.height) * factor * factor);
            let sampled = u64::from(samples.x.len) * u64::from(samples.y.len);
            let passes = |operation: &Operation| {
                let (x, y) = operation.reach();
                // Measured: reading nine pixels more on either axis takes about as long as one of the others.
                1 + u64::from(x + y) / 8
            };
            decoded + sampled * (2 + drawing.operations.iter().map(passes).sum::<u64>())
        };
        self.reply.area() + self.drawing.as_ref().map_or(0, pixels) + self.tones.as_ref().map_or(0, pixels)
    }
}

/// The longest side of a reply, which bounds the tap tables; JPEG has the same.
const MAX_REPLY_SIDE: u32 = 65535;

/// The longest side of the picture that tones are measured on.
const TONES_SIDE: u32 = 128;

/// Plans a reply.
///
/// # Errors
///
/// A limit is exceeded: `MaxPix`, a side of the view or composite, the pixels of the source or of the reply; or the
/// mask is not as large as the source.
pub(crate) fn plan(resolved: &Resolved, header: &Header, mask: Option<&Header>, limits: &Limits) -> Result<Plan> {
    for header in std::iter::once(header).chain(mask) {
        if header.stored.area() > limits.source_pixels {
            return Err(over("exceeds the limit of source pixels", header.stored));
        }
    }
    if mask.is_some_and(|mask| mask.size() != header.size()) {
        return Err(Error::new(ErrorKind::Source, "is not as large as its picture").at("mask"));
    }
    let (layer, view) = geometry(resolved, header)?;
    let reply = view.reply.size();
    // Property lists and maps may speak of a view that is too large to be delivered whole: tiling clients ask for its
    // size.
    if matches!(resolved.req.kind, Kind::Props | Kind::Map | Kind::Resolve) {
        return Ok(Plan { reply, drawing: None, tones: None });
    }
    if reply.width.max(reply.height) > MAX_REPLY_SIDE {
        return Err(over("is longer on a side than the 65535 pixels of a reply", reply));
    }
    if reply.area() > limits.reply_pixels {
        return Err(over("exceeds the limit of reply pixels", reply));
    }
    let turned_alike = mask.is_none_or(|mask| mask.orientation == header.orientation);
    let shrinks = header.format.shrinks() && turned_alike;
    let draft = Draft { layer: &layer, header, filter: resolved.output.filter, shrinks };
    let operations = operations(&resolved.commands, &view);
    let measured = operations.iter().any(|operation| matches!(operation, Operation::Colorize(c) if c.tone.is_some()));
    let tones = if measured {
        let draft = Draft { filter: Filter::Bilin, ..draft };
        drawing(&draft, &small_view(layer.composite)?, before_colorize(&operations))?
    } else {
        None
    };
    Ok(Plan { reply, drawing: drawing(&draft, &view, operations)?, tones })
}

fn over(what: &'static str, size: Size) -> Error {
    Error::new(ErrorKind::Limit, what).at(&size.to_string())
}

fn geometry(resolved: &Resolved, header: &Header) -> Result<(Layer, View)> {
    let commands = &resolved.commands;
    let layer = Layer::new(header.size(), resolved.req.kind, commands, &resolved.view)?;
    let view = view(layer.composite, resolved.req.kind, commands, &resolved.view)?;
    Ok((layer, view))
}

/// The whole composite, small: a rule of the composite alone, so that tones do not depend on what is delivered.
fn small_view(composite: Size) -> Result<View> {
    let scale = Ratio::ONE.min(Ratio::new(TONES_SIDE, composite.width.max(composite.height)));
    let size = Size::new(scale.of(composite.width, "tones")?, scale.of(composite.height, "tones")?);
    let all = Rect::at_origin(size);
    Ok(View { size, region: Rect::at_origin(composite), placed: all, reply: all })
}

#[cfg(test)]
mod tests;
