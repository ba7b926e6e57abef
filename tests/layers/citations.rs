//! Sections of the protocol that comments and documents cite: each of them has a heading in `docs/protocol`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{read_dir, read_to_string};
use std::path::Path;

use crate::support::path;

/// Documents of the protocol.
const DOCUMENTS: [&str; 4] = ["catalog.md", "layers.md", "protocol.md", "responses.md"];

/// Folders whose sources cite them.
const FOLDERS: [&str; 7] = ["src", "tests", "examples", "tools", "benches", "fuzz/bodies", "docs"];

/// The number that a text begins with: `3` of `3. View`, `3.5` of `3.5 Fit`; empty if it begins with none.
fn number(text: &str) -> &str {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// The numbers of a document's headings.
fn headings(text: &str) -> BTreeSet<&str> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| number(line.trim_start_matches('#').trim_start())).filter(|number| !number.is_empty()).collect()
}

/// Each citation in a text: a document and a section.
fn citations(text: &str) -> Vec<(&str, &str)> {
    let mut found = vec![];
    for document in DOCUMENTS {
        for rest in text.split(&format!("`{document}`")).skip(1) {
            let mut rest = rest;
            while let Some(section) = rest.trim_start_matches([' ', ',', '\n', '/', '!']).strip_prefix('§') {
                let number = number(section);
                found.push((document, number));
                rest = &section[number.len()..];
            }
        }
    }
    found
}

fn visit(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.is_dir() {
            if !file.ends_with("node_modules") && !file.ends_with("target") {
                visit(&file, see);
            }
        } else if file.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
            see(&file, &read_to_string(&file).unwrap());
        }
    }
}

#[test]
fn cited_sections_have_headings() {
    let texts = DOCUMENTS.map(|name| (name, read_to_string(path("docs/protocol").join(name)).unwrap()));
    let headings: BTreeMap<&str, BTreeSet<&str>> = texts.iter().map(|(name, text)| (*name, headings(text))).collect();
    let (mut wrong, mut count) = (vec![], 0);
    for folder in FOLDERS {
        visit(&path(folder), &mut |file, text| {
            for (document, section) in citations(text) {
                count += 1;
                if !headings[document].contains(section) {
                    wrong.push(format!("{}: {document} §{section}", file.display()));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 150, "the search finds citations: {count}");
}

#[test]
fn citations_are_found() {
    let text = "see (`protocol.md` §3.5, §3.6) and `layers.md`\n/// §1.2. Or `catalog.md` §4";
    let found: BTreeSet<_> = citations(text).into_iter().collect();
    let expected = [("protocol.md", "3.5"), ("protocol.md", "3.6"), ("layers.md", "1.2"), ("catalog.md", "4")];
    assert_eq!(found, expected.into_iter().collect());
    let found: Vec<_> = headings("# Title\n## 3. Third\n### 3.5 Fit\ntext 7\n#### x").into_iter().collect();
    assert_eq!(found, ["3", "3.5"]);
}
