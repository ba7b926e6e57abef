//! Where points of a layer's content come to lie in a reply: the geometry of the plan the other way round, for image maps
//! (`responses.md` §4.3).

use crate::base::error::Result;
use crate::base::geom::{Size, round_half_up};
use crate::imaging::scene::Scene;

use super::geometry::{Geometry, Headers};
use super::layer::{LayerGeometry, Turn};
use super::view::{Extent, ViewGeometry};

/// Places are given in steps of 1/65536 pixel.
const STEP_BITS: u32 = 16;

/// No point is farther away than this many steps.
const FAR: i64 = 1 << 47;

/// What a point is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Station {
    /// Pixels of the upright, uncropped content.
    Source,
    /// Pixels of the layer's extended rectangle.
    Layer,
}

/// The way of points from a layer to the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placement {
    layer: LayerGeometry,
    view: ViewGeometry,
}

/// A point as a fraction with this many bits: 2⁶³ at most, 2⁸⁷ once it is scaled by a side, and so on: far inside `i128`.
const BITS: u32 = 32;

type Point = (i128, i128);

impl Placement {
    /// The placement of a scene's first layer.
    ///
    /// # Errors
    ///
    /// As [`measure`](super::measure).
    pub(crate) fn new(scene: &Scene, headers: Headers<'_>) -> Result<Self> {
        let Geometry { mut layers, view } = Geometry::of(scene, headers, Extent::Measured)?;
        Ok(Self { layer: layers.swap_remove(0), view })
    }

    /// Size of the reply.
    pub(crate) fn reply(&self) -> Size {
        self.view.reply.size()
    }

    /// Rectangles do not stay rectangles.
    pub(crate) const fn rotates(&self) -> bool {
        matches!(self.layer.turn, Turn::Free(_))
    }

    /// Where a point comes to lie in the reply; both are in 1/65536 pixels. Points and places beyond ±2⁴⁷ steps are moved
    /// there.
    pub(crate) fn place(&self, station: Station, x: i64, y: i64) -> (i64, i64) {
        let fine = |steps: i64| i128::from(steps.clamp(-FAR, FAR)) << (BITS - STEP_BITS);
        let point = (fine(x), fine(y));
        let composite = match station {
            Station::Source => self.extended(self.turned(self.boxed(point))),
            Station::Layer => point,
        };
        self.viewed(self.mirrored(composite))
    }

    /// Every point of the station lies in the reply where it lies there.
    pub(crate) fn is_identity(&self, station: Station) -> bool {
        const ONE: i64 = 1 << 16;
        [(0, 0), (ONE, 0), (0, ONE)].into_iter().all(|(x, y)| self.place(station, x, y) == (x, y))
            && self.place(station, FAR, FAR) == (FAR, FAR)
    }

    /// The corners of the layer's extended rectangle, in 1/65536 pixels of the reply.
    pub(crate) fn corners(&self) -> [(i64, i64); 4] {
        let Size { width, height } = self.layer.canvas;
        let (width, height) = (i64::from(width) << STEP_BITS, i64::from(height) << STEP_BITS);
        [(0, 0), (width, 0), (width, height), (0, height)].map(|(x, y)| self.place(Station::Layer, x, y))
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
                let part = |value: i128| round_half_up(value, 1 << crate::base::geom::affine::FRACTION_BITS);
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
        let (Size { width, height }, flip) = (self.layer.canvas, self.layer.canvas_flip);
        (
            if flip.horizontally { (i128::from(width) << BITS) - x } else { x },
            if flip.vertically { (i128::from(height) << BITS) - y } else { y },
        )
    }

    fn viewed(&self, (x, y): Point) -> (i64, i64) {
        let ViewGeometry { region, placed, reply, .. } = &self.view;
        let axis = |value: i128, region: (i64, u32), placed: (i64, u32), reply: i64| {
            let exact = (value - (i128::from(region.0) << BITS)) * i128::from(placed.1);
            let steps = round_half_up(exact, i128::from(region.1) << (BITS - STEP_BITS));
            let steps = steps + (i128::from(placed.0 - reply) << STEP_BITS);
            steps.clamp(-i128::from(FAR), i128::from(FAR)) as i64
        };
        (
            axis(x, (region.x, region.width), (placed.x, placed.width), reply.x),
            axis(y, (region.y, region.height), (placed.y, placed.height), reply.y),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Orientation;
    use crate::imaging::pixel::header::{Coded, Format, Header};
    use crate::imaging::pixel::raster::Layout;
    use crate::imaging::pixel::space::Space;
    use crate::language::resolve::scene_of;

    fn placed(query: &str, station: Station, x: i64, y: i64) -> (f64, f64) {
        let header = Header {
            format: Format::Png,
            stored: Size::new(1000, 500),
            orientation: Orientation::default(),
            layout: Layout::RGB,
            wide: false,
            space: Space::Unsaid,
            damaged: false,
            passes: 1,
            coded: Coded::default(),
        };
        let placement = Placement::new(&scene_of("MaxPix=0,0", query), &[Some(header)]).unwrap();
        let (x, y) = placement.place(station, x << 16, y << 16);
        (x as f64 / 65536.0, y as f64 / 65536.0)
    }

    #[test]
    fn points_go_the_way_of_pixels() {
        let source = |query: &str| placed(query, Station::Source, 100, 50);
        assert_eq!(source("scl=1"), (100.0, 50.0));
        assert_eq!(source("scl=2"), (50.0, 25.0));
        assert_eq!(source("crop=40,10,500,250&scl=1"), (60.0, 40.0));
        assert_eq!(source("size=100,100&scl=1"), (10.0, 30.0));
        assert_eq!(source("rotate=90&scl=1"), (450.0, 100.0));
        assert_eq!(source("rotate=180&scl=1"), (900.0, 450.0));
        assert_eq!(source("rotate=-90&scl=1"), (50.0, 900.0));
        assert_eq!(source("layer=0&flip=lr&rotate=90&scl=1"), (450.0, 900.0));
        assert_eq!(source("flip=ud&extend=7,8,9,10&scl=1"), (107.0, 460.0));
        assert_eq!(source("wid=200&hei=200"), (20.0, 60.0));
        assert_eq!(source("scl=1&rect=90,40,50,50"), (10.0, 10.0));
        assert_eq!(source("rgn=50,0,500,500&wid=100&hei=100"), (10.0, 10.0));
        // The centre stays the centre: 1000 cos 30° + 500 sin 30° = 1116 wide, 933 high.
        assert_eq!(placed("rotate=30&scl=1", Station::Source, 500, 250), (558.0, 466.5));
        let (x, y) = placed("rotate=30&scl=1", Station::Source, 1000, 250);
        assert!((x - 991.0127).abs() < 1e-3 && (y - 716.5).abs() < 1e-3, "{x} {y}");
        assert_eq!(placed("crop=40,10,500,250&scl=2", Station::Layer, 100, 50), (50.0, 25.0));
        assert_eq!(placed("rotate=30&scl=1", Station::Layer, 3, 4), (3.0, 4.0));
    }

    #[test]
    fn far_points_stay_in_range() {
        for query in ["scl=1", "scl=.0001", "rotate=33&scale=9&scl=3", "size=1,1&rgn=0,0,1,1&wid=9000&fit=fit,1"] {
            for edge in [i64::MIN, i64::MAX] {
                let (x, _) = placed(query, Station::Source, edge >> 16, edge >> 16);
                assert!(x.abs() <= 2_147_483_648.0, "{query}");
            }
        }
    }
}
