//! Files that leave out the definitions of the typical Huffman codes, as Motion JPEG does.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::*;
use crate::base::geom::{Shrink, Window};
use crate::imaging::codec::test_support::{By, run, run_with};
use crate::test_support::Dice;

/// A picture of noise, as the encoder writes it with the typical codes.
fn written((width, height): (u16, u16), progressive: bool, restart: u16) -> Vec<u8> {
    let mut dice = Dice::new(11);
    let pixels: Vec<u8> = (0..usize::from(width) * usize::from(height) * 3).map(|_| dice.below(256) as u8).collect();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 60);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_progressive(progressive);
    encoder.set_restart_interval(restart);
    encoder.encode(&pixels, width, height, ColorType::Rgb).unwrap();
    file
}

/// The file without the codes of these classes and numbers (`0x10` is AC, number 0), and how many were left out.
fn without(file: &[u8], codes: &[u8]) -> (Vec<u8>, usize) {
    let (mut out, mut rest, mut left_out) = (file[..2].to_vec(), &file[2..], 0);
    while rest[1] != 0xda {
        let (segment, after) = rest.split_at(2 + usize::from(u16::from_be_bytes([rest[2], rest[3]])));
        rest = after;
        if segment[1] != 0xc4 {
            out.extend(segment);
            continue;
        }
        let mut definitions = &segment[4..];
        while !definitions.is_empty() {
            let len = 17 + definitions[1..17].iter().map(|&count| usize::from(count)).sum::<usize>();
            let (definition, after) = definitions.split_at(len);
            definitions = after;
            if codes.contains(&definition[0]) {
                left_out += 1;
            } else {
                out.extend([0xff, 0xc4]);
                out.extend((len as u16 + 2).to_be_bytes());
                out.extend(definition);
            }
        }
    }
    out.extend(rest);
    (out, left_out)
}

#[test]
fn codes_that_are_not_defined_are_the_typical_ones() {
    let all = [0x00, 0x01, 0x10, 0x11];
    // The last is long enough for streams.
    for (size, restart) in [((50, 37), 0), ((50, 37), 3), ((440, 330), 0)] {
        let file = written(size, false, restart);
        assert!(size.0 < 440 || file.len() > 70_000, "{}", file.len());
        let header = read_header(&file).unwrap();
        for codes in [&all[..], &all[..1], &all[1..2], &all[2..3], &all[3..], &all[1..3]] {
            let (bare, left_out) = without(&file, codes);
            assert_eq!(left_out, codes.len());
            assert_eq!(read_header(&bare).unwrap(), header);
            for shrink in Shrink::STRONGEST_FIRST {
                let window = Window { x: 1, y: 2, width: 4, height: 2 };
                for window in [None, Some(window)] {
                    let expected = run(&file, &header, shrink, window, By::Reference).unwrap();
                    for by in By::all() {
                        let mut sidecar = Sidecar::default();
                        for _ in 0..2 {
                            let warm = run_with(&bare, &header, shrink, window, by, (&mut sidecar, 1 << 20));
                            assert!(warm.unwrap() == expected, "{codes:x?} {shrink:?} {by:?}");
                        }
                        assert!(run(&bare, &header, shrink, window, by).unwrap() == expected);
                    }
                }
            }
        }
    }
}

/// The DC codes of a progressive file may be left out as well.
#[test]
fn progressive_files_may_mean_them_too() {
    let file = written((50, 37), true, 0);
    let header = read_header(&file).unwrap();
    let (bare, left_out) = without(&file, &[0x00, 0x01]);
    assert!(left_out > 0);
    for by in By::all() {
        for shrink in Shrink::STRONGEST_FIRST {
            assert_eq!(run(&bare, &header, shrink, None, by), run(&file, &header, shrink, None, by));
        }
    }
}

#[test]
fn other_numbers_mean_nothing_until_they_are_defined() {
    let (file, _) = without(&written((50, 37), false, 0), &[0x00, 0x01, 0x10, 0x11]);
    let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
    let header = read_header(&file).unwrap();
    for (number, sound) in [(0x00, true), (0x20, false), (0x02, false), (0x33, false)] {
        let mut file = file.clone();
        // The codes of the scan's first component.
        file[scan + 6] = number;
        for by in By::all() {
            let result = run(&file, &header, Shrink::Eighth, None, by);
            assert!(sound || result.unwrap_err().to_string() == "is a damaged JPEG", "{number:x}");
        }
    }
}
