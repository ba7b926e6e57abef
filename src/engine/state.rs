//! The engine as a value: what its clones share.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "tower")]
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use arc_swap::ArcSwapOption;

use crate::base::limits::Limits;
use crate::base::pool::Pool;
use crate::base::signature::SigningKeys;
use crate::base::stage::Altered;
use crate::base::store::Store;
use crate::base::version::Version;
use crate::imaging::color::Transforms;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::render::Scratch;
use crate::imaging::source::{Mounts, Rules, Supply};
use crate::language::catalog::{Attributes, DamagedImages, Library};
use crate::language::lists::Stale;
use crate::language::resolve::Resolved;

use super::admission::Admission;
use super::memory::memo::{Memo, Sidecars};
use super::memory::recent::Recent;
use super::reply::Rendered;
use super::versioning::fingerprint::Fingerprint;
use super::versioning::setting::Setting;

/// What `id=` in a request does; it never changes status or body (`responses.md` §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum IdPolicy {
    /// The engine compares it with the current version. Equal: the reply may be kept for a
    /// [year](super::EngineBuilder::versioned_lifetime) and is `immutable`. Another version: `no-store`, so that neither a
    /// lagging replica nor a stale link can put bytes under a key that they do not belong to. That holds for every type of
    /// reply; one that has no version of its own is never `immutable`. A text that is not 22 base-62
    /// digits is no version: the reply is the same as without `id`.
    #[default]
    Verify,
    /// The engine does not look at it, as the reference does not: the catalog's lifetime holds. A conditional request for
    /// what never expires is answered 304 unseen. So that this prolongs no reply that was made of a half-written file, such
    /// a reply has no tag then, and no time stamp under this policy.
    Ignore,
}

/// The status of a reply to a request for what is not there; it never changes the body, and no cache may keep the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum MissingStatus {
    /// 403, as for each error of the request. An error image has 200.
    #[default]
    Forbidden,
    /// 404, also for an error image. CDNs and search engines read a 403 as missing rights.
    NotFound,
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
    /// For a thread that only looks at requests: takes the file that has to be read first.
    #[cfg(feature = "tower")]
    pub(super) unread: Option<Arc<OnceLock<Unread>>>,
}

#[cfg(feature = "tower")]
/// A source that has to be read before its request is prepared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unread {
    /// What that costs, as in [`Prepared::work`](super::Prepared::work).
    pub(crate) work: u64,
    /// What stands for the work; `None` if others have no advantage of it, because it cannot be remembered.
    pub(crate) key: Option<Version>,
}

pub(super) struct Inner {
    pub(super) library: Library,
    pub(super) cpu: Cpu,
    /// Threads that the host lends.
    pub(super) pool: Pool,
    pub(super) limits: Limits,
    pub(super) rules: Rules,
    /// The mounts that sources lie on.
    pub(super) mounts: Mounts,
    /// Bytes of a file of content up to which it is digested for the request that asks for it.
    pub(super) content_digest_bytes: u64,
    /// Sources that the provider does not have are looked for in the file system.
    pub(super) reads_files: bool,
    /// Sources that do not come from the file system.
    pub(super) supply: Option<Supply>,
    pub(super) id_policy: IdPolicy,
    /// Lifetime in seconds of a reply whose `id` is its current version.
    pub(super) versioned_seconds: u32,
    /// What becomes of damaged files where the catalog does not say.
    pub(super) damaged: DamagedImages,
    /// The stage whose bytes a test changes.
    pub(super) altered: Altered,
    pub(super) missing: MissingStatus,
    /// How long caches may deliver replies after their lifetime.
    pub(super) stale: Stale,
    pub(super) clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    pub(super) memo: Memo,
    pub(super) recent: Recent,
    pub(super) sidecars: Sidecars,
    /// Conversions between colour spaces that have been made.
    pub(super) transforms: Transforms,
    pub(super) scratch: Scratch,
    pub(super) switches: Switches,
    pub(super) admission: Admission,
    /// The keys that requests have to be signed with; `None`: they need no signature.
    pub(super) signing: ArcSwapOption<SigningKeys>,
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
    /// A saved picture replaces the file that has its name.
    pub(super) save_overwrite: bool,
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
        self.first_objects(usize::MAX)
    }

    /// The first ids of [`objects`](Self::objects), at most `most`. It looks at no record behind them.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// assert_eq!(engine.first_objects(3), engine.objects()[..3]);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub fn first_objects(&self, most: usize) -> Vec<String> {
        let of = |root_id: &str, id: &str| if root_id.is_empty() { id.to_owned() } else { format!("{root_id}/{id}") };
        let catalogs = self.inner.library.current();
        let all = catalogs.iter().flat_map(|catalog| catalog.records.ids().map(|id| of(&catalog.root_id, &id)));
        all.take(most).collect()
    }

    /// What the host's settings add to the versions of pictures from a catalog with these attributes.
    pub(super) fn setting(&self, attributes: &Attributes) -> Setting {
        let damaged = attributes.damaged_images.unwrap_or(self.inner.damaged);
        Setting { shows_damaged: damaged == DamagedImages::Show, raised: self.inner.altered.raised() }
    }

    /// What becomes of damaged files in a reply. Replies without pixels need no more than headers.
    pub(super) fn damaged_images_of(&self, resolved: &Resolved) -> DamagedImages {
        let setting = self.setting(&resolved.main.attributes);
        if setting.shows_damaged && resolved.req.kind.needs_pixels() {
            DamagedImages::Show
        } else {
            DamagedImages::Refuse
        }
    }

    /// The time by the clock that time stamps are read from.
    #[cfg(feature = "http")]
    pub(crate) fn now(&self) -> SystemTime {
        (self.inner.clock)()
    }

    /// The threads that the host lends.
    #[cfg(test)]
    pub(crate) fn pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// What versions and tags cover of the engine's code.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::with(self.inner.altered.raised())
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
