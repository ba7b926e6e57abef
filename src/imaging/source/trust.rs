//! Which file systems are trusted: their time of change tells of each change of a file.
//!
//! The engine remembers what it learned of a file for as long as its identity is the same. That is right only where no
//! program can set the time of change, and where no other file system can take the place of this one unnoticed. The first
//! depends on the kind of the file system, the second on what the system tells of mounts.

/// Kinds of file systems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "android")),
    allow(dead_code, reason = "other systems do not tell all of them")
)]
pub(crate) enum Kind {
    /// The system itself stamps each change.
    Stamps,
    /// It is written once, with any time stamps, and only read as long as it is mounted.
    Image,
    /// Its files lie on other file systems.
    Overlay,
    /// Programs may set the time of change, another machine may, or the file system derives it from the time of
    /// modification; or it is not known.
    Other,
}

/// The kinds of the file systems that Linux knows, by the number that `statfs` tells (`linux/magic.h`, and the headers of
/// those that are not in it).
#[cfg(any(target_os = "linux", target_os = "android"))]
const MAGIC: [(u32, Kind); 14] = [
    // ext2, ext3, ext4
    (0xef53, Kind::Stamps),
    // xfs
    (0x5846_5342, Kind::Stamps),
    // btrfs
    (0x9123_683e, Kind::Stamps),
    // f2fs
    (0xf2f5_2010, Kind::Stamps),
    // zfs
    (0x2fc1_2fc1, Kind::Stamps),
    // bcachefs
    (0xca45_1a4e, Kind::Stamps),
    // tmpfs
    (0x0102_1994, Kind::Stamps),
    // ramfs
    (0x8584_58f6, Kind::Stamps),
    // squashfs
    (0x7371_7368, Kind::Image),
    // erofs
    (0xe0f5_e1e2, Kind::Image),
    // iso9660
    (0x9660, Kind::Image),
    // cramfs
    (0x28cd_3d45, Kind::Image),
    // romfs
    (0x7275, Kind::Image),
    // overlayfs
    (0x794c_7630, Kind::Overlay),
];

impl Kind {
    /// The kind of a file system of Linux.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn of_magic(magic: u32) -> Self {
        MAGIC.iter().find(|(known, _)| *known == magic).map_or(Self::Other, |(_, kind)| *kind)
    }

    /// The kind of a file system of macOS, by its name.
    #[cfg(target_vendor = "apple")]
    pub(super) fn of_name(name: &[u8]) -> Self {
        if name == b"apfs" || name == b"hfs" { Self::Stamps } else { Self::Other }
    }

    /// The kind that an overlay counts as, from those of its layers that can be looked at. A layer may lie where this
    /// process cannot see it: it is taken for what such layers are as a rule, the disk of the machine.
    pub(super) fn of_overlay(layers: impl IntoIterator<Item = Self>) -> Self {
        layers.into_iter().fold(Self::Stamps, |worst, layer| match (worst, layer) {
            (Self::Other, _) | (_, Self::Other) => Self::Other,
            (Self::Image, _) | (_, Self::Image) => Self::Image,
            _ => Self::Stamps,
        })
    }
}

/// What the decision rests on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground {
    /// What an overlay counts as, in place of [`Kind::Overlay`].
    pub(super) kind: Kind,
    pub(super) read_only: bool,
    /// The number of the mount is not given again.
    pub(super) unique: bool,
}

impl Ground {
    /// The file system is trusted without the host's word.
    ///
    /// What is read only may be an image that another one takes the place of, with the same time stamps. Only the number
    /// of the mount tells then. What is written to while it is mounted is not made reproducibly.
    pub(super) const fn is_trusted(self) -> bool {
        match self.kind {
            Kind::Stamps => self.unique || !self.read_only,
            Kind::Image => self.unique,
            Kind::Overlay | Kind::Other => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_decided_by_kind_and_mount() {
        let trusted = |kind, read_only, unique| Ground { kind, read_only, unique }.is_trusted();
        let all = |kind| [(false, false), (true, false), (false, true), (true, true)].map(|(r, u)| trusted(kind, r, u));
        // Written to and read only, without and with a number of its own.
        assert_eq!(all(Kind::Stamps), [true, false, true, true]);
        assert_eq!(all(Kind::Image), [false, false, true, true]);
        assert_eq!(all(Kind::Other), [false; 4]);
        assert_eq!(all(Kind::Overlay), [false; 4], "its layers have to be looked at");
    }

    #[test]
    fn an_overlay_is_as_good_as_its_worst_layer() {
        let of = |layers: &[Kind]| Kind::of_overlay(layers.iter().copied());
        assert_eq!(of(&[]), Kind::Stamps);
        assert_eq!(of(&[Kind::Stamps, Kind::Overlay]), Kind::Stamps);
        assert_eq!(of(&[Kind::Stamps, Kind::Image, Kind::Overlay]), Kind::Image, "an image below can be exchanged");
        assert_eq!(of(&[Kind::Other, Kind::Stamps, Kind::Image]), Kind::Other);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn file_systems_are_known_by_number() {
        let numbers = [0xef53, 0x7371_7368, 0x794c_7630, 0x6573_5546, 0x2011_bab0, 0x4d44, 0x6969, 0xff53_4d42, 0];
        // ext4, squashfs, overlayfs; FUSE, exFAT, FAT, NFS, CIFS, and none at all.
        let kinds = [Kind::Stamps, Kind::Image, Kind::Overlay].into_iter().chain([Kind::Other; 6]);
        assert!(numbers.map(Kind::of_magic).into_iter().eq(kinds));
        assert!(MAGIC.iter().enumerate().all(|(at, known)| MAGIC[..at].iter().all(|other| other.0 != known.0)));
    }
}
