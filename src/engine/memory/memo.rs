//! What the engine remembers between requests: facts of files, and what decoders have learned of them.

use std::sync::Arc;

use crate::base::digest::Digest;
use crate::base::error::Result;
use crate::base::store::{Store, Weigh};
use crate::imaging::codec::{Metadata, Sidecar};
use crate::imaging::color::Profile;
use crate::imaging::pixel::header::{Facts, Header};
use crate::imaging::source::Identity;
use crate::language::catalog::DamagedImages;

/// Facts and digests of files by identity. A file that was replaced has another identity, so nothing has to be forgotten.
pub(in crate::engine) struct Memo {
    facts: Store<Identity, Known>,
    /// Of files that are delivered as they are.
    digests: Store<Identity, Digest>,
    /// What files say besides their pixels, by their content.
    metadata: Store<Digest, Arc<Metadata>>,
    /// Profiles that are read.
    profiles: Store<Identity, Profile>,
    keeps: bool,
}

/// Of the memory for facts, the part for digests of files that are delivered as they are, and the part for metadata.
const PART: u64 = 8;

/// What is known of a file.
#[derive(Clone, Copy)]
struct Known {
    facts: Facts,
    /// What is known of the file where damaged files are shown; `None`: the file has not been checked.
    checked: Option<Checked>,
}

/// What the check of a whole file has found.
#[derive(Clone, Copy)]
pub(in crate::engine) enum Checked {
    /// The header by which the file is decoded.
    As(Header),
    /// Nothing of the file can be decoded.
    Nothing,
}

impl Weigh for Known {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of::<Identity>()
    }
}

impl Weigh for Digest {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of::<Identity>()
    }
}

impl Weigh for Arc<Metadata> {
    fn weight(&self) -> usize {
        let xmp = self.xmp.as_ref().map_or(0, |xmp| xmp.as_ref().map_or(0, String::len));
        let names = self.path_names.iter().map(|name| size_of::<String>() + name.len()).sum::<usize>();
        let profile = self.icc.as_ref().map_or(0, |icc| icc.description.len());
        size_of::<Metadata>() + size_of::<Digest>() + xmp + names + profile + self.rights.weight()
    }
}

impl Memo {
    /// Bytes of memory below which not one digest is kept.
    const LEAST: u64 = (size_of::<Digest>() + size_of::<Identity>()) as u64;

    pub(in crate::engine) fn new(bytes: u64) -> Self {
        let part = bytes / PART;
        Self {
            facts: Store::new(bytes - 3 * part),
            digests: Store::new(part),
            metadata: Store::new(part),
            profiles: Store::new(part),
            keeps: part >= Self::LEAST,
        }
    }

    pub(in crate::engine) fn held(&self) -> (u64, u64) {
        let (facts, digests) = (self.facts.held(), self.digests.held());
        let (metadata, profiles) = (self.metadata.held(), self.profiles.held());
        (facts.0 + digests.0, facts.1 + digests.1 + metadata.1 + profiles.1)
    }

    /// The facts of a file, with the header by which it is decoded where damaged files are refused, or where they are shown.
    pub(in crate::engine) fn facts(&self, identity: &Identity, damaged: DamagedImages) -> Option<Facts> {
        let Known { facts, checked } = self.facts.get(identity)?;
        match damaged {
            DamagedImages::Refuse => Some(facts),
            DamagedImages::Show => match checked? {
                Checked::As(header) => Some(Facts { header, ..facts }),
                // A decoder refuses the file by itself.
                Checked::Nothing => Some(facts),
            },
        }
    }

    /// What a file says besides its pixels, if it is known.
    pub(in crate::engine) fn metadata(&self, digest: &Digest) -> Option<Arc<Metadata>> {
        self.metadata.get(digest)
    }

    /// A profile that has been read; `None` if it is not known.
    pub(in crate::engine) fn profile(&self, identity: &Identity) -> Option<Profile> {
        self.profiles.get(identity)
    }

    /// Remembers a profile of a file that has settled.
    pub(in crate::engine) fn remember_profile(&self, identity: Identity, profile: &Profile) {
        self.profiles.insert(identity, profile.clone());
    }

    /// Remembers what a file says besides its pixels. It has been checked that it was read from these very bytes.
    pub(in crate::engine) fn remember_metadata(&self, digest: Digest, metadata: &Arc<Metadata>) {
        self.metadata.insert(digest, Arc::clone(metadata));
    }

    pub(in crate::engine) fn forget(&self, identity: &Identity) {
        self.facts.forget(identity);
        self.digests.forget(identity);
    }

    /// Digests of files that are delivered as they are can be kept.
    pub(in crate::engine) const fn keeps_digests(&self) -> bool {
        self.keeps
    }

    /// The digest of a file, if it is known.
    pub(in crate::engine) fn digest(&self, identity: &Identity) -> Option<Digest> {
        self.digests.get(identity).or_else(|| Some(self.facts.get(identity)?.facts.digest))
    }

    /// Remembers the digest of a file, of which it has been checked that the file of that identity had it.
    pub(in crate::engine) fn remember_digest(&self, identity: Identity, digest: Digest) {
        self.digests.insert(identity, digest);
    }

    /// The digest of a file, made if it is not known. However many ask at the same time, one makes it.
    ///
    /// # Errors
    ///
    /// That of `make`, for all who asked meanwhile; it is not remembered.
    pub(in crate::engine) fn digest_or(
        &self,
        identity: &Identity,
        make: impl FnOnce() -> Result<Digest>,
    ) -> Result<Digest> {
        if let Some(digest) = self.digest(identity) {
            return Ok(digest);
        }
        self.digests.get_or_compute(identity.clone(), make).map_err(|error| (*error).clone())
    }

    /// Remembers facts, of which it has been checked that the file of that identity had them. `checked` is what the check of
    /// the whole file has found, if there was one.
    pub(in crate::engine) fn remember(&self, identity: Identity, facts: Facts, checked: Option<Checked>) {
        self.facts.insert(identity, Known { facts, checked });
    }
}

/// What decoders have learned of contents.
pub(in crate::engine) struct Sidecars {
    store: Store<Digest, Sidecar>,
    max_bytes: u64,
}

impl Weigh for Sidecar {
    fn weight(&self) -> usize {
        self.bytes()
    }
}

impl Sidecars {
    pub(in crate::engine) fn new(max_bytes: u64) -> Self {
        Self { store: Store::new(max_bytes), max_bytes }
    }

    pub(in crate::engine) fn held(&self) -> (u64, u64) {
        self.store.held()
    }

    /// The most bytes that one of them may take.
    pub(in crate::engine) const fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// What is known of a content.
    pub(in crate::engine) fn of(&self, digest: &Digest) -> Sidecar {
        if self.max_bytes == 0 { Sidecar::default() } else { self.store.get(digest).unwrap_or_default() }
    }

    /// Remembers what is known of a content, if that is more than before. It has been checked that it was learned of these
    /// very bytes.
    pub(in crate::engine) fn remember(&self, digest: Digest, sidecar: Sidecar) {
        if self.max_bytes == 0 || sidecar.bytes() == 0 {
            return;
        }
        // Another request may have learned other things meanwhile.
        let known = self.of(&digest);
        let all = sidecar.with(&known);
        if all.differs(&known) {
            self.store.insert(digest, all);
        }
    }
}
