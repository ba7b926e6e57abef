//! Points, rectangles, and the way from a layer's pixels to those of the reply.

use crate::base::geom::Size;

/// Fixed-point steps per pixel.
pub(super) const ONE: i64 = 1 << 16;

/// No coordinate lies farther from the origin, in pixels: 128 times the longest side there is. Squares of fixed-point
/// distances (2⁹⁶) fit `i128`, whatever digits a map holds.
pub(super) const FAR: i64 = 1 << 31;

/// A point in steps of 1/65536 pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MapPoint {
    pub(crate) x: i64,
    pub(crate) y: i64,
}

impl MapPoint {
    /// Brought into the range that all arithmetic here is made for.
    pub(super) fn clamped(self) -> Self {
        let clamp = |value: i64| value.clamp(-FAR * ONE, FAR * ONE);
        Self { x: clamp(self.x), y: clamp(self.y) }
    }
}

/// A rectangle in steps of 1/65536 pixel; left before right and top above bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) right: i64,
    pub(crate) bottom: i64,
}

impl Bounds {
    /// A whole picture.
    pub(crate) fn of(size: Size) -> Self {
        let side = |pixels: u32| i64::from(pixels) * ONE;
        Self { left: 0, top: 0, right: side(size.width), bottom: side(size.height) }
    }

    /// Around two opposite corners.
    pub(super) fn around(a: MapPoint, b: MapPoint) -> Self {
        Self { left: a.x.min(b.x), top: a.y.min(b.y), right: a.x.max(b.x), bottom: a.y.max(b.y) }
    }

    /// What both cover; `None` if that is nothing.
    pub(crate) fn intersection(self, other: Self) -> Option<Self> {
        let both = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        (both.left < both.right && both.top < both.bottom).then_some(both)
    }

    pub(super) fn contains(self, point: MapPoint) -> bool {
        (self.left..=self.right).contains(&point.x) && (self.top..=self.bottom).contains(&point.y)
    }

    /// Clockwise from the top left.
    pub(super) const fn corners(self) -> [MapPoint; 4] {
        let Self { left, top, right, bottom } = self;
        [
            MapPoint { x: left, y: top },
            MapPoint { x: right, y: top },
            MapPoint { x: right, y: bottom },
            MapPoint { x: left, y: bottom },
        ]
    }
}

/// How points of a layer's own pixels come to lie in the reply: an affine map.
pub(crate) trait PointMap {
    /// Where a point comes to lie. Coordinates reach ±2⁴⁷ steps; results beyond that are brought back to it.
    fn point(&self, point: MapPoint) -> MapPoint;

    /// Nothing moves: areas stay word for word as they are, unless they are clipped.
    fn is_identity(&self) -> bool;

    /// By another angle than a multiple of 90°: rectangles do not stay rectangles.
    fn rotates(&self) -> bool;
}
