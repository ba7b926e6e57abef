//! The text of catalog files (`catalog.md` §2), and what is said about its faults.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::base::digest::{Digest, Digester};
use crate::base::error::{Error, ErrorKind, Result};

/// The largest attribute file or small table, in bytes.
pub(super) const SMALL: u32 = 16 << 20;

/// Something odd in a catalog file that does not keep it from being used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warning {
    /// The last part of the file's path.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} line {}: {}", self.file, self.line, self.text)
    }
}

/// The most warnings that are kept about one load.
const MAX_WARNINGS: usize = 1000;

/// Warnings in the order in which they came up; a file of a million odd records does not fill the memory with them.
#[derive(Debug, Default)]
pub(super) struct Warnings {
    list: Vec<Warning>,
}

impl Warnings {
    pub(super) fn add(&mut self, path: &Path, line: usize, text: fmt::Arguments<'_>) {
        if self.list.len() < MAX_WARNINGS {
            self.list.push(Warning { file: file_name(path), line, text: text.to_string() });
        }
    }

    /// Adds what came up elsewhere.
    pub(super) fn extend<'a>(&mut self, others: impl IntoIterator<Item = &'a Warning>) {
        let free = MAX_WARNINGS.saturating_sub(self.list.len());
        self.list.extend(others.into_iter().take(free).cloned());
    }

    pub(super) fn into_list(self) -> Vec<Warning> {
        self.list
    }
}

/// An error in a catalog file, named by the last part of its path; the whole path is for the operator.
pub(super) fn error_in(path: &Path, what: &'static str) -> Error {
    Error::new(ErrorKind::Catalog, what).at(&file_name(path)).with_detail(&path.display())
}

/// An error at a line of a catalog file; lines count from 1.
pub(super) fn error_at_line(path: &Path, line: usize, name: &str, what: &'static str) -> Error {
    let at = format!("{} line {line}: {name}", file_name(path));
    Error::new(ErrorKind::Catalog, what).at(&at).with_detail(&path.display())
}

/// The last part of a path, for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// A text of a file as part of a line for people: control characters are replaced, and it is cut.
pub(super) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// The longest text that [`shown`] leaves whole, in characters.
const MAX_SHOWN: usize = 80;

/// Reads a catalog file of at most `limit` bytes.
pub(super) fn read(path: &Path, limit: u32, warnings: &mut Warnings) -> Result<String> {
    text_of(path, bytes_of(path, limit)?, warnings)
}

/// The bytes of a catalog file, at most `limit` of them.
pub(super) fn bytes_of(path: &Path, limit: u32) -> Result<Vec<u8>> {
    let unreadable = |error: std::io::Error| {
        error_in(path, "cannot be read").with_detail(&format_args!("{}: {error}", path.display()))
    };
    // Before opening: that alone would wait for the other end of a pipe.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(error_in(path, "is not a regular file"));
    }
    let file = File::open(path).map_err(unreadable)?;
    let expected = file.metadata().map_err(unreadable)?.len();
    let mut bytes = Vec::with_capacity(usize::try_from(expected.min(u64::from(limit))).unwrap_or(0));
    file.take(u64::from(limit) + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > u64::from(limit) {
        return Err(error_in(path, if limit == u32::MAX { "is larger than 4 GiB" } else { "is larger than 16 MiB" }));
    }
    Ok(bytes)
}

/// The digest of the bytes that [`bytes_of`] reads, without holding them; `None` where that fails.
pub(super) fn digest_of(path: &Path, limit: u32) -> Option<Digest> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let mut file = File::open(path).ok()?.take(u64::from(limit) + 1);
    let (mut digester, mut buffer, mut length) = (Digester::default(), vec![0; 64 << 10], 0_u64);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return (length <= u64::from(limit)).then(|| digester.finish()),
            Ok(read) => {
                length += read as u64;
                digester.update(buffer.get(..read)?);
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// The text of a catalog file: as UTF-8 if it starts with that byte order mark or is UTF-8, else as ISO-8859-1
/// (`catalog.md` §2). Warns where the reading depends on that choice.
pub(super) fn text_of(path: &Path, bytes: Vec<u8>, warnings: &mut Warnings) -> Result<String> {
    let (text, taken_for_utf8) = decode(bytes).map_err(|what| error_in(path, what))?;
    if let Some(line) = taken_for_utf8 {
        let what = "the file is read as UTF-8, first visible in this line; a byte order mark makes this explicit";
        warnings.add(path, line, format_args!("{what}"));
    }
    Ok(text)
}

/// Decodes a text, and copies it only if it must. Returns the first line (from 1) that ISO-8859-1 would read
/// differently, if the file has no byte order mark.
pub(super) fn decode(mut bytes: Vec<u8>) -> std::result::Result<(String, Option<usize>), &'static str> {
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
        let text = String::from_utf8(bytes).map_err(|_| "starts with a UTF-8 mark but is not UTF-8")?;
        return Ok((text, None));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("is UTF-16; save it as UTF-8");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err("is a ZIP archive, perhaps an Excel workbook; save the table as tab-separated UTF-8 text");
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => {
            let differs = text.bytes().position(|byte| !byte.is_ascii());
            let line = differs.map(|at| 1 + line_ends(text.as_bytes().get(..at).unwrap_or_default()));
            (text, line)
        }
        Err(error) => (error.as_bytes().iter().map(|&byte| char::from(byte)).collect(), None),
    })
}

/// Line ends in a text: CR, LF or CRLF.
pub(super) fn line_ends(text: &[u8]) -> usize {
    let (mut count, mut previous) = (0, 0);
    for &byte in text {
        count += usize::from(byte == b'\r' || byte == b'\n' && previous != b'\r');
        previous = byte;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_the_encoding() {
        let decode = |bytes: &[u8]| decode(bytes.to_vec());
        let text = |bytes: &[u8]| decode(bytes).unwrap().0;
        assert_eq!(text(b"\xef\xbb\xbfcaf\xc3\xa9"), "café");
        assert_eq!(text(b"caf\xe9"), "café");
        assert_eq!(text(b"caf\xc3\xa9"), "café", "it is UTF-8 without a mark");
        assert_eq!(text(b"caf\xc3\xa9 \xe9"), "cafÃ© é", "one byte that is not UTF-8 makes it ISO-8859-1");
        assert_eq!(text(b""), "");
        assert!(decode(b"\xff\xfea\0").unwrap_err().starts_with("is UTF-16"));
        assert!(decode(b"\xfe\xff\0a").unwrap_err().starts_with("is UTF-16"));
        assert!(decode(b"\xef\xbb\xbf\xff").is_err());
        let archive = "is a ZIP archive, perhaps an Excel workbook; save the table as tab-separated UTF-8 text";
        assert_eq!(decode(b"PK\x03\x04\x14\0").unwrap_err(), archive);
        assert_eq!(text(b"PK\tId\n"), "PK\tId\n");
    }

    #[test]
    fn what_is_taken_for_utf8_says_from_which_line() {
        let line = |bytes: &[u8]| decode(bytes.to_vec()).unwrap().1;
        assert_eq!(line(b"\xef\xbb\xbfcaf\xc3\xa9"), None, "it says so itself");
        assert_eq!(line(b"a\r\nb\rc\n\xc3\xa9\n\xc3\xa9"), Some(4));
        assert_eq!(line(b"\xc3\xa9"), Some(1));
        assert_eq!((line(b"plain\n"), line(b"caf\xe9\n")), (None, None));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cat.txt");
        std::fs::write(&path, "Id\nGrüße\n").unwrap();
        let mut warnings = Warnings::default();
        assert_eq!(read(&path, 99, &mut warnings).unwrap(), "Id\nGrüße\n");
        assert_eq!(
            warnings.into_list().iter().map(ToString::to_string).collect::<Vec<_>>(),
            [
                "cat.txt line 2: the file is read as UTF-8, first visible in this line; a byte order mark makes this explicit"
            ]
        );
    }

    #[test]
    fn texts_are_shown_on_one_line() {
        assert_eq!(shown("two\nlines\t"), "two\u{fffd}lines\u{fffd}");
        assert_eq!(shown(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(shown(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
    }

    #[test]
    fn sizes_are_limited() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.ini");
        std::fs::write(&path, "abcd").unwrap();
        let read = |limit| read(&path, limit, &mut Warnings::default());
        assert_eq!(read(4).unwrap(), "abcd");
        assert_eq!(read(3).unwrap_err().to_string(), "long.ini: is larger than 16 MiB");
    }

    #[test]
    fn warnings_are_bounded() {
        let mut warnings = Warnings::default();
        (0..2000).for_each(|line| warnings.add(Path::new("x/cat.txt"), line, format_args!("odd")));
        let list = warnings.into_list();
        assert_eq!((list.len(), list[7].to_string().as_str()), (MAX_WARNINGS, "cat.txt line 7: odd"));
    }
}
