//! The colour space of what is made of a picture.

use bytes::Bytes;
use platemark::{Edit, ErrorKind, Format, Picture, PixelLayout, Pixels, Profile};

use crate::support::icc;

/// A PNG of one pixel in each colour, in P3.
fn wide() -> Vec<u8> {
    let mut file = Vec::new();
    let mut info = png::Info::with_size(COLORS.len() as u32, 1);
    info.color_type = png::ColorType::Rgb;
    info.bit_depth = png::BitDepth::Eight;
    info.icc_profile = Some(profile().into());
    let mut writer = png::Encoder::with_info(&mut file, info).unwrap().write_header().unwrap();
    writer.write_image_data(COLORS.as_flattened()).unwrap();
    writer.finish().unwrap();
    file
}

fn profile() -> Vec<u8> {
    icc::rgb_of_srgb("Wide", icc::P3)
}

const COLORS: [[u8; 3]; 4] = [[200, 40, 40], [40, 40, 200], [128, 128, 128], [255, 255, 255]];
/// The same in sRGB, by LittleCMS 2.
const IN_SRGB: [[u8; 3]; 4] = [[218, 0, 26], [40, 40, 208], [128, 128, 128], [255, 255, 255]];

fn made(edit: &Edit) -> (Vec<u8>, Option<Vec<u8>>) {
    let rendition = Picture::from_bytes(wide()).unwrap().render(edit).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&rendition.bytes)).read_info().unwrap();
    let mut data = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut data).unwrap();
    (data, reader.info().icc_profile.as_ref().map(|profile| profile.to_vec()))
}

fn assert_near(found: &[u8], expected: &[[u8; 3]]) {
    let expected = expected.as_flattened();
    let near = found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 1);
    assert!(near && found.len() == expected.len(), "{found:?} and not {expected:?}");
}

#[test]
fn pictures_are_in_srgb_unless_the_edit_says_otherwise() {
    let png = || Edit::new().format(Format::Png);
    for edit in [png(), png().profile(Profile::Srgb), png().profile(Profile::Keep).profile(Profile::Srgb)] {
        let (pixels, embedded) = made(&edit);
        assert_near(&pixels, &IN_SRGB);
        assert_eq!(embedded, None);
    }
    let (pixels, embedded) = made(&png().profile(Profile::Keep));
    assert_eq!((pixels, embedded), (COLORS.as_flattened().to_vec(), Some(profile())));
    let adobe = icc::rgb("Photographer", icc::ADOBE, 2.2);
    let (pixels, embedded) = made(&png().profile(Profile::Custom(adobe.clone().into())));
    assert_eq!(embedded, Some(adobe));
    // Neutral stays neutral, and white is white.
    assert!(pixels[6..9].iter().all(|sample| *sample == pixels[6]) && pixels[9..] == [255; 3], "{pixels:?}");
    assert_ne!(pixels[..3], COLORS[0]);
    let (pixels, _) = made(&"fmt=png,gray&icc=Gray22".parse().unwrap());
    assert_eq!(pixels.len(), 4);
}

#[test]
fn pixels_are_in_srgb() {
    let picture = Picture::from_bytes(wide()).unwrap();
    assert_near(picture.pixels(&Edit::new()).unwrap().bytes(), &IN_SRGB);
    let kept = picture.pixels(&Edit::new().profile(Profile::Keep)).unwrap();
    assert_eq!(&kept.bytes()[..], COLORS.as_flattened());
}

#[test]
fn a_profile_of_the_caller_is_covered_by_the_version() {
    let picture = Picture::from_bytes(wide()).unwrap();
    let render = |profile: Vec<u8>| picture.render(&Edit::new().profile(Profile::Custom(profile.into()))).unwrap();
    let (one, other) = (render(icc::rgb("A", icc::ADOBE, 2.2)), render(icc::rgb("A", icc::ADOBE, 1.8)));
    assert!(one.version != other.version && one.etag != other.etag && one.bytes != other.bytes);
    assert_ne!(one.version, picture.version());
    assert_eq!(render(icc::rgb("A", icc::ADOBE, 2.2)).version, one.version);
    let kept = picture.render(&Edit::new().profile(Profile::Keep)).unwrap();
    assert!(kept.version == picture.version() && kept.etag != picture.render(&Edit::new()).unwrap().etag);
}

#[test]
fn a_profile_of_the_caller_that_cannot_be_used_is_an_error() {
    let picture = Picture::from_bytes(wide()).unwrap();
    for wrong in [&b""[..], b"no profile", &profile()[..200]] {
        let error = picture.render(&Edit::new().profile(Profile::Custom(Bytes::copy_from_slice(wrong)))).unwrap_err();
        assert!(error.kind() == ErrorKind::Request && error.to_string().starts_with("icc: "), "{error}");
    }
    let error = "icc=AdobeRGB".parse::<Edit>().unwrap_err();
    assert_eq!(error.to_string(), "icc: needs sRGB, Gray22 or source: an edit has no catalog");
    let edit: Edit = "icc=sRGB,absolute,0&iccEmbed=1".parse().unwrap();
    assert_eq!(edit.to_string(), "icc=sRGB,absolute,0&iccEmbed=1");
}

/// In linear light a checkerboard keeps its brightness; without it, or where nothing is resampled, samples are what counts.
#[test]
fn light_is_resampled_if_the_edit_says_so() {
    let board: Vec<u8> = (0..32 * 32).map(|i| if (i / 32 + i % 32) % 2 == 0 { 0 } else { 255 }).collect();
    let pixels = Pixels::from_raw(board.clone(), 32, 32, 32, PixelLayout::Gray).unwrap();
    let picture = Picture::from_pixels(pixels).unwrap();
    let gray = |edit: Edit| picture.pixels(&edit.gray(true)).unwrap();
    let half = |linear: bool| gray(Edit::new().width(16).linear(linear));
    for y in 4..12 {
        assert!(half(true).row(y).unwrap()[4..12].iter().all(|sample| [187, 188].contains(sample)));
        assert!(half(false).row(y).unwrap()[4..12].iter().all(|sample| [127, 128].contains(sample)));
    }
    assert_eq!(half(false).bytes(), gray(Edit::new().width(16)).bytes());
    assert_eq!(gray(Edit::new().linear(true)).bytes()[..], board);
    let edit = Edit::new().width(16).linear(true);
    assert_eq!(edit.to_string(), "wid=16&linear=1");
    assert_eq!("linear=true&wid=16".parse(), Ok(edit));
}
