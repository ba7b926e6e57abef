//! Against `jpeg-decoder`, on files that `jpeg-encoder` writes.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::*;
use crate::base::error::ErrorKind;
use crate::base::geom::{Shrink, Window};
use crate::imaging::codec::test_support::{Picture, collect, shrunk, try_collect};

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
fn gray_and_color_agree_with_another_decoder() {
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

/// Inks come out as such, 255 for full ink.
#[test]
fn inks_are_those_of_the_encoder_whatever_way_they_are_stored() {
    let inks = [[255u8, 0, 0, 0], [0, 255, 0, 0], [0, 0, 255, 0], [0, 0, 0, 128], [20, 200, 90, 60], [0; 4]];
    for ink in inks {
        let data: Vec<u8> = ink.repeat(16 * 16);
        let mut files = vec![];
        for color in [ColorType::Cmyk, ColorType::CmykAsYcck] {
            files.push(write(16, 16, color, &data, |encoder| encoder.set_quality(100)));
        }
        // Adobe's segment, of which the last byte is the transform.
        let adobe = |file: &[u8]| {
            let at = file.windows(2).position(|pair| pair == [0xff, 0xee]).unwrap();
            at..at + 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]))
        };
        // Without it inks are stored inverted all the same, and are not transformed.
        let place = adobe(&files[0]);
        files.push([&files[0][..place.start], &files[0][place.end..]].concat());
        // Of four components, a transform that is not known is the usual one.
        let mut odd = files[1].clone();
        let end = adobe(&odd).end;
        assert_eq!(odd[end - 1], 2);
        odd[end - 1] = 1;
        files.push(odd);
        for (kind, file) in files.iter().enumerate() {
            let picture = collect(file, None);
            assert_eq!((picture.planes.len(), read_header(file).unwrap().layout), (4, Layout::CMYK));
            for (plane, ink) in picture.planes.iter().zip(ink) {
                assert!(plane[100].abs_diff(ink) <= 3, "{ink:?} {kind}: {}", plane[100]);
            }
        }
    }
}

#[test]
fn adobe_rgb_is_not_converted() {
    let data = smooth(32, 32, 3);
    let mut file = write(32, 32, ColorType::Ycbcr, &data, |encoder| {
        encoder.set_quality(100);
        encoder.set_sampling_factor(SamplingFactor::F_1_1);
        encoder.add_app_segment(14, b"Adobe\0\x64\0\0\0\0\0".to_vec()).unwrap();
    });
    // JFIF is always YCbCr, whatever Adobe's segment says.
    assert!(mean_difference(&collect(&file, None), &data) > 1.0);
    assert_eq!(file[2..4], [0xff, 0xe0]);
    file.drain(2..20);
    assert!(mean_difference(&collect(&file, None), &data) < 1.0);
}

#[test]
fn windows_are_parts_of_the_whole_at_every_shrink() {
    for sampling in [SamplingFactor::F_1_1, SamplingFactor::F_2_1, SamplingFactor::F_1_2, SamplingFactor::F_2_2] {
        for progressive in [false, true] {
            let file = write(150, 101, ColorType::Rgb, &smooth(150, 101, 3), |encoder| {
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(progressive);
            });
            let header = read_header(&file).unwrap();
            for shrink in Shrink::STRONGEST_FIRST {
                let Size { width, height } = shrink.of(header.stored);
                let whole = shrunk(&file, &header, shrink, Window { x: 0, y: 0, width, height });
                for window in [(3, 5, 9, 6), (width - 1, height - 1, 1, 1), (0, 7, width, 1), (8, 0, 1, height)] {
                    let window = Window { x: window.0, y: window.1, width: window.2, height: window.3 };
                    let part = shrunk(&file, &header, shrink, window);
                    assert_eq!(part, whole.cut(window), "{sampling:?} {progressive} {shrink:?} {window:?}");
                }
            }
        }
    }
}

/// 70×50 at 1/8 is 9×7; the last column is the mean of 6 pixels across, the last row of 2 down.
#[test]
fn shrunk_pixels_are_near_the_means_of_squares() {
    let file = write(70, 50, ColorType::Rgb, &smooth(70, 50, 3), |_| {});
    let (whole, header) = (collect(&file, None), read_header(&file).unwrap());
    for shrink in Shrink::STRONGEST_FIRST {
        let (size, factor) = (shrink.of(header.stored), shrink.factor() as usize);
        let picture = shrunk(&file, &header, shrink, Window { x: 0, y: 0, width: size.width, height: size.height });
        for (plane, whole) in picture.planes.iter().zip(&whole.planes) {
            let mut far = 0;
            for (i, &sample) in plane.iter().enumerate() {
                let (x, y) = (i % size.width as usize * factor, i / size.width as usize * factor);
                let square =
                    || (y..(y + factor).min(50)).flat_map(|y| (x..(x + factor).min(70)).map(move |x| 70 * y + x));
                let mean = square().map(|at| usize::from(whole[at])).sum::<usize>() / square().count();
                far += usize::from(sample.abs_diff(mean as u8) > 6);
            }
            assert!(far * 8 < plane.len(), "{shrink:?}: {far} of {}", plane.len());
        }
    }
}

#[test]
fn damaged_files_are_refused() {
    for progressive in [false, true] {
        let file =
            write(200, 160, ColorType::Rgb, &smooth(200, 160, 3), |encoder| encoder.set_progressive(progressive));
        let header = read_header(&file).unwrap();
        let whole = collect(&file, None);
        // Everything is there but the end marker; or there is more.
        assert_eq!(try_collect(&file[..file.len() - 2], &header, None).unwrap(), whole);
        assert_eq!(try_collect(&[&file[..], b"more"].concat(), &header, None).unwrap(), whole);
        for len in [file.len() - 4, file.len() * 3 / 4, file.len() / 2] {
            let error = try_collect(&file[..len], &header, None).unwrap_err();
            assert_eq!(error.to_string(), "is a damaged JPEG", "{progressive} {len}");
        }
        let other = write(200, 161, ColorType::Rgb, &smooth(200, 161, 3), |_| {});
        assert_eq!(try_collect(&other, &header, None).unwrap_err().kind(), ErrorKind::Changed);
    }
}
