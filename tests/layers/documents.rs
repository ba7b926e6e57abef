//! Files of this repository that documents and comments name.

use std::fs::read_to_string;
use std::path::Path;

use crate::support::path;

/// Documents that name files.
const DOCUMENTS: [&str; 21] = [
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/catalogs.md",
    "docs/dependencies.md",
    "docs/formats.md",
    "docs/operating.md",
    "docs/pictures.md",
    "docs/protocol/catalog.md",
    "docs/protocol/layers.md",
    "docs/protocol/protocol.md",
    "docs/protocol/responses.md",
    "docs/serving.md",
    "docs/signing.md",
    "docs/speed.md",
    "docs/support.md",
    "docs/versions.md",
    "fuzz/README.md",
    "tools/peers/README.md",
];

/// Folders whose files a document may name.
const FOLDERS: [&str; 9] = ["src/", "tests/", "benches/", "tools/", "examples/", "fuzz/", "assets/", "docs/", ".ci/"];

/// What stands between backquotes, and the targets of links, without the section.
fn names(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let linked = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    quoted.chain(linked).filter(|name| !name.is_empty()).collect()
}

/// The name is that of a file or folder: no pattern, no command and no program that is built.
fn is_path(name: &str) -> bool {
    FOLDERS.iter().any(|folder| name.starts_with(folder))
        && !name.contains(['*', ' ', '<', '{', '\n'])
        && !name.contains("TARGET")
}

#[test]
fn documents_name_files_that_are_there() {
    let mut wrong = vec![];
    let mut count = 0;
    for document in DOCUMENTS {
        let text = read_to_string(path(document)).unwrap();
        let folder = Path::new(document).parent().unwrap();
        for name in names(&text) {
            let is_local = is_path(name) || name.ends_with(".md") && !name.contains("://");
            if is_local {
                count += 1;
                let found = path(name).exists() || path(folder.join(name).to_str().unwrap()).exists();
                if !found {
                    wrong.push(format!("{document}: {name}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 50, "the search finds names: {count}");
}
