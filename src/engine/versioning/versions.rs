//! Versions without a reply: what a publishing system writes into its links.

use crate::base::cancel::Cancel;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::signature::without_id;
use crate::base::version::Version;
use crate::language::catalog::{Caller, Catalogs, DamagedImages, RequestObfuscation};
use crate::language::request::{
    RawRequest, ReplyFormat, RootContext, VersionOf, parse_modifiers, sealed, without_command,
};
use crate::language::resolve::{Call, Resolved, Role, open};

use crate::engine::files::InputFiles;
use crate::engine::retry::until_unchanged;
use crate::engine::state::Engine;
use crate::engine::versioning::tag;

/// Objects that a job looks at: of a file that is known that takes some microseconds.
const TOGETHER: usize = 16;

/// What [`Engine::versions`] tells of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
        again(|| self.versions_now(target))
    }

    /// The [versions](Self::versions) of many objects, in the order of the targets. An error of one does not lose the others.
    ///
    /// With a [pool](crate::EngineBuilder::pool) as many objects are looked at at the same time as it has threads. `progress`
    /// is called on the calling thread, now and then, with the number of targets that are done.
    ///
    /// ```
    /// let engine = platemark::Engine::builder("assets/demo").build()?;
    /// let targets = ["harbour", "nothing", "pebbles"].map(|object| format!("/is/image/demo/{object}"));
    /// let [harbour, nothing, pebbles] = &engine.versions_all(&targets, |_| ())[..] else { unreachable!() };
    /// assert!(nothing.is_err() && harbour.as_ref().unwrap().image != pebbles.as_ref().unwrap().image);
    /// # Ok::<(), platemark::Error>(())
    /// ```
    pub fn versions_all(
        &self,
        targets: &[impl AsRef<str> + Sync],
        mut progress: impl FnMut(usize),
    ) -> Vec<std::result::Result<ObjectVersions, Error>> {
        let mut all: Vec<Vec<_>> = targets.chunks(TOGETHER).map(|_| Vec::new()).collect();
        let job = |number: usize, _: Cancel<'_>| {
            let targets = targets.iter().skip(number * TOGETHER).take(TOGETHER);
            targets.map(|target| self.versions(target.as_ref())).collect()
        };
        let mut finished = 0;
        // Nothing gives it up.
        let _ = self.inner.pool.stream(all.len(), Cancel::ALWAYS, &job, |number, versions: Vec<_>| {
            finished += versions.len();
            all[number] = versions;
            progress(finished);
        });
        all.into_iter().flatten().collect()
    }

    /// A request target with the version that belongs to it as its `id`: a link that every cache may keep. An `id` that is
    /// there already is replaced.
    ///
    /// Give the query in plain text. The engine locks the link if a catalog that supplies an object demands it, and
    /// obfuscates it if the catalog of the path does. If the engine has
    /// [signing keys](crate::EngineBuilder::signing_keys), sign the result with
    /// [`SigningKey::sign`](crate::SigningKey::sign). A target that is already signed keeps its signature, if its
    /// catalog neither locks nor obfuscates.
    ///
    /// ```
    /// use platemark::{Context, Engine, IdPolicy, RequestTarget};
    ///
    /// let engine = Engine::builder("assets/demo").id_policy(IdPolicy::Verify).build()?;
    /// let link = engine.versioned_link(&RequestTarget::image("demo/harbour").set("wid", 400).to_string())?;
    /// let cache_policy = engine.prepare(&link, &Context::new()).cache_policy();
    /// assert_eq!(cache_policy.to_string(), "public, max-age=31536000, immutable");
    ///
    /// let list = engine.versioned_link("/is/image/demo/harbour?req=props").unwrap_err();
    /// assert_eq!(list.to_string(), "req: this type of request has no version");
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The target is not legal, there is no such image, or the reply is of a type that has no version, or in JSON, where
    /// `id` names the request. Or the target is signed already, and its catalog wants it locked or obfuscated.
    pub fn versioned_link(&self, target: &str) -> std::result::Result<String, Error> {
        again(|| self.versioned_now(target))
    }

    fn versioned_now(&self, target: &str) -> Result<String> {
        let catalogs = self.inner.library.current();
        let signed = self.is_signed(target);
        let request = RawRequest::parse(&self.as_read(target))?;
        if request.context != RootContext::Image {
            return Err(Error::new(ErrorKind::Request, "content has no version").at("path"));
        }
        let attributes = &catalogs.main(&request.object).attributes;
        let (locked, obfuscated) = (attributes.request_lock, attributes.request_obfuscation != RequestObfuscation::Off);
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let mut query = without_command(&request.query, "id")?;
        let call = Call::read(request.object, parse_modifiers(&query)?, &catalogs)?;
        if call.req.format == ReplyFormat::Json && call.value("handler")?.as_deref() != Some("") {
            return Err(Error::request("req", "in a JSON reply id is the name of the request, and no version"));
        }
        let resolved = call.picture(&catalogs, Caller::HOST)?;
        // A catalog that an object comes from may demand the lock as well.
        let locked = locked || resolved.suppliers().any(|supplier| supplier.attributes.request_lock);
        let versions = self.versions_of(&resolved, &catalogs)?;
        let version = match call.req.kind.version() {
            Some(VersionOf::Image) => versions.image,
            Some(VersionOf::Metadata) => versions.metadata,
            None => return Err(Error::request("req", "this type of request has no version")),
        };
        if signed {
            if locked || obfuscated {
                return Err(Error::request("sig", "has to be written after the lock"));
            }
            // Everything else stays as it was signed. In front of the query, no bracket is open.
            let link = without_id(target);
            return Ok(match link.split_once('?') {
                Some((path, query)) => format!("{path}?id={version}&{query}"),
                None => format!("{link}?id={version}"),
            });
        }
        query = format!("{query}{}id={version}", if query.is_empty() { "" } else { "&" });
        Ok(format!("{path}?{}", sealed(&query, locked, obfuscated)))
    }

    fn versions_now(&self, target: &str) -> Result<ObjectVersions> {
        let catalogs = self.inner.library.current();
        let request = RawRequest::parse(&self.as_read(target))?;
        let (modifiers, _) = open(&request, &catalogs)?;
        let call = Call::read(request.object, modifiers, &catalogs)?;
        self.versions_of(&call.picture(&catalogs, Caller::HOST)?, &catalogs)
    }

    fn versions_of(&self, resolved: &Resolved, catalogs: &Catalogs) -> Result<ObjectVersions> {
        let InputFiles { facts, .. } =
            self.inspect(&resolved.inputs, DamagedImages::Refuse, Cancel::ALWAYS, |_, _| Ok(()))?;
        let profiles = self.profiles(&resolved.profiles, Cancel::ALWAYS)?.usable();
        let versions = tag::versions(resolved, catalogs, &facts, &profiles, self.setting(&resolved.main.attributes));
        let source = resolved.inputs.iter().zip(&facts).find(|(input, _)| input.role == Role::Source);
        Ok(ObjectVersions {
            digest: source.and_then(|(_, facts)| *facts).map(|facts| facts.digest),
            image: versions.image,
            metadata: versions.metadata,
        })
    }
}

/// Does some work again, a few times, if a file changed meanwhile.
fn again<T>(work: impl Fn() -> Result<T>) -> Result<T> {
    let is_changed = |result: &Result<T>| result.as_ref().is_err_and(|error| error.kind() == ErrorKind::Changed);
    until_unchanged(work(), is_changed, |_| work())
}
