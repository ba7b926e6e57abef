//! The mounts that sources lie on, and which of them are trusted.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::base::observe::not_trusted;

use super::identity::{FileIdentity, Mount};
use super::look;
#[cfg(any(target_os = "linux", target_os = "android"))]
use super::mountinfo::line_of;
use super::trust::{Ground, Kind};

/// Mounts that are known at a time, at most. Beyond that all are looked at again.
const KNOWN: usize = 1024;

/// Mounts that are told of, at most: the latest.
const TOLD: usize = 64;

/// A mount whose files are read and digested for every request, because their time stamps cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct UntrustedMount {
    /// Where it is mounted; the folder of one of its files if the system does not tell.
    pub path: PathBuf,
    /// The type of its file system as it was mounted, such as `exfat`, `fuse.bindfs` or `nfs4`; `unknown` if the system
    /// does not tell.
    pub file_system: String,
}

/// Mounts, and the word of the host.
#[derive(Debug, Default)]
pub(crate) struct Mounts {
    /// Paths on mounts that the host trusts.
    hosts: Vec<PathBuf>,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// By mount and, where the system has no number of it, by device.
    verdicts: HashMap<(Mount, u64), Verdict>,
    untrusted: Vec<UntrustedMount>,
}

/// What is known of a mount.
#[derive(Debug, Clone, Copy)]
struct Verdict {
    /// Its file system is trusted without the host's word.
    by_kind: bool,
    /// The host trusts it.
    by_host: bool,
}

impl Mounts {
    /// The host trusts the mounts on which these paths lie.
    pub(crate) fn new(hosts: Vec<PathBuf>) -> Self {
        Self { hosts, memory: Mutex::default() }
    }

    /// The time of change of a file tells of each change, and its identity of each file system in the place of another.
    /// The path is the one by which the file was opened.
    ///
    /// A mount that is not trusted is told of once.
    pub(super) fn trusts(&self, file: &File, path: &Path, identity: &FileIdentity) -> bool {
        let known = self.memory().verdicts.get(&(identity.mount, identity.device)).copied();
        match known {
            Some(known) if known.by_kind => true,
            // Another mount may get a number that is not unique, so the host's word is asked for again.
            Some(known) if known.by_host && identity.mount.is_unique() => true,
            Some(known) if known.by_host == self.host_trusts(identity) => known.by_host,
            _ => self.met(file, path, identity),
        }
    }

    /// A mount is met for the first time, or the host's paths lead to it now, or no longer do.
    fn met(&self, file: &File, path: &Path, identity: &FileIdentity) -> bool {
        let (seen, by_kind) = seen(file, path, identity.mount);
        let by_host = !by_kind && self.host_trusts(identity);
        let mut memory = self.memory();
        if memory.verdicts.len() >= KNOWN {
            memory.verdicts.clear();
        }
        let before = memory.verdicts.insert((identity.mount, identity.device), Verdict { by_kind, by_host });
        // What was mounted there before is gone.
        memory.untrusted.retain(|mount| mount.path != seen.path);
        if by_kind || by_host {
            return true;
        }
        if memory.untrusted.len() >= TOLD {
            memory.untrusted.remove(0);
        }
        memory.untrusted.push(seen.clone());
        drop(memory);
        // Another thread may have met it at the same time.
        if before.is_none_or(|before| before.by_kind || before.by_host) {
            not_trusted(&seen.path.display(), &seen.file_system);
        }
        false
    }

    /// The host trusts the mount. Its paths are looked at each time, because another file system may be mounted there.
    fn host_trusts(&self, identity: &FileIdentity) -> bool {
        self.hosts.iter().any(|path| look::at(path).is_ok_and(|looked| looked.identity.shares_mount(identity)))
    }

    /// The mounts that were met and are not trusted, the latest last.
    pub(crate) fn untrusted(&self) -> Vec<UntrustedMount> {
        self.memory().untrusted.clone()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // No code panics while it holds this lock.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an operator knows the mount of a file by, and whether it is trusted without the host's word.
fn seen(file: &File, path: &Path, mount: Mount) -> (UntrustedMount, bool) {
    let file_system = look::file_system(file);
    let (mut kind, read_only) = (file_system.kind, file_system.read_only);
    let folder = || path.parent().unwrap_or(path).to_owned();
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let (mount_point, name) = match look::mount_number(file).and_then(line_of) {
        Some(line) => {
            if kind == Kind::Overlay {
                let layers = line.layers.iter().filter_map(|layer| look::file_system_at(layer));
                kind = Kind::of_overlay(layers.map(|layer| layer.kind));
            }
            (line.mount_point, line.file_system)
        }
        None => (folder(), "unknown".to_owned()),
    };
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let (mount_point, name) = (folder(), "unknown".to_owned());
    if kind == Kind::Overlay {
        // No layer is known.
        kind = Kind::of_overlay([]);
    }
    let ground = Ground { kind, read_only, unique: mount.is_unique() };
    (UntrustedMount { path: mount_point, file_system: name }, ground.is_trusted())
}

#[cfg(test)]
mod tests {
    use super::super::look::pretend::{self, Pretend};
    use super::*;

    const FUSE: Pretend = Pretend { kind: Kind::Other, read_only: false, mount: 1, unique: true, sets_ctime: false };

    /// A file on a mount that the test describes.
    struct Test {
        folder: tempfile::TempDir,
        mounts: Mounts,
    }

    impl Test {
        fn new(hosts: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("a"), b"content").unwrap();
            let hosts = hosts.iter().map(|host| folder.path().join(host)).collect();
            Self { folder, mounts: Mounts::new(hosts) }
        }

        fn trusts(&self, pretend: Pretend) -> bool {
            pretend::set(Some(pretend));
            let path = self.folder.path().join("a");
            let file = File::open(&path).unwrap();
            let trusts = self.mounts.trusts(&file, &path, &look::of(&file).unwrap());
            pretend::set(None);
            trusts
        }
    }

    #[test]
    fn the_kind_decides_and_what_the_system_tells_of_mounts() {
        let trusts = |kind, read_only, unique| Test::new(&[]).trusts(Pretend { kind, read_only, unique, ..FUSE });
        assert!(trusts(Kind::Stamps, false, false) && trusts(Kind::Stamps, true, true));
        assert!(trusts(Kind::Image, true, true) && !trusts(Kind::Image, true, false));
        assert!(!trusts(Kind::Stamps, true, false) && !trusts(Kind::Other, false, true));
    }

    #[test]
    fn a_mount_is_told_of_once_and_its_successor_by_itself() {
        let test = Test::new(&[]);
        for mount in [1, 1, 2] {
            assert!(!test.trusts(Pretend { mount, ..FUSE }));
            // All of them are in one place.
            assert_eq!(test.mounts.untrusted().len(), 1);
        }
        assert_eq!(test.mounts.memory().verdicts.len(), 2);
        assert!(test.trusts(Pretend { mount: 3, kind: Kind::Stamps, ..FUSE }));
        assert_eq!(test.mounts.untrusted(), []);
    }

    #[test]
    fn the_host_trusts_a_mount_by_a_path_on_it() {
        let test = Test::new(&[""]);
        assert!(test.trusts(FUSE) && test.trusts(Pretend { mount: 2, unique: false, ..FUSE }));
        assert_eq!(test.mounts.untrusted(), []);
        // The path leads nowhere.
        let test = Test::new(&["none"]);
        assert!(!test.trusts(FUSE) && !test.trusts(Pretend { mount: 2, unique: false, ..FUSE }));
        // Then it does.
        assert_eq!(test.mounts.untrusted().len(), 1);
        std::fs::create_dir(test.folder.path().join("none")).unwrap();
        assert!(test.trusts(FUSE) && test.trusts(Pretend { mount: 2, unique: false, ..FUSE }));
        assert_eq!(test.mounts.untrusted(), []);
        // The number of the mount stands for the mount that the host meant; one that is given again does not.
        std::fs::remove_dir(test.folder.path().join("none")).unwrap();
        assert!(test.trusts(FUSE) && !test.trusts(Pretend { mount: 2, unique: false, ..FUSE }));
        assert_eq!(test.mounts.untrusted().len(), 1);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let test = Test::new(&[]);
        for mount in 0..KNOWN as u64 + 10 {
            assert!(test.trusts(Pretend { mount, kind: Kind::Stamps, ..FUSE }));
        }
        assert_eq!(test.mounts.memory().verdicts.len(), 10);
    }
}
