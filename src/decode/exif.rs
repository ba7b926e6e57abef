//! The orientation tag of EXIF metadata, in JPEG APP1 segments and PNG `eXIf` chunks.

use crate::geometry::Orientation;

/// Tag 0x0112 of the first image directory.
const ORIENTATION: u16 = 0x0112;
/// Field type of a 16-bit number.
const SHORT: u16 = 3;

/// The orientation in a block of EXIF metadata, which starts with its TIFF header; upright if there is none.
///
/// Only the first directory is read, whose entries are bounded by its 16-bit count: offsets that point in circles
/// cannot make this loop.
pub(super) fn orientation(tiff: &[u8]) -> Orientation {
    Orientation::from_exif(orientation_tag(tiff).unwrap_or(1))
}

fn orientation_tag(tiff: &[u8]) -> Option<u16> {
    let little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = tiff.get(at..)?.first_chunk::<2>()?;
        Some(if little { u16::from_le_bytes(*bytes) } else { u16::from_be_bytes(*bytes) })
    };
    let u32_at = |at: usize| {
        let bytes = tiff.get(at..)?.first_chunk::<4>()?;
        Some(if little { u32::from_le_bytes(*bytes) } else { u32::from_be_bytes(*bytes) })
    };
    let directory = usize::try_from(u32_at(4)?).ok()?;
    let count = usize::from(u16_at(directory)?);
    // Entries of 12 bytes: tag, type, number of values, and a value that is short enough to stand right there.
    (0..count).map_while(|i| directory.checked_add(2 + 12 * i)).find_map(|entry| {
        let is_orientation = u16_at(entry)? == ORIENTATION && u16_at(entry + 2)? == SHORT;
        is_orientation.then(|| u16_at(entry + 8)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A directory with one other tag and the orientation.
    fn exif(little: bool, value: u16) -> Vec<u8> {
        let mut bytes = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        let mut push = |value: u32, len: usize| {
            let le = value.to_le_bytes();
            let be = value.to_be_bytes();
            bytes.extend_from_slice(if little { &le[..len] } else { &be[4 - len..] });
        };
        push(8, 4);
        push(2, 2);
        for (tag, value) in [(0x0100, 9), (u32::from(ORIENTATION), u32::from(value))] {
            push(tag, 2);
            push(u32::from(SHORT), 2);
            push(1, 4);
            push(value, 2);
            push(0, 2);
        }
        push(0, 4);
        bytes
    }

    #[test]
    fn both_byte_orders_are_read() {
        for value in 1..=8 {
            for little in [true, false] {
                assert_eq!(orientation(&exif(little, value)), Orientation::from_exif(value));
            }
        }
    }

    #[test]
    fn nonsense_means_upright() {
        let whole = exif(true, 6);
        for len in 0..30 {
            assert_eq!(orientation(&whole[..len]), Orientation::default(), "{len}");
        }
        assert_eq!(orientation(&exif(false, 77)), Orientation::default());
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), Orientation::default());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_ignored(mut bytes: Vec<u8>) {
            let _ = orientation(&bytes);
            bytes.splice(..bytes.len().min(4), *b"MM\0*");
            let _ = orientation(&bytes);
        }
    }
}
