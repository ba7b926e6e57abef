//! Operations on a layer or a composite, with radii in pixels that do not depend on the view's scale.

use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::operation::{Colorize, Noise};

/// One operation (`protocol.md` §8). The plan turns it into the [operation](crate::imaging::pixel::operation::Operation) of a kernel,
/// whose radii are in pixels of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adjustment {
    /// A Gaussian blur of this standard deviation in pixels of the composite: 0 to 100.
    Blur(Decimal),
    /// −100 to 100.
    Brightness(i8),
    /// −100 to 100.
    Contrast(i8),
    /// −100 to 100 for red, green and blue.
    ColorBalance([i8; 3]),
    /// −180 to 180 degrees.
    Hue(i16),
    /// −100 to 100.
    Saturation(i8),
    /// Recolours by brightness.
    Colorize(Colorize),
    /// The negative.
    Invert,
    /// Random differences.
    Noise(Noise),
    /// A fixed 3×3 filter on pixels of the view.
    Sharpen,
    /// An unsharp mask.
    Unsharp(Usm, RadiusUnit),
}

/// What the radius of an unsharp mask is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RadiusUnit {
    /// Pixels of the content of a layer, or of the composite: the radius scales with the picture.
    Full,
    /// Pixels of the view.
    View,
}

/// An unsharp mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Usm {
    /// 0 to 5; 1 is what image editors call 100 %.
    pub(crate) amount: Decimal,
    /// The standard deviation of the blur: 0 to 250 pixels.
    pub(crate) radius: Decimal,
    /// 0 to 255: smaller differences stay as they are.
    pub(crate) threshold: u8,
    /// Sharpen brightness only.
    pub(crate) mono: bool,
}
