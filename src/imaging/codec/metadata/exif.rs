//! Orientation and resolution in EXIF metadata, in JPEG APP1 segments and PNG `eXIf` chunks.

use crate::base::geom::Orientation;

/// Tag 0x0112 of the first image directory.
const ORIENTATION: u16 = 0x0112;
/// Pixels per unit, a fraction.
const X_RESOLUTION: u16 = 0x011a;
/// What the resolution counts in: 2 is inches, 3 is centimetres.
const RESOLUTION_UNIT: u16 = 0x0128;
/// Field type of a 16-bit number.
const SHORT: u16 = 3;
/// Field type of a fraction of two 32-bit numbers.
const RATIONAL: u16 = 5;

/// The orientation in a block of EXIF metadata, which starts with its TIFF header; upright if there is none.
pub(in crate::imaging::codec) fn orientation(tiff: &[u8]) -> Orientation {
    let value = Tiff::new(tiff).and_then(|tiff| tiff.short(ORIENTATION));
    Orientation::from_exif(value.unwrap_or(1))
}

/// The horizontal resolution in thousandths of a dot per inch, rounded.
pub(in crate::imaging::codec) fn milli_dpi(tiff: &[u8]) -> Option<u32> {
    let tiff = Tiff::new(tiff)?;
    let (numerator, denominator) = tiff.rational(X_RESOLUTION)?;
    let thousandths = match tiff.short(RESOLUTION_UNIT).unwrap_or(2) {
        2 => 1000,
        3 => 2540,
        _ => return None,
    };
    let rounded = (u64::from(numerator) * thousandths + u64::from(denominator) / 2).checked_div(denominator.into())?;
    u32::try_from(rounded).ok().filter(|&milli| milli > 0)
}

/// A TIFF structure. Only its first directory is read, whose entries are bounded by its 16-bit count: offsets that point
/// in circles cannot make this loop.
struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl<'a> Tiff<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self { bytes, little })
    }

    fn u16_at(&self, at: usize) -> Option<u16> {
        let bytes = self.bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.little { u16::from_le_bytes(*bytes) } else { u16::from_be_bytes(*bytes) })
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..)?.first_chunk::<4>()?;
        Some(if self.little { u32::from_le_bytes(*bytes) } else { u32::from_be_bytes(*bytes) })
    }

    /// Where the value of a tag stands, or the offset of its value if that is longer than 4 bytes.
    fn value(&self, tag: u16, kind: u16) -> Option<usize> {
        let directory = usize::try_from(self.u32_at(4)?).ok()?;
        let count = usize::from(self.u16_at(directory)?);
        // Entries of 12 bytes: tag, type, number of values, and the value or its offset.
        (0..count).map_while(|i| directory.checked_add(2 + 12 * i)).find_map(|entry| {
            let found = self.u16_at(entry)? == tag && self.u16_at(entry + 2)? == kind;
            found.then(|| entry + 8)
        })
    }

    fn short(&self, tag: u16) -> Option<u16> {
        self.u16_at(self.value(tag, SHORT)?)
    }

    fn rational(&self, tag: u16) -> Option<(u32, u32)> {
        let at = usize::try_from(self.u32_at(self.value(tag, RATIONAL)?)?).ok()?;
        Some((self.u32_at(at)?, self.u32_at(at.checked_add(4)?)?))
    }
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

    /// A directory with a resolution of 300 per unit.
    fn resolution(little: bool, unit: Option<u16>, fraction: (u32, u32)) -> Vec<u8> {
        let short = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let long = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let mut bytes = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        bytes.extend(long(16));
        bytes.extend([long(fraction.0), long(fraction.1)].concat());
        bytes.extend(short(1 + u16::from(unit.is_some())));
        bytes.extend([&short(X_RESOLUTION)[..], &short(RATIONAL), &long(1), &long(8)].concat());
        if let Some(unit) = unit {
            bytes.extend([&short(RESOLUTION_UNIT)[..], &short(SHORT), &long(1), &short(unit), &short(0)].concat());
        }
        bytes
    }

    #[test]
    fn resolutions_are_read_in_inches_and_centimetres() {
        for little in [true, false] {
            assert_eq!(milli_dpi(&resolution(little, Some(2), (300, 1))), Some(300_000));
            assert_eq!(milli_dpi(&resolution(little, None, (1441, 20))), Some(72_050));
            assert_eq!(milli_dpi(&resolution(little, Some(3), (118, 1))), Some(299_720));
            assert_eq!(milli_dpi(&resolution(little, Some(1), (300, 1))), None);
            assert_eq!(milli_dpi(&resolution(little, Some(2), (300, 0))), None);
            assert_eq!(milli_dpi(&resolution(little, Some(2), (0, 1))), None);
            assert_eq!(milli_dpi(&resolution(little, Some(2), (u32::MAX, 1))), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_ignored(mut bytes: Vec<u8>) {
            let _ = (orientation(&bytes), milli_dpi(&bytes));
            bytes.splice(..bytes.len().min(4), *b"MM\0*");
            let _ = (orientation(&bytes), milli_dpi(&bytes));
        }
    }
}
