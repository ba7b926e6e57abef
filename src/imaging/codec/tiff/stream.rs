//! JPEG files of the abbreviated ones in chunks (TIFF technical note 2).
//!
//! The tables that all chunks share stand in a tag. Which colours the components are, the tags of the file say, and no segment
//! in a chunk: an Adobe segment takes the place of those.

use crate::base::error::{Error, Result};
use crate::base::limits::{grow, over_decoded_bytes};
use crate::imaging::codec::fault::damaged;

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;

/// What the components are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transform {
    /// As they are.
    None,
    /// RGB of YCbCr.
    ToRgb,
}

/// A file of the tables and a chunk.
///
/// # Errors
///
/// The chunk has no scan, or the file would be longer than the limit.
pub(super) fn assembled(tables: &[u8], chunk: &[u8], transform: Transform, limit: u64) -> Result<Vec<u8>> {
    let len = tables.len() + chunk.len();
    if len as u64 > limit {
        return Err(over_decoded_bytes());
    }
    let mut file = Vec::new();
    grow(&mut file, len + 20)?;
    file.extend([0xff, SOI, 0xff, 0xee, 0, 14]);
    file.extend(b"Adobe\0\x64\0\0\0\0");
    file.push(u8::from(transform == Transform::ToRgb));
    let _ = put_segments(tables, &mut file);
    let scan = put_segments(chunk, &mut file);
    file.extend(scan.ok_or_else(no_scan)?);
    Ok(file)
}

/// A file without the segments of applications and comments.
///
/// # Errors
///
/// It has no scan, or there is no memory.
pub(super) fn without_applications(file: &[u8]) -> Result<Vec<u8>> {
    let mut shorter = Vec::new();
    grow(&mut shorter, file.len())?;
    shorter.extend([0xff, SOI]);
    let scan = put_segments(file, &mut shorter);
    shorter.extend(scan.ok_or_else(no_scan)?);
    Ok(shorter)
}

fn no_scan() -> Error {
    damaged("is a damaged TIFF", &"a JPEG without a scan")
}

/// Puts the segments that decoding needs, up to the first scan, which is what comes back.
fn put_segments<'b>(bytes: &'b [u8], file: &mut Vec<u8>) -> Option<&'b [u8]> {
    let mut rest = bytes;
    loop {
        let start = rest.iter().position(|&byte| byte == 0xff)?;
        rest = rest.get(start..)?;
        let fill = rest.iter().take_while(|&&byte| byte == 0xff).count();
        let (&marker, after) = rest.get(fill..)?.split_first()?;
        match marker {
            SOS => return rest.get(fill - 1..),
            EOI => return None,
            0 | 0x01 | 0xd0..=SOI => rest = after,
            _ => {
                let len = usize::from(u16::from_be_bytes(*after.first_chunk()?));
                let payload = after.get(..len)?;
                // Applications' segments and comments are left out.
                if !matches!(marker, 0xe0..=0xef | 0xfe) {
                    file.extend([0xff, marker]);
                    file.extend(payload);
                }
                rest = after.get(len.max(2)..)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::ErrorKind;

    #[test]
    fn tables_come_first_and_colors_are_those_of_the_tags() {
        let tables = b"\xff\xd8\xff\xdb\0\x03a\xff\xc4\0\x04bc\xff\xd9";
        let chunk =
            b"\xff\xd8\xff\xe0\0\x04JF\xff\xee\0\x05Ado\xff\xfe\0\x02\xff\xff\xc0\0\x03f\xff\xda\0\x02rest\xff\xd9";
        let file = assembled(tables, chunk, Transform::ToRgb, 1000).unwrap();
        let adobe = b"\xff\xd8\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\x01";
        let expected =
            [&adobe[..], b"\xff\xdb\0\x03a\xff\xc4\0\x04bc\xff\xc0\0\x03f\xff\xda\0\x02rest\xff\xd9"].concat();
        assert_eq!(file, expected);
        for cut in 0..27 {
            assert_eq!(assembled(tables, &chunk[..cut], Transform::None, 1000).unwrap_err().kind(), ErrorKind::Source);
        }
        assert_eq!(assembled(tables, chunk, Transform::None, 10).unwrap_err().kind(), ErrorKind::Limit);
    }
}
