//! Values that say how content becomes a layer.

use crate::base::geom::{Rect, Size};
use crate::base::num::decimal::Decimal;

/// The part of the content that a layer uses. It may reach beyond the content, which is transparent there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crop {
    /// In pixels of the upright content; each side at least 1.
    Pixels(Rect),
    /// Left, top, width and height relative to the content's size; width and height are greater than 0.
    Relative([Decimal; 4]),
}

/// The size of the box that cropped content is scaled to. The content keeps its aspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LayerSize {
    /// As large as the cropped content.
    Natural,
    /// A width in pixels, at least 1; the height follows the aspect.
    Width(u32),
    /// A height in pixels, at least 1; the width follows the aspect.
    Height(u32),
    /// A box in pixels. The content touches it from inside, centred, and may be enlarged. In a
    /// [thumbnail](super::Frame::Thumbnail) the content meets the box as it meets the thumbnail.
    Box(Size),
    /// A factor greater than 0.
    Scale(Decimal),
    /// The quotient of two resolutions greater than 0. In a [thumbnail](super::Frame::Thumbnail) the box is the
    /// thumbnail's, and content that reaches beyond it is cut off.
    Resolution {
        /// The resolution that is wanted.
        wanted: Decimal,
        /// The resolution of the content.
        of_content: Decimal,
    },
}

/// Mirroring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flip {
    /// Left and right change places.
    pub(crate) horizontally: bool,
    /// Top and bottom change places.
    pub(crate) vertically: bool,
}

impl Flip {
    pub(crate) const NONE: Self = Self { horizontally: false, vertically: false };
}

/// Margins at the left, top, right and bottom of a rectangle; negative ones cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extend {
    /// In pixels: ±[`MAX_SIDE`](crate::base::geom::MAX_SIDE).
    Pixels([i32; 4]),
    /// Relative to the rectangle's width (left, right) and height (top, bottom): −1000 to 1000.
    Relative([Decimal; 4]),
}

/// A point, x before y: the origin of a layer in its extended rectangle, or a position on the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// In pixels, any number. An origin counts from the rectangle's top-left corner, a position from the origin of the first
    /// layer.
    Pixels([i64; 2]),
    /// In parts of a size. An origin counts in parts of the rectangle from its centre, so that −½ is the left or top edge;
    /// a position counts in parts of the canvas from the origin of the first layer.
    Relative([Decimal; 2]),
}
