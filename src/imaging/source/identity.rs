//! What changes whenever the content of a source does.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

use crate::base::digest::Digest;

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
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self::File(FileIdentity::of(metadata))
    }

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

    /// All that the identity of a file consists of, but for the device, whose number may be another one after each start
    /// of the machine. Of a supplied source, what stands for its content.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::File(FileIdentity { device: _, inode, len, modified, changed }) => {
                let times = [modified.0, modified.1, changed.0, changed.1].map(i64::cast_unsigned);
                [*inode, *len].into_iter().chain(times).flat_map(u64::to_le_bytes).collect()
            }
            Self::Supplied { key, len } => [&key.as_bytes()[..], &len.to_le_bytes()].concat(),
        }
    }

    /// The last change lies less than `settle` before `now`: a file may be half written. A supplied source never is.
    pub(crate) fn is_young(&self, now: SystemTime, settle: Duration) -> bool {
        match self {
            Self::File(file) => file.is_young(now, settle),
            Self::Supplied { .. } => false,
        }
    }

    /// What is learned of the content may be remembered under the identity at `now`: see [`FileIdentity::settled`].
    pub(super) fn settled(&self, now: SystemTime, settle: Duration) -> bool {
        match self {
            Self::File(file) => file.settled(now, settle),
            Self::Supplied { .. } => true,
        }
    }
}

/// Device, inode, length and time stamps of a file. Two equal identities of a settled file mean equal bytes, unless
/// somebody writes through a shared mapping or sets clocks back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct FileIdentity {
    device: u64,
    inode: u64,
    len: u64,
    /// Seconds and nanoseconds since 1970: when the content was modified, and when anything about the file changed. The
    /// second cannot be set at will, so restoring the first does not hide a change.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileIdentity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        let since_1970 = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        let modified = since_1970.map_or((0, 0), |d| (d.as_secs() as i64, i64::from(d.subsec_nanos())));
        Self { device: 0, inode: 0, len: metadata.len(), modified, changed: modified }
    }

    /// The last change lies at least `settle` before `now`: further than the file system's time stamps can blur.
    ///
    /// Only Unix has a time of change that programs cannot set, so elsewhere nothing counts as settled.
    fn settled(&self, now: SystemTime, settle: Duration) -> bool {
        let Ok(now) = now.duration_since(SystemTime::UNIX_EPOCH) else { return false };
        let now = (i128::from(now.as_secs()) * 1_000_000_000) + i128::from(now.subsec_nanos());
        let changed = i128::from(self.changed.0) * 1_000_000_000 + i128::from(self.changed.1);
        cfg!(unix) && now - changed >= settle.as_nanos() as i128
    }
}

impl FileIdentity {
    /// The last change lies less than `settle` before `now`, or after it. The file may be half written, whether its time
    /// stamps can be trusted to show the next change or not.
    fn is_young(&self, now: SystemTime, settle: Duration) -> bool {
        let Ok(now) = now.duration_since(SystemTime::UNIX_EPOCH) else { return true };
        let changed = i128::from(self.changed.0) * 1_000_000_000 + i128::from(self.changed.1);
        now.as_nanos() as i128 - changed < settle.as_nanos() as i128
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_young_until_it_has_been_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "content").unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        let (identity, written) = (Identity::of(&metadata), metadata.modified().unwrap());
        let settle = Duration::from_secs(2);
        let young = |millis| identity.is_young(written + Duration::from_millis(millis), settle);
        assert_eq!([0, 1000, 1900, 2100, 90_000].map(young), [true, true, true, false, false]);
        assert!(identity.is_young(SystemTime::UNIX_EPOCH, settle), "a file from the future");
        assert!(!Identity::Supplied { key: Digest::of(b""), len: 3 }.is_young(SystemTime::UNIX_EPOCH, settle));
    }

    #[test]
    fn settling_counts_from_the_last_change() {
        let identity = FileIdentity { device: 1, inode: 2, len: 3, modified: (0, 0), changed: (1000, 500_000_000) };
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        let settle = Duration::from_secs(2);
        assert!(!identity.settled(at(1_000_500), settle));
        assert!(!identity.settled(at(1_002_499), settle));
        assert_eq!(identity.settled(at(1_002_500), settle), cfg!(unix));
        assert!(!identity.settled(at(0), settle), "a file from the future");
    }
}
