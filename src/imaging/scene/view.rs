//! Which part of a composite is seen, and how large.

use crate::base::geom::{Filter, Rect, SizeLimit};
use crate::base::num::decimal::Decimal;

/// The view of a composite (`protocol.md` §3.5, §3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    /// The part of the composite that the view is computed for, in composite pixels; it may reach beyond the composite,
    /// which is transparent there. `None`: all of it.
    pub(crate) region: Option<Rect>,
    /// What the view is fitted to where its size is not given.
    pub(crate) frame: Frame,
    /// Width of the view in pixels, at least 1.
    pub(crate) width: Option<u32>,
    /// Height of the view in pixels, at least 1.
    pub(crate) height: Option<u32>,
    /// How the region meets width and height.
    pub(crate) fit: Fit,
    /// Composite pixels per view pixel, greater than 0. It overrides `fit`; a thumbnail ignores it.
    pub(crate) scl: Option<Decimal>,
    /// Where the scaled region lies in a view of another size.
    pub(crate) align: Align,
    /// The part of the view that is delivered; `None`: all of it.
    pub(crate) tile: Option<Tile>,
    /// Multiplies the size of the view, greater than 0. A tile overrides it.
    pub(crate) dpr: Option<Decimal>,
    /// The largest reply. It also limits what `dpr` makes of the view.
    pub(crate) max: SizeCap,
    /// What every layer is resampled with.
    pub(crate) filter: Filter,
    /// Layers of gray and RGB are resampled in linear light.
    pub(crate) linear: bool,
}

/// What a view is fitted to where its size is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A view without width and height is the composite, reduced to this size if it is larger.
    Image(SizeLimit),
    /// A thumbnail.
    Thumbnail {
        /// Width and height where they are not given; a side of 0 follows the composite's aspect.
        size: SizeLimit,
        style: ThumbStyle,
    },
}

/// How a picture meets the size of its thumbnail (`protocol.md` §3.6). It may be enlarged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ThumbStyle {
    /// The picture covers the thumbnail; what reaches beyond is cut off.
    Crop,
    /// The picture fits inside.
    Fit,
    /// The picture is scaled by the quotient of two resolutions greater than 0, whatever the size.
    Texture {
        /// The resolution of the thumbnail.
        wanted: Decimal,
        /// The resolution of the content.
        of_content: Decimal,
    },
}

/// How a region meets the width and height of its view (`protocol.md` §3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FitMode {
    /// Inside; the view has the given size.
    Fit,
    /// Inside; the view has the size of the scaled region.
    Constrain,
    /// Covering; the view has the given size.
    Crop,
    /// Covering; the view has the size of the scaled region.
    Wrap,
    /// Both sides meet, whatever the aspect.
    Stretch,
    /// The widths meet.
    Hfit,
    /// The heights meet.
    Vfit,
}

/// A mode of fitting, and whether it may enlarge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fit {
    /// How the sides meet.
    pub(crate) mode: FitMode,
    /// The composite may be enlarged.
    pub(crate) upscale: bool,
}

impl Fit {
    /// Inside, never enlarged.
    pub(crate) const DEFAULT: Self = Self { mode: FitMode::Fit, upscale: false };
}

/// Where a picture lies in a larger or smaller frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Align {
    /// −1 (left) to 1 (right).
    pub(crate) horizontal: Decimal,
    /// −1 (top) to 1 (bottom).
    pub(crate) vertical: Decimal,
}

impl Align {
    pub(crate) const CENTER: Self = Self { horizontal: Decimal::ZERO, vertical: Decimal::ZERO };
}

/// The part of a view that is delivered, after the view is scaled once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tile {
    /// In pixels of the scaled view, each side at least 1; it may reach beyond the view.
    pub(crate) rect: Rect,
    /// The scale of the view, greater than 0.
    pub(crate) scale: Decimal,
}

/// The largest reply that is allowed, and what an error says of a larger one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SizeCap {
    /// In pixels; a side of 0 is unlimited.
    pub(crate) size: SizeLimit,
    /// A clause that names the setting: `is larger than …`.
    pub(crate) exceeded: &'static str,
}
