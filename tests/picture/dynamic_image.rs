//! Pixels and the pictures of the `image` crate.

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use platemark::{ErrorKind, PixelLayout, Pixels};

use crate::support::dice::Dice;

#[test]
fn samples_of_eight_bits_go_there_and_back() {
    let mut dice = Dice::new(21);
    let mut noise = |components: usize| -> Vec<u8> { (0..7 * 5 * components).map(|_| dice.byte()).collect() };
    for layout in [PixelLayout::Gray, PixelLayout::Rgb, PixelLayout::Rgba] {
        let bytes = noise(layout.bytes());
        let image: DynamicImage = match layout {
            PixelLayout::Gray => GrayImage::from_raw(7, 5, bytes.clone()).unwrap().into(),
            PixelLayout::Rgb => RgbImage::from_raw(7, 5, bytes.clone()).unwrap().into(),
            _ => RgbaImage::from_raw(7, 5, bytes.clone()).unwrap().into(),
        };
        let pixels = Pixels::try_from(&image).unwrap();
        assert_eq!((pixels.width(), pixels.height(), pixels.layout()), (7, 5, layout));
        assert_eq!(pixels.bytes()[..], bytes);
        assert_eq!(DynamicImage::from(&pixels), image);
        assert_eq!(Pixels::try_from(image), Ok(pixels.clone()));
        // Of a part what lies between its rows is left out.
        let part = DynamicImage::from(&pixels.crop(2, 1, 4, 3).unwrap());
        assert_eq!(part, DynamicImage::from(&pixels).crop_imm(2, 1, 4, 3), "{layout:?}");
    }
    let bytes = noise(2);
    let image = DynamicImage::from(GrayAlphaImage::from_raw(7, 5, bytes.clone()).unwrap());
    let pixels = Pixels::try_from(&image).unwrap();
    let expected: Vec<u8> = bytes.chunks(2).flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]).collect();
    assert_eq!((pixels.layout(), &pixels.bytes()[..]), (PixelLayout::Rgba, &expected[..]));
    assert_eq!(Pixels::try_from(image), Ok(pixels));
}

#[test]
fn other_samples_are_refused() {
    let refused = |image: DynamicImage| {
        let error = Pixels::try_from(&image).unwrap_err();
        assert_eq!(Pixels::try_from(image), Err(error.clone()));
        (error.kind(), error.to_string())
    };
    let deep = "image: has samples that are not 8 bits long; convert it, such as by `to_rgba8`";
    for image in [
        DynamicImage::new_luma16(3, 2),
        DynamicImage::new_luma_a16(3, 2),
        DynamicImage::new_rgb16(3, 2),
        DynamicImage::new_rgba16(3, 2),
        DynamicImage::new_rgb32f(3, 2),
        DynamicImage::new_rgba32f(3, 2),
    ] {
        assert_eq!(refused(image), (ErrorKind::Request, deep.to_owned()));
    }
    let empty = "pixels: need a width and a height of at least 1";
    assert_eq!(refused(DynamicImage::new_rgb8(0, 2)), (ErrorKind::Request, empty.to_owned()));
    assert_eq!(refused(DynamicImage::new_luma_a8(3, 0)), (ErrorKind::Request, empty.to_owned()));
}
