//! Directories of tags, in classic files (TIFF 6.0, section 2) and in BigTIFF, whose offsets have 64 bits.
//!
//! Nothing is copied or followed by itself: a value is looked up where it stands, and one that the file does not have in full
//! counts as absent.

/// Entries of a directory that are looked at. Real ones have fewer than 100.
const ENTRIES: u64 = 4096;

/// Types of fields that hold whole numbers.
const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const IFD: u16 = 13;
const LONG8: u16 = 16;
const IFD8: u16 = 18;
/// A fraction of two numbers of 32 bits.
const RATIONAL: u16 = 5;

/// A TIFF file.
#[derive(Debug, Clone, Copy)]
pub(super) struct File<'a> {
    bytes: &'a [u8],
    pub(super) little: bool,
    big: bool,
}

impl<'a> File<'a> {
    /// The file, if it begins as TIFF files do.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let (little, big) = match bytes.first_chunk::<4>()? {
            b"II*\0" => (true, false),
            b"MM\0*" => (false, false),
            b"II+\0" => (true, true),
            b"MM\0+" => (false, true),
            _ => return None,
        };
        Some(Self { bytes, little, big })
    }

    /// So many bytes from an offset on.
    pub(super) fn slice(&self, at: u64, len: u64) -> Option<&'a [u8]> {
        self.from(at)?.get(..usize::try_from(len).ok()?)
    }

    /// All bytes from an offset on.
    pub(super) fn from(&self, at: u64) -> Option<&'a [u8]> {
        self.bytes.get(usize::try_from(at).ok()?..)
    }

    /// The first directory.
    pub(super) fn first(&self) -> Option<Directory<'a>> {
        let at = if self.big {
            // Offsets have eight bytes; two zeros follow.
            (self.number(4, 2)? == 8).then_some(self.number(8, 8)?)?
        } else {
            self.number(4, 4)?
        };
        Directory::new(*self, at)
    }

    /// A number of 1, 2, 4 or 8 bytes.
    fn number(&self, at: u64, len: u64) -> Option<u64> {
        Some(number(self.slice(at, len)?, self.little))
    }
}

/// A number in one of the byte orders.
fn number(bytes: &[u8], little: bool) -> u64 {
    let shift = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
    if little { bytes.iter().rev().fold(0, shift) } else { bytes.iter().fold(0, shift) }
}

/// A directory: the tags of one picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directory<'a> {
    file: File<'a>,
    /// Where its first entry begins.
    entries: u64,
    count: u64,
}

impl<'a> Directory<'a> {
    fn new(file: File<'a>, at: u64) -> Option<Self> {
        if at == 0 {
            return None;
        }
        let head = if file.big { 8 } else { 2 };
        Some(Self { file, entries: at.checked_add(head)?, count: file.number(at, head)? })
    }

    pub(super) const fn file(&self) -> File<'a> {
        self.file
    }

    /// Bytes of an entry.
    const fn len(&self) -> u64 {
        if self.file.big { 20 } else { 12 }
    }

    /// The directory behind this one.
    pub(super) fn next(&self) -> Option<Self> {
        let end = self.entries.checked_add(self.count.checked_mul(self.len())?)?;
        Self::new(self.file, self.file.number(end, if self.file.big { 8 } else { 4 })?)
    }

    /// The values of a tag.
    pub(super) fn values(&self, tag: u16) -> Option<Values<'a>> {
        let file = &self.file;
        let entry = (0..self.count.min(ENTRIES))
            .map_while(|i| self.entries.checked_add(i * self.len()))
            .find(|&at| file.number(at, 2) == Some(u64::from(tag)))?;
        let kind = file.number(entry + 2, 2)? as u16;
        let wide = if file.big { 8 } else { 4 };
        let count = file.number(entry + 4, wide)?;
        let len = count.checked_mul(length(kind)?)?;
        // Values that fit into the place of an offset stand there.
        let place = entry + 4 + wide;
        let at = if len <= wide { place } else { file.number(place, wide)? };
        Some(Values { bytes: file.slice(at, len)?, kind, little: file.little })
    }

    /// The first value of a tag, a whole number.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        self.values(tag)?.number(0)
    }
}

/// Bytes of one value of a type.
const fn length(kind: u16) -> Option<u64> {
    Some(match kind {
        BYTE | 2 | 6 | 7 => 1,
        SHORT | 8 => 2,
        LONG | 9 | 11 | IFD => 4,
        RATIONAL | 10 | 12 | LONG8 | 17 | IFD8 => 8,
        _ => return None,
    })
}

/// The values of a tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    bytes: &'a [u8],
    kind: u16,
    little: bool,
}

impl<'a> Values<'a> {
    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        length(self.kind).map_or(0, |len| self.bytes.len() as u64 / len)
    }

    /// The bytes of all values, one after the other.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// A value that is a whole number.
    pub(super) fn number(&self, i: u64) -> Option<u64> {
        let is_whole = matches!(self.kind, BYTE | SHORT | LONG | IFD | LONG8 | IFD8);
        if is_whole { self.raw(i, length(self.kind)?) } else { None }
    }

    /// A value that is a fraction.
    pub(super) fn fraction(&self, i: u64) -> Option<(u64, u64)> {
        if self.kind != RATIONAL {
            return None;
        }
        Some((self.raw(i.checked_mul(2)?, 4)?, self.raw(i * 2 + 1, 4)?))
    }

    fn raw(&self, i: u64, len: u64) -> Option<u64> {
        let start = usize::try_from(i.checked_mul(len)?).ok()?;
        Some(number(self.bytes.get(start..)?.get(..len as usize)?, self.little))
    }
}
