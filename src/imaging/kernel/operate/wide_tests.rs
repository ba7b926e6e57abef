//! Operations on neighbours of colours with 16 bits.

use proptest::prelude::*;

use crate::base::cancel::Cancel;
use crate::base::geom::{Rect, Size};
use crate::imaging::kernel::alpha_wide::{divided, multiplied};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::operate::operate;
use crate::imaging::kernel::picture::{AnyPicture, Depth, Picture};
use crate::imaging::kernel::test_support::{noise, part};
use crate::imaging::pixel::operation::{Blur, Operation, SIGMA_STEPS, Unsharp};
use crate::imaging::pixel::raster::{Layout, Raster};

fn operations() -> [Operation; 5] {
    let usm = |mono| {
        let sigma = SIGMA_STEPS * 7 / 5;
        Operation::Unsharp(Unsharp { amount: 90_000, sigma_x: sigma, sigma_y: sigma / 2, threshold: 1, mono })
    };
    let blur = |sigma| Operation::Blur(Blur { sigma_x: sigma, sigma_y: 2 * sigma });
    [blur(SIGMA_STEPS), blur(1), Operation::Sharpen, usm(false), usm(true)]
}

/// Noise whose alpha is opaque, transparent or anything in areas of some pixels.
fn picture(size: Size, layout: Layout, seed: u64) -> Raster {
    let mut raster = noise(size, layout, seed);
    if let (_, Some(alpha)) = raster.split_alpha_mut() {
        for y in 0..size.height as usize {
            for (x, alpha) in alpha.row_mut(y).iter_mut().enumerate() {
                *alpha = [255, *alpha, 255, 0][(x / 17 + y / 13) % 4];
            }
        }
    }
    raster
}

fn done(cpu: Cpu, raster: Raster, (at, visible): (Rect, Rect), operation: &Operation, depth: Depth) -> AnyPicture {
    let picture = AnyPicture::Bytes(Picture { raster, at, visible, premultiplied: false });
    operate(cpu, picture, depth, operation, None, Cancel::ALWAYS).unwrap()
}

fn wide(picture: AnyPicture) -> (Raster<u16>, Rect) {
    match picture {
        AnyPicture::Bytes(picture) => (multiplied(&picture.raster, true, Cancel::ALWAYS).unwrap(), picture.at),
        AnyPicture::Wide(picture) => (picture.raster, picture.at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// On every level, and whether all of the part is opaque or not.
    #[test]
    fn parts_are_those_of_the_whole(
        (width, height) in (1u32..70, 1u32..60), (left, top, w, h) in (0u32..70, 0u32..60, 1u32..70, 1u32..60),
        gray: bool, seed: u64,
    ) {
        let layout = if gray { Layout::GRAY } else { Layout::RGB }.with_alpha(true);
        let raster = picture(Size::new(width, height), layout, seed);
        let all = Rect::at_origin(raster.size());
        let (left, top) = (left % width, top % height);
        let at = Rect::new(i64::from(left), i64::from(top), w.min(width - left), h.min(height - top));
        for operation in operations() {
            let (whole, _) = wide(done(Cpu::all()[0], raster.clone(), (all, all), &operation, Depth::Wide));
            // What is wanted, and what the operation reads around it.
            let (x, y) = operation.reach();
            let grown = |start: i64, len: u32, reach: u32, side: u32| {
                let (from, to) = ((start - i64::from(reach)).max(0), start + i64::from(len) + i64::from(reach));
                (from, (to.min(i64::from(side)) - from) as u32)
            };
            let (columns, rows) = (grown(at.x, at.width, x, width), grown(at.y, at.height, y, height));
            let read = Rect::new(columns.0, rows.0, columns.1, rows.1);
            for cpu in Cpu::all() {
                let (found, place) = wide(done(cpu, part(&raster, read), (read, all), &operation, Depth::Wide));
                for (found, whole) in found.planes().iter().zip(whole.planes()) {
                    for row in at.rows() {
                        let from = (at.x - place.x) as usize;
                        let found = &found.row((row - place.y) as usize)[from..from + at.width as usize];
                        let expected = &whole.row(row as usize)[at.x as usize..][..at.width as usize];
                        prop_assert_eq!(found, expected, "{:?}", operation);
                    }
                }
            }
        }
    }

    /// Where nothing that is read is transparent nothing differs, and elsewhere alpha differs by rounding alone.
    #[test]
    fn what_is_opaque_has_the_bytes_of_8_bits(seed: u64) {
        let raster = picture(Size::new(68, 52), Layout::RGB.with_alpha(true), seed);
        let all = Rect::at_origin(raster.size());
        let alpha = raster.planes()[3].clone();
        for operation in operations() {
            let bytes = done(Cpu::all()[0], raster.clone(), (all, all), &operation, Depth::Bytes);
            let bytes = bytes.rounded(Cancel::ALWAYS).unwrap().raster;
            let (wide, _) = wide(done(Cpu::all()[0], raster.clone(), (all, all), &operation, Depth::Wide));
            let (rx, ry) = operation.reach();
            let mut opaque = 0;
            for y in 0..52i64 {
                for x in 0..68i64 {
                    let near = |center: i64, reach: u32, side: i64| {
                        (center - i64::from(reach)).max(0)..(center + i64::from(reach) + 1).min(side)
                    };
                    let mut lines = near(y, ry, 52).map(|y| alpha.row(y as usize));
                    let columns = near(x, rx, 68);
                    let is = lines.all(|row| row[columns.start as usize..columns.end as usize].iter().all(|&a| a == 255));
                    for (wide, bytes) in wide.planes().iter().zip(bytes.planes()) {
                        let (wide, byte) = (wide.row(y as usize)[x as usize], bytes.row(y as usize)[x as usize]);
                        if is {
                            prop_assert_eq!(wide, u16::from(byte) * 257);
                        }
                    }
                    opaque += usize::from(is);
                }
            }
            prop_assert!(opaque > 100, "{operation:?}");
        }
    }
}

/// One colour under any alpha stays that colour: with 8 bits it is off by up to 128 where alpha is 1.
#[test]
fn faint_colors_keep_their_tone() {
    let size = Size::new(256, 8);
    let mut raster = Raster::zeroed(size, Layout::RGB.with_alpha(true));
    for (plane, value) in raster.planes_mut().iter_mut().zip([240, 120, 17]) {
        plane.samples_mut().fill(value);
    }
    if let (_, Some(alpha)) = raster.split_alpha_mut() {
        alpha.samples_mut().iter_mut().enumerate().for_each(|(i, alpha)| *alpha = (i % 256) as u8);
    }
    let all = Rect::at_origin(size);
    for operation in operations() {
        let worst = |depth| {
            let (wide, _) = wide(done(Cpu::all()[0], raster.clone(), (all, all), &operation, depth));
            let back = divided(&wide, Cancel::ALWAYS).unwrap();
            let off = |i: usize| {
                let [red, green, blue, alpha] = [0, 1, 2, 3].map(|plane: usize| back.planes()[plane].samples()[i]);
                let off = red.abs_diff(240).max(green.abs_diff(120)).max(blue.abs_diff(17));
                if alpha < 2 { 0 } else { off }
            };
            (0..size.area() as usize).map(off).max().unwrap()
        };
        assert!(worst(Depth::Wide) <= 1, "{operation:?}: {}", worst(Depth::Wide));
        assert!(worst(Depth::Bytes) > 8, "{operation:?}");
    }
}
