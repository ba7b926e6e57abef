//! What tells two states of a catalog file apart.

use std::fs::Metadata;
use std::path::Path;
use std::time::SystemTime;

/// Length, time stamps and place of a file: if none of them changes, its content has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStamp {
    len: u64,
    modified: SystemTime,
    /// Device and inode, and seconds and nanoseconds of the last change of anything; where there are such.
    unix: Option<[i64; 4]>,
}

impl FileStamp {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Ok(Self { len: metadata.len(), modified, unix: unix(&metadata) })
    }

    pub(super) const fn modified(&self) -> SystemTime {
        self.modified
    }
}

#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn unix(metadata: &Metadata) -> Option<[i64; 4]> {
    use std::os::unix::fs::MetadataExt;
    // Numbers are compared, not counted with.
    Some([metadata.dev() as i64, metadata.ino() as i64, metadata.ctime(), metadata.ctime_nsec()])
}

#[cfg(not(unix))]
fn unix(_: &Metadata) -> Option<[i64; 4]> {
    None
}
