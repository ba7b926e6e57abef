//! On files that few encoders make: each picture, written in many ways, must decode alike and be what was written.

#![allow(clippy::disallowed_methods, reason = "the clock of a test")]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::test_support::{Manner, Picture, Random};
use super::*;
use crate::base::geom::{Shrink, Window};
use crate::imaging::codec::test_support::{By, Picture as Decoded, collect, run, shrunk, try_collect};
use crate::imaging::kernel::isa::twin::each_level_equals;
use crate::test_support::some;

/// The decoded planes are the written ones, within the rounding of the transforms.
fn assert_is(decoded: &Decoded, picture: &Picture, what: &dyn std::fmt::Debug) {
    for (plane, (is, was)) in decoded.planes.iter().zip(picture.planes()).enumerate() {
        assert_eq!(is.len(), was.len());
        for (i, (&is, was)) in is.iter().zip(was).enumerate() {
            assert!((f64::from(is) - was).abs() <= 1.6, "{what:?}: sample {i} of plane {plane} is {is}, not {was}");
        }
    }
}

/// Each plane of a shrunk picture has the mean of the whole one's, nearly.
fn assert_means(shrunk: &Decoded, whole: &Decoded, shrink: Shrink, size: (u32, u32), what: &dyn std::fmt::Debug) {
    let mean = |plane: &[u8]| plane.iter().map(|&v| f64::from(v)).sum::<f64>() / plane.len() as f64;
    for (small, plane) in shrunk.planes.iter().zip(&whole.planes) {
        let Size { width, height } = shrink.of(Size::new(size.0, size.1));
        assert_eq!(small.len(), (width * height) as usize);
        // Small pictures are mostly edge.
        if size.0.min(size.1) > 24 {
            assert!((mean(small) - mean(plane)).abs() < 25.0, "{shrink:?} {what:?}: {} {}", mean(small), mean(plane));
        }
    }
}

/// All sampling factors of a second and third component beside one of 1×1, and a fifth of all others.
#[test]
fn every_sampling_is_decoded() {
    let random = &mut Random::new(1);
    let factors: Vec<(u32, u32)> = (0..16).map(|i| (i / 4 + 1, i % 4 + 1)).collect();
    for &first in &factors {
        for &second in &factors {
            for &third in &factors {
                // One in five, in turn.
                if random.next(5) > 0 && first != (1, 1) {
                    continue;
                }
                let all = [first, second, third];
                let size = (1 + random.next(40), 1 + random.next(40));
                let picture = Picture::random(size, &all, random);
                let together = all.iter().map(|f| f.0 * f.1).sum::<u32>() <= 10;
                let separate = collect(&picture.write(&Manner::separate(3)), None);
                assert_is(&separate, &picture, &(size, all));
                let file = picture.write(&Manner::separate(3));
                for shrink in [Shrink::Half, Shrink::Quarter, Shrink::Eighth] {
                    assert_means(&shrunk_whole(&file, shrink), &separate, shrink, size, &all);
                }
                if together {
                    assert_eq!(collect(&picture.write(&Manner::baseline(3)), None), separate, "{size:?} {all:?}");
                }
            }
        }
    }
}

#[test]
fn another_decoder_sees_the_same_picture() {
    for factors in [[(1, 1); 3], [(2, 1), (1, 1), (1, 1)], [(2, 2), (1, 1), (1, 1)]] {
        let picture = Picture::random((60, 44), &factors, &mut Random::new(9));
        for manner in [Manner::baseline(3), Manner { restart: 2, wide_tables: true, ..Manner::separate(3) }] {
            let manner = Manner { ids: [1, 2, 3, 4], ..manner };
            let (file, mut far) = (picture.write(&manner), 0);
            let other = jpeg_decoder::Decoder::new(&file[..]).decode().unwrap();
            let ours = collect(&file, None);
            for (i, pixel) in other.chunks_exact(3).enumerate() {
                far += (0..3).filter(|&c| ours.planes[c][i].abs_diff(pixel[c]) > 3).count();
            }
            assert!(far * 100 < other.len(), "{factors:?}: {far} of {} samples differ", other.len());
        }
    }
}

/// A picture, and a way to write it.
pub(super) fn cases() -> impl Strategy<Value = (Picture, Manner)> {
    (any::<u64>(), 1usize..5, 0u32..6, any::<[bool; 6]>(), 1u32..70, 1u32..70).prop_map(
        |(seed, count, restart, [progressive, together, dnl, wide_tables, littered, arithmetic], width, height)| {
            let random = &mut Random::new(seed);
            let count = if count == 2 { 3 } else { count };
            let factors: Vec<_> = (0..count).map(|_| (1 + random.next(2), 1 + random.next(2))).collect();
            let together = together && factors.iter().map(|f| f.0 * f.1).sum::<u32>() <= 10;
            let picture = Picture::random((width, height), &factors, random);
            let manner = match (progressive, together) {
                (true, _) => Manner::progressive(count, together, random),
                (false, true) => Manner::baseline(count),
                (false, false) => Manner::separate(count),
            };
            let conditions = [(0, 1, 5), (1, 3, 9), (0, 0, 1), (2, 2, 63)][random.next(4) as usize];
            let arithmetic = (arithmetic && random.next(2) == 0).then_some(conditions);
            (picture, Manner { restart, dnl, wide_tables, littered, arithmetic, ..manner })
        },
    )
}

fn shrunk_whole(file: &[u8], shrink: Shrink) -> Decoded {
    let header = read_header(file).unwrap();
    let Size { width, height } = shrink.of(header.stored);
    shrunk(file, &header, shrink, Window { x: 0, y: 0, width, height })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_manner_of_writing_does_not_show((picture, manner) in cases()) {
        let plain = picture.write(&Manner::separate(picture.components.len()));
        let file = picture.write(&manner);
        let decoded = collect(&file, None);
        prop_assert_eq!(&decoded, &collect(&plain, None));
        if picture.components.len() < 4 {
            assert_is(&decoded, &picture, &manner);
        }
        for shrink in [Shrink::Half, Shrink::Quarter, Shrink::Eighth] {
            prop_assert_eq!(shrunk_whole(&file, shrink), shrunk_whole(&plain, shrink));
        }
    }

    #[test]
    fn windows_are_parts((picture, manner) in cases(), at: [u32; 4], pick in 0usize..4) {
        let file = picture.write(&manner);
        let (header, shrink) = (read_header(&file).unwrap(), Shrink::STRONGEST_FIRST[pick]);
        let size = shrink.of(header.stored);
        let (x, y) = (at[0] % size.width, at[1] % size.height);
        let (width, height) = (1 + at[2] % (size.width - x), 1 + at[3] % (size.height - y));
        let window = Window { x, y, width, height };
        prop_assert_eq!(shrunk(&file, &header, shrink, window), shrunk_whole(&file, shrink).cut(window));
    }

    /// Every level refuses or decodes a damaged file alike, in a time that its size bounds.
    #[test]
    fn damage_is_an_error_or_another_picture(
        (picture, manner) in cases(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        cut in any::<prop::sample::Index>(),
        truncate: bool,
        pick in 0usize..4,
    ) {
        let mut file = picture.write(&manner);
        for (at, value) in flips {
            let at = at.index(file.len());
            file[at] = value;
        }
        if truncate {
            file.truncate(cut.index(file.len() + 1));
        }
        let started = Instant::now();
        if let Ok(header) = read_header(&file)
            && header.stored.area() < 1 << 20
        {
            let decode = |by| run(&file, &header, Shrink::STRONGEST_FIRST[pick], None, by);
            let decoded: Vec<_> = By::all().into_iter().map(decode).collect();
            prop_assert!(decoded.windows(2).all(|pair| pair[0] == pair[1]));
        }
        prop_assert!(started.elapsed() < Duration::from_secs(2));
    }
}

#[test]
fn a_height_that_only_dnl_states_is_in_the_header() {
    let picture = Picture::random((33, 41), &[(1, 1)], &mut Random::new(3));
    let file = picture.write(&Manner { dnl: true, ..Manner::baseline(1) });
    assert_eq!(read_header(&file).unwrap().stored, Size::new(33, 41));
}

#[test]
fn missing_and_wrong_restart_markers_are_refused() {
    let picture = Picture::random((64, 64), &[(1, 1)], &mut Random::new(3));
    let file = picture.write(&Manner { restart: 8, ..Manner::baseline(1) });
    let at = file.windows(2).position(|pair| pair == [0xff, 0xd2]).unwrap();
    let header = read_header(&file).unwrap();
    let with = |bytes: &[u8]| try_collect(&[&file[..at], bytes, &file[at + 2..]].concat(), &header, None);
    assert!(with(&[0xff, 0xd2]).is_ok());
    assert!(with(&[7, 7, 0xff, 0xd2]).is_ok(), "bytes that nothing reads are no harm");
    assert!(with(&[0xff, 0xd3]).is_err());
    assert!(with(&[]).is_err());
    assert!(with(&[0xff, 0xd9]).is_err());
}

#[test]
fn scans_out_of_turn_are_refused() {
    let picture = Picture::random((20, 20), &[(1, 1)], &mut Random::new(3));
    let script = |scans: &[[u8; 4]]| {
        let scans = scans.iter().map(|&bits| (vec![0], bits)).collect();
        let file = picture.write(&Manner { progressive: true, scans, ..Manner::baseline(1) });
        try_collect(&file, &read_header(&file).unwrap(), None)
    };
    let whole = script(&[[0, 0, 0, 1], [1, 63, 0, 0], [0, 0, 1, 0]]).unwrap();
    assert_eq!(script(&[[0, 0, 0, 0], [1, 5, 0, 0], [6, 63, 0, 0]]).unwrap(), whole);
    assert!(script(&[[0, 0, 0, 0]]).is_ok(), "what no scan gives is zero");
    for scans in [
        &[[1, 63, 0, 0], [0, 0, 0, 0]][..],
        &[[0, 0, 0, 0], [0, 0, 0, 0]],
        &[[0, 0, 0, 0], [1, 9, 0, 0], [9, 63, 0, 0]],
        &[[0, 0, 0, 0], [1, 63, 0, 2], [1, 63, 1, 0]],
        &[[0, 0, 0, 0], [1, 63, 1, 0]],
        &[[0, 5, 0, 0]],
    ] {
        assert_eq!(script(scans).unwrap_err().to_string(), "is a damaged JPEG", "{scans:?}");
    }
}

#[test]
fn a_small_file_that_claims_to_be_huge_costs_nothing() {
    let picture = Picture::random((8, 8), &[(1, 1)], &mut Random::new(3));
    for progressive in [false, true] {
        let mut file = picture.write(&Manner { progressive, ..Manner::baseline(1) });
        let at = file.windows(2).position(|pair| pair == [0xff, if progressive { 0xc2 } else { 0xc0 }]).unwrap();
        file[at + 5..at + 9].fill(0xff);
        let (header, started) = (read_header(&file).unwrap(), Instant::now());
        assert_eq!(header.stored, Size::new(65535, 65535));
        assert!(try_collect(&file, &header, Some(Window { x: 0, y: 65534, width: 9, height: 1 })).is_err());
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

/// Pictures long enough to be walked through in several places at once: noise, blocks that are all alike, and few codes,
/// so that streams fall into step soon, late or never; sound, damaged and cut off.
#[test]
fn streams_find_what_a_single_one_finds() {
    let random = &mut Random::new(77);
    let samplings = [&[(2, 2), (1, 1), (1, 1)][..], &[(1, 1)], &[(1, 1); 3], &[(2, 1), (1, 1), (1, 1), (2, 1)]];
    for factors in some(2, samplings) {
        for kind in 0..4 {
            let mut picture = Picture::random((1200, 1000), factors, random);
            for block in picture.components.iter_mut().flat_map(|component| &mut component.blocks) {
                match kind {
                    0 => {}
                    // DC differences that a table does not hold with their values, and long codes.
                    1 => block[0] = random.next(2000) as i16 - 1000,
                    2 => *block = std::array::from_fn(|i| if i < 20 { 5 } else { 0 }),
                    _ => *block = std::array::from_fn(|i| [30, 0, 0, 1][(i * i / 7 + random.next(2) as usize) % 4]),
                }
            }
            // Restart intervals are walked through side by side, if they are long.
            let restart = [0, 75, 150, 1000][random.next(4) as usize];
            let file = picture.write(&Manner { restart, ..Manner::baseline(factors.len()) });
            assert!(file.len() > 70_000, "{}", file.len());
            let whole = shrunk_whole(&file, Shrink::Eighth);
            assert_eq!(whole, shrunk_whole(&picture.write(&Manner::separate(factors.len())), Shrink::Eighth));
            let header = read_header(&file).unwrap();
            // Far down, what lies above is passed over.
            let full = run(&file, &header, Shrink::Full, None, By::Reference).unwrap();
            let windows = [400, 700, 999].map(|y| Window { x: 700, y, width: 30, height: 1000 - y });
            for window in windows {
                assert_eq!(shrunk(&file, &header, Shrink::Full, window), full.cut(window), "{factors:?} {kind}");
            }
            for _ in 0..5 {
                let mut damaged = file.clone();
                let at = 700 + random.next(file.len() as u32 - 700) as usize;
                if random.next(4) == 0 {
                    damaged.truncate(at);
                } else {
                    damaged[at] ^= 1 << random.next(8);
                }
                let decode = |by| run(&damaged, &header, Shrink::Eighth, None, by);
                each_level_equals(&decode(By::Reference), |cpu| decode(By::Level(cpu)));
                let decode = |by| run(&damaged, &header, Shrink::Full, Some(windows[1]), by);
                each_level_equals(&decode(By::Reference), |cpu| decode(By::Level(cpu)));
                // Damage below a window does not matter to it.
                let top = Window { x: 0, y: 0, width: 5, height: 1 };
                assert!(run(&damaged, &header, Shrink::Eighth, Some(top), By::Reference).is_ok() || at < 70_000);
            }
        }
    }
}
