//! What chunks in front of the pixels, and behind them, say of the colour space.

use png::{BitDepth, ColorType};

use super::chunk::made;
use super::damaged_tests::{SIGNATURE, chunks};
use super::read_header;
use super::tests::{H, W, noise, write};
use crate::base::digest::Digest;
use crate::base::error::Result;
use crate::imaging::codec::metadata::icc::MAX_PROFILE;
use crate::imaging::codec::{read_metadata, read_profile};
use crate::imaging::pixel::space::{Curve, Primaries, Space, Stated};

/// A picture with these chunks in front of its pixels and behind them.
fn file(before: &[&[u8]], behind: &[&[u8]]) -> Vec<u8> {
    let plain = write(ColorType::Rgb, BitDepth::Eight, &noise((W * H) as usize * 3), |_| {});
    let parts = chunks(&plain);
    let (head, rest) = parts.split_first().unwrap();
    let (end, pixels) = rest.split_last().unwrap();
    let pixels: Vec<u8> = pixels.iter().flat_map(|chunk| chunk.whole.to_vec()).collect();
    [SIGNATURE, head.whole, &before.concat(), &pixels, &behind.concat(), end.whole].concat()
}

/// The colour space of a file; the profile that it means, if any, is the one that other readers find.
fn space_of(file: &[u8]) -> Result<Space> {
    let space = read_header(file)?.space;
    let profile = read_profile(file, usize::MAX);
    assert_eq!(profile.as_deref().map(Digest::of), if let Space::Icc(digest) = space { Some(digest) } else { None });
    assert_eq!(read_metadata(file, 16 << 20).icc.is_some(), profile.is_some());
    Ok(space)
}

fn space(before: &[&[u8]]) -> Space {
    space_of(&file(before, &[])).unwrap()
}

fn profile(name: &[u8], bytes: &[u8]) -> Vec<u8> {
    made(*b"iCCP", &[name, b"\0\0", &fdeflate::compress_to_vec(bytes)].concat())
}

fn gamma(value: u32) -> Vec<u8> {
    made(*b"gAMA", &value.to_be_bytes())
}

fn primaries(Primaries { white, red, green, blue }: Primaries) -> Vec<u8> {
    let numbers: Vec<u8> = [white, red, green, blue].concat().into_iter().flat_map(u32::to_be_bytes).collect();
    made(*b"cHRM", &numbers)
}

fn points(points: [u8; 4]) -> Vec<u8> {
    made(*b"cICP", &points)
}

fn power(primaries: Primaries, exponent: u32) -> Space {
    Space::Stated(Stated { primaries, curve: Curve::Power(exponent) })
}

/// The chunk with another check sum.
fn broken(mut chunk: Vec<u8>) -> Vec<u8> {
    *chunk.last_mut().unwrap() ^= 1;
    chunk
}

#[test]
fn chunks_count_in_the_order_of_the_standard() {
    let (icc, srgb, gamma, chrm) =
        (profile(b"a", b"ICC"), made(*b"sRGB", &[0]), gamma(100_000), primaries(Primaries::P3));
    let p3 = points([12, 13, 0, 1]);
    let is_p3 = Space::Stated(Stated { primaries: Primaries::P3, curve: Curve::Srgb });
    let is_icc = Space::Icc(Digest::of(b"ICC"));
    let is_linear = Space::Stated(Stated { primaries: Primaries::P3, curve: Curve::Linear });
    let all: [&[u8]; 5] = [&gamma, &chrm, &srgb, &icc, &p3];
    assert_eq!(space(&all), is_p3);
    assert_eq!(space(&all[..4]), is_icc);
    assert_eq!(space(&all[..3]), Space::Srgb);
    assert_eq!(space(&all[..2]), is_linear);
    assert_eq!(space(&all[1..2]), Space::Unsaid, "primaries without a curve");
    assert_eq!(space(&[]), Space::Unsaid);
    // In any order, and the first of a type.
    assert_eq!(space(&[&p3, &icc, &srgb]), is_p3);
    assert_eq!(space(&[&icc, &profile(b"b", b"other")]), is_icc);
    // Behind the pixels none counts.
    assert_eq!(space_of(&file(&[], &all)), Ok(Space::Unsaid));
    let is_gamma = Space::Stated(Stated { primaries: Primaries::SRGB, curve: Curve::Linear });
    assert_eq!(space_of(&file(&[&gamma], &[&p3, &icc, &srgb])), Ok(is_gamma));
}

#[test]
fn what_cannot_be_read_counts_as_absent() {
    let (srgb, icc) = (made(*b"sRGB", &[0]), profile(b"a", b"ICC"));
    let damaged_data = made(*b"iCCP", b"a\0\0\x78\x01nonsense");
    let cut = &fdeflate::compress_to_vec(&[7; 1000])[..10];
    for (what, chunk) in [
        ("a wrong check sum of points", broken(points([12, 13, 0, 1]))),
        ("points that are too few", made(*b"cICP", &[12, 13, 0])),
        ("unknown points", points([2, 2, 0, 1])),
        ("points of YCbCr", points([1, 13, 1, 1])),
        ("points of a part of the range", points([12, 13, 0, 0])),
        ("a wrong check sum of a profile", broken(icc.clone())),
        ("a profile that does not unpack", damaged_data),
        ("a profile that is cut off", made(*b"iCCP", &[b"a\0\0", cut].concat())),
        ("an empty profile", profile(b"a", b"")),
        ("another compression", made(*b"iCCP", &[b"a\0\x01", &fdeflate::compress_to_vec(b"ICC")[..]].concat())),
        ("no name", made(*b"iCCP", b"without an end")),
    ] {
        assert_eq!(space(&[&chunk, &srgb]), Space::Srgb, "{what}");
        assert_eq!(space(&[&chunk]), Space::Unsaid, "{what}");
    }
    for chunk in [broken(srgb), made(*b"sRGB", &[]), broken(gamma(55100)), gamma(0), gamma(1), gamma(u32::MAX)] {
        assert_eq!(space(&[&chunk]), Space::Unsaid, "{chunk:?}");
    }
    assert_eq!(space(&[&broken(icc.clone()), &icc]), Space::Icc(Digest::of(b"ICC")), "a sound one follows");
}

#[test]
fn high_dynamic_range_is_refused_by_name() {
    for (code, name) in [(16, "PQ"), (18, "HLG")] {
        let error = read_header(&file(&[&points([9, code, 0, 1]), &profile(b"a", b"ICC")], &[])).unwrap_err();
        assert_eq!(error.to_string(), format!("is in {name}, which is high dynamic range and not supported"));
    }
}

#[test]
fn profiles_have_a_longest() {
    let longest = vec![3; MAX_PROFILE];
    let bytes = file(&[&profile(b"a", &longest)], &[]);
    assert_eq!(space_of(&bytes), Ok(Space::Icc(Digest::of(&longest))));
    assert_eq!(read_profile(&bytes, MAX_PROFILE - 1), None);
    assert_eq!(space(&[&profile(b"a", &vec![3; MAX_PROFILE + 1])]), Space::Unsaid);
    // It is there all the same, under its name.
    let described = read_metadata(&bytes, MAX_PROFILE - 1).icc.unwrap();
    assert_eq!(described.description, "a");
}

#[test]
fn gammas_state_a_curve_and_primaries_go_with_it() {
    assert_eq!(space(&[&gamma(55100)]), power(Primaries::SRGB, 181_488));
    assert_eq!(space(&[&gamma(55100), &primaries(Primaries::P3)]), power(Primaries::P3, 181_488));
    // What encoders write for sRGB.
    for near in [43182, 45000, 45455, 45454, 47727] {
        assert_eq!(space(&[&gamma(near)]), Space::Srgb, "{near}");
    }
    for far in [43181, 47728] {
        assert_ne!(space(&[&gamma(far)]), Space::Srgb, "{far}");
    }
    // With primaries a gamma means what it says.
    assert_eq!(space(&[&gamma(45455), &primaries(Primaries::SRGB)]), power(Primaries::SRGB, 219_998));
    assert_eq!(space(&[&gamma(45455), &primaries(Primaries::ADOBE)]), power(Primaries::ADOBE, 219_998));
    // Primaries that are none are left out.
    let nonsense = [
        Primaries { white: [0, 0], ..Primaries::P3 },
        Primaries { red: Primaries::P3.green, ..Primaries::P3 },
        Primaries { white: [70000, 20000], ..Primaries::P3 },
        Primaries { green: [60000, 60000], ..Primaries::P3 },
        Primaries { blue: [u32::MAX, 1], ..Primaries::P3 },
    ];
    for primaries in nonsense.map(primaries) {
        assert_eq!(space(&[&gamma(55100), &primaries]), power(Primaries::SRGB, 181_488));
    }
}
