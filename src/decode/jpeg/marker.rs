//! The marker segments before the first scan: what a JPEG file says about itself.

use crate::error::Result;

use super::super::damaged;

/// What the segments before the first scan say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Segments<'a> {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) components: u8,
    pub(super) progressive: bool,
    /// The first scan does not hold all components: each has scans of its own.
    pub(super) separate_scans: bool,
    /// The Adobe segment's colour transform.
    pub(super) adobe: Option<u8>,
    /// EXIF metadata from its TIFF header on.
    pub(super) exif: Option<&'a [u8]>,
}

/// Reads the segments up to the first scan. Bytes that belong to no segment are skipped, as real files have them.
///
/// # Errors
///
/// There is no frame header before the first scan, or it is of a kind that is not supported.
pub(super) fn read(bytes: &[u8]) -> Result<Segments<'_>> {
    let mut segments = Segments::default();
    let mut rest = bytes.get(2..).unwrap_or(&[]);
    loop {
        let Some((marker, after)) = next_marker(rest) else {
            return Err(damaged("is a JPEG without a picture", &"no scan"));
        };
        rest = after;
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        if marker == 0xd9 {
            return Err(damaged("is a JPEG without a picture", &"ends before the first scan"));
        }
        let Some((payload, after)) = payload(rest) else {
            return Err(damaged("is a damaged JPEG", &"a segment is cut off"));
        };
        rest = after;
        match marker {
            0xda => {
                segments.separate_scans = payload.first().is_some_and(|&count| count < segments.components);
                break;
            }
            0xc0..=0xc2 => segments.frame(payload, marker == 0xc2)?,
            // 0xc4 defines tables; 0xc8 and 0xcc belong to arithmetic coding.
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                return Err(damaged("is a JPEG with lossless, hierarchical or arithmetic coding", &marker));
            }
            0xe1 if segments.exif.is_none() => segments.exif = payload.strip_prefix(b"Exif\0\0"),
            0xee if payload.starts_with(b"Adobe") => segments.adobe = payload.get(11).copied(),
            _ => {}
        }
    }
    if segments.components == 0 {
        return Err(damaged("is a damaged JPEG", &"no frame header before the first scan"));
    }
    Ok(segments)
}

/// The marker and payload of each segment before the first scan, as far as the file is sound.
pub(in crate::decode) fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes.get(2..).unwrap_or(&[]);
    std::iter::from_fn(move || {
        loop {
            let (marker, after) = next_marker(rest)?;
            rest = after;
            match marker {
                0x01 | 0xd0..=0xd8 => {}
                0xd9 | 0xda => return None,
                _ => {
                    let (payload, after) = payload(rest)?;
                    rest = after;
                    return Some((marker, payload));
                }
            }
        }
    })
}

impl Segments<'_> {
    fn frame(&mut self, payload: &[u8], progressive: bool) -> Result<()> {
        let [precision, h1, h0, w1, w0, components, ..] = *payload else {
            return Err(damaged("is a damaged JPEG", &"the frame header is cut off"));
        };
        if precision != 8 {
            return Err(damaged("is a JPEG with more than 8 bits per component", &precision));
        }
        (self.width, self.height) = (u16::from_be_bytes([w1, w0]), u16::from_be_bytes([h1, h0]));
        if self.width == 0 || self.height == 0 {
            return Err(damaged("is a JPEG that does not state its size in its header", &"height by DNL"));
        }
        if !matches!(components, 1 | 3 | 4) {
            return Err(damaged("is a JPEG with neither 1, 3 nor 4 components", &components));
        }
        (self.components, self.progressive) = (components, progressive);
        Ok(())
    }
}

/// The next marker code and what follows it.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes;
    loop {
        let start = rest.iter().position(|&byte| byte == 0xff)?;
        // Any number of fill bytes may precede the code; FF 00 is no marker.
        let code = start + rest[start..].iter().position(|&byte| byte != 0xff)?;
        if rest[code] != 0 {
            return Some((rest[code], &rest[code + 1..]));
        }
        rest = &rest[code + 1..];
    }
}

/// The payload of a segment, without its length, and what follows it.
fn payload(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = usize::from(u16::from_be_bytes(*bytes.first_chunk::<2>()?));
    Some((bytes.get(2..len)?, bytes.get(len..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
        let len = payload.len() as u16 + 2;
        [&[0xff, marker], &len.to_be_bytes()[..], payload].concat()
    }

    fn frame(marker: u8, precision: u8, components: u8) -> Vec<u8> {
        segment(marker, &[precision, 0, 20, 0, 30, components, 1, 0x11, 0])
    }

    fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        [vec![0xff, 0xd8], parts.concat(), segment(0xda, &[1, 1, 0, 0, 63, 0])].concat()
    }

    #[test]
    fn segments_are_found_among_fill_and_garbage() {
        let bytes = file(&[
            segment(0xe0, b"JFIF\0"),
            vec![1, 2, 3, 0xff, 0x00, 4, 0xff, 0xff, 0xff],
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0"),
            segment(0xe1, b"Exif\0\0II*\0"),
            segment(0xee, b"Adobe\0\x64\0\0\0\0\x02"),
            frame(0xc2, 8, 4),
        ]);
        let expected = Segments {
            width: 30,
            height: 20,
            components: 4,
            progressive: true,
            separate_scans: true,
            adobe: Some(2),
            exif: Some(b"II*\0"),
        };
        assert_eq!(read(&bytes).unwrap(), expected);
    }

    #[test]
    fn what_is_not_supported_says_so() {
        let cases = [
            (file(&[frame(0xc3, 8, 1)]), "is a JPEG with lossless, hierarchical or arithmetic coding"),
            (file(&[frame(0xc9, 8, 3)]), "is a JPEG with lossless, hierarchical or arithmetic coding"),
            (file(&[frame(0xc1, 12, 1)]), "is a JPEG with more than 8 bits per component"),
            (file(&[frame(0xc0, 8, 2)]), "is a JPEG with neither 1, 3 nor 4 components"),
            (
                file(&[segment(0xc0, &[8, 0, 0, 0, 9, 1, 1, 0x11, 0])]),
                "is a JPEG that does not state its size in its header",
            ),
            (file(&[]), "is a damaged JPEG"),
            (vec![0xff, 0xd8, 0xff, 0xd9], "is a JPEG without a picture"),
            (vec![0xff, 0xd8, 0xff], "is a JPEG without a picture"),
            (vec![0xff, 0xd8, 0xff, 0xe0, 0, 9, 1], "is a damaged JPEG"),
            (vec![0xff, 0xd8, 0xff, 0xe0, 0, 1, 1], "is a damaged JPEG"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read(&bytes).unwrap_err().to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }
    }
}
