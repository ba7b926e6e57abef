//! What is known of a picture beforehand must not show in it.

use proptest::prelude::*;

use super::test_support::{Manner, Picture, Random};
use super::written_tests::cases;
use super::*;
use crate::base::geom::{Shrink, Window};
use crate::imaging::codec::test_support::{By, run, run_with};
use crate::test_support::some;

/// A window of a picture at a shrink; the numbers may be any.
fn window(size: Size, at: [u32; 4]) -> Window {
    let (x, y) = (at[0] % size.width, at[1] % size.height);
    Window { x, y, width: 1 + at[2] % (size.width - x), height: 1 + at[3] % (size.height - y) }
}

/// Asks for windows in turn, with what those before them have left, and without.
fn assert_same(file: &[u8], asked: &[(usize, Option<[u32; 4]>)], sidecar_bytes: u64) {
    let Ok(header) = read_header(file) else { return };
    if header.stored.area() > 1 << 22 {
        return;
    }
    for by in By::all() {
        let mut sidecar = Sidecar::default();
        for (i, &(shrink, at)) in asked.iter().enumerate() {
            let shrink = Shrink::STRONGEST_FIRST[shrink];
            let window = at.map(|at| window(shrink.of(header.stored), at));
            let cold = run(file, &header, shrink, window, by);
            let warm = run_with(file, &header, shrink, window, by, (&mut sidecar, sidecar_bytes));
            assert!(warm == cold, "{by:?} {i}: {shrink:?} {window:?}");
            assert!(sidecar.bytes() as u64 <= sidecar_bytes);
        }
    }
}

fn asked() -> impl Strategy<Value = Vec<(usize, Option<[u32; 4]>)>> {
    prop::collection::vec((0usize..4, prop::option::weighted(0.8, any::<[u32; 4]>())), 2..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn warm_is_cold((picture, manner) in cases(), asked in asked(), few: bool) {
        assert_same(&picture.write(&manner), &asked, if few { 3000 } else { 1 << 30 });
    }

    #[test]
    fn damage_stays_what_it_is(
        (picture, manner) in cases(),
        asked in asked(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut file = picture.write(&manner);
        for (at, value) in flips {
            let at = at.index(file.len());
            file[at] = value;
        }
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        assert_same(&file, &asked, 1 << 30);
    }
}

/// Long enough to be walked through in several places at once, by parts and from where others have ended.
#[test]
fn long_scans_are_known_as_far_as_they_were_read() {
    let random = &mut Random::new(5);
    for factors in some(2, [&[(2, 2), (1, 1), (1, 1)][..], &[(1, 1)], &[(2, 1), (1, 1), (1, 1)]]) {
        for restart in some(2, [0, 7, 75, 640]) {
            let picture = Picture::random((1200, 1000), factors, random);
            let manners = [Manner::baseline(factors.len()), Manner::separate(factors.len())];
            for manner in manners.map(|manner| Manner { restart, ..manner }) {
                let mut file = picture.write(&manner);
                assert!(file.len() > 70_000, "{}", file.len());
                for damaged in [false, true] {
                    if damaged {
                        let at = file.len() / 2 + random.next(file.len() as u32 / 2) as usize;
                        file[at] ^= 1 << random.next(8);
                    }
                    let tile = |random: &mut Random| {
                        Some([random.next(1100), random.next(960), 40 + random.next(60), random.next(40)])
                    };
                    let tiles: Vec<_> = (0..5).map(|_| (3, tile(random))).collect();
                    let eighth = (0, Some([0, 20 + random.next(50), 150, random.next(60)]));
                    assert_same(&file, &[&tiles[..], &[eighth, (0, None)], &tiles[..]].concat(), 1 << 30);
                    assert_same(&file, &[&[eighth, (0, None), (2, None)], &tiles[..]].concat(), 1 << 30);
                }
            }
        }
    }
}

/// Requests that went on side by side leave what each has learned.
#[test]
fn what_two_have_learned_is_put_together() {
    let picture = Picture::random((300, 200), &[(2, 2), (1, 1), (1, 1)], &mut Random::new(8));
    let manner = Manner { progressive: true, scans: vec![(vec![0, 1, 2], [0, 0, 0, 0])], ..Manner::baseline(3) };
    for (manner, at) in [(Manner::baseline(3), [0, 0, 300, 60]), (manner, [20, 10, 70, 50])] {
        let file = picture.write(&manner);
        let (header, by) = (read_header(&file).unwrap(), By::all()[1]);
        let learned = |shrink: Shrink, at: Option<[u32; 4]>| {
            let mut sidecar = Sidecar::default();
            let window = at.map(|at| window(shrink.of(header.stored), at));
            run_with(&file, &header, shrink, window, by, (&mut sidecar, 1 << 30)).unwrap();
            sidecar
        };
        let (some, all) = (learned(Shrink::Full, Some(at)), learned(Shrink::Eighth, None));
        let both = [some.clone().with(&all), all.clone().with(&some)];
        assert_eq!(both[0].bytes(), both[1].bytes());
        for both in both {
            assert!(both.samples(Shrink::Eighth, header.stored.height.div_ceil(16)).is_some());
            assert_eq!(both.level.is_some(), some.level.is_some());
        }
    }
}

/// What is left is used: a second time nothing is read of a file whose scans have been overwritten.
#[test]
fn what_is_known_is_not_read_again() {
    let picture = Picture::random((300, 200), &[(2, 2), (1, 1), (1, 1)], &mut Random::new(8));
    let script =
        |scans: &[(Vec<usize>, [u8; 4])]| Manner { progressive: true, scans: scans.to_vec(), ..Manner::baseline(3) };
    let ac = |component| (vec![component], [1, 63, 0, 0]);
    let progressive = script(&[(vec![0, 1, 2], [0, 0, 0, 0]), ac(0), ac(1), ac(2)]);
    for (manner, shrink, at) in [
        (Manner::baseline(3), Shrink::Eighth, None),
        (progressive.clone(), Shrink::Eighth, None),
        (Manner::baseline(3), Shrink::Quarter, None),
        (progressive.clone(), Shrink::Quarter, None),
        (progressive, Shrink::Half, Some([20, 10, 70, 50])),
    ] {
        let file = picture.write(&manner);
        let (header, by) = (read_header(&file).unwrap(), By::all()[1]);
        let window = at.map(|at| window(shrink.of(header.stored), at));
        let mut sidecar = Sidecar::default();
        let cold = run_with(&file, &header, shrink, window, by, (&mut sidecar, 1 << 20)).unwrap();
        let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 20;
        let mut spoiled = file.clone();
        spoiled[scan..].fill(0xff);
        assert!(run(&spoiled, &header, shrink, window, by).is_err());
        assert_eq!(run_with(&spoiled, &header, shrink, window, by, (&mut sidecar, 0)).unwrap(), cold);
    }
    // A tile reads its own MCUs and no other.
    let file = picture.write(&Manner::baseline(3));
    let (header, by) = (read_header(&file).unwrap(), By::all()[1]);
    let mut sidecar = Sidecar::default();
    run_with(&file, &header, Shrink::Eighth, None, by, (&mut sidecar, 1 << 20)).unwrap();
    let tile = Some(Window { x: 100, y: 150, width: 40, height: 20 });
    let cold = run(&file, &header, Shrink::Full, tile, by).unwrap();
    let scan = file.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 20;
    let mut spoiled = file.clone();
    let half = scan + (file.len() - scan) / 2;
    spoiled[scan..half].fill(0xff);
    assert!(run(&spoiled, &header, Shrink::Full, tile, by).is_err());
    assert_eq!(run_with(&spoiled, &header, Shrink::Full, tile, by, (&mut sidecar, 0)).unwrap(), cold);
}
