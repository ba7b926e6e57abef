//! The header of a profile, its table of tags, and the limits that hold before anything of a tag is read.

use crate::base::error::{Error, ErrorKind, Result};

use super::super::kinds::{Channels, Class, Pcs};

/// The longest profile, in bytes.
const MAX_BYTES: usize = 4 << 20;

/// The most tags. Profiles have ten to thirty.
const MAX_TAGS: usize = 100;

const HEADER: usize = 128;

pub(super) const fn malformed(what: &'static str) -> Error {
    Error::new(ErrorKind::Source, what)
}

/// A profile whose table of tags is sound.
pub(super) struct Table<'a> {
    pub(super) version: u8,
    pub(super) class: Class,
    pub(super) channels: Channels,
    pub(super) pcs: Pcs,
    tags: Vec<([u8; 4], &'a [u8])>,
}

/// Four bytes at a place.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<[u8; 4]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// A number of 32 bits at a place.
pub(super) fn long(bytes: &[u8], at: usize) -> Option<usize> {
    word(bytes, at).map(|word| u32::from_be_bytes(word) as usize)
}

impl<'a> Table<'a> {
    /// # Errors
    ///
    /// This is no profile, one of a kind that pictures do not have, or one that exceeds a limit.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self> {
        const NO_PROFILE: Error = malformed("the colour profile is malformed");
        if bytes.len() > MAX_BYTES {
            return Err(Error::new(ErrorKind::Source, "the colour profile is longer than 4 MiB"));
        }
        let len = long(bytes, 0).filter(|len| (HEADER + 4..=bytes.len()).contains(len)).ok_or(NO_PROFILE)?;
        let bytes = &bytes[..len];
        if bytes[36..40] != *b"acsp" {
            return Err(NO_PROFILE);
        }
        let version @ 2..=4 = bytes[8] else {
            return Err(malformed("the colour profile has a version that is not supported"));
        };
        let class = match &bytes[12..16] {
            b"mntr" => Class::Display,
            b"prtr" => Class::Output,
            b"scnr" | b"spac" => Class::Other,
            _ => return Err(malformed("the colour profile is of no device")),
        };
        let channels = match &bytes[16..20] {
            b"GRAY" => Channels::Gray,
            b"RGB " => Channels::Rgb,
            b"CMYK" => Channels::Cmyk,
            _ => return Err(malformed("the colour profile is not of gray, RGB or CMYK")),
        };
        let pcs = match &bytes[20..24] {
            b"XYZ " => Pcs::Xyz,
            b"Lab " => Pcs::Lab,
            _ => return Err(NO_PROFILE),
        };
        let count = long(bytes, HEADER).filter(|&count| count <= MAX_TAGS).ok_or(NO_PROFILE)?;
        let entries = bytes[HEADER + 4..].get(..12 * count).ok_or(NO_PROFILE)?;
        let tag = |entry: &[u8; 12]| {
            let [name, offset, len] = [0, 4, 8].map(|at| [entry[at], entry[at + 1], entry[at + 2], entry[at + 3]]);
            let [offset, len] = [offset, len].map(|word| u32::from_be_bytes(word) as usize);
            // What lies outside the profile is not there, as for other readers.
            Some((name, bytes.get(offset..)?.get(..len)?))
        };
        let tags = entries.as_chunks::<12>().0.iter().filter_map(tag).collect();
        Ok(Self { version, class, channels, pcs, tags })
    }

    /// What a tag holds, its type in front.
    pub(super) fn tag(&self, name: &[u8; 4]) -> Option<&'a [u8]> {
        self.tags.iter().find(|(other, _)| other == name).map(|(_, tag)| *tag)
    }
}
