//! Requests that ask for far more than a view can show, and large pictures that do not.

use super::tests::{JPEG, PNG, header, planned};
use super::*;

fn refusal(header: &crate::imaging::pixel::header::Header, query: &str) -> String {
    let error = planned(header, query).expect_err(query);
    assert_eq!(error.kind(), ErrorKind::Limit, "{query}");
    error.to_string()
}

#[test]
fn a_layer_is_no_longer_than_so_many_views() {
    let small = header(PNG, 10, 1, 1);
    let sides = "side of the layer: is longer than 65536 times the view";
    for query in [
        "crop=-16000000,0,16777215,1&wid=255",
        "crop=0,-16000000,1,16777215&hei=255",
        "size=1,16777215&wid=9&hei=255",
        "extend=16000000,0,0,0&wid=200",
        "scale=1000000&wid=100&fit=fit,1",
        "rotate=90&extend=16000000,0,0,0&wid=200",
        // In pixels of the view.
        "scale=100000&rgn=500,0,1,1&wid=2000&hei=9&fit=stretch,1",
    ] {
        assert_eq!(refusal(&small, query), sides, "{query}");
    }
    for query in [
        "crop=-16000000,0,16777215,1&wid=256",
        "size=1,16777215&wid=9&hei=256",
        "extend=16000000,0,0,0&wid=256",
        "size=16777215,1&rotate=90&wid=1&hei=256",
    ] {
        planned(&small, query).expect(query);
    }
    // 1400 pixels become one of 40,001, which become one.
    let tiny = "size=1,1&extend=20000,0,20000,0&wid=1&hei=1";
    let refused = refusal(&header(PNG, 1400, 1400, 1), tiny);
    assert_eq!(refused, "layer: has more than 1048576 pixels in one of the view");
}

#[test]
fn views_of_large_pictures_are_allowed() {
    for (format, width, height) in
        [(PNG, 20_000, 20_000), (JPEG, 65_535, 6000), (PNG, 2_000_000, 200), (PNG, 200, 2_000_000)]
    {
        for exif in [1, 6] {
            let large = header(format, width, height, exif);
            for query in [
                "wid=1",
                "hei=1",
                "wid=1&hei=1",
                "req=tmb&wid=1&hei=1",
                "scl=1&rect=0,0,256,256",
                "scl=1&rect=10,10,1,1",
                "scl=.5&rect=500,500,256,256",
                "scl=1024&rect=0,0,1,1",
                "rgn=5,5,1,1&wid=1000&hei=1000&fit=stretch,1",
                "rgn=50,50,2,2&wid=1&hei=1",
                "crop=10,10,1,1&wid=4000&fit=fit,1",
                "rotate=30&wid=1",
                "rotate=90&scale=2&wid=200&hei=200",
                "op_colorize=305070,norm&wid=1",
            ] {
                if let Err(error) = planned(&large, query) {
                    panic!("{width}×{height}?{query}: {error}");
                }
            }
        }
    }
}

#[test]
fn memory_is_counted_before_it_is_taken() {
    // A line across a picture that is turned: all of the picture at its scale.
    let small = header(PNG, 10, 10, 1);
    let needs = "needs more memory than the limit of decoded bytes";
    assert_eq!(refusal(&small, "rotate=45&wid=65535&hei=1&fit=stretch,1"), needs);
    // Rows wait for the last one of a sample.
    let large = header(PNG, 20_000, 20_000, 1);
    let bytes = |query: &str| planned(&large, query).unwrap().bytes();
    assert!((1_200_000_000..1_210_000_000).contains(&bytes("wid=1")), "{}", bytes("wid=1"));
    assert!(bytes("scl=1&rect=0,0,256,256") < 1 << 21);
    let limits = Limits::new().decoded_bytes(1_000_000_000);
    let scene = crate::language::resolve::scene_of("MaxPix=0,0", "wid=1");
    assert_eq!(plan(&scene, &[Some(large)], &limits).unwrap_err().to_string(), needs);
}
