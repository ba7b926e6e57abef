//! What the engine remembers between requests: facts of files, and what decoders have learned of them.

use crate::base::digest::Digest;
use crate::base::store::{Store, Weigh};
use crate::imaging::codec::Sidecar;
use crate::imaging::pixel::header::{Facts, Header};
use crate::imaging::source::Identity;
use crate::language::catalog::DamagedImages;

/// Facts of files by identity. A file that was replaced has another identity, so nothing has to be forgotten.
pub(in crate::engine) struct Memo(Store<Identity, Known>);

/// What is known of a file.
#[derive(Clone, Copy)]
struct Known {
    facts: Facts,
    /// The header by which the file is decoded where damaged files are shown; `None`: the file has not been
    /// checked.
    checked: Option<Header>,
}

impl Weigh for Known {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of::<Identity>()
    }
}

impl Memo {
    pub(in crate::engine) fn new(bytes: u64) -> Self {
        Self(Store::new(bytes))
    }

    pub(in crate::engine) fn held(&self) -> (u64, u64) {
        self.0.held()
    }

    /// The facts of a file, with the header by which it is decoded where damaged files are refused, or where they are shown.
    pub(in crate::engine) fn facts(&self, identity: &Identity, damaged: DamagedImages) -> Option<Facts> {
        let Known { facts, checked } = self.0.get(identity)?;
        match damaged {
            DamagedImages::Refuse => Some(facts),
            DamagedImages::Show => checked.map(|header| Facts { header, ..facts }),
        }
    }

    /// The digest of a file's content.
    pub(in crate::engine) fn digest(&self, identity: &Identity) -> Option<Digest> {
        self.0.get(identity).map(|known| known.facts.digest)
    }

    pub(in crate::engine) fn forget(&self, identity: &Identity) {
        self.0.forget(identity);
    }

    /// Remembers facts, of which it has been checked that the file of that identity had them. `checked` is the header by
    /// which the file is decoded where damaged files are shown, if that is known.
    pub(in crate::engine) fn remember(&self, identity: Identity, facts: Facts, checked: Option<Header>) {
        self.0.insert(identity, Known { facts, checked });
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
