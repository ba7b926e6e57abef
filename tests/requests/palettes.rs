//! Replies whose pixels are numbers of a palette: `fmt=png8`, `png8-alpha`, `gif`, `gif-alpha` and `quantize` (`protocol.md`
//! §5, `layers.md` §8).

use std::collections::BTreeSet;

use super::*;

type Color = [u8; 4];

/// Width, height and palette of a file, and its pixels in red, green, blue and alpha, by other decoders.
fn shown(reply: &Reply) -> (usize, usize, Vec<Color>, Vec<Color>) {
    if reply.body.starts_with(b"GIF89a") {
        assert_eq!(reply.content_type, "image/gif");
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        options.check_frame_consistency(true);
        let mut decoder = options.read_info(&reply.body[..]).unwrap();
        let palette = decoder.global_palette().unwrap().chunks(3).map(|c| [c[0], c[1], c[2], 255]).collect();
        let frame = decoder.read_next_frame().unwrap().unwrap();
        let pixels = frame.buffer.chunks(4).map(|pixel| pixel.try_into().unwrap()).collect();
        return (frame.width.into(), frame.height.into(), palette, pixels);
    }
    assert_eq!(reply.content_type, "image/png");
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&reply.body));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    assert_eq!(reader.info().color_type, png::ColorType::Indexed);
    let colors = reader.info().palette.clone().unwrap();
    let alpha = reader.info().trns.clone().unwrap_or_default();
    let alpha = alpha.iter().copied().chain(std::iter::repeat(255));
    let palette = colors.chunks(3).zip(alpha).map(|(c, alpha)| [c[0], c[1], c[2], alpha]).collect();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let pixels = bytes.chunks(4).map(|pixel| pixel.try_into().unwrap()).collect();
    (info.width as usize, info.height as usize, palette, pixels)
}

fn pixels(engine: &Engine, request: &str) -> Vec<Color> {
    shown(&ok(engine, request)).3
}

fn colors(pixels: &[Color]) -> BTreeSet<Color> {
    pixels.iter().copied().collect()
}

/// The pixels of a PNG without a palette, with alpha.
fn exact(engine: &Engine, request: &str) -> Vec<Color> {
    let (.., samples, bytes) = decoded(&ok(engine, request));
    bytes
        .chunks(samples)
        .map(|pixel| match *pixel {
            [gray] => [gray, gray, gray, 255],
            [r, g, b] => [r, g, b, 255],
            [r, g, b, alpha] => [r, g, b, alpha],
            _ => panic!("{samples}"),
        })
        .collect()
}

#[test]
fn replies_have_no_more_colors_than_asked_for() {
    let engine = demo();
    for (fmt, view) in
        [("png8", "demo/harbour?wid=120"), ("gif", "demo/harbour?wid=120"), ("gif,gray", "demo/harbour?wid=120")]
    {
        for (quantize, most) in [
            ("", 256),
            ("adaptive,off,256", 256),
            ("adaptive,,16", 16),
            ("adaptive,off,2", 2),
            ("web", 216),
            ("mac,off", 256),
        ] {
            let request = format!("{view}&fmt={fmt}&quantize={quantize}");
            let (width, height, _, pixels) = shown(&ok(&engine, &request));
            assert_eq!((width, height), (120, 68), "{request}");
            let found = colors(&pixels);
            // A gray picture has few colours of a fixed palette.
            assert!(found.len() <= most && found.len() >= most.min(6), "{request}: {}", found.len());
            assert!(found.iter().all(|color| color[3] == 255), "{request}");
            if quantize == "web" {
                assert!(found.iter().all(|color| color[..3].iter().all(|part| part % 51 == 0)));
            }
        }
    }
}

/// What is not said is `adaptive,diffuse,256`.
#[test]
fn without_quantize_the_default_holds() {
    let engine = demo();
    for (short, long) in [("", "&quantize=adaptive,diffuse,256"), ("&quantize=", "&quantize=adaptive")] {
        let [short, long] = [short, long].map(|more| ok(&engine, &format!("demo/pebbles?wid=90&fmt=png8{more}")));
        assert!(short.body == long.body);
    }
}

/// A picture with few colours keeps them, with dither too.
#[test]
fn few_colors_are_kept() {
    let engine = demo();
    let view = "demo/signal?scl=1&rgn=0,0,60,40&resMode=bilin";
    let expected = exact(&engine, &format!("{view}&fmt=png-alpha"));
    let count = colors(&expected).len();
    assert!((2..=256).contains(&count), "{count}");
    for fmt in ["png8-alpha", "png8-alpha&quantize=adaptive,off"] {
        assert!(pixels(&engine, &format!("{view}&fmt={fmt}")) == expected, "{fmt}");
    }
}

#[test]
fn tiles_join() {
    let engine = demo();
    for fmt in [
        "png8",
        "png8-alpha",
        "gif",
        "gif-alpha&bgc=ff8000",
        "png8&quantize=adaptive,off,20,ff0000,00ff00",
        "gif&quantize=web",
        "png8-alpha&quantize=web,off",
    ] {
        for view in ["demo/ring?wid=90&hei=70&op_usm=1,2", "demo/harbour?rgn=900,300,800,600&wid=90&hei=70&rotate=8"] {
            let view = format!("{view}&fmt={fmt}");
            let (width, height, _, whole) = shown(&ok(&engine, &view));
            assert_eq!((width, height), (90, 70));
            for (x, y, w, h) in [(0, 0, 90, 70), (0, 0, 32, 32), (32, 32, 58, 38), (80, 5, 1, 60), (3, 69, 87, 1)] {
                let (tw, th, _, tile) = shown(&ok(&engine, &format!("{view}&rect={x},{y},{w},{h}")));
                assert_eq!((tw, th), (w, h));
                for row in 0..h {
                    let expected = &whole[(y + row) * width + x..][..w];
                    assert!(tile[row * w..][..w] == *expected, "{view}&rect={x},{y},{w},{h}: row {row}");
                }
            }
        }
    }
}

/// Beyond the view there is the background, or nothing.
#[test]
fn tiles_reach_beyond_the_view() {
    let engine = demo();
    for (fmt, outside) in
        [("png8", [255, 128, 0, 255]), ("gif", [255, 128, 0, 255]), ("png8-alpha", [0; 4]), ("gif-alpha", [0; 4])]
    {
        let view = format!("demo/ring?wid=40&hei=30&bgc=ff8000&quantize=adaptive,,32&fmt={fmt}");
        let whole = pixels(&engine, &view);
        let (width, height, _, tile) = shown(&ok(&engine, &format!("{view}&rect=-5,-2,60,40")));
        assert_eq!((width, height), (60, 40));
        for (place, pixel) in tile.into_iter().enumerate() {
            let (x, y) = ((place % 60).wrapping_sub(5), (place / 60).wrapping_sub(2));
            if x < 40 && y < 30 {
                assert_eq!(pixel, whole[y * 40 + x], "{fmt}");
            } else if fmt == "gif-alpha" {
                assert_eq!(pixel[3], 0, "{fmt}");
            } else {
                assert_eq!(pixel, outside, "{fmt}");
            }
        }
    }
    // A tile that shows nothing of the view.
    let beyond = pixels(&engine, "demo/ring?wid=40&hei=30&fmt=png8&bgc=0000ff&rect=900,0,8,8");
    assert_eq!(colors(&beyond).into_iter().collect::<Vec<_>>(), [[0, 0, 255, 255]]);
}

/// A palette needs the whole view: one that would be refused is refused for its tiles too.
#[test]
fn views_are_limited_where_tiles_of_others_are_not() {
    let engine = demo();
    for fmt in ["png", "png8"] {
        let reply = serve(&engine, &format!("demo/harbour?scl=.9&rect=0,0,50,50&fmt={fmt}"));
        assert_eq!(reply.status, if fmt == "png" { 200 } else { 403 }, "{fmt}");
    }
    refused(
        &engine,
        "demo/harbour?scl=.9&rect=0,0,50,50&fmt=gif",
        "view of 5333×3000: is larger than MaxPix of this catalog\r\n",
    );
    let (_folder, unlimited) = support::demo_with(&[("default.ini", "MaxPix=0,0")]);
    let engine = unlimited.limits(platemark::Limits::new().reply_pixels(1_000_000)).build().unwrap();
    let reply = serve(&engine, "demo/harbour?scl=2&rect=0,0,50,50&fmt=gif");
    assert_eq!(reply.status, 403);
    assert!(text(&reply).contains("its palette needs all of it"), "{}", text(&reply));
    assert_eq!(serve(&engine, "demo/harbour?scl=2&rect=0,0,50,50&fmt=png").status, 200);
}

#[test]
fn alpha_is_an_entry_a_key_or_none() {
    let engine = demo();
    let view = "demo/ring?wid=80&hei=60";
    let alpha: Vec<u8> = exact(&engine, &format!("{view}&fmt=png-alpha")).iter().map(|color| color[3]).collect();
    assert!(alpha.contains(&0) && alpha.contains(&255) && alpha.iter().any(|alpha| (1..255).contains(alpha)));
    let of = |more: &str| pixels(&engine, &format!("{view}&{more}"));
    for more in ["fmt=gif-alpha", "fmt=gif-alpha&quantize=web", "fmt=png8-alpha&quantize=web,off"] {
        for (pixel, alpha) in of(more).into_iter().zip(&alpha) {
            assert_eq!(pixel[3], if *alpha < 128 { 0 } else { 255 }, "{more}");
        }
    }
    for more in ["fmt=png8-alpha", "fmt=png8-alpha&quantize=adaptive,off,64"] {
        let mut off = 0;
        for (pixel, &alpha) in of(more).into_iter().zip(&alpha) {
            assert!(alpha > 0 || pixel == [0; 4], "{more}");
            // Few entries have to stand for all edges.
            assert!(alpha < 255 || pixel[3] > 230, "{more}: {pixel:?}");
            off += u64::from(pixel[3].abs_diff(alpha));
        }
        assert!(off < 8 * 4800, "{more}: {off}");
    }
    for more in ["fmt=png8", "fmt=gif"] {
        assert!(of(more).iter().all(|pixel| pixel[3] == 255), "{more}");
    }
}

#[test]
fn forced_colors_come_first() {
    let engine = demo();
    for fmt in ["png8", "gif"] {
        let request = format!("demo/harbour?wid=60&fmt={fmt}&quantize=adaptive,diffuse,8,00ff01,123456");
        let (.., palette, _) = shown(&ok(&engine, &request));
        assert!((5..=8).contains(&palette.len()), "{fmt}: {}", palette.len());
        assert_eq!(palette[..2], [[0, 255, 1, 255], [0x12, 0x34, 0x56, 255]], "{fmt}");
        let all = format!("demo/harbour?wid=60&fmt={fmt}&quantize=adaptive,off,2,ff0000,0000ff");
        assert!(colors(&pixels(&engine, &all)).is_subset(&[[255, 0, 0, 255], [0, 0, 255, 255]].into()));
    }
}

#[test]
fn a_mask_is_gray() {
    let engine = demo();
    let expected = exact(&engine, "demo/ring?wid=80&hei=60&req=mask&fmt=png");
    for fmt in ["png8", "png8-alpha", "gif", "gif-alpha"] {
        assert!(pixels(&engine, &format!("demo/ring?wid=80&hei=60&req=mask&fmt={fmt}")) == expected, "{fmt}");
    }
}

#[test]
fn palettes_are_refused_by_name() {
    let engine = demo();
    for fmt in ["png8-alpha", "gif-alpha"] {
        let request = format!("demo/ring?wid=20&fmt={fmt}&quantize=mac");
        refused(&engine, &request, "quantize: the palette mac cannot be used with alpha\r\n");
    }
    // A format without a palette looks at no more than its syntax.
    assert_eq!(serve(&engine, "demo/ring?wid=20&fmt=png-alpha&quantize=mac").status, 200);
    refused(&engine, "demo/ring?wid=20&fmt=png8,gray", "fmt: this format cannot hold that pixel type\r\n");
    refused(&engine, "demo/ring?wid=20&fmt=gif,cmyk", "fmt: this format cannot hold that pixel type\r\n");
}

#[test]
fn print_resolution_and_profile_are_noted() {
    let engine = demo();
    let reply = ok(&engine, "demo/harbour?wid=20&fmt=png8&printRes=300&icc=sRGB&iccEmbed=1");
    let reader = png::Decoder::new(std::io::Cursor::new(&reply.body)).read_info().unwrap();
    assert_eq!(reader.info().pixel_dims.unwrap().xppu, 11_811);
    let plain = ok(&engine, "demo/harbour?wid=20&fmt=png8&printRes=300");
    let embeds = |reply: &Reply| reply.body.windows(4).any(|four| four == b"iCCP");
    assert!(!embeds(&plain));
    assert_eq!(embeds(&reply), reader.info().icc_profile.is_some());
}
