//! What the example programs share: where the demo catalogs are, threads for large pictures, and how a value of an option
//! is read.

use std::path::PathBuf;
use std::sync::Arc;

use lexopt::ValueExt;
use platemark::{CpuLevel, DamagedImages, Engine, EngineBuilder};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Options that say which catalogs are served, what decides the versions of their pictures, and which mounts are trusted.
pub(crate) struct CatalogOptions {
    catalogs: PathBuf,
    root: Option<PathBuf>,
    damaged: DamagedImages,
    trusted_mounts: Vec<PathBuf>,
}

impl Default for CatalogOptions {
    fn default() -> Self {
        Self {
            catalogs: PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo")),
            root: None,
            damaged: DamagedImages::Refuse,
            trusted_mounts: vec![],
        }
    }
}

impl CatalogOptions {
    /// Takes `--catalogs`, `--root`, `--damaged` and `--trust-mount`; says whether the option was one of them.
    pub(crate) fn take(&mut self, option: &str, parser: &mut lexopt::Parser) -> Result<bool, lexopt::Error> {
        match option {
            "catalogs" => self.catalogs = parser.value()?.into(),
            "root" => self.root = Some(parser.value()?.into()),
            "trust-mount" => self.trusted_mounts.push(parser.value()?.into()),
            "damaged" => {
                self.damaged = parser.value()?.parse_with(|name| match name {
                    "refuse" => Ok(DamagedImages::Refuse),
                    "show" => Ok(DamagedImages::Show),
                    _ => Err("needs refuse or show"),
                })?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// An engine over them.
    pub(crate) fn builder(&self) -> EngineBuilder {
        let builder = Engine::builder(&self.catalogs).damaged_images(self.damaged);
        let builder = self.trusted_mounts.iter().fold(builder, EngineBuilder::trust_mount);
        match &self.root {
            Some(root) => builder.root(root),
            None => builder,
        }
    }
}

/// Threads for large pictures. The number is told: without one rayon would take it from the environment.
///
/// # Errors
///
/// The system has no more threads.
#[allow(dead_code, reason = "not every example needs it")]
#[expect(clippy::disallowed_methods, reason = "the host builds the pool")]
pub(crate) fn pool(threads: usize) -> Result<Arc<ThreadPool>, String> {
    let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(|i| format!("pool-{i}"));
    builder.build().map(Arc::new).map_err(|error| error.to_string())
}

/// Reads the value of `--cpu`.
#[allow(dead_code, reason = "not every example has the option")]
pub(crate) fn cpu_level(parser: &mut lexopt::Parser) -> Result<CpuLevel, lexopt::Error> {
    parser.value()?.parse_with(|name| match name {
        "auto" => Ok(CpuLevel::default()),
        "scalar" => Ok(CpuLevel::Scalar),
        "sse41" => Ok(CpuLevel::Sse41),
        "avx2" => Ok(CpuLevel::Avx2),
        "neon" => Ok(CpuLevel::Neon),
        _ => Err("needs auto, scalar, sse41, avx2 or neon"),
    })
}
