//! The worked cases of `protocol.md` §3.8, every row, and the rules they leave open.

use super::*;
use crate::language::resolve::scene_of;

const COMPOSITE: Size = Size::new(1000, 500);

fn view_with(ini: &str, query: &str) -> Result<ViewGeometry> {
    of_extent(ini, query, Extent::Delivered)
}

fn of_extent(ini: &str, query: &str, extent: Extent) -> Result<ViewGeometry> {
    let scene = scene_of(ini, query);
    view(COMPOSITE, &scene.view, scene.layers[0].size, extent)
}

fn of(query: &str) -> Result<ViewGeometry> {
    view_with("DefaultPix=400,400\nMaxPix=2000,2000", query)
}

/// Reply size and where the scaled region lies in it.
fn numbers(query: &str) -> ((u32, u32), (i64, i64, u32, u32)) {
    let ViewGeometry { placed, reply, .. } = of(query).unwrap();
    ((reply.width, reply.height), (placed.x - reply.x, placed.y - reply.y, placed.width, placed.height))
}

#[test]
fn worked_cases() {
    // query, reply, position and size of the scaled region in the reply
    let cases = [
        ("", (400, 200), (0, 0, 400, 200)),
        ("scl=2", (500, 250), (0, 0, 500, 250)),
        ("wid=200", (200, 100), (0, 0, 200, 100)),
        ("scl=1", (1000, 500), (0, 0, 1000, 500)),
        ("hei=200", (400, 200), (0, 0, 400, 200)),
        ("wid=200&hei=200", (200, 200), (0, 50, 200, 100)),
        ("scl=0.4&rect=0,0,2000,1250", (2000, 1250), (0, 0, 2500, 1250)),
        ("wid=200&hei=200&align=0,-1", (200, 200), (0, 0, 200, 100)),
        ("wid=200&hei=200&align=0,1", (200, 200), (0, 100, 200, 100)),
        ("scl=2&wid=200&hei=200", (200, 200), (-150, -25, 500, 250)),
        ("wid=200&hei=200&fit=constrain", (200, 100), (0, 0, 200, 100)),
        ("scl=2&wid=200", (200, 250), (-150, 0, 500, 250)),
        ("wid=200&hei=200&fit=crop", (200, 200), (-100, 0, 400, 200)),
        ("scl=2&wid=600&hei=250&align=1,0", (600, 250), (100, 0, 500, 250)),
        ("wid=200&hei=200&fit=wrap", (400, 200), (0, 0, 400, 200)),
        ("rgn=0,0,500,500", (400, 400), (0, 0, 400, 400)),
        ("wid=200&hei=200&fit=stretch", (200, 200), (0, 0, 200, 200)),
        ("rgn=250,0,500,500&wid=200&hei=100", (200, 100), (50, 0, 100, 100)),
        ("wid=200&hei=200&fit=hfit", (200, 200), (0, 50, 200, 100)),
        ("wid=200&hei=200&fit=vfit", (200, 200), (-100, 0, 400, 200)),
        ("rgn=250,0,500,500&wid=200&hei=100&fit=constrain", (100, 100), (0, 0, 100, 100)),
        ("wid=2000&hei=2000", (2000, 2000), (500, 750, 1000, 500)),
        ("scl=1&rect=900,0,200,100", (200, 100), (-900, 0, 1000, 500)),
        ("wid=2000&hei=2000&fit=fit,1", (2000, 2000), (0, 500, 2000, 1000)),
        ("scl=1&rect=0,0,400,400,2", (400, 400), (0, 0, 2000, 1000)),
        ("wid=2000&hei=2000&fit=constrain", (1000, 500), (0, 0, 1000, 500)),
        ("wid=2000&hei=2000&fit=constrain,1", (2000, 1000), (0, 0, 2000, 1000)),
        ("wid=1500", (1000, 500), (0, 0, 1000, 500)),
        ("wid=1500&fit=fit,1", (1500, 750), (0, 0, 1500, 750)),
        ("wid=200&hei=200&dpr=on,2", (400, 400), (0, 100, 400, 200)),
        // 1500×1500 holds the composite unscaled; limited to MaxPix that is 4/3 of it.
        ("wid=1500&hei=1500&dpr=on,2", (2000, 2000), (334, 667, 1333, 667)),
    ];
    for (query, reply, placed) in cases {
        assert_eq!(numbers(query), (reply, placed), "{query}");
    }
}

#[test]
fn worked_errors() {
    for (query, expected) in [
        ("scl=0.4", "reply of 2500×1250: is larger than MaxPix of this catalog"),
        ("wid=2001&hei=100", "reply of 2001×100: is larger than MaxPix of this catalog"),
        ("wid=2001&hei=100&dpr=on,2", "reply of 2001×100: is larger than MaxPix of this catalog"),
        ("scl=1&rect=0,0,2001,1", "reply of 2001×1: is larger than MaxPix of this catalog"),
        ("scl=0.00001", "side of the view: is longer than 16777216 pixels"),
        ("scl=0.00001&rect=0,0,9,9", "side of the view: is longer than 16777216 pixels"),
    ] {
        let error = of(query).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Limit, expected), "{query}");
    }
}

#[test]
fn property_lists_see_views_larger_than_max_pix() {
    let measured = of_extent("MaxPix=2000,2000", "scl=0.4", Extent::Measured).unwrap();
    assert_eq!(measured.reply.size(), Size::new(2500, 1250));
}

#[test]
fn zero_limits_do_not_limit() {
    let reply = |ini, query| view_with(ini, query).unwrap().reply.size();
    assert_eq!(reply("MaxPix=0,0", "wid=9000&fit=fit,1"), Size::new(9000, 4500));
    assert_eq!(reply("MaxPix=0,300", "wid=9000&hei=300"), Size::new(9000, 300));
    assert_eq!(reply("DefaultPix=0,100", ""), Size::new(200, 100));
    assert_eq!(reply("DefaultPix=0,0", ""), COMPOSITE);
    assert_eq!(reply("DefaultPix=5000,5000", ""), COMPOSITE);
    assert_eq!(reply("MaxPix=0,0", "wid=1500&hei=1500&dpr=on,2"), Size::new(3000, 3000));
}

#[test]
fn fit_yields_to_scl_and_dpr_to_rect() {
    assert_eq!(numbers("scl=2&wid=200&hei=200&fit=stretch"), numbers("scl=2&wid=200&hei=200"));
    assert_eq!(numbers("scl=1&rect=0,0,100,100&dpr=on,2"), numbers("scl=1&rect=0,0,100,100"));
    assert_eq!(numbers("dpr=on,2"), ((800, 400), (0, 0, 800, 400)));
    assert_eq!(numbers("dpr=off"), numbers(""));
    assert_eq!(numbers("dpr=on"), numbers(""));
}

#[test]
fn small_composites_are_padded_unless_upscale_is_given() {
    for mode in ["fit", "crop", "stretch", "hfit", "vfit"] {
        let placed = numbers(&format!("wid=1200&hei=1200&fit={mode}"));
        assert_eq!(placed, ((1200, 1200), (100, 350, 1000, 500)), "{mode}");
    }
    assert_eq!(numbers("wid=1200&hei=1200&fit=stretch,1").1, (0, 0, 1200, 1200));
    assert_eq!(numbers("wid=1200&hei=1200&fit=crop,1").1, (-600, 0, 2400, 1200));
}

#[test]
fn sides_round_half_up_and_never_vanish() {
    assert_eq!(numbers("wid=1&hei=1&fit=constrain").0, (1, 1));
    assert_eq!(numbers("scl=1000").0, (1, 1));
    assert_eq!(numbers("wid=333").0, (333, 167), "166.5 rounds up");
    assert_eq!(numbers("wid=201&hei=200").1, (0, 50, 201, 101), "49.5 rounds up");
}

#[test]
fn thumbnails() {
    let tmb = |ini: &str, query: &str| {
        let ViewGeometry { placed, reply, .. } = view_with(ini, &format!("req=tmb&{query}")).unwrap();
        ((reply.width, reply.height), (placed.x, placed.y, placed.width, placed.height))
    };
    assert_eq!(tmb("", ""), ((100, 100), (0, 25, 100, 50)));
    assert_eq!(tmb("ThumbType=1", ""), ((100, 100), (-50, 0, 200, 100)));
    assert_eq!(tmb("ThumbType=1\nThumbHorizAlign=1", ""), ((100, 100), (0, 0, 200, 100)));
    assert_eq!(tmb("ThumbType=1\nThumbHorizAlign=3", ""), ((100, 100), (-100, 0, 200, 100)));
    assert_eq!(tmb("ThumbVertAlign=3", ""), ((100, 100), (0, 50, 100, 50)));
    assert_eq!(tmb("ThumbVertAlign=3", "align=0,-1"), ((100, 100), (0, 0, 100, 50)), "align= wins");
    assert_eq!(tmb("ThumbType=3\nThumbRes=10\nResolution=40", ""), ((100, 100), (-75, -12, 250, 125)));
    assert_eq!(tmb("DefaultThumbPix=80,0", ""), ((80, 40), (0, 0, 80, 40)));
    assert_eq!(tmb("DefaultThumbPix=0,80", ""), ((160, 80), (0, 0, 160, 80)));
    assert_eq!(tmb("", "wid=60"), ((60, 100), (0, 35, 60, 30)));
    assert_eq!(tmb("", "wid=1500&hei=1500"), ((1500, 1500), (0, 375, 1500, 750)), "thumbnails may enlarge");
    assert_eq!(tmb("", "scl=1"), tmb("", ""), "scl is ignored");
    assert_eq!(tmb("", "rgn=0,0,500,500"), ((100, 100), (0, 0, 100, 100)));
    assert_eq!(tmb("", "dpr=on,1.5").0, (150, 150));
    assert!(view_with("", "req=tmb&wid=2001").is_err());
}
