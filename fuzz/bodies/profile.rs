//! A profile of colours, or numbers that state a space: it is refused, or read and converted from and to, with the same bytes
//! at every CPU level and from rows of any length.

use platemark::CpuLevel;
use platemark::internals::{ColorProfile, ColorTransform, cpu_levels};

use super::Numbers;

pub(super) fn run(input: &[u8]) {
    let mut numbers = Numbers(input);
    let (intent, bpc) = (usize::from(numbers.byte()), numbers.flag());
    let bytes = numbers.0;
    if bytes.len() < 44 {
        // Numbers that a file may state.
        let is_gray = numbers.flag();
        let points = [(); 4].map(|()| [(); 2].map(|()| numbers.long()));
        let Some(stated) = ColorProfile::stated(points, numbers.long(), is_gray) else { return };
        let read = ColorProfile::read(stated.bytes()).expect("what is written is read");
        assert_eq!(read.description(), stated.description());
        used(&stated, intent, bpc);
        return;
    }
    let Ok(profile) = ColorProfile::read(bytes) else { return };
    assert_eq!(profile.bytes(), bytes);
    assert!(profile.description().chars().count() <= 200);
    assert!(profile.size() < 100 * bytes.len() + (1 << 16), "{}", profile.size());
    used(&profile, intent, bpc);
}

/// Converts from and to a profile.
fn used(profile: &ColorProfile, intent: usize, bpc: bool) {
    let bytes = profile.bytes();
    let [srgb, gray, _] = ColorProfile::built_in();
    let is_srgb = profile.is_srgb();
    for (from, to) in [(profile, &srgb), (&srgb, profile), (&gray, profile)] {
        let Ok(transform) = ColorTransform::new(from, to, intent, bpc) else { continue };
        assert!(transform.bytes() < 100 * bytes.len() + (1 << 20), "{}", transform.bytes());
        let planes: Vec<Vec<u8>> = (0..from.channels()).map(|i| samples(37 * i + 11)).collect();
        let wide: Vec<Vec<u16>> =
            planes.iter().map(|plane| plane.iter().map(|&sample| u16::from(sample) * 256 + 7).collect()).collect();
        let run = |level: CpuLevel| {
            let mut out = vec![vec![0; planes[0].len()]; to.channels()];
            transform.convert(level, &planes, &mut out);
            let mut wide_out = out.clone();
            transform.convert_wide(level, &wide, &mut wide_out);
            [out, wide_out]
        };
        let [portable, wide_portable] = run(CpuLevel::Scalar);
        for level in cpu_levels() {
            assert!(run(level) == [portable.clone(), wide_portable.clone()], "{level:?} differs");
        }
        for i in [0, 127, 128, 299] {
            let color = [0, 1, 2, 3].map(|component| planes.get(component).map_or(0, |plane| plane[i]));
            let converted = transform.color(color);
            assert!(portable.iter().zip(converted).all(|(plane, component)| plane[i] == component));
        }
        if is_srgb && to.channels() == from.channels() && intent % 4 == 1 && !bpc {
            let near = |(a, b): (&u8, &u8)| a.abs_diff(*b) <= 4;
            assert!(planes.iter().flatten().zip(portable.iter().flatten()).all(near));
        }
    }
}

/// Samples without a pattern, with both ends.
fn samples(seed: usize) -> Vec<u8> {
    let mut state = seed as u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    [0, 255, 0, 255].into_iter().chain((4..300).map(|_| next())).collect()
}
