//! From a source to the composite of a single image (`protocol.md` §3.2): crop, scale, flip, rotation, margins. Numbers
//! only.
//!
//! The stations of a pixel, each with an origin at its top-left corner:
//!
//! ```text
//! source ─crop, scale─▶ box ─flip, rotate─▶ rectangle ─extend─▶ composite
//! ```

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{MAX_SIDE, Rect, Size, round_half_up};
use crate::request::{Align, BoxSize, Commands, Crop, Extend, Flip, Kind, Real};
use crate::resolve::ViewDefaults;
use crate::rotation::Angle;

use super::ratio::Ratio;
use super::view::{aligned, thumbnail_scale, thumbnail_size};

/// How a layer is turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// By so many times 90°, 0 to 3: pixels change places.
    Quarters(u32),
    /// By any other angle: pixels are resampled.
    Free(Angle),
}

/// The geometry of layer 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layer {
    /// Size of the upright source.
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
    /// Where the rectangle lies in the composite; negative where it is cut off.
    pub(super) place: (i64, i64),
    pub(super) composite: Size,
    /// Mirrors the composite.
    pub(super) composite_flip: Flip,
}

fn over(what: &'static str) -> Error {
    Error::new(ErrorKind::Limit, "is longer than 16777216 pixels").at(what)
}

impl Layer {
    /// Lays out the source of a request.
    ///
    /// # Errors
    ///
    /// A side is longer than the engine computes with, or margins leave nothing of the layer.
    pub(super) fn new(source: Size, kind: Kind, commands: &Commands, defaults: &ViewDefaults) -> Result<Self> {
        if source.width.max(source.height) > MAX_SIDE {
            return Err(over("side of the source"));
        }
        let crop = cropped(source, commands.crop)?;
        let Boxed { scaled, offset, size: box_size } = boxed(crop.size(), kind, commands, defaults)?;
        let angle = Angle::new(commands.rotate.map_or(0, |rotation| rotation.0.billionths()));
        let (turn, rectangle) = match angle.quarter_turns() {
            Some(quarters) => (Turn::Quarters(quarters), box_size.swapped(quarters % 2 == 1)),
            None => (Turn::Free(angle), angle.bounding_box(box_size)),
        };
        if rectangle.width.max(rectangle.height) > MAX_SIDE {
            return Err(over("side of the layer"));
        }
        let (place, composite) = extended(rectangle, commands.extend)?;
        Ok(Self {
            source,
            crop,
            scaled,
            offset,
            box_size,
            flip: commands.layer_flip.unwrap_or_default(),
            turn,
            rectangle,
            place,
            composite,
            composite_flip: commands.flip.unwrap_or_default(),
        })
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
fn relative(start: Real, len: Real, source: u32) -> Result<(i64, u32)> {
    let pixel = |position: i128| round_half_up(position * i128::from(source), i128::from(Real::ONE));
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

/// Step 2 of `protocol.md` §3.2: `size`, else `scale`, else `res`, else full resolution; for thumbnails §3.6.
fn boxed(crop: Size, kind: Kind, commands: &Commands, defaults: &ViewDefaults) -> Result<Boxed> {
    let by = |scale: Ratio| -> Result<Size> {
        Ok(Size::new(scale.of(crop.width, "side of the layer")?, scale.of(crop.height, "side of the layer")?))
    };
    let whole = |scaled: Size| Boxed { scaled, offset: (0, 0), size: scaled };
    let thumb = kind == Kind::Tmb;
    let placed = |scale: Ratio, size: Size, align: Align| -> Result<Boxed> {
        let scaled = by(scale)?;
        let x = aligned(size.width, scaled.width, align.horizontal);
        Ok(Boxed { scaled, offset: (x, aligned(size.height, scaled.height, align.vertical)), size })
    };
    let thumb_align = commands.align.unwrap_or(defaults.thumb_align);
    match commands.size {
        Some(BoxSize { width: 0, height: 0 }) | None => {}
        Some(BoxSize { width, height: 0 }) => return Ok(whole(by(Ratio::new(width, crop.width))?)),
        Some(BoxSize { width: 0, height }) => return Ok(whole(by(Ratio::new(height, crop.height))?)),
        Some(BoxSize { width, height }) => {
            let size = Size::new(width, height);
            if thumb {
                return placed(thumbnail_scale(crop, size, defaults.thumb_style), size, thumb_align);
            }
            let touching = Ratio::new(width, crop.width).min(Ratio::new(height, crop.height));
            return placed(touching, size, Align::CENTRE);
        }
    }
    let by_resolution = commands.res.map(|res| Ratio::of_reals(res.0, defaults.resolution));
    match (thumb, commands.scale, by_resolution) {
        (true, _, Some(scale)) => {
            let canvas = thumbnail_size(crop, commands, defaults.thumb)?;
            placed(scale, canvas, thumb_align)
        }
        (false, Some(scale), _) => Ok(whole(by(Ratio::from_real(scale.0))?)),
        (false, None, Some(scale)) => Ok(whole(by(scale)?)),
        _ => Ok(whole(crop)),
    }
}

/// Where the rectangle lies in the composite, and the composite's size.
fn extended(rectangle: Size, extend: Option<Extend>) -> Result<((i64, i64), Size)> {
    let of = |part: Real, side: u32| {
        let exact = i128::from(part.billionths()) * i128::from(side);
        // At most 1000 times a side.
        round_half_up(exact, i128::from(Real::ONE)) as i64
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
            ..=0 => Err(Error::request("extend", "leaves nothing of the layer")),
            side => u32::try_from(side).ok().filter(|&side| side <= MAX_SIDE).ok_or_else(|| over("side of the layer")),
        }
    };
    let size = Size::new(side(left, rectangle.width, right)?, side(top, rectangle.height, bottom)?);
    Ok(((left, top), size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::attributes_from;
    use crate::request::parse_modifiers;

    fn layer(source: (u32, u32), query: &str) -> Result<Layer> {
        let commands = Commands::parse(&parse_modifiers(query).unwrap()).unwrap();
        let defaults =
            ViewDefaults::of_attributes(&attributes_from("Resolution=300\nThumbType=1\nDefaultThumbPix=100,50"));
        let kind = commands.req.map_or(Kind::Img, |req| req.kind);
        Layer::new(Size::new(source.0, source.1), kind, &commands, &defaults)
    }

    #[test]
    fn relative_crops_join() {
        let n = |text: &str| Real::parse(text).unwrap();
        assert_eq!(relative(n("0"), n(".3333"), 100).unwrap(), (0, 33));
        assert_eq!(relative(n(".3333"), n(".3333"), 100).unwrap(), (33, 34));
        assert_eq!(relative(n("-.1"), n("1.2"), 100).unwrap(), (-10, 120));
        assert_eq!(relative(n(".5"), n(".0001"), 100).unwrap(), (50, 1));
        assert!(relative(n("0"), n("1000"), 16_777_216).is_err());
    }

    /// Source 1000×500 at a resolution of 300: box, offset in it, rectangle, place in the composite, composite.
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
            let numbers = (layer.box_size, layer.offset, layer.rectangle, layer.place, layer.composite);
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
}
