//! Scenes of several layers, built by hand, through plan and renderer.

use std::sync::Arc;

use super::tools::File;
use super::*;
use crate::base::cancel::Cancel;
use crate::base::geom::{Rect, Size};
use crate::base::limits::Limits;
use crate::base::num::decimal::Decimal;
use crate::base::observe::StopWatch;
use crate::base::pool::Pool;
use crate::base::stage::Altered;
use crate::imaging::codec::{Buffers, Sidecar, read_header};
use crate::imaging::color::Transforms;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::color::{Color, Ink};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::plan::plan;
use crate::imaging::scene::{Adjustment, Content, InputId, Layer, LayerSize, Point, Scene};
use crate::language::resolve::scene_of;

/// A PNG file of these samples, row after row.
pub(super) fn file(width: u32, color: png::ColorType, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let height = (samples.len() / color.samples()) as u32 / width;
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    file
}

/// A gray gradient with texture: no two pixels beside each other are alike.
pub(super) fn gradient(width: u32, height: u32) -> Vec<u8> {
    (0..height).flat_map(|y| (0..width).map(move |x| (x * 5 + y * 11 + (x * y) % 7) as u8)).collect()
}

/// Draws a scene over some files.
pub(super) fn drawn(scene: &Scene, files: &[Vec<u8>]) -> Raster {
    let headers: Vec<Option<Header>> = files.iter().map(|file| read_header(file).ok()).collect();
    let limits = Limits::default();
    let plan = plan(scene, &headers, &limits).unwrap();
    let open = |(bytes, header): (&'_ Vec<u8>, &'_ Option<Header>)| (bytes.clone(), header.unwrap());
    let held: Vec<(Vec<u8>, Header)> = files.iter().zip(&headers).map(open).collect();
    let named = plan.files();
    // Only the files that the plan names are there.
    let there = |(i, (bytes, header)): (usize, &'_ (Vec<u8>, Header))| {
        named.contains(&InputId(i)).then_some((bytes.clone(), *header))
    };
    let held: Vec<Option<(Vec<u8>, Header)>> = held.iter().enumerate().map(there).collect();
    let files = held
        .iter()
        .map(|file| file.as_ref().map(|(bytes, header)| File { header, bytes, sidecar: Sidecar::default() }));
    let mut tools = Tools {
        altered: Altered::default(),
        sampled: Sampled::default(),
        cpu: Cpu::detect(CpuLevel::default()),
        pool: &Pool::NONE,
        limits: &limits,
        palette: Palette { profiles: &[], transforms: &Transforms::default() },
        scratch: &mut Buffers::default(),
        idle: &Scratch::new(0),
        sidecar_bytes: 0,
        cancel: Cancel::ALWAYS,
        stop_watch: &StopWatch::default(),
    };
    draw(&plan, &mut Files(files.collect()), &mut tools).unwrap()
}

/// One plane of a picture, as rows.
pub(super) fn rows(raster: &Raster, plane: usize) -> Vec<Vec<u8>> {
    raster.planes()[plane].samples().chunks_exact(raster.size().width as usize).map(<[u8]>::to_vec).collect()
}

/// A layer whose top-left corner lies at a point of the canvas.
fn placed(input: usize, position: [i64; 2]) -> Layer {
    let corner = Some(Point::Pixels([0, 0]));
    Layer { origin: corner, position: Point::Pixels(position), ..Layer::of(Content::File(InputId(input))) }
}

/// Layers over the view that a query describes.
pub(super) fn scene(query: &str, layers: Vec<Layer>) -> Scene {
    Scene { layers, ..scene_of("MaxPix=0,0\nDefaultPix=0,0\nBkgColor=0a141e", query) }
}

#[test]
fn an_opaque_layer_hides_what_is_below_it() {
    let (below, above) = (gradient(12, 9), vec![200, 201, 202, 203, 204, 205]);
    let files = [file(12, png::ColorType::Grayscale, &below), file(3, png::ColorType::Grayscale, &above)];
    let raster = drawn(&scene("", vec![placed(0, [0, 0]), placed(1, [7, 2])]), &files);
    assert_eq!(raster.size(), Size::new(12, 9));
    let mut expected: Vec<Vec<u8>> = below.chunks_exact(12).map(<[u8]>::to_vec).collect();
    expected[2][7..10].copy_from_slice(&above[..3]);
    expected[3][7..10].copy_from_slice(&above[3..]);
    for plane in 0..3 {
        assert_eq!(rows(&raster, plane), expected);
    }
    // What reaches beyond the canvas is cut off.
    let raster = drawn(&scene("", vec![placed(0, [0, 0]), placed(1, [-1, 8])]), &files);
    let mut expected: Vec<Vec<u8>> = below.chunks_exact(12).map(<[u8]>::to_vec).collect();
    expected[8][..2].copy_from_slice(&above[1..3]);
    assert_eq!(rows(&raster, 1), expected);
}

#[test]
fn tiles_of_layers_join() {
    let files = [
        file(60, png::ColorType::Grayscale, &gradient(60, 44)),
        file(31, png::ColorType::GrayscaleAlpha, &gradient(62, 23)),
        std::fs::read("assets/demo/pictures/pebbles.jpg").unwrap(),
    ];
    let layers = || {
        let turned = Layer { rotate: Decimal::from_int(30), color: Some(RED), ..placed(1, [11, 3]) };
        let scaled = Layer { size: LayerSize::Width(17), bg_color: Some(RED), ..placed(1, [-4, 20]) };
        let extend = Some(crate::imaging::scene::Extend::Pixels([2, 3, 1, 0]));
        let blur = vec![Adjustment::Blur(Decimal::from_int(2))];
        let blurred = Layer { extend, operations: blur.clone(), color: Some(RED), ..placed(1, [20, 9]) };
        let jpeg = Layer { size: LayerSize::Width(9), operations: blur, bg_color: Some(RED), ..placed(2, [33, 1]) };
        vec![placed(0, [0, 0]), turned, scaled, blurred, jpeg]
    };
    let whole = drawn(&scene("wid=41&flip=lr", layers()), &files);
    for (x, y, width, height) in [(0, 0, 20, 13), (20, 0, 21, 13), (0, 13, 20, 17), (20, 13, 21, 17), (5, 9, 1, 1)] {
        let tile = drawn(&scene(&format!("wid=41&flip=lr&rect={x},{y},{width},{height}"), layers()), &files);
        for plane in 0..3 {
            let whole = rows(&whole, plane);
            let part: Vec<Vec<u8>> = whole[y..y + height].iter().map(|row| row[x..x + width].to_vec()).collect();
            assert_eq!(rows(&tile, plane), part, "{x} {y}");
        }
    }
}

const RED: Color = Color { ink: Ink::Rgb([255, 0, 0]), alpha: 255, source_space: false };

#[test]
fn masks_fills_and_operations_are_those_of_their_layer() {
    let files = [
        file(4, png::ColorType::Grayscale, &[10, 20, 30, 40]),
        file(2, png::ColorType::Grayscale, &[100, 250]),
        file(2, png::ColorType::Grayscale, &[255, 0]),
    ];
    let masked =
        Layer { mask: Some(Content::File(InputId(2))), operations: vec![Adjustment::Invert], ..placed(1, [1, 0]) };
    let gray = |layers: Vec<Layer>| rows(&drawn(&scene("fmt=png,gray", layers), &files), 0).concat();
    assert_eq!(gray(vec![placed(0, [0, 0]), masked.clone()]), [10, 155, 30, 40]);
    let inverted = Layer { mask_use: MaskUse::Invert, ..masked.clone() };
    assert_eq!(gray(vec![placed(0, [0, 0]), inverted]), [10, 20, 5, 40]);
    // The layer's margins are filled, and nothing else of the canvas is.
    let fill = Color { ink: Ink::Gray(77), alpha: 255, source_space: false };
    let extend = Some(crate::imaging::scene::Extend::Pixels([0, 0, 1, 0]));
    let filled = Layer { extend, bg_color: Some(fill), operations: vec![], ..masked };
    assert_eq!(gray(vec![placed(0, [0, 0]), filled]), [10, 100, 77, 77]);
}

#[test]
fn colors_are_measured_on_the_layer_that_they_recolor() {
    let files = [
        file(4, png::ColorType::Grayscale, &[0, 0, 255, 255]),
        file(4, png::ColorType::Grayscale, &[60, 80, 100, 120]),
    ];
    let colorize = crate::imaging::pixel::operation::Colorize { color: [0, 128, 255], tone: Some(20) };
    let colorized = Layer { operations: vec![Adjustment::Colorize(colorize)], ..placed(1, [0, 0]) };
    let as_layer = drawn(&scene("", vec![placed(0, [0, 0]), colorized]), &files);
    let alone = Scene { operations: vec![Adjustment::Colorize(colorize)], ..scene("", vec![placed(1, [0, 0])]) };
    assert_eq!(as_layer, drawn(&alone, &files));
}

#[test]
fn layers_outside_the_window_are_not_opened() {
    let files = [file(40, png::ColorType::Grayscale, &gradient(40, 10)), file(2, png::ColorType::Grayscale, &[9, 8])];
    let layers = || vec![placed(0, [0, 0]), placed(1, [30, 5])];
    let named = |query: &str| {
        let headers: Vec<Option<Header>> = files.iter().map(|file| read_header(file).ok()).collect();
        plan(&scene(query, layers()), &headers, &Limits::default()).unwrap().files()
    };
    assert_eq!(named("scl=1"), [InputId(0), InputId(1)]);
    assert_eq!(named("scl=1&rect=0,0,20,10"), [InputId(0)]);
    assert_eq!(named("scl=1&rect=31,5,1,1"), [InputId(0), InputId(1)]);
    assert_eq!(named("scl=1&rect=90,0,20,10"), []);
}

#[test]
fn scenes_nest() {
    let files = [
        file(12, png::ColorType::Grayscale, &gradient(12, 9)),
        file(3, png::ColorType::GrayscaleAlpha, &[200, 255, 0, 0, 202, 255, 203, 255, 204, 255, 205, 128]),
    ];
    let query = "rect=1,1,9,7&scl=1";
    let inner = scene(query, vec![placed(0, [0, 0]), placed(1, [7, 2])]);
    let nested = |scene: &Scene| Layer::of(Content::Scene(Arc::new(scene.clone())));
    let flat = drawn(&inner, &files);
    assert_eq!(drawn(&scene("", vec![nested(&inner)]), &files), flat, "an opaque view is its own content");
    // What the inner background would fill is transparent, and shows the outer one.
    let wide = scene("rect=-2,0,5,9&scl=1", vec![placed(0, [0, 0])]);
    let outer = drawn(&scene("bgc=0,255,0", vec![nested(&wide)]), &files);
    assert_eq!((rows(&outer, 0)[4][..2].to_vec(), rows(&outer, 1)[4][..2].to_vec()), (vec![0, 0], vec![255, 255]));
    assert_eq!(rows(&outer, 0)[4][2..], gradient(12, 9)[48..51]);
    // As content of a layer it is cropped, scaled and masked like a file.
    let region = Some(crate::imaging::scene::Crop::Pixels(Rect::new(2, 3, 4, 2)));
    let cropped = drawn(&scene("", vec![Layer { crop: region, ..nested(&inner) }]), &files);
    let expected: Vec<Vec<u8>> = rows(&flat, 0)[3..5].iter().map(|row| row[2..6].to_vec()).collect();
    assert_eq!(rows(&cropped, 0), expected);
    let mask = Content::Scene(Arc::new(scene("rect=0,0,3,2&scl=1", vec![placed(1, [0, 0])])));
    let masked = Layer { mask: Some(mask), ..placed(1, [0, 0]) };
    let plain = drawn(&scene("", vec![placed(1, [0, 0])]), &files);
    assert_eq!(drawn(&scene("", vec![masked]), &files), plain, "its own alpha masks it as before");
}

#[test]
fn operations_of_a_nested_scene_read_beyond_its_view() {
    let files = [file(12, png::ColorType::Grayscale, &gradient(12, 9))];
    let inner = scene("op_sharpen=1&rect=1,1,9,7&scl=1", vec![placed(0, [0, 0])]);
    let nested = Layer::of(Content::Scene(Arc::new(inner.clone())));
    assert_eq!(drawn(&scene("", vec![nested]), &files), drawn(&inner, &files));
}

#[test]
fn scenes_are_nested_8_deep_and_no_deeper() {
    let files = [file(12, png::ColorType::Grayscale, &gradient(12, 9))];
    let flat = scene("", vec![placed(0, [0, 0])]);
    let wrapped = |inner: Scene| scene("", vec![Layer::of(Content::Scene(Arc::new(inner)))]);
    let deep = (0..8).fold(flat.clone(), |scene, _| wrapped(scene));
    assert_eq!(drawn(&deep, &files), drawn(&flat, &files));
    let headers = [read_header(&files[0]).ok()];
    let refused = plan(&wrapped(deep), &headers, &Limits::default()).unwrap_err();
    assert_eq!(refused.to_string(), "scene: is nested more than 8 deep");
}

/// `layers.md` §0, correction 7: the source is white with a transparent pixel in its middle; `#` is filled by `color`,
/// `-` by `bgColor`.
#[test]
fn color_fills_the_box_but_not_what_the_crop_adds() {
    let white = |alpha: u8| [255, alpha];
    let pixels: Vec<u8> = (0..9).flat_map(|i| white(if i == 4 { 0 } else { 255 })).collect();
    let files = [file(3, png::ColorType::GrayscaleAlpha, &pixels)];
    let picture = |query: &str, layer: Layer| {
        let raster = drawn(&scene(query, vec![layer]), &files);
        let character = |(x, y): (usize, usize)| {
            let at = |plane: usize| rows(&raster, plane)[y][x];
            match [at(0), at(1), at(2)] {
                [255, 255, 255] => 'w',
                [255, 0, 0] => '#',
                [0, 255, 0] => '-',
                [10, 20, 30] => '.',
                _ => '?',
            }
        };
        let Size { width, height } = raster.size();
        let row = |y: u32| (0..width).map(|x| character((x as usize, y as usize))).collect::<String>();
        (0..height).map(row).collect::<Vec<String>>()
    };
    let green = Some(Color { ink: Ink::Rgb([0, 255, 0]), ..RED });
    let layer = |crop: (i64, i64, u32, u32)| Layer {
        crop: Some(crate::imaging::scene::Crop::Pixels(Rect::new(crop.0, crop.1, crop.2, crop.3))),
        color: Some(RED),
        ..Layer::of(Content::File(InputId(0)))
    };
    assert_eq!(picture("", layer((-1, -2, 5, 6))), [".....", ".....", ".www.", ".w#w.", ".www.", "....."]);
    assert_eq!(picture("", layer((1, -1, 3, 3))), ["...", "ww.", "#w."]);
    assert_eq!(picture("", layer((9, 9, 2, 1))), [".."], "nothing of the source is there");
    assert_eq!(picture("", layer((0, 1, 3, 1))), ["w#w"]);
    let on_green = Layer { bg_color: green, ..layer((-1, 0, 5, 3)) };
    assert_eq!(picture("", on_green.clone()), ["-www-", "-w#w-", "-www-"]);
    // A box leaves margins beside the crop, which are no part of it.
    let boxed = Layer { size: LayerSize::Box(Size::new(5, 5)), ..on_green.clone() };
    let expected = ["#####", "-www-", "-w#w-", "-www-", "#####"];
    assert_eq!(picture("", boxed.clone()), expected);
    for (turned, angle, query) in [(true, 90, ""), (false, 180, ""), (true, 270, "flip=lr"), (false, 0, "flip=lrud")] {
        let turned: Vec<String> = if turned {
            (0..5).map(|x| expected.iter().map(|row| row.as_bytes()[x] as char).collect()).collect()
        } else {
            expected.map(str::to_owned).to_vec()
        };
        assert_eq!(picture(query, Layer { rotate: Decimal::from_int(angle), ..boxed.clone() }), turned, "{angle}");
    }
    assert_eq!(picture("scl=1&rect=0,0,2,3", boxed.clone()), ["##", "-w", "-w"]);
    // Where nothing of the content shows.
    assert_eq!(picture("scl=1&rect=0,0,1,5", boxed), ["#", "-", "-", "-", "#"]);
    let extend = Some(crate::imaging::scene::Extend::Pixels([1, 0, 0, 0]));
    assert_eq!(picture("", Layer { extend, ..layer((-1, 1, 5, 1)) }), ["..w#w."]);
}

/// The middle of the content, of the crop's margin and of the box's margin, by any angle and scale.
#[test]
fn color_keeps_out_of_the_crop_at_any_angle_and_scale() {
    let files = [file(40, png::ColorType::GrayscaleAlpha, &[0; 40 * 40 * 2])];
    let layer = Layer {
        crop: Some(crate::imaging::scene::Crop::Pixels(Rect::new(-40, 0, 120, 40))),
        size: LayerSize::Box(Size::new(120, 120)),
        color: Some(RED),
        ..Layer::of(Content::File(InputId(0)))
    };
    let red = |angle: &str, query: &str, points: [(usize, usize); 4]| {
        let rotate = Decimal::parse(angle).unwrap();
        let raster = drawn(&scene(query, vec![Layer { rotate, ..layer.clone() }]), &files);
        points.map(|(x, y)| [0, 1, 2].map(|plane| rows(&raster, plane)[y][x]) == [255, 0, 0])
    };
    // Content, left of it, right of it, above it.
    for query in ["", "resMode=sharp2"] {
        assert_eq!(red("0", query, [(60, 60), (20, 60), (100, 60), (60, 20)]), [true, false, false, true]);
    }
    assert_eq!(red("0", "wid=47", [(23, 23), (8, 23), (39, 23), (23, 8)]), [true, false, false, true]);
    // 120·(cos 45° + sin 45°) = 169.7: the middle lies at 85; 40 pixels at 45° are 28 and 28.
    let turned = [(85, 85), (57, 57), (113, 113), (113, 57)];
    assert_eq!(red("45", "", turned), [true, false, false, true]);
}
