//! Building an engine.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, SystemTime};

use crate::base::clock::time_of_day;
use crate::base::error::{Error, ErrorKind};
use crate::base::limits::Limits;
use crate::base::pool::Pool;
use crate::base::signature::{SigningKey, SigningKeys};
use crate::base::stage::Altered;
#[cfg(feature = "internals")]
use crate::base::stage::ByteStage;
use crate::base::store::Store;
use crate::imaging::color::Transforms;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::render::Scratch;
use crate::imaging::source::{Mounts, Rules, SETTLE, SourceProvider, Supply};
use crate::language::catalog::{DamagedImages, Library, Moment, Texts};
use crate::language::lists::Stale;

use super::admission::{Admission, UnknownCommands};
use super::memory::memo::{Memo, Sidecars};
use super::memory::recent::Recent;
use super::state::{Engine, IdPolicy, Inner, MissingStatus, Switches};

/// The longest lifetime that caches honor.
const YEAR: Duration = Duration::from_secs(31_536_000);

impl Engine {
    /// Starts to build an engine over the catalogs in `catalogs`: a folder with a `default.ini` and, for each further catalog,
    /// another `.ini` file.
    pub fn builder(catalogs: impl Into<PathBuf>) -> EngineBuilder {
        EngineBuilder::new(Origin::Folder(catalogs.into()))
    }

    /// Starts to build an engine without a folder, for sources that a [provider](EngineBuilder::sources) supplies. `ini` is
    /// what the `default.ini` of a folder would say; it can be empty, and must not name data files.
    /// [`EngineBuilder::records`] adds records.
    ///
    /// The engine reads no file, unless it is given a [root](EngineBuilder::root) to look for sources in. The provider is
    /// asked for `RootPath` and the name of the object, with `DefaultExt` (`.tif`) added to a name without a suffix.
    ///
    /// ```
    /// use std::io;
    /// use std::path::Path;
    ///
    /// use bytes::Bytes;
    /// use platemark::{Engine, SourceProvider, SourceTag};
    ///
    /// struct One(Bytes);
    ///
    /// impl SourceProvider for One {
    ///     fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
    ///         Ok((path == Path::new("ring")).then(|| SourceTag::new(1, self.0.len() as u64)))
    ///     }
    ///
    ///     fn read(&self, _: &Path) -> io::Result<(SourceTag, Bytes)> {
    ///         Ok((SourceTag::new(1, self.0.len() as u64), self.0.clone()))
    ///     }
    /// }
    ///
    /// let ring = Bytes::from(std::fs::read("assets/demo/pictures/ring.png")?);
    /// let engine = Engine::in_memory("DefaultExt=\nDefaultPix=320,320\n").sources(One(ring)).build()?;
    /// let reply = engine.serve("/is/image/ring");
    /// assert_eq!((reply.status, reply.width, reply.height), (200, Some(320), Some(320)));
    /// assert_eq!(engine.serve("/is/image/other").status, 403);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn in_memory(ini: impl Into<String>) -> EngineBuilder {
        EngineBuilder::new(Origin::Memory(Texts { attributes: ini.into(), records: None }))
    }
}

/// Where catalogs come from.
#[derive(Debug)]
enum Origin {
    Folder(PathBuf),
    Memory(Texts),
}

/// Settings of an [`Engine`].
#[must_use]
pub struct EngineBuilder {
    origin: Origin,
    /// Records were given, and there is a folder.
    has_stray_records: bool,
    root: Option<PathBuf>,
    cpu: CpuLevel,
    pool: Pool,
    limits: Limits,
    settle: Duration,
    map_sources: bool,
    trusted_mounts: Vec<PathBuf>,
    sources: Option<Box<dyn SourceProvider>>,
    id_policy: IdPolicy,
    versioned_lifetime: Duration,
    damaged: DamagedImages,
    altered: Altered,
    missing: MissingStatus,
    stale: Stale,
    cache_bytes: u64,
    memo_bytes: u64,
    content_digest_bytes: u64,
    sidecar_bytes: u64,
    scratch_bytes: usize,
    catalog_settle: Option<Duration>,
    switches: Switches,
    signing_keys: Option<Vec<SigningKey>>,
    admission: Admission,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

impl EngineBuilder {
    fn new(origin: Origin) -> Self {
        Self {
            origin,
            has_stray_records: false,
            root: None,
            cpu: CpuLevel::default(),
            pool: Pool::NONE,
            limits: Limits::default(),
            settle: SETTLE,
            map_sources: true,
            trusted_mounts: vec![],
            sources: None,
            id_policy: IdPolicy::default(),
            versioned_lifetime: YEAR,
            damaged: DamagedImages::Refuse,
            altered: Altered::default(),
            missing: MissingStatus::default(),
            stale: Stale::default(),
            cache_bytes: 0,
            memo_bytes: 32 << 20,
            content_digest_bytes: 64 << 20,
            sidecar_bytes: 128 << 20,
            scratch_bytes: 128 << 20,
            catalog_settle: None,
            switches: Switches {
                save_root: None,
                save_overwrite: false,
                on_message: None,
                resolve: true,
                cache_update: true,
            },
            signing_keys: None,
            admission: Admission::default(),
            clock: Box::new(time_of_day),
        }
    }

    /// Records of an engine [in memory](Engine::in_memory): the text of a data file, a table whose columns are separated by
    /// tabs and whose first line names them. A second text takes the place of the first. An engine over a folder takes none.
    ///
    /// ```
    /// let engine = platemark::Engine::in_memory("").records("Id\tPath\tModifier\nboot\tring\twid=90\n").build()?;
    /// assert_eq!(engine.objects(), ["boot"]);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    pub fn records(mut self, table: impl Into<String>) -> Self {
        match &mut self.origin {
            Origin::Memory(texts) => texts.records = Some(table.into()),
            Origin::Folder(_) => self.has_stray_records = true,
        }
        self
    }

    /// The folder that a relative `RootPath` is relative to. Default: the catalogs folder; an engine in memory has none, and
    /// reads no file.
    pub fn root(mut self, root: impl Into<PathBuf>) -> Self {
        self.root = Some(root.into());
        self
    }

    /// The highest CPU level to use. It can only lower what the machine has, and never changes bytes. Default: all there is.
    pub const fn cpu(mut self, highest: CpuLevel) -> Self {
        self.cpu = highest;
        self
    }

    /// Lends the threads of a pool to large JPEGs, to the digests of long files, and to [`Engine::prewarm`] and
    /// [`Engine::versions_all`]. They never change bytes. The wait for a large picture is shorter where processors are idle;
    /// where they are not, no more pictures are made in the same time. What a picture may take of memory it may then take on
    /// each thread. Engines may share a pool. Default: none, and everything is done on the calling thread.
    ///
    /// * A picture is cut by its size, whatever the pool; as many threads work on it as the pool has, the calling one
    ///   included, less those that are at work for other pictures of this engine.
    /// * A caller that is a thread of a rayon pool, of this one or another, does all of its work itself, and waits for no other
    ///   thread that makes the same picture. So jobs of the pool may call the engine.
    /// * A caller that is none waits for the pool. Jobs of the host that keep its threads for long keep pictures waiting, and
    ///   one that waits for such a caller may wait for ever.
    ///
    /// Give the builder of the pool a number of threads. Without one rayon reads the variable `RAYON_NUM_THREADS`. The engine
    /// neither builds a pool nor starts rayon's global one.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    /// let engine = platemark::Engine::builder("assets/demo").pool(pool).build()?;
    /// let alone = platemark::Engine::builder("assets/demo").build()?;
    /// let target = "/is/image/demo/harbour?wid=1600";
    /// assert_eq!(engine.serve(target).body, alone.serve(target).body);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    #[cfg(feature = "rayon")]
    pub fn pool(mut self, pool: Arc<rayon::ThreadPool>) -> Self {
        self.pool = Pool::of(pool);
        self
    }

    /// What one request may cost.
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How long a source must have been left alone before it is mapped and remembered; younger ones are read into memory
    /// for every request, and long files of `/is/content` are delivered with a weak tag and `no-store`. Caches may keep a
    /// reply that is made of a younger one for 10 s at most. A catalog file that is younger when it is read is read once more
    /// by a later [`Engine::poll_catalogs`]. At least what the file system's time stamps can blur. Files on a mount that is not
    /// [trusted](Self::trust_mount) count as younger for good. Default: 2 s.
    pub const fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }

    /// Whether settled sources are mapped, which costs a process-wide handler of SIGBUS, installed with the first of them.
    /// It makes a failed request, rather than the end of the process, of a file that is cut short while it is read, and
    /// passes every other SIGBUS to the handler that was there before; one that the host installs later must do the same.
    /// With `false` sources are read into memory, and no handler is installed. Default: true; other systems than Unix
    /// read in any case.
    pub const fn map_sources(mut self, map: bool) -> Self {
        self.map_sources = map;
        self
    }

    /// Trusts the mount on which a path lies, whatever its file system. Can be called several times.
    ///
    /// The engine remembers what it learned of a file for as long as its status is the same: mount, inode, length, time of
    /// modification and time of change (`ctime`). It trusts file systems that stamp each change themselves (ext2 to ext4, xfs,
    /// btrfs, f2fs, zfs, bcachefs, tmpfs, ramfs, overlays of these; apfs and hfs) and, where the system tells mounts apart for
    /// good (Linux 6.8), read-only images (squashfs, erofs, iso9660, cramfs, romfs). It reads files on any other one, such
    /// as exFAT, FUSE or a network file system, for every request, and gives long ones of `/is/content` a weak tag and
    /// `no-store`; [`Health::untrusted`](super::Health::untrusted) lists those that it met.
    ///
    /// A host that trusts such a mount says that each change of a file on it changes length or time of change, and that no
    /// other file system takes its place with equal ones. Otherwise old bytes and versions may be told, and new bytes under
    /// old tags. The host's word is for the whole mount on which the path lies at the time; the engine looks again when it
    /// meets another mount, and a path that leads nowhere trusts none. On Windows no file settles, and this has no effect.
    /// Default: none.
    pub fn trust_mount(mut self, path: impl Into<PathBuf>) -> Self {
        self.trusted_mounts.push(path.into());
        self
    }

    /// Supplies sources as bytes; what it does not have is looked for in the file system. Default: all are files.
    pub fn sources(mut self, provider: impl SourceProvider + 'static) -> Self {
        self.sources = Some(Box::new(provider));
        self
    }

    /// What `id=` does. Default: [`IdPolicy::Verify`].
    pub const fn id_policy(mut self, policy: IdPolicy) -> Self {
        self.id_policy = policy;
        self
    }

    /// How long caches may keep a reply whose `id` is its current version, in whole seconds of at most 2³¹ − 1: under
    /// [`IdPolicy::Verify`] this takes the place of the catalog's lifetime. With 0 the catalog's lifetime holds. Default: a
    /// year, the longest that caches honor.
    pub const fn versioned_lifetime(mut self, lifetime: Duration) -> Self {
        self.versioned_lifetime = lifetime;
        self
    }

    /// How the engine treats pictures with a damaged file, in catalogs without the attribute `DamagedImages`
    /// (`catalog.md` §11). With [`DamagedImages::Show`] the engine reads each file whole when it meets it first.
    /// Default: [`DamagedImages::Refuse`].
    pub const fn damaged_images(mut self, damaged: DamagedImages) -> Self {
        self.damaged = damaged;
        self
    }

    /// Changes the bytes of one stage, for the tests of versions; `raises` says whether its epoch is raised with them. False
    /// if there is no stage of that name.
    #[cfg(feature = "internals")]
    #[doc(hidden)]
    pub fn alter(&mut self, stage: &str, raises: bool) -> bool {
        let found = ByteStage::ALL.iter().copied().find(|known| known.name() == stage);
        self.altered = Altered { stage: found, raises };
        found.is_some()
    }

    /// The status of a reply to a request for an object or file that is not there. A default image that is shown in its
    /// place has 200. Default: [`MissingStatus::Forbidden`].
    pub const fn missing_status(mut self, status: MissingStatus) -> Self {
        self.missing = status;
        self
    }

    /// For how long after its lifetime a cache may deliver a reply while it asks for a new one
    /// (`stale-while-revalidate`, RFC 5861), in whole seconds. It stands in each reply with a lifetime above 0, except
    /// in `immutable` replies and errors. Default: 0, not at all.
    pub const fn stale_while_revalidate(mut self, time: Duration) -> Self {
        self.stale.while_revalidate = Stale::seconds(time);
        self
    }

    /// For how long after its lifetime a cache may deliver a reply if it gets a 500, 502, 503 or 504 or no answer in
    /// place of a new one (`stale-if-error`, RFC 5861), in whole seconds. It stands in each reply with a lifetime above
    /// 0, except in `immutable` replies and errors. Default: 0, not at all.
    pub const fn stale_if_error(mut self, time: Duration) -> Self {
        self.stale.if_error = Stale::seconds(time);
        self
    }

    /// Memory for finished pictures, in bytes. Default: 0, nothing is kept.
    pub const fn cache_bytes(mut self, bytes: u64) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Bytes of memory for facts. One half holds header and digest of each source file (about 300 bytes a file), the
    /// digests of files of `/is/content`, and in an eighth of it the metadata that requests asked for. The other half holds the meaning of recent requests (about 4 KiB each, plus
    /// their text). Requests with more than 8 KiB of text are not kept. With 0 every request reads the whole source
    /// again, and long files of content keep their weak tag. Default: 32 MiB.
    pub const fn memo_bytes(mut self, bytes: u64) -> Self {
        self.memo_bytes = bytes;
        self
    }

    /// Bytes up to which a file of `/is/content` is digested for the first request that asks for it, when its reply is made. A
    /// longer one has a weak tag, made from its length and time stamps, until [`Engine::digest_ahead`] or, in the background, a
    /// [service](crate::service::ImageService) has digested it; then it has a strong one, which stands for its bytes. Files
    /// of up to 1 MiB are always digested. Default: 64 MiB.
    pub const fn content_digest_bytes(mut self, bytes: u64) -> Self {
        self.content_digest_bytes = bytes;
        self
    }

    /// Memory for what JPEG decoders learn of pictures, in bytes: of each where its parts begin in the file and a preview at
    /// an eighth, 2 to 3 % of its pixels in bytes; of those that were decoded whole at a quarter of their size a preview at
    /// a quarter, up to 19 % of their pixels; of progressive ones of which parts are asked for, all samples. No more than
    /// half of this memory goes to the samples of one picture. Tiles and later thumbnails then cost a fraction of the
    /// first. It changes no byte of a reply. With 0 nothing is kept. Default: 128 MiB.
    pub const fn sidecar_bytes(mut self, bytes: u64) -> Self {
        self.sidecar_bytes = bytes;
        self
    }

    /// Memory for buffers that wait for the next picture to be decoded, in bytes. Default: 128 MiB.
    pub const fn scratch_bytes(mut self, bytes: usize) -> Self {
        self.scratch_bytes = bytes;
        self
    }

    /// How long a changed attribute file must have been left alone before [`Engine::poll_catalogs`] reads it, so that the
    /// data files it names are complete. Default: 5 s.
    pub const fn catalog_settle(mut self, settle: Duration) -> Self {
        self.catalog_settle = Some(settle);
        self
    }

    /// Lets `req=saveToFile` write pictures below `folder`, each catalog in its own `SavePath`. The folders must be there.
    /// A name ends in `.png`, or in `.jpg` or `.jpeg`, as the format of the picture demands. On Unix the owner may write
    /// the file and all may read it (mode 644), as far as the umask permits. Default: nothing is written.
    pub fn save_root(mut self, folder: impl Into<PathBuf>) -> Self {
        self.switches.save_root = Some(folder.into());
        self
    }

    /// Whether `req=saveToFile` replaces a file that is there. If not, the request is refused, also where two requests save
    /// under one name at the same time: one of them succeeds. Default: false.
    pub const fn allow_save_overwrite(mut self, allow: bool) -> Self {
        self.switches.save_overwrite = allow;
        self
    }

    /// Takes the lines that `req=message` asks to be logged. They are what a caller sent, of up to 64 KiB and with any
    /// characters. Default: they are dropped.
    pub fn on_message(mut self, log: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.switches.on_message = Some(Box::new(log));
        self
    }

    /// Whether `req=resolve` tells what records add to a request. Default: true.
    pub const fn allow_resolve(mut self, allow: bool) -> Self {
        self.switches.resolve = allow;
        self
    }

    /// Whether `cache=update` makes a stored picture again. Default: true.
    pub const fn allow_cache_update(mut self, allow: bool) -> Self {
        self.switches.cache_update = allow;
        self
    }

    /// Answers only requests that one of these keys has signed; all others get a 403. 1 to 8 keys, which
    /// [`Engine::set_signing_keys`] exchanges. Default: requests need no signature.
    pub fn signing_keys(mut self, keys: impl IntoIterator<Item = SigningKey>) -> Self {
        self.signing_keys = Some(keys.into_iter().collect());
        self
    }

    /// Whether a caller's own query may hold only calls of macros (`$name$`), variables (`$name=value`) and the commands
    /// `req`, `id`, `locale`, `handler`, `sig`, `exp` and `kid`; every other command gets a 403 that names it. Catalogs
    /// decide then which pictures can be asked for. What records and macros say is not restricted. Default: false.
    pub const fn presets_only(mut self, only: bool) -> Self {
        self.admission.presets_only = only;
        self
    }

    /// What becomes of commands of a caller whose names are not known. Default: [`UnknownCommands::Ignore`].
    pub const fn unknown_commands(mut self, unknown: UnknownCommands) -> Self {
        self.admission.unknown = unknown;
        self
    }

    /// The clock that time stamps, the age of files and the end of signatures are read from. Default: the system's.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Reads the catalogs. The engine serves the sound part of them. It leaves out a data file, a record or an attribute that
    /// it cannot use, and a catalog whose attribute file it cannot use. The log and
    /// [`Health::failures`](super::Health::failures) list them. [`Engine::poll_catalogs`] looks at them again.
    ///
    /// # Errors
    ///
    /// `default.ini` is missing or cannot be read, or has a RootId or a malformed attribute that decides who may reach what:
    /// every request needs its attributes. The text names the file and, where there is one, the line. Or there are too many
    /// or too few signing keys.
    pub fn build(self) -> Result<Engine, Error> {
        crate::base::observe::describe();
        let signing = self.signing_keys.map(SigningKeys::new).transpose()?.map(Arc::new);
        if self.has_stray_records {
            return Err(Error::new(ErrorKind::Catalog, "are for an engine in memory").at("records"));
        }
        let moment = Moment { now: (self.clock)(), granule: self.settle };
        let reads_files = matches!(self.origin, Origin::Folder(_)) || self.root.is_some();
        let (library, root) = match self.origin {
            Origin::Folder(folder) => {
                let root = self.root.unwrap_or_else(|| folder.clone());
                (Library::open(&folder, &root, moment)?, root)
            }
            Origin::Memory(texts) => {
                let root = self.root.unwrap_or_default();
                (Library::in_memory(texts, &root, moment)?, root)
            }
        };
        let library = match self.catalog_settle {
            Some(settle) => library.with_settle_delay(settle),
            None => library,
        };
        let engine = Engine {
            inner: Arc::new(Inner {
                library,
                cpu: Cpu::detect(self.cpu),
                pool: self.pool,
                limits: self.limits,
                rules: Rules { settle: self.settle, max_bytes: self.limits.source_bytes, map: self.map_sources },
                mounts: Mounts::new(self.trusted_mounts),
                content_digest_bytes: self.content_digest_bytes,
                reads_files,
                supply: self.sources.map(|provider| Supply::new(provider, root)),
                id_policy: self.id_policy,
                versioned_seconds: u32::try_from(self.versioned_lifetime.as_secs())
                    .unwrap_or(u32::MAX)
                    .min(i32::MAX as u32),
                damaged: self.damaged,
                altered: self.altered,
                missing: self.missing,
                stale: self.stale,
                clock: self.clock,
                switches: self.switches,
                signing: signing.into(),
                admission: self.admission,
                serial: AtomicU64::new(0),
                memo: Memo::new(self.memo_bytes / 2),
                recent: Recent::new(self.memo_bytes / 2),
                sidecars: Sidecars::new(self.sidecar_bytes),
                transforms: Transforms::default(),
                scratch: Scratch::new(self.scratch_bytes),
                renditions: (self.cache_bytes > 0).then(|| Store::new(self.cache_bytes)),
            }),
            #[cfg(feature = "tower")]
            unread: None,
        };
        engine.tell_of_catalogs();
        Ok(engine)
    }
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineBuilder").field("origin", &self.origin).field("root", &self.root).finish_non_exhaustive()
    }
}
