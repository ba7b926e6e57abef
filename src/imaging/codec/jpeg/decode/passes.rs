//! How often scans visit the blocks of a picture, which bounds the time that its bytes do not bound.
//!
//! A scan of a progressive file gives or refines some coefficients of every block of its components. A few bits say that
//! thousands of blocks hold nothing new (T.81 G.1.2.2), and an arithmetic code takes less than that. So a file of some
//! hundred kilobytes can hold a scan for every coefficient and bit, 883 in all, of a picture of a hundred million pixels.
//! Sequential files have one scan of each component.

use crate::base::error::{Error, ErrorKind, Result};

use super::course::Course;
use super::frame::Frame;
use super::marker::{EOI, SOS, after_entropy, next_marker, payload};
use super::scan::Scan;

/// Visits of a block, on the average, that the decoder makes of any picture: as many as there are coefficients. The usual
/// scripts visit a block 4 to 6 times, the finest that encoders try some 20 times.
const MOST_PASSES: u64 = 64;

/// Visits of blocks that the decoder makes of a small picture, however many to each: some 40 ms. Tests get by with less.
const FEW_VISITS: u64 = if cfg!(test) { 1 << 20 } else { 1 << 22 };

/// How often all scans of a file visit a block, on the average, rounded up.
///
/// This looks for the markers of all scans, as the decoder does, and reads no code. What is malformed counts nothing.
pub(super) fn count(file: &[u8], frame: &Frame) -> u16 {
    if !frame.progressive {
        return 1;
    }
    let (mut rest, mut visits) = (file.get(2..).unwrap_or(&[]), 0u64);
    while let Some((marker, after)) = next_marker(rest) {
        rest = after;
        match marker {
            EOI => break,
            0x01 | 0xd0..=0xd8 => {}
            _ => {
                let Some((payload, after)) = payload(rest) else { break };
                rest = after;
                if marker == SOS {
                    let scan = Scan::read(payload, frame, rest);
                    visits += scan.map_or(0, |scan| Course::new(&scan, frame, frame.mcus().1).blocks());
                    rest = after_entropy(rest);
                }
            }
        }
    }
    u16::try_from(visits.div_ceil(blocks(frame))).unwrap_or(u16::MAX).max(1)
}

/// Refuses a picture of too many passes before the decoder reads a scan.
///
/// # Errors
///
/// There are too many.
pub(super) fn refuse_many(frame: &Frame, passes: u16) -> Result<()> {
    refuse_visits(frame, u64::from(passes) * blocks(frame))
}

/// The same of visits that are counted on the way.
///
/// # Errors
///
/// There are too many.
pub(super) fn refuse_visits(frame: &Frame, visits: u64) -> Result<()> {
    let fits = visits <= FEW_VISITS.max(MOST_PASSES * blocks(frame));
    if fits { Ok(()) } else { Err(Error::new(ErrorKind::Limit, "exceeds the limit of blocks in all scans")) }
}

/// Blocks of all components, at least 1.
fn blocks(frame: &Frame) -> u64 {
    let of = |component| {
        let (across, down) = frame.blocks(component);
        u64::from(across) * u64::from(down)
    };
    frame.components.iter().map(of).sum::<u64>().max(1)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::test_support::{Manner, Picture, Random, Script};
    use super::*;
    use crate::base::cancel::Cancel;
    use crate::base::geom::{Shrink, Size, Window};
    use crate::base::pool::Pool;
    use crate::imaging::codec::test_support::{By, Picture as Decoded, run};
    use crate::imaging::codec::{Buffers, Job, Sidecar, check, decode, read_header};
    use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
    use crate::imaging::pixel::header::Header;

    /// A scan for every coefficient and bit.
    fn finest() -> Vec<Script> {
        let mut scans = vec![(vec![0], [0, 0, 0, 0])];
        for k in 1..64 {
            scans.push((vec![0], [k, k, 0, 13]));
            scans.extend((0..13).rev().map(|low| (vec![0], [k, k, low + 1, low])));
        }
        scans
    }

    fn flat((width, height): (u32, u32), scans: Vec<Script>, arithmetic: bool) -> Vec<u8> {
        let mut picture = Picture::random((width, height), &[(1, 1)], &mut Random::new(3));
        picture.components[0].blocks.fill([0; 64]);
        let arithmetic = arithmetic.then_some((0, 1, 5));
        picture.write(&Manner { progressive: true, arithmetic, scans, ..Manner::baseline(1) })
    }

    #[test]
    fn passes_are_counted_from_the_markers_alone() {
        let mut random = Random::new(5);
        let factors = [(2, 2), (1, 1), (1, 1)];
        let picture = Picture::random((96, 80), &factors, &mut random);
        let passes = |manner: &Manner| read_header(&picture.write(manner)).unwrap().passes;
        for manner in [Manner::baseline(3), Manner::separate(3)] {
            assert_eq!(passes(&manner), 1);
        }
        let all = |bits| (vec![0, 1, 2], bits);
        let one = |component, bits| (vec![component], bits);
        // The usual script. Luma has 120 blocks, each chroma 30; together they have MCUs of 6 blocks.
        let scans = vec![
            all([0, 0, 0, 1]),
            one(0, [1, 5, 0, 2]),
            one(2, [1, 63, 0, 1]),
            one(1, [1, 63, 0, 1]),
            one(0, [6, 63, 0, 2]),
            one(0, [1, 63, 2, 1]),
            all([0, 0, 1, 0]),
            one(2, [1, 63, 1, 0]),
            one(1, [1, 63, 1, 0]),
            one(0, [1, 63, 1, 0]),
        ];
        let usual = Manner { progressive: true, scans, ..Manner::baseline(3) };
        // 2 · 180 + 4 · 120 + 4 · 30 = 960 visits of 180 blocks.
        assert_eq!(passes(&usual), 6);
        assert_eq!(passes(&Manner { littered: true, restart: 3, dnl: true, ..usual.clone() }), 6);
        let file = picture.write(&usual);
        // Behind the end of the picture nothing counts, and what is cut off neither.
        assert_eq!(read_header(&[&file[..], &file[2..]].concat()).unwrap().passes, 6);
        let second = file.windows(2).rposition(|pair| pair == [0xff, 0xda]).unwrap();
        assert_eq!(read_header(&file[..second + 3]).unwrap().passes, 5);
    }

    /// However few bytes say it: a scan for each coefficient and bit of a large picture is refused, and before the decoder
    /// reads one of them.
    #[test]
    fn many_passes_are_refused_before_the_first() {
        for arithmetic in [false, true] {
            let file = flat((800, 600), finest(), arithmetic);
            assert!(file.len() < 30_000, "{}", file.len());
            let header = read_header(&file).unwrap();
            assert_eq!(header.passes, 883);
            for header in [header, Header { damaged: true, ..header }] {
                for shrink in [Shrink::Full, Shrink::Half, Shrink::Quarter] {
                    let asked = Cell::new(0);
                    let keep_going = || asked.replace(asked.get() + 1) < 1_000_000;
                    let error = watched(&file, &header, shrink, Cancel::new(&keep_going)).unwrap_err();
                    assert_eq!(error.to_string(), "exceeds the limit of blocks in all scans");
                    // Once before the segments are looked at.
                    assert_eq!((error.kind(), asked.get()), (ErrorKind::Limit, 1));
                }
                // An eighth takes the DC coefficients alone.
                run(&file, &header, Shrink::Eighth, None, By::Reference).unwrap();
            }
            let checked = with_job(&header, Shrink::Full, Cancel::ALWAYS, |job| check(&file, &header, job));
            assert_eq!(checked.unwrap_err().kind(), ErrorKind::Limit);
        }
    }

    /// A file whose header says less is stopped on the way.
    #[test]
    fn visits_are_counted_on_the_way() {
        for arithmetic in [false, true] {
            let file = flat((800, 600), finest(), arithmetic);
            let header = Header { passes: 6, ..read_header(&file).unwrap() };
            for header in [header, Header { damaged: true, ..header }] {
                let error = run(&file, &header, Shrink::Full, None, By::Reference).unwrap_err();
                assert_eq!(error.to_string(), "exceeds the limit of blocks in all scans");
            }
        }
    }

    #[test]
    fn small_pictures_may_have_any_scans_and_large_ones_one_for_each_coefficient() {
        let small = flat((160, 120), finest(), false);
        let each = (0..64).map(|k| (vec![0], [k, k, 0, 0])).collect();
        let large = flat((1600, 1200), each, false);
        for (file, passes) in [(small, 883), (large, 64)] {
            let header = read_header(&file).unwrap();
            assert_eq!(header.passes, passes);
            let decoded = run(&file, &header, Shrink::Full, None, By::Reference).unwrap();
            assert!(decoded.planes[0].iter().all(|&sample| sample == 128));
        }
    }

    fn watched(file: &[u8], header: &Header, shrink: Shrink, cancel: Cancel<'_>) -> Result<()> {
        with_job(header, shrink, cancel, |job| decode(file, header, job, &mut Decoded::default()))
    }

    fn with_job<T>(
        header: &Header,
        shrink: Shrink,
        cancel: Cancel<'_>,
        work: impl FnOnce(&mut Job<'_>) -> Result<T>,
    ) -> Result<T> {
        let Size { width, height } = shrink.of(header.stored);
        work(&mut Job {
            window: Window { x: 0, y: 0, width, height },
            shrink,
            cpu: Cpu::detect(CpuLevel::default()),
            pool: &Pool::NONE,
            decoded_bytes: 1 << 30,
            scratch: &mut Buffers::default(),
            sidecar: &mut Sidecar::default(),
            sidecar_bytes: 1 << 20,
            cancel,
            reference: false,
        })
    }
}
