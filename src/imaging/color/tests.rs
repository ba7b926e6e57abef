//! What conversions promise, without an oracle; `tests/color` has lcms2 beside.

use super::*;
use crate::imaging::kernel::isa::twin::each_level_equals;
use crate::imaging::pixel::space::{Channels, Curve, Intent, Primaries, Stated};

fn stated(primaries: Primaries, curve: Curve) -> Profile {
    Profile::stated(&Stated { primaries, curve }, false).unwrap()
}

#[test]
fn known_colours_convert() {
    let [p3, adobe] =
        [(Primaries::P3, Curve::Srgb), (Primaries::ADOBE, Curve::Power(219_922))].map(|(primaries, curve)| {
            Transform::new(&stated(primaries, curve), &Profile::srgb(), Intent::Relative, true).unwrap()
        });
    // The red of P3 lies outside sRGB, as the green of Adobe RGB does; gray is gray.
    assert_eq!(p3.color([255, 0, 0, 0]), [255, 0, 0, 0]);
    assert_eq!(p3.color([128, 128, 128, 0]), [128, 128, 128, 0]);
    assert_eq!(p3.color([234, 51, 35, 0]), [255, 0, 0, 0]);
    assert_eq!(adobe.color([0, 255, 0, 0]), [0, 255, 0, 0]);
    assert_eq!(adobe.color([144, 255, 60, 0]), [0, 255, 1, 0]);
    let back = Transform::new(&Profile::srgb(), &stated(Primaries::P3, Curve::Srgb), Intent::Relative, true).unwrap();
    assert_eq!(back.color([255, 0, 0, 0]), [234, 51, 35, 0]);
}

#[test]
fn stated_spaces_have_identities_of_their_own() {
    let srgb = stated(Primaries::SRGB, Curve::Srgb);
    let gray = Profile::stated(&Stated { primaries: Primaries::P3, curve: Curve::Srgb }, true).unwrap();
    let digests = [
        srgb.digest(),
        gray.digest(),
        stated(Primaries::P3, Curve::Srgb).digest(),
        stated(Primaries::SRGB, Curve::Rec709).digest(),
        stated(Primaries::SRGB, Curve::Power(220_000)).digest(),
        Profile::srgb().digest(),
        Profile::gray_srgb().digest(),
        Profile::gray22().digest(),
    ];
    for (i, digest) in digests.iter().enumerate() {
        assert!(!digests[..i].contains(digest), "{i}");
    }
    let other = Profile::stated(&Stated { primaries: Primaries::ADOBE, curve: Curve::Srgb }, true).unwrap();
    assert_eq!(gray.digest(), other.digest(), "gray has no primaries");
    assert!(srgb.is_srgb() && gray.is_srgb());
    assert_eq!(srgb.bytes(), Profile::srgb().bytes());
    assert!(
        Profile::stated(
            &Stated { primaries: Primaries { white: [0, 0], ..Primaries::SRGB }, curve: Curve::Srgb },
            false
        )
        .is_none()
    );
    assert_eq!(Profile::gray22().description(), "Gray22");
}

#[test]
fn rows_of_every_length_are_converted_alike_by_all_levels() {
    let transform =
        Transform::new(&stated(Primaries::REC2020, Curve::Rec709), &Profile::srgb(), Intent::Perceptual, true).unwrap();
    let samples: Vec<u8> = (0..700usize).map(|i| (i * 37 / 3) as u8).collect();
    for len in [0, 1, 15, 127, 128, 129, 300] {
        let [r, g, b] = [0, 100, 200].map(|at| &samples[at..at + len]);
        // One colour after the other.
        let colors: Vec<[u8; 4]> = (0..len).map(|i| transform.color([r[i], g[i], b[i], 0])).collect();
        let twin = [0, 1, 2].map(|plane| colors.iter().map(|color| color[plane]).collect::<Vec<u8>>());
        each_level_equals(&twin, |cpu| {
            let [mut x, mut y, mut z] = [(); 3].map(|()| vec![0; len]);
            transform.row(cpu, [r, g, b, &[]], [&mut x, &mut y, &mut z, &mut []]);
            [x, y, z]
        });
    }
}

#[test]
fn devices_without_a_way_are_refused() {
    #[cfg(not(feature = "icc"))]
    assert_eq!(
        Profile::read(&Profile::srgb().bytes()[..]).unwrap_err().to_string(),
        "colour profiles are not built in (feature icc)"
    );
    let transform = Transform::new(&Profile::gray22(), &Profile::srgb(), Intent::Relative, true).unwrap();
    assert_eq!(transform.to(), Channels::Rgb);
    assert!(transform.bytes() < 200_000);
}
