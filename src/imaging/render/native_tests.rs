//! Pictures of inks and of 16 bits, and what they are drawn in.

use super::super::tests::{drawn, file, rows, scene};
use crate::base::geom::{Rect, Size};
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::rgb_of_cmyk;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{Layout, Raster};
use crate::imaging::scene::{Content, Crop, InputId, Layer};

/// A JPEG of inks, the same in each block.
fn inks(across: u16, down: u16, ink: impl Fn(u16, u16) -> [u8; 4]) -> Vec<u8> {
    let pixels: Vec<u8> =
        (0..8 * down).flat_map(|y| (0..8 * across).map(move |x| (x / 8, y / 8))).flat_map(|(x, y)| ink(x, y)).collect();
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 100);
    encoder.encode(&pixels, 8 * across, 8 * down, jpeg_encoder::ColorType::Cmyk).unwrap();
    file
}

fn any_ink(x: u16, y: u16) -> [u8; 4] {
    [(x * 50) as u8, (y * 60) as u8, (x * 30 + y * 20) as u8, (y * 35) as u8]
}

fn layer() -> Layer {
    Layer::of(Content::File(InputId(0)))
}

fn pixel(raster: &Raster, x: usize, y: usize) -> Vec<u8> {
    (0..raster.layout().planes()).map(|plane| rows(raster, plane)[y][x]).collect()
}

fn assert_near(found: &[u8], expected: &[u8], what: &str) {
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 3), "{what}: {found:?} {expected:?}");
}

#[test]
fn inks_are_drawn_as_the_light_that_they_leave() {
    let files = [inks(5, 4, any_ink)];
    let whole = drawn(&scene("scl=1&fmt=png", vec![layer()]), &files);
    assert_eq!((whole.size(), whole.layout()), (Size::new(40, 32), Layout::RGB));
    let turned = drawn(&scene("scl=1&fmt=png", vec![Layer { rotate: Decimal::from_int(90), ..layer() }]), &files);
    let gray = drawn(&scene("scl=1&fmt=png,gray", vec![layer()]), &files);
    for (x, y) in (0..5).flat_map(|x| (0..4).map(move |y| (x, y))) {
        let expected = rgb_of_cmyk(any_ink(x, y));
        let (left, top) = (usize::from(8 * x + 3), usize::from(8 * y + 4));
        assert_near(&pixel(&whole, left, top), &expected, "whole");
        assert_eq!(pixel(&turned, 31 - top, left), pixel(&whole, left, top));
        let luma = crate::imaging::pixel::color::gray_of_rgb(expected);
        assert_near(&pixel(&gray, left, top), &[luma], "gray");
    }
}

/// Half a surface of cyan and half of black is half of either ink, and not the mean of their lights.
#[test]
fn inks_are_averaged_as_inks() {
    let files = [inks(32, 32, |x, _| if x % 2 == 0 { [255, 0, 0, 0] } else { [0, 0, 0, 255] })];
    let raster = drawn(&scene("wid=4&resMode=bilin&fmt=png", vec![layer()]), &files);
    assert_near(&pixel(&raster, 1, 1), &rgb_of_cmyk([128, 0, 0, 128]), "mean");
}

#[test]
fn tiles_of_inks_join() {
    let files = [inks(9, 7, any_ink), file(72, png::ColorType::Grayscale, &super::super::tests::gradient(72, 56))];
    let masked = Layer { mask: Some(Content::File(InputId(1))), ..layer() };
    let beyond = Layer { crop: Some(Crop::Pixels(Rect::new(-9, 5, 70, 60))), ..layer() };
    for (name, layer) in [("plain", layer()), ("masked", masked), ("beyond", beyond)] {
        for format in ["png", "png-alpha"] {
            let whole = drawn(&scene(&format!("wid=41&fmt={format}"), vec![layer.clone()]), &files);
            let (width, height) = (whole.size().width as usize, whole.size().height as usize);
            for (x, y, w, h) in [(0, 0, 20, 13), (20, 13, width - 20, height - 13), (5, 9, 1, 1)] {
                let query = format!("wid=41&fmt={format}&rect={x},{y},{w},{h}");
                let tile = drawn(&scene(&query, vec![layer.clone()]), &files);
                for plane in 0..whole.layout().planes() {
                    let whole = rows(&whole, plane);
                    let part: Vec<Vec<u8>> = whole[y..y + h].iter().map(|row| row[x..x + w].to_vec()).collect();
                    assert_eq!(rows(&tile, plane), part, "{name} {format} {x} {y}");
                }
            }
        }
    }
}

#[test]
fn masks_and_margins_of_inks_are_transparent() {
    let flat = |alpha: u8| file(40, png::ColorType::Grayscale, &[alpha; 40 * 32]);
    let opaque = drawn(&scene("wid=30&fmt=png-alpha", vec![layer()]), &[inks(5, 4, any_ink)]);
    for (alpha, query) in [(255, "wid=30"), (128, "wid=30"), (9, "wid=30"), (128, "scl=1"), (0, "wid=30")] {
        let files = [inks(5, 4, any_ink), flat(alpha)];
        let masked = Layer { mask: Some(Content::File(InputId(1))), ..layer() };
        let raster = drawn(&scene(&format!("{query}&fmt=png-alpha"), vec![masked.clone()]), &files);
        assert_eq!(raster.layout(), Layout::RGB.with_alpha(true));
        let (x, y) = if query == "scl=1" { (20, 20) } else { (15, 15) };
        let expected = match alpha {
            0 => vec![0; 4],
            255 => pixel(&opaque, x, y),
            _ => [&pixel(&drawn(&scene(query, vec![layer()]), &files), x, y)[..], &[alpha]].concat(),
        };
        assert_near(&pixel(&raster, x, y), &expected, &format!("{alpha} {query}"));
        let inverted = Layer { mask_use: MaskUse::Invert, ..masked };
        let raster = drawn(&scene(&format!("{query}&fmt=png-alpha"), vec![inverted]), &files);
        assert_eq!(pixel(&raster, x, y)[3], 255 - alpha);
    }
    let beyond = Layer { crop: Some(Crop::Pixels(Rect::new(-40, 0, 80, 32))), ..layer() };
    let raster = drawn(&scene("wid=40&fmt=png-alpha", vec![beyond]), &[inks(5, 4, any_ink)]);
    assert_eq!(pixel(&raster, 9, 8), [0; 4]);
    assert_near(&pixel(&raster, 38, 14), &[&rgb_of_cmyk(any_ink(4, 3))[..], &[255]].concat(), "beside the margin");
}

/// As a mask, inks are as bright as the light that they leave.
#[test]
fn inks_are_masks_by_their_brightness() {
    let files = [file(40, png::ColorType::Grayscale, &[200; 40 * 32]), inks(5, 4, |_, _| [0, 0, 0, 100])];
    for query in ["scl=1", "wid=20"] {
        let masked = Layer { mask: Some(Content::File(InputId(1))), ..layer() };
        let raster = drawn(&scene(&format!("{query}&fmt=png-alpha,gray"), vec![masked]), &files);
        assert_near(&pixel(&raster, 9, 9), &[200, 155], query);
    }
}

/// A PNG of 16 bits.
fn deep(width: u32, color: png::ColorType, samples: &[u16]) -> Vec<u8> {
    let mut file = Vec::new();
    let height = (samples.len() / color.samples()) as u32 / width;
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Sixteen);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&samples.iter().flat_map(|sample| sample.to_be_bytes()).collect::<Vec<_>>()).unwrap();
    writer.finish().unwrap();
    file
}

/// Half a level and nothing are a quarter of a level, and not the mean of a rounded level and nothing.
#[test]
fn sixteen_bits_are_rounded_behind_the_resampler() {
    let files = [deep(2, png::ColorType::Grayscale, &[129, 0, 129, 0])];
    let gray = |query: &str| rows(&drawn(&scene(&format!("{query}&fmt=png,gray"), vec![layer()]), &files), 0).concat();
    assert_eq!(gray("scl=1"), [1, 0, 1, 0]);
    assert_eq!(gray("wid=1&resMode=bilin"), [0]);
}

/// Samples that 8 bits hold exactly: the same at full size, and two levels off at most where both passes and the division by
/// alpha round in other places. They are smooth, so that nothing is cut off between the passes, which come in another order.
#[test]
fn sixteen_bits_are_drawn_like_bytes() {
    use png::ColorType::{Grayscale, GrayscaleAlpha, Rgb, Rgba};
    let smooth = |samples: usize| -> Vec<u8> {
        let places = (0..20).flat_map(|y| (0..24).map(move |x| (x, y)));
        places.flat_map(|(x, y)| (0..samples).map(move |c| (20 + 3 * x + 5 * y + 12 * c) as u8)).collect()
    };
    for (color, samples) in [(Grayscale, 1), (GrayscaleAlpha, 2), (Rgb, 3), (Rgba, 4)] {
        let bytes = smooth(samples);
        let words: Vec<u16> = bytes.iter().map(|&byte| u16::from(byte) * 257).collect();
        let mask = file(24, Grayscale, &smooth(1));
        let (narrow, wide) = ([file(24, color, &bytes), mask.clone()], [deep(24, color, &words), mask]);
        let masked = Layer { mask: Some(Content::File(InputId(1))), ..layer() };
        let beyond = Layer { crop: Some(Crop::Pixels(Rect::new(-4, 3, 25, 20))), ..layer() };
        let turned = Layer { rotate: Decimal::from_int(90), ..layer() };
        for (name, layer) in [("plain", layer()), ("masked", masked), ("beyond", beyond), ("turned", turned)] {
            for format in ["png", "png-alpha", "png,gray", "jpeg"] {
                for (query, most) in
                    [("scl=1", 0), ("scl=1&rect=3,2,9,8", 0), ("wid=11", 2), ("wid=40&resMode=bilin", 2)]
                {
                    // Where filters ring at margins, either order of the passes cuts alpha off elsewhere.
                    if name == "beyond" && most > 0 {
                        continue;
                    }
                    let of =
                        |files: &[Vec<u8>]| drawn(&scene(&format!("{query}&fmt={format}"), vec![layer.clone()]), files);
                    let (narrow, wide) = (of(&narrow), of(&wide));
                    assert_eq!((narrow.size(), narrow.layout()), (wide.size(), wide.layout()));
                    let alpha = narrow.split_alpha().1.map(|alpha| alpha.samples().to_vec());
                    for (a, b) in narrow.planes().iter().zip(wide.planes()) {
                        for (i, (a, b)) in a.samples().iter().zip(b.samples()).enumerate() {
                            // Of faint colours 8 bits know little.
                            let is_faint = alpha.as_ref().is_some_and(|alpha| alpha[i] < 100);
                            assert!(
                                a.abs_diff(*b) <= most || most > 0 && is_faint,
                                "{color:?} {name} {format} {query}: {a} {b}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn tiles_of_sixteen_bits_join() {
    use png::ColorType::{Rgb, Rgba};
    for (color, samples) in [(Rgb, 3), (Rgba, 4)] {
        let words: Vec<u16> = (0..samples * 50 * 40).map(|i: u32| (i * i * 31 + i * 17) as u16).collect();
        let files = [deep(50, color, &words)];
        let whole = drawn(&scene("wid=33&fmt=png-alpha", vec![layer()]), &files);
        for (x, y, w, h) in [(0, 0, 20, 13), (20, 13, 13, 13), (5, 9, 1, 1)] {
            let query = format!("wid=33&fmt=png-alpha&rect={x},{y},{w},{h}");
            let tile = drawn(&scene(&query, vec![layer()]), &files);
            for plane in 0..4 {
                let whole = rows(&whole, plane);
                let part: Vec<Vec<u8>> = whole[y..y + h].iter().map(|row| row[x..x + w].to_vec()).collect();
                assert_eq!(rows(&tile, plane), part, "{color:?} {x} {y}");
            }
        }
    }
}

/// Several pictures of one file, for one decode: some of bytes, some of 16 bits.
#[test]
fn sixteen_bits_go_to_several_pictures() {
    use png::ColorType::{Rgb, Rgba};
    for (color, samples) in [(Rgb, 3), (Rgba, 4)] {
        let words: Vec<u16> = (0..samples * 50 * 40).map(|i: u32| (i * i * 31 + i * 17) as u16).collect();
        let file = deep(50, color, &words);
        let edits =
            ["fmt=png-alpha", "wid=20&fmt=png", "crop=5,5,20,20&fmt=png-alpha", "crop=-5,5,20,20", "wid=70&op_usm=1,2"];
        let edits: Vec<crate::Edit> = edits.iter().map(|edit| edit.parse().unwrap()).collect();
        let open = || crate::Picture::from_bytes(file.clone()).unwrap();
        let expected: Vec<_> = edits.iter().map(|edit| open().render(edit)).collect();
        assert!(expected.iter().all(Result::is_ok));
        assert!(open().render_all(&edits) == expected);
    }
}
