//! The engine as a server sees it, on small pictures in folders that go away.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod caching;
#[cfg(feature = "http")]
mod cdn;
#[cfg(feature = "icc")]
mod color;
mod content;
mod damage;
mod formats;
#[cfg(feature = "http")]
mod http;
mod ids;
mod kept;
mod memory;
mod settling;
mod stopping;
mod supplied;
#[path = "../support/mod.rs"]
mod support;
mod versions;

use std::path::Path;
use std::sync::Arc;

use platemark::{CachePolicy, Engine, ErrorKind, Limits, Reply};
use proptest::prelude::*;
use support::dice::Dice;
use support::{builder, cases};
use tempfile::TempDir;

/// Noise with gradients: no two tiles are alike.
fn pixels(width: u32, height: u32, samples: u32, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed | 1);
    (0..width * height * samples)
        .map(|i| {
            let (x, y) = (i / samples % width, i / samples / width);
            ((dice.state() >> 59) as u32 + x * 3 + y * 2 + i % samples * 60) as u8
        })
        .collect()
}

fn png(width: u32, height: u32, color: png::ColorType, data: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    file
}

fn jpeg(width: u16, height: u16, data: &[u8], exif: Option<u8>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 92);
    if let Some(orientation) = exif {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        tiff.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
        encoder.add_exif_metadata(&tiff).unwrap();
    }
    encoder.encode(data, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    file
}

/// A folder with a default catalog, a few pictures and whatever else is written into it.
struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        world.write("default.ini", "DefaultExt=\nMaxPix=3000,3000\nCatalogFile=default.txt\n");
        world.write("default.txt", "Id\tPath\tModifier\tExpiration\nrecord\trgb.png\twid=40\t1\nempty\t\t\t\n");
        world.write("rgb.png", png(150, 110, png::ColorType::Rgb, &pixels(150, 110, 3, 1)));
        world.write("rgba.png", png(120, 90, png::ColorType::Rgba, &pixels(120, 90, 4, 2)));
        world.write("gray.png", png(77, 130, png::ColorType::Grayscale, &pixels(77, 130, 1, 3)));
        world.write("photo.jpg", jpeg(300, 200, &pixels(300, 200, 3, 4), None));
        world.write("turned.jpg", jpeg(210, 160, &pixels(210, 160, 3, 5), Some(6)));
        world.write("mask.png", png(300, 200, png::ColorType::Grayscale, &pixels(300, 200, 1, 6)));
        world.write("turned-mask.png", png(160, 210, png::ColorType::Grayscale, &pixels(160, 210, 1, 7)));
        world
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    fn engine(&self) -> Engine {
        builder(self.path()).build().unwrap()
    }
}

fn ok(engine: &Engine, request: &str) -> Reply {
    let reply = engine.serve(&format!("/is/image/{request}"));
    assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
    reply
}

fn metadata_version(engine: &Engine, request: &str) -> String {
    let body = String::from_utf8(ok(engine, &format!("{request}?req=props")).body.to_vec()).unwrap();
    let line = body.lines().find_map(|line| line.strip_prefix("metadata.version="));
    line.unwrap().to_owned()
}

/// Pixels of a PNG reply: size and interleaved samples.
fn decoded(reply: &Reply) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(&reply.body)).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut data).unwrap();
    (info.width, info.height, data)
}

/// Views of every kind: file formats, orientations, filters, reductions and enlargements, sharpening, padding.
const VIEWS: [&str; 33] = [
    "rgb.png?scl=1",
    "rgb.png?scl=2.3",
    "rgb.png?scl=.37&resMode=bicub",
    "rgb.png?wid=170&hei=170&bgc=204060&align=.3,-.8",
    "rgb.png?wid=90&hei=170&fit=stretch,1&resMode=bisharp",
    "rgb.png?crop=-20,30,160,99&wid=100&fmt=png-alpha",
    "rgb.png?rgn=30,20,70,80&wid=120&hei=99&fit=fit,1",
    "rgb.png?op_sharpen=1&wid=120",
    "rgba.png?wid=77&fmt=png-alpha",
    "rgba.png?scl=1&flip=lr&fmt=png-alpha&op_usmR=1.5,2",
    "gray.png?scl=1.7&op_usm=2,3,4&fmt=png,gray",
    "photo.jpg?wid=70&resMode=bilin",
    "photo.jpg?wid=33&flip=ud",
    "photo.jpg?crop=33,17,211,150&wid=50&op_usmR=1,4,0,1",
    "turned.jpg?wid=100&dpr=on,1.3",
    "turned.jpg?crop=21,34,131,165&wid=25",
    "turned.jpg?hei=40&resMode=bilin&flip=ud",
    "turned.jpg?scl=.6&resMode=bilin&flip=lrud",
    "turned.jpg?rotate=90&wid=70",
    "photo.jpg?rotate=33&scl=1.7",
    "rgba.png?rotate=-20&scl=.8&resMode=bilin&color=20406080&fmt=png-alpha",
    "rgb.png?layer=0&flip=lr&rotate=270&extend=7,-5,9,11&layer=comp&flip=ud&wid=90&bgColor=ff000080&bgc=00ff00",
    "photo.jpg?crop=-20,10,200,150&size=120,120&extend=5,5,5,5&color=ffff00&scl=1.3",
    "gray.png?rotate=200&extendN=.1,0,-.1,.2&bgColor=102030&scl=1.1",
    "photo.jpg?scale=.37&res=9&extend=20,10,0,-9&scl=.7&fmt=png-alpha",
    "photo.jpg?mask=mask.png&wid=90&fmt=png-alpha",
    "turned.jpg?mask=turned-mask.png&maskUse=invert&wid=90&rotate=15&bgc=ff00ff",
    "rgba.png?maskUse=off&wid=77",
    "photo.jpg?mask=mask.png&req=mask&scl=3",
    "photo.jpg?op_blur=5&op_brightness=20&op_contrast=-30&op_colorbalance=9,-9,0&wid=120",
    "photo.jpg?op_hue=70&op_saturation=-40&op_noise=20,gaussian&op_usm=1,2&wid=120",
    "photo.jpg?op_colorize=3060c0,norm,50&op_invert=1&op_noise=9&wid=120",
    "gray.png?op_colorize=ff8000&op_noise=30,uniform,1&op_sharpen=1&rotate=45&scl=1",
];

#[test]
fn tiles_put_together_are_the_whole_view() {
    let world = World::new();
    let engine = world.engine();
    for view in VIEWS {
        let format = if view.contains("fmt=") { "" } else { "&fmt=png" };
        // dpr= is ignored beside rect=, whose own scale does the same.
        let (scale, plain) =
            if view.contains("dpr=") { (",1.3", view.replace("&dpr=on,1.3", "")) } else { ("", view.into()) };
        let (width, height, whole) = decoded(&ok(&engine, &format!("{view}{format}")));
        let samples = whole.len() / (width * height) as usize;
        let (tile_width, tile_height) = (37, 29);
        for top in (0..height).step_by(tile_height) {
            for left in (0..width).step_by(tile_width) {
                let (w, h) = (tile_width.min((width - left) as usize), tile_height.min((height - top) as usize));
                let request = format!("{plain}{format}&rect={left},{top},{w},{h}{scale}");
                let (_, _, tile) = decoded(&ok(&engine, &request));
                for (row, samples_of_row) in tile.chunks_exact(w * samples).enumerate() {
                    let start = ((top as usize + row) * width as usize + left as usize) * samples;
                    assert_eq!(samples_of_row, &whole[start..start + w * samples], "{request} row {row}");
                }
            }
        }
    }
}

/// A shrunk pixel can lie on both sides of a crop's edge; what is outside must not show all the same.
#[test]
fn nothing_outside_a_crop_shows_at_its_edges() {
    let world = World::new();
    let (width, height) = (400u16, 240u16);
    let inside = |x: u16, y: u16| (101..331).contains(&x) && (53..203).contains(&y);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| if inside(x, y) { 255 } else { 0 }))
        .flat_map(|v| [v; 3])
        .collect();
    let mut file = Vec::new();
    jpeg_encoder::Encoder::new(&mut file, 100).encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).unwrap();
    world.write("edge.jpg", file);
    for filter in ["bilin", "bicub", "sharp2", "bisharp"] {
        for wid in [10, 23, 57, 110] {
            let request = format!("edge.jpg?crop=101,53,230,150&wid={wid}&resMode={filter}&fmt=png,gray");
            let (_, _, samples) = decoded(&ok(&world.engine(), &request));
            // JPEG itself rings by a few steps beside the edge.
            assert!(samples.iter().all(|&sample| sample > 235), "{request}: {:?}", samples.iter().min());
        }
    }
}

#[test]
fn content_decides_the_format_and_orientation_the_size() {
    let world = World::new();
    std::fs::rename(world.path().join("photo.jpg"), world.path().join("photo.png")).unwrap();
    let engine = world.engine();
    assert_eq!(support::pixel_size(&ok(&engine, "photo.png?scl=1").body), Some((300, 200)));
    assert_eq!(support::pixel_size(&ok(&engine, "turned.jpg?scl=1").body), Some((160, 210)));
    let props = String::from_utf8(ok(&engine, "turned.jpg?req=props&scl=1").body.to_vec()).unwrap();
    assert!(props.contains("image.width=160\r\n") && props.contains("image.height=210\r\n"), "{props}");
}

#[test]
fn property_lists_describe_the_reply() {
    let world = World::new();
    let engine = builder(world.path()).cache_bytes(1 << 20).build().unwrap();
    let picture = ok(&engine, "rgba.png?wid=60&fmt=png-alpha&bgc=010203&qlt=55");
    let list = ok(&engine, "rgba.png?wid=60&fmt=png-alpha&bgc=010203&qlt=55&req=props");
    let body = String::from_utf8(list.body.to_vec()).unwrap();
    let version = picture.version.unwrap();
    let metadata = metadata_version(&engine, "rgba.png");
    let expected = format!(
        "#S7Z OK\r\n#Tue Oct 02 07:06:40 UTC 2096\r\nimage.bgc=010203\r\nimage.height=45\r\nimage.iccEmbed=0\r\n\
         image.iccProfile=sRGB\r\nimage.length={}\r\nimage.mask=1\r\nimage.pixTyp=RGB\r\nimage.pathEmbed=0\r\nimage.printRes=72\r\n\
         image.quality=55\r\nimage.type=image/png\r\nimage.width=60\r\nimage.xmpEmbed=0\r\nimage.version={version}\r\n\
         metadata.version={metadata}\r\n",
        picture.body.len()
    );
    assert_eq!(body, expected);
    assert_eq!((list.cache_policy.seconds(), list.etag.unwrap().weak), (Some(360), true));
    // The length is that of the stored reply, 0 before there is one; the tag does not depend on it.
    let request = "gray.png?req=props&wid=50";
    let (before, _, after) = (ok(&engine, request), ok(&engine, "gray.png?wid=50&req=img"), ok(&engine, request));
    assert!(String::from_utf8_lossy(&before.body).contains("image.length=0\r\n"));
    assert!(!String::from_utf8_lossy(&after.body).contains("image.length=0\r\n"));
    assert_eq!(before.etag, after.etag);
}

#[test]
fn json_replies_echo_the_id_and_call_the_handler() {
    let world = World::new();
    let engine = world.engine();
    let body = |request: &str| String::from_utf8(engine.serve(&format!("/is/image/{request}")).body.to_vec()).unwrap();
    let list = body("rgb.png?req=props,json&id=a%22b&handler=Cb7");
    assert!(
        list.starts_with("/*jsonp*/Cb7({\"image.bgc\":\"ffffff\",") && list.ends_with("\"},\"a\\\"b\");"),
        "{list}"
    );
    let error = body("gone.png?req=props,json&id=7");
    let expected =
        "/*jsonp*/s7jsonResponse({\"error.title\":\"gone.png: image not found\",\"error.message\":\"\"},\"7\");";
    assert_eq!(error, expected);
    let refused = body("rgb.png?req=props,json&handler=alert(1)");
    assert!(refused.starts_with("/*jsonp*/s7jsonResponse({\"error.title\":\"handler: "), "{refused}");
    assert!(!refused.contains("alert"));
    assert!(body("gone.png?req=props").starts_with("#S7Z ERROR\r\n#"));
}

#[test]
fn refusals_are_short_and_never_kept() {
    let world = World::new();
    world.write("broken.jpg", &jpeg(300, 200, &pixels(300, 200, 3, 4), None)[..4000]);
    world.write("text.png", "this is no picture");
    world.write("nothing.png", "");
    std::fs::create_dir(world.path().join("folder.png")).unwrap();
    world.write("bad.ini", "RootId=bad\nCatalogFile=bad.txt\n");
    world.write("bad.txt", "Id\tPath\tModifier\nmodified\trgb.png\twid=none\nmacro\trgb.png\t$m$\n");
    let engine = world.engine();
    for (request, kind, text) in [
        ("", ErrorKind::Request, "path: names no image"),
        ("gone.png", ErrorKind::Missing, "gone.png: image not found"),
        ("folder.png", ErrorKind::Missing, "folder.png: image not found"),
        ("empty", ErrorKind::Missing, "empty: the record has no image"),
        ("../default.ini", ErrorKind::Request, "../default.ini: is not a path below the catalog's root"),
        ("text.png", ErrorKind::Source, "text.png: is not a picture in a known format"),
        ("nothing.png", ErrorKind::Source, "nothing.png: is empty"),
        ("broken.jpg", ErrorKind::Source, "broken.jpg: is a damaged JPEG"),
        ("rgb.png?fit=crop", ErrorKind::Request, "fit: needs wid or hei"),
        ("rgb.png?req=tmb&fit=crop&wid=9", ErrorKind::Request, "fit: cannot be used with req=tmb"),
        ("rgb.png?wid=3001&hei=5", ErrorKind::Limit, "reply of 3001×5: is larger than MaxPix of this catalog"),
        ("rgb.png?src=other.png", ErrorKind::Missing, "other.png: image not found"),
        ("rgb.png?src=is(rgb.png)", ErrorKind::Request, "src: nested requests are not supported yet"),
        ("rgb.png?layer=1&src=rgba.png", ErrorKind::Request, "layer: more than one layer is not supported yet"),
        ("rgb.png?fmt=eps", ErrorKind::Request, "fmt: the format eps is not supported yet"),
        ("bad/modified", ErrorKind::Catalog, "bad/modified: the record's commands cannot be used"),
        ("bad/macro", ErrorKind::Catalog, "bad/macro: the record's commands cannot be used"),
    ] {
        let query = if request.contains('?') { "" } else { "?wid=20" };
        let reply = engine.serve(&format!("/is/image/{request}{query}"));
        assert_eq!(String::from_utf8_lossy(&reply.body), format!("{text}\r\n"), "{request}");
        assert_eq!((reply.status, reply.content_type), (403, "text/plain;charset=UTF-8"));
        assert_eq!((reply.cache_policy, reply.etag, reply.version), (CachePolicy::NO_STORE, None, None));
        assert_eq!(reply.error.unwrap().kind(), kind, "{request}");
    }
}

#[test]
fn limits_of_the_host_are_errors_that_name_them() {
    let world = World::new();
    let text = |limits: Limits, request: &str| {
        let reply = builder(world.path()).limits(limits).build().unwrap().serve(&format!("/is/image/{request}"));
        assert_eq!(reply.status, 403);
        String::from_utf8(reply.body.to_vec()).unwrap()
    };
    let limits = Limits::default();
    let cases = [
        (limits.source_bytes(100), "rgb.png", "rgb.png: is longer than the limit of source bytes\r\n"),
        (limits.source_pixels(16499), "rgb.png", "150×110: exceeds the limit of source pixels\r\n"),
        (limits.reply_pixels(99), "rgb.png?wid=10&hei=10", "10×10: exceeds the limit of reply pixels\r\n"),
        (limits.reply_bytes(500), "rgb.png", "encoded reply: exceeds the limit of reply bytes\r\n"),
        (limits.decoded_bytes(1000), "photo.jpg", "photo.jpg: needs more memory than the limit of decoded bytes\r\n"),
    ];
    for (limits, request, expected) in cases {
        assert_eq!(text(limits, request), expected);
    }
}

#[test]
fn many_threads_on_one_engine_get_the_same_bytes() {
    let world = World::new();
    let engine = builder(world.path()).cache_bytes(100_000).build().unwrap();
    let expected: Vec<_> = VIEWS.iter().map(|view| ok(&world.engine(), view).body).collect();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (engine, expected) = (&engine, &expected);
            scope.spawn(move || {
                for round in 0..20 {
                    let pick = (round * 7 + thread * 3) % VIEWS.len();
                    assert_eq!(ok(engine, VIEWS[pick]).body, expected[pick]);
                }
            });
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases(400, 60)))]

    /// Any text as a request is answered: with a picture, or with a short reason that no cache keeps.
    #[test]
    fn every_request_is_answered(
        object in prop::sample::select(vec!["rgb.png", "photo.jpg", "record", "%2e%2e/x", "a/../b", "\u{fffd}", ""]),
        query in "(\\PC|[&=,.$(){}%+0-9a-z-]|wid=|hei=|scl=|rect=|crop=|rgn=|fit=|fmt=png|req=|op_usm=|bgc=){0,25}",
    ) {
        let world = world_of_this_thread();
        let reply = world.1.serve(&format!("/is/image/{object}?{query}"));
        prop_assert!(matches!(reply.status, 200 | 403), "{:?}", reply.error);
        if reply.status == 403 {
            let text = String::from_utf8(reply.body.to_vec()).unwrap();
            prop_assert!(reply.cache_policy == CachePolicy::NO_STORE && reply.etag.is_none());
            prop_assert!(text.len() < 500 && reply.error.unwrap().kind() != ErrorKind::Internal, "{}", text);
        } else {
            prop_assert!(!reply.body.is_empty());
        }
    }

    /// Damaged files are refused or decoded, the same way every time.
    #[test]
    fn damaged_files_are_answered(
        pick in 0usize..3, cut in prop::option::of(0.0f64..1.0), flips in prop::collection::vec((0.0f64..1.0, any::<u8>()), 0..20),
    ) {
        let world = World::new();
        let name = ["rgba.png", "photo.jpg", "turned.jpg"][pick];
        let mut bytes = std::fs::read(world.path().join(name)).unwrap();
        let len = bytes.len();
        for (at, value) in flips {
            bytes[(at * len as f64) as usize] = value;
        }
        bytes.truncate(cut.map_or(len, |cut| (cut * len as f64) as usize));
        world.write("damaged", &bytes);
        let engine = world.engine();
        let (first, second) = (engine.serve("/is/image/damaged?wid=50"), engine.serve("/is/image/damaged?wid=50"));
        prop_assert!(matches!(first.status, 200 | 403), "{:?}", first.error);
        prop_assert_eq!((first.status, &first.body, first.etag), (second.status, &second.body, second.etag));
        let control = engine.serve("/is/image/gray.png?wid=50");
        prop_assert_eq!(control.body, world.engine().serve("/is/image/gray.png?wid=50").body);
    }
}

/// Building a world per case would take most of the time.
fn world_of_this_thread() -> Arc<(World, Engine)> {
    thread_local! {
        static WORLD: Arc<(World, Engine)> = {
            let world = World::new();
            let engine = world.engine();
            Arc::new((world, engine))
        };
    }
    WORLD.with(Arc::clone)
}
