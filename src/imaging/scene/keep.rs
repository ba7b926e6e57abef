//! What a reply keeps of the metadata of its source.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// What a file that is made of a picture keeps of what the source says of itself, for [`Edit::keep`](crate::Edit::keep). Kinds
/// are joined by `|`.
///
/// Nothing is kept by default: no EXIF, no place, no serial number of a camera, no text.
///
/// ```
/// use platemark::Keep;
///
/// let keep = Keep::COPYRIGHT | Keep::XMP;
/// assert!(keep.contains(Keep::COPYRIGHT) && !Keep::XMP.contains(keep));
/// assert_eq!(keep.to_string(), "copyright,xmp");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Keep(u8);

impl Keep {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// The notice of copyright, the creators and the credit line, from XMP, IPTC or EXIF, in a small XMP packet.
    pub const COPYRIGHT: Self = Self(1);
    /// The whole XMP packet, which may say places and serial numbers. With [`COPYRIGHT`](Self::COPYRIGHT) what it does not say
    /// of the three is added to it.
    pub const XMP: Self = Self(2);

    /// All kinds, with their names in texts.
    const KINDS: [(&'static str, Self); 2] = [("copyright", Self::COPYRIGHT), ("xmp", Self::XMP)];

    /// All that the other keeps is kept.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The kinds that the other does not keep.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The kinds as bits.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// `none`, or names of kinds with commas between them, in any case and order.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.trim().eq_ignore_ascii_case("none") {
            return Some(Self::NOTHING);
        }
        text.split(',').try_fold(Self::NOTHING, |keep, word| {
            let kind = Self::KINDS.iter().find(|(name, _)| word.trim().eq_ignore_ascii_case(name));
            kind.map(|(_, kind)| keep | *kind)
        })
    }
}

impl BitOr for Keep {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Keep {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NOTHING {
            return f.write_str("none");
        }
        let kinds = Self::KINDS.iter().filter(|(_, kind)| self.contains(*kind));
        for (i, (name, _)) in kinds.enumerate() {
            f.write_str(if i == 0 { "" } else { "," })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Keep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keep({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back() {
        let all = [Keep::NOTHING, Keep::COPYRIGHT, Keep::XMP, Keep::COPYRIGHT | Keep::XMP];
        for (keep, text) in all.into_iter().zip(["none", "copyright", "xmp", "copyright,xmp"]) {
            assert_eq!((keep.to_string().as_str(), Keep::read(text)), (text, Some(keep)));
        }
        assert_eq!(Keep::read(" XMP, Copyright,xmp"), Some(Keep::COPYRIGHT | Keep::XMP));
        for wrong in ["", "all", "xmp,", "none,xmp", "1"] {
            assert_eq!(Keep::read(wrong), None, "{wrong}");
        }
        assert_eq!((Keep::COPYRIGHT | Keep::XMP).without(Keep::XMP), Keep::COPYRIGHT);
    }
}
