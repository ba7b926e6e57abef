//! The text of catalog files (`catalog.md` §2).

use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// An error in a catalog file, named by the last part of its path; the whole path is for the operator.
pub(super) fn error_in(path: &Path, what: &'static str) -> Error {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Error::new(ErrorKind::Catalog, what).at(&name).with_detail(&path.display())
}

/// An error at a line of a catalog file; lines count from 1.
pub(super) fn error_at_line(path: &Path, line: usize, name: &str, what: &'static str) -> Error {
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Error::new(ErrorKind::Catalog, what).at(&format!("{file} line {line}: {name}")).with_detail(&path.display())
}

/// Reads a catalog file: UTF-8 if it starts with that byte order mark, else ISO-8859-1.
pub(super) fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path)
        .map_err(|error| error_in(path, "cannot be read").with_detail(&format_args!("{}: {error}", path.display())))?;
    decode(&bytes).map_err(|what| error_in(path, what))
}

fn decode(bytes: &[u8]) -> std::result::Result<String, &'static str> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => {
            String::from_utf8(rest.to_vec()).map_err(|_| "starts with a UTF-8 mark but is not UTF-8")
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err("is UTF-16; use UTF-8 with a byte order mark or ISO-8859-1"),
        latin1 => Ok(latin1.iter().map(|&byte| char::from(byte)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide_the_encoding() {
        assert_eq!(decode(b"\xef\xbb\xbfcaf\xc3\xa9").unwrap(), "café");
        assert_eq!(decode(b"caf\xe9").unwrap(), "café");
        assert_eq!(decode(b"caf\xc3\xa9").unwrap(), "cafÃ©");
        assert_eq!(decode(b"").unwrap(), "");
        assert!(decode(b"\xff\xfea\0").unwrap_err().starts_with("is UTF-16"));
        assert!(decode(b"\xef\xbb\xbf\xff").is_err());
    }
}
