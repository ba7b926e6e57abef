//! What changes whenever the content of a source does.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use crate::base::digest::Digest;

use super::trust::Kind;

/// What tells whether a source is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Identity {
    File(FileIdentity),
    /// The digest of the path and of the tag that the host gave, and the length.
    Supplied {
        key: Digest,
        len: u64,
    },
}

impl Identity {
    /// Length in bytes.
    pub(crate) const fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.len,
            Self::Supplied { len, .. } => *len,
        }
    }

    /// The host supplied the source.
    pub(crate) const fn is_supplied(&self) -> bool {
        matches!(self, Self::Supplied { .. })
    }

    /// All that the identity of a file consists of, but for the device, which the mount stands for. The number of a mount
    /// is given again after a start of the machine, so the bytes say which start it was. Of a supplied source, what
    /// stands for its content.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::File(FileIdentity { device: _, mount, inode, len, modified, changed }) => {
                let times = [modified.0, modified.1, changed.0, changed.1].map(i64::cast_unsigned);
                let numbers = [*inode, *len].into_iter().chain(times).chain(mount.numbers());
                numbers.flat_map(u64::to_le_bytes).chain(boot().iter().copied()).collect()
            }
            Self::Supplied { key, len } => [&key.as_bytes()[..], &len.to_le_bytes()].concat(),
        }
    }

    /// The last change lies less than `settle` before `now`: a file may be half written. A supplied source never is.
    pub(crate) fn is_recent(&self, now: SystemTime, settle: Duration) -> bool {
        match self {
            Self::File(file) => !file.left_alone(now, settle),
            Self::Supplied { .. } => false,
        }
    }
}

/// Device, mount, inode, length and time stamps of a file. Two equal identities of a settled file mean equal bytes, unless
/// a program writes through a shared mapping or sets clocks back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileIdentity {
    pub(super) device: u64,
    pub(super) mount: Mount,
    pub(super) inode: u64,
    pub(super) len: u64,
    /// Seconds and nanoseconds since 1970: when the content was modified, and when anything about the file changed. On a
    /// file system that is trusted the second cannot be set at will, so restoring the first does not hide a change.
    pub(super) modified: (i64, i64),
    pub(super) changed: (i64, i64),
}

/// The mount that a file lies on. Another file system in the same place may hold a file with the same device, inode,
/// length and time stamps: two images that are made reproducibly do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "android")),
    allow(dead_code, reason = "no other system numbers mounts for good")
)]
pub(crate) enum Mount {
    /// The number is given once while the machine runs.
    Unique(u64),
    /// The number, 0 if the system tells none, may be given again after the mount has gone. Beside it stands what tells
    /// file systems apart.
    Reusable { id: u64, file_system: u64, kind: Kind, read_only: bool },
}

impl Mount {
    pub(super) const fn is_unique(self) -> bool {
        matches!(self, Self::Unique(_))
    }

    const fn numbers(self) -> [u64; 2] {
        match self {
            Self::Unique(id) => [id, 0],
            Self::Reusable { id, file_system, .. } => [id, file_system],
        }
    }
}

impl FileIdentity {
    /// The last change lies at least `settle` before `now`: further than the file system's time stamps can blur.
    ///
    /// Only Unix has a time of change that programs cannot set, so elsewhere no file has been left alone.
    pub(super) fn left_alone(&self, now: SystemTime, settle: Duration) -> bool {
        let Ok(now) = now.duration_since(SystemTime::UNIX_EPOCH) else { return false };
        let now = (i128::from(now.as_secs()) * 1_000_000_000) + i128::from(now.subsec_nanos());
        let changed = i128::from(self.changed.0) * 1_000_000_000 + i128::from(self.changed.1);
        cfg!(unix) && now - changed >= settle.as_nanos() as i128
    }

    /// The files lie on the same mount. Without numbers of mounts, on the same device.
    pub(super) fn shares_mount(&self, other: &Self) -> bool {
        match (self.mount, other.mount) {
            (Mount::Reusable { id: 0, .. }, Mount::Reusable { id: 0, .. }) => self.device == other.device,
            (Mount::Unique(own), Mount::Unique(other))
            | (Mount::Reusable { id: own, .. }, Mount::Reusable { id: other, .. }) => own == other,
            _ => false,
        }
    }
}

/// What stands for the time since the last start of the machine; where the system does not tell, for the process.
fn boot() -> &'static [u8; 8] {
    static BOOT: OnceLock<[u8; 8]> = OnceLock::new();
    BOOT.get_or_init(|| match std::fs::read("/proc/sys/kernel/random/boot_id") {
        Ok(id) if !id.is_empty() => Digest::of(&id).as_bytes().first_chunk().copied().unwrap_or_default(),
        _ => RandomState::new().hash_one(0).to_le_bytes(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDENTITY: FileIdentity = FileIdentity {
        device: 1,
        mount: Mount::Unique(9),
        inode: 2,
        len: 3,
        modified: (0, 0),
        changed: (1000, 500_000_000),
    };

    fn reusable(id: u64, file_system: u64) -> Mount {
        Mount::Reusable { id, file_system, kind: Kind::Stamps, read_only: false }
    }

    #[test]
    fn settling_counts_from_the_last_change() {
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let settle = Duration::from_secs(2);
        assert!(!IDENTITY.left_alone(at(1_000_500), settle));
        assert!(!IDENTITY.left_alone(at(1_002_499), settle));
        assert_eq!(IDENTITY.left_alone(at(1_002_500), settle), cfg!(unix));
        assert!(!IDENTITY.left_alone(at(0), settle), "a file from the future");
        let recent = |now| Identity::File(IDENTITY).is_recent(now, settle);
        assert_eq!([at(1_002_499), at(1_002_500), at(0)].map(recent), [true, !cfg!(unix), true]);
        assert!(!Identity::Supplied { key: Digest::of(b""), len: 3 }.is_recent(at(0), settle));
    }

    /// Weak tags are made of these bytes.
    #[test]
    fn the_same_file_on_another_mount_is_another_one() {
        let on = |mount| Identity::File(FileIdentity { mount, ..IDENTITY });
        let mounts = [Mount::Unique(9), Mount::Unique(10), reusable(9, 7), reusable(10, 7), reusable(9, 8)];
        for (at, one) in mounts.iter().enumerate() {
            for (beside, other) in mounts.iter().enumerate() {
                assert_eq!(on(*one) == on(*other), at == beside);
                assert_eq!(on(*one).to_bytes() == on(*other).to_bytes(), at == beside, "{one:?} {other:?}");
            }
        }
        let moved = Identity::File(FileIdentity { device: 5, ..IDENTITY });
        assert_eq!(moved.to_bytes(), on(Mount::Unique(9)).to_bytes(), "the mount stands for its device");
    }

    #[test]
    fn mounts_are_compared_by_what_the_system_tells_of_them() {
        let file = |device, mount| FileIdentity { device, mount, inode: device + 77, ..IDENTITY };
        let shares = |one: (u64, Mount), other: (u64, Mount)| file(one.0, one.1).shares_mount(&file(other.0, other.1));
        assert!(shares((1, Mount::Unique(9)), (2, Mount::Unique(9))), "a subvolume has a device of its own");
        assert!(!shares((1, Mount::Unique(9)), (1, Mount::Unique(10))));
        assert!(shares((1, reusable(9, 7)), (2, reusable(9, 8))));
        assert!(!shares((1, reusable(9, 7)), (1, reusable(10, 7))));
        assert!(shares((1, reusable(0, 7)), (1, reusable(0, 8))));
        assert!(!shares((1, reusable(0, 7)), (2, reusable(0, 7))));
        assert!(!shares((1, reusable(9, 7)), (1, Mount::Unique(9))));
    }
}
