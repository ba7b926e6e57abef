//! Looking at files: what the system tells of one, by one call where it tells which mount the file lies on.

use std::fs::File;
use std::io;
use std::path::Path;

use super::identity::{FileIdentity, Mount};
use super::trust::Kind;

/// What a look at a file tells.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) is_file: bool,
    pub(super) identity: FileIdentity,
}

/// The file system of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct FileSystem {
    pub(super) kind: Kind,
    /// What the system tells them apart by; some have none.
    id: u64,
    pub(super) read_only: bool,
}

impl FileSystem {
    /// One of which the system tells nothing.
    const UNKNOWN: Self = Self { kind: Kind::Other, id: 0, read_only: false };

    /// A mount on it, of which no number tells that it is another one than before.
    const fn reusable(self, id: u64) -> Mount {
        Mount::Reusable { id, file_system: self.id, kind: self.kind, read_only: self.read_only }
    }
}

/// The file, or folder, at a path.
pub(super) fn at(path: &Path) -> io::Result<Looked> {
    let looked = system::at(path)?;
    #[cfg(test)]
    let looked = pretend::looked(looked);
    Ok(looked)
}

/// An open file.
pub(super) fn of(file: &File) -> io::Result<FileIdentity> {
    let looked = system::of(file)?;
    #[cfg(test)]
    let looked = pretend::looked(looked);
    Ok(looked.identity)
}

/// The file system of an open file.
pub(super) fn file_system(file: &File) -> FileSystem {
    #[cfg(test)]
    if let Some(file_system) = pretend::file_system() {
        return file_system;
    }
    system::file_system_of(file)
}

/// The file system of a path; `None` if the path leads nowhere.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use system::file_system_at;

/// The number of the mount that an open file lies on in `/proc/self/mountinfo`.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use system::mount_number;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod system {
    use std::os::unix::fs::MetadataExt;

    use rustix::fs::{
        AtFlags, CWD, FileType, StatFs, StatVfs, StatVfsMountFlags, Statx, StatxFlags, fstatfs, fstatvfs, statfs,
        statvfs, statx,
    };
    use rustix::io::Errno;

    use super::{File, FileIdentity, FileSystem, Kind, Looked, Path, io};

    /// `STATX_MNT_ID_UNIQUE`, since Linux 6.8: the mount's number is one that no other mount gets.
    const MNT_ID_UNIQUE: StatxFlags = StatxFlags::from_bits_retain(0x4000);

    const ASKED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::MNT_ID).union(MNT_ID_UNIQUE);

    pub(super) fn at(path: &Path) -> io::Result<Looked> {
        match statx(CWD, path, AtFlags::empty(), ASKED) {
            Ok(status) => Ok(looked(&status, || file_system_at(path))),
            // A filter of system calls may not know the call yet.
            Err(Errno::NOSYS) => Ok(described(&std::fs::metadata(path)?, || file_system_at(path))),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn of(file: &File) -> io::Result<Looked> {
        match statx(file, c"", AtFlags::EMPTY_PATH, ASKED) {
            Ok(status) => Ok(looked(&status, || Some(file_system_of(file)))),
            Err(Errno::NOSYS) => Ok(described(&file.metadata()?, || Some(file_system_of(file)))),
            Err(error) => Err(error.into()),
        }
    }

    fn looked(status: &Statx, file_system: impl FnOnce() -> Option<FileSystem>) -> Looked {
        let mount = if status.stx_mask & MNT_ID_UNIQUE.bits() != 0 {
            super::Mount::Unique(status.stx_mnt_id)
        } else {
            let known = status.stx_mask & StatxFlags::MNT_ID.bits() != 0;
            file_system().unwrap_or(FileSystem::UNKNOWN).reusable(if known { status.stx_mnt_id } else { 0 })
        };
        Looked {
            is_file: FileType::from_raw_mode(status.stx_mode.into()) == FileType::RegularFile,
            identity: FileIdentity {
                device: u64::from(status.stx_dev_major) << 32 | u64::from(status.stx_dev_minor),
                mount,
                inode: status.stx_ino,
                len: status.stx_size,
                modified: (status.stx_mtime.tv_sec, status.stx_mtime.tv_nsec.into()),
                changed: (status.stx_ctime.tv_sec, status.stx_ctime.tv_nsec.into()),
            },
        }
    }

    fn described(metadata: &std::fs::Metadata, file_system: impl FnOnce() -> Option<FileSystem>) -> Looked {
        Looked {
            is_file: metadata.is_file(),
            identity: FileIdentity {
                device: metadata.dev(),
                mount: file_system().unwrap_or(FileSystem::UNKNOWN).reusable(0),
                inode: metadata.ino(),
                len: metadata.len(),
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                changed: (metadata.ctime(), metadata.ctime_nsec()),
            },
        }
    }

    pub(in crate::imaging::source) fn file_system_at(path: &Path) -> Option<FileSystem> {
        Some(told(&statfs(path).ok()?, &statvfs(path).ok()?))
    }

    pub(super) fn file_system_of(file: &File) -> FileSystem {
        match (fstatfs(file), fstatvfs(file)) {
            (Ok(plain), Ok(posix)) => told(&plain, &posix),
            _ => FileSystem::UNKNOWN,
        }
    }

    fn told(plain: &StatFs, posix: &StatVfs) -> FileSystem {
        FileSystem {
            // Numbers of 32 bits, some of which are negative where the field is signed.
            kind: Kind::of_magic(plain.f_type as u32),
            id: posix.f_fsid,
            read_only: posix.f_flag.contains(StatVfsMountFlags::RDONLY),
        }
    }

    pub(in crate::imaging::source) fn mount_number(file: &File) -> Option<u64> {
        let status = statx(file, c"", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID).ok()?;
        (status.stx_mask & StatxFlags::MNT_ID.bits() != 0).then_some(status.stx_mnt_id)
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
mod system {
    use std::os::unix::fs::MetadataExt;

    use super::{File, FileIdentity, FileSystem, Looked, Path, io};

    pub(super) fn at(path: &Path) -> io::Result<Looked> {
        let metadata = std::fs::metadata(path)?;
        Ok(looked(&metadata, file_system_at(path)))
    }

    pub(super) fn of(file: &File) -> io::Result<Looked> {
        Ok(looked(&file.metadata()?, file_system_of(file)))
    }

    fn looked(metadata: &std::fs::Metadata, file_system: FileSystem) -> Looked {
        Looked {
            is_file: metadata.is_file(),
            identity: FileIdentity {
                device: metadata.dev(),
                mount: file_system.reusable(0),
                inode: metadata.ino(),
                len: metadata.len(),
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                changed: (metadata.ctime(), metadata.ctime_nsec()),
            },
        }
    }

    #[cfg(target_vendor = "apple")]
    fn file_system_at(path: &Path) -> FileSystem {
        match (rustix::fs::statfs(path), rustix::fs::statvfs(path)) {
            (Ok(plain), Ok(posix)) => told(&plain, &posix),
            _ => FileSystem::UNKNOWN,
        }
    }

    #[cfg(target_vendor = "apple")]
    pub(super) fn file_system_of(file: &File) -> FileSystem {
        match (rustix::fs::fstatfs(file), rustix::fs::fstatvfs(file)) {
            (Ok(plain), Ok(posix)) => told(&plain, &posix),
            _ => FileSystem::UNKNOWN,
        }
    }

    #[cfg(target_vendor = "apple")]
    fn told(plain: &rustix::fs::StatFs, posix: &rustix::fs::StatVfs) -> FileSystem {
        let name = plain.f_fstypename.map(|letter| letter as u8);
        let name = name.split(|letter| *letter == 0).next().unwrap_or_default();
        FileSystem {
            kind: super::Kind::of_name(name),
            id: posix.f_fsid,
            read_only: posix.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
        }
    }

    /// Of other systems it is not known which file systems stamp changes themselves.
    #[cfg(not(target_vendor = "apple"))]
    const fn file_system_at(_: &Path) -> FileSystem {
        FileSystem::UNKNOWN
    }

    #[cfg(not(target_vendor = "apple"))]
    pub(super) const fn file_system_of(_: &File) -> FileSystem {
        FileSystem::UNKNOWN
    }
}

#[cfg(not(unix))]
mod system {
    use std::time::SystemTime;

    use super::{File, FileIdentity, FileSystem, Looked, Path, io};

    pub(super) fn at(path: &Path) -> io::Result<Looked> {
        std::fs::metadata(path).map(|metadata| looked(&metadata))
    }

    pub(super) fn of(file: &File) -> io::Result<Looked> {
        file.metadata().map(|metadata| looked(&metadata))
    }

    fn looked(metadata: &std::fs::Metadata) -> Looked {
        let since_1970 = metadata.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        let modified = since_1970.map_or((0, 0), |d| (d.as_secs() as i64, i64::from(d.subsec_nanos())));
        let mount = FileSystem::UNKNOWN.reusable(0);
        let identity = FileIdentity { device: 0, mount, inode: 0, len: metadata.len(), modified, changed: modified };
        Looked { is_file: metadata.is_file(), identity }
    }

    pub(super) const fn file_system_of(_: &File) -> FileSystem {
        FileSystem::UNKNOWN
    }
}

/// File systems that tests have looks find on this thread.
#[cfg(test)]
pub(crate) mod pretend {
    use std::cell::Cell;

    use super::{FileSystem, Kind, Looked, Mount};

    /// What looks find in place of what is there.
    #[derive(Debug, Clone, Copy)]
    pub(crate) struct Pretend {
        pub(crate) kind: Kind,
        pub(crate) read_only: bool,
        /// The number of the mount.
        pub(crate) mount: u64,
        /// That number is given once.
        pub(crate) unique: bool,
        /// The time of change is that of modification.
        pub(crate) sets_ctime: bool,
    }

    thread_local! {
        static PRETEND: Cell<Option<Pretend>> = const { Cell::new(None) };
    }

    /// From now on looks of this thread find that; `None`: what is there.
    pub(crate) fn set(pretend: Option<Pretend>) {
        PRETEND.set(pretend);
    }

    pub(super) fn file_system() -> Option<FileSystem> {
        PRETEND.get().map(|Pretend { kind, read_only, .. }| FileSystem { kind, id: 1, read_only })
    }

    pub(super) fn looked(mut looked: Looked) -> Looked {
        if let (Some(pretend), Some(file_system)) = (PRETEND.get(), file_system()) {
            let Pretend { mount, unique, sets_ctime, .. } = pretend;
            looked.identity.mount = if unique { Mount::Unique(mount) } else { file_system.reusable(mount) };
            if sets_ctime {
                looked.identity.changed = looked.identity.modified;
            }
        }
        looked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_path_and_the_file_there_tell_the_same() {
        use std::os::unix::fs::MetadataExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"content").unwrap();
        let Looked { is_file, identity } = at(file.path()).unwrap();
        let metadata = file.as_file().metadata().unwrap();
        assert!(is_file && of(file.as_file()).unwrap() == identity);
        assert_eq!((identity.inode, identity.len), (metadata.ino(), 7));
        assert_eq!(identity.modified, (metadata.mtime(), metadata.mtime_nsec()));
        assert_eq!(identity.changed, (metadata.ctime(), metadata.ctime_nsec()));
        let folder = at(file.path().parent().unwrap()).unwrap();
        assert!(!folder.is_file && folder.identity.shares_mount(&identity));
        let system = file_system_at(file.path()).unwrap();
        assert_eq!(system.kind, file_system(file.as_file()).kind);
        assert_ne!(at(Path::new("/proc/version")).unwrap().identity.mount, identity.mount);
        assert_eq!(file_system(&File::open("/proc/version").unwrap()).kind, Kind::Other);
    }
}
