//! Replies of pictures with profiles: every way that colours are converted.
//!
//! `tests/golden/colors` has small pictures and profiles, `tests/golden/colors.txt` what is made of them. The pictures were
//! made once, by [`make`], and stay as they are: what makes them anew may make other bytes.

use platemark::EngineBuilder;

use crate::support::{LEVELS, builder, demo, path};
use crate::{answered, profiles, settle};

const FOLDER: &str = "tests/golden/colors";
const RECORDED: &str = "tests/golden/colors.txt";

fn engine() -> EngineBuilder {
    builder(&path(FOLDER))
}

#[test]
fn replies_with_profiles_are_the_recorded_ones() {
    let text = std::fs::read_to_string(path(RECORDED)).unwrap();
    let found = answered(&text, &engine().build().unwrap());
    for level in LEVELS {
        assert_eq!(answered(&text, &engine().cpu(level).build().unwrap()), found, "{level:?}");
    }
    assert!(found.lines().filter(|line| line.contains("\t200\timage/")).count() >= 25, "{found}");
    settle(RECORDED, &text, &found);
}

/// Profiles of each kind, by the names of their files.
const PROFILES: [(&str, &str); 6] = [
    ("wide.icc", "Display P3 v4"),
    ("adobe.icc", "Adobe RGB v2"),
    ("gray.icc", "gray dot gain, 64 points"),
    ("tables.icc", "small mft1"),
    ("press.icc", "small mft2"),
    ("press4.icc", "small mAB"),
];

/// Pictures, by what the engine makes them of.
const PICTURES: [(&str, &str); 6] = [
    ("wide.jpg", "plain.png?icc=wide.icc&iccEmbed=1&qlt=92,1"),
    ("adobe.png", "plain.png?icc=adobe.icc&iccEmbed=1&fmt=png"),
    ("gray.jpg", "plain.png?icc=gray.icc&iccEmbed=1&qlt=92"),
    ("tables.jpg", "plain.png?icc=tables.icc&iccEmbed=1&qlt=92"),
    ("inks.jpg", "plain.png?icc=press.icc&iccEmbed=1&qlt=92"),
    ("inks4.jpg", "plain.png?icc=press4.icc&iccEmbed=1&qlt=92"),
];

#[test]
#[ignore = "writes tests/golden/colors"]
fn make() {
    let write = |name: &str, bytes: &[u8]| std::fs::write(path(FOLDER).join(name), bytes).unwrap();
    let small = profiles::small();
    let profile = |title: &str| small.iter().find(|(other, _)| *other == title).unwrap().1.clone();
    PROFILES.iter().for_each(|(name, title)| write(name, &profile(title)));
    let demo = demo().build().unwrap();
    for (name, request) in [
        ("plain.png", "demo/harbour?scl=6&rect=200,180,88,66&fmt=png"),
        ("alpha.png", "demo/ring?wid=88&hei=66&fit=crop&fmt=png-alpha"),
    ] {
        let reply = demo.serve(&format!("/is/image/{request}"));
        assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
        write(name, &reply.body);
    }
    let engine = engine().build().unwrap();
    for (name, request) in PICTURES {
        let reply = engine.serve(&format!("/is/image/{request}"));
        assert_eq!(reply.status, 200, "{request}: {:?}", reply.error);
        write(name, &reply.body);
    }
    // Slopes that 8 bits would band, and noise.
    let mut deep = png::Info::with_size(88, 66);
    (deep.color_type, deep.bit_depth) = (png::ColorType::Rgb, png::BitDepth::Sixteen);
    deep.icc_profile = Some(profile("Display P3 v4").into());
    let mut dice = crate::Dice::new(16);
    let pixel = |x: u32, y: u32, dice: &mut crate::Dice| {
        let noise = if (x / 11).is_multiple_of(2) { u32::from(dice.byte()) } else { 0 };
        [x * 90 + y * 13 + noise, 20_000 + y * 170 + noise / 2, 65_535 - x * 400]
            .map(|sample| sample.min(65_535) as u16)
    };
    let places = (0..66).flat_map(|y| (0..88).map(move |x| (x, y)));
    let samples: Vec<u8> = places.flat_map(|(x, y)| pixel(x, y, &mut dice)).flat_map(u16::to_be_bytes).collect();
    let mut file = Vec::new();
    let mut writer = png::Encoder::with_info(&mut file, deep).unwrap().write_header().unwrap();
    writer.write_image_data(&samples).unwrap();
    writer.finish().unwrap();
    write("deep.png", &file);
}
