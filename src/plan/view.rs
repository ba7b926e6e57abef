//! The view transform (`protocol.md` §3.5) and thumbnails (§3.6): where the composite lies in the view, and which
//! part of the view is delivered.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Rect, Size, SizeLimit, round_half_up};
use crate::request::{Align, Commands, FitMode, Kind, Real};
use crate::resolve::{ThumbStyle, ViewDefaults};

use super::ratio::Ratio;

/// The numbers of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct View {
    pub(crate) size: Size,
    /// The part of the composite that the view is computed for, in composite pixels.
    pub(crate) region: Rect,
    /// Where that part lies in the view, scaled; may reach beyond it.
    pub(crate) placed: Rect,
    /// The part of the view that is delivered; may reach beyond it.
    pub(crate) reply: Rect,
}

/// What an error about a side names.
const SIDE: &str = "side of the view";

/// The view before it is placed and scaled once more: its size and that of the scaled region.
struct Scaled {
    view: Size,
    region: Size,
    align: Align,
}

/// Computes the view of a composite.
///
/// # Errors
///
/// The reply is larger than `MaxPix` (not enforced for `req=props`, which tiling clients read the view's size with),
/// or a side exceeds what the engine computes with.
pub(crate) fn view(composite: Size, req: Kind, commands: &Commands, defaults: &ViewDefaults) -> Result<View> {
    let region = commands.rgn.unwrap_or(Rect::at_origin(composite));
    let scaled = if req == Kind::Tmb {
        thumbnail(composite, region.size(), commands, defaults)?
    } else {
        image(region.size(), commands, defaults)?
    };
    let max = defaults.max;
    let enforced = !matches!(req, Kind::Props | Kind::Map | Kind::Resolve);
    let factor = match (commands.rect, commands.dpr) {
        (Some(tile), _) => Ratio::from_real(tile.scale.0),
        (None, Some(dpr)) => {
            if enforced {
                check_max_pix(scaled.view, max)?;
            }
            limited(Ratio::from_real(dpr.0.0), scaled.view, max)
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
    let reply = commands.rect.map_or(Rect::at_origin(size), |tile| tile.rect);
    if enforced {
        check_max_pix(reply.size(), max)?;
    }
    Ok(View { size, region, placed, reply })
}

fn check_max_pix(reply: Size, max: SizeLimit) -> Result<()> {
    if max.allows(reply) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Limit, "is larger than MaxPix of this catalog").at(&format!("reply of {reply}")))
}

/// The device pixel ratio, reduced so that the view stays within `MaxPix` with its aspect kept.
fn limited(factor: Ratio, view: Size, max: SizeLimit) -> Ratio {
    let cap = |factor: Ratio, max: u32, side: u32| if max == 0 { factor } else { factor.min(Ratio::new(max, side)) };
    cap(cap(factor, max.width, view.width), max.height, view.height)
}

/// `req=img` and its kin: steps 1 and 2 of §3.5.
fn image(region: Size, commands: &Commands, defaults: &ViewDefaults) -> Result<Scaled> {
    let align = commands.align.unwrap_or(Align::CENTRE);
    let by =
        |x: Ratio, y: Ratio| -> Result<Size> { Ok(Size::new(x.of(region.width, SIDE)?, y.of(region.height, SIDE)?)) };
    let (wid, hei) = (commands.wid.map(|side| side.0), commands.hei.map(|side| side.0));
    if let Some(scl) = commands.scl {
        let scale = Ratio::from_real(scl.0).inverse();
        let region = by(scale, scale)?;
        let view = Size::new(wid.unwrap_or(region.width), hei.unwrap_or(region.height));
        return Ok(Scaled { view, region, align });
    }
    let upscale = commands.fit.is_some_and(|fit| fit.upscale);
    let capped = |ratio: Ratio| if upscale { ratio } else { ratio.min(Ratio::ONE) };
    let (wid, hei) = match (wid, hei) {
        (Some(wid), Some(hei)) => (wid, hei),
        (None, None) => {
            let cap = |limit: u32, side: u32| if limit == 0 { Ratio::ONE } else { Ratio::new(limit, side) };
            let SizeLimit { width, height } = defaults.image;
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
    let mode = commands.fit.map_or(FitMode::Fit, |fit| fit.mode);
    let scaled = match mode {
        FitMode::Fit | FitMode::Constrain => by(sx.min(sy), sx.min(sy))?,
        FitMode::Crop | FitMode::Wrap => by(sx.max(sy), sx.max(sy))?,
        FitMode::Stretch => by(sx, sy)?,
        FitMode::Hfit => by(sx, sx)?,
        FitMode::Vfit => by(sy, sy)?,
    };
    let view = if matches!(mode, FitMode::Constrain | FitMode::Wrap) { scaled } else { exact };
    let align = if mode == FitMode::Stretch { Align::CENTRE } else { align };
    Ok(Scaled { view, region: scaled, align })
}

/// `req=tmb` (§3.6). `scl` is ignored.
fn thumbnail(composite: Size, region: Size, commands: &Commands, defaults: &ViewDefaults) -> Result<Scaled> {
    let view = thumbnail_size(composite, commands, defaults.thumb)?;
    // A layer that has a size or resolution of its own has had its texture scale.
    let placed = commands.res.is_some() || commands.size.is_some_and(|size| size.width > 0 || size.height > 0);
    let scale = match defaults.thumb_style {
        ThumbStyle::Texture { .. } if placed => Ratio::ONE,
        style => thumbnail_scale(region, view, style),
    };
    let align = commands.align.unwrap_or(defaults.thumb_align);
    Ok(Scaled { view, region: Size::new(scale.of(region.width, SIDE)?, scale.of(region.height, SIDE)?), align })
}

/// The scale at which a picture meets the size of its thumbnail.
pub(super) fn thumbnail_scale(picture: Size, target: Size, style: ThumbStyle) -> Ratio {
    let (sx, sy) = (Ratio::new(target.width, picture.width), Ratio::new(target.height, picture.height));
    match style {
        ThumbStyle::Crop => sx.max(sy),
        ThumbStyle::Fit => sx.min(sy),
        ThumbStyle::Texture { resolution, source_resolution } => Ratio::of_reals(resolution, source_resolution),
    }
}

/// `wid` and `hei`, else `DefaultThumbPix`; what is 0 there follows the composite's aspect.
pub(super) fn thumbnail_size(composite: Size, commands: &Commands, default: SizeLimit) -> Result<Size> {
    let width = commands.wid.map_or(default.width, |side| side.0);
    let height = commands.hei.map_or(default.height, |side| side.0);
    Ok(match (width, height) {
        (0, 0) => composite,
        (0, height) => Size::new(Ratio::new(height, composite.height).of(composite.width, SIDE)?, height),
        (width, 0) => Size::new(width, Ratio::new(width, composite.width).of(composite.height, SIDE)?),
        (width, height) => Size::new(width, height),
    })
}

/// Offset of a length inside another: −1 is the start, 1 the end (§3.5, step 3).
pub(super) fn aligned(view: u32, length: u32, align: Real) -> i64 {
    let room = i128::from(view) - i128::from(length);
    let numerator = room * i128::from(align.billionths() + Real::ONE);
    // Both sides are at most MAX_SIDE.
    round_half_up(numerator, 2 * i128::from(Real::ONE)) as i64
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
