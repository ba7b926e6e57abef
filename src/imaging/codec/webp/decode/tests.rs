use image_webp::{ColorType, WebPDecoder, WebPEncoder};

use crate::base::cancel::Cancel;
use crate::base::digest::Digest;
use crate::base::error::ErrorKind;
use crate::base::geom::{Orientation, Size};
use crate::imaging::codec::test_support::{assert_hostile, assert_windows, collect, refused};
use crate::imaging::codec::{read_header, read_metadata, read_profile};
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

/// Files of libwebp: lossy, with alpha, without loss, and an animation whose first frame is a part of its canvas.
const LOSSY: &[u8] = include_bytes!("../../../../engine/versioning/probes/lossy.webp");
const LOSSY_ALPHA: &[u8] = include_bytes!("../../../../engine/versioning/probes/lossy-alpha.webp");
const LOSSLESS: &[u8] = include_bytes!("../../../../engine/versioning/probes/lossless.webp");
const ANIMATED: &[u8] = include_bytes!("../../../../engine/versioning/probes/animated.webp");

/// Slopes and noise, with a hole where there is alpha.
fn pixels(width: u32, height: u32, planes: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let color = [4 * x, 3 * y, 712 - 2 * x + (state >> 29), 255 - 9 * (x / 5)];
            pixels.extend(color[..planes].iter().map(|&sample| sample as u8));
        }
    }
    pixels
}

fn encoder_with(pixels: &[u8], size: [u32; 2], set: impl FnOnce(&mut WebPEncoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = WebPEncoder::new(&mut file);
    set(&mut encoder);
    let color = if pixels.len() == (4 * size[0] * size[1]) as usize { ColorType::Rgba8 } else { ColorType::Rgb8 };
    encoder.encode(pixels, size[0], size[1], color).unwrap();
    file
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let pad = &[0][..data.len() % 2];
    [&kind[..], &(data.len() as u32).to_le_bytes(), data, pad].concat()
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    [&b"RIFF"[..], &(chunks.len() as u32 + 4).to_le_bytes(), b"WEBP", &chunks].concat()
}

fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    chunk(b"VP8X", &[vec![flags, 0, 0, 0], side(width), side(height)].concat())
}

fn frame(at: [u32; 2], size: [u32; 2], chunks: &[Vec<u8>]) -> Vec<u8> {
    let numbers = [at[0] / 2, at[1] / 2, size[0] - 1, size[1] - 1, 100];
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()[..3].to_vec()).collect();
    chunk(b"ANMF", &[numbers, vec![0], chunks.concat()].concat())
}

/// The chunk of pixels of a simple file.
fn only_chunk(file: &[u8]) -> Vec<u8> {
    file[12..].to_vec()
}

/// What the crate makes of a file by itself.
fn by_the_crate(file: &[u8]) -> Vec<u8> {
    let mut decoder = WebPDecoder::new(std::io::Cursor::new(file)).unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    pixels
}

#[test]
fn lossless_pictures_come_back() {
    for (size, planes) in [([37, 23], 3), ([37, 23], 4), ([1, 1], 3), ([130, 2], 4)] {
        let pixels = pixels(size[0], size[1], planes);
        let file = encoder_with(&pixels, size, |_| {});
        let header = read_header(&file).unwrap();
        assert_eq!((header.stored, header.layout.planes()), (Size::new(size[0], size[1]), planes));
        assert_eq!((header.orientation, header.space), (Orientation::default(), Space::Unsaid));
        assert!(assert_windows(&file).interleaved() == pixels);
    }
}

#[test]
fn files_of_libwebp_are_decoded_as_the_crate_does() {
    for (file, alpha) in [(LOSSY, false), (LOSSY_ALPHA, true), (LOSSLESS, true)] {
        assert_eq!(read_header(file).unwrap().layout, Layout::RGB.with_alpha(alpha));
        assert!(assert_windows(file).interleaved() == by_the_crate(file));
    }
}

#[test]
fn of_an_animation_the_first_frame_is_shown_on_a_transparent_canvas() {
    for planes in [3, 4] {
        let pixels = pixels(9, 7, planes);
        let still = only_chunk(&encoder_with(&pixels, [9, 7], |_| {}));
        let other = only_chunk(&encoder_with(&[7; 3], [1, 1], |_| {}));
        let frames = [frame([4, 2], [9, 7], &[still]), frame([0, 0], [1, 1], &[other])];
        // The colour in `ANIM` is that of a background which no browser shows.
        let animation = [canvas(0x02, 16, 12), chunk(b"ANIM", &[9, 9, 9, 255, 0, 0]), frames.concat()];
        let file = file(&animation);
        let header = read_header(&file).unwrap();
        assert_eq!((header.stored, header.layout), (Size::new(16, 12), Layout::RGB.with_alpha(true)));
        let shown = assert_windows(&file).interleaved();
        for (i, pixel) in shown.chunks_exact(4).enumerate() {
            let (x, y) = (i % 16, i / 16);
            let expected = if (4..13).contains(&x) && (2..9).contains(&y) {
                let at = planes * ((y - 2) * 9 + x - 4);
                [&pixels[at..at + planes], &[255][..4 - planes]].concat()
            } else {
                vec![0; 4]
            };
            assert_eq!(pixel, expected, "{x},{y}");
        }
    }
    // A frame that covers its canvas makes an opaque picture.
    let opaque = pixels(8, 6, 3);
    let still = only_chunk(&encoder_with(&opaque, [8, 6], |_| {}));
    let file = file(&[canvas(0x02, 8, 6), chunk(b"ANIM", &[0; 6]), frame([0, 0], [8, 6], &[still])]);
    assert_eq!(read_header(&file).unwrap().layout, Layout::RGB);
    assert!(collect(&file, None).interleaved() == opaque);
}

#[test]
fn animations_of_libwebp_are_shown() {
    let header = read_header(ANIMATED).unwrap();
    assert_eq!((header.stored, header.layout.alpha), (Size::new(30, 20), true));
    assert!(assert_windows(ANIMATED).interleaved() == by_the_crate(ANIMATED));
}

/// A directory with an orientation and a resolution of 300 dots per inch.
const TIFF: &[u8] =
    b"MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x01\x1a\0\x05\0\0\0\x01\0\0\0\x26\0\0\0\0\
    \0\0\x01\x2c\0\0\0\x01";

#[test]
fn orientation_profile_and_xmp_are_read() {
    let packet = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>";
    for tiff in [TIFF.to_vec(), [b"Exif\0\0", TIFF].concat()] {
        let file = encoder_with(&pixels(4, 3, 3), [4, 3], |encoder| {
            encoder.set_icc_profile(vec![5; 201]);
            encoder.set_exif_metadata(tiff);
            encoder.set_xmp_metadata(packet.as_bytes().to_vec());
        });
        let header = read_header(&file).unwrap();
        assert_eq!(header.orientation, Orientation::from_exif(6));
        assert_eq!(header.space, Space::Icc(Digest::of(&[5; 201])));
        assert_eq!(read_profile(&file, 201).unwrap(), [5; 201]);
        assert_eq!(read_profile(&file, 200), None);
        let metadata = read_metadata(&file, 1000);
        assert_eq!(metadata.xmp.unwrap().unwrap(), packet);
        assert_eq!(metadata.milli_dpi, Some(300_000));
        assert!(metadata.icc.is_some());
        assert_eq!(read_metadata(&file, 10).xmp.unwrap_err().kind(), ErrorKind::Limit);
        assert!(assert_windows(&file).interleaved() == pixels(4, 3, 3));
    }
}

#[test]
fn alpha_is_what_the_pixels_have_whatever_the_flags_say() {
    let simple = only_chunk(LOSSY);
    // The flag of alpha without alpha, and an unknown chunk in front.
    let flagged = file(&[canvas(0x10, 61, 43), chunk(b"abcd", b"odd"), simple]);
    assert_eq!(read_header(&flagged).unwrap().layout, Layout::RGB);
    assert!(collect(&flagged, None) == collect(LOSSY, None));
    // Alpha without its flag.
    let mut unflagged = LOSSY_ALPHA.to_vec();
    assert_eq!(unflagged[20] & 0x10, 0x10);
    unflagged[20] ^= 0x10;
    assert!(collect(&unflagged, None) == collect(LOSSY_ALPHA, None));
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let still = only_chunk(&encoder_with(&pixels(9, 7, 3), [9, 7], |_| {}));
    let animation =
        |at, size| file(&[canvas(2, 16, 12), chunk(b"ANIM", &[0; 6]), frame(at, size, std::slice::from_ref(&still))]);
    assert!(read_header(&animation([6, 4], [9, 7])).is_ok());
    for file in [
        file(&[]),
        file(&[canvas(0, 9, 7)]),
        file(&[canvas(0, 10, 7), still.clone()]),
        animation([8, 0], [9, 7]),
        animation([0, 6], [9, 7]),
        animation([0, 0], [9, 8]),
        file(&[frame([0, 0], [9, 7], std::slice::from_ref(&still))]),
        file(&[canvas(2, 16, 12), frame([0, 0], [9, 7], &[])]),
        file(&[chunk(b"VP8 ", &[1, 0, 0, 0x9d, 1, 0x2a, 8, 0, 8, 0])]),
        file(&[chunk(b"VP8 ", &[0, 0, 0, 0x9d, 1, 0x2a, 0, 0, 8, 0])]),
        file(&[chunk(b"VP8L", &[0x2f, 0, 0, 0, 0x20])]),
        b"RIFF\0\0\0\0WEBP".to_vec(),
    ] {
        let error = read_header(&file).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Source, "is a damaged WebP"));
    }
}

#[test]
fn memory_is_limited_and_work_ends_when_it_is_given_up() {
    for file in [LOSSY, LOSSY_ALPHA, LOSSLESS, ANIMATED] {
        assert_eq!(refused(file, 1 << 20, Cancel::ALWAYS), None);
        let Size { width, height } = read_header(file).unwrap().stored;
        assert_eq!(refused(file, u64::from(4 * width * height), Cancel::ALWAYS), Some(ErrorKind::Limit));
        let stopped = || false;
        assert_eq!(refused(file, 1 << 20, Cancel::new(&stopped)), Some(ErrorKind::Stopped));
    }
    // The largest picture without its pixels.
    let huge = file(&[chunk(b"VP8L", &[0x2f, 0xff, 0xff, 0xff, 0x0f])]);
    assert_eq!(read_header(&huge).unwrap().stored, Size::new(16384, 16384));
    assert_eq!(refused(&huge, 1 << 29, Cancel::ALWAYS), Some(ErrorKind::Limit));
}

/// Bits, the lowest one of each number first, as a lossless picture of one pixel.
fn lossless(numbers: &[(u32, usize)]) -> Vec<u8> {
    let bits: Vec<u32> = numbers.iter().flat_map(|&(number, count)| (0..count).map(move |i| number >> i & 1)).collect();
    let bytes = bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |byte, bit| byte << 1 | *bit as u8));
    file(&[chunk(b"VP8L", &[&[0x2f, 0, 0, 0, 0][..], &bytes.collect::<Vec<_>>(), &[0; 9]].concat())])
}

#[test]
fn tables_that_a_file_announces_count_for_the_limit() {
    // A code of one symbol of 8 bits.
    let code = |symbol| [(1, 1), (0, 1), (1, 1), (symbol, 8)];
    let picture = |red, green| {
        // No transform, no cache of colours; groups of tables, in blocks of 4 pixels, by a picture without a cache.
        let head = [(0, 1), (0, 1), (1, 1), (0, 3), (0, 1)];
        let groups = [code(green), code(red), code(0), code(0), code(0)].concat();
        // Tables of the first group.
        let first = [code(7), code(8), code(9), code(255), code(0)].concat();
        lossless(&[&head[..], &groups, &first].concat())
    };
    let sound = picture(0, 0);
    assert_eq!(collect(&sound, None).interleaved(), [8, 7, 9]);
    assert_eq!(refused(&sound, 1 << 20, Cancel::ALWAYS), None);
    // 256 and 65,536 groups.
    assert_eq!(refused(&picture(0, 255), 1 << 20, Cancel::ALWAYS), Some(ErrorKind::Limit));
    assert_eq!(refused(&picture(255, 255), 1 << 30, Cancel::ALWAYS), Some(ErrorKind::Limit));
    // A picture of alpha announces them in the same way.
    let colors = only_chunk(LOSSY);
    let mut alpha = vec![1];
    alpha.extend(&picture(255, 255)[12 + 8 + 5..]);
    let alpha = file(&[canvas(0x10, 61, 43), chunk(b"ALPH", &alpha), colors]);
    assert_eq!(refused(&alpha, 1 << 30, Cancel::ALWAYS), Some(ErrorKind::Limit));
}

#[test]
fn nothing_panics_on_damaged_files() {
    let still = only_chunk(&encoder_with(&pixels(9, 7, 4), [9, 7], |_| {}));
    let animation = file(&[canvas(2, 16, 12), chunk(b"ANIM", &[0; 6]), frame([4, 2], [9, 7], &[still])]);
    let described = encoder_with(&pixels(4, 3, 3), [4, 3], |encoder| {
        encoder.set_icc_profile(vec![5; 21]);
        encoder.set_exif_metadata(TIFF.to_vec());
    });
    for file in [&animation, &described, LOSSY_ALPHA] {
        assert_hostile(file);
    }
}
