//! Catalogs as one text, and a folder of files made of it.
//!
//! A line `--- NAME` starts the file of that name; what stands before the first is `default.ini`. A catalog is written by
//! somebody who may read any file of the machine, so that paths here are kept inside the folder.

use tempfile::TempDir;

/// The most files.
const FILES: usize = 12;
/// The longest name of one.
const NAME: usize = 24;

/// A file: its name and content.
pub(super) type File<'a> = (&'a str, &'a [u8]);

/// Cuts a text into files. The one called `last` is the end of the text, whatever is in it.
pub(super) fn files<'a>(text: &'a [u8], last: &str) -> Vec<File<'a>> {
    let mut files = vec![];
    let mut name = "default.ini";
    let (mut start, mut at) = (0, 0);
    while at < text.len() && files.len() < FILES {
        let end = text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |len| at + len);
        if let Some(next) = text[at..end].strip_prefix(b"--- ").and_then(name_of) {
            files.push((name, &text[start..at]));
            (name, start) = (next, (end + 1).min(text.len()));
            if name == last {
                break;
            }
        }
        at = end + 1;
    }
    files.push((name, &text[start..]));
    files
}

fn name_of(line: &[u8]) -> Option<&str> {
    let name = str::from_utf8(line.strip_suffix(b"\r").unwrap_or(line)).ok()?;
    let plain = name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-'));
    (plain && (1..=NAME).contains(&name.len()) && !name.starts_with('.')).then_some(name)
}

/// A folder with these files in it.
pub(super) fn with(files: &[File<'_>]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), inside(content)).expect("a file");
    }
    folder
}

/// A text whose paths lead nowhere else: none starts at the root or climbs.
fn inside(text: &[u8]) -> Vec<u8> {
    let mut inside = text.to_vec();
    for i in 0..inside.len() {
        let before = i.checked_sub(1).map(|i| inside[i]);
        if inside[i] == b'/' && !before.is_some_and(|c| c.is_ascii_alphanumeric()) || inside[i..].starts_with(b"..") {
            inside[i] = b'_';
        }
    }
    inside
}
