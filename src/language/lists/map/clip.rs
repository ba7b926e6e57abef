//! Clipping polygons by Sutherland and Hodgman's algorithm.

use crate::base::geom::round_half_up;

use super::point::{Bounds, MapPoint};

/// The part of a polygon inside a rectangle. Where a polygon that is not convex falls into several parts, they stay
/// joined along the rectangle's edges.
pub(super) fn clipped(polygon: Vec<MapPoint>, clip: Bounds) -> Vec<MapPoint> {
    if polygon.iter().all(|point| clip.contains(*point)) {
        return polygon;
    }
    let polygon = half(&polygon, |p| p.x - clip.left, |a, b| upright(a, b, clip.left));
    let polygon = half(&polygon, |p| clip.right - p.x, |a, b| upright(a, b, clip.right));
    let polygon = half(&polygon, |p| p.y - clip.top, |a, b| level(a, b, clip.top));
    let polygon = half(&polygon, |p| clip.bottom - p.y, |a, b| level(a, b, clip.bottom));
    if is_hollow(&polygon, clip) { Vec::new() } else { polygon }
}

/// The polygon goes there and back along the rectangle's edges and covers nothing: it went around the rectangle.
fn is_hollow(polygon: &[MapPoint], clip: Bounds) -> bool {
    let edges = || polygon.iter().zip(polygon.iter().skip(1).chain(polygon.first()));
    let along = |(a, b): (&MapPoint, &MapPoint)| {
        (a.x == b.x && (a.x == clip.left || a.x == clip.right))
            || (a.y == b.y && (a.y == clip.top || a.y == clip.bottom))
    };
    let twice_area: i128 =
        edges().map(|(a, b)| i128::from(a.x) * i128::from(b.y) - i128::from(b.x) * i128::from(a.y)).sum();
    twice_area == 0 && edges().all(along)
}

/// The part on one side of a line: where `depth` is not below 0. `cut` finds where an edge meets the line.
fn half(
    polygon: &[MapPoint],
    depth: impl Fn(MapPoint) -> i64,
    cut: impl Fn(MapPoint, MapPoint) -> MapPoint,
) -> Vec<MapPoint> {
    let mut inside = Vec::with_capacity(polygon.len() + 4);
    let Some(&last) = polygon.last() else { return inside };
    let mut from = last;
    for &to in polygon {
        match (depth(from) >= 0, depth(to) >= 0) {
            (true, true) => inside.push(to),
            (true, false) => inside.push(cut(from, to)),
            (false, true) => inside.extend([cut(from, to), to]),
            (false, false) => {}
        }
        from = to;
    }
    inside
}

/// Where an edge that crosses the upright line at `x` meets it.
fn upright(a: MapPoint, b: MapPoint, x: i64) -> MapPoint {
    MapPoint { x, y: between((a.x, a.y), (b.x, b.y), x) }
}

/// Where an edge that crosses the level line at `y` meets it.
fn level(a: MapPoint, b: MapPoint, y: i64) -> MapPoint {
    MapPoint { x: between((a.y, a.x), (b.y, b.x), y), y }
}

/// The second coordinate of an edge where its first is `at`; the ends differ in the first.
fn between(a: (i64, i64), b: (i64, i64), at: i64) -> i64 {
    // The same from both sides: two areas that share an edge share its cut.
    let (a, b) = if a.0 <= b.0 { (a, b) } else { (b, a) };
    let run = i128::from(b.0) - i128::from(a.0);
    let rise = (i128::from(b.1) - i128::from(a.1)) * (i128::from(at) - i128::from(a.0));
    // Between the ends' coordinates, so the narrowing is exact.
    (i128::from(a.1) + round_half_up(rise, run.max(1))) as i64
}

#[cfg(test)]
mod tests {
    use super::super::point::ONE;
    use super::*;
    use proptest::prelude::*;

    const CLIP: Bounds = Bounds { left: 0, top: 0, right: 10 * ONE, bottom: 8 * ONE };

    fn points(pixels: &[(i64, i64)]) -> Vec<MapPoint> {
        pixels.iter().map(|&(x, y)| MapPoint { x: x * ONE, y: y * ONE }).collect()
    }

    #[test]
    fn corners_are_cut_off() {
        let triangle = points(&[(-4, 4), (5, -2), (14, 4)]);
        let mut corners = clipped(triangle, CLIP);
        corners.dedup();
        assert_eq!(corners.len(), 6);
        assert_eq!(corners[..2], points(&[(10, 4), (0, 4)]));
        assert_eq!(corners[3..5], points(&[(2, 0), (8, 0)]));
        let inside = points(&[(0, 0), (10, 8), (3, 5)]);
        assert_eq!(clipped(inside.clone(), CLIP), inside);
        assert_eq!(clipped(points(&[(20, 0), (30, 0), (30, 9)]), CLIP), []);
        assert_eq!(clipped(points(&[(-90, -90), (90, -90), (90, 90), (-90, 90)]), CLIP).len(), 4);
        assert_eq!(clipped(vec![], CLIP), []);
    }

    #[test]
    fn what_only_goes_around_is_gone_and_what_crosses_itself_is_not() {
        // A frame that is open below, around the rectangle.
        let frame = [(-2, 20), (-2, -2), (12, -2), (12, 20), (14, 20), (14, -4), (-4, -4), (-4, 20)];
        assert_eq!(clipped(points(&frame), CLIP), []);
        let bow_tie = points(&[(0, 0), (10, 8), (10, 0), (0, 8)]);
        assert_eq!(clipped(bow_tie.clone(), CLIP), bow_tie);
        assert_ne!(clipped(points(&[(-5, -4), (15, 12), (15, -4), (-5, 12)]), CLIP), []);
    }

    /// Whether a point lies inside.
    fn covers(polygon: &[MapPoint], at: MapPoint) -> bool {
        let mut inside = false;
        for (i, &a) in polygon.iter().enumerate() {
            let b = polygon[(i + 1) % polygon.len()];
            if (a.y > at.y) != (b.y > at.y) {
                let cross =
                    i128::from(b.x - a.x) * i128::from(at.y - a.y) - i128::from(at.x - a.x) * i128::from(b.y - a.y);
                inside ^= (cross > 0) == (b.y > a.y);
            }
        }
        inside
    }

    proptest! {
        #[test]
        fn a_clipped_triangle_covers_what_both_cover(corners in prop::array::uniform3((-30i64..30, -30i64..30))) {
            let triangle = points(&corners);
            let part = clipped(triangle.clone(), CLIP);
            prop_assert!(part.iter().all(|point| CLIP.contains(*point)));
            // Points that no cut, which is rounded, comes near to.
            for y in 0..8 {
                for x in 0..10 {
                    let at = MapPoint { x: x * ONE + 20_011, y: y * ONE + 32_003 };
                    prop_assert_eq!(covers(&part, at), covers(&triangle, at), "{:?}", at);
                }
            }
        }

        #[test]
        fn any_polygon_ends_up_inside(corners in prop::collection::vec((any::<i64>(), any::<i64>()), 0..30)) {
            let polygon = corners.iter().map(|&(x, y)| MapPoint { x, y }.clamped()).collect();
            prop_assert!(clipped(polygon, CLIP).iter().all(|point| CLIP.contains(*point)));
        }
    }
}
