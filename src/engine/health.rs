//! How an engine is doing.

use crate::base::error::Error;
use crate::imaging::source::UntrustedMount;

use super::state::Engine;

/// How an engine is doing, for the host's health check and its gauges.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Catalogs in use, the default catalog included.
    pub catalogs: usize,
    /// Records of their images; those of one id in several files count as several.
    pub records: usize,
    /// Catalog files that cannot be used as they are now, and why: the place of each error names the file. A catalog
    /// that was good before stays in use. A new catalog is served without the faulty data file, record or attribute. If its
    /// attribute file cannot be used at all, it is not served. A host learns of it here after the start and after each look
    /// at the folder: [`Engine::poll_catalogs`].
    pub failures: Vec<Error>,
    /// Mounts whose files are read and digested for every request, because their time stamps cannot be relied on
    /// ([`EngineBuilder::trust_mount`](super::EngineBuilder::trust_mount)): those that sources were found on so far, the
    /// latest last, at most 64. They cost time and are no fault.
    pub untrusted: Vec<UntrustedMount>,
    /// Finished pictures.
    pub renditions: StoreUsage,
    /// Files whose header and digest are known.
    pub facts: StoreUsage,
    /// Requests of which the meaning is remembered.
    pub requests: StoreUsage,
    /// What decoders have learned of pictures.
    pub sidecars: StoreUsage,
}

/// What is held in memory for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct StoreUsage {
    /// How many of them.
    pub items: u64,
    /// What they count for, in bytes.
    pub bytes: u64,
}

impl StoreUsage {
    const fn of((items, bytes): (u64, u64)) -> Self {
        Self { items, bytes }
    }
}

impl Health {
    /// All that is in the catalogs' folder is in use.
    #[must_use]
    pub const fn is_healthy(&self) -> bool {
        self.failures.is_empty()
    }
}

impl Engine {
    /// How the engine is doing. It looks at no file.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// let health = engine.health();
    /// assert!(health.is_healthy() && health.catalogs >= 2 && health.records > 10);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[must_use]
    pub fn health(&self) -> Health {
        let inner = &self.inner;
        let catalogs = inner.library.current();
        Health {
            catalogs: catalogs.iter().count(),
            records: catalogs.iter().map(|catalog| catalog.records.count()).sum(),
            failures: inner.library.failing(),
            untrusted: inner.mounts.untrusted(),
            renditions: inner.renditions.as_ref().map_or(StoreUsage::default(), |store| StoreUsage::of(store.held())),
            facts: StoreUsage::of(inner.memo.held()),
            requests: StoreUsage::of(inner.recent.held()),
            sidecars: StoreUsage::of(inner.sidecars.held()),
        }
    }
}
