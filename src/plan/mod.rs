//! The plan: all geometry of a reply, computed from numbers alone before a pixel is touched.
//!
//! [`plan`] takes what was resolved and the header of the source, and yields an immutable [`Plan`]: the reply's size
//! and, if any of the picture shows in it, a [`Drawing`] that says which source pixels to decode, at which shrink,
//! where each sample lies on them, and where the result goes.

mod source;
mod view;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::Header;
use crate::geometry::{Axis, Orientation, Rect, Shrink, Size, Window};
use crate::limits::Limits;
use crate::operation::{Operation, SIGMA_STEPS, Unsharp};
use crate::request::{Kind, Real, Usm};
use crate::resolve::Resolved;

use source::{Cropped, Lane};
use view::View;

/// The numbers of one reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) reply: Size,
    /// `None`: the reply shows nothing of the picture, or is not a picture.
    pub(crate) drawing: Option<Drawing>,
}

/// How to draw the part of the picture that a reply shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    pub(crate) shrink: Shrink,
    /// The stored pixels to decode, at that shrink; `None`: only the transparent surroundings of a crop show.
    pub(crate) window: Option<Window>,
    /// Samples along the stored picture's axes, in pixels at that shrink.
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// A crop reaches beyond the picture, so that its edges are transparent whatever the source.
    pub(crate) margins: bool,
    /// Turns the sampled pixels upright.
    pub(crate) orientation: Orientation,
    /// In order.
    pub(crate) sharpenings: Vec<Operation>,
    /// What is sampled, in view pixels: the part that is delivered and what its sharpening reads.
    pub(crate) sampled: Rect,
    /// The part of the view that shows the picture; sharpening repeats its border pixels.
    pub(crate) visible: Rect,
    /// The part of it that is delivered.
    pub(crate) delivered: Rect,
    /// Where that goes in the reply.
    pub(crate) at: (u32, u32),
}

/// The longest side of a reply, which bounds the tap tables; JPEG has the same.
const MAX_REPLY_SIDE: u32 = 65535;

/// Plans a reply.
///
/// # Errors
///
/// A limit is exceeded: `MaxPix`, a side of the view or composite, the pixels of the source or of the reply.
pub(crate) fn plan(resolved: &Resolved, header: &Header, limits: &Limits) -> Result<Plan> {
    let over = |what: &'static str, size: Size| Err(Error::new(ErrorKind::Limit, what).at(&size.to_string()));
    if header.stored.area() > limits.source_pixels {
        return over("exceeds the limit of source pixels", header.stored);
    }
    let commands = &resolved.commands;
    let cropped = Cropped::new(header, commands.crop, commands.flip.unwrap_or_default())?;
    let view = view::view(cropped.size(), resolved.req.kind, commands, &resolved.view)?;
    let reply = view.reply.size();
    // A property list may speak of a view that is too large to be delivered whole: tiling clients ask for its size.
    if resolved.req.kind == Kind::Props {
        return Ok(Plan { reply, drawing: None });
    }
    if reply.width.max(reply.height) > MAX_REPLY_SIDE {
        return over("is longer on a side than the 65535 pixels of a reply", reply);
    }
    if reply.area() > limits.reply_pixels {
        return over("exceeds the limit of reply pixels", reply);
    }
    let sharpenings = sharpenings(resolved, &view);
    Ok(Plan { reply, drawing: drawing(resolved, header, &cropped, &view, sharpenings) })
}

fn drawing(
    resolved: &Resolved,
    header: &Header,
    cropped: &Cropped,
    view: &View,
    sharpenings: Vec<Operation>,
) -> Option<Drawing> {
    let filter = resolved.output.filter;
    let (horizontal, vertical) = (Lane::horizontal(view, cropped.size()), Lane::vertical(view, cropped.size()));
    let visible = overlap(Rect::at_origin(view.size), rect_of(horizontal.content(), vertical.content())?)?;
    let delivered = overlap(visible, view.reply)?;
    let reach = sharpenings.iter().map(Operation::reach).fold((0, 0), |(x, y), (dx, dy)| (x + dx, y + dy));
    let sampled = overlap(visible, grown(delivered, reach))?;

    let shrink =
        if header.format.shrinks() { source::shrink(filter, [&horizontal, &vertical], cropped) } else { Shrink::Full };
    let upright_x = horizontal.axis(sampled.columns(), &cropped.x, shrink);
    let upright_y = vertical.axis(sampled.rows(), &cropped.y, shrink);
    let (x, y) = if header.orientation.swap { (upright_y, upright_x) } else { (upright_x, upright_y) };
    let window = x.span(filter).zip(y.span(filter)).map(|(columns, rows)| Window {
        x: columns.start,
        y: rows.start,
        width: columns.end - columns.start,
        height: rows.end - rows.start,
    });
    let at = (delivered.x - view.reply.x, delivered.y - view.reply.y);
    Some(Drawing {
        shrink,
        window,
        margins: cropped.x.has_margin() || cropped.y.has_margin(),
        x,
        y,
        orientation: cropped.orientation,
        sharpenings,
        sampled,
        visible,
        delivered,
        // Inside the reply, so neither is negative nor longer than a side.
        at: (at.0 as u32, at.1 as u32),
    })
}

/// The sharpening of the view in its fixed order (`protocol.md` §8).
fn sharpenings(resolved: &Resolved, view: &View) -> Vec<Operation> {
    let commands = &resolved.commands;
    let mut list = Vec::new();
    if commands.op_sharpen.is_some_and(|flag| flag.0) {
        list.push(Operation::Sharpen);
    }
    // The radius of op_usm counts full-resolution pixels and scales with the view; that of op_usmR does not.
    let scale_x = (view.placed.width, view.region.width);
    let scale_y = (view.placed.height, view.region.height);
    list.extend(commands.op_usm.and_then(|usm| unsharp(usm, scale_x, scale_y)));
    list.extend(commands.op_usm_r.and_then(|usm| unsharp(usm, (1, 1), (1, 1))));
    list
}

/// `None` if it changes nothing.
fn unsharp(usm: Usm, scale_x: (u32, u32), scale_y: (u32, u32)) -> Option<Operation> {
    let steps = |value: Real, steps: u32, (num, den): (u32, u32)| {
        let exact = i128::from(value.billionths()) * i128::from(steps) * i128::from(num);
        let rounded = crate::geometry::round_half_up(exact, i128::from(Real::ONE) * i128::from(den));
        // At most 5 · 65536, or the cap below.
        rounded.min(250 * i128::from(SIGMA_STEPS)) as u32
    };
    let unsharp = Unsharp {
        amount: steps(usm.amount, 1 << 14, (1, 1)) << 2,
        sigma_x: steps(usm.radius, SIGMA_STEPS, scale_x),
        sigma_y: steps(usm.radius, SIGMA_STEPS, scale_y),
        threshold: usm.threshold,
        mono: usm.mono,
    };
    let blurs = unsharp.sigma_x > 0 || unsharp.sigma_y > 0;
    (unsharp.amount > 0 && blurs).then_some(Operation::Unsharp(unsharp))
}

fn rect_of(columns: std::ops::Range<i64>, rows: std::ops::Range<i64>) -> Option<Rect> {
    let side = |range: &std::ops::Range<i64>| u32::try_from(range.end - range.start).ok().filter(|&side| side > 0);
    Some(Rect::new(columns.start, rows.start, side(&columns)?, side(&rows)?))
}

fn overlap(a: Rect, b: Rect) -> Option<Rect> {
    let common = |a: std::ops::Range<i64>, b: std::ops::Range<i64>| a.start.max(b.start)..a.end.min(b.end);
    rect_of(common(a.columns(), b.columns()), common(a.rows(), b.rows()))
}

fn grown(rect: Rect, (x, y): (u32, u32)) -> Rect {
    Rect::new(rect.x - i64::from(x), rect.y - i64::from(y), rect.width + 2 * x, rect.height + 2 * y)
}

#[cfg(test)]
mod tests;
