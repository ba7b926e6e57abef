//! Plans of whole requests against made-up sources.

use super::*;
use crate::base::geom::{Filter, Orientation, Rect, Shrink, Window};
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::operation::Operation;
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;
use crate::language::resolve::scene_of;

pub(super) fn header(format: Format, width: u32, height: u32, exif: u16) -> Header {
    Header {
        format,
        stored: Size::new(width, height),
        orientation: Orientation::from_exif(exif),
        layout: Layout::RGB,
        wide: false,
        space: Space::Unsaid,
        damaged: false,
        passes: 1,
        coded: Coded { whole: false, bytes: u64::from(width) * u64::from(height) / 4 },
    }
}

pub(super) fn planned(header: &Header, query: &str) -> Result<Plan> {
    plan(&scene_of("MaxPix=0,0", query), &[Some(*header)], &Limits::default())
}

fn drawn(header: &Header, query: &str) -> Drawing {
    planned(header, query).unwrap().drawing.unwrap()
}

fn samples(header: &Header, query: &str) -> Samples {
    drawn(header, query).layers.swap_remove(0).samples
}

pub(super) const PNG: Format = Format::Png;
pub(super) const JPEG: Format = Format::Jpeg;

#[test]
fn only_the_pixels_that_show_are_decoded() {
    let png = header(PNG, 1000, 500, 1);
    let window = |query: &str| samples(&png, query).window.unwrap();
    let w = |x, y, width, height| Window { x, y, width, height };
    assert_eq!(window("scl=1"), w(0, 0, 1000, 500));
    assert_eq!(window("scl=1&rect=300,200,256,256"), w(300, 200, 256, 256));
    assert_eq!(window("scl=1&rect=900,-100,256,256"), w(900, 0, 100, 156));
    assert_eq!(window("crop=100,50,200,100&scl=1"), w(100, 50, 200, 100));
    assert_eq!(
        window("wid=100&hei=100&fit=crop&resMode=bilin"),
        w(248, 0, 505, 500),
        "5 pixels of reach around 252.5 to 747.5"
    );
    assert_eq!(window("scl=1&flip=lr&rect=0,0,10,10"), w(990, 0, 10, 10));
    assert_eq!(window("scl=1&rect=100,100,10,10&op_sharpen=1"), w(99, 99, 12, 12));
    assert_eq!(window("scl=1&rect=0,100,10,10&op_usmR=1,2"), w(0, 94, 16, 22));
    assert_eq!(planned(&png, "scl=1&rect=2000,0,10,10").unwrap().drawing, None);
}

#[test]
fn orientations_turn_windows() {
    for exif in 1..=8u16 {
        // Stored 1000×500; upright 500×1000 from 5 on. Ask for the upright top-left corner.
        let samples = samples(&header(PNG, 1000, 500, exif), "scl=1&rect=0,0,20,10");
        let Window { x, y, width, height } = samples.window.unwrap();
        let swap = exif >= 5;
        assert_eq!((width, height), if swap { (10, 20) } else { (20, 10) }, "{exif}");
        // Where the upright corner is stored: right for 2, 3, 7, 8; bottom for 3, 4, 6, 7.
        assert_eq!(x, if matches!(exif, 2 | 3 | 7 | 8) { 1000 - width } else { 0 }, "{exif}");
        assert_eq!(y, if matches!(exif, 3 | 4 | 6 | 7) { 500 - height } else { 0 }, "{exif}");
    }
}

#[test]
fn tiles_sample_the_grid_of_the_whole_view() {
    let source = header(JPEG, 3000, 2000, 6);
    for query in ["scl=2.7", "wid=400", "wid=333&hei=334&fit=stretch", "rgn=100,200,999,888&wid=120&flip=ud", "scl=.6"]
    {
        let whole = samples(&source, query);
        let tile = samples(&source, &format!("{query}&rect=17,23,40,30"));
        assert_eq!(tile.shrink, whole.shrink, "{query}");
        for (whole, tile) in [(&whole.x, &tile.x), (&whole.y, &tile.y)] {
            assert_eq!((whole.step, whole.den, &whole.bounds), (tile.step, tile.den, &tile.bounds), "{query}");
            assert_eq!((tile.first - whole.first) % whole.step, 0, "{query}");
        }
    }
}

#[test]
fn the_shrink_follows_filter_and_reduction_alone() {
    let source = header(JPEG, 4000, 2000, 1);
    let shrink = |query: &str| samples(&source, query).shrink.factor();
    for (width, bilin, bicub, sharp2) in [
        (400, 8, 4, 4),
        (500, 8, 4, 4),
        (501, 4, 4, 2),
        (250, 8, 8, 8),
        (251, 8, 8, 4),
        (2000, 2, 1, 1),
        (4000, 1, 1, 1),
    ] {
        assert_eq!(shrink(&format!("wid={width}&resMode=bilin")), bilin, "{width}");
        assert_eq!(shrink(&format!("wid={width}&resMode=bicub")), bicub, "{width}");
        assert_eq!(shrink(&format!("wid={width}&resMode=sharp2")), sharp2, "{width}");
        assert_eq!(shrink(&format!("wid={width}&resMode=bisharp")), sharp2, "{width}");
        assert_eq!(shrink(&format!("wid={width}&linear=1")), 1, "a decoder that shrinks weighs no light");
    }
    assert_eq!(shrink("wid=100&hei=1900&fit=stretch"), 1, "the axis that reduces least decides");
    assert_eq!(shrink("crop=3,3,40,40&wid=4"), 4, "too few shrunk pixels would be left of the crop");
    assert_eq!(samples(&header(PNG, 4000, 2000, 1), "wid=100").shrink, Shrink::Full);
}

#[test]
fn light_is_weighed_where_gray_or_rgb_is_resampled() {
    let linear = |source: &Header, query: &str| drawn(source, query).layers[0].linear;
    let source = header(JPEG, 400, 200, 1);
    assert!(linear(&source, "wid=100&linear=1") && linear(&source, "wid=800&fit=fit,1&linear=1"));
    assert!(!linear(&source, "wid=100") && !linear(&source, "wid=100&linear=0"));
    assert!(!linear(&source, "scl=1&rect=5,5,100,100&linear=1"), "nothing is resampled");
    let inks = Header { layout: Layout::CMYK, ..source };
    assert!(!linear(&inks, "wid=100&linear=1"));
    assert_eq!(samples(&inks, "wid=100&linear=1").shrink, samples(&inks, "wid=100").shrink);
    let drawing = drawn(&source, "wid=100&linear=1&op_colorize=ff0000,norm,30");
    let tones = drawing.operations.tones.unwrap();
    assert!(drawing.layers[0].linear && !tones.layers[0].linear, "tones are measured as they are");
}

#[test]
fn crops_beyond_the_source_have_margins() {
    let png = header(PNG, 100, 100, 1);
    let wide = samples(&png, "crop=-50,0,200,100&scl=1");
    assert!(wide.margins);
    assert_eq!((wide.x.bounds.clone(), wide.x.exists.clone()), (-50..150, 0..100));
    assert_eq!(wide.window, Some(Window { x: 0, y: 0, width: 100, height: 100 }));
    assert_eq!(samples(&png, "crop=500,500,10,10&scl=1").window, None);
    assert!(!samples(&png, "crop=50,0,50,100&scl=1").margins);
}

#[test]
fn rgn_shows_its_surroundings() {
    let drawing = drawn(&header(PNG, 1000, 500, 1), "rgn=250,0,500,500&wid=200&hei=100");
    assert_eq!(
        (drawing.visible, drawing.delivered, drawing.at),
        (Rect::new(0, 0, 200, 100), Rect::new(0, 0, 200, 100), (0, 0))
    );
    let outside = drawn(&header(PNG, 1000, 500, 1), "rgn=-100,0,200,500&scl=1");
    assert_eq!((outside.delivered, outside.at), (Rect::new(100, 0, 100, 500), (100, 0)));
}

#[test]
fn limits_name_themselves() {
    let huge = header(PNG, 30_000, 30_000, 1);
    assert_eq!(planned(&huge, "").unwrap_err().to_string(), "30000×30000: exceeds the limit of source pixels");
    let fine = header(PNG, 10, 10, 1);
    let error = planned(&fine, "wid=65536&hei=1").unwrap_err();
    assert_eq!(error.to_string(), "65536×1: is longer on a side than the 65535 pixels of a reply");
    let error = planned(&fine, "wid=16384&hei=1&fmt=webp").unwrap_err();
    assert_eq!(error.to_string(), "16384×1: is longer on a side than the 16383 pixels of a WebP");
    assert!(planned(&fine, "wid=16383&hei=1&fmt=webp").is_ok());
    let error = planned(&fine, "wid=10000&hei=10000").unwrap_err();
    assert_eq!(
        (error.kind(), error.to_string().as_str()),
        (ErrorKind::Limit, "10000×10000: exceeds the limit of reply pixels")
    );
}

#[test]
fn property_lists_may_speak_of_views_too_large_to_deliver() {
    let source = header(PNG, 10_000, 10_000, 1);
    let measured = measure(&scene_of("MaxPix=2000,2000", "scl=.1"), (&[Some(source)], &[]), &Limits::default());
    assert_eq!(measured.unwrap().reply, Size::new(100_000, 100_000));
    assert!(planned(&source, "scl=.1").is_err());
    assert!(planned(&source, "scl=.1&rect=90000,90000,256,256").is_ok());
}

#[test]
fn unsharp_radius_scales_with_the_view() {
    let source = header(PNG, 1000, 500, 1);
    let sigma = |query: &str| match drawn(&source, query).operations.list[..] {
        [Operation::Unsharp(unsharp)] => (unsharp.sigma_x, unsharp.sigma_y, unsharp.amount),
        ref other => panic!("{other:?}"),
    };
    assert_eq!(sigma("wid=500&op_usm=1,2"), (1024, 1024, 65536));
    assert_eq!(sigma("wid=500&op_usmR=.5,2"), (2048, 2048, 32768));
    assert_eq!(sigma("wid=500&hei=100&fit=stretch&op_usm=5,2"), (1024, 410, 5 * 65536));
    assert_eq!(sigma("scl=.1&op_usm=1,250").0, 250 * 1024, "capped");
    assert!(drawn(&source, "op_usm=1&op_usmR=0,5").operations.list.is_empty());
}

proptest::proptest! {
    /// Whatever the numbers, planning answers, and what it answers fits together.
    #[test]
    fn plans_fit_together(
        (width, height, exif) in (1u32..5000, 1u32..5000, 0u16..10),
        view in proptest::sample::select(vec!["", "wid=77", "hei=1999", "wid=300&hei=300", "wid=300&hei=200&fit=crop,1",
            "wid=64&hei=999&fit=stretch,1", "scl=1", "scl=7.3", "scl=.21", "wid=9&hei=7&fit=vfit", "req=tmb", "dpr=on,3"]),
        crop in proptest::option::of((-300i32..3000, -300i32..3000, 1u32..3000, 1u32..3000)),
        rgn in proptest::option::of((-300i32..3000, -300i32..3000, 1u32..3000, 1u32..3000)),
        rect in proptest::option::of((-300i32..3000, -300i32..3000, 1u32..600, 1u32..600, 1u32..40)),
        transforms in proptest::sample::select(vec!["", "rotate=90", "rotate=180&extend=9,8,7,6", "rotate=-90&size=99,77", "rotate=12.5",
            "rotate=200&extend=-5,-5,99,9&bgColor=0", "size=300,0", "scale=.37&extend=3,-4,5,-6", "extendN=1,.1,-.2,0",
            "layer=0&flip=lr&rotate=270&layer=comp", "scale=3&extend=-50,-50,-50,-50"]),
        rest in proptest::sample::select(vec!["", "flip=lrud", "op_sharpen=1", "op_usm=2,9", "resMode=bilin", "align=1,-.5"]),
    ) {
        let mut query = format!("{view}&{transforms}&{rest}");
        for (name, value) in [("crop", crop), ("rgn", rgn)] {
            if let Some((x, y, w, h)) = value {
                query += &format!("&{name}={x},{y},{w},{h}");
            }
        }
        if let Some((x, y, w, h, scale)) = rect {
            query += &format!("&rect={x},{y},{w},{h},{}.{}", scale / 10, scale % 10);
        }
        for format in [PNG, JPEG] {
            let header = header(format, width, height, exif);
            let Ok(Plan { reply, drawing: Some(drawing), .. }) = planned(&header, &query) else { continue };
            let layer = &drawing.layers[0];
            let shrunk = layer.samples.shrink.of(header.stored);
            if let Some(window) = layer.samples.window {
                assert!(window.width > 0 && window.x + window.width <= shrunk.width, "{query}");
                assert!(window.height > 0 && window.y + window.height <= shrunk.height, "{query}");
            }
            let (across, down) = if layer.samples.orientation.swap { (&layer.samples.y, &layer.samples.x) } else { (&layer.samples.x, &layer.samples.y) };
            if layer.warp.is_none() {
                assert_eq!((across.len, down.len), (drawing.sampled.width, drawing.sampled.height));
            }
            assert!(draft::overlap(drawing.sampled, drawing.delivered) == Some(drawing.delivered));
            assert!(draft::overlap(drawing.visible, drawing.sampled) == Some(drawing.sampled));
            assert!(drawing.at.0 + drawing.delivered.width <= reply.width);
            assert!(drawing.at.1 + drawing.delivered.height <= reply.height);
            for axis in [&layer.samples.x, &layer.samples.y] {
                for t in [0, axis.len / 2, axis.len - 1] {
                    // A centre is within a shrunk pixel of the bounds, which end at whole ones, and every sample has pixels.
                    let exact = axis.first + i64::from(t) * axis.step;
                    let moved = (exact - axis.center(t)).abs();
                    let whole = layer.samples.shrink == Shrink::Full && transforms.is_empty();
                    assert!(moved == 0 || (!whole && moved < axis.den), "{query} {axis:?}");
                    for filter in Filter::ALL {
                        assert!(!axis.taps(t, filter).is_empty(), "{query} {axis:?}");
                    }
                }
            }
        }
    }
}
