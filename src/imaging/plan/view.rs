//! The view transform (`protocol.md` §3.5) and thumbnails (§3.6): where the composite lies in the view, and which
//! part of the view is delivered.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Rect, Size, SizeLimit, round_half_up};
use crate::base::num::decimal::Decimal;
use crate::imaging::scene::{Align, FitMode, Frame, LayerSize, SizeCap, ThumbStyle, View};

use super::ratio::Ratio;

/// The numbers of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ViewGeometry {
    pub(super) size: Size,
    /// The part of the composite that the view is computed for, in composite pixels.
    pub(super) region: Rect,
    /// Where that part lies in the view, scaled; may reach beyond it.
    pub(super) placed: Rect,
    /// The part of the view that is delivered; may reach beyond it.
    pub(super) reply: Rect,
}

/// What an error about a side names.
const SIDE: &str = "side of the view";

/// The view before it is placed and scaled once more: its size and that of the scaled region.
struct Scaled {
    view: Size,
    region: Size,
    align: Align,
}

/// Whether the numbers of a view are those of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// The reply is delivered, so it must not be larger than the view's [cap](View::max).
    Delivered,
    /// Only numbers are wanted.
    Measured,
}

/// Computes the view of a composite. `first` is the size that the first layer was given.
///
/// # Errors
///
/// The reply is delivered and larger than the view allows, or a side exceeds what the engine computes with.
pub(super) fn view(composite: Size, view: &View, first: LayerSize, extent: Extent) -> Result<ViewGeometry> {
    let region = view.region.unwrap_or(Rect::at_origin(composite));
    let scaled = match view.frame {
        Frame::Thumbnail { size, style } => thumbnail(composite, region.size(), view, first, (size, style))?,
        Frame::Image(largest) => image(region.size(), view, largest)?,
    };
    let capped = |reply: Size| if extent == Extent::Delivered { check(reply, view.max) } else { Ok(()) };
    let factor = match (view.tile, view.dpr) {
        (Some(tile), _) => Ratio::from_decimal(tile.scale),
        (None, Some(dpr)) => {
            capped(scaled.view)?;
            limited(Ratio::from_decimal(dpr), scaled.view, view.max.size)
        }
        (None, None) => Ratio::ONE,
    };
    let of = |side: u32| factor.of(side, SIDE);
    let size = Size::new(of(scaled.view.width)?, of(scaled.view.height)?);
    let (width, height) = (of(scaled.region.width)?, of(scaled.region.height)?);
    let placed = Rect {
        x: aligned(size.width, width, scaled.align.horizontal),
        y: aligned(size.height, height, scaled.align.vertical),
        width,
        height,
    };
    let reply = view.tile.map_or(Rect::at_origin(size), |tile| tile.rect);
    capped(reply.size())?;
    Ok(ViewGeometry { size, region, placed, reply })
}

fn check(reply: Size, max: SizeCap) -> Result<()> {
    if max.size.allows(reply) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Limit, max.exceeded).at(&format!("reply of {reply}")))
}

/// The device pixel ratio, reduced so that the view stays within its cap with its aspect kept.
fn limited(factor: Ratio, view: Size, max: SizeLimit) -> Ratio {
    let cap = |factor: Ratio, max: u32, side: u32| if max == 0 { factor } else { factor.min(Ratio::new(max, side)) };
    cap(cap(factor, max.width, view.width), max.height, view.height)
}

/// Steps 1 and 2 of §3.5. `largest` is what a view without width and height is reduced to.
fn image(region: Size, view: &View, largest: SizeLimit) -> Result<Scaled> {
    let align = view.align;
    let by =
        |x: Ratio, y: Ratio| -> Result<Size> { Ok(Size::new(x.of(region.width, SIDE)?, y.of(region.height, SIDE)?)) };
    let (wid, hei) = (view.width, view.height);
    if let Some(scl) = view.scl {
        let scale = Ratio::from_decimal(scl).inverse();
        let region = by(scale, scale)?;
        let view = Size::new(wid.unwrap_or(region.width), hei.unwrap_or(region.height));
        return Ok(Scaled { view, region, align });
    }
    let capped = |ratio: Ratio| if view.fit.upscale { ratio } else { ratio.min(Ratio::ONE) };
    let (wid, hei) = match (wid, hei) {
        (Some(wid), Some(hei)) => (wid, hei),
        (None, None) => {
            let cap = |limit: u32, side: u32| if limit == 0 { Ratio::ONE } else { Ratio::new(limit, side) };
            let SizeLimit { width, height } = largest;
            let scale = Ratio::ONE.min(cap(width, region.width)).min(cap(height, region.height));
            let region = by(scale, scale)?;
            return Ok(Scaled { view: region, region, align });
        }
        (Some(side), None) | (None, Some(side)) => {
            let of = if wid.is_some() { region.width } else { region.height };
            let scale = capped(Ratio::new(side, of));
            let region = by(scale, scale)?;
            return Ok(Scaled { view: region, region, align });
        }
    };
    let exact = Size::new(wid, hei);
    let (sx, sy) = (capped(Ratio::new(wid, region.width)), capped(Ratio::new(hei, region.height)));
    let mode = view.fit.mode;
    let scaled = match mode {
        FitMode::Fit | FitMode::Constrain => by(sx.min(sy), sx.min(sy))?,
        FitMode::Crop | FitMode::Wrap => by(sx.max(sy), sx.max(sy))?,
        FitMode::Stretch => by(sx, sy)?,
        FitMode::Hfit => by(sx, sx)?,
        FitMode::Vfit => by(sy, sy)?,
    };
    let view = if matches!(mode, FitMode::Constrain | FitMode::Wrap) { scaled } else { exact };
    let align = if mode == FitMode::Stretch { Align::CENTER } else { align };
    Ok(Scaled { view, region: scaled, align })
}

/// A thumbnail (§3.6). `scl` is ignored.
fn thumbnail(
    composite: Size,
    region: Size,
    view: &View,
    first: LayerSize,
    (size, style): (SizeLimit, ThumbStyle),
) -> Result<Scaled> {
    let target = thumbnail_size(composite, view, size)?;
    let scale = match style {
        // A layer that has a size or resolution of its own has had its texture scale.
        ThumbStyle::Texture { .. } if first != LayerSize::Natural => Ratio::ONE,
        style => thumbnail_scale(region, target, style),
    };
    let region = Size::new(scale.of(region.width, SIDE)?, scale.of(region.height, SIDE)?);
    Ok(Scaled { view: target, region, align: view.align })
}

/// The scale at which a picture meets the size of its thumbnail.
pub(super) fn thumbnail_scale(picture: Size, target: Size, style: ThumbStyle) -> Ratio {
    let (sx, sy) = (Ratio::new(target.width, picture.width), Ratio::new(target.height, picture.height));
    match style {
        ThumbStyle::Crop => sx.max(sy),
        ThumbStyle::Fit => sx.min(sy),
        ThumbStyle::Texture { wanted, of_content } => Ratio::of_decimals(wanted, of_content),
    }
}

/// The view's width and height, else the default ones; a side of 0 follows the composite's aspect.
pub(super) fn thumbnail_size(composite: Size, view: &View, default: SizeLimit) -> Result<Size> {
    let (width, height) = (view.width.unwrap_or(default.width), view.height.unwrap_or(default.height));
    Ok(match (width, height) {
        (0, 0) => composite,
        (0, height) => Size::new(Ratio::new(height, composite.height).of(composite.width, SIDE)?, height),
        (width, 0) => Size::new(width, Ratio::new(width, composite.width).of(composite.height, SIDE)?),
        (width, height) => Size::new(width, height),
    })
}

/// Offset of a length inside another: −1 is the start, 1 the end (§3.5, step 3).
pub(super) fn aligned(view: u32, length: u32, align: Decimal) -> i64 {
    let room = i128::from(view) - i128::from(length);
    let numerator = room * i128::from(align.billionths() + Decimal::ONE);
    // Both sides are at most MAX_SIDE.
    round_half_up(numerator, 2 * i128::from(Decimal::ONE)) as i64
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
