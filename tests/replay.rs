//! Every seed and every past finding of the fuzz targets once more, on a stable compiler; see `fuzz/README.md`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test program")]

mod support;

#[path = "../fuzz/bodies/mod.rs"]
mod bodies;

use std::panic::catch_unwind;
use std::path::PathBuf;

use bodies::TARGETS;

fn inputs(target: &str) -> Vec<PathBuf> {
    let folders = ["seeds", "findings"].map(|folder| support::path("fuzz").join(folder).join(target));
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(target: &str) {
    let (_, run) = TARGETS.iter().find(|(name, _)| *name == target).unwrap();
    let files = inputs(target);
    assert!(!files.is_empty(), "{target} has seeds");
    for file in files {
        let input = std::fs::read(&file).unwrap();
        // The panic itself has been printed.
        assert!(catch_unwind(|| run(&input)).is_ok(), "{} is a finding", file.display());
    }
}

macro_rules! replays {
    ($($target:ident),+) => {
        $(#[test]
        fn $target() {
            replay(stringify!($target));
        })+

        #[test]
        fn every_target_is_replayed() {
            let mut names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
            names.retain(|name| *name != "content");
            assert_eq!(names, [$(stringify!($target)),+]);
        }
    };
}

#[test]
#[cfg(feature = "http")]
fn content() {
    replay("content");
}

replays!(
    request, edit, signature, catalog, jpeg, png, bmp, gif, webp, tiff, metadata, resample, encode, version, engine,
    profile
);
