//! The sources of the library, parsed.

use std::path::{Path, PathBuf};

use syn::{Attribute, Ident};

use crate::support;

/// One source file: its path below `src`, its module path below the crate, and its syntax.
pub(crate) struct Source {
    pub(crate) file: PathBuf,
    pub(crate) module: Vec<String>,
    pub(crate) syntax: syn::File,
}

/// All files but those of test modules, which may look anywhere.
pub(crate) fn sources() -> Vec<Source> {
    let root = support::path("src");
    let mut folders = vec![root.clone()];
    let mut sources = vec![];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.strip_prefix(&root).unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|suffix| suffix == "rs") && !is_test_file(&file) {
                let syntax = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
                sources.push(Source { module: module_of(&file), file, syntax });
            }
        }
    }
    sources.sort_by(|a, b| a.file.cmp(&b.file));
    assert!(sources.len() > 40, "{} files", sources.len());
    sources
}

fn module_of(file: &Path) -> Vec<String> {
    let mut module: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

fn is_test_file(file: &Path) -> bool {
    let stem = file.file_stem().unwrap().to_string_lossy();
    stem == "tests" || stem.ends_with("_tests") || stem.ends_with("test_support")
}

/// The item exists in tests alone.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|ident| ident == "test")
    })
}
