//! Versions without a reply: what a publishing system writes into its links.

use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::request::RawRequest;
use crate::resolve::{Call, open};
use crate::version::Version;

use super::Engine;
use super::serve::{RETRIES, named};
use super::tag::{self, Files};

/// What [`Engine::versions`] tells of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectVersions {
    /// BLAKE3 of the file that the object shows; `None` for a record without one, such as a template.
    pub digest: Option<Digest>,
    /// `image.version`: the `id=` of pictures, thumbnails, masks and XMP.
    pub image: Version,
    /// `metadata.version`: the `id=` of maps, targets and user data.
    pub metadata: Version,
}

impl Engine {
    /// The versions of an object, the same that `req=props` tells of that request target, and the digest of its source.
    ///
    /// Of the query only those commands count that lead to other objects and texts: `template`, `src`, `mask`, `locale`,
    /// macros and variables that these refer to. A version holds for every view of the object.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// let versions = engine.versions("/is/image/demo/harbour")?;
    /// let picture = engine.serve(&format!("/is/image/demo/harbour?wid=90&id={}", versions.image));
    /// assert_eq!(picture.version, Some(versions.image));
    /// assert_eq!(versions.digest.unwrap().to_string().len(), 64);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The target is not legal, or there is no such image.
    pub fn versions(&self, target: &str) -> std::result::Result<ObjectVersions, Error> {
        let mut result = self.versions_now(target);
        for _ in 0..RETRIES {
            if !result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Changed) {
                break;
            }
            result = self.versions_now(target);
        }
        result
    }

    fn versions_now(&self, target: &str) -> Result<ObjectVersions> {
        let catalogs = self.inner.library.current();
        let request = RawRequest::parse(target)?;
        let modifiers = open(&request, &catalogs)?;
        let resolved = Call::read(request.object, modifiers, &catalogs)?.picture(&catalogs)?;
        let name = &resolved.source.name;
        let facts = |file: &std::path::PathBuf| self.facts(file).map(|opened| opened.facts);
        let source = resolved.source.file.as_ref().map(facts).transpose().map_err(|error| named(error, name))?;
        let mask = resolved.mask_file.as_ref().map(facts).transpose().map_err(|error| error.at("mask"))?;
        let path = self.facts_if_any(resolved.path_file.as_deref())?;
        let files = Files { source: source.as_ref(), mask: mask.as_ref(), path: path.as_ref() };
        let versions = tag::versions(&resolved, &catalogs, files);
        Ok(ObjectVersions {
            digest: source.map(|facts| facts.digest),
            image: versions.image,
            metadata: versions.metadata,
        })
    }
}
