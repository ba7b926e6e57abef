//! The direct API: from bytes or a file to a picture, without catalogs and requests.
//!
//! [`Edit`] describes what is made of a picture, and becomes a [`Scene`](crate::imaging::scene::Scene) here; plan and
//! renderer are those of the engine.

#[cfg(feature = "image")]
mod dynamic_image;
mod edit;
mod making;
mod palette;
mod pixels;
mod placeholder;
mod profile;
mod rendition;
mod resize;
mod scene;
mod slots;
mod together;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;

use crate::base::cancel::Cancel;
use crate::base::clock::time_of_day;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::pool::Pool;
use crate::base::version::Version;
use crate::imaging::codec::Sidecar;
use crate::imaging::pixel::header::Facts;
use crate::imaging::render::{look_into, unless_written};
use crate::imaging::source::{Mounts, Rules, SETTLE, Source};

pub use edit::{Compression, Edit, Filter, Fit, Format};
pub use palette::Palette;
pub use pixels::{PixelLayout, Pixels};
pub use profile::Profile;
pub(crate) use profile::{Icc, Named};
pub use rendition::Rendition;
pub use resize::resize;
pub(crate) use slots::Slots;

use making::{LIMITS, Subject, check_length, version};

/// The most bytes that decoders may remember of one picture.
const SIDECAR_BYTES: u64 = 64 << 20;

/// How often a file is opened that is replaced meanwhile.
const OPENINGS: usize = 3;

/// A picture to make others from. Cheap to clone; clones share everything. It keeps what decoders learn of it, at most
/// 64 MiB.
///
/// It is `Send + Sync`, starts no threads and reads no environment variables. It has the arithmetic, the limits and the
/// promises of an [`Engine`](crate::Engine): a rendition has the same bytes as the reply of an engine whose catalog limits
/// no size, and equal tags mean equal bytes.
///
/// ```
/// use platemark::{Edit, Fit, Picture};
///
/// let harbour = Picture::open("assets/demo/pictures/harbour.jpg")?;
/// let made = harbour.render(&Edit::new().fit(Fit::Inside, 400, 400).unsharp(1.0, 8.0, 0))?;
/// assert_eq!((made.width, made.content_type), (400, "image/jpeg"));
/// assert_eq!(made.version, harbour.version());
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Clone)]
pub struct Picture {
    inner: Arc<Inner>,
    /// Threads that share the work of a large picture.
    pool: Pool,
}

struct Inner {
    content: Content,
    facts: Facts,
    /// What errors call it: the name of the file, without its folder.
    name: Option<String>,
    /// What decoders know of the bytes.
    sidecar: Mutex<Sidecar>,
}

enum Content {
    File(Source),
    Memory(Bytes),
    Pixels(Pixels),
}

impl Picture {
    /// Opens a file. It is mapped into memory, digested, and its header is read; nothing is decoded.
    ///
    /// A file that changed less than two seconds ago, or lies on a file system whose time stamps cannot be relied on, is
    /// read into memory instead ([`EngineBuilder::settle`](crate::EngineBuilder::settle),
    /// [`trust_mount`](crate::EngineBuilder::trust_mount)), and so is every file on other systems than Unix. The first
    /// mapping of a process installs the handler that
    /// [`EngineBuilder::map_sources`](crate::EngineBuilder::map_sources) tells of.
    ///
    /// ```
    /// let ring = platemark::Picture::open("assets/demo/pictures/ring.png")?;
    /// assert_eq!(ring.size(), (1000, 1000));
    /// let error = platemark::Picture::open("assets/demo/pictures/none.png").unwrap_err();
    /// assert_eq!(error.to_string(), "none.png: image not found");
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There is no such file, the system does not let it be read, it is longer than
    /// [`Limits::source_bytes`](crate::Limits::source_bytes), its header is not that of a picture in a known format, or it is
    /// being written.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let mut opened = opened(path);
        for _ in 1..OPENINGS {
            if !opened.as_ref().is_err_and(|error| error.kind() == ErrorKind::Changed) {
                break;
            }
            opened = self::opened(path);
        }
        let (source, facts) = opened.map_err(|error| named(error, name.as_deref()))?;
        Ok(Self::of(Content::File(source), facts, name))
    }

    /// Takes the bytes of a file. They are digested, and the header is read; nothing is decoded.
    ///
    /// ```
    /// let ring = platemark::Picture::from_bytes(std::fs::read("assets/demo/pictures/ring.png")?)?;
    /// assert_eq!(ring.size(), (1000, 1000));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// There are more bytes than [`Limits::source_bytes`](crate::Limits::source_bytes), or the header is not that of a picture
    /// in a known format.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self> {
        let bytes = bytes.into();
        let facts = facts_of(&bytes)?;
        Ok(Self::of(Content::Memory(bytes), facts, None))
    }

    /// Takes pixels, such as those of another decoder, without copying them. They are digested.
    ///
    /// The [digest](Self::digest) covers size, layout and pixels, and nothing that lies between rows. It is never that of a
    /// file.
    ///
    /// ```
    /// use platemark::{Edit, Picture, PixelLayout, Pixels};
    ///
    /// // Two rows of three gray pixels, four bytes apart.
    /// let pixels = Pixels::from_raw(vec![10, 20, 30, 0, 40, 50, 60, 0], 3, 2, 4, PixelLayout::Gray)?;
    /// let picture = Picture::from_pixels(pixels)?;
    /// assert_eq!(picture.size(), (3, 2));
    /// let made = picture.render(&"crop=1,0,2,2&fmt=png,gray".parse()?)?;
    /// assert_eq!((made.width, made.height, made.content_type), (2, 2, "image/png"));
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Their bytes are more than [`Limits::source_bytes`](crate::Limits::source_bytes).
    pub fn from_pixels(pixels: Pixels) -> Result<Self> {
        check_length(pixels.bytes())?;
        let facts = Facts { header: pixels.header(), digest: pixels.digest() };
        Ok(Self::of(Content::Pixels(pixels), facts, None))
    }

    fn of(content: Content, facts: Facts, name: Option<String>) -> Self {
        let inner = Inner { content, facts, name, sidecar: Mutex::default() };
        Self { inner: Arc::new(inner), pool: Pool::NONE }
    }

    /// The picture, with the threads of a rayon pool that share the work of large pictures, under the rules of
    /// [`EngineBuilder::pool`](crate::EngineBuilder::pool). No byte depends on the pool.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use platemark::{Edit, Picture};
    ///
    /// let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?);
    /// let harbour = Picture::open("assets/demo/pictures/harbour.jpg")?;
    /// let alone = harbour.render(&Edit::new().width(1600))?;
    /// assert_eq!(harbour.pool(pool).render(&Edit::new().width(1600))?.bytes, alone.bytes);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "rayon")]
    #[must_use]
    pub fn pool(mut self, pool: Arc<rayon::ThreadPool>) -> Self {
        self.pool = Pool::of(pool);
        self
    }

    /// Width and height of the upright picture in pixels: an EXIF orientation has been applied.
    #[must_use]
    pub fn size(&self) -> (u32, u32) {
        let size = self.inner.facts.header.size();
        (size.width, size.height)
    }

    /// BLAKE3 of the file, or of the [pixels](Self::from_pixels).
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.inner.facts.digest
    }

    /// The version of the picture: it changes exactly when the file does, or an epoch or a probe in the engine's
    /// [fingerprint](crate::Engine::fingerprint). It covers no catalog, so it is not the `image.version` of an object with
    /// the same file.
    #[must_use]
    pub fn version(&self) -> Version {
        version(&self.inner.facts)
    }

    /// Makes a picture.
    ///
    /// ```
    /// use platemark::{Edit, ErrorKind, Picture};
    ///
    /// let ring = Picture::open("assets/demo/pictures/ring.png")?;
    /// let made = ring.render(&"wid=320&fmt=png-alpha".parse()?)?;
    /// assert_eq!((made.width, made.height, made.content_type), (320, 320, "image/png"));
    ///
    /// let error = ring.render(&Edit::new().width(0)).unwrap_err();
    /// assert_eq!(error.to_string(), "wid: needs a whole number from 1 to 16777216");
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The edit has a wrong value, the file is damaged, one of the [default limits](crate::Limits::new) is exceeded, or the file
    /// has changed since it was opened ([`ErrorKind::Changed`]): then it has to be opened again.
    pub fn render(&self, edit: &Edit) -> Result<Rendition> {
        self.render_while(edit, Cancel::ALWAYS)
    }

    /// The same for as long as the caller wants it.
    pub(crate) fn render_while(&self, edit: &Edit, cancel: Cancel<'_>) -> Result<Rendition> {
        self.made(cancel, |subject| subject.rendered(edit))
    }

    /// The picture without its pool, which workers must not drop.
    #[cfg(feature = "rayon")]
    pub(crate) fn without_pool(self) -> Self {
        Self { pool: Pool::NONE, ..self }
    }

    /// Makes the pixels of a picture, without a file around them. They have alpha if the [format](Edit::format) of the edit
    /// has it, and are gray if the edit [says so](Edit::gray); what is gray and has alpha comes as RGB with alpha. What the edit
    /// says about the file, such as its quality, counts for nothing.
    ///
    /// ```
    /// use platemark::{Edit, Format, Picture, PixelLayout};
    ///
    /// let ring = Picture::open("assets/demo/pictures/ring.png")?;
    /// let pixels = ring.pixels(&Edit::new().width(90).format(Format::PngAlpha))?;
    /// assert_eq!((pixels.width(), pixels.height(), pixels.stride()), (90, 90, 360));
    /// assert_eq!(pixels.layout(), PixelLayout::Rgba);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`render`](Self::render); or the edit is for CMYK.
    pub fn pixels(&self, edit: &Edit) -> Result<Pixels> {
        self.made(Cancel::ALWAYS, |subject| subject.pixels(edit))
    }

    /// Makes something of the picture, and remembers what decoders have learned.
    fn made<T>(&self, cancel: Cancel<'_>, make: impl FnOnce(Subject<'_>) -> Result<(T, Sidecar)>) -> Result<T> {
        let Inner { content, facts, name, .. } = &*self.inner;
        let (bytes, source) = match content {
            Content::File(source) => (source.bytes(), Some(source)),
            Content::Memory(bytes) => (&bytes[..], None),
            Content::Pixels(pixels) => (&pixels.bytes()[..], None),
        };
        let sidecar = self.sidecar().clone();
        let made =
            make(Subject { bytes, source, facts, sidecar, sidecar_bytes: SIDECAR_BYTES, pool: &self.pool, cancel });
        let (made, learned) = made.map_err(|error| named(since_opened(error), name.as_deref()))?;
        let mut known = self.sidecar();
        let all = learned.with(&known);
        if all.differs(&known) {
            *known = all;
        }
        Ok(made)
    }

    fn sidecar(&self) -> MutexGuard<'_, Sidecar> {
        // It is replaced in one piece: a panic elsewhere leaves it usable.
        self.inner.sidecar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, height) = self.size();
        let Inner { facts, name, .. } = &*self.inner;
        f.debug_struct("Picture")
            .field("name", name)
            .field("format", &facts.header.format.name())
            .field("size", &format_args!("{width}×{height}"))
            .field("digest", &facts.digest)
            .finish_non_exhaustive()
    }
}

/// Makes a small picture of the bytes of a file: as large as fits into a box of so many pixels, and no larger than the
/// source. It is a JPEG, or a PNG if the source has alpha.
///
/// ```
/// let bytes = std::fs::read("assets/demo/pictures/harbour.jpg")?;
/// let small = platemark::thumbnail(&bytes, 400, 400)?;
/// assert_eq!((small.width, small.content_type), (400, "image/jpeg"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As of [`Picture::from_bytes`] and [`Picture::render`].
pub fn thumbnail(bytes: &[u8], width: u32, height: u32) -> Result<Rendition> {
    let facts = facts_of(bytes)?;
    let format = if facts.header.layout.alpha { Format::PngAlpha } else { Format::Jpeg };
    let edit = Edit::new().fit(Fit::Inside, width, height).format(format);
    // Nothing is remembered of bytes that are used once.
    let subject = Subject {
        bytes,
        source: None,
        facts: &facts,
        sidecar: Sidecar::default(),
        sidecar_bytes: 0,
        pool: &Pool::NONE,
        cancel: Cancel::ALWAYS,
    };
    let (rendition, _) = subject.rendered(&edit)?;
    Ok(rendition)
}

/// Opens a file and looks into it.
fn opened(path: &Path) -> Result<(Source, Facts)> {
    static MOUNTS: OnceLock<Mounts> = OnceLock::new();
    let rules = Rules { settle: SETTLE, max_bytes: LIMITS.source_bytes, map: true };
    let source = Source::open(path, time_of_day(), rules, MOUNTS.get_or_init(Mounts::default))?;
    let (digest, header) = look_into(source.bytes(), &Pool::NONE, Cancel::ALWAYS)?;
    source.check()?;
    let header = header.map_err(|error| unless_written(error, [&source]))?;
    Ok((source, Facts { header, digest }))
}

fn facts_of(bytes: &[u8]) -> Result<Facts> {
    check_length(bytes)?;
    let (digest, header) = look_into(bytes, &Pool::NONE, Cancel::ALWAYS)?;
    Ok(Facts { header: header?, digest })
}

/// An error with the name of the file, unless it names something already.
fn named(error: Error, name: Option<&str>) -> Error {
    match name.filter(|_| error.place().is_none()) {
        Some(name) => error.at(name),
        None => error,
    }
}

/// A file that has changed stays so for the picture that has it open.
fn since_opened(error: Error) -> Error {
    if error.kind() == ErrorKind::Changed {
        Error::new(ErrorKind::Changed, "has changed since it was opened; open it again")
    } else {
        error
    }
}
