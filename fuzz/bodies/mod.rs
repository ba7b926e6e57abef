//! What every fuzz target does with its input: plain functions, so that `tests/replay.rs` runs them on a stable compiler.
//! Each panics if a promise is broken.
#![allow(clippy::unwrap_used, clippy::panic, reason = "that is how a finding is reported")]

mod bmp;
mod catalog;
#[cfg(feature = "http")]
mod content;
mod edit;
mod encode;
mod engine;
mod folder;
mod framed;
mod gif;
mod jpeg;
mod metadata;
mod png;
mod profile;
mod request;
mod resample;
mod rules;
mod signature;
mod tiff;
mod version;
mod webp;

use std::sync::{Arc, OnceLock};

/// A target: its name, and what it does.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All targets. Each has a wrapper in `fuzz_targets/`, and its inputs in `seeds/` and `findings/`.
pub(crate) const TARGETS: &[Target] = &[
    ("request", request::run),
    ("edit", edit::run),
    ("signature", signature::run),
    ("catalog", catalog::run),
    ("jpeg", jpeg::run),
    ("png", png::run),
    ("bmp", bmp::run),
    ("gif", gif::run),
    ("webp", webp::run),
    ("tiff", tiff::run),
    ("metadata", metadata::run),
    ("resample", resample::run),
    ("encode", encode::run),
    ("version", version::run),
    ("engine", engine::run),
    ("profile", profile::run),
    #[cfg(feature = "http")]
    ("content", content::run),
];

/// Runs a target by its name.
#[allow(dead_code, reason = "the test runs all")]
pub(crate) fn run(name: &str, input: &[u8]) {
    let (_, run) = TARGETS.iter().find(|(target, _)| *target == name).expect("a target");
    run(input);
}

/// Threads for large pictures.
#[allow(clippy::disallowed_methods, reason = "the host builds pools")]
fn pool() -> Arc<rayon::ThreadPool> {
    static POOL: OnceLock<Arc<rayon::ThreadPool>> = OnceLock::new();
    let build = || Arc::new(rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads"));
    Arc::clone(POOL.get_or_init(build))
}

/// Reads numbers off an input; behind its end there are zeros.
struct Numbers<'a>(&'a [u8]);

impl<'a> Numbers<'a> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (taken, rest) = self.0.split_at(self.0.len().min(N));
        self.0 = rest;
        let mut bytes = [0; N];
        bytes[..taken.len()].copy_from_slice(taken);
        bytes
    }

    fn byte(&mut self) -> u8 {
        u8::from_le_bytes(self.take())
    }

    fn flag(&mut self) -> bool {
        self.byte() & 1 > 0
    }

    fn short(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    fn long(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    /// From `least` on, and no more than `most`.
    fn within(&mut self, least: u32, most: u32) -> u32 {
        let count = most - least + 1;
        let number = if count <= 256 { u32::from(self.byte()) } else { self.long() };
        least + number % count
    }

    /// So many bytes: the rest, again and again, with noise that makes repetitions differ.
    fn fill(&self, count: usize) -> Vec<u8> {
        let mut state = 1u32;
        let mut filled = Vec::with_capacity(count);
        for &byte in self.0.iter().chain([&0]).cycle().take(count) {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = if filled.len() < self.0.len() { 0 } else { (state >> 24) as u8 & 0x1f };
            filled.push(byte ^ noise);
        }
        filled
    }
}
