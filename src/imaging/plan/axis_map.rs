//! Sampling grids: from the pixels of a view, or of a picture that is to be rotated, back to the stored pixels of the
//! source, one axis at a time.
//!
//! A [`ViewToFrame`] leads from view pixels to a frame, a [`FrameToStored`] from the frame to the stored axis. A frame is the
//! canvas or, where the layer is turned freely, the box.

use std::ops::Range;

use crate::base::geom::{Axis, Filter, Orientation, Rect, Shrink, Size, round_half_up};
use crate::imaging::scene::Flip;

use super::layer::LayerGeometry;
use super::stored::Stored;

/// Denominators of a grid are at most this. Finer grids, which take three long sides without a common factor, are
/// rounded to it, once for the whole view, so that tiles still join.
const MAX_DEN: i128 = 1 << 32;

/// A canvas's edge lies at most this many source pixels from the source.
pub(super) const MAX_REACH: i128 = 1 << 26;

/// One axis of a view transform: view pixels on one side, a frame on the other.
///
/// View pixel `v` is centred at `region_start + (v − left + ½) · region_len / placed_len` frame pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct ViewToFrame {
    pub(super) region_start: i64,
    pub(super) region_len: i64,
    pub(super) left: i64,
    pub(super) placed_len: i64,
}

impl ViewToFrame {
    /// Both axes of a region that lies at a place of the view, scaled.
    pub(super) fn pair(region: Rect, placed: Rect) -> [Self; 2] {
        let axis = |region_start, region_len: u32, left, placed_len: u32| Self {
            region_start,
            region_len: i64::from(region_len),
            left,
            placed_len: i64::from(placed_len),
        };
        [axis(region.x, region.width, placed.x, placed.width), axis(region.y, region.height, placed.y, placed.height)]
    }

    /// Twice `placed_len` times the centre of a view pixel: whole numbers only.
    pub(super) const fn center(&self, view: i64) -> i64 {
        2 * self.placed_len * self.region_start + (2 * (view - self.left) + 1) * self.region_len
    }

    /// The grid of view pixels on the frame: its denominator, the place of pixel 0, and the step to the next one.
    pub(super) const fn grid(&self) -> (i64, i64, i64) {
        (2 * self.placed_len, self.center(0), 2 * self.region_len)
    }

    /// The view pixels whose centre lies on a frame of that length.
    pub(super) fn content(&self, frame: u32) -> Range<i64> {
        // centre(v) ≥ 0 and centre(v) < 2 · placed_len · frame, solved for v; ceilings of the quotients.
        let first_at_least = |target: i64| {
            let numerator = i128::from(target)
                - 2 * i128::from(self.placed_len) * i128::from(self.region_start)
                - i128::from(self.region_len);
            let ceiling = -(-numerator).div_euclid(2 * i128::from(self.region_len));
            // A coordinate of the view, give or take its size: far inside i64.
            self.left + ceiling as i64
        };
        first_at_least(0)..first_at_least(2 * self.placed_len * i64::from(frame))
    }
}

/// A linear map of one axis: `(slope · c + shift) / den` for a coordinate `c` of the frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Affine1 {
    slope: i128,
    shift: i128,
    /// Greater than 0.
    den: i128,
}

impl Affine1 {
    const IDENTITY: Self = Self { slope: 1, shift: 0, den: 1 };

    /// Moves the result.
    const fn moved(self, by: i64) -> Self {
        Self { shift: self.shift + by as i128 * self.den, ..self }
    }

    /// Mirrors the result in a length.
    const fn mirrored(self, len: u32) -> Self {
        Self { slope: -self.slope, shift: len as i128 * self.den - self.shift, den: self.den }
    }

    /// Scales the result.
    const fn scaled(self, num: u32, den: u32) -> Self {
        Self { slope: self.slope * num as i128, shift: self.shift * num as i128, den: self.den * den as i128 }
    }

    /// The place of a frame coordinate, times the denominator.
    const fn at(self, frame: i64) -> i128 {
        self.slope * frame as i128 + self.shift
    }

    /// The whole pixels between the places of two frame coordinates; never empty.
    fn span(self, ends: [i64; 2]) -> Range<i128> {
        let [a, b] = ends.map(|end| self.at(end));
        let (low, high) = (a.min(b), a.max(b));
        let (start, end) = (round_half_up(low, self.den), round_half_up(high, self.den));
        if start < end { start..end } else { low.div_euclid(self.den)..-(-high).div_euclid(self.den) }
    }
}

/// One axis of a frame and the stored axis that it shows.
#[derive(Debug, Clone)]
pub(super) struct FrameToStored {
    line: Affine1,
    /// Length of the stored axis.
    source: u32,
    /// Stored pixels that show in the frame: cropped, boxed and cut off by its edges.
    shown: Range<i128>,
    /// Stored pixels, there or not, that the crop takes, boxed and cut off by the frame's edges.
    cropped: Range<i128>,
    /// Stored pixels, there or not, that the box covers within the frame.
    boxed: Range<i128>,
    /// Stored pixels, there or not, that the frame covers.
    frame: Range<i128>,
    /// The stored axis is the vertical one.
    vertical: bool,
}

/// Both axes of a frame, and how the samples along the stored axes become the frame's.
#[derive(Debug, Clone)]
pub(super) struct FrameMaps {
    pub(super) x: FrameToStored,
    pub(super) y: FrameToStored,
    pub(super) orientation: Orientation,
}

impl FrameMaps {
    /// The canvas as frame, of a layer that is turned by quarters.
    pub(super) fn of_canvas(layer: &LayerGeometry, stored: &Stored, quarters: u32) -> Self {
        let mirrored = |line: Affine1, flip: bool, len: u32| if flip { line.mirrored(len) } else { line };
        let to_rectangle = |flip: bool, len: u32, place: i64| mirrored(Affine1::IDENTITY, flip, len).moved(-place);
        let Flip { horizontally, vertically } = layer.canvas_flip;
        let across = to_rectangle(horizontally, layer.canvas.width, layer.place.0);
        let down = to_rectangle(vertically, layer.canvas.height, layer.place.1);
        let Size { width, height } = layer.box_size;
        // A pixel at (x, y) of the box lies at (height − y, x) after a quarter turn.
        let (box_x, box_y) = match quarters {
            0 => (across, down),
            1 => (down, across.mirrored(height)),
            2 => (across.mirrored(width), down.mirrored(height)),
            _ => (down.mirrored(width), across),
        };
        Self::from_box(layer, stored, [box_x, box_y], layer.canvas, quarters % 2 == 1)
    }

    /// The box as frame.
    pub(super) fn of_box(layer: &LayerGeometry, stored: &Stored) -> Self {
        Self::from_box(layer, stored, [Affine1::IDENTITY; 2], layer.box_size, false)
    }

    /// From maps that lead to the box; with `swapped` the frame's vertical axis leads to the box's horizontal one.
    fn from_box(layer: &LayerGeometry, stored: &Stored, [x, y]: [Affine1; 2], frame: Size, swapped: bool) -> Self {
        let frame = frame.swapped(swapped);
        let upright = stored.orientation;
        let horizontal = BoxToStored {
            flip: layer.flip.horizontally,
            box_len: layer.box_size.width,
            offset: layer.offset.0,
            scaled: layer.scaled.width,
            crop: layer.crop.columns(),
            source: layer.source.width,
            stored_reversed: upright.reverse_x,
        };
        let vertical = BoxToStored {
            flip: layer.flip.vertically,
            box_len: layer.box_size.height,
            offset: layer.offset.1,
            scaled: layer.scaled.height,
            crop: layer.crop.rows(),
            source: layer.source.height,
            stored_reversed: upright.reverse_y,
        };
        let x = horizontal.map(x, frame.width, upright.swap);
        let y = vertical.map(y, frame.height, !upright.swap);
        let (x, y) = if swapped { (y, x) } else { (x, y) };
        let orientation = Orientation { swap: x.vertical, reverse_x: x.line.slope < 0, reverse_y: y.line.slope < 0 };
        Self { x, y, orientation }
    }

    /// The stored axes: horizontal, vertical.
    pub(super) fn stored<T>(&self, x: T, y: T) -> (T, T) {
        if self.orientation.swap { (y, x) } else { (x, y) }
    }

    /// Some of the frame lies beyond what is there of the source.
    pub(super) fn has_margins(&self) -> bool {
        self.x.shown != self.x.frame || self.y.shown != self.y.frame
    }

    /// The box does not cover the whole frame.
    pub(super) fn box_has_margins(&self) -> bool {
        self.x.boxed != self.x.frame || self.y.boxed != self.y.frame
    }

    /// The crop reaches beyond the source in the frame.
    pub(super) fn crop_has_margins(&self) -> bool {
        self.x.shown != self.x.cropped || self.y.shown != self.y.cropped
    }

    /// The frame lies so far from the source that places can no longer be computed with.
    pub(super) fn is_out_of_reach(&self) -> bool {
        [&self.x, &self.y].iter().any(|axis| axis.frame.start < -MAX_REACH || axis.frame.end > MAX_REACH)
    }
}

/// The numbers between one axis of the box and the stored axis.
struct BoxToStored {
    flip: bool,
    box_len: u32,
    offset: i64,
    scaled: u32,
    crop: Range<i64>,
    source: u32,
    stored_reversed: bool,
}

impl BoxToStored {
    fn map(&self, to_box: Affine1, frame: u32, vertical: bool) -> FrameToStored {
        let line = if self.flip { to_box.mirrored(self.box_len) } else { to_box };
        // A crop is at most MAX_SIDE long.
        let crop_len = (self.crop.end - self.crop.start) as u32;
        let to_stored = |line: Affine1| {
            let line = line.moved(-self.offset).scaled(crop_len, self.scaled).moved(self.crop.start);
            if self.stored_reversed { line.mirrored(self.source) } else { line }
        };
        let line = to_stored(line);
        let frame = line.span([0, i64::from(frame)]);
        let of_box = to_stored(Affine1::IDENTITY).span([0, i64::from(self.box_len)]);
        let boxed = common(&of_box, &frame);
        let crop = if self.stored_reversed {
            i64::from(self.source) - self.crop.end..i64::from(self.source) - self.crop.start
        } else {
            self.crop.clone()
        };
        let cropped = common(&(i128::from(crop.start)..i128::from(crop.end)), &boxed);
        let shown = common(&(0..i128::from(self.source)), &cropped);
        FrameToStored { line, source: self.source, shown, cropped, boxed, frame, vertical }
    }
}

fn common(a: &Range<i128>, b: &Range<i128>) -> Range<i128> {
    let start = a.start.max(b.start);
    start..a.end.min(b.end).max(start)
}

impl FrameToStored {
    /// The pixels at a shrink of a range of stored ones. Shrunk pixels that straddle its ends are left out, so that
    /// nothing outside a crop shows; those at the source's own edges count.
    fn shrunk(&self, range: &Range<i128>, shrink: Shrink) -> Range<i64> {
        let factor = i128::from(shrink.factor());
        let ceiling = |value: i128| -(-value).div_euclid(factor);
        let start = if range.start <= 0 { range.start.div_euclid(factor) } else { ceiling(range.start) };
        let outermost = range.end >= i128::from(self.source);
        let end = if outermost { ceiling(range.end) } else { range.end.div_euclid(factor) };
        // Within MAX_REACH.
        start as i64..end.max(start) as i64
    }

    /// Pixels that are there at a shrink.
    pub(super) fn shown_at(&self, shrink: Shrink) -> u64 {
        let shown = self.shrunk(&self.shown, shrink);
        shown.end.abs_diff(shown.start)
    }

    /// The grid's terms: place of view pixel 0, its step from one to the next, and their denominator.
    fn grid(&self, view: &ViewToFrame, shrink: Shrink) -> (i128, i128, i128) {
        let double = 2 * i128::from(view.placed_len);
        let den = self.line.den * double * i128::from(shrink.factor());
        let first = self.line.slope * i128::from(view.center(0)) + self.line.shift * double;
        let step = self.line.slope * 2 * i128::from(view.region_len);
        let divisor = greatest_common_divisor(greatest_common_divisor(first, step), den);
        let (first, step, den) = (first / divisor, step / divisor, den / divisor);
        if den <= MAX_DEN {
            return (first, step, den);
        }
        // At most 2⁷⁵ before, so there is room.
        let rounded = |value: i128| round_half_up(value * MAX_DEN, den);
        let rounded_step = rounded(step);
        (rounded(first), if rounded_step == 0 { step.signum() } else { rounded_step }, MAX_DEN)
    }

    /// The sampling grid of some view pixels, not none, on the stored axis at a shrink.
    pub(super) fn axis(&self, view: &ViewToFrame, pixels: Range<i64>, shrink: Shrink) -> Axis {
        let (first, step, den) = self.grid(view, shrink);
        let ascending = if step < 0 { pixels.end - 1 } else { pixels.start };
        Axis {
            // Sampled pixels lie within the view, whose sides are at most MAX_SIDE.
            len: (pixels.end - pixels.start) as u32,
            // Within MAX_REACH · MAX_DEN.
            first: (first + i128::from(ascending) * step) as i64,
            step: step.abs() as i64,
            den: den as i64,
            bounds: self.shrunk(&self.frame, shrink),
            exists: self.shrunk(&self.shown, shrink),
        }
    }

    /// What [`axis`](Self::axis) gives, of a source that is there wherever the box is; moved so that its pixels count
    /// from 0.
    pub(super) fn cover(&self, axis: &Axis, shrink: Shrink) -> Axis {
        self.covered(&self.boxed, axis, shrink)
    }

    /// The same of a source that is there wherever the crop reaches, and of the source as it is.
    pub(super) fn gap(&self, axis: &Axis, shrink: Shrink) -> [Axis; 2] {
        [&self.cropped, &self.shown].map(|range| self.covered(range, axis, shrink))
    }

    fn covered(&self, range: &Range<i128>, axis: &Axis, shrink: Shrink) -> Axis {
        let (exists, by) = (self.shrunk(range, shrink), axis.bounds.start);
        Axis {
            first: axis.first - by * axis.den,
            bounds: 0..axis.bounds.end - by,
            exists: exists.start - by..exists.end - by,
            ..axis.clone()
        }
    }

    /// A view pixel covers at least `num / den · factor` stored ones.
    fn reduces(&self, view: &ViewToFrame, num: i64, den: i64, factor: i64) -> bool {
        let stored = self.line.slope.abs() * i128::from(view.region_len) * i128::from(den);
        stored >= self.line.den * i128::from(view.placed_len) * i128::from(num) * i128::from(factor)
    }
}

/// Of two numbers that are not both 0; positive.
fn greatest_common_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.abs()
}

/// Shrunk pixels that a side must keep, so that leaving out those at its edges stays invisible.
const MIN_SHRUNK_SIDE: u64 = 8;

/// The strongest shrink that leaves the resampler enough to do: a fixed rule of the filter and the reduction.
///
/// The shrunk picture may be as small as 1 time the view for `bilin`, 1.5 times for `bicub` and twice for `sharp2` and
/// `bisharp`: the sharper the filter, the more of the fine detail that a shrink takes away would have shown.
pub(super) fn shrink(filter: Filter, views: &[ViewToFrame; 2], frame: &FrameMaps) -> Shrink {
    let (num, den) = match filter {
        Filter::Bilin => (1, 1),
        Filter::Bicub => (3, 2),
        Filter::Sharp2 | Filter::Bisharp => (2, 1),
    };
    let pairs = [(&frame.x, &views[0]), (&frame.y, &views[1])];
    let enough = |shrink: Shrink| {
        pairs.iter().all(|(axis, view)| {
            axis.reduces(view, num, den, i64::from(shrink.factor())) && axis.shown_at(shrink) >= MIN_SHRUNK_SIDE
        })
    };
    Shrink::STRONGEST_FIRST.into_iter().find(|&shrink| enough(shrink)).unwrap_or(Shrink::Full)
}
