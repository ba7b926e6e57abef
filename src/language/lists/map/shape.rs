//! Shapes of areas: read, moved, clipped and written in whole pixels.

use super::clip::clipped;
use super::point::{Bounds, FAR, MapPoint, ONE, PointMap};

/// What becomes of an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It stays word for word.
    Same,
    Changed(Drawn),
    /// Nothing of it is visible.
    Gone,
    /// It would have to change and cannot.
    Unsupported(&'static str),
}

/// New values of the attributes `shape` and `coords`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) shape: &'static str,
    pub(super) coords: String,
}

/// What becomes of an area with these attributes in a layer that is moved by `map` and visible in `clip`.
pub(super) fn transformed(shape: Option<&str>, coords: Option<&str>, map: &dyn PointMap, clip: Bounds) -> Outcome {
    match Shape::read(shape, coords) {
        Ok(Shape::Whole) => rectangle(clip).map_or(Outcome::Gone, Outcome::Changed),
        Ok(Shape::Rect(a, b)) => moved_rect(a, b, map, clip),
        Ok(Shape::Poly(points)) => moved_poly(points, map, clip),
        // Without a transform there is no need to understand it.
        Err(_) if map.is_identity() => Outcome::Same,
        Err(reason) => Outcome::Unsupported(reason),
    }
}

fn moved_rect(a: MapPoint, b: MapPoint, map: &dyn PointMap, clip: Bounds) -> Outcome {
    if map.rotates() {
        return moved_poly(Bounds::around(a, b).corners().to_vec(), map, clip);
    }
    let moved = Bounds::around(map.point(a).clamped(), map.point(b).clamped());
    match moved.intersection(clip) {
        Some(visible) if map.is_identity() && visible == moved => Outcome::Same,
        Some(visible) => rectangle(visible).map_or(Outcome::Gone, Outcome::Changed),
        None => Outcome::Gone,
    }
}

fn moved_poly(points: Vec<MapPoint>, map: &dyn PointMap, clip: Bounds) -> Outcome {
    if map.is_identity() && points.iter().all(|point| clip.contains(*point)) {
        return Outcome::Same;
    }
    let moved = points.into_iter().map(|point| map.point(point).clamped()).collect();
    polygon(&clipped(moved, clip)).map_or(Outcome::Gone, Outcome::Changed)
}

/// A rectangle in whole pixels; `None` if none is left.
fn rectangle(bounds: Bounds) -> Option<Drawn> {
    let [left, top, right, bottom] = [bounds.left, bounds.top, bounds.right, bounds.bottom].map(rounded);
    (left < right && top < bottom).then(|| Drawn { shape: "rect", coords: format!("{left},{top},{right},{bottom}") })
}

/// A polygon in whole pixels; `None` if all its points lie on one line.
fn polygon(points: &[MapPoint]) -> Option<Drawn> {
    let mut whole: Vec<(i64, i64)> = points.iter().map(|point| (rounded(point.x), rounded(point.y))).collect();
    whole.dedup();
    if whole.len() > 1 && whole.first() == whole.last() {
        whole.pop();
    }
    let (first, rest) = whole.split_first()?;
    let second = rest.first()?;
    let from_first = |point: &(i64, i64)| (i128::from(point.0 - first.0), i128::from(point.1 - first.1));
    let (across, down) = from_first(second);
    let beside = |point: &(i64, i64)| {
        let (x, y) = from_first(point);
        across * y != x * down
    };
    if !rest.iter().any(beside) {
        return None;
    }
    let coords = whole.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(",");
    Some(Drawn { shape: "poly", coords })
}

/// To whole pixels, halves up, also below zero.
const fn rounded(steps: i64) -> i64 {
    (steps + ONE / 2) >> 16
}

#[derive(Debug, PartialEq, Eq)]
enum Shape {
    /// The layer's rectangle.
    Whole,
    Rect(MapPoint, MapPoint),
    Poly(Vec<MapPoint>),
}

impl Shape {
    fn read(shape: Option<&str>, coords: Option<&str>) -> Result<Self, &'static str> {
        // `<area shape=rect/>`: the solidus ends the element.
        let shape = shape.unwrap_or("").trim().trim_end_matches('/').to_ascii_lowercase();
        let is_poly = match shape.as_str() {
            "" | "default" => return Ok(Self::Whole),
            "rect" | "rectangle" => false,
            "poly" | "polygon" => true,
            "circle" | "circ" => return Err("is a circle, which cannot be moved"),
            _ => return Err("is of an unknown shape, which cannot be moved"),
        };
        let coords = coords.unwrap_or("").trim_end_matches('/');
        if coords.contains('%') {
            return Err("has coordinates in percent, which cannot be moved");
        }
        let malformed = "has malformed coordinates, which cannot be moved";
        let numbers: Vec<i64> = coords
            .split([',', ';', ' ', '\t', '\r', '\n'])
            .filter(|number| !number.is_empty())
            .map(|number| steps(number).ok_or(malformed))
            .collect::<Result<_, _>>()?;
        let points: Vec<MapPoint> = numbers.as_chunks::<2>().0.iter().map(|&[x, y]| MapPoint { x, y }).collect();
        match points.as_slice() {
            &[a, b, ..] if !is_poly => Ok(Self::Rect(a, b)),
            [_, _, _, ..] if is_poly => Ok(Self::Poly(points)),
            _ => Err(malformed),
        }
    }
}

/// A decimal number of pixels in steps, rounded; beyond what any picture has, the bound.
fn steps(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..)?),
        [b'+', ..] => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let legal = |digits: &str| digits.bytes().all(|c| c.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !legal(whole) || !legal(fraction) {
        return None;
    }
    let value = |digits: &mut dyn Iterator<Item = u8>| {
        digits.fold(0i64, |value, digit| (value * 10 + i64::from(digit - b'0')).min(FAR))
    };
    let pixels = value(&mut whole.bytes());
    // Six digits after the point say more than a step does.
    let millionths = value(&mut fraction.bytes().chain(std::iter::repeat(b'0')).take(6));
    let steps = (pixels * ONE + (millionths * ONE + 500_000) / 1_000_000).min(FAR * ONE);
    Some(if negative { -steps } else { steps })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(x: i64, y: i64) -> MapPoint {
        MapPoint { x: x * ONE, y: y * ONE }
    }

    #[test]
    fn numbers_are_read_in_steps() {
        let cases = [
            ("0", 0),
            ("12", 12 * ONE),
            ("-3", -3 * ONE),
            ("+1.5", ONE + ONE / 2),
            (".25", ONE / 4),
            ("2.", 2 * ONE),
            ("0.000008", 1),
            ("99999999999999999999999999", FAR * ONE),
            ("-99999999999999999999999999.9", -FAR * ONE),
        ];
        for (text, expected) in cases {
            assert_eq!(steps(text), Some(expected), "{text}");
        }
        for text in ["", "-", ".", "1e3", "0x1", "½", "1-", "--1", "1.2.3", "50%"] {
            assert_eq!(steps(text), None, "{text}");
        }
    }

    #[test]
    fn shapes_are_read_in_any_spelling() {
        let rect = Ok(Shape::Rect(at(1, 2), at(3, 4)));
        for (shape, coords) in
            [("RECT", "1,2,3,4"), ("Rectangle", " 1 2\n3;4 "), ("rect", "1,2,3,4,5"), ("rect", "1,,2,3,4/")]
        {
            assert_eq!(Shape::read(Some(shape), Some(coords)), rect);
        }
        let triangle = Ok(Shape::Poly(vec![at(0, 0), at(9, 0), at(0, -9)]));
        assert_eq!(Shape::read(Some("POLYGON"), Some("0,0, 9,0, 0,-9, 7")), triangle);
        assert_eq!(Shape::read(Some("poly/"), Some("0,0,9,0,0,-9")), triangle);
        for shape in [None, Some(""), Some("DEFAULT"), Some(" default ")] {
            assert_eq!(Shape::read(shape, Some("1,2,3,4")), Ok(Shape::Whole));
        }
    }

    #[test]
    fn what_cannot_be_moved_says_why() {
        let cases = [
            ("circle", Some("1,2,3"), "is a circle, which cannot be moved"),
            ("CIRC", None, "is a circle, which cannot be moved"),
            ("star", None, "is of an unknown shape, which cannot be moved"),
            ("rect", Some("0,0,50%,50%"), "has coordinates in percent, which cannot be moved"),
            ("rect", Some("1,2,3"), "has malformed coordinates, which cannot be moved"),
            ("rect", None, "has malformed coordinates, which cannot be moved"),
            ("poly", Some("1,2,3,4,5"), "has malformed coordinates, which cannot be moved"),
            ("poly", Some("1,2,a,4,5,6"), "has malformed coordinates, which cannot be moved"),
        ];
        for (shape, coords, expected) in cases {
            assert_eq!(Shape::read(Some(shape), coords), Err(expected));
        }
    }

    #[test]
    fn halves_round_up_on_both_sides_of_zero() {
        let cases = [(0, 0), (ONE / 2, 1), (ONE / 2 - 1, 0), (-ONE / 2, 0), (-ONE / 2 - 1, -1), (-3 * ONE / 2, -1)];
        for (steps, expected) in cases {
            assert_eq!(rounded(steps), expected, "{steps}");
        }
    }
}
