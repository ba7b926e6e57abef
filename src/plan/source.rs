//! From the view back to the stored pixels of the source: crop, flip, orientation, sampling grid, shrink
//! (`protocol.md` §3.2, §3.5).

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::Header;
use crate::geometry::{Axis, Filter, MAX_SIDE, Orientation, Rect, Shrink, Size, round_half_up};
use crate::request::{Crop, Flip, Real};

use super::view::View;

/// A cropped and mirrored source: the composite of a single image.
#[derive(Debug)]
pub(super) struct Cropped {
    pub(super) x: Side,
    pub(super) y: Side,
    /// From stored to upright and mirrored.
    pub(super) orientation: Orientation,
}

/// One upright axis of a cropped source.
#[derive(Debug)]
pub(super) struct Side {
    /// Length of the whole source along this axis.
    source: u32,
    /// Where the crop starts on the upright, unmirrored source; may be negative.
    start: i64,
    /// Length of the crop.
    len: u32,
    /// The crop is mirrored.
    flip: bool,
    /// The stored axis runs against the upright, unmirrored one.
    stored_reversed: bool,
}

impl Cropped {
    /// Crops a source, then mirrors it.
    ///
    /// # Errors
    ///
    /// A side of the source or of the crop is longer than the engine computes with.
    pub(super) fn new(header: &Header, crop: Option<Crop>, flip: Flip) -> Result<Self> {
        let size = header.size();
        let rect = match crop {
            None => Rect::at_origin(size),
            Some(Crop::Pixels(rect)) => rect,
            Some(Crop::Relative([x, y, width, height])) => {
                let (columns, rows) = (relative(x, width, size.width)?, relative(y, height, size.height)?);
                Rect::new(columns.0, rows.0, columns.1, rows.1)
            }
        };
        if size.width.max(size.height) > MAX_SIDE {
            return Err(Error::new(ErrorKind::Limit, "is longer than 16777216 pixels").at("side of the source"));
        }
        let upright = header.orientation;
        Ok(Self {
            x: Side {
                source: size.width,
                start: rect.x,
                len: rect.width,
                flip: flip.horizontally,
                stored_reversed: upright.reverse_x,
            },
            y: Side {
                source: size.height,
                start: rect.y,
                len: rect.height,
                flip: flip.vertically,
                stored_reversed: upright.reverse_y,
            },
            orientation: upright.then_flip(flip.horizontally, flip.vertically),
        })
    }

    pub(super) const fn size(&self) -> Size {
        Size::new(self.x.len, self.y.len)
    }
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
        _ => Err(Error::new(ErrorKind::Limit, "is longer than 16777216 pixels").at("side of the crop")),
    }
}

impl Side {
    /// The crop reaches beyond the source.
    pub(super) fn has_margin(&self) -> bool {
        self.start < 0 || self.start + i64::from(self.len) > i64::from(self.source)
    }

    /// Where the crop lies on the stored axis.
    fn stored(&self) -> Range<i64> {
        let (start, end) = (self.start, self.start + i64::from(self.len));
        let source = i64::from(self.source);
        if self.stored_reversed { source - end..source - start } else { start..end }
    }

    /// The stored axis runs against the composite's.
    const fn reversed(&self) -> bool {
        self.stored_reversed != self.flip
    }

    /// The pixels at a shrink that weights may be normalised over. Shrunk pixels that straddle the edge of a crop are
    /// left out, so that nothing outside the crop shows; those at the source's own edge count.
    fn bounds(&self, shrink: Shrink) -> Range<i64> {
        let Range { start, end } = self.stored();
        let factor = i64::from(shrink.factor());
        let outward_start = start.div_euclid(factor);
        let outward_end = -(-end).div_euclid(factor);
        let start = if start <= 0 { outward_start } else { -(-start).div_euclid(factor) };
        let end = if end >= i64::from(self.source) { outward_end } else { end.div_euclid(factor) };
        start..end
    }
}

/// One axis of the view transform: view pixels on one side, the composite on the other.
///
/// View pixel `v` is centred at `region_start + (v − left + ½) · region_len / placed_len` composite pixels.
#[derive(Debug)]
pub(super) struct Lane {
    region_start: i64,
    region_len: i64,
    left: i64,
    placed_len: i64,
    composite: i64,
}

impl Lane {
    pub(super) fn horizontal(view: &View, composite: Size) -> Self {
        Self {
            region_start: view.region.x,
            region_len: i64::from(view.region.width),
            left: view.placed.x,
            placed_len: i64::from(view.placed.width),
            composite: i64::from(composite.width),
        }
    }

    pub(super) fn vertical(view: &View, composite: Size) -> Self {
        Self {
            region_start: view.region.y,
            region_len: i64::from(view.region.height),
            left: view.placed.y,
            placed_len: i64::from(view.placed.height),
            composite: i64::from(composite.height),
        }
    }

    /// Twice `placed_len` times the centre of a view pixel: whole numbers only.
    const fn centre(&self, view: i64) -> i64 {
        2 * self.placed_len * self.region_start + (2 * (view - self.left) + 1) * self.region_len
    }

    /// The view pixels whose centre lies on the composite.
    pub(super) fn content(&self) -> Range<i64> {
        // centre(v) ≥ 0 and centre(v) < 2 · placed_len · composite, solved for v; ceilings of the quotients.
        let first_at_least = |target: i64| {
            let numerator = i128::from(target)
                - 2 * i128::from(self.placed_len) * i128::from(self.region_start)
                - i128::from(self.region_len);
            let ceiling = -(-numerator).div_euclid(2 * i128::from(self.region_len));
            // A coordinate of the view, give or take its size: far inside i64.
            self.left + ceiling as i64
        };
        first_at_least(0)..first_at_least(2 * self.placed_len * self.composite)
    }

    /// The sampling grid of some view pixels, not none, on the stored axis at a shrink.
    pub(super) fn axis(&self, view: Range<i64>, side: &Side, shrink: Shrink) -> Axis {
        let den = 2 * self.placed_len;
        let stored = side.stored();
        let first = if side.reversed() {
            stored.end * den - self.centre(view.end - 1)
        } else {
            stored.start * den + self.centre(view.start)
        };
        let factor = shrink.factor();
        Axis {
            // Sampled pixels lie within the view, whose sides are at most MAX_SIDE.
            len: (view.end - view.start) as u32,
            first,
            step: 2 * self.region_len,
            den: den * i64::from(factor),
            bounds: side.bounds(shrink),
            exists: 0..i64::from(side.source.div_ceil(factor)),
        }
    }
}

/// Shrunk pixels that a cropped side must keep, so that leaving out those at its edges stays invisible.
const MIN_SHRUNK_SIDE: i64 = 8;

/// The strongest shrink that leaves the resampler enough to do: a fixed rule of the filter and the reduction.
///
/// The shrunk picture may be as small as 1 time the view for `bilin`, 1.5 times for `bicub` and twice for `sharp2` and
/// `bisharp`: the sharper the filter, the more of the fine detail that a shrink takes away would have shown.
pub(super) fn shrink(filter: Filter, lanes: [&Lane; 2], cropped: &Cropped) -> Shrink {
    let (num, den) = match filter {
        Filter::Bilin => (1, 1),
        Filter::Bicub => (3, 2),
        Filter::Sharp2 | Filter::Bisharp => (2, 1),
    };
    let leaves_enough = |factor: i64| lanes.iter().all(|lane| lane.region_len * den >= lane.placed_len * num * factor);
    let keeps_edges = |shrink: Shrink| {
        [&cropped.x, &cropped.y].iter().all(|side| {
            let bounds = side.bounds(shrink);
            bounds.end - bounds.start >= MIN_SHRUNK_SIDE
        })
    };
    Shrink::STRONGEST_FIRST
        .into_iter()
        .find(|&shrink| leaves_enough(i64::from(shrink.factor())) && keeps_edges(shrink))
        .unwrap_or(Shrink::Full)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(source: u32, start: i64, len: u32) -> Side {
        Side { source, start, len, flip: false, stored_reversed: false }
    }

    #[test]
    fn shrunk_bounds_stay_inside_the_crop_but_reach_the_source_edge() {
        assert_eq!(side(100, 0, 100).bounds(Shrink::Eighth), 0..13);
        assert_eq!(side(100, 4, 96).bounds(Shrink::Eighth), 1..13);
        assert_eq!(side(100, 8, 83).bounds(Shrink::Eighth), 1..11);
        assert_eq!(side(100, -4, 104).bounds(Shrink::Eighth), -1..13);
        assert_eq!(side(100, 0, 109).bounds(Shrink::Eighth), 0..14);
        let reversed = Side { stored_reversed: true, ..side(100, 4, 96) };
        assert_eq!(reversed.bounds(Shrink::Full), 0..96);
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

    #[test]
    fn content_is_where_centres_fall_on_the_composite() {
        // A region of 500 from 250 on, of 1000, scaled to 100 and placed at 50: the composite covers 0..200.
        let lane = Lane { region_start: 250, region_len: 500, left: 50, placed_len: 100, composite: 1000 };
        assert_eq!(lane.content(), 0..200);
        let whole = Lane { region_start: 0, region_len: 7, left: -3, placed_len: 20, composite: 7 };
        assert_eq!(whole.content(), -3..17);
    }

    #[test]
    fn a_mirrored_axis_samples_the_mirrored_points() {
        let lane = Lane { region_start: 0, region_len: 10, left: 0, placed_len: 4, composite: 10 };
        let forward = lane.axis(0..4, &side(10, 0, 10), Shrink::Full);
        let mirrored = lane.axis(0..4, &Side { flip: true, ..side(10, 0, 10) }, Shrink::Full);
        assert_eq!(forward, mirrored, "a whole axis is its own mirror image");
        let tile = lane.axis(0..1, &Side { flip: true, ..side(10, 0, 10) }, Shrink::Full);
        assert_eq!(tile.first, forward.first + 3 * forward.step);
    }
}
