use super::*;
use crate::imaging::kernel::test_support::{noise, part, premultiplied_noise};
use crate::imaging::pixel::operation::{Blur, Colorize, Noise, SIGMA_STEPS, Unsharp};
use crate::imaging::pixel::raster::Layout;
use proptest::prelude::*;

fn usm(amount: f64, sigma: f64, threshold: u8, mono: bool) -> Operation {
    let sigma = (sigma * f64::from(SIGMA_STEPS)) as u32;
    Operation::Unsharp(Unsharp { amount: (amount * 65536.0) as u32, sigma_x: sigma, sigma_y: sigma, threshold, mono })
}

/// Every kind of operation at least once.
fn operations() -> Vec<Operation> {
    let noise = |gaussian, mono| Operation::Noise(Noise { amount: 30, gaussian, mono });
    vec![
        Operation::Blur(Blur { sigma_x: 700, sigma_y: 3000 }),
        Operation::Blur(Blur { sigma_x: 1, sigma_y: 0 }),
        Operation::Brightness(-13),
        Operation::Contrast(40),
        Operation::ColorBalance([10, -20, 30]),
        Operation::Hue(77),
        Operation::Saturation(60),
        Operation::Colorize(Colorize { color: [250, 90, 10], tone: None }),
        Operation::Colorize(Colorize { color: [0, 90, 200], tone: Some(60) }),
        Operation::Invert,
        noise(false, false),
        noise(true, true),
        Operation::Sharpen,
        usm(1.3, 0.4, 2, false),
        usm(4.0, 2.2, 0, true),
        usm(0.7, 9.0, 0, false),
    ]
}

fn operate(cpu: Cpu, picture: Picture, operation: &Operation, tones: Option<&Histogram>) -> Picture {
    let picture = AnyPicture::Bytes(picture);
    let done = super::operate(cpu, picture, Depth::Bytes, operation, tones, Cancel::ALWAYS).unwrap();
    done.rounded(Cancel::ALWAYS).unwrap()
}

fn whole(raster: Raster, premultiplied: bool) -> Picture {
    let all = Rect::at_origin(raster.size());
    Picture { raster, at: all, visible: all, premultiplied }
}

fn done(raster: &Raster, premultiplied: bool, operation: &Operation) -> Picture {
    let tones = Histogram::of(raster, premultiplied);
    operate(Cpu::all()[0], whole(raster.clone(), premultiplied), operation, Some(&tones))
}

/// One pixel.
fn pixel(values: &[u8], alpha: bool) -> Raster {
    let planes = values.iter().map(|&value| Plane::filled(Size::new(1, 1), value)).collect();
    Raster::from_planes(planes, Layout { colors: values.len() as u8 - u8::from(alpha), alpha })
}

fn first(picture: &Picture) -> Vec<u8> {
    picture.raster.planes().iter().map(|plane| plane.samples()[0]).collect()
}

#[test]
fn an_edge_overshoots_on_both_sides_by_amount_and_radius() {
    let mut raster = Raster::zeroed(Size::new(12, 3), Layout::GRAY);
    for y in 0..3 {
        raster.planes_mut()[0].row_mut(y).copy_from_slice(&[50, 50, 50, 50, 50, 50, 150, 150, 150, 150, 150, 150]);
    }
    let row = |operation: &Operation| {
        let out = done(&raster, true, operation);
        assert_eq!(out.at, Rect::at_origin(raster.size()));
        out.raster.planes()[0].row(1).to_vec()
    };
    assert_eq!(row(&Operation::Sharpen), [50, 50, 50, 50, 50, 13, 188, 150, 150, 150, 150, 150]);
    // The step of 100 blurred with σ = 1: .3004 of it reaches the first pixel, .0582 the second, .0044 the third.
    assert_eq!(row(&usm(1.0, 1.0, 0, false)), [50, 50, 50, 50, 44, 20, 180, 156, 150, 150, 150, 150]);
    assert_eq!(row(&usm(1.0, 1.0, 6, false)), [50, 50, 50, 50, 44, 20, 180, 156, 150, 150, 150, 150]);
    assert_eq!(row(&usm(1.0, 1.0, 7, false)), [50, 50, 50, 50, 50, 20, 180, 150, 150, 150, 150, 150]);
    assert_eq!(row(&usm(0.5, 1.0, 0, false)), [50, 50, 50, 50, 47, 35, 165, 153, 150, 150, 150, 150]);
    let blur = Operation::Blur(Blur { sigma_x: SIGMA_STEPS, sigma_y: SIGMA_STEPS });
    assert_eq!(row(&blur), [50, 50, 50, 50, 56, 80, 120, 144, 150, 150, 150, 150]);
}

#[test]
fn flat_pictures_stay_as_they_are() {
    let raster = Raster::from_planes(vec![Plane::filled(Size::new(20, 10), 99); 4], Layout::RGB.with_alpha(true));
    let blur = Operation::Blur(Blur { sigma_x: 5000, sigma_y: 60_000 });
    for operation in [Operation::Sharpen, usm(5.0, 3.0, 0, false), usm(5.0, 40.0, 0, true), blur] {
        assert_eq!(done(&raster, true, &operation).raster, raster);
    }
}

#[test]
fn the_faintest_blurs_change_nothing() {
    let raster = noise(Size::new(20, 10), Layout::GRAY, 3);
    for sigma in 0..130 {
        let blur = Operation::Blur(Blur { sigma_x: sigma, sigma_y: sigma });
        assert_eq!(done(&raster, true, &blur).raster, raster, "{sigma}");
    }
}

#[test]
fn mono_adds_the_same_to_every_color() {
    let raster = noise(Size::new(30, 20), Layout::RGB, 5);
    let out = done(&raster, true, &usm(0.2, 1.5, 0, true)).raster;
    let added = |plane: usize, i: usize| {
        i32::from(out.planes()[plane].samples()[i]) - i32::from(raster.planes()[plane].samples()[i])
    };
    let unclamped = (0..600).filter(|&i| (0..3).all(|p| !matches!(out.planes()[p].samples()[i], 0 | 255)));
    let equal = unclamped.clone().all(|i| added(0, i) == added(1, i) && added(1, i) == added(2, i));
    assert!(equal && unclamped.count() > 300);
}

/// One row for every row of the protocol's table that is drawn here.
#[test]
fn every_operation_does_what_the_protocol_says() {
    let on = |operation: Operation, rgb: [u8; 3]| first(&done(&pixel(&rgb, false), false, &operation));
    assert_eq!(on(Operation::Brightness(20), [0, 100, 250]), [51, 151, 255]);
    assert_eq!(on(Operation::Contrast(50), [0, 100, 155]), [0, 73, 183]);
    assert_eq!(on(Operation::ColorBalance([20, 0, -20]), [100; 3]), [151, 100, 49]);
    assert_eq!(on(Operation::Hue(120), [200, 100, 50]), [50, 200, 100]);
    assert_eq!(on(Operation::Saturation(-100), [200, 100, 50]), [124; 3]);
    let colorize = |tone| Operation::Colorize(Colorize { color: [200, 100, 0], tone });
    assert_eq!(on(colorize(None), [64; 3]), [100, 50, 0]);
    assert_eq!(on(colorize(Some(0)), [64; 3]), [200, 100, 0], "its own median");
    assert_eq!(on(Operation::Invert, [0, 100, 250]), [255, 155, 5]);
    let noise = |amount| Operation::Noise(Noise { amount, gaussian: false, mono: false });
    assert_eq!(on(noise(0), [1, 2, 3]), [1, 2, 3]);
    assert_ne!(on(noise(100), [128; 3]), [128; 3]);
}

#[test]
fn gray_becomes_rgb_only_where_it_must() {
    let gray = pixel(&[100, 200], true);
    for operation in operations() {
        let out = done(&gray, false, &operation);
        let colored = matches!(operation, Operation::ColorBalance(_) | Operation::Colorize(_));
        assert_eq!(out.raster.layout(), if colored { Layout::RGB } else { Layout::GRAY }.with_alpha(true));
    }
    for operation in [Operation::Hue(90), Operation::Saturation(50)] {
        assert_eq!(first(&done(&gray, false, &operation)), [100, 200]);
    }
    assert_eq!(first(&done(&gray, false, &Operation::ColorBalance([20, 0, -20]))), [151, 100, 49, 200]);
}

#[test]
fn points_change_true_colors_and_neighbors_mix_premultiplied_ones() {
    // Half transparent: 100 of 128 is 199 in truth, whose negative is 56, or 28 of 128.
    let out = done(&pixel(&[100, 128], true), true, &Operation::Invert);
    assert_eq!((first(&out), out.premultiplied), (vec![56, 128], false));
    let out = operate(Cpu::all()[0], out, &Operation::Sharpen, None);
    assert_eq!((first(&out), out.premultiplied), (vec![28, 128], true));
    // Without alpha there is nothing to convert.
    let out = done(&pixel(&[100], false), true, &Operation::Invert);
    assert_eq!((first(&out), out.premultiplied), (vec![155], false));
}

#[test]
fn alpha_stays_under_operations_on_points() {
    let raster = premultiplied_noise(Size::new(40, 30), Layout::RGB.with_alpha(true), 8);
    for operation in operations().iter().filter(|operation| operation.reach() == (0, 0)) {
        let out = done(&raster, true, operation);
        assert_eq!(out.raster.planes()[3], raster.planes()[3], "{operation:?}");
        assert_eq!(out, done(&raster, true, operation));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// A part with the operation's reach around it is the same part of the whole, on every CPU level.
    #[test]
    fn parts_come_out_as_in_the_whole(
        (width, height) in (1u32..60, 1u32..60), (x, y, w, h) in (0u32..60, 0u32..60, 1u32..60, 1u32..60),
        (left, top) in (-100i64..100, -100i64..100), seed: u64, premultiplied: bool,
        operation in prop::sample::select(operations()),
        layout in prop::sample::select(vec![Layout::GRAY, Layout::RGB, Layout::GRAY.with_alpha(true), Layout::RGB.with_alpha(true)]),
    ) {
        let raster = premultiplied_noise(Size::new(width, height), layout, seed);
        let tones = Histogram::of(&raster, premultiplied);
        let visible = Rect::new(left, top, width, height);
        let (x, y) = (x % width, y % height);
        let tile = Rect::new(left + i64::from(x), top + i64::from(y), w.min(width - x), h.min(height - y));
        let reach = operation.reach();
        let grow = |range: Range<i64>, border: u32, whole: Range<i64>| {
            (range.start - i64::from(border)).max(whole.start)..(range.end + i64::from(border)).min(whole.end)
        };
        let columns = grow(tile.columns(), reach.0, visible.columns());
        let rows = grow(tile.rows(), reach.1, visible.rows());
        let at = Rect::new(
            columns.start, rows.start, (columns.end - columns.start) as u32, (rows.end - rows.start) as u32);
        let sampled = part(&raster, Rect { x: at.x - left, y: at.y - top, ..at });
        let picture = |raster: &Raster, at| Picture { raster: raster.clone(), at, visible, premultiplied };
        let mut seen = None;
        for cpu in Cpu::all() {
            let all = operate(cpu, picture(&raster, visible), &operation, Some(&tones));
            let out = operate(cpu, picture(&sampled, at), &operation, Some(&tones));
            prop_assert_eq!((all.at, out.visible), (visible, visible));
            let of_tile = part(&out.raster, Rect { x: tile.x - out.at.x, y: tile.y - out.at.y, ..tile });
            let of_all = part(&all.raster, Rect { x: tile.x - left, y: tile.y - top, ..tile });
            prop_assert_eq!(of_tile, of_all);
            prop_assert_eq!(seen.get_or_insert_with(|| all.clone()), &all);
        }
    }
}
