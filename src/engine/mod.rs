//! The engine: what a server links.

mod answer;
mod bands;
mod builder;
mod conditional;
#[cfg(test)]
mod conditional_tests;
mod content;
mod draw;
mod fingerprint;
mod health;
mod job;
mod map;
mod memo;
mod metadata;
mod prepared;
mod recent;
mod reload;
mod reply;
mod save;
mod serve;
mod tag;
mod versions;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use crate::cache::Store;
use crate::catalog::Library;
use crate::kernel::cpu::{Cpu, CpuLevel};
use crate::limits::Limits;
use crate::source::{Rules, Supply};
use crate::version::Version;

pub use builder::EngineBuilder;
pub use fingerprint::EPOCH;
pub use health::{Health, Held};
pub use prepared::{Context, Prepared};
pub use reload::Reload;
pub use reply::{ETag, Reply};
pub use versions::ObjectVersions;

use memo::{Memo, Scratch, Sidecars};
use recent::Recent;
use reply::Rendered;

/// What `id=` in a request does; it never changes status or body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
    inner: Arc<Inner>,
}

struct Inner {
    library: Library,
    cpu: Cpu,
    /// Threads that one picture may take.
    threads: usize,
    limits: Limits,
    rules: Rules,
    /// Sources that do not come from the file system.
    supply: Option<Supply>,
    id_policy: IdPolicy,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    memo: Memo,
    recent: Recent,
    sidecars: Sidecars,
    scratch: Scratch,
    switches: Switches,
    /// Tells files apart that are being written at the same time.
    serial: AtomicU64,
    /// Finished pictures by strong ETag; `None`: nothing is kept.
    renditions: Option<Store<Version, Rendered>>,
}

/// Takes lines for a log.
type Log = Box<dyn Fn(&str) + Send + Sync>;

/// What requests may do besides being answered.
struct Switches {
    /// The folder that `SavePath` is relative to; `None`: nothing is written.
    save_root: Option<PathBuf>,
    /// Takes the lines that `req=message` logs.
    on_message: Option<Log>,
    resolve: bool,
    cache_update: bool,
}

impl Engine {
    /// Starts to build an engine over the catalogs in `catalogs`: a folder with a `default.ini` and, for each further catalog,
    /// another `.ini` file.
    pub fn builder(catalogs: impl Into<PathBuf>) -> EngineBuilder {
        EngineBuilder::new(catalogs.into())
    }

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

/// How long a file must have been left alone before its time stamps are trusted, unless the host says otherwise.
const SETTLE: Duration = Duration::from_secs(2);
