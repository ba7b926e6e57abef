//! The marker segments before the first scan: what a JPEG file says about itself.

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::frame::Frame;
use crate::imaging::codec::fault::damaged;

/// Start of scan, end of image, number of lines; define Huffman tables, quantisation tables, restart interval and
/// arithmetic conditioning.
pub(super) const SOS: u8 = 0xda;
pub(super) const EOI: u8 = 0xd9;
pub(super) const DNL: u8 = 0xdc;
pub(super) const DHT: u8 = 0xc4;
pub(super) const DQT: u8 = 0xdb;
pub(super) const DRI: u8 = 0xdd;
pub(super) const DAC: u8 = 0xcc;

/// Segments that are passed between two questions whether the work is to go on: they can be as short as four bytes.
pub(super) const SEGMENTS: u64 = 1 << 12;

/// What the segments before the first scan say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Segments<'a> {
    pub(super) frame: Frame,
    /// There is a JFIF segment.
    pub(super) jfif: bool,
    /// The Adobe segment's colour transform.
    pub(super) adobe: Option<u8>,
    /// EXIF metadata from its TIFF header on.
    pub(super) exif: Option<&'a [u8]>,
}

/// Reads the segments up to the first scan. Bytes that belong to no segment are skipped, as real files have them.
///
/// # Errors
///
/// There is no frame header before the first scan, or it is of a kind that is not supported; or the work is to be given up.
pub(super) fn read<'b>(bytes: &'b [u8], cancel: Cancel<'_>) -> Result<Segments<'b>> {
    let (mut frame, mut jfif, mut adobe, mut exif) = (None, false, None, None);
    let mut rest = bytes.get(2..).unwrap_or(&[]);
    let mut count = 0u64;
    loop {
        if count.is_multiple_of(SEGMENTS) {
            cancel.check()?;
        }
        count += 1;
        let Some((marker, after)) = next_marker(rest) else {
            return Err(damaged("is a JPEG without a picture", &"no scan"));
        };
        rest = after;
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            continue;
        }
        if marker == EOI {
            return Err(damaged("is a JPEG without a picture", &"ends before the first scan"));
        }
        let Some((payload, after)) = payload(rest) else {
            return Err(damaged("is a damaged JPEG", &"a segment is cut off"));
        };
        rest = after;
        match marker {
            SOS => break,
            0xc0..=0xc2 | 0xc9 | 0xca if frame.is_some() => {
                return Err(damaged("is a damaged JPEG", &"two frame headers"));
            }
            0xc0..=0xc2 | 0xc9 | 0xca => frame = Some(Frame::read(marker, payload)?),
            // With Huffman and with arithmetic codes. 0xc4 and 0xcc define tables.
            0xc3 | 0xcb => return Err(damaged("is a JPEG with lossless coding", &marker)),
            0xc5..=0xc7 | 0xcd..=0xcf | 0xde => {
                return Err(damaged("is a JPEG with hierarchical coding", &marker));
            }
            // Shorter ones are taken for none, as other software does.
            0xe0 if payload.starts_with(b"JFIF\0") && payload.len() >= 14 => jfif = true,
            0xe1 if exif.is_none() => exif = payload.strip_prefix(b"Exif\0\0"),
            0xee if payload.starts_with(b"Adobe") => adobe = payload.get(11).copied().or(adobe),
            _ => {}
        }
    }
    let Some(mut frame) = frame else {
        return Err(damaged("is a damaged JPEG", &"no frame header before the first scan"));
    };
    if frame.height == 0 {
        frame.height = number_of_lines(rest)?;
    }
    Ok(Segments { frame, jfif, adobe, exif })
}

/// The height that a DNL segment states after the first scan (T.81 B.2.5), whose data starts here.
fn number_of_lines(scan: &[u8]) -> Result<u32> {
    let lines = match next_marker(after_entropy(scan)) {
        Some((DNL, rest)) => payload(rest).and_then(|(payload, _)| payload.first_chunk::<2>().copied()),
        _ => None,
    };
    match lines.map(u16::from_be_bytes) {
        Some(lines @ 1..) => Ok(u32::from(lines)),
        _ => Err(damaged("is a damaged JPEG", &"states no height")),
    }
}

/// What follows the entropy-coded data at the start of `bytes`, from its marker on; restart markers belong to the data.
pub(super) fn after_entropy(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some(start) = find_ff(rest) {
        let code = rest[start..].iter().find(|&&byte| byte != 0xff);
        match code {
            None => break,
            // Stuffing or a restart; fill bytes before it may repeat the FF.
            Some(0 | 0xd0..=0xd7) => {
                let fill = rest[start..].iter().take_while(|&&byte| byte == 0xff).count();
                rest = &rest[start + fill + 1..];
            }
            Some(_) => return &rest[start..],
        }
    }
    &[]
}

/// Where the first FF is.
pub(super) fn find_ff(bytes: &[u8]) -> Option<usize> {
    // Markers and stuffed bytes may follow each other closely.
    if bytes.first() == Some(&0xff) {
        return Some(0);
    }
    // Whole chunks without one are passed over by vector instructions.
    let clear = bytes.chunks_exact(64).take_while(|chunk| !chunk.iter().fold(false, |any, &b| any | (b == 0xff)));
    let from = clear.count() * 64;
    Some(from + bytes[from..].iter().position(|&byte| byte == 0xff)?)
}

/// The marker and payload of each segment before the first scan, as far as the file is sound.
pub(in crate::imaging::codec) fn segments(bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = bytes.get(2..).unwrap_or(&[]);
    std::iter::from_fn(move || {
        loop {
            let (marker, after) = next_marker(rest)?;
            rest = after;
            match marker {
                0x01 | 0xd0..=0xd8 => {}
                EOI | SOS => return None,
                _ => {
                    let (payload, after) = payload(rest)?;
                    rest = after;
                    return Some((marker, payload));
                }
            }
        }
    })
}

/// The next marker code and what follows it.
pub(super) fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = bytes;
    loop {
        let start = find_ff(rest)?;
        // Any number of fill bytes may precede the code; FF 00 is no marker.
        let code = start + rest[start..].iter().position(|&byte| byte != 0xff)?;
        if rest[code] != 0 {
            return Some((rest[code], &rest[code + 1..]));
        }
        rest = &rest[code + 1..];
    }
}

/// The payload of a segment, without its length, and what follows it.
pub(super) fn payload(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = usize::from(u16::from_be_bytes(*bytes.first_chunk::<2>()?));
    Some((bytes.get(2..len)?, bytes.get(len..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::ErrorKind;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Segments<'_>> {
        super::read(bytes, Cancel::ALWAYS)
    }

    fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
        let len = payload.len() as u16 + 2;
        [&[0xff, marker], &len.to_be_bytes()[..], payload].concat()
    }

    fn frame(marker: u8, precision: u8, components: u8) -> Vec<u8> {
        let specs = (1..=components).flat_map(|id| [id, 0x11, 0]).collect::<Vec<_>>();
        segment(marker, &[&[precision, 0, 20, 0, 30, components][..], &specs].concat())
    }

    fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        [vec![0xff, 0xd8], parts.concat(), segment(0xda, &[1, 1, 0, 0, 63, 0])].concat()
    }

    #[test]
    fn segments_are_found_among_fill_and_garbage() {
        let bytes = file(&[
            segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
            vec![1, 2, 3, 0xff, 0x00, 4, 0xff, 0xff, 0xff],
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0"),
            segment(0xe1, b"Exif\0\0II*\0"),
            segment(0xee, b"Adobe\0\x64\0\0\0\0\x02"),
            frame(0xc2, 8, 4),
        ]);
        let segments = read(&bytes).unwrap();
        let frame = &segments.frame;
        assert_eq!((frame.width, frame.height, frame.components.len(), frame.progressive), (30, 20, 4, true));
        assert_eq!((segments.jfif, segments.adobe, segments.exif), (true, Some(2), Some(&b"II*\0"[..])));
    }

    #[test]
    fn many_segments_are_asked_for() {
        let bytes = file(&[frame(0xc0, 8, 1), segment(0xe5, &[]).repeat(3 * SEGMENTS as usize)]);
        assert!(read(&bytes).is_ok());
        for most in 0..4 {
            let asked = std::cell::Cell::new(0);
            let keep_going = || asked.replace(asked.get() + 1) < most;
            let stopped = super::read(&bytes, Cancel::new(&keep_going)).unwrap_err();
            assert_eq!((stopped.kind(), asked.get()), (ErrorKind::Stopped, most + 1));
        }
    }

    #[test]
    fn the_height_may_follow_the_first_scan() {
        let header = file(&[segment(0xc0, &[8, 0, 0, 0, 9, 1, 1, 0x11, 0])]);
        let height = |rest: &[u8]| read(&[&header[..], rest].concat()).map(|segments| segments.frame.height);
        let dnl = segment(DNL, &[1, 2]);
        assert_eq!(height(&[&[1, 2, 0xff, 0, 3, 0xff, 0xd0, 4, 0xff][..], &dnl].concat()), Ok(258));
        assert!(height(&[1, 2, 0xff, 0xd9]).is_err());
        assert!(height(&[1, 2, 0xff, 0xff]).is_err());
        assert!(height(&segment(DNL, &[0, 0])).is_err());
    }

    #[test]
    fn entropy_coded_data_ends_at_a_marker_that_is_no_restart() {
        let mut bytes = vec![7; 200];
        bytes.extend([0xff, 0, 1, 0xff, 0xff, 0xd3, 0xff, 0xff, 0, 9, 0xff, 0xff, 0xc4, 5]);
        assert_eq!(after_entropy(&bytes), [0xff, 0xff, 0xc4, 5]);
        assert!(after_entropy(&bytes[..bytes.len() - 2]).is_empty());
    }

    #[test]
    fn what_is_not_supported_says_so() {
        let cases = [
            (file(&[frame(0xc3, 8, 1)]), "is a JPEG with lossless coding"),
            (file(&[frame(0xcb, 8, 1)]), "is a JPEG with lossless coding"),
            (file(&[frame(0xc7, 8, 1)]), "is a JPEG with hierarchical coding"),
            (file(&[frame(0xcd, 8, 3)]), "is a JPEG with hierarchical coding"),
            (file(&[segment(0xde, &[8, 0, 9, 0, 9, 1, 1, 0x11, 0])]), "is a JPEG with hierarchical coding"),
            (file(&[frame(0xc9, 12, 3)]), "is a JPEG with more than 8 bits per component"),
            (file(&[frame(0xc1, 12, 1)]), "is a JPEG with more than 8 bits per component"),
            (file(&[frame(0xc0, 8, 2)]), "is a JPEG with neither 1, 3 nor 4 components"),
            (file(&[segment(0xc0, &[8, 0, 0, 0, 9, 1, 1, 0x11, 0])]), "is a damaged JPEG"),
            (file(&[segment(0xc0, &[8, 0, 9, 0, 0, 1, 1, 0x11, 0])]), "is a damaged JPEG"),
            (file(&[segment(0xc0, &[8, 0, 9, 0, 9, 1, 1, 0x15, 0])]), "is a damaged JPEG"),
            (file(&[frame(0xc0, 8, 3), frame(0xc0, 8, 3)]), "is a damaged JPEG"),
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
