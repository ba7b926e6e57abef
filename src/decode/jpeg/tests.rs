//! Against `jpeg-decoder` and `zune-jpeg`'s own whole pictures, on files that `jpeg-encoder` writes.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::super::tests_support::{Picture, collect, try_collect};
use super::*;
use crate::error::ErrorKind;
use crate::geometry::Window;

fn write(width: u16, height: u16, color: ColorType, data: &[u8], edit: impl Fn(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 95);
    edit(&mut encoder);
    encoder.encode(data, width, height, color).unwrap();
    file
}

/// Smooth enough for JPEG, different in every component.
fn smooth(width: u16, height: u16, components: usize) -> Vec<u8> {
    let mut data = Vec::new();
    for y in 0..usize::from(height) {
        for x in 0..usize::from(width) {
            data.extend((0..components).map(|c| (128 + (x * (3 + c) / 2) % 120 / 2 + (y * (5 - c)) % 100 / 2) as u8));
        }
    }
    data
}

fn reference(bytes: &[u8]) -> Vec<u8> {
    jpeg_decoder::Decoder::new(bytes).decode().unwrap()
}

fn mean_difference(picture: &Picture, interleaved: &[u8]) -> f64 {
    let count = picture.planes.len();
    let sum: u64 = interleaved
        .chunks_exact(count)
        .enumerate()
        .flat_map(|(i, pixel)| (0..count).map(move |c| (i, c, pixel[c])))
        .map(|(i, c, value)| u64::from(picture.planes[c][i].abs_diff(value)))
        .sum();
    sum as f64 / interleaved.len() as f64
}

#[test]
fn gray_and_colour_agree_with_another_decoder() {
    for (width, height) in [(64u16, 48u16), (61, 47), (1, 1), (17, 100), (3, 9)] {
        for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_1_2, SamplingFactor::F_2_2] {
            for progressive in [false, true] {
                let file = write(width, height, ColorType::Rgb, &smooth(width, height, 3), |encoder| {
                    encoder.set_sampling_factor(sampling);
                    encoder.set_progressive(progressive);
                });
                let picture = collect(&file, None);
                let difference = mean_difference(&picture, &reference(&file));
                assert!(difference < 1.0, "{width}×{height} {sampling:?} {progressive}: {difference}");
            }
        }
        let separate_scans = write(width, height, ColorType::Rgb, &smooth(width, height, 3), |encoder| {
            encoder.set_optimized_huffman_tables(true);
        });
        let restarts = write(width, height, ColorType::Rgb, &smooth(width, height, 3), |encoder| {
            encoder.set_restart_interval(3);
        });
        for (kind, file) in [("separate scans", separate_scans), ("restarts", restarts)] {
            let difference = mean_difference(&collect(&file, None), &reference(&file));
            assert!(difference < 1.0, "{width}×{height} {kind}: {difference}");
        }
        let file = write(width, height, ColorType::Luma, &smooth(width, height, 1), |_| {});
        let picture = collect(&file, None);
        assert_eq!(picture.planes.len(), 1);
        assert!(mean_difference(&picture, &reference(&file)) < 0.1);
    }
}

/// Inks and what is left of the light: R = (255 − C)(255 − K) / 255.
#[test]
fn inks_become_colours_whatever_way_they_are_stored() {
    let inks = [[255u8, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0], [0, 0, 0, 128], [20, 200, 90, 60], [0; 4]];
    for ink in inks {
        let data: Vec<u8> = ink.repeat(16 * 16);
        let expected = crate::color::rgb_of_cmyk(ink);
        let mut files = vec![];
        for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
            files.push(write(16, 16, color, &data, |encoder| encoder.set_quality(100)));
        }
        // Without an Adobe segment inks are stored as they are: invert the data, then cut the segment out.
        let inverted: Vec<u8> = data.iter().map(|v| 255 - v).collect();
        let plain = write(16, 16, ColorType::Cmyk, &inverted, |encoder| encoder.set_quality(100));
        let at = plain.windows(2).position(|pair| pair == [0xff, 0xee]).unwrap();
        let len = usize::from(u16::from_be_bytes([plain[at + 2], plain[at + 3]]));
        files.push([&plain[..at], &plain[at + 2 + len..]].concat());
        for (kind, file) in files.iter().enumerate() {
            let picture = collect(file, None);
            for (plane, expected) in picture.planes.iter().zip(expected) {
                assert!(plane[100].abs_diff(expected) <= 3, "{ink:?} {kind}: {} {expected}", plane[100]);
            }
        }
    }
}

#[test]
fn adobe_rgb_is_not_converted() {
    let data = smooth(32, 32, 3);
    let file = write(32, 32, ColorType::Ycbcr, &data, |encoder| {
        encoder.set_quality(100);
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
        encoder.add_app_segment(14, b"Adobe\0\x64\0\0\0\0\0".to_vec()).unwrap();
    });
    assert!(mean_difference(&collect(&file, None), &data) < 1.0);
}

#[test]
fn windows_and_shrinks_are_parts_and_means_of_the_whole() {
    let file = write(70, 50, ColorType::Rgb, &smooth(70, 50, 3), |_| {});
    let whole = collect(&file, None);
    let window = Window { x: 11, y: 7, width: 40, height: 30 };
    assert_eq!(collect(&file, Some(window)), whole.cut(window));
    let header = read_header(&file).unwrap();
    // 70×50 at 1/8 is 9×7; the last column is the mean of 6 pixels across, the last row of 2 down.
    let shrunk =
        super::super::tests_support::shrunk(&file, &header, Shrink::Eighth, Window { x: 0, y: 0, width: 9, height: 7 });
    let mean = |xs: std::ops::Range<usize>, ys: std::ops::Range<usize>| {
        let sum: usize = ys
            .clone()
            .flat_map(|y| xs.clone().map(move |x| (x, y)))
            .map(|(x, y)| usize::from(whole.planes[1][y * 70 + x]))
            .sum();
        let area = xs.len() * ys.len();
        ((sum + area / 2) / area) as u8
    };
    assert_eq!(shrunk.planes[1][0], mean(0..8, 0..8));
    assert_eq!(shrunk.planes[1][9 * 3 + 8], mean(64..70, 24..32));
    assert_eq!(shrunk.planes[1][9 * 6 + 8], mean(64..70, 48..50));
    let part = Window { x: 2, y: 1, width: 6, height: 6 };
    let cut = super::super::tests_support::shrunk(&file, &header, Shrink::Eighth, part);
    assert_eq!(cut, shrunk.cut(part));
}

#[test]
fn damaged_files_are_refused() {
    for progressive in [false, true] {
        let file =
            write(200, 160, ColorType::Rgb, &smooth(200, 160, 3), |encoder| encoder.set_progressive(progressive));
        let header = read_header(&file).unwrap();
        for len in [file.len() - 2, file.len() * 3 / 4, file.len() / 2] {
            if progressive || len < file.len() - 2 {
                let error = try_collect(&file[..len], &header, None).unwrap_err();
                assert_eq!(error.to_string(), "is a damaged JPEG", "{progressive} {len}");
            }
        }
        let other = write(200, 161, ColorType::Rgb, &smooth(200, 161, 3), |_| {});
        assert_eq!(try_collect(&other, &header, None).unwrap_err().kind(), ErrorKind::Changed);
    }
}
