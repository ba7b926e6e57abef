//! The rules of `responses.md` §4.3, one after the other.

use proptest::prelude::*;

use super::point::FAR;
use super::point::ONE;
use super::*;
use crate::base::geom::round_half_up;

/// An affine map in exact fractions: `(x[0]·px + x[1]·py + x[2]) / den`, and the same with `y`, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Affine {
    x: [i64; 3],
    y: [i64; 3],
    /// Greater than 0.
    den: i64,
}

impl Affine {
    const IDENTITY: Self = Self { x: [1, 0, 0], y: [0, 1, 0], den: 1 };
}

impl PointMap for Affine {
    fn point(&self, point: MapPoint) -> MapPoint {
        // Below 2⁶³ · (2⁴⁷ + 2⁴⁷ + 2¹⁶) < 2¹¹².
        let along = |[by_x, by_y, offset]: [i64; 3]| {
            let sum = i128::from(by_x) * i128::from(point.x)
                + i128::from(by_y) * i128::from(point.y)
                + i128::from(offset) * i128::from(ONE);
            let far = i128::from(FAR * ONE);
            // Between the bounds, so the narrowing is exact.
            round_half_up(sum, i128::from(self.den.max(1))).clamp(-far, far) as i64
        };
        MapPoint { x: along(self.x), y: along(self.y) }
    }

    fn is_identity(&self) -> bool {
        self.x == [self.den, 0, 0] && self.y == [0, self.den, 0]
    }

    fn rotates(&self) -> bool {
        let ([xx, xy, _], [yx, yy, _]) = (self.x, self.y);
        (xy, yx) != (0, 0) && (xx, yy) != (0, 0)
    }
}

const WHOLE: Bounds = Bounds { left: i64::MIN, top: i64::MIN, right: i64::MAX, bottom: i64::MAX };

/// `numerator / denominator` of the size, then moved by whole pixels.
const fn scaled(numerator: i64, denominator: i64, (x, y): (i64, i64)) -> Affine {
    Affine { x: [numerator, 0, x * denominator], y: [0, numerator, y * denominator], den: denominator }
}

const HALF: Affine = scaled(1, 2, (0, 0));

fn layer<'a>(areas: &'a str, map: &'a Affine) -> MapLayer<'a> {
    MapLayer { areas, map, rect: WHOLE }
}

fn map(areas: &str, affine: &Affine) -> (String, Vec<String>) {
    let map = Map::composite(&[layer(areas, affine)], Size::new(200, 100));
    (text(&map), map.warnings.iter().map(ToString::to_string).collect())
}

fn moved(areas: &str, affine: &Affine) -> String {
    let (text, warnings) = map(areas, affine);
    assert_eq!(warnings, [""; 0], "{areas}");
    text
}

fn text(map: &Map<'_>) -> String {
    String::from_utf8(map.body(&Style::TEXT)).unwrap()
}

fn style(format: ReplyFormat) -> Style {
    Style::List { format, handler: "s7jsonResponse".into(), id: "7".into() }
}

fn xml(map: &Map<'_>) -> String {
    let body = String::from_utf8(map.body(&style(ReplyFormat::Xml(TextEncoding::Utf8)))).unwrap();
    let rest = body.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n<map>").unwrap();
    rest.strip_suffix("</map>\r\n").unwrap().to_owned()
}

#[test]
fn a_plain_record_is_delivered_word_for_word() {
    let field = "<!-- x --><AREA SHAPE=CIRCLE COORDS=\"5%,5,900000\" HREF='a?b&amp;c'>\r\n<area>";
    let map = Map::verbatim(field);
    assert_eq!(text(&map), field);
    assert_eq!(
        map.body(&style(ReplyFormat::Json)),
        "/*jsonp*/s7jsonResponse({\"map\":\"\\u003c!-- x --\\u003e\\u003cAREA SHAPE=CIRCLE \
         COORDS=\\\"5%,5,900000\\\" HREF='a?b\\u0026amp;c'\\u003e\\r\\n\\u003carea\\u003e\"},\"7\");"
            .as_bytes()
    );
    assert_eq!(xml(&map), "<area SHAPE=\"CIRCLE\" COORDS=\"5%,5,900000\" HREF=\"a?b&amp;c\"/><area/>");
}

#[test]
fn without_areas_there_is_nothing_in_every_form() {
    for map in
        [Map::verbatim(""), Map::composite(&[], Size::new(9, 9)), Map::composite(&[layer("x", &HALF)], Size::new(9, 9))]
    {
        assert_eq!(map.body(&Style::TEXT), b"");
        assert_eq!(map.body(&style(ReplyFormat::Json)), b"/*jsonp*/s7jsonResponse({\"map\":\"\"},\"7\");");
        assert_eq!(xml(&map), "<area/>");
    }
}

#[test]
fn rectangles_stay_rectangles_in_steps_of_a_right_angle() {
    let areas = "<area shape=rect coords=10,20,30,60>";
    let coords =
        |affine: Affine| moved(areas, &affine).replace("<area shape=\"rect\" coords=\"", "").replace("\">", "");
    assert_eq!(coords(HALF), "5,10,15,30");
    assert_eq!(coords(scaled(1, 1, (7, -5))), "17,15,37,55");
    // 10/4 and 30/4 lie halfway between pixels: up.
    assert_eq!(coords(scaled(1, 4, (0, 0))), "3,5,8,15");
    assert_eq!(coords(Affine { x: [-1, 0, 100], y: [0, 1, 0], den: 1 }), "70,20,90,60", "mirrored");
    assert_eq!(coords(Affine { x: [0, -1, 100], y: [1, 0, 0], den: 1 }), "40,10,80,30", "turned by 90°");
    assert_eq!(coords(Affine { x: [-1, 0, 100], y: [0, -1, 100], den: 1 }), "70,40,90,80", "turned by 180°");
    assert_eq!(moved("<area shape=rect coords=30,60,10,20>", &HALF), "<area shape=\"rect\" coords=\"5,10,15,30\">");
}

#[test]
fn rotated_rectangles_become_polygons() {
    // 3-4-5: 10,20 → 10·.6−20·.8+50 = 40, 10·.8+20·.6 = 20.
    let turned = Affine { x: [3, -4, 250], y: [4, 3, 0], den: 5 };
    assert_eq!(
        moved("<area shape=rect coords=10,20,20,30 href=x>", &turned),
        "<area shape=\"poly\" coords=\"40,20,46,28,38,34,32,26\" href=x>"
    );
    assert_eq!(
        moved("<area shape=poly coords=10,20,20,20,20,30>", &turned),
        "<area shape=\"poly\" coords=\"40,20,46,28,38,34\">"
    );
}

#[test]
fn areas_are_clipped_to_the_reply_and_to_their_layer() {
    let one = Affine::IDENTITY;
    let areas = "<area shape=rect coords=-5,90,50,110><area shape=poly coords=190,0,210,0,190,20><area shape=rect coords=200,0,300,9>";
    assert_eq!(
        moved(areas, &one),
        "<area shape=\"rect\" coords=\"0,90,50,100\"><area shape=\"poly\" coords=\"190,0,200,0,200,10,190,20\">"
    );
    let rect = Bounds { left: 10 * ONE, top: 0, right: 20 * ONE + ONE / 4, bottom: 5 * ONE };
    let clipped = MapLayer { areas: "<area shape=rect coords=0,0,99,99>", map: &one, rect };
    let composite = |layer| text(&Map::composite(&[layer], Size::new(200, 100)));
    assert_eq!(composite(clipped), "<area shape=\"rect\" coords=\"10,0,20,5\">");
    let outside = Bounds { left: 300 * ONE, top: 0, right: 400 * ONE, bottom: 9 * ONE };
    assert_eq!(composite(MapLayer { rect: outside, areas: "<area><area shape=circle coords=1,1,1>", ..clipped }), "");
    // What is less than half a pixel wide is empty.
    assert_eq!(moved("<area shape=rect coords=12,10,13,90>", &scaled(1, 3, (0, 0))), "");
    assert_eq!(moved("<area shape=poly coords=0,0,10,10,20,20>", &HALF), "", "a line");
    assert_eq!(
        moved("<area shape=poly coords=0,0,20,20,20,0,0,20>", &HALF),
        "<area shape=\"poly\" coords=\"0,0,10,10,10,0,0,10\">",
        "a bow tie"
    );
}

#[test]
fn no_shape_means_the_whole_layer() {
    let rect = Bounds { left: -ONE, top: 10 * ONE, right: 50 * ONE, bottom: 500 * ONE };
    let whole = |areas: &str| text(&Map::composite(&[MapLayer { areas, map: &HALF, rect }], Size::new(200, 100)));
    assert_eq!(whole("<AREA HREF=x>"), "<AREA shape=\"rect\" coords=\"0,10,50,100\" HREF=x>");
    assert_eq!(whole("<area/>"), "<area shape=\"rect\" coords=\"0,10,50,100\"/>");
    assert_eq!(
        whole("<AREA HREF=x SHAPE='DEFAULT' ALT=y>"),
        "<AREA HREF=x shape=\"rect\" coords=\"0,10,50,100\" ALT=y>"
    );
    assert_eq!(whole("<area coords=1,2,3,4 href=x>"), "<area shape=\"rect\" coords=\"0,10,50,100\" href=x>");
    assert_eq!(whole("<area COORDS=\"\" a SHAPE=default>"), "<area coords=\"0,10,50,100\" a shape=\"rect\">");
}

#[test]
fn only_shape_and_coordinates_change() {
    assert_eq!(
        moved("text<AREA  Coords=\"0,0,9,9\" HREF='a&amp;b?\"c' noHref\n SHAPE = Rect ALT=ü title=\"^\" />text", &HALF),
        "<AREA  coords=\"0,0,5,5\" HREF='a&amp;b?\"c' noHref\n shape=\"rect\" ALT=ü title=\"^\" />"
    );
    assert_eq!(
        moved("<area shape=rect coords=0,0,9,9 SHAPE=circle>", &HALF),
        "<area shape=\"rect\" coords=\"0,0,5,5\" SHAPE=circle>",
        "the first counts"
    );
    assert_eq!(
        moved("<area shape=\"rect\"coords=\"0,0,9,9\"href=x>", &HALF),
        "<area shape=\"rect\"coords=\"0,0,5,5\"href=x>"
    );
}

#[test]
fn what_does_not_move_stays_word_for_word() {
    let areas = "<AREA SHAPE=Rect COORDS=' 1, 2,3 4'><area shape=poly coords=0.5,0,9,0,0,9><area shape=circle coords=5,5,5>\
                 <area shape=rect coords=0,0,50%,50%><area shape=star>";
    assert_eq!(moved(areas, &Affine::IDENTITY), areas);
    assert_eq!(moved(areas, &Affine { x: [3, 0, 0], y: [0, 3, 0], den: 3 }), areas);
}

#[test]
fn what_cannot_be_moved_is_left_out_with_a_warning() {
    let areas = "<area shape=circle coords=5,5,5><area shape=rect coords=0,0,50%,9><area shape=rect coords=0,0,8,8>\
                 <area shape=rect coords=0,0>";
    let (text, warnings) = map(areas, &HALF);
    assert_eq!(text, "<area shape=\"rect\" coords=\"0,0,4,4\">");
    assert_eq!(
        warnings,
        [
            "<area shape=circle coords=5,5,5>: is a circle, which cannot be moved",
            "<area shape=rect coords=0,0,50%,9>: has coordinates in percent, which cannot be moved",
            "<area shape=rect coords=0,0>: has malformed coordinates, which cannot be moved"
        ]
    );
    assert_eq!(map(&"<area shape=circle>".repeat(100), &HALF).1.len(), MAX_WARNINGS);
}

#[test]
fn layers_keep_the_order_they_are_given_in() {
    let front = layer("<area shape=rect coords=0,0,4,4 id=2a><area shape=rect coords=0,0,8,8 id=2b>", &HALF);
    let comp = layer("<area id=comp>", &Affine::IDENTITY);
    let map = Map::composite(&[front, comp], Size::new(20, 10));
    assert_eq!(
        text(&map),
        "<area shape=\"rect\" coords=\"0,0,2,2\" id=2a><area shape=\"rect\" coords=\"0,0,4,4\" id=2b>\
         <area shape=\"rect\" coords=\"0,0,20,10\" id=comp>"
    );
    assert_eq!(
        xml(&map),
        "<area shape=\"rect\" coords=\"0,0,2,2\" id=\"2a\"/><area shape=\"rect\" coords=\"0,0,4,4\" id=\"2b\"/>\
         <area shape=\"rect\" coords=\"0,0,20,10\" id=\"comp\"/>"
    );
}

#[test]
fn xml_is_well_formed_whatever_the_elements_are() {
    let plain = |areas: &str| xml(&Map::verbatim(areas));
    assert_eq!(
        plain("<AREA Alt='say \"a<b>c\"' noHref href=a?b=1&c=2&amp;&lt;&#233;&#xE9;>"),
        "<area Alt=\"say &quot;a&lt;b&gt;c&quot;\" noHref=\"noHref\" href=\"a?b=1&amp;c=2&amp;&lt;&#233;&#xE9;\"/>"
    );
    assert_eq!(
        plain("<area a='&eacute;&;&#;&#x;&#0;&#xD800;&#+9;&apos;é\n'>"),
        "<area a=\"&amp;eacute;&amp;;&amp;#;&amp;#x;&amp;#0;&amp;#xD800;&amp;#+9;&apos;é&#10;\"/>"
    );
    assert_eq!(
        plain("<area a=1 A=2 x:href=3 xml:lang=de 4=5 ü=6 \"=7 on-x.y_z=8>"),
        "<area a=\"1\" xml:lang=\"de\" on-x.y_z=\"8\"/>"
    );
    let both = |areas: &str| xml(&Map::composite(&[layer(areas, &HALF)], Size::new(20, 10)));
    assert_eq!(
        both("<area Coords=0,0,4,4 href=x SHAPE=rect shape=circle>"),
        "<area coords=\"0,0,2,2\" href=\"x\" shape=\"rect\"/>"
    );
    assert_eq!(both("<area href=x>"), "<area shape=\"rect\" coords=\"0,0,20,10\" href=\"x\"/>");
    assert_eq!(both("<area a=1 shape=default>"), "<area a=\"1\" shape=\"rect\" coords=\"0,0,20,10\"/>");
    assert_eq!(both("<area COORDS='' a=1>"), "<area shape=\"rect\" coords=\"0,0,20,10\" a=\"1\"/>");
    let latin = Map::verbatim("<area alt=é€>").body(&style(ReplyFormat::Xml(TextEncoding::Latin1)));
    assert!(latin.ends_with(b"<map><area alt=\"\xe9&#8364;\"/></map>\r\n"));
}

proptest! {
    #[test]
    fn any_text_is_a_map(
        areas in "(<area|<AREA |/>|>|[ =\"'<,.;%-]|shape=|coords=|rect|poly|circle|default|[0-9]{1,30}|\\PC){0,40}",
        (x, y) in (any::<[i64; 3]>(), any::<[i64; 3]>()),
        den in 1i64..,
    ) {
        let affine = Affine { x, y, den };
        for affine in [affine, Affine::IDENTITY, HALF] {
            let rect = Bounds { left: i64::MIN, ..Bounds::of(Size::new(7, 9)) };
            let map = Map::composite(&[MapLayer { areas: &areas, map: &affine, rect }], Size::new(20, 10));
            for area in parse::areas(&text(&map)) {
                let Some(coords) = area.coords().filter(|_| affine != Affine::IDENTITY) else { continue };
                for pair in coords.split(',').collect::<Vec<_>>().chunks(2) {
                    prop_assert!((0..=7).contains(&pair[0].parse::<i64>().unwrap()));
                    prop_assert!((0..=9).contains(&pair[1].parse::<i64>().unwrap()));
                }
            }
            let body = xml(&map);
            prop_assert!(!body.contains('\n'));
        }
        let whole = Map::verbatim(&areas);
        prop_assert_eq!(text(&whole), &areas[..]);
        prop_assert_eq!(parse::areas(&xml(&whole)).len(), parse::areas(&areas).len().max(1));
    }

    #[test]
    fn doubling_and_halving_a_rectangle_gives_it_back(
        left in 0i64..50, top in 0i64..20, width in 1i64..50, height in 1i64..30,
    ) {
        let coords = format!("{left},{top},{},{}", left + width, top + height);
        let doubled = moved(&format!("<area shape=rect coords={coords}>"), &scaled(2, 1, (0, 0)));
        prop_assert_eq!(moved(&doubled, &HALF), format!("<area shape=\"rect\" coords=\"{coords}\">"));
    }
}
