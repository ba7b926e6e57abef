//! The direct API: pictures, edits and their text, against the engine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod alpha;
mod batch;
#[cfg(feature = "icc")]
mod color;
mod dynamic_image;
mod equality;
mod files;
mod pixels;
mod placeholder;
mod sources;
#[path = "../support/mod.rs"]
mod support;
mod text;
mod together;

use platemark::{
    Compression, Edit, Error, ErrorKind, Filter, Fit, Format, Picture, PixelLayout, Pixels, Rendition, thumbnail,
};

use sources::{gradient, oriented, png};
use support::pixel_size;

fn picture(bytes: &[u8]) -> Picture {
    Picture::from_bytes(bytes.to_vec()).unwrap()
}

fn size(made: &Rendition) -> (u32, u32) {
    assert_eq!(pixel_size(&made.bytes), Some((made.width, made.height)));
    (made.width, made.height)
}

/// The samples of a PNG file.
fn decoded(file: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let len = reader.next_frame(&mut pixels).unwrap().buffer_size();
    pixels.truncate(len);
    pixels
}

#[test]
fn pictures_can_be_sent_to_other_threads() {
    fn is_free<T: Send + Sync + Clone + 'static>() {}
    is_free::<Picture>();
    is_free::<Edit>();
    is_free::<Rendition>();
    let picture = picture(&gradient(90, 60));
    let expected = picture.render(&Edit::new().width(30)).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (picture, expected) = (picture.clone(), &expected);
            scope.spawn(move || assert_eq!(&picture.render(&Edit::new().width(30)).unwrap(), expected));
        }
    });
}

#[test]
fn nothing_is_enlarged_unless_it_is_asked_for() {
    let small = picture(&gradient(90, 60));
    let made = |edit: Edit| size(&small.render(&edit).unwrap());
    assert_eq!(made(Edit::new()), (90, 60));
    assert_eq!(made(Edit::new().width(400)), (90, 60));
    assert_eq!(made(Edit::new().height(400)), (90, 60));
    assert_eq!(made(Edit::new().fit(Fit::Inside, 400, 400)), (90, 60));
    assert_eq!(made(Edit::new().width(400).enlarge(true)), (400, 267));
    assert_eq!(made(Edit::new().fit(Fit::Inside, 400, 400).enlarge(true)), (400, 267));
    assert_eq!(made(Edit::new().enlarge(true).fit(Fit::Inside, 400, 400).enlarge(false)), (90, 60));
    // The box has the size that was asked for; the picture in it is as it was.
    for fit in [Fit::Pad, Fit::Cover, Fit::Stretch] {
        let edit = Edit::new().fit(fit, 100, 70).background(1, 2, 3).format(Format::Png);
        let boxed = small.render(&edit).unwrap();
        assert_eq!(size(&boxed), (100, 70), "{fit:?}");
        let pixels = decoded(&boxed.bytes);
        let row = |y: usize| &pixels[300 * y..][..300];
        let original = small.render(&Edit::new().format(Format::Png)).unwrap();
        assert_eq!((&row(0)[..3], &row(35)[..15]), (&[1, 2, 3][..], &[1, 2, 3].repeat(5)[..]), "{fit:?}");
        assert_eq!(row(35)[15..285], decoded(&original.bytes)[270 * 30..][..270], "{fit:?}");
        assert_eq!(size(&small.render(&edit.enlarge(true)).unwrap()), (100, 70), "{fit:?}");
    }
}

#[test]
fn fits_are_those_of_requests() {
    let source = picture(&gradient(90, 60));
    for (fit, name, expected) in [
        (Fit::Inside, "constrain", (30, 20)),
        (Fit::Pad, "fit", (30, 30)),
        (Fit::Cover, "crop", (30, 30)),
        (Fit::Stretch, "stretch", (30, 30)),
    ] {
        let edit = Edit::new().fit(fit, 30, 30).focus(0.0, 0.25);
        let text = format!("wid=30&hei=30&fit={name}&align=-1,-.5");
        assert_eq!(text.parse(), Ok(edit.clone()), "{name}");
        assert_eq!(size(&source.render(&edit).unwrap()), expected, "{name}");
    }
    let png = |edit: Edit| decoded(&source.render(&edit.format(Format::Png)).unwrap().bytes);
    let cover = |x: f64| png(Edit::new().fit(Fit::Cover, 60, 60).focus(x, 0.5));
    let crop = |x: i32| png(Edit::new().crop(x, 0, 60, 60));
    assert_eq!([cover(0.0), cover(0.5), cover(1.0)], [crop(0), crop(15), crop(30)]);
}

#[test]
fn sizes_are_those_of_the_upright_picture() {
    for orientation in 1..=8 {
        let picture = picture(&oriented(orientation));
        let upright = if orientation < 5 { (40, 24) } else { (24, 40) };
        assert_eq!(picture.size(), upright, "{orientation}");
        assert_eq!(size(&picture.render(&Edit::new()).unwrap()), upright, "{orientation}");
        let cropped = picture.render(&Edit::new().crop(0, 0, upright.0, 5)).unwrap();
        assert_eq!(size(&cropped), (upright.0, 5));
    }
}

#[test]
fn thumbnails_fit_into_their_box() {
    let opaque = gradient(90, 60);
    let small = thumbnail(&opaque, 40, 40).unwrap();
    assert_eq!((size(&small), small.content_type), ((40, 27), "image/jpeg"));
    assert_eq!(size(&thumbnail(&opaque, 400, 10).unwrap()), (15, 10));
    assert_eq!(size(&thumbnail(&opaque, 400, 400).unwrap()), (90, 60));
    let clear = png(3, 2, png::ColorType::Rgba, &[0, 10, 20, 128].repeat(6));
    let small = thumbnail(&clear, 3, 3).unwrap();
    assert_eq!((size(&small), small.content_type), ((3, 2), "image/png"));
    assert_eq!(decoded(&small.bytes)[..4], [0, 10, 20, 128]);
    // It is the picture's rendition by another way.
    let edit = Edit::new().fit(Fit::Inside, 40, 40).format(Format::Jpeg);
    assert_eq!(thumbnail(&opaque, 40, 40), picture(&opaque).render(&edit));
    let error = |bytes: &[u8], side: u32| thumbnail(bytes, side, 40).unwrap_err().to_string();
    assert_eq!(error(&opaque, 0), "wid: needs a whole number from 1 to 16777216");
    assert_eq!(error(b"\0\0\0\x0cJXL \r\n\x87\n", 40), "is a JPEG XL, which is not a supported format");
    assert_eq!(error(b"", 40), "is empty");
}

#[test]
fn several_pictures_come_in_the_order_of_their_edits() {
    for source in sources::all() {
        let edits =
            [Edit::new().width(32), Edit::new().width(0), Edit::new().width(9), "rect=5,5,9,9&scl=1".parse().unwrap()];
        let all = picture(&source).render_all(&edits);
        assert_eq!(all.len(), edits.len());
        for (made, edit) in all.into_iter().zip(&edits) {
            assert_eq!(made, picture(&source).render(edit), "{edit}");
        }
    }
    assert_eq!(picture(&gradient(9, 9)).render_all(&[]), []);
}

#[test]
fn limits_are_those_of_the_engine() {
    let small = picture(&gradient(90, 60));
    let error = |edit: Edit| small.render(&edit).map(|_| ()).unwrap_err();
    let limit = |edit: Edit, text: &str| {
        let error = error(edit);
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Limit, text));
    };
    limit(Edit::new().fit(Fit::Pad, 65_536, 5), "65536×5: is longer on a side than the 65535 pixels of a reply");
    limit(Edit::new().fit(Fit::Stretch, 8001, 8000), "8001×8000: exceeds the limit of reply pixels");
    limit("scl=.01&rect=0,0,9000,9000".parse().unwrap(), "9000×9000: exceeds the limit of reply pixels");
    let header = png(30_000, 30_000, png::ColorType::Rgb, &[]);
    let huge = picture(&header).render(&Edit::new().width(9)).unwrap_err();
    assert_eq!(huge.to_string(), "30000×30000: exceeds the limit of source pixels");
}

/// Values that are not legal, the error of each, and that it is the one of the text.
#[test]
fn the_first_wrong_value_is_reported_by_its_command() {
    let small = picture(&gradient(9, 6));
    let new = Edit::new;
    for (edit, expected) in [
        (new().width(0), "wid: needs a whole number from 1 to 16777216"),
        (new().height(16_777_217), "hei: needs a whole number from 1 to 16777216"),
        (new().height(u32::MAX), "hei: needs a whole number from 1 to 16777216"),
        (new().fit(Fit::Inside, 5, 0), "hei: needs a whole number from 1 to 16777216"),
        (new().crop(0, 0, 0, 1), "crop: needs x,y,width,height as whole numbers, width and height greater than 0"),
        (
            new().crop(i32::MIN, 0, 1, 1),
            "crop: needs x,y,width,height as whole numbers, width and height greater than 0",
        ),
        (new().focus(1.5, 0.0), "align: needs two numbers from -1 to 1"),
        (new().focus(0.0, f64::NAN), "align: needs two numbers from -1 to 1"),
        (new().rotate(f64::INFINITY), "rotate: needs a number of degrees"),
        (new().rotate(1e300), "rotate: needs a number of degrees"),
        (new().blur(-0.1), "op_blur: needs a radius from 0 to 100"),
        (new().blur(100.5), "op_blur: needs a radius from 0 to 100"),
        (new().brightness(101), "op_brightness: needs a whole number from -100 to 100"),
        (new().contrast(-101), "op_contrast: needs a whole number from -100 to 100"),
        (new().saturation(127), "op_saturation: needs a whole number from -100 to 100"),
        (new().hue(181), "op_hue: needs a whole number from -180 to 180"),
        (new().unsharp(f64::NEG_INFINITY, 1.0, 0), "op_usm: needs an amount from 0 to 5"),
        (new().unsharp(1.0, 251.0, 0), "op_usm: needs a radius from 0 to 250"),
        (new().unsharp_view(5.1, 900.0, 0), "op_usmR: needs an amount from 0 to 5"),
        (new().quality(0), "qlt: needs a quality from 1 to 100"),
        (new().quality(101), "qlt: needs a quality from 1 to 100"),
        (new().quality(0).width(0).quality(50), "qlt: needs a quality from 1 to 100"),
        (new().enlarge(true), "fit: needs wid or hei"),
        (new().format(Format::WebP).gray(true), "fmt: this format cannot hold that pixel type"),
        (new().compression(Compression::Lossless), "fmt: this format does not take that compression"),
        (new().format(Format::WebP).compression(Compression::Zip), "fmt: this format does not take that compression"),
    ] {
        let error = small.render(&edit).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Request, expected));
        let read = edit.to_string().parse::<Edit>().unwrap_err();
        assert_eq!(read.to_string().to_lowercase(), expected.to_lowercase(), "{edit}");
    }
}

#[test]
fn versions_cover_the_source_and_tags_the_edit() {
    let (one, other) = (gradient(90, 60), gradient(60, 90));
    let source = picture(&one);
    assert_eq!(source.digest().as_bytes(), blake3::hash(&one).as_bytes());
    assert_eq!(source.version(), picture(&one).version());
    assert_ne!(source.version(), picture(&other).version());
    let edits =
        [Edit::new(), Edit::new().width(30), Edit::new().width(31), Edit::new().quality(79), Edit::new().gray(true)];
    let made = source.render_all(&edits).into_iter().map(Result::unwrap).collect::<Vec<_>>();
    for (i, one) in made.iter().enumerate() {
        assert!(one.version == source.version() && !one.etag.weak);
        assert!(made[..i].iter().all(|before| before.etag != one.etag));
    }
    let of_other = picture(&other).render(&Edit::new().width(30)).unwrap();
    assert_ne!(of_other.etag, made[1].etag);
    assert_eq!("wid=030".parse::<Edit>().map(|edit| source.render(&edit).unwrap().etag), Ok(made[1].etag));
}

#[test]
fn results_are_what_calls_say() {
    let source = picture(&png(2, 1, png::ColorType::Rgb, &[10, 20, 30, 200, 100, 50]));
    let pixels = |edit: Edit| decoded(&source.render(&edit.format(Format::Png)).unwrap().bytes);
    assert_eq!(pixels(Edit::new()), [10, 20, 30, 200, 100, 50]);
    assert_eq!(pixels(Edit::new().flip(true, false)), [200, 100, 50, 10, 20, 30]);
    assert_eq!(pixels(Edit::new().invert(true)), [245, 235, 225, 55, 155, 205]);
    assert_eq!(pixels(Edit::new().gray(true)).len(), 2);
    assert_eq!(pixels(Edit::new().gray(true).gray(false)).len(), 6);
    assert_eq!(pixels(Edit::new().rotate(90.0).crop(1, 0, 1, 1)), [200, 100, 50]);
    assert_eq!(pixels(Edit::new().crop(2, 0, 1, 1).background(7, 8, 9)), [7, 8, 9]);
    let large = picture(&gradient(90, 60));
    let filters = [Filter::Bilinear, Filter::Bicubic, Filter::Lanczos3, Filter::BicubicSharper];
    for (filter, name) in filters.into_iter().zip(["bilin", "bicub", "sharp2", "bisharp"]) {
        let edit = Edit::new().width(31).filter(filter);
        assert_eq!(edit.to_string(), format!("wid=31&resMode={name}"));
        assert_eq!(large.render(&edit).unwrap().bytes, large.render(&edit.to_string().parse().unwrap()).unwrap().bytes);
    }
    let first = |edit: Edit| large.render(&edit).unwrap().bytes;
    assert_eq!(first(Edit::new().full_chroma(true).quality(80)), first(Edit::new().full_chroma(true)));
    assert_ne!(first(Edit::new().full_chroma(true)), first(Edit::new()));
    assert_eq!(first(Edit::new().format(Format::ProgressiveJpeg)), first("fmt=pjpeg".parse().unwrap()));
}

#[test]
fn a_webp_without_loss_has_the_pixels_of_a_png() {
    let source = picture(&gradient(90, 60));
    let edit = Edit::new().width(40).format(Format::WebPAlpha).compression(Compression::Lossless);
    assert_eq!(edit.to_string(), "wid=40&fmt=webp-alpha,,lossless");
    assert_eq!(edit.to_string().parse(), Ok(edit.clone()));
    let made = source.render(&edit).unwrap();
    assert_eq!((made.content_type, made.width), ("image/webp", 40));
    let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&made.bytes)).unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    assert_eq!(pixels, decoded(&source.render(&Edit::new().width(40).format(Format::Png)).unwrap().bytes));
    let lossy = source.render(&edit.compression(Compression::Standard).quality(30)).unwrap();
    assert!(lossy.bytes.len() < made.bytes.len() && lossy.etag != made.etag);
}

#[test]
fn errors_of_bytes_name_nothing() {
    let error = |bytes: &[u8]| Picture::from_bytes(bytes.to_vec()).unwrap_err();
    let foreign: Error = error(b"<svg>");
    assert_eq!((foreign.kind(), foreign.place()), (ErrorKind::Source, None));
    assert_eq!(foreign.to_string(), "is an SVG, which is not a supported format");
}

#[test]
fn pixels_are_those_of_the_file() {
    for source in sources::all() {
        let picture = picture(&source);
        for (commands, layout) in [
            ("fmt=png", PixelLayout::Rgb),
            ("fmt=png,gray&wid=9", PixelLayout::Gray),
            ("fmt=png-alpha&rotate=30", PixelLayout::Rgba),
            ("crop=-5,-5,20,20&bgc=1,2,3&fmt=png", PixelLayout::Rgb),
        ] {
            let edit: Edit = commands.parse().unwrap();
            let (pixels, file) = (picture.pixels(&edit).unwrap(), picture.render(&edit).unwrap());
            assert_eq!((pixels.width(), pixels.height(), pixels.layout()), (file.width, file.height, layout));
            assert_eq!(pixels.stride(), pixels.width() as usize * layout.bytes());
            assert!(pixels.bytes()[..] == decoded(&file.bytes)[..], "{commands}");
        }
        let of = |commands: &str| picture.pixels(&commands.parse().unwrap());
        assert_eq!(of("qlt=5&xmpEmbed=1").unwrap(), of("fmt=png").unwrap());
        let (gray, alpha) = (of("fmt=png-alpha,gray").unwrap(), of("fmt=png,gray").unwrap());
        assert_eq!((gray.layout(), gray.width()), (PixelLayout::Rgba, alpha.width()));
        assert!(gray.bytes().chunks(4).all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2]));
        let inks = of("fmt=jpeg,cmyk").unwrap_err();
        assert_eq!(inks.to_string(), "fmt: needs rgb or gray as pixel type of pixels");
    }
}

#[test]
fn pixels_can_be_cut() {
    let bytes: Vec<u8> = (0..40).collect();
    let pixels = Pixels::from_raw(bytes.clone(), 3, 3, 12, PixelLayout::Rgb).unwrap();
    assert_eq!(pixels.bytes()[..], bytes[..33]);
    let part = pixels.crop(1, 1, 2, 2).unwrap();
    assert_eq!([part.row(0), part.row(1), part.row(2)], [Some(&bytes[15..21]), Some(&bytes[27..33]), None]);
    assert_eq!((part.width(), part.height(), part.stride()), (2, 2, 12));
    assert_eq!(part.crop(0, 0, 2, 2), Ok(part.clone()));
    for (x, y, width, height) in [(2, 0, 2, 1), (0, 2, 1, 2), (0, 0, 0, 1), (0, 0, 1, 0), (u32::MAX, 0, 2, 1)] {
        assert_eq!(pixels.crop(x, y, width, height).unwrap_err().to_string(), "pixels: have no such part");
    }
    let error = |len: usize, width: u32, height: u32, stride: usize| {
        Pixels::from_raw(vec![0; len], width, height, stride, PixelLayout::Rgba).unwrap_err().to_string()
    };
    assert_eq!(error(99, 0, 5, 9), "pixels: need a width and a height of at least 1");
    assert_eq!(error(99, 5, 0, 99), "pixels: need a width and a height of at least 1");
    assert_eq!(error(99, 5, 5, 19), "pixels: have a stride that is shorter than a row");
    assert_eq!(error(99, 5, 5, 20), "pixels: have too few bytes");
    assert_eq!(error(99, 5, 5, usize::MAX), "pixels: have too few bytes");
    assert_eq!(error(99, 1 << 25, 1, 1 << 27), "pixels: have a side that is longer than 16777216");
    assert_eq!(error(99, 65_535, 65_535, 1 << 20), "pixels: exceed the limit of source pixels");
}
