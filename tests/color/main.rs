//! Conversions of colours beside lcms2, and what they promise by themselves.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test program"
)]

mod damaged;
mod models;
mod oracle;
mod profiles;
mod writer;

use oracle::{colors, compared};
use platemark::internals::{ColorProfile, ColorTransform, ColorTransforms, cpu_levels};

const NAMES: [&str; 4] = ["perceptual", "relative", "saturation", "absolute"];

/// Values of each component, by the number of components.
fn grid(components: usize, is_dense: bool) -> usize {
    match (components, is_dense) {
        (1, _) => 256,
        (3, false) => 18,
        (3, true) => 52,
        (_, false) => 9,
        (_, true) => 18,
    }
}

/// Every intent, with and without black point compensation, from a profile to sRGB and back. Prints a line for each, and says
/// which are off.
fn compare(name: &str, bytes: &[u8], is_dense: bool) -> Vec<String> {
    let profile = ColorProfile::read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let [srgb, ..] = ColorProfile::built_in();
    let mut off = vec![];
    let ends = [
        ((&profile, bytes), (&srgb, srgb.bytes()), "to sRGB"),
        ((&srgb, srgb.bytes()), (&profile, bytes), "from sRGB"),
    ];
    for (from, to, direction) in ends {
        if ColorTransform::new(from.0, to.0, 0, false).is_err() {
            continue;
        }
        let components = from.0.channels();
        let planes = colors(components, grid(components, is_dense));
        for (intent, bpc) in (0..4).flat_map(|intent| [(intent, false), (intent, true)]) {
            let Some(differences) = compared(from, to, (intent, bpc), &planes) else { continue };
            let black = if bpc { "bpc" } else { "-" };
            let line = format!(
                "| {name} | {direction} | {} | {black} | {:.3} | {} |",
                NAMES[intent],
                differences.share(),
                differences.most
            );
            println!("{line}");
            if differences.share() < 99.9 || differences.most > 2 {
                off.push(line);
            }
        }
    }
    off
}

#[test]
fn conversions_are_those_of_lcms2() {
    let all = profiles::all();
    assert!(all.len() >= 30);
    let off: Vec<String> = all.iter().flat_map(|(name, bytes)| compare(name, bytes, false)).collect();
    assert!(off.is_empty(), "{}", off.join("\n"));
}

/// The same on a dense grid, of the profiles that are made here and of those in a folder.
#[test]
#[ignore = "a table: PLATEMARK_PROFILES=FOLDER cargo test --release --test color -- --ignored --nocapture table"]
fn table() {
    let mut off = vec![];
    for (name, bytes) in profiles::all() {
        off.extend(compare(name, &bytes, true));
    }
    let mut folders: Vec<std::path::PathBuf> =
        std::env::var_os("PLATEMARK_PROFILES").into_iter().map(Into::into).collect();
    while let Some(folder) = folders.pop() {
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        for file in files {
            let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if file.is_dir() {
                folders.push(file);
            } else if ["icc", "icm"].contains(&&*extension.to_lowercase()) {
                let (name, bytes) = (file.file_name().unwrap().to_string_lossy(), std::fs::read(&file).unwrap());
                match ColorProfile::read(&bytes) {
                    Ok(profile) => {
                        println!("{name}: {:?}, sRGB in effect: {}", profile.description(), profile.is_srgb());
                        off.extend(compare(&name, &bytes, true));
                    }
                    Err(error) => println!("{name}: {error}"),
                }
            }
        }
    }
    println!("\noff:\n{}", off.join("\n"));
}

#[test]
fn presses_convert_to_each_other_as_lcms2_does() {
    let presses: Vec<_> =
        profiles::all().into_iter().filter(|(name, _)| name.starts_with("CMYK") || *name == "RGB mft2 Lab").collect();
    let mut off = vec![];
    for (from_name, from_bytes) in &presses {
        for (to_name, to_bytes) in &presses {
            let [from, to] = [from_bytes, to_bytes].map(|bytes| ColorProfile::read(bytes).unwrap());
            let planes = colors(from.channels(), 6);
            for (intent, bpc) in [(0, true), (1, false), (1, true), (3, false)] {
                let differences = compared((&from, from_bytes), (&to, to_bytes), (intent, bpc), &planes).unwrap();
                if differences.share() < 99.9 || differences.most > 2 {
                    off.push(format!("{from_name} to {to_name}, {} {bpc}: {differences:?}", NAMES[intent]));
                }
            }
        }
    }
    assert!(off.is_empty(), "{}", off.join("\n"));
}

#[test]
fn srgb_to_srgb_is_the_identity_and_gray_stays_gray() {
    let [srgb, gray, _] = ColorProfile::built_in();
    let read = ColorProfile::read(srgb.bytes()).unwrap();
    let planes = colors(3, 52);
    for intent in 0..4 {
        let transform = ColorTransform::new(&srgb, &read, intent, false).unwrap();
        assert_eq!(oracle::ours(&transform, 3, &planes), planes);
    }
    let ramp: Vec<u8> = (0..=255).collect();
    let to_gray = ColorTransform::new(&srgb, &gray, 1, true).unwrap();
    assert_eq!(oracle::ours(&to_gray, 1, &vec![ramp.clone(); 3])[0], ramp);
    let from_gray = ColorTransform::new(&gray, &srgb, 1, true).unwrap();
    assert_eq!(oracle::ours(&from_gray, 3, std::slice::from_ref(&ramp)), vec![ramp.clone(); 3]);
    for (name, bytes) in profiles::all() {
        let profile = ColorProfile::read(&bytes).unwrap();
        let is_plain = !["three", "tables", "RGB m"].iter().any(|part| name.contains(part)) && profile.channels() == 3;
        // The curves of the others do not reach 1.
        let has_white = !["type 2", "type 4"].contains(&name);
        for (from, to) in [(&profile, &srgb), (&srgb, &profile)].into_iter().filter(|_| is_plain) {
            for (intent, bpc) in [(0, true), (1, false), (1, true), (2, true)] {
                let transform = ColorTransform::new(from, to, intent, bpc).unwrap();
                let made = oracle::ours(&transform, 3, &vec![ramp.clone(); 3]);
                assert!(made[0] == made[1] && made[1] == made[2], "{name}");
                assert!(!has_white || transform.color([255; 4])[..3] == [255; 3], "{name}");
            }
        }
    }
}

#[test]
fn samples_of_16_bits_are_between_those_of_8_bits() {
    let [srgb, ..] = ColorProfile::built_in();
    for (name, bytes) in profiles::all() {
        let profile = ColorProfile::read(&bytes).unwrap();
        let transform = ColorTransform::new(&profile, &srgb, 1, true).unwrap();
        let planes = colors(profile.channels(), grid(profile.channels(), false));
        let wide: Vec<Vec<u16>> =
            planes.iter().map(|plane| plane.iter().map(|&sample| u16::from(sample) * 257).collect()).collect();
        let narrow = oracle::ours(&transform, 3, &planes);
        let mut first = None;
        for level in cpu_levels() {
            let mut out = vec![vec![0; planes[0].len()]; 3];
            transform.convert_wide(level, &wide, &mut out);
            assert!(first.as_ref().is_none_or(|first| *first == out), "{name}: {level:?} differs");
            first = Some(out);
        }
        let off = |(a, b): (&u8, &u8)| a.abs_diff(*b);
        for (narrow, wide) in narrow.iter().zip(&first.unwrap()) {
            assert!(narrow.iter().zip(wide).map(off).max() <= Some(1), "{name}");
        }
    }
}

#[test]
fn profiles_that_are_srgb_in_effect_are_known() {
    for (name, bytes, is_srgb) in profiles::like_srgb() {
        assert_eq!(ColorProfile::read(&bytes).unwrap().is_srgb(), is_srgb, "{name}");
    }
    let lcms2 = lcms2::Profile::new_srgb().icc().unwrap();
    assert!(ColorProfile::read(&lcms2).unwrap().is_srgb());
    let [srgb, gray, gray22] = ColorProfile::built_in();
    assert!(srgb.is_srgb() && gray.is_srgb() && !gray22.is_srgb());
    assert!(ColorProfile::read(srgb.bytes()).unwrap().is_srgb());
}

#[test]
fn profiles_of_ours_are_read_back_by_both() {
    for profile in ColorProfile::built_in() {
        let read = ColorProfile::read(profile.bytes()).unwrap();
        assert_eq!((read.channels(), read.description()), (profile.channels(), profile.description()));
        assert!(profile.bytes().len() < 1024);
        let theirs = lcms2::Profile::new_icc(profile.bytes()).unwrap();
        let name = theirs.info(lcms2::InfoType::Description, lcms2::Locale::none());
        assert_eq!(name.as_deref(), Some(profile.description()));
    }
}

#[test]
fn the_memory_gives_what_has_been_made() {
    let [srgb, gray, _] = ColorProfile::built_in();
    let transforms = ColorTransforms::default();
    let first = transforms.get(&srgb, &gray, 1, true).unwrap();
    let held = transforms.bytes();
    assert!(held >= first.bytes() as u64);
    let _ = transforms.get(&srgb, &gray, 1, true).unwrap();
    assert_eq!(transforms.bytes(), held);
    let _ = transforms.get(&srgb, &gray, 1, false).unwrap();
    assert!(transforms.bytes() > held);
    let press =
        ColorProfile::read(&profiles::all().into_iter().find(|(name, _)| *name == "CMYK mft2").unwrap().1).unwrap();
    let scanner =
        ColorProfile::read(&profiles::all().into_iter().find(|(name, _)| *name == "gray tables").unwrap().1).unwrap();
    assert!(transforms.get(&srgb, &press, 1, true).is_ok());
    assert!(transforms.get(&press, &scanner, 1, true).is_ok());
}
