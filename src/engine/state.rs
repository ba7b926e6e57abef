//! The engine as a value: what its clones share.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use crate::base::limits::Limits;
use crate::base::store::Store;
use crate::base::version::Version;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::render::Scratch;
use crate::imaging::source::{Rules, Supply};
use crate::language::catalog::Library;

use super::memory::memo::{Memo, Sidecars};
use super::memory::recent::Recent;
use super::reply::Rendered;

/// What `id=` in a request does; it never changes status or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum IdPolicy {
    /// Nothing: the catalog's lifetime holds.
    #[default]
    Ignore,
    /// It is compared with the current version. Equal: the catalog's lifetime, and `immutable`. Different: `no-store`,
    /// so that neither a lagging replica nor a stale link can put bytes under a key they do not belong to.
    Verify,
}

/// Answers image requests from the catalogs of a folder. Cheap to clone; clones share everything.
///
/// It is synchronous, `Send + Sync`, starts no threads and reads no environment variables.
///
/// ```
/// use platemark::Engine;
///
/// let engine = Engine::builder("assets/demo").build()?;
/// let reply = engine.serve("/is/image/demo/harbour?wid=200&fmt=png");
/// assert_eq!((reply.status, reply.content_type), (200, "image/png"));
/// assert!(reply.version.is_some() && reply.body.starts_with(b"\x89PNG"));
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) library: Library,
    pub(super) cpu: Cpu,
    /// Threads that one picture may take.
    pub(super) threads: usize,
    pub(super) limits: Limits,
    pub(super) rules: Rules,
    /// Sources that do not come from the file system.
    pub(super) supply: Option<Supply>,
    pub(super) id_policy: IdPolicy,
    pub(super) clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    pub(super) memo: Memo,
    pub(super) recent: Recent,
    pub(super) sidecars: Sidecars,
    pub(super) scratch: Scratch,
    pub(super) switches: Switches,
    /// Tells files apart that are being written at the same time.
    pub(super) serial: AtomicU64,
    /// Finished pictures by strong ETag; `None`: nothing is kept.
    pub(super) renditions: Option<Store<Version, Rendered>>,
}

/// Takes lines for a log.
pub(super) type Log = Box<dyn Fn(&str) + Send + Sync>;

/// What requests may do besides being answered.
pub(super) struct Switches {
    /// The folder that `SavePath` is relative to; `None`: nothing is written.
    pub(super) save_root: Option<PathBuf>,
    /// Takes the lines that `req=message` logs.
    pub(super) on_message: Option<Log>,
    pub(super) resolve: bool,
    pub(super) cache_update: bool,
}

impl Engine {
    /// Ids of all records, in the order of the catalogs' names and of the records in their files; not files that no record
    /// speaks of. Each is what follows `/is/image/` in a request, before percent-encoding.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// assert!(engine.objects().contains(&"demo/harbour".to_owned()));
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub fn objects(&self) -> Vec<String> {
        let of = |root_id: &str, id: &str| if root_id.is_empty() { id.to_owned() } else { format!("{root_id}/{id}") };
        let catalogs = self.inner.library.current();
        catalogs.iter().flat_map(|catalog| catalog.records.ids().map(|id| of(&catalog.root_id, &id))).collect()
    }

    /// The time by the clock that time stamps are read from.
    #[cfg(feature = "http")]
    pub(crate) fn now(&self) -> SystemTime {
        (self.inner.clock)()
    }

    /// The CPU level in use.
    #[must_use]
    pub fn cpu_level(&self) -> CpuLevel {
        self.inner.cpu.level()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("cpu", &self.cpu_level())
            .field("limits", &self.inner.limits)
            .field("id_policy", &self.inner.id_policy)
            .finish_non_exhaustive()
    }
}
