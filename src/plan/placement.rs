//! Where points of a source come to lie in a reply: the geometry of the plan the other way round, for image maps
//! (`responses.md` §4.3).

use crate::error::Result;
use crate::facts::Header;
use crate::geometry::{Size, round_half_up};
use crate::resolve::Resolved;

use super::geometry;
use super::layer::{Layer, Turn};
use super::view::View;

/// Steps of a reply pixel that places are given in.
pub(crate) const PLACE_STEPS: i64 = 1 << 16;

/// What a point is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Station {
    /// Pixels of the upright, uncropped source.
    Source,
    /// Pixels of the layer's rectangle, extended.
    Layer,
}

/// The way of points from a source or its layer to the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    layer: Layer,
    view: View,
}

/// A point as a fraction with this many bits. Sides of 2²⁴ pixels, scaled by up to 2²⁴, stay inside `i128`.
const BITS: u32 = 32;

type Point = (i128, i128);

impl Placement {
    /// The placement of a request's picture.
    ///
    /// # Errors
    ///
    /// As [`plan`](super::plan).
    pub(crate) fn new(resolved: &Resolved, header: &Header) -> Result<Self> {
        let (layer, view) = geometry(resolved, header)?;
        Ok(Self { layer, view })
    }

    /// Size of the reply.
    pub(crate) fn reply(&self) -> Size {
        self.view.reply.size()
    }

    /// Rectangles do not stay rectangles.
    pub(crate) const fn rotates(&self) -> bool {
        matches!(self.layer.turn, Turn::Free(_))
    }

    /// Where a corner of a pixel comes to lie in the reply, in 1/[`PLACE_STEPS`] pixels. Places beyond ±2⁴⁷ pixels are
    /// moved there.
    pub(crate) fn place(&self, station: Station, x: i64, y: i64) -> (i64, i64) {
        const FAR: i64 = 1 << 40;
        let point = (i128::from(x.clamp(-FAR, FAR)) << BITS, i128::from(y.clamp(-FAR, FAR)) << BITS);
        let composite = match station {
            Station::Source => self.extended(self.turned(self.boxed(point))),
            Station::Layer => point,
        };
        self.viewed(self.mirrored(composite))
    }

    /// The corners of the layer's rectangle, extended: the whole composite.
    pub(crate) fn corners(&self) -> [(i64, i64); 4] {
        let Size { width, height } = self.layer.composite;
        let (width, height) = (i64::from(width), i64::from(height));
        [(0, 0), (width, 0), (width, height), (0, height)].map(|(x, y)| self.place(Station::Layer, x, y))
    }

    /// The corners of the crop's box, which is all that is to be seen of the source.
    pub(crate) fn box_corners(&self) -> [(i64, i64); 4] {
        let Size { width, height } = self.layer.box_size;
        let (width, height) = (i128::from(width) << BITS, i128::from(height) << BITS);
        [(0, 0), (width, 0), (width, height), (0, height)]
            .map(|point| self.viewed(self.mirrored(self.extended(self.turned(point)))))
    }

    fn boxed(&self, (x, y): Point) -> Point {
        let layer = &self.layer;
        let scaled = |value: i128, start: i64, num: u32, den: u32, offset: i64| {
            let exact = (value - (i128::from(start) << BITS)) * i128::from(num);
            round_half_up(exact, i128::from(den)) + (i128::from(offset) << BITS)
        };
        (
            scaled(x, layer.crop.x, layer.scaled.width, layer.crop.width, layer.offset.0),
            scaled(y, layer.crop.y, layer.scaled.height, layer.crop.height, layer.offset.1),
        )
    }

    fn turned(&self, (x, y): Point) -> Point {
        let Size { width, height } = self.layer.box_size;
        let (width, height) = (i128::from(width) << BITS, i128::from(height) << BITS);
        let flip = self.layer.flip;
        let x = if flip.horizontally { width - x } else { x };
        let y = if flip.vertically { height - y } else { y };
        match self.layer.turn {
            Turn::Quarters(0) => (x, y),
            Turn::Quarters(1) => (height - y, x),
            Turn::Quarters(2) => (width - x, height - y),
            Turn::Quarters(_) => (y, width - x),
            Turn::Free(angle) => {
                let (sin, cos) = (i128::from(angle.sin()), i128::from(angle.cos()));
                let Size { width: to_width, height: to_height } = self.layer.rectangle;
                let (from_x, from_y) = (x - width / 2, y - height / 2);
                let part = |value: i128| round_half_up(value, 1 << crate::rotation::FRACTION_BITS);
                (
                    part(from_x * cos - from_y * sin) + ((i128::from(to_width) << BITS) / 2),
                    part(from_x * sin + from_y * cos) + ((i128::from(to_height) << BITS) / 2),
                )
            }
        }
    }

    fn extended(&self, (x, y): Point) -> Point {
        (x + (i128::from(self.layer.place.0) << BITS), y + (i128::from(self.layer.place.1) << BITS))
    }

    fn mirrored(&self, (x, y): Point) -> Point {
        let (Size { width, height }, flip) = (self.layer.composite, self.layer.composite_flip);
        (
            if flip.horizontally { (i128::from(width) << BITS) - x } else { x },
            if flip.vertically { (i128::from(height) << BITS) - y } else { y },
        )
    }

    fn viewed(&self, (x, y): Point) -> (i64, i64) {
        let View { region, placed, reply, .. } = &self.view;
        let axis = |value: i128, region: (i64, u32), placed: (i64, u32), reply: i64| {
            let exact = (value - (i128::from(region.0) << BITS)) * i128::from(placed.1);
            let steps = round_half_up(exact, i128::from(region.1) << (BITS - 16));
            let steps = steps + i128::from(placed.0 - reply) * i128::from(PLACE_STEPS);
            steps.clamp(-(1 << 62), 1 << 62) as i64
        };
        (
            axis(x, (region.x, region.width), (placed.x, placed.width), reply.x),
            axis(y, (region.y, region.height), (placed.y, placed.height), reply.y),
        )
    }
}
