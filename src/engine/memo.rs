//! What the engine remembers between requests: facts of files, what decoders have learned of them, and buffers.

use std::sync::{Mutex, PoisonError};

use crate::cache::{Store, Weigh};
use crate::decode::{Buffers, Sidecar};
use crate::digest::Digest;
use crate::facts::Facts;
use crate::source::Identity;

/// Facts of files by identity. A file that was replaced has another identity, so nothing has to be forgotten.
pub(super) struct Memo(Store<Identity, Facts>);

impl Weigh for Facts {
    fn weight(&self) -> usize {
        size_of::<Self>() + size_of::<Identity>()
    }
}

impl Memo {
    pub(super) fn new(bytes: u64) -> Self {
        Self(Store::new(bytes))
    }

    pub(super) fn held(&self) -> (u64, u64) {
        self.0.held()
    }

    pub(super) fn facts(&self, identity: &Identity) -> Option<Facts> {
        self.0.get(identity)
    }

    pub(super) fn forget(&self, identity: &Identity) {
        self.0.forget(identity);
    }

    /// Remembers facts, of which it has been checked that the file of that identity had them.
    pub(super) fn remember(&self, identity: Identity, facts: Facts) {
        self.0.insert(identity, facts);
    }
}

/// What decoders have learned of contents.
pub(super) struct Sidecars {
    store: Store<Digest, Sidecar>,
    max_bytes: u64,
}

impl Weigh for Sidecar {
    fn weight(&self) -> usize {
        self.bytes()
    }
}

impl Sidecars {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { store: Store::new(max_bytes), max_bytes }
    }

    pub(super) fn held(&self) -> (u64, u64) {
        self.store.held()
    }

    /// The most bytes that one of them may take.
    pub(super) const fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// What is known of a content.
    pub(super) fn of(&self, digest: &Digest) -> Sidecar {
        if self.max_bytes == 0 { Sidecar::default() } else { self.store.get(digest).unwrap_or_default() }
    }

    /// Remembers what is known of a content, if that is more than before. It has been checked that it was learned of these
    /// very bytes.
    pub(super) fn remember(&self, digest: Digest, sidecar: Sidecar) {
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

/// Buffers that decoders have used, kept because fresh memory costs a page fault per 4 KiB: 20 ms for 50 MB.
pub(super) struct Scratch {
    idle: Mutex<Vec<Buffers>>,
    max_bytes: usize,
}

impl Scratch {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self { idle: Mutex::new(Vec::new()), max_bytes }
    }

    /// Lends a buffer to `job`, the largest that is idle.
    pub(super) fn lend<T>(&self, job: impl FnOnce(&mut Buffers) -> T) -> T {
        let mut buffer = {
            // A panic elsewhere leaves the list as it was: whole buffers only.
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.pop().unwrap_or_default()
        };
        let result = job(&mut buffer);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.partition_point(|other| other.bytes() < buffer.bytes());
        idle.insert(at, buffer);
        // The smallest go first.
        while idle.iter().map(Buffers::bytes).sum::<usize>() > self.max_bytes {
            idle.remove(0);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle(scratch: &Scratch) -> Vec<usize> {
        scratch.idle.lock().unwrap().iter().map(Buffers::bytes).collect()
    }

    #[test]
    fn the_largest_buffers_are_kept_within_the_budget() {
        let scratch = Scratch::new(1000);
        let ask = |len: usize| scratch.lend(|buffer| *buffer = Buffers::with_pixels(Vec::with_capacity(len)));
        scratch.lend(|_| {
            scratch.lend(|_| ask(300));
            ask(600);
        });
        assert_eq!(idle(&scratch), [0, 0, 600], "the largest idle one was lent and grown");
        ask(700);
        assert_eq!(idle(&scratch), [0, 0, 700]);
        scratch.lend(|_| ask(400));
        assert_eq!(idle(&scratch), [700], "over the budget, the smallest go");
        ask(5000);
        assert!(idle(&scratch).is_empty(), "larger than the budget");
    }
}
