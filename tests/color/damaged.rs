//! Profiles that are malformed: each is refused, or read and then converted, in little time and memory.

use platemark::internals::{ColorProfile, ColorTransform};

use super::profiles;
use super::writer::{Several, Writer, curv, fixed, para, several};

/// Reads a profile and converts with it as far as that goes.
fn used(bytes: &[u8]) -> Result<(), String> {
    let profile = ColorProfile::read(bytes).map_err(|error| error.to_string())?;
    let [srgb, ..] = ColorProfile::built_in();
    let _ = profile.is_srgb();
    for (from, to) in [(&profile, &srgb), (&srgb, &profile)] {
        for intent in 0..4 {
            if let Ok(transform) = ColorTransform::new(from, to, intent, true) {
                let _ = transform.color([0, 85, 170, 255]);
            }
        }
    }
    Ok(())
}

fn small() -> Vec<Vec<u8>> {
    let all = profiles::all();
    let picked = ["sRGB v4, type 3", "gray 2.2 v2", "RGB mAB without grid"];
    picked.iter().map(|name| all.iter().find(|(other, _)| other == name).unwrap().1.clone()).collect()
}

#[test]
fn truncated_profiles_are_refused() {
    for bytes in small() {
        for len in 0..bytes.len() {
            assert!(ColorProfile::read(&bytes[..len]).is_err(), "{len} of {}", bytes.len());
        }
    }
}

#[test]
fn profiles_with_a_changed_byte_are_refused_or_used() {
    for bytes in small() {
        for at in 0..bytes.len().min(700) {
            for value in [0, 0x7f, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = value;
                let _ = used(&bytes);
            }
        }
    }
}

#[test]
fn tables_with_a_changed_head_are_refused_or_used() {
    for (name, bytes) in profiles::all().into_iter().filter(|(name, _)| name.contains('m') && name.contains("CMYK")) {
        let at = bytes.windows(4).position(|part| [&b"mft1"[..], b"mft2", b"mAB ", b"mBA "].contains(&part)).unwrap();
        for offset in (0..64).chain([300, 2000]) {
            for value in [0, 1, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at + offset] = value;
                if offset < 4 {
                    assert!(used(&bytes).is_err(), "{name}: {offset}");
                } else if [8, 9].contains(&offset) {
                    assert!(ColorProfile::read(&bytes).is_err(), "{name}: {offset}");
                } else {
                    let _ = ColorProfile::read(&bytes);
                }
            }
        }
    }
}

#[test]
fn limits_are_errors_that_name_them() {
    let read = |writer: &Writer| ColorProfile::read(&writer.bytes()).map(|_| ()).map_err(|error| error.to_string());
    let gray = || Writer::new(2, b"mntr", b"GRAY", b"XYZ ").tag(b"kTRC", curv(&[0x0233]));
    assert_eq!(read(&gray()), Ok(()));
    let long = gray().tag(b"miss", vec![0; 4 << 20]);
    assert_eq!(read(&long).unwrap_err(), "the colour profile is longer than 4 MiB");
    let points = gray().tag(b"kTRC", curv(&vec![0; 65_537]));
    assert_eq!(read(&points).unwrap_err(), "a curve of the colour profile has more than 65,536 points");
    let many = (0..101u8).fold(gray(), |writer, i| writer.tag(&[b't', b'a', b'g', i], vec![0; 8]));
    assert_eq!(read(&many).unwrap_err(), "the colour profile is malformed");
    // The head alone asks for more than is there.
    let huge = [b"mft2\0\0\0\0\x04\x03\xff\0".to_vec(), fixed(&[1.0; 9]), vec![0, 2, 0, 2], vec![0; 64]].concat();
    let press = Writer::new(2, b"prtr", b"CMYK", b"Lab ").tag(b"A2B0", huge);
    assert_eq!(read(&press).unwrap_err(), "the colour profile has more than 4 Mi samples");
    let mut tag = several(
        b"mAB ",
        4,
        3,
        &Several { b: vec![curv(&[]); 3], matrix: None, m: vec![], grid: None, wide: false, a: vec![] },
    );
    tag[24..28].copy_from_slice(&32u32.to_be_bytes());
    tag.splice(32..36, [0xff; 4]);
    let press = Writer::new(4, b"prtr", b"CMYK", b"Lab ").tag(b"A2B0", tag);
    assert_eq!(read(&press).unwrap_err(), "the colour profile has more than 4 Mi samples");
}

#[test]
fn kinds_that_pictures_do_not_have_are_refused() {
    let read = |writer: Writer| ColorProfile::read(&writer.bytes()).map(|_| ()).map_err(|error| error.to_string());
    let rgb = |class, space, pcs| Writer::new(4, class, space, pcs).tag(b"A2B0", vec![]);
    assert_eq!(read(rgb(b"link", b"RGB ", b"Lab ")).unwrap_err(), "the colour profile is of no device");
    assert_eq!(read(rgb(b"mntr", b"HSV ", b"XYZ ")).unwrap_err(), "the colour profile is not of gray, RGB or CMYK");
    assert_eq!(read(rgb(b"mntr", b"RGB ", b"RGB ")).unwrap_err(), "the colour profile is malformed");
    assert_eq!(read(rgb(b"mntr", b"RGB ", b"XYZ ")).unwrap_err(), "a table of the colour profile is malformed");
    let mut max = Writer::new(5, b"mntr", b"RGB ", b"XYZ ");
    assert_eq!(read(max.clone()).unwrap_err(), "the colour profile has a version that is not supported");
    max.version = 4;
    assert_eq!(read(max).unwrap_err(), "the colour profile has neither tables nor curves");
}

#[test]
fn odd_numbers_make_colours_all_the_same() {
    let odd = [f64::from(i16::MIN), -1.0, 0.0, 1.0 / 65536.0, 32767.9];
    for a in odd {
        for b in odd {
            let curve = para(4, &[a, b, a, b, a, b, a]);
            let matrix = [[a, b, 0.1], [0.2, a, b], [b, 0.3, a]];
            let profile = Writer::new(4, b"mntr", b"RGB ", b"XYZ ")
                .matrix(matrix, [curve.clone(), para(0, &[a]), para(2, &[b, a, b, a])]);
            used(&profile.xyz(b"wtpt", [a, b, a]).bytes()).unwrap();
        }
    }
}

/// Texts of a profile are many times as long as the profile if each of their records is copied.
#[test]
fn texts_are_not_copied_for_each_record() {
    let records = 100_000u32;
    let len = 12 * records + 16;
    let mut text = [b"mluc\0\0\0\0".to_vec(), records.to_be_bytes().to_vec(), 12u32.to_be_bytes().to_vec()].concat();
    for _ in 0..records {
        text.extend(b"deDE");
        text.extend(len.to_be_bytes());
        text.extend([0; 4]);
    }
    let gray = Writer::new(4, b"mntr", b"GRAY", b"XYZ ").tag(b"kTRC", curv(&[0x0233]));
    let profile = ColorProfile::read(&gray.tag(b"desc", text.clone()).tag(b"cprt", text).bytes()).unwrap();
    assert!(profile.description().chars().count() <= 200);
}
