//! Files that are faulty but hold all their pixels: the decoder shows them.

use png::{BitDepth, ColorType};

use super::chunk::made;
use super::damaged_tests::{SIGNATURE, checked, chunks, file_of, first_rows, salvaged, spread};
use super::read_header;
use super::tests::{H, W, interlaced, noise, whole, write};

#[test]
fn what_is_wrong_behind_the_pixels_does_not_matter() {
    let data = noise((W * H) as usize * 3);
    for file in [write(ColorType::Rgb, BitDepth::Eight, &data, |_| {}), interlaced(&data)] {
        let expected = whole(&file);
        let parts = spread(&file, 100);
        let end = parts.len() - 1;
        let (pixels, iend) = (file_of(&parts[..end]), &parts[end]);
        let mut broken_text = made(*b"tEXt", b"a\0b");
        broken_text[9] ^= 1;
        let again = made(*b"IHDR", &chunks(&file)[0].data[..12]);
        for (what, tail) in [
            ("nothing", vec![]),
            ("IEND without its sum", iend[..8].to_vec()),
            ("half of IEND", iend[..5].to_vec()),
            ("a wrong sum", [&iend[..8], &[1, 2, 3, 4]].concat()),
            ("garbage", noise(1000)),
            ("zeros", vec![0; 1000]),
            ("a broken text", [&broken_text[..], iend].concat()),
            ("a critical chunk", [&again[..], iend].concat()),
            ("an unknown critical chunk", [&made(*b"ABCD", b"x")[..], iend].concat()),
            ("a text that is cut off", made(*b"tEXt", b"a\0b")[..9].to_vec()),
            ("more pixels behind a gap", [&made(*b"tEXt", b"a\0b")[..], &parts[1]].concat()),
        ] {
            let file = [&pixels[..], &tail].concat();
            assert_eq!(whole(&file), expected, "{what}");
            assert_eq!(checked(&file), read_header(&file), "{what}");
        }
        // The last 4 bytes are a check sum, the 4 before it another.
        for cut in 0..=8 {
            assert_eq!(whole(&pixels[..pixels.len() - cut]), expected, "{cut}");
        }
    }
}

#[test]
fn the_check_sum_inside_the_stream_is_not_looked_at() {
    let file = write(ColorType::Rgb, BitDepth::Eight, &noise((W * H) as usize * 3), |_| {});
    let pixels = chunks(&file)[1].data;
    let mut wrong = pixels.to_vec();
    *wrong.last_mut().unwrap() ^= 1;
    let file_with = |pixels: &[u8]| file_of(&[chunks(&file)[0].whole.to_vec(), made(*b"IDAT", pixels)]);
    assert_eq!(whole(&file_with(&wrong)), whole(&file));
    // Unless there is no other.
    let mut cut = file_with(&wrong);
    cut.truncate(cut.len() - 4);
    assert_eq!(salvaged(&cut), first_rows(&whole(&file), H as usize, false));
    assert_eq!(whole(&file_with(&pixels[..pixels.len() - 4])), whole(&file));
}

/// A frame of the whole picture with this number.
fn frame(number: u32) -> Vec<u8> {
    let size = [W.to_be_bytes(), H.to_be_bytes()].concat();
    made(*b"fcTL", &[&number.to_be_bytes()[..], &size, &[0; 8], &[0, 1, 0, 10, 0, 0]].concat())
}

#[test]
fn animations_show_their_still_picture_whatever_their_frames_are() {
    let file = write(ColorType::Rgb, BitDepth::Eight, &noise((W * H) as usize * 3), |_| {});
    let other = write(ColorType::Rgb, BitDepth::Eight, &vec![9; (W * H) as usize * 3], |_| {});
    let parts = spread(&file, 90);
    let (header, pixels, end) = (&parts[0], parts[1..parts.len() - 1].concat(), &parts[parts.len() - 1]);
    let data = |number: u32| made(*b"fdAT", &[&number.to_be_bytes()[..], chunks(&other)[1].data].concat());
    let frames = |count: u32| made(*b"acTL", &[count.to_be_bytes(), [0; 4]].concat());
    let mut broken = frame(0);
    broken[12] ^= 0xff;
    for (what, before, behind) in [
        ("sound", vec![frames(2), frame(0)], vec![frame(1), data(2)]),
        ("a gap", vec![frames(2), frame(0)], vec![frame(1), data(3)]),
        ("a gap at the start", vec![frames(2), frame(7)], vec![frame(8), data(9)]),
        ("a repetition", vec![frames(2), frame(0)], vec![frame(1), data(1)]),
        ("a frame repeated before the pixels", vec![frames(2), frame(0), frame(0)], vec![frame(1), data(2)]),
        ("no frame in front", vec![frames(1)], vec![frame(0), data(1)]),
        ("frames without a count", vec![frame(0)], vec![frame(1), data(2)]),
        ("no frames", vec![frames(0)], vec![]),
        ("a count that is cut off", vec![made(*b"acTL", &[0; 5])], vec![frame(0), data(1)]),
        ("a frame of the wrong length", vec![frames(2), made(*b"fcTL", &[0; 25])], vec![data(0)]),
        ("a frame with a wrong check sum", vec![frames(2), broken.clone()], vec![broken.clone()]),
        ("a frame of no size", vec![frames(2), made(*b"fcTL", &[0; 26])], vec![made(*b"fcTL", &[0; 26])]),
        ("pixels of a frame in front", vec![frames(2), frame(0), data(1)], vec![frame(2), data(3)]),
        ("too short pixels of a frame", vec![frames(2), frame(0)], vec![frame(1), made(*b"fdAT", &[0; 3])]),
    ] {
        let animated = [SIGNATURE, header, &before.concat(), &pixels, &behind.concat(), end].concat();
        assert_eq!(read_header(&animated), read_header(&file), "{what}");
        assert_eq!(whole(&animated), whole(&file), "{what}");
        assert_eq!(checked(&animated), read_header(&file), "{what}");
    }
}

#[test]
fn the_first_entries_of_transparency_count() {
    let indices: Vec<u8> = (0..W * H).map(|i| (i % 4) as u8).collect();
    let palette = [10u8, 20, 30, 40, 50, 60, 70, 80, 90];
    let indexed = |alpha: &[u8]| {
        let alpha = alpha.to_vec();
        write(ColorType::Indexed, BitDepth::Eight, &indices, |encoder| {
            encoder.set_palette(palette.to_vec());
            if !alpha.is_empty() {
                encoder.set_trns(alpha.clone());
            }
        })
    };
    // The fourth index is behind the end of the palette, and black.
    let expected = whole(&indexed(&[0, 100, 200]));
    assert_eq!(expected.planes[3][..4], [0, 100, 200, 255]);
    assert_eq!(expected.planes[0][..4], [10, 40, 70, 0]);
    for surplus in [1, 2, 253, 300] {
        assert_eq!(whole(&indexed(&[&[0, 100, 200][..], &vec![7; surplus]].concat())), expected, "{surplus}");
    }
    // Before the palette, or with a wrong check sum, it is none.
    let opaque = whole(&indexed(&[]));
    let sound = chunks(&indexed(&[])).iter().map(|chunk| chunk.whole.to_vec()).collect::<Vec<_>>();
    let mut wrong = made(*b"tRNS", &[0; 5]);
    wrong[10] ^= 1;
    for (at, chunk) in
        [(1, made(*b"tRNS", &[0; 3])), (1, made(*b"tRNS", &[0; 9])), (2, wrong), (2, made(*b"tRNS", &[]))]
    {
        let mut parts = sound.clone();
        parts.insert(at, chunk);
        assert_eq!(whole(&file_of(&parts)), opaque);
    }
    for (color, samples, least) in [(ColorType::Grayscale, 1, 2), (ColorType::Rgb, 3, 6)] {
        for wide in [1, 2] {
            let depth = if wide == 2 { BitDepth::Sixteen } else { BitDepth::Eight };
            let data: Vec<u8> = (0..W * H).flat_map(|i| vec![(i % 2) as u8 * 77; samples * wide]).collect();
            let key = if wide == 2 { vec![77; least] } else { [0, 77].repeat(least / 2) };
            let file = |key: Vec<u8>| write(color, depth, &data, |encoder| encoder.set_trns(key.clone()));
            let expected = whole(&file(key.clone()));
            assert_eq!(expected.planes[samples][..3], [255, 0, 255]);
            assert_eq!(whole(&file([&key[..], &[1, 2, 3]].concat())), expected);
            let short = whole(&file(key[..least - 1].to_vec()));
            assert_eq!(short.planes.len(), samples, "too short");
        }
    }
    for (color, samples) in [(ColorType::GrayscaleAlpha, 2), (ColorType::Rgba, 4)] {
        let data = noise((W * H) as usize * samples);
        let file = write(color, BitDepth::Eight, &data, |_| {});
        let mut parts: Vec<_> = chunks(&file).iter().map(|chunk| chunk.whole.to_vec()).collect();
        parts.insert(1, made(*b"tRNS", &[0; 6]));
        assert_eq!(whole(&file_of(&parts)), whole(&file));
    }
}

#[test]
fn palettes_that_are_only_suggestions_do_not_matter() {
    for (color, samples) in [(ColorType::Grayscale, 1), (ColorType::Rgb, 3), (ColorType::Rgba, 4)] {
        let file = write(color, BitDepth::Eight, &noise((W * H) as usize * samples), |_| {});
        for len in [0, 3, 4, 768, 771] {
            let mut parts: Vec<_> = chunks(&file).iter().map(|chunk| chunk.whole.to_vec()).collect();
            parts.insert(1, made(*b"PLTE", &vec![7; len]));
            assert_eq!(whole(&file_of(&parts)), whole(&file), "{len}");
        }
    }
}

#[test]
fn a_palette_may_have_more_colors_than_there_are_indices() {
    let bits = [0b1010_0000u8, 0].repeat(H as usize);
    let picture = whole(&write(ColorType::Indexed, BitDepth::One, &bits, |encoder| {
        encoder.set_palette((0..=255u8).flat_map(|i| [i, i.saturating_add(1), 9]).collect::<Vec<u8>>());
    }));
    assert_eq!((&picture.planes[0][..3], &picture.planes[1][..3]), (&[1, 0, 1][..], &[2, 1, 2][..]));
}
