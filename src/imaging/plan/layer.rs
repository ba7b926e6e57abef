//! From content to the extended rectangle of a layer on its canvas (`protocol.md` §3.2): crop, scale, flip, rotation,
//! margins, place. Numbers only.
//!
//! The stations of a pixel, each with an origin at its top-left corner:
//!
//! ```text
//! content ─crop, scale─▶ box ─flip, rotate─▶ rectangle ─extend─▶ extended rectangle ─position─▶ canvas
//! ```

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::affine::Angle;
use crate::base::geom::{MAX_SIDE, Rect, Size, round_half_up};
use crate::base::num::decimal::Decimal;
use crate::imaging::scene::{Align, Crop, Extend, Flip, Frame, Layer, LayerSize, Point, View};

use super::ratio::Ratio;
use super::view::{ViewGeometry, aligned, thumbnail_scale, thumbnail_size};

/// How a layer is turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// By this multiple of 90°, 0 to 3: pixels change places.
    Quarters(u32),
    /// By any other angle: pixels are resampled.
    Free(Angle),
}

/// The geometry of one layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayerGeometry {
    /// Size of the upright content.
    pub(super) source: Size,
    /// The part of it that is used; may reach beyond it.
    pub(super) crop: Rect,
    /// That part, scaled.
    pub(super) scaled: Size,
    /// Where it lies in the box; negative where the box cuts it off.
    pub(super) offset: (i64, i64),
    pub(super) box_size: Size,
    pub(super) flip: Flip,
    pub(super) turn: Turn,
    /// Size of the box after turning it.
    pub(super) rectangle: Size,
    /// Where the rectangle lies on the canvas; negative where it is cut off.
    pub(super) place: (i64, i64),
    /// The extended rectangle on the canvas. It is the whole canvas for the first layer.
    pub(super) extended: Rect,
    pub(super) canvas: Size,
    /// Mirrors the canvas.
    pub(super) canvas_flip: Flip,
}

fn over(what: &'static str) -> Error {
    Error::new(ErrorKind::Limit, "is longer than 16777216 pixels").at(what)
}

impl LayerGeometry {
    /// Lays out the first layer, whose extended rectangle is the canvas.
    ///
    /// # Errors
    ///
    /// A side is longer than the engine computes with, or margins leave nothing of the layer.
    pub(super) fn first(source: Size, layer: &Layer, view: &View, canvas_flip: Flip) -> Result<Self> {
        if source.width.max(source.height) > MAX_SIDE {
            return Err(over("side of the source"));
        }
        let crop = cropped(source, layer.crop)?;
        let Boxed { scaled, offset, size: box_size } = boxed(crop.size(), layer.size, view)?;
        let angle = Angle::new(layer.rotate.billionths());
        let (turn, rectangle) = match angle.quarter_turns() {
            Some(quarters) => (Turn::Quarters(quarters), box_size.swapped(quarters % 2 == 1)),
            None => (Turn::Free(angle), angle.bounding_box(box_size)),
        };
        if rectangle.width.max(rectangle.height) > MAX_SIDE {
            return Err(over("side of the layer"));
        }
        let (place, extended) = extended(rectangle, layer.extend)?;
        Ok(Self {
            source,
            crop,
            scaled,
            offset,
            box_size,
            flip: layer.flip,
            turn,
            rectangle,
            place,
            extended: Rect::at_origin(extended),
            canvas: extended,
            canvas_flip,
        })
    }

    /// Checks how much longer than the view the layer is, in its own pixels and in those of the view. A side may have
    /// [`MOST_VIEWS`] times the pixels of the view, or as many as the content.
    ///
    /// # Errors
    ///
    /// A side is longer.
    pub(super) fn check_sides(&self, view: &ViewGeometry) -> Result<()> {
        let of_content = self.source.width.max(self.source.height);
        let fits = |side: u32, (view, region, placed): (u32, u32, u32)| {
            let most = u64::from(view) * MOST_VIEWS;
            let shown = u64::from(side) * u64::from(placed) / u64::from(region);
            side <= of_content || u64::from(side) <= most && shown <= most
        };
        let across = (view.size.width, view.region.width, view.placed.width);
        let down = (view.size.height, view.region.height, view.placed.height);
        let lies = |size: Size| fits(size.width, across) && fits(size.height, down);
        // Before it is turned a side may lie along either side of the view.
        let is_turned = |size: Size| match self.turn {
            Turn::Quarters(quarters) => lies(size.swapped(quarters % 2 == 1)),
            Turn::Free(_) => [size.width, size.height].iter().all(|&side| fits(side, across) || fits(side, down)),
        };
        let upright = [self.crop.size(), self.box_size];
        if upright.into_iter().all(is_turned) && lies(self.rectangle) && lies(self.extended.size()) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Limit, "is longer than 65536 times the view").at("side of the layer"))
    }

    /// Lays out a layer above the first one: its origin lies at its position, counted from the origin of the first layer,
    /// and the sum is rounded once (`layers.md` §1.4).
    ///
    /// # Errors
    ///
    /// As for the first layer; or the layer lies too far away.
    pub(super) fn above(&self, bottom: &Layer, source: Size, layer: &Layer, view: &View) -> Result<Self> {
        let alone = Self::first(source, layer, view, self.canvas_flip)?;
        let origins = (origin(bottom.origin, self.canvas), origin(layer.origin, alone.canvas));
        let position = match layer.position {
            Point::Pixels(pixels) => pixels.map(|pixels| i128::from(pixels) * TWICE),
            Point::Relative([x, y]) => [2 * part(x, self.canvas.width), 2 * part(y, self.canvas.height)],
        };
        let place = |axis: usize| {
            let exact = origins.0[axis] + position[axis] - origins.1[axis];
            let place = i64::try_from(round_half_up(exact, TWICE)).ok();
            place.filter(|place| place.unsigned_abs() <= FARTHEST).ok_or_else(too_far)
        };
        let (x, y) = (place(0)?, place(1)?);
        let Size { width, height } = alone.canvas;
        Ok(Self {
            place: (x + alone.place.0, y + alone.place.1),
            extended: Rect::new(x, y, width, height),
            canvas: self.canvas,
            ..alone
        })
    }
}

/// The most views that fit into a layer beside each other.
const MOST_VIEWS: u64 = 65_536;

/// The most pixels of a content that one of the view covers along an axis, if the content itself has no more.
pub(super) const MOST_IN_ONE: u64 = 1 << 20;

/// Steps per pixel of the exact places of layers: billionths, and halves of them.
const TWICE: i128 = 2 * Decimal::ONE as i128;

/// The most pixels between the canvas and the beginning of a layer's rectangle: within them grids cannot overflow.
const FARTHEST: u64 = 4 * MAX_SIDE as u64;

/// A layer lies so far from its canvas, or its pixels from their content, that places can no longer be computed with.
pub(super) fn too_far() -> Error {
    Error::new(ErrorKind::Limit, "is too far from its picture").at("layer")
}

/// A part of a side, in billionths of a pixel.
fn part(part: Decimal, side: u32) -> i128 {
    i128::from(part.billionths()) * i128::from(side)
}

/// The origin of an extended rectangle from its corner, in 1/[`TWICE`] pixels.
fn origin(origin: Option<Point>, size: Size) -> [i128; 2] {
    let center = |side: u32| i128::from(side) * TWICE / 2;
    match origin {
        None => [center(size.width), center(size.height)],
        Some(Point::Pixels(pixels)) => pixels.map(|pixels| i128::from(pixels) * TWICE),
        Some(Point::Relative([x, y])) => {
            [center(size.width) + 2 * part(x, size.width), center(size.height) + 2 * part(y, size.height)]
        }
    }
}

/// The crop in source pixels.
fn cropped(source: Size, crop: Option<Crop>) -> Result<Rect> {
    Ok(match crop {
        None => Rect::at_origin(source),
        Some(Crop::Pixels(rect)) => rect,
        Some(Crop::Relative([x, y, width, height])) => {
            let (columns, rows) = (relative(x, width, source.width)?, relative(y, height, source.height)?);
            Rect::new(columns.0, rows.0, columns.1, rows.1)
        }
    })
}

/// Start and length in pixels of a relative crop. Both ends are rounded, so that crops that join still do.
fn relative(start: Decimal, len: Decimal, source: u32) -> Result<(i64, u32)> {
    let pixel = |position: i128| round_half_up(position * i128::from(source), i128::from(Decimal::ONE));
    let (start, len) = (i128::from(start.billionths()), i128::from(len.billionths()));
    let (first, end) = (pixel(start), pixel(start + len));
    let len = (end - first).max(1);
    let side = u32::try_from(len).ok().filter(|&len| len <= MAX_SIDE);
    match (i64::try_from(first), side) {
        (Ok(first), Some(len)) if first.unsigned_abs() <= u64::from(MAX_SIDE) => Ok((first, len)),
        _ => Err(over("side of the crop")),
    }
}

/// A scaled picture in its box.
struct Boxed {
    scaled: Size,
    offset: (i64, i64),
    size: Size,
}

/// Step 2 of `protocol.md` §3.2; for thumbnails §3.6.
fn boxed(crop: Size, size: LayerSize, view: &View) -> Result<Boxed> {
    let by = |scale: Ratio| -> Result<Size> {
        Ok(Size::new(scale.of(crop.width, "side of the layer")?, scale.of(crop.height, "side of the layer")?))
    };
    let whole = |scaled: Size| Boxed { scaled, offset: (0, 0), size: scaled };
    let placed = |scale: Ratio, size: Size, align: Align| -> Result<Boxed> {
        let scaled = by(scale)?;
        let x = aligned(size.width, scaled.width, align.horizontal);
        Ok(Boxed { scaled, offset: (x, aligned(size.height, scaled.height, align.vertical)), size })
    };
    match (size, view.frame) {
        (LayerSize::Natural, _) => Ok(whole(crop)),
        (LayerSize::Width(width), _) => Ok(whole(by(Ratio::new(width, crop.width))?)),
        (LayerSize::Height(height), _) => Ok(whole(by(Ratio::new(height, crop.height))?)),
        (LayerSize::Box(size), Frame::Thumbnail { style, .. }) => {
            placed(thumbnail_scale(crop, size, style), size, view.align)
        }
        (LayerSize::Box(size), Frame::Image(_)) => {
            let touching = Ratio::new(size.width, crop.width).min(Ratio::new(size.height, crop.height));
            placed(touching, size, Align::CENTER)
        }
        (LayerSize::Scale(scale), _) => Ok(whole(by(Ratio::from_decimal(scale))?)),
        (LayerSize::Resolution { wanted, of_content }, Frame::Thumbnail { size, .. }) => {
            let canvas = thumbnail_size(crop, view, size)?;
            placed(Ratio::of_decimals(wanted, of_content), canvas, view.align)
        }
        (LayerSize::Resolution { wanted, of_content }, Frame::Image(_)) => {
            Ok(whole(by(Ratio::of_decimals(wanted, of_content))?))
        }
    }
}

/// Where the rectangle lies in the extended one, and the size of that.
fn extended(rectangle: Size, extend: Option<Extend>) -> Result<((i64, i64), Size)> {
    let of = |part: Decimal, side: u32| {
        let exact = i128::from(part.billionths()) * i128::from(side);
        // At most 1000 times a side.
        round_half_up(exact, i128::from(Decimal::ONE)) as i64
    };
    let [left, top, right, bottom] = match extend {
        None => [0; 4],
        Some(Extend::Pixels(margins)) => margins.map(i64::from),
        Some(Extend::Relative([left, top, right, bottom])) => [
            of(left, rectangle.width),
            of(top, rectangle.height),
            of(right, rectangle.width),
            of(bottom, rectangle.height),
        ],
    };
    let side = |before: i64, side: u32, after: i64| -> Result<u32> {
        match before + i64::from(side) + after {
            ..=0 => Err(Error::new(ErrorKind::Request, "leaves nothing of the layer").at("extend")),
            side => u32::try_from(side).ok().filter(|&side| side <= MAX_SIDE).ok_or_else(|| over("side of the layer")),
        }
    };
    let size = Size::new(side(left, rectangle.width, right)?, side(top, rectangle.height, bottom)?);
    Ok(((left, top), size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::scene::{Content, InputId};
    use crate::language::resolve::scene_of;

    fn layer(source: (u32, u32), query: &str) -> Result<LayerGeometry> {
        let scene = scene_of("Resolution=300\nThumbType=1\nDefaultThumbPix=100,50", query);
        LayerGeometry::first(Size::new(source.0, source.1), &scene.layers[0], &scene.view, scene.flip)
    }

    #[test]
    fn relative_crops_join() {
        let n = |text: &str| Decimal::parse(text).unwrap();
        assert_eq!(relative(n("0"), n(".3333"), 100).unwrap(), (0, 33));
        assert_eq!(relative(n(".3333"), n(".3333"), 100).unwrap(), (33, 34));
        assert_eq!(relative(n("-.1"), n("1.2"), 100).unwrap(), (-10, 120));
        assert_eq!(relative(n(".5"), n(".0001"), 100).unwrap(), (50, 1));
        assert!(relative(n("0"), n("1000"), 16_777_216).is_err());
    }

    /// Source 1000×500 at a resolution of 300: box, offset in it, rectangle, place on the canvas, canvas.
    #[test]
    fn sizes_scales_rotations_and_margins() {
        type Numbers = ((u32, u32), (i64, i64), (u32, u32), (i64, i64), (u32, u32));
        let cases: [(&str, Numbers); 16] = [
            ("", ((1000, 500), (0, 0), (1000, 500), (0, 0), (1000, 500))),
            ("size=300,0", ((300, 150), (0, 0), (300, 150), (0, 0), (300, 150))),
            ("size=0,1000", ((2000, 1000), (0, 0), (2000, 1000), (0, 0), (2000, 1000))),
            ("size=300,300", ((300, 300), (0, 75), (300, 300), (0, 0), (300, 300))),
            ("size=300,300&scale=2&res=1", ((300, 300), (0, 75), (300, 300), (0, 0), (300, 300))),
            ("scale=.5", ((500, 250), (0, 0), (500, 250), (0, 0), (500, 250))),
            ("scale=.5&res=600", ((500, 250), (0, 0), (500, 250), (0, 0), (500, 250))),
            ("res=30", ((100, 50), (0, 0), (100, 50), (0, 0), (100, 50))),
            ("rotate=90", ((1000, 500), (0, 0), (500, 1000), (0, 0), (500, 1000))),
            ("rotate=-180", ((1000, 500), (0, 0), (1000, 500), (0, 0), (1000, 500))),
            // 1000·cos 30° + 500·sin 30° = 1116.03, 1000·sin 30° + 500·cos 30° = 933.01
            ("rotate=30", ((1000, 500), (0, 0), (1116, 933), (0, 0), (1116, 933))),
            ("extend=10,20,30,-40", ((1000, 500), (0, 0), (1000, 500), (10, 20), (1040, 480))),
            ("extendN=.1,0,0,1", ((1000, 500), (0, 0), (1000, 500), (100, 0), (1100, 1000))),
            ("rotate=90&extendN=.1,0,0,1", ((1000, 500), (0, 0), (500, 1000), (50, 0), (550, 2000))),
            ("req=tmb&size=100,100", ((100, 100), (-50, 0), (100, 100), (0, 0), (100, 100))),
            ("req=tmb&res=60&wid=40", ((40, 50), (-80, -25), (40, 50), (0, 0), (40, 50))),
        ];
        for (query, (box_size, offset, rectangle, place, composite)) in cases {
            let layer = layer((1000, 500), query).unwrap();
            let size = |(width, height)| Size::new(width, height);
            let expected = (size(box_size), offset, size(rectangle), place, size(composite));
            let numbers = (layer.box_size, layer.offset, layer.rectangle, layer.place, layer.canvas);
            assert_eq!(numbers, expected, "{query}");
        }
    }

    #[test]
    fn what_leaves_nothing_or_too_much_is_refused() {
        for (query, expected) in [
            ("extend=-600,0,-400,0", "extend: leaves nothing of the layer"),
            ("extend=16777216,0,1,0", "side of the layer: is longer than 16777216 pixels"),
            ("scale=20000", "side of the layer: is longer than 16777216 pixels"),
            ("size=16777216,0&rotate=45", "side of the layer: is longer than 16777216 pixels"),
        ] {
            assert_eq!(layer((1000, 900), query).unwrap_err().to_string(), expected);
        }
    }

    /// Where a layer of 30×20 pixels lies on a canvas of 101×50.
    fn place(bottom: Option<Point>, origin: Option<Point>, position: Point) -> Option<(i64, i64)> {
        let view = scene_of("", "").view;
        let plain = Layer::of(Content::File(InputId(0)));
        let below = Layer { origin: bottom, ..plain.clone() };
        let first = LayerGeometry::first(Size::new(101, 50), &below, &view, Flip::NONE).unwrap();
        let layer = Layer { origin, position, ..plain };
        let layer = first.above(&below, Size::new(30, 20), &layer, &view).ok()?;
        assert_eq!((layer.extended.size(), layer.canvas), (Size::new(30, 20), Size::new(101, 50)));
        Some((layer.extended.x, layer.extended.y))
    }

    #[test]
    fn layers_lie_where_origin_and_position_say() {
        let n = |text: &str| Decimal::parse(text).unwrap();
        let relative = |x: &str, y: &str| Point::Relative([n(x), n(y)]);
        let corner = Some(Point::Pixels([0, 0]));
        // 101/2 − 30/2 = 35.5 rounds up.
        assert_eq!(place(None, None, Point::Pixels([0, 0])), Some((36, 15)));
        assert_eq!(place(None, None, Point::Pixels([-1, 4])), Some((35, 19)));
        assert_eq!(place(corner, corner, Point::Pixels([7, -9])), Some((7, -9)));
        assert_eq!(place(corner, None, Point::Pixels([0, 0])), Some((-15, -10)));
        // The top right corner of both: 101 − 30 = 71.
        let top_right = Some(relative(".5", "-.5"));
        assert_eq!(place(top_right, top_right, relative("0", "0")), Some((71, 0)));
        // A tenth of the canvas's width: 10.1.
        assert_eq!(place(corner, corner, relative(".1", "-.2")), Some((10, -10)));
        for far in [i64::MAX, i64::MIN] {
            assert_eq!(place(corner, corner, Point::Pixels([far, 0])), None);
        }
    }
}
