//! Sources that the host supplies as bytes.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};

use super::{Identity, Source, refused};

/// Supplies sources as bytes: from an object store, a database, an archive, from memory. What it does not have is looked
/// for in the file system.
///
/// Catalogs name sources as always, and a version still stands for content: a picture has the same version wherever its
/// bytes come from. Both methods are called on the thread that prepares or renders a request. They may wait, and so does
/// that thread: a service needs as many [`prepare_threads`](crate::service::ServiceBuilder::prepare_threads) as looks are to be
/// under way at a time.
///
/// ```
/// use std::collections::HashMap;
/// use std::io;
/// use std::path::{Path, PathBuf};
///
/// use bytes::Bytes;
/// use platemark::{Engine, SourceProvider, SourceTag};
///
/// /// Pictures that were uploaded, with the number of the upload.
/// struct Uploads(HashMap<PathBuf, (u64, Bytes)>);
///
/// impl SourceProvider for Uploads {
///     fn look(&self, path: &Path) -> io::Result<Option<SourceTag>> {
///         Ok(self.0.get(path).map(|(upload, bytes)| SourceTag::new(upload, bytes.len() as u64)))
///     }
///
///     fn read(&self, path: &Path) -> io::Result<(SourceTag, Bytes)> {
///         let (upload, bytes) = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
///         Ok((SourceTag::new(upload, bytes.len() as u64), bytes.clone()))
///     }
/// }
///
/// let picture = Bytes::from(std::fs::read("assets/demo/pictures/ring.png")?);
/// let uploads = Uploads(HashMap::from([(PathBuf::from("pictures/new/ring.png"), (1, picture))]));
/// let engine = Engine::builder("assets/demo").sources(uploads).build()?;
/// let reply = engine.serve("/is/image/new/ring.png?wid=90");
/// assert_eq!(reply.status, 200);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait SourceProvider: Send + Sync {
    /// What stands for the content of a source now; asked for every request, so it should be quick. `None`: the provider
    /// has no such source, and it is looked for in the file system.
    ///
    /// The path is that of the file that the catalogs name, relative to the [root](crate::EngineBuilder::root) if it lies
    /// below it.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound): there is no such source, here or elsewhere. Everything else is a fault that
    /// the caller may see the end of: 500, and not kept.
    fn look(&self, path: &Path) -> io::Result<Option<SourceTag>>;

    /// All bytes of a source, and what stands for these very bytes. The engine cannot give the call up when the client has
    /// gone, so the provider should limit the time that it takes.
    ///
    /// # Errors
    ///
    /// As for [`look`](Self::look).
    fn read(&self, path: &Path) -> io::Result<(SourceTag, Bytes)>;
}

/// Stands for the content of a source that a [`SourceProvider`] has: as long as it is the same, what was learned of the
/// content is used again.
///
/// It spares work and is not believed blindly. Bytes are digested whenever they are read; if a stamp turns out to stand for
/// other bytes than before, the request starts over. So a provider that forgets to change a stamp serves the new content
/// late, and never under the old version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceTag {
    tag: String,
    len: u64,
}

impl SourceTag {
    /// A stamp: a number that is raised with each change, the tag of an object store, a checksum; and the length in bytes.
    pub fn new(tag: impl Display, len: u64) -> Self {
        let tag = tag.to_string();
        Self { tag, len }
    }
}

/// A provider, and what its paths are relative to.
pub(crate) struct Supply {
    provider: Box<dyn SourceProvider>,
    root: PathBuf,
}

impl Supply {
    pub(crate) fn new(provider: Box<dyn SourceProvider>, root: PathBuf) -> Self {
        Self { provider, root }
    }

    /// The identity of a source; `None` if the provider does not have it.
    pub(crate) fn look(&self, path: &Path) -> Result<Option<Identity>> {
        let stamp = self.provider.look(self.below_root(path)).map_err(|error| refused(path, &error))?;
        Ok(stamp.map(|stamp| identity(path, &stamp)))
    }

    /// The bytes of a source; `None` if the provider does not have it.
    pub(crate) fn open(&self, path: &Path, max_bytes: u64) -> Result<Option<Source>> {
        let Some(known) = self.look(path)? else { return Ok(None) };
        let too_long = || Error::new(ErrorKind::Limit, "is longer than the limit of source bytes");
        if known.len() > max_bytes {
            return Err(too_long());
        }
        let (stamp, bytes) = self.provider.read(self.below_root(path)).map_err(|error| refused(path, &error))?;
        if bytes.len() as u64 > max_bytes {
            return Err(too_long());
        }
        if stamp.len != bytes.len() as u64 {
            let detail = format_args!("{}: {} bytes, and a stamp of {}", path.display(), bytes.len(), stamp.len);
            return Err(Error::new(ErrorKind::Io, "cannot be read").with_detail(&detail));
        }
        Ok(Some(Source::supplied(bytes, identity(path, &stamp))))
    }

    fn below_root<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// Of fixed length, whatever the provider's tags are like.
fn identity(path: &Path, stamp: &SourceTag) -> Identity {
    // The tag comes last and the length of the path first, so no two of them run together.
    let path = path.as_os_str().as_encoded_bytes();
    let text = [&(path.len() as u64).to_le_bytes(), path, stamp.tag.as_bytes()].concat();
    Identity::Supplied { key: Digest::of(&text), len: stamp.len }
}
