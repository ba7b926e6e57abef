//! What tells two states of a catalog file apart.

use std::fs::Metadata;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Length, time stamps and place of a file. If none of them changes, the content of a file that had settled when it was
/// read has not; of another file that is in [doubt](super::doubts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
        let stamp = Self { len: metadata.len(), modified, unix: unix(&metadata) };
        #[cfg(test)]
        let stamp = stamp.blurred();
        Ok(stamp)
    }

    pub(super) const fn modified(&self) -> SystemTime {
        self.modified
    }

    /// When anything about the file was last changed, where there is such a time, which programs cannot set; else when its
    /// content was.
    pub(super) fn changed(&self) -> SystemTime {
        let Some([_, _, seconds, nanos]) = self.unix else { return self.modified };
        let since_1970 = Duration::new(u64::try_from(seconds).unwrap_or(0), u32::try_from(nanos).unwrap_or(0));
        SystemTime::UNIX_EPOCH.checked_add(since_1970).unwrap_or(self.modified)
    }
}

#[cfg(test)]
thread_local! {
    /// The time that every file is stamped with, as on a file system whose granule is longer than a test.
    static STAMPED: std::cell::Cell<Option<SystemTime>> = const { std::cell::Cell::new(None) };
}

#[cfg(test)]
impl FileStamp {
    /// Has every file stamped with one time from now on, on this thread.
    pub(super) fn blur(time: Option<SystemTime>) {
        STAMPED.set(time);
    }

    fn blurred(self) -> Self {
        let Some(time) = STAMPED.get() else { return self };
        let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let unix = self.unix.map(|[device, inode, ..]| [device, inode, seconds as i64, 0]);
        Self { modified: time, unix, ..self }
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
