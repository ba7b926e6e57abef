//! Orientation, resolution, colour space and rights in EXIF metadata, in JPEG APP1 segments and PNG `eXIf` chunks.

use crate::base::geom::Orientation;
use crate::imaging::pixel::space::{Curve, Primaries, Space, Stated};

use super::rights::{Rights, utf8_or_latin1};

/// Tag 0x0112 of the first image directory.
const ORIENTATION: u16 = 0x0112;
/// Pixels per unit, a fraction.
const X_RESOLUTION: u16 = 0x011a;
/// What the resolution counts in: 2 is inches, 3 is centimetres.
const RESOLUTION_UNIT: u16 = 0x0128;
/// Who made the picture: names, separated by semicolons.
const ARTIST: u16 = 0x013b;
/// The notice of copyright; behind a NUL that of the editor.
const COPYRIGHT: u16 = 0x8298;
/// Where the directory of EXIF is, a number in the first directory.
const EXIF: u16 = 0x8769;
/// In that directory: 1 for sRGB, 0xffff for any other colour space.
const COLOR_SPACE: u16 = 0xa001;
/// Where the directory of interoperability is, a number in the directory of EXIF.
const INTEROPERABILITY: u16 = 0xa005;
/// In that directory: `R03` says that the file follows DCF with Adobe RGB.
const INDEX: u16 = 0x0001;

/// Field type of a text.
const ASCII: u16 = 2;
/// Field type of a text that is in UTF-8, of EXIF 3.0.
const UTF8: u16 = 129;
/// Field type of a 16-bit number.
const SHORT: u16 = 3;
/// Field type of a 32-bit number.
const LONG: u16 = 4;
/// Field type of a fraction of two 32-bit numbers.
const RATIONAL: u16 = 5;

/// The orientation in a block of EXIF metadata, which starts with its TIFF header; upright if there is none.
pub(in crate::imaging::codec) fn orientation(tiff: &[u8]) -> Orientation {
    let value = Tiff::new(tiff).and_then(|tiff| tiff.short(tiff.first()?, ORIENTATION));
    Orientation::from_exif(value.unwrap_or(1))
}

/// The horizontal resolution in thousandths of a dot per inch, rounded.
pub(in crate::imaging::codec) fn milli_dpi(tiff: &[u8]) -> Option<u32> {
    let tiff = Tiff::new(tiff)?;
    let (numerator, denominator) = tiff.rational(tiff.first()?, X_RESOLUTION)?;
    let thousandths = match tiff.short(tiff.first()?, RESOLUTION_UNIT).unwrap_or(2) {
        2 => 1000,
        3 => 2540,
        _ => return None,
    };
    let rounded = (u64::from(numerator) * thousandths + u64::from(denominator) / 2).checked_div(denominator.into())?;
    u32::try_from(rounded).ok().filter(|&milli| milli > 0)
}

/// The colour space that a camera names: sRGB, or Adobe RGB in the way of DCF 2.0 (CIPA DC-009).
pub(in crate::imaging::codec) fn space(tiff: &[u8]) -> Space {
    let named = || {
        let tiff = Tiff::new(tiff)?;
        let exif = tiff.directory(tiff.first()?, EXIF)?;
        match tiff.short(exif, COLOR_SPACE)? {
            1 => Some(Space::Srgb),
            0xffff => {
                let index = tiff.value(tiff.directory(exif, INTEROPERABILITY)?, INDEX, ASCII)?;
                // A text of four bytes stands in the place of its offset.
                let is_adobe = tiff.bytes.get(index..)?.starts_with(b"R03");
                is_adobe.then_some(Space::Stated(Stated { primaries: Primaries::ADOBE, curve: Curve::Power(219_922) }))
            }
            _ => None,
        }
    };
    named().unwrap_or(Space::Unsaid)
}

/// The rights that the first directory says. Texts are in UTF-8, or else taken for ISO 8859-1.
pub(in crate::imaging::codec) fn rights(tiff: &[u8]) -> Rights {
    let mut rights = Rights::default();
    let read = |tag: u16| {
        let tiff = Tiff::new(tiff)?;
        tiff.text(tiff.first()?, tag).map(utf8_or_latin1)
    };
    if let Some(names) = read(ARTIST) {
        // No name has a NUL in it.
        names.split('\0').next().unwrap_or("").split(';').for_each(|name| rights.add_creator(name));
    }
    if let Some(notices) = read(COPYRIGHT) {
        let notices: Vec<&str> =
            notices.split('\0').map(str::trim).filter(|notice| !notice.is_empty()).take(2).collect();
        rights.add_copyright(&notices.join("; "));
    }
    rights
}

/// A TIFF structure. The directories that are read are fixed, and their entries are bounded by their 16-bit counts: offsets
/// that point in circles cannot make this loop.
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

    /// Where the first directory is.
    fn first(&self) -> Option<usize> {
        usize::try_from(self.u32_at(4)?).ok()
    }

    /// Where the value of a tag in a directory stands, or the offset of its value if that is longer than 4 bytes.
    fn value(&self, directory: usize, tag: u16, kind: u16) -> Option<usize> {
        let count = usize::from(self.u16_at(directory)?);
        // Entries of 12 bytes: tag, type, number of values, and the value or its offset.
        (0..count).map_while(|i| directory.checked_add(2 + 12 * i)).find_map(|entry| {
            let found = self.u16_at(entry)? == tag && self.u16_at(entry + 2)? == kind;
            found.then(|| entry + 8)
        })
    }

    /// The directory that a tag points to.
    fn directory(&self, directory: usize, tag: u16) -> Option<usize> {
        usize::try_from(self.u32_at(self.value(directory, tag, LONG)?)?).ok()
    }

    fn short(&self, directory: usize, tag: u16) -> Option<u16> {
        self.u16_at(self.value(directory, tag, SHORT)?)
    }

    /// The bytes of a text, which may have a NUL at its end.
    fn text(&self, directory: usize, tag: u16) -> Option<&'a [u8]> {
        let at = self.value(directory, tag, ASCII).or_else(|| self.value(directory, tag, UTF8))?;
        // The number of values stands before the value, or before its offset if that is longer than 4 bytes.
        let count = usize::try_from(self.u32_at(at.checked_sub(4)?)?).ok()?;
        let at = if count <= 4 { at } else { usize::try_from(self.u32_at(at)?).ok()? };
        self.bytes.get(at..)?.get(..count)
    }

    fn rational(&self, directory: usize, tag: u16) -> Option<(u32, u32)> {
        let at = usize::try_from(self.u32_at(self.value(directory, tag, RATIONAL)?)?).ok()?;
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

    /// A directory of texts, with their types.
    fn texts(little: bool, texts: &[(u16, u16, &[u8])]) -> Vec<u8> {
        let short = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let long = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let mut bytes = if little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        bytes.extend(long(8));
        bytes.extend(short(texts.len() as u16));
        let mut behind = vec![];
        for (tag, kind, text) in texts {
            bytes.extend([&short(*tag)[..], &short(*kind), &long(text.len() as u32)].concat());
            let mut value = text.to_vec();
            if text.len() > 4 {
                value = long((8 + 2 + 12 * texts.len() + 4 + behind.len()) as u32).to_vec();
                behind.extend(*text);
            }
            value.resize(4, 0);
            bytes.extend(value);
        }
        bytes.extend(long(0));
        [bytes, behind].concat()
    }

    #[test]
    fn rights_are_read_in_both_byte_orders() {
        let told = |tiff: &[u8]| {
            let Rights { copyright, creators, credit } = rights(tiff);
            assert_eq!(credit, "");
            (copyright, creators)
        };
        for little in [true, false] {
            let file = texts(
                little,
                &[(ARTIST, ASCII, b"A; B;;C\0"), (0x0131, ASCII, b"program\0"), (COPYRIGHT, ASCII, b"me\0")],
            );
            assert_eq!(told(&file), ("me".to_owned(), vec!["A".to_owned(), "B".to_owned(), "C".to_owned()]));
            let file =
                texts(little, &[(ARTIST, UTF8, "Zo\u{eb}".as_bytes()), (COPYRIGHT, ASCII, b"\xa9 x\0editor \xe9\0")]);
            assert_eq!(told(&file), ("\u{a9} x; editor \u{e9}".to_owned(), vec!["Zo\u{eb}".to_owned()]));
            let file = texts(little, &[(ARTIST, ASCII, b" \0"), (COPYRIGHT, ASCII, b" \0editor\0")]);
            assert_eq!(told(&file), ("editor".to_owned(), vec![]));
            let whole = texts(little, &[(COPYRIGHT, ASCII, b"longer than that\0")]);
            for len in 0..whole.len() {
                assert_eq!(told(&whole[..len]).0, "", "{len}");
            }
        }
        assert_eq!(told(b"II*\0\xff\xff\xff\xff"), (String::new(), vec![]));
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

    /// A first directory that points to one of EXIF with a colour space, which points to one of interoperability.
    fn named(little: bool, color_space: u16, index: &[u8; 4]) -> Vec<u8> {
        let short = |v: u16| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let long = |v: u32| if little { v.to_le_bytes() } else { v.to_be_bytes() };
        let entry = |tag, kind, count, value: [u8; 4]| [&short(tag)[..], &short(kind), &long(count), &value].concat();
        let directory = |entries: &[Vec<u8>]| [&short(entries.len() as u16)[..], &entries.concat(), &long(0)].concat();
        let [high, low] = short(color_space);
        // A directory of one entry takes 18 bytes, one of two 30.
        let first = directory(&[entry(EXIF, LONG, 1, long(26))]);
        let exif =
            directory(&[entry(COLOR_SPACE, SHORT, 1, [high, low, 0, 0]), entry(INTEROPERABILITY, LONG, 1, long(56))]);
        let interoperability = directory(&[entry(INDEX, ASCII, 4, *index)]);
        let head = if little { b"II*\0" } else { b"MM\0*" };
        [&head[..], &long(8), &first, &exif, &interoperability].concat()
    }

    #[test]
    fn cameras_name_srgb_and_adobe_rgb() {
        let adobe = Space::Stated(Stated { primaries: Primaries::ADOBE, curve: Curve::Power(219_922) });
        for little in [true, false] {
            assert_eq!(space(&named(little, 1, b"R98\0")), Space::Srgb);
            assert_eq!(space(&named(little, 0xffff, b"R03\0")), adobe);
            assert_eq!(space(&named(little, 0xffff, b"R98\0")), Space::Unsaid);
            assert_eq!(space(&named(little, 2, b"R03\0")), Space::Unsaid);
            let whole = named(little, 0xffff, b"R03\0");
            for len in 0..whole.len() - 5 {
                assert_eq!(space(&whole[..len]), Space::Unsaid, "{len}");
            }
        }
        assert_eq!(space(&exif(true, 6)), Space::Unsaid);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_ignored(mut bytes: Vec<u8>) {
            let _ = (orientation(&bytes), milli_dpi(&bytes), space(&bytes));
            bytes.splice(..bytes.len().min(4), *b"MM\0*");
            let _ = (orientation(&bytes), milli_dpi(&bytes), space(&bytes));
        }
    }
}
