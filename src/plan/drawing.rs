//! How to draw a view: which source pixels to decode at which shrink, where the samples lie on them, what happens to
//! them, and where the result goes.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::Header;
use crate::geometry::{Axis, Filter, Orientation, Rect, Shrink, Size, Window};
use crate::operation::Operation;
use crate::rotation::{Affine, Angle, Grid, Ratio as Scale, warp_window};

use super::layer::{Layer, Turn};
use super::ratio::Ratio;
use super::track::{Lane, Track, Tracks, shrink};
use super::view::View;

/// How to draw the part of the picture that a reply shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    pub(crate) samples: Samples,
    /// What turns the samples by any angle; `None`: they are the view's pixels.
    pub(crate) warp: Option<Warp>,
    /// In order.
    pub(crate) operations: Vec<Operation>,
    /// What is sampled, in view pixels: the part that is delivered and what its operations read.
    pub(crate) sampled: Rect,
    /// The part of the view that shows the composite; operations repeat its border pixels.
    pub(crate) visible: Rect,
    /// The part of it that is delivered.
    pub(crate) delivered: Rect,
    /// Where that goes in the reply.
    pub(crate) at: (u32, u32),
}

/// Samples of the source, before anything happens to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Samples {
    pub(crate) shrink: Shrink,
    /// The stored pixels to decode, at that shrink; `None`: only transparent surroundings show.
    pub(crate) window: Option<Window>,
    /// Samples along the stored picture's axes, in pixels at that shrink.
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// Some of the samples lie beyond the source or its crop, where it is transparent.
    pub(crate) margins: bool,
    /// The axes of a source that is there wherever the layer's box is, where the box does not cover all samples.
    pub(crate) cover: Option<(Axis, Axis)>,
    /// Turns the sampled pixels upright.
    pub(crate) orientation: Orientation,
}

impl Samples {
    /// Some rows of the samples, counted along the stored vertical axis, as a tile of their own; `None` if nothing of the
    /// source shows in them.
    pub(crate) fn rows(&self, rows: Range<u32>, filter: Filter) -> Option<Self> {
        let part = |axis: &Axis| Axis {
            len: rows.end - rows.start,
            first: axis.first + i64::from(rows.start) * axis.step,
            ..axis.clone()
        };
        let (window, y) = (self.window?, part(&self.y));
        let span = y.span(filter)?;
        let window = Window { y: span.start, height: span.end - span.start, ..window };
        let cover = self.cover.as_ref().map(|(x, y)| (x.clone(), part(y)));
        Some(Self { window: Some(window), y, cover, ..self.clone() })
    }
}

/// A rotation of the sampled box by an angle that is no multiple of 90°.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Warp {
    /// Size of the whole box at the scale of the samples.
    pub(crate) frame: Size,
    /// Where the first sample lies in it.
    pub(crate) at: (i64, i64),
    /// From view pixels to the box.
    pub(crate) map: Affine,
}

/// What is drawn, and how finely.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft<'a> {
    pub(super) layer: &'a Layer,
    pub(super) header: &'a Header,
    pub(super) filter: Filter,
    /// Whether the decoder may shrink.
    pub(super) shrinks: bool,
}

/// Draws a view; `None`: nothing of the composite shows.
///
/// # Errors
///
/// The layer lies so far off its source, or gets so large by its rotation, that places can no longer be computed with.
pub(super) fn drawing(draft: &Draft<'_>, view: &View, operations: Vec<Operation>) -> Result<Option<Drawing>> {
    let composite = draft.layer.composite;
    let lanes = Lane::pair(view.region, view.placed);
    let content = rect_of(lanes[0].content(composite.width), lanes[1].content(composite.height));
    let Some(visible) = content.and_then(|content| overlap(Rect::at_origin(view.size), content)) else {
        return Ok(None);
    };
    let Some(delivered) = overlap(visible, view.reply) else { return Ok(None) };
    let reach = operations.iter().map(Operation::reach).fold((0, 0), |(x, y), (dx, dy)| (x + dx, y + dy));
    // Inside `visible`, because `delivered` is.
    let sampled = overlap(visible, grown(delivered, reach)).unwrap_or(delivered);
    let (samples, warp) = match draft.layer.turn {
        Turn::Quarters(quarters) => {
            let tracks = Tracks::of_composite(draft.layer, draft.header, quarters);
            (draft.samples(&tracks, &lanes, sampled)?, None)
        }
        Turn::Free(angle) => draft.turned(view, &lanes, sampled, angle)?,
    };
    let at = (delivered.x - view.reply.x, delivered.y - view.reply.y);
    // Inside the reply, so neither is negative nor longer than a side.
    let at = (at.0 as u32, at.1 as u32);
    Ok(Some(Drawing { samples, warp, operations, sampled, visible, delivered, at }))
}

impl Draft<'_> {
    /// Samples of some pixels, in the frame of the tracks.
    fn samples(&self, tracks: &Tracks, lanes: &[Lane; 2], sampled: Rect) -> Result<Samples> {
        if tracks.is_out_of_reach() {
            return Err(Error::new(ErrorKind::Limit, "is too far from its picture").at("layer"));
        }
        let shrink = if self.shrinks { shrink(self.filter, lanes, tracks) } else { Shrink::Full };
        let axis = |track: &Track, lane: &Lane, range: Range<i64>| {
            let axis = track.axis(lane, range, shrink);
            let cover = tracks.box_has_margins().then(|| track.cover(&axis, shrink));
            (axis, cover)
        };
        let across = axis(&tracks.x, &lanes[0], sampled.columns());
        let down = axis(&tracks.y, &lanes[1], sampled.rows());
        let ((x, cover_x), (y, cover_y)) = tracks.stored(across, down);
        let window = x.span(self.filter).zip(y.span(self.filter)).map(|(columns, rows)| Window {
            x: columns.start,
            y: rows.start,
            width: columns.end - columns.start,
            height: rows.end - rows.start,
        });
        let margins = tracks.has_margins();
        let cover = cover_x.zip(cover_y);
        Ok(Samples { shrink, window, x, y, margins, cover, orientation: tracks.orientation })
    }

    /// Samples of the box at the scale of the view, and the map that turns them.
    fn turned(&self, view: &View, lanes: &[Lane; 2], sampled: Rect, angle: Angle) -> Result<(Samples, Option<Warp>)> {
        let layer = self.layer;
        let scale =
            Ratio::new(view.placed.width, view.region.width).max(Ratio::new(view.placed.height, view.region.height));
        let side = |side: u32| scale.of(side, "side of the layer");
        let frame = Size::new(side(layer.box_size.width)?, side(layer.box_size.height)?);
        let grid = |lane: &Lane, flip: bool, composite: u32, place: i64| {
            let (den, first, step) = (2 * lane.placed_len, lane.centre(0), 2 * lane.region_len);
            let (first, step) = if flip { (i64::from(composite) * den - first, -step) } else { (first, step) };
            Grid { first: first - place * den, step, den }
        };
        let flip = layer.composite_flip;
        let grids = (
            grid(&lanes[0], flip.horizontally, layer.composite.width, layer.place.0),
            grid(&lanes[1], flip.vertically, layer.composite.height, layer.place.1),
        );
        let ratio = |num: u32, den: u32| Scale { num: i64::from(num), den: i64::from(den) };
        let prescaled = (ratio(frame.width, layer.box_size.width), ratio(frame.height, layer.box_size.height));
        let map = Affine::new(grids, angle, layer.box_size, layer.rectangle, prescaled);
        // Where nothing of the box shows, any sample of it does.
        let read = warp_window(&map, sampled, frame, self.filter).unwrap_or(Rect::new(0, 0, 1, 1));
        let tracks = Tracks::of_box(layer, self.header);
        let whole = Lane::pair(Rect::at_origin(layer.box_size), Rect::at_origin(frame));
        let samples = self.samples(&tracks, &whole, read)?;
        Ok((samples, Some(Warp { frame, at: (read.x, read.y), map })))
    }
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
