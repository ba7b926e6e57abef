//! Pixels as sources, and of another size.

use platemark::{Edit, ErrorKind, Filter, Fit, Format, Picture, PixelLayout, Pixels, resize};

use crate::sources::png;
use crate::support::dice::Dice;

const FILTERS: [Filter; 4] = [Filter::Bilinear, Filter::Bicubic, Filter::Lanczos3, Filter::BicubicSharper];

/// Noise of a layout, without gaps.
fn noise(dice: &mut Dice, width: u32, height: u32, layout: PixelLayout) -> Vec<u8> {
    (0..width as usize * height as usize * layout.bytes()).map(|_| dice.byte()).collect()
}

/// The same pixels with some bytes between rows.
fn spread(bytes: &[u8], width: u32, height: u32, layout: PixelLayout) -> Pixels {
    let row = width as usize * layout.bytes();
    let bytes: Vec<u8> = bytes.chunks(row).flat_map(|row| [row, &[77; 5][..]].concat()).collect();
    Pixels::from_raw(bytes, width, height, row + 5, layout).unwrap()
}

fn packed(bytes: Vec<u8>, width: u32, height: u32, layout: PixelLayout) -> Pixels {
    Pixels::from_raw(bytes, width, height, width as usize * layout.bytes(), layout).unwrap()
}

#[test]
fn pixels_render_as_the_png_that_holds_them() {
    let mut dice = Dice::new(11);
    let edits = [
        "fmt=png-alpha",
        "wid=20&op_usm=1,2",
        "crop=5,3,30,20&wid=12&fmt=png-alpha",
        "rotate=90&wid=31&fit=fit,1&fmt=pjpeg",
        "rotate=12&op_blur=2&bgc=9,9,200&fmt=png",
        "fmt=png,gray&xmpEmbed=1",
        "maskUse=invert&fmt=png-alpha&scale=.5",
    ];
    let layouts = [
        (PixelLayout::Gray, png::ColorType::Grayscale),
        (PixelLayout::Rgb, png::ColorType::Rgb),
        (PixelLayout::Rgba, png::ColorType::Rgba),
    ];
    for (layout, color) in layouts {
        let bytes = noise(&mut dice, 47, 33, layout);
        let file = Picture::from_bytes(png(47, 33, color, &bytes)).unwrap();
        let all = [
            Picture::from_pixels(packed(bytes.clone(), 47, 33, layout)).unwrap(),
            Picture::from_pixels(spread(&bytes, 47, 33, layout)).unwrap(),
        ];
        assert_eq!((all[0].digest(), all[0].version()), (all[1].digest(), all[1].version()));
        assert!(all[0].digest() != file.digest() && all[0].version() != file.version());
        for edit in edits {
            let edit: Edit = edit.parse().unwrap();
            let expected = file.render(&edit).unwrap();
            for picture in &all {
                let made = picture.render(&edit).unwrap();
                assert_eq!((made.width, made.height), (expected.width, expected.height), "{edit}");
                assert!(made.bytes == expected.bytes, "{layout:?} {edit}");
                assert_eq!(made.version, picture.version());
                assert_ne!(made.etag, expected.etag);
            }
            assert_eq!(all[0].render(&edit), all[1].render(&edit));
        }
    }
}

#[test]
fn a_part_of_pixels_is_a_picture_of_its_own() {
    let mut dice = Dice::new(12);
    let pixels = packed(noise(&mut dice, 30, 20, PixelLayout::Rgb), 30, 20, PixelLayout::Rgb);
    let edit = Edit::new().format(Format::Png);
    let part = Picture::from_pixels(pixels.crop(7, 5, 11, 9).unwrap()).unwrap();
    let whole = Picture::from_pixels(pixels.clone()).unwrap();
    assert_eq!(part.render(&edit).unwrap().bytes, whole.render(&edit.clone().crop(7, 5, 11, 9)).unwrap().bytes);
    assert_ne!(part.version(), whole.version());
    let found = whole.pixels(&edit).unwrap();
    assert!((0..20).all(|y| found.row(y) == pixels.row(y)));
}

/// The bytes of pixels can be those of a file, and are not read as one.
#[test]
fn pixels_that_look_like_a_file_describe_nothing() {
    let packet = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"></x:xmpmeta>";
    let payload = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
    let segment = [&[0xff, 0xe1][..], &(payload.len() as u16 + 2).to_be_bytes(), &payload].concat();
    let mut file = crate::sources::oriented(1);
    file.splice(2..2, segment);
    let has_packet = |bytes: &[u8]| bytes.windows(11).any(|part| part == b"<x:xmpmeta ");
    let edit: Edit = "xmpEmbed=1".parse().unwrap();
    assert!(has_packet(&Picture::from_bytes(file.clone()).unwrap().render(&edit).unwrap().bytes));
    let (width, height) = (20, file.len() as u32 / 20);
    let pixels = Pixels::from_raw(file, width, height, 20, PixelLayout::Gray).unwrap();
    assert!(!has_packet(&Picture::from_pixels(pixels).unwrap().render(&edit).unwrap().bytes));
}

/// [`resize`] takes whole pictures through another code than edits do, and gives the same.
#[test]
fn resized_pixels_are_those_of_an_edit() {
    let mut dice = Dice::new(13);
    for round in 0..120 {
        let [sw, sh, vw, vh] = [(); 4].map(|()| 1 + dice.below(70) as u32);
        let layout = [PixelLayout::Gray, PixelLayout::Rgb, PixelLayout::Rgba][round % 3];
        let filter = FILTERS[round % 4];
        let mut bytes = noise(&mut dice, sw, sh, layout);
        if layout == PixelLayout::Rgba {
            // Areas that are opaque, transparent, nearly transparent, and noise: all of them, or opaque ones alone.
            let (kinds, width) = ([1, 2, 4][round % 9 / 3], sw as usize);
            for (i, pixel) in bytes.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                pixel[3] = [255, 0, pixel[3] % 8, pixel[3]][(i % width / 19 + i / width / 13) % kinds];
            }
        }
        let pixels = packed(bytes.clone(), sw, sh, layout);
        let format = if layout == PixelLayout::Rgba { Format::PngAlpha } else { Format::Png };
        let edit = Edit::new().fit(Fit::Stretch, vw, vh).enlarge(true).filter(filter).format(format);
        let expected =
            Picture::from_pixels(pixels.clone()).unwrap().pixels(&edit.gray(layout == PixelLayout::Gray)).unwrap();
        let found = resize(&pixels, vw, vh, filter).unwrap();
        assert!(found == expected, "{sw}×{sh} to {vw}×{vh}, {filter:?}, {layout:?}");
        assert!(resize(&spread(&bytes, sw, sh, layout), vw, vh, filter) == Ok(found));
    }
}

#[test]
fn alpha_weighs_colors_of_resized_pixels() {
    // Red that is nearly transparent beside green that is: only red is seen, in its full tone.
    let bytes = [[200, 10, 20, 40], [0, 255, 0, 0]].concat().repeat(32);
    for pixels in [packed(bytes.clone(), 8, 8, PixelLayout::Rgba), spread(&bytes, 8, 8, PixelLayout::Rgba)] {
        for filter in FILTERS {
            let small = resize(&pixels, 1, 1, filter).unwrap();
            assert_eq!(small.bytes()[..], [200, 10, 20, 20], "{filter:?}");
        }
    }
    let clear = packed([[9, 8, 7, 0]; 64].concat(), 8, 8, PixelLayout::Rgba);
    assert!(resize(&clear, 3, 3, Filter::Bicubic).unwrap().bytes().iter().all(|&sample| sample == 0));
    let same = resize(&clear, 8, 8, Filter::Bicubic).unwrap();
    assert_eq!(same, clear, "pixels of the same size are not touched");
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let pixels = packed(vec![5; 64], 8, 8, PixelLayout::Gray);
    let refused = |width: u32, height: u32| {
        let error = resize(&pixels, width, height, Filter::Bilinear).unwrap_err();
        (error.kind(), error.to_string())
    };
    let side = |name: &str| (ErrorKind::Request, format!("{name}: needs a whole number from 1 to 16777216"));
    assert_eq!(refused(0, 5), side("width"));
    assert_eq!(refused(5, 0), side("height"));
    assert_eq!(refused(5, (1 << 24) + 1), side("height"));
    assert_eq!(refused(8000, 8001), (ErrorKind::Limit, "resize: exceeds the limit of reply pixels".to_owned()));
}
