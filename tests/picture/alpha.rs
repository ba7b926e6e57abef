//! Pictures with alpha: colours keep their tone where they are faint, and opaque ones their bytes.

use platemark::{Edit, Picture, PixelLayout, Pixels};

use crate::sources::png;
use crate::support::cases;
use crate::support::dice::Dice;

const COLOR: [u8; 3] = [240, 236, 229];

/// A ring of one colour, 60 pixels wide, whose edges get transparent over 12 pixels.
fn ring() -> Picture {
    let alpha = |x: i32, y: i32| {
        let from_center = f64::from((x - 150).pow(2) + (y - 150).pow(2)).sqrt();
        let t = (((from_center - 100.0).abs() - 24.0) / 12.0).clamp(0.0, 1.0);
        (255.0 * (1.0 - t) * (1.0 - t) * (1.0 + 2.0 * t)).round() as u8
    };
    let pixels: Vec<u8> =
        (0..300).flat_map(|y| (0..300).flat_map(move |x| [COLOR[0], COLOR[1], COLOR[2], alpha(x, y)])).collect();
    Picture::from_bytes(png(300, 300, png::ColorType::Rgba, &pixels)).unwrap()
}

fn pixels(picture: &Picture, edit: &str) -> Pixels {
    picture.pixels(&edit.parse::<Edit>().unwrap()).unwrap()
}

/// With 8 bits colours of alpha 9 to 24 are off by up to 14, and op_usm makes it twice as much.
#[test]
fn faint_edges_keep_their_color() {
    let ring = ring();
    for edit in [
        "wid=225",
        "wid=77&resMode=bilin",
        "wid=410&fit=fit,1&resMode=bicub",
        "crop=40,30,200,190&wid=133&rotate=90&flip=lr",
        "crop=-40,-30,400,390&wid=333",
        "wid=225&rotate=33",
        "rotate=12.5",
        "wid=225&op_usm=2,1.5",
        "wid=225&op_blur=2",
        "wid=225&op_sharpen=1",
        "wid=150&op_brightness=0&op_usmR=1,2",
        "extend=10,10,10,10&wid=225",
        "wid=225&rect=100,0,90,110",
    ] {
        let found = pixels(&ring, &format!("{edit}&fmt=png-alpha"));
        let mut faint = 0;
        // Where sharpening takes alpha beyond 255, colours go on without it.
        for pixel in found.bytes().as_chunks::<4>().0.iter().filter(|pixel| (9..255).contains(&pixel[3])) {
            let off = pixel.iter().zip(COLOR).map(|(found, color)| found.abs_diff(color)).max();
            assert!(off <= Some(1), "{edit}: {pixel:?}");
            faint += usize::from(pixel[3] < 65);
        }
        assert!(faint > 40, "{edit}: {faint}");
        // Laid on a background it is what its colour and alpha say, but for the rounding of alpha.
        let flat = pixels(&ring, &format!("{edit}&fmt=png&bgc=10,60,200"));
        let both = flat.bytes().as_chunks::<3>().0.iter().zip(found.bytes().as_chunks::<4>().0);
        for (flat, pixel) in both.filter(|(_, pixel)| pixel[3] < 255) {
            let alpha = f64::from(pixel[3]) / 255.0;
            for ((&flat, color), background) in flat.iter().zip(COLOR).zip([10.0, 60.0, 200.0]) {
                let exact = f64::from(color) * alpha + background * (1.0 - alpha);
                assert!((f64::from(flat) - exact).abs() <= 1.01, "{edit}: {flat} is not {exact}");
            }
        }
    }
}

/// Of one picture, parts that are opaque, transparent, faint, and noise.
fn patches(dice: &mut Dice, width: u32, height: u32) -> Vec<u8> {
    let pixel = |i: u32| {
        let (x, y) = (i % width, i / width);
        let noise = dice.byte();
        let alpha = [255, 0, noise % 6, 255, noise][((x / 37 + y / 29) % 5) as usize];
        [dice.byte(), (x * 5) as u8, (y * 3) as u8, alpha]
    };
    (0..width * height).flat_map(pixel).collect()
}

#[test]
fn tiles_of_pictures_with_alpha_join() {
    let mut dice = Dice::new(41);
    let bytes = patches(&mut dice, 150, 110);
    let picture = Picture::from_bytes(png(150, 110, png::ColorType::Rgba, &bytes)).unwrap();
    let edits = [
        "wid=97",
        "wid=97&fmt=png,gray",
        "wid=223&fit=fit,1",
        "crop=-20,-10,170,120&wid=120&color=200,30,40,90",
        "crop=-20,-10,170,120&wid=120&rotate=33&bgColor=9,200,40,60",
        "extend=13,7,5,9&color=ff000080&wid=131&op_usm=2,1",
        "rotate=20&wid=140&op_blur=1.5",
        "wid=120&rotate=270&op_sharpen=1&flip=ud",
        "wid=120&op_invert=1&op_usmR=1,1.5,0,1&op_contrast=20",
        "maskUse=invert&wid=100&op_usm=1,1",
        "scl=1&color=9,9,200,40",
    ];
    for edit in edits {
        for format in ["png-alpha", "png&bgc=30,90,200"] {
            let edit = format!("{edit}&fmt={format}");
            let edit = if edit.contains("gray") { edit.replace("&fmt=png-alpha", "") } else { edit };
            let whole = pixels(&picture, &edit);
            for _ in 0..cases(60, 10) {
                let (x, y) = (dice.below(whole.width() as usize), dice.below(whole.height() as usize));
                let (w, h) = (1 + dice.below(whole.width() as usize - x), 1 + dice.below(whole.height() as usize - y));
                let w = if dice.below(2) == 0 { w } else { w.min(9) };
                let tile = pixels(&picture, &format!("{edit}&rect={x},{y},{w},{h}"));
                let size = whole.layout().bytes();
                for row in 0..h {
                    let expected = &whole.row((y + row) as u32).unwrap()[x * size..(x + w) * size];
                    assert_eq!(tile.row(row as u32).unwrap(), expected, "{edit}&rect={x},{y},{w},{h} row {row}");
                }
            }
        }
    }
}

/// Alpha that is 255 throughout changes no byte. (Where a picture ends between two pixels, gray replies and `color` are the
/// exception: colours of 16 bits are laid on the background before they become gray, and over the colour before they are
/// rounded.)
#[test]
fn opaque_pictures_are_those_without_alpha() {
    let mut dice = Dice::new(42);
    let rgb: Vec<u8> = (0..90 * 70 * 3).map(|_| dice.byte()).collect();
    let rgba: Vec<u8> = rgb.as_chunks::<3>().0.iter().flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    let without = Picture::from_bytes(png(90, 70, png::ColorType::Rgb, &rgb)).unwrap();
    let with = Picture::from_bytes(png(90, 70, png::ColorType::Rgba, &rgba)).unwrap();
    for edit in [
        "wid=41",
        "wid=150&fit=fit,1&resMode=sharp2",
        "crop=-9,-7,110,90&wid=61",
        "rotate=33&wid=80",
        "rotate=90&wid=33&op_usm=2,1.5&op_sharpen=1",
        "op_blur=2&wid=50&op_hue=40",
        "wid=60&op_colorize=305070,norm",
    ] {
        let ends_between = ["crop", "rotate=33"].iter().any(|name| edit.starts_with(name));
        let gray = (!ends_between).then_some("png,gray&bgc=7,7,200");
        for format in ["png-alpha", "png&bgc=30,90,200"].into_iter().chain(gray) {
            let edit = format!("{edit}&fmt={format}");
            assert!(pixels(&with, &edit) == pixels(&without, &edit), "{edit}");
        }
    }
    assert_eq!(pixels(&with, "fmt=png-alpha").layout(), PixelLayout::Rgba);
}
