//! Files with arithmetic codes, against the same pictures with Huffman's.

use super::arithmetic::Coder as Decoder;
use super::arithmetic_writer::Coder;
use super::test_support::{Manner, Picture, Random};
use super::*;
use crate::base::error::ErrorKind;
use crate::base::geom::{Shrink, Window};
use crate::imaging::codec::test_support::{By, run, try_collect};

/// The test sequence of the standard, 256 decisions of one state (T.81 K.4.1).
const DECISIONS: [u32; 8] =
    [0x0002_0051, 0x0000_00c0, 0x0352_872a, 0xaaaa_aaaa, 0x82c0_2000, 0xfcd7_9ef6, 0x74ea_abf7, 0x697e_e74c];
const CODED: [u8; 29] = [
    0x65, 0x5b, 0x51, 0x44, 0xf7, 0x96, 0x9d, 0x51, 0x78, 0x55, 0xbf, 0xff, 0x00, 0xfc, 0x51, 0x84, 0xc7, 0xce, 0xf9,
    0x39, 0x00, 0x28, 0x7d, 0x46, 0x70, 0x8e, 0xcb, 0xc0, 0xf6,
];

#[test]
fn the_test_sequence_of_the_standard_is_coded_and_decoded() {
    let decisions = || DECISIONS.into_iter().flat_map(|word| (0..32).rev().map(move |bit| word >> bit & 1 > 0));
    let (mut coder, mut state) = (Coder::new(), 0);
    decisions().for_each(|decision| coder.put(&mut state, decision));
    let coded = coder.end();
    assert_eq!(coded, CODED);
    let file = [&coded[..], &[0xff, 0xd9]].concat();
    let (mut decoder, mut state) = (Decoder::new(&file), 0);
    for (i, decision) in decisions().enumerate() {
        assert_eq!(decoder.decide(&mut state), decision, "{i}");
    }
}

/// Every kind of scan, with large values too, in every sampling that files have; equal coefficients are equal pixels.
#[test]
fn arithmetic_codes_give_what_huffman_codes_give() {
    let random = &mut Random::new(21);
    for factors in [&[(1, 1)][..], &[(1, 1); 3], &[(2, 1), (1, 1), (1, 1)], &[(2, 2), (1, 1), (1, 1)], &[(1, 1); 4]] {
        for (restart, conditions) in [(0, (0, 1, 5)), (3, (0, 1, 5)), (1, (2, 4, 12))] {
            let mut picture = Picture::random((75, 52), factors, random);
            for block in picture.components.iter_mut().flat_map(|component| &mut component.blocks) {
                block[0] = random.next(2000) as i16 - 1000;
                block[1 + random.next(63) as usize] = random.next(1000) as i16 - 500;
            }
            let manners = [
                Manner::baseline(factors.len()),
                Manner::separate(factors.len()),
                Manner::progressive(factors.len(), true, random),
                Manner::progressive(factors.len(), false, random),
            ];
            for manner in manners {
                let manner = Manner { restart, ..manner };
                let file = picture.write(&Manner { arithmetic: Some(conditions), ..manner.clone() });
                let twin = picture.write(&Manner { arithmetic: None, ..manner });
                let header = read_header(&file).unwrap();
                assert_eq!(header, read_header(&twin).unwrap());
                for shrink in Shrink::STRONGEST_FIRST {
                    let window = Window { x: 2, y: 3, width: 5, height: 2 };
                    for window in [None, Some(window)] {
                        let expected = run(&twin, &header, shrink, window, By::Reference).unwrap();
                        for by in By::all() {
                            assert!(run(&file, &header, shrink, window, by).unwrap() == expected, "{shrink:?} {by:?}");
                        }
                    }
                }
            }
        }
    }
}

/// A drawn picture as `cjpeg` of libjpeg-turbo wrote it with arithmetic codes, and the same coefficients as `jpegtran`
/// wrote them with Huffman's.
#[test]
fn files_of_another_encoder_give_what_their_twins_give() {
    let read = |name: &str| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/jpeg/");
        std::fs::read(format!("{path}{name}.jpg")).unwrap()
    };
    for kind in ["", "-progressive", "-gray"] {
        let [file, twin] = ["arithmetic", "huffman"].map(|codes| read(&format!("{codes}{kind}")));
        let header = read_header(&file).unwrap();
        assert_eq!((header, header.stored), (read_header(&twin).unwrap(), Size::new(70, 52)));
        for shrink in Shrink::STRONGEST_FIRST {
            for by in By::all() {
                let [file, twin] = [&file, &twin].map(|file| run(file, &header, shrink, None, by).unwrap());
                assert!(file == twin, "{kind} {shrink:?} {by:?}");
            }
        }
    }
}

#[test]
fn damage_that_shows_is_refused() {
    let picture = Picture::random((64, 64), &[(1, 1)], &mut Random::new(3));
    let arithmetic = Some((0, 1, 5));
    let file = picture.write(&Manner { restart: 8, arithmetic, ..Manner::baseline(1) });
    let at = file.windows(2).position(|pair| pair == [0xff, 0xd2]).unwrap();
    let header = read_header(&file).unwrap();
    let with = |bytes: &[u8]| try_collect(&[&file[..at], bytes, &file[at + 2..]].concat(), &header, None);
    assert!(with(&[0xff, 0xd2]).is_ok());
    assert!(with(&[0xff, 0xff, 0xff, 0xd2]).is_ok());
    for wrong in [&[0xff, 0xd3][..], &[], &[0xff, 0xd9]] {
        assert_eq!(with(wrong).unwrap_err().to_string(), "is a damaged JPEG");
    }
    // Without a marker the decoder cannot tell whether more was to come.
    for len in [at, file.len() / 2, file.len() - 3] {
        assert_eq!(try_collect(&file[..len], &header, None).unwrap_err().to_string(), "is a damaged JPEG");
    }
    let dac = |payload: &[u8]| {
        let segment = [&[0xff, 0xcc, 0, payload.len() as u8 + 2], payload].concat();
        try_collect(&[&file[..2], &segment, &file[2..]].concat(), &header, None).map(drop)
    };
    assert!(dac(&[0x00, 0x10, 0x10, 5]).is_ok());
    for malformed in [&[0x00][..], &[0x00, 0x01], &[0x20, 0x10]] {
        assert_eq!(dac(malformed).unwrap_err().to_string(), "is a damaged JPEG", "{malformed:?}");
    }
}

/// A scan of a few bytes may give a whole picture: what all scans give is bounded.
#[test]
fn many_scans_of_a_large_picture_are_a_limit() {
    let mut picture = Picture::random((800, 600), &[(1, 1)], &mut Random::new(3));
    picture.components[0].blocks.fill([0; 64]);
    let mut scans = vec![(vec![0], [0, 0, 0, 0])];
    for k in 1..64 {
        scans.push((vec![0], [k, k, 0, 13]));
        scans.extend((0..13).rev().map(|low| (vec![0], [k, k, low + 1, low])));
    }
    for (count, fits) in [(100, true), (scans.len(), false)] {
        let scans = scans[..count].to_vec();
        let manner = Manner { progressive: true, arithmetic: Some((0, 1, 5)), scans, ..Manner::baseline(1) };
        let file = picture.write(&manner);
        assert!(file.len() < 20_000, "{}", file.len());
        let header = read_header(&file).unwrap();
        for header in [header, Header { damaged: true, ..header }] {
            let result = run(&file, &header, Shrink::Full, None, By::Reference).map(drop);
            assert_eq!(result.map_err(|error| error.kind()), if fits { Ok(()) } else { Err(ErrorKind::Limit) });
        }
    }
}

/// A flat picture takes next to nothing, and is none the less a picture.
#[test]
fn flat_pictures_take_no_bit_for_a_block() {
    let mut picture = Picture::random((800, 600), &[(1, 1)], &mut Random::new(3));
    picture.components[0].blocks.fill([0; 64]);
    let file = picture.write(&Manner { arithmetic: Some((0, 1, 5)), ..Manner::baseline(1) });
    assert!(file.len() < 7500 / 8, "{}", file.len());
    let header = read_header(&file).unwrap();
    assert!(try_collect(&file, &header, None).unwrap().planes[0].iter().all(|&sample| sample == 128));
}
