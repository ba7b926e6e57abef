//! Runs one kernel some times, for programs that count instructions: `count KERNEL LEVEL TIMES`.
//!
//! Without arguments it lists the levels of this CPU and the kernels, each with its pixels and whether it has levels.
//! `tools/targets/count.py` runs it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test program")]

#[path = "../../../tests/support/dice.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod dice;

use jpeg_encoder::{ColorType, Encoder};
use platemark::CpuLevel;
use platemark::internals::{Answer, Planes, Scratch, cpu_levels, decode_rows, kernels};

use dice::Dice;

/// No vector divides a row.
const SIZE: (usize, usize) = (323, 241);

/// Long enough for streams.
const FILE: (u16, u16) = (1000, 700);

/// Whole files, at a shrink: what walks over entropy-coded data has no kernel that could be run alone.
const FILES: [(&str, u32); 2] = [("a JPEG at an eighth", 8), ("a JPEG at full size", 1)];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, level, times] = &arguments[..] else { return list() };
    let level = match &level[..] {
        "scalar" => CpuLevel::Scalar,
        "sse41" => CpuLevel::Sse41,
        "avx2" => CpuLevel::Avx2,
        _ => CpuLevel::Neon,
    };
    let times: u32 = times.parse().unwrap();
    if let Some((_, factor)) = FILES.iter().find(|(file, _)| file == name) {
        let (file, mut scratch) = (file(), Scratch::default());
        (0..times).for_each(|_| assert!(decode_rows(&file, level, *factor, &mut scratch).is_some()));
        return;
    }
    let mut kernel = kernels(&picture()).into_iter().find(|kernel| kernel.name == name).unwrap();
    let mut answer = Answer::default();
    (0..times).for_each(|_| kernel.run(level, &mut answer));
}

fn list() {
    let levels: Vec<String> = cpu_levels().iter().map(|level| format!("{level:?}").to_lowercase()).collect();
    println!("{}", levels.join(" "));
    for kernel in kernels(&picture()) {
        println!("{}\t{}\t{}", kernel.name, kernel.pixels, if kernel.has_levels { "levels" } else { "portable" });
    }
    for (name, _) in FILES {
        println!("{name}\t{}\tlevels", u32::from(FILE.0) * u32::from(FILE.1));
    }
}

/// Gradients with noise.
fn samples(count: usize) -> Vec<u8> {
    let mut dice = Dice::new(11);
    (0..count).map(|i| (i / 61) as u8 ^ (dice.byte() >> 3)).collect()
}

/// Red, green, blue, and alpha of all values.
fn picture() -> Planes {
    let (width, height) = SIZE;
    Planes { size: [width as u32, height as u32], colors: 3, alpha: true, samples: samples(4 * width * height) }
}

fn file() -> Vec<u8> {
    let (width, height) = FILE;
    let mut file = Vec::new();
    let pixels = samples(3 * usize::from(width) * usize::from(height));
    let mut encoder = Encoder::new(&mut file, 85);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    encoder.encode(&pixels, width, height, ColorType::Rgb).unwrap();
    file
}
