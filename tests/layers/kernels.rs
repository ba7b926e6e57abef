//! Kernels that have levels: each is compared with a naive twin at every level.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support;

/// What calls the code of a level.
const CHOICES: [&str; 2] = ["at_level!(", ".vectors()"];

/// What compares every level with a twin.
const COMPARISON: &str = "each_level_equals(&";

/// Rooms whose kernels need whole files to work on, and where they are compared.
const ELSEWHERE: [(&str, &str); 1] =
    [("imaging/codec/jpeg/decode/streams", "imaging/codec/jpeg/decode/written_tests.rs")];

/// Where levels themselves live.
const LEVELS: &str = "imaging/kernel/isa";

/// Files below a folder that hold one of some words.
fn holding(folder: &Path, words: &[&str], found: &mut BTreeSet<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holding(&path, words, found);
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            if words.iter().any(|word| text.contains(word)) {
                found.insert(path.strip_prefix(support::path("src")).unwrap().to_owned());
            }
        }
    }
}

/// The folders of files.
fn rooms(files: &BTreeSet<PathBuf>) -> BTreeSet<&Path> {
    files.iter().filter_map(|file| file.parent()).filter(|room| !room.starts_with(LEVELS)).collect()
}

#[test]
fn every_room_with_levels_is_compared_with_a_twin() {
    let (mut kernels, mut tests) = (BTreeSet::new(), BTreeSet::new());
    holding(&support::path("src"), &CHOICES, &mut kernels);
    holding(&support::path("src"), &[COMPARISON], &mut tests);
    let compared = rooms(&tests);
    let kernels = rooms(&kernels);
    for room in &kernels {
        let elsewhere =
            ELSEWHERE.iter().any(|(name, file)| room == &Path::new(name) && tests.contains(Path::new(file)));
        assert!(compared.contains(room) || elsewhere, "src/{}: no test calls each_level_equals", room.display());
    }
    assert!(kernels.len() >= 8, "the search finds the kernels there are: {kernels:?}");
    assert!(ELSEWHERE.iter().all(|(name, _)| kernels.contains(Path::new(name))), "{kernels:?}");
}
