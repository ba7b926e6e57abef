//! Sizes, rectangles and sampling grids: whole numbers that both wings share.

pub(crate) mod affine;
mod axis;

use std::fmt;
use std::ops::Range;

pub(crate) use axis::{Axis, Whole};

/// The longest side of a composite, view or source, in pixels.
///
/// Checked once where a side comes to be, so that products of two sides (2⁴⁸) and of a side with a
/// grid's denominator (2⁵²) stay inside `i64`.
pub(crate) const MAX_SIDE: u32 = 1 << 24;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Size {
    /// Pixels from left to right.
    pub(crate) width: u32,
    /// Pixels from top to bottom.
    pub(crate) height: u32,
}

impl Size {
    pub(crate) const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Number of pixels.
    pub(crate) const fn area(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// Width and height exchanged if `swap`.
    pub(crate) const fn swapped(self, swap: bool) -> Self {
        if swap { Self::new(self.height, self.width) } else { self }
    }
}

impl fmt::Display for Size {
    /// `width×height`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.width, self.height)
    }
}

/// The largest width and height that are allowed; 0 means that a side is not limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SizeLimit {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl SizeLimit {
    pub(crate) const fn allows(self, size: Size) -> bool {
        (self.width == 0 || size.width <= self.width) && (self.height == 0 || size.height <= self.height)
    }
}

/// A rectangle that may lie anywhere, also left of or above its frame's origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Rect {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Rect {
    pub(crate) const fn new(x: i64, y: i64, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    pub(crate) const fn at_origin(size: Size) -> Self {
        Self::new(0, 0, size.width, size.height)
    }

    pub(crate) const fn size(self) -> Size {
        Size::new(self.width, self.height)
    }

    pub(crate) const fn columns(self) -> Range<i64> {
        self.x..self.x + self.width as i64
    }

    pub(crate) const fn rows(self) -> Range<i64> {
        self.y..self.y + self.height as i64
    }
}

/// A rectangle of pixels that exist in a decoded source, at the decoder's shrink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Window {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// How much a decoder reduces both sides on the way out: each pixel is the mean, or nearly, of a square of source
/// pixels. The shrunk size is the source's size divided and rounded up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Shrink {
    Full = 1,
    Half = 2,
    Quarter = 4,
    Eighth = 8,
}

impl Shrink {
    /// From the strongest to none.
    pub(crate) const STRONGEST_FIRST: [Self; 4] = [Self::Eighth, Self::Quarter, Self::Half, Self::Full];

    /// Source pixels per shrunk pixel on one axis.
    pub(crate) const fn factor(self) -> u32 {
        self as u32
    }

    /// The size of a whole source at this shrink.
    pub(crate) const fn of(self, size: Size) -> Size {
        Size::new(size.width.div_ceil(self.factor()), size.height.div_ceil(self.factor()))
    }
}

/// The resampling filters (`resMode`, `protocol.md` §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Filter {
    /// Triangle, radius 1.
    Bilin,
    /// Cubic with a = −1/2 (Catmull–Rom), radius 2.
    Bicub,
    /// Lanczos, radius 3.
    Sharp2,
    /// Cubic with a = −1 where it reduces, `Bicub` where it enlarges; radius 2.
    Bisharp,
}

impl Filter {
    pub(crate) const ALL: [Self; 4] = [Self::Bilin, Self::Bicub, Self::Sharp2, Self::Bisharp];

    /// Half the filter's width, in pixels of the coarser of the two grids.
    pub(crate) const fn radius(self) -> u32 {
        match self {
            Self::Bilin => 1,
            Self::Bicub | Self::Bisharp => 2,
            Self::Sharp2 => 3,
        }
    }
}

/// How stored pixels become upright ones: exchange the axes if `swap`, then reverse each upright axis
/// that says so. EXIF orientations and `flip=` are both of this kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Orientation {
    pub(crate) swap: bool,
    pub(crate) reverse_x: bool,
    pub(crate) reverse_y: bool,
}

impl Orientation {
    /// The orientation of an EXIF tag value; values outside 1–8 mean upright.
    pub(crate) const fn from_exif(value: u16) -> Self {
        let (swap, reverse_x, reverse_y) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { swap, reverse_x, reverse_y }
    }

    /// What undoes this orientation.
    pub(crate) const fn inverse(self) -> Self {
        if self.swap { Self { swap: true, reverse_x: self.reverse_y, reverse_y: self.reverse_x } } else { self }
    }

    /// This orientation followed by mirroring the upright picture.
    pub(crate) const fn then_flip(self, horizontally: bool, vertically: bool) -> Self {
        Self { swap: self.swap, reverse_x: self.reverse_x != horizontally, reverse_y: self.reverse_y != vertically }
    }

    /// This orientation followed by another one.
    pub(crate) const fn then(self, next: Self) -> Self {
        // Reversing an axis and then exchanging the axes is exchanging them and then reversing the other one.
        let (reverse_x, reverse_y) =
            if next.swap { (self.reverse_y, self.reverse_x) } else { (self.reverse_x, self.reverse_y) };
        Self { swap: self.swap != next.swap, reverse_x, reverse_y }.then_flip(next.reverse_x, next.reverse_y)
    }

    /// This orientation followed by turning the upright picture clockwise by so many right angles.
    #[cfg(test)]
    pub(crate) const fn rotated_quarter_turns(self, turns: u32) -> Self {
        self.then(match turns % 4 {
            0 => Self::from_exif(1),
            1 => Self::from_exif(6),
            2 => Self::from_exif(3),
            _ => Self::from_exif(8),
        })
    }
}

/// `numerator / denominator` rounded to the nearest whole number, halves up, also below zero.
pub(crate) const fn round_half_up(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_half_up_on_both_sides_of_zero() {
        let cases = [(5, 2, 3), (-5, 2, -2), (1, 3, 0), (2, 3, 1), (-1, 2, 0), (-3, 2, -1), (-4, 3, -1), (7, 7, 1)];
        for (n, d, expected) in cases {
            assert_eq!(round_half_up(n, d), expected, "{n}/{d}");
        }
    }

    #[test]
    fn exif_orientations_invert_in_pairs() {
        for value in 1..=8 {
            let o = Orientation::from_exif(value);
            assert_eq!(o.then_flip(true, false).then_flip(true, false), o);
            assert_eq!(o.then(o.inverse()), Orientation::default());
        }
        assert_eq!(Orientation::from_exif(0), Orientation::default());
        assert_eq!(Orientation::from_exif(9), Orientation::default());
    }
}
