//! Damaged files, as far as they go.

use proptest::prelude::*;

use super::test_support::{Manner, Picture, Random};
use super::written_tests::cases;
use super::*;
use crate::base::cancel::Cancel;
use crate::base::error::ErrorKind;
use crate::base::geom::{Shrink, Window};
use crate::base::pool::Pool;
use crate::imaging::codec::test_support::{By, Picture as Decoded, run, run_with};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};

fn checked_within(file: &[u8], header: &Header, decoded_bytes: u64) -> Result<Header> {
    let Size { width, height } = header.stored;
    let mut scratch = crate::imaging::codec::job::Buffers::with_pixels(vec![0xa5; 1000]);
    let mut sidecar = Sidecar::default();
    let mut job = Job {
        window: Window { x: 0, y: 0, width, height },
        shrink: Shrink::Full,
        cpu: Cpu::detect(CpuLevel::default()),
        pool: &Pool::NONE,
        decoded_bytes,
        scratch: &mut scratch,
        sidecar: &mut sidecar,
        sidecar_bytes: 1 << 20,
        cancel: Cancel::ALWAYS,
        reference: false,
    };
    let checked = check(file, header, &mut job);
    assert!(matches!(checked, Ok(Header { damaged: false, .. })) || job.sidecar.bytes() == 0);
    checked
}

fn checked(file: &[u8]) -> Result<Header> {
    checked_within(file, &read_header(file)?, 1 << 30)
}

/// The whole picture, shown in every way, which must agree.
fn shown(file: &[u8], header: &Header, shrink: Shrink, window: Option<Window>) -> Result<Decoded> {
    let decoded: Vec<_> = By::all().into_iter().map(|by| run(file, header, shrink, window, by)).collect();
    assert!(decoded.windows(2).all(|pair| pair[0] == pair[1]));
    let mut sidecar = Sidecar::default();
    let warm = run_with(file, header, shrink, window, By::all()[1], (&mut sidecar, 1 << 30));
    assert!(warm == decoded[0] && (!header.damaged || sidecar.bytes() == 0));
    decoded.into_iter().next().unwrap()
}

fn any_window(size: Size, at: [u32; 4]) -> Window {
    let (x, y) = (at[0] % size.width, at[1] % size.height);
    Window { x, y, width: 1 + at[2] % (size.width - x), height: 1 + at[3] % (size.height - y) }
}

/// What holds of every file, sound or damaged.
fn assert_check(file: &[u8], at: [u32; 4], shrink: Shrink) {
    let Ok(header) = read_header(file) else { return };
    if header.stored.area() > 1 << 18 {
        return;
    }
    let strict = run(file, &header, Shrink::Full, None, By::Reference);
    let damaged = Header { damaged: true, ..header };
    let part = any_window(shrink.of(header.stored), at);
    let strict_part = run(file, &header, shrink, Some(part), By::Reference);
    match checked(file) {
        Ok(sound) if sound == header => assert!(strict.is_ok()),
        Ok(found) => {
            assert_eq!(found, damaged);
            assert_eq!(strict.unwrap_err().kind(), ErrorKind::Source);
        }
        Err(error) => {
            assert_eq!(error.to_string(), "is a damaged JPEG");
            assert!(strict.is_err() && strict_part.is_err());
            assert_eq!(shown(file, &damaged, shrink, None).unwrap_err().to_string(), "is a damaged JPEG");
            return;
        }
    }
    let whole = shown(file, &damaged, shrink, None).unwrap();
    let shown = shown(file, &damaged, shrink, Some(part)).unwrap();
    assert!(shown == whole.cut(part), "tiles join");
    // A window that strict decoding shows looks the same here.
    if let Ok(strict) = strict_part {
        assert!(shown == strict);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_sound_is_shown((picture, manner) in cases(), at: [u32; 4], pick in 0usize..4) {
        let file = picture.write(&manner);
        prop_assert_eq!(checked(&file).unwrap(), read_header(&file).unwrap());
        assert_check(&file, at, Shrink::STRONGEST_FIRST[pick]);
    }

    #[test]
    fn damaged_files_are_shown_as_far_as_they_go(
        (picture, manner) in cases(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
        at: [u32; 4],
        pick in 0usize..4,
    ) {
        let mut file = picture.write(&manner);
        let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap();
        for (at, value) in flips {
            let at = scan + at.index(file.len() - scan);
            file[at] ^= value;
        }
        if let Some(cut) = cut {
            file.truncate(scan + cut.index(file.len() - scan));
        }
        assert_check(&file, at, Shrink::STRONGEST_FIRST[pick]);
    }
}

/// Pictures of 64×64 with a restart marker behind each row of blocks.
fn cases_of_rows() -> Vec<(&'static str, Picture, Manner)> {
    let mut random = Random::new(6);
    let mut cases = vec![];
    for (name, count) in [("gray", 1), ("color", 3), ("inks", 4)] {
        for arithmetic in [None, Some((0, 1, 5))] {
            let picture = Picture::random((64, 64), &[(1, 1); 4][..count], &mut random);
            cases.push((
                name,
                picture,
                Manner { restart: 8, arithmetic, ids: [1, 2, 3, 4], ..Manner::baseline(count) },
            ));
        }
    }
    cases
}

/// The rows of blocks before the fourth marker are there, and all below them is gray.
#[test]
fn rows_behind_the_damage_are_gray() {
    for (name, picture, manner) in cases_of_rows() {
        let file = picture.write(&manner);
        let sound = run(&file, &read_header(&file).unwrap(), Shrink::Full, None, By::Reference).unwrap();
        let at = file.windows(2).position(|pair| pair == [0xff, 0xd3]).unwrap();
        let damage = [
            ("wrong marker", [&file[..at], &[0xff, 0xd6], &file[at + 2..]].concat()),
            ("no marker", [&file[..at], &file[at + 2..]].concat()),
            ("two markers", [&file[..at], &[0xff, 0xd2, 0xff, 0xd3], &file[at + 2..]].concat()),
            ("end of the picture", [&file[..at], &[0xff, 0xd9], &file[at + 2..]].concat()),
            ("end of the file", [&file[..at], &[0xff]].concat()),
        ];
        for (what, damaged) in damage {
            let header = checked(&damaged).unwrap();
            assert!(header.damaged, "{name}: {what}");
            // Of inks there is no black, and 127 of each other.
            let grays = if picture.components.len() == 4 { &[127, 127, 127, 0][..] } else { &[128; 3] };
            // Where arithmetic codes end is known by a marker alone.
            let in_doubt = manner.arithmetic.is_some() && matches!(what, "no marker" | "end of the file");
            let rows = if in_doubt { 24 } else { 32 };
            let picture = shown(&damaged, &header, Shrink::Full, None).unwrap();
            for ((is, was), gray) in picture.planes.iter().zip(&sound.planes).zip(grays) {
                assert!(is[..64 * rows] == was[..64 * rows], "{name}: {what}");
                let gray_from = if in_doubt { 40 } else { 32 };
                assert!(is[64 * gray_from..].iter().all(|sample| sample == gray), "{name}: {what}");
            }
            let picture = shown(&damaged, &header, Shrink::Eighth, None).unwrap();
            assert!(picture.planes.iter().zip(grays).all(|(plane, gray)| plane[63] == *gray), "{name}: {what}");
        }
    }
}

/// Wherever a file of one scan ends, no row is lost that was there before.
#[test]
fn the_more_there_is_of_a_file_the_more_is_shown() {
    for arithmetic in [None, Some((0, 1, 5))] {
        let picture = Picture::random((40, 64), &[(2, 1), (1, 1), (1, 1)], &mut Random::new(12));
        let file = picture.write(&Manner { arithmetic, ids: [1, 2, 3, 4], ..Manner::baseline(3) });
        let header = read_header(&file).unwrap();
        let sound = run(&file, &header, Shrink::Full, None, By::Reference).unwrap();
        let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 14;
        let mut most = 0;
        for len in scan..file.len() - 2 {
            let equal = match checked(&file[..len]) {
                Err(error) => {
                    assert_eq!(error.to_string(), "is a damaged JPEG");
                    0
                }
                Ok(header) => {
                    let shown = run(&file[..len], &header, Shrink::Full, None, By::Reference).unwrap();
                    let rows = shown.planes[0].chunks(40).zip(sound.planes[0].chunks(40));
                    rows.take_while(|(is, was)| is == was).count()
                }
            };
            assert!(equal >= most, "{len}");
            most = equal;
        }
        assert!(most >= 56, "{most}");
    }
}

/// What later scans give is missing: the picture is that of a file which never had them.
#[test]
fn progressive_files_show_the_scans_that_came() {
    let scans = [
        (vec![0, 1, 2], [0, 0, 0, 1]),
        (vec![0], [1, 5, 0, 2]),
        (vec![0], [6, 63, 0, 0]),
        (vec![1], [1, 63, 0, 0]),
        (vec![0], [1, 5, 2, 1]),
        (vec![0, 1, 2], [0, 0, 1, 0]),
        (vec![0], [1, 5, 1, 0]),
        (vec![2], [1, 63, 0, 0]),
    ];
    let picture = Picture::random((70, 50), &[(2, 2), (1, 1), (1, 1)], &mut Random::new(13));
    for arithmetic in [None, Some((0, 1, 5))] {
        let manner = |count: usize| Manner {
            progressive: true,
            scans: scans[..count].to_vec(),
            arithmetic,
            ids: [1, 2, 3, 4],
            ..Manner::baseline(3)
        };
        let whole = picture.write(&manner(scans.len()));
        for count in 1..scans.len() {
            let some = picture.write(&manner(count));
            let header = read_header(&some).unwrap();
            // Without its end marker, which says that nothing more is to come; the next scan's first bytes behind it.
            let cut = some.len() - 2;
            assert_eq!(whole[..cut], some[..cut]);
            for len in [cut, cut + 4, cut + 8] {
                let found = checked(&whole[..len]).unwrap();
                assert!(found.damaged);
                for shrink in Shrink::STRONGEST_FIRST {
                    let shown = shown(&whole[..len], &found, shrink, None).unwrap();
                    // The last scan's end may not be told from the file's.
                    if arithmetic.is_none() || len > cut {
                        assert!(shown == run(&some, &header, shrink, None, By::Reference).unwrap(), "{count} {len}");
                    }
                }
            }
        }
    }
}

/// A scan is refined no further than it was given; one that is out of turn is left out.
#[test]
fn scans_behind_a_damaged_one_are_used_as_far_as_they_fit() {
    let scans = vec![(vec![0], [0, 0, 0, 0]), (vec![0], [1, 63, 0, 1]), (vec![0], [1, 63, 1, 0])];
    let picture = Picture::random((64, 64), &[(1, 1)], &mut Random::new(14));
    let manner = Manner { progressive: true, restart: 8, scans, ..Manner::baseline(1) };
    let file = picture.write(&manner);
    let sound = run(&file, &read_header(&file).unwrap(), Shrink::Full, None, By::Reference).unwrap();
    let starts: Vec<usize> = (0..file.len()).filter(|&i| file[i..].starts_with(&[0xff, 0xda])).collect();
    let marker = |from: usize| from + file[from..].windows(2).position(|pair| pair == [0xff, 0xd3]).unwrap();
    // The second scan breaks off behind four rows of blocks: below them, the means that the first one gave.
    let mut damaged = file.clone();
    damaged[marker(starts[1]) + 1] = 0xd7;
    let header = checked(&damaged).unwrap();
    let shown = shown(&damaged, &header, Shrink::Full, None).unwrap();
    assert!(shown.planes[0][..64 * 32] == sound.planes[0][..64 * 32]);
    let only_means = Manner { scans: manner.scans[..1].to_vec(), ..manner };
    let means = picture.write(&only_means);
    let means = run(&means, &header_of(&means), Shrink::Full, None, By::Reference).unwrap();
    assert!(shown.planes[0][64 * 32..] == means.planes[0][64 * 32..]);
    // Without the second scan the third is out of turn.
    let lacking = [&file[..starts[1]], &file[starts[2]..]].concat();
    let header = checked(&lacking).unwrap();
    assert!(header.damaged);
    assert!(run(&lacking, &header, Shrink::Full, None, By::Reference).unwrap() == means);
}

fn header_of(file: &[u8]) -> Header {
    read_header(file).unwrap()
}

#[test]
fn garbage_in_the_middle_leaves_what_is_before_it() {
    let picture = Picture::random((80, 80), &[(1, 1); 3], &mut Random::new(15));
    let file = picture.write(&Manner { ids: [1, 2, 3, 4], ..Manner::baseline(3) });
    let sound = run(&file, &header_of(&file), Shrink::Full, None, By::Reference).unwrap();
    let middle = file.len() / 2;
    // No code of the writer's begins with 12 ones.
    let garbage = [0xff, 0].repeat(40);
    let damaged = [&file[..middle], &garbage, &file[middle + 80..]].concat();
    let header = checked(&damaged).unwrap();
    assert!(header.damaged);
    let shown = shown(&damaged, &header, Shrink::Full, None).unwrap();
    let equal = (0..80)
        .take_while(|y| shown.planes.iter().zip(&sound.planes).all(|(a, b)| a[80 * y..][..80] == b[80 * y..][..80]));
    assert!((16..72).contains(&equal.count()));
    assert!(shown.planes.iter().all(|plane| plane[80 * 79..].iter().all(|&sample| sample == 128)));
}

#[test]
fn a_file_without_an_mcu_stays_refused() {
    for progressive in [false, true] {
        for arithmetic in [None, Some((0, 1, 5))] {
            let picture = Picture::random((64, 64), &[(1, 1)], &mut Random::new(3));
            let scans = vec![(vec![0], [0, if progressive { 0 } else { 63 }, 0, 0])];
            let file = picture.write(&Manner { progressive, arithmetic, scans, ..Manner::baseline(1) });
            let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 10;
            for len in [scan, scan + 1] {
                let header = header_of(&file[..len]);
                assert_eq!(checked(&file[..len]).unwrap_err().to_string(), "is a damaged JPEG");
                let damaged = Header { damaged: true, ..header };
                for shrink in Shrink::STRONGEST_FIRST {
                    assert!(shown(&file[..len], &damaged, shrink, None).is_err());
                }
            }
        }
    }
}

/// AC coefficients without a single DC coefficient are no picture.
#[test]
fn nor_do_ac_coefficients_alone_make_a_picture() {
    let picture = Picture::random((64, 64), &[(1, 1)], &mut Random::new(3));
    let scans = vec![(vec![0], [0, 0, 0, 0]), (vec![0], [1, 63, 0, 0])];
    let file = picture.write(&Manner { progressive: true, scans, ..Manner::baseline(1) });
    let starts: Vec<usize> = (0..file.len()).filter(|&i| file[i..].starts_with(&[0xff, 0xda])).collect();
    // The data of the first scan is left out.
    let lacking = [&file[..starts[0] + 10], &file[starts[1]..]].concat();
    assert_eq!(checked(&lacking).unwrap_err().to_string(), "is a damaged JPEG");
    let header = Header { damaged: true, ..header_of(&lacking) };
    for shrink in Shrink::STRONGEST_FIRST {
        assert!(shown(&lacking, &header, shrink, None).is_err());
    }
}

#[test]
fn a_limit_is_no_damage_and_other_files_are_others() {
    let picture = Picture::random((64, 64), &[(1, 1)], &mut Random::new(3));
    let other = Picture::random((64, 65), &[(1, 1)], &mut Random::new(3)).write(&Manner::baseline(1));
    for progressive in [false, true] {
        let scans = vec![(vec![0], [0, if progressive { 0 } else { 63 }, 0, 0])];
        let file = picture.write(&Manner { progressive, scans, ..Manner::baseline(1) });
        let header = header_of(&file);
        assert_eq!(checked_within(&file, &header, 40).unwrap_err().kind(), ErrorKind::Limit);
        assert_eq!(checked_within(&other, &header, 1 << 20).unwrap_err().kind(), ErrorKind::Changed);
        let damaged = Header { damaged: true, ..header };
        assert_eq!(shown(&other, &damaged, Shrink::Full, None).unwrap_err().kind(), ErrorKind::Changed);
    }
}

/// Nothing is learned of a damaged file, nor is what its sound parts have taught used.
#[test]
fn damaged_files_have_no_index() {
    let picture = Picture::random((64, 64), &[(1, 1)], &mut Random::new(3));
    let file = picture.write(&Manner::baseline(1));
    let mut sidecar = Sidecar::default();
    let mut scratch = crate::imaging::codec::job::Buffers::default();
    for damaged in [true, false] {
        let header = Header { damaged, ..header_of(&file) };
        let mut job = Job {
            window: Window { x: 0, y: 0, width: 64, height: 64 },
            shrink: Shrink::Full,
            cpu: Cpu::detect(CpuLevel::default()),
            pool: &Pool::NONE,
            decoded_bytes: 1 << 20,
            scratch: &mut scratch,
            sidecar: &mut sidecar,
            sidecar_bytes: 1 << 20,
            cancel: Cancel::ALWAYS,
            reference: false,
        };
        assert_eq!(index(&file, &header, &mut job, true), Ok(!damaged));
        assert_eq!(sidecar.bytes() == 0, damaged);
    }
}
