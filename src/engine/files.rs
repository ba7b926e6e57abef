//! Files of sources: what is known of them, and opening them.

use std::path::Path;

use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::observe::{digested, span};
use crate::imaging::pixel::header::Facts;
use crate::imaging::source::{Identity, Source, stat};
use crate::language::resolve::{Input, Role};

use super::guard::caught;
use super::state::Engine;

/// What is known of a file, and the file if it had to be opened for that.
pub(super) struct Opened {
    pub(super) facts: Facts,
    pub(super) source: Option<Source>,
}

/// The files of a picture, one for each of its inputs.
#[derive(Default)]
pub(super) struct InputFiles {
    /// `None`: there is no such file, or none that can be read and none is needed.
    pub(super) facts: Vec<Option<Facts>>,
    /// The files that had to be opened to know their facts.
    pub(super) opened: Vec<Option<Source>>,
}

impl InputFiles {
    fn push(&mut self, opened: Option<Opened>) {
        let (facts, source) = opened.map_or((None, None), |opened| (Some(opened.facts), opened.source));
        self.facts.push(facts);
        self.opened.push(source);
    }
}

impl Engine {
    /// Looks at the files of a picture, in their order. `accept` checks each before the next one is looked at.
    ///
    /// # Errors
    ///
    /// A file that is needed is missing or of no known format, one is being changed, or `accept` fails.
    pub(super) fn inspect(
        &self,
        inputs: &[Input],
        accept: impl Fn(&Input, &Facts) -> Result<()>,
    ) -> Result<InputFiles> {
        let mut looked = InputFiles::default();
        for input in inputs {
            let Some(file) = &input.file else {
                looked.push(None);
                continue;
            };
            let opened = match self.facts(file) {
                Ok(opened) if input.is_needed() => Some(opened),
                // No pixel comes from the file, so it need not stay open.
                Ok(opened) => Some(Opened { source: None, ..opened }),
                Err(error) if input.is_needed() => return Err(blamed(error, input)),
                Err(error) if error.kind() == ErrorKind::Changed => return Err(error),
                Err(_) => None,
            };
            if let Some(opened) = &opened {
                accept(input, &opened.facts)?;
            }
            looked.push(opened);
        }
        Ok(looked)
    }

    /// Looks at the files of a picture again; `None` if they are not what they were, or cannot be looked at. Unless it
    /// `may_open` them, their status has to be one that is known.
    pub(super) fn inspect_again(
        &self,
        inputs: &[Input],
        known: &[Option<Facts>],
        may_open: bool,
    ) -> Option<InputFiles> {
        let mut looked = InputFiles::default();
        for (input, known) in inputs.iter().zip(known) {
            let Some(file) = &input.file else {
                looked.push(None);
                continue;
            };
            let opened = match (input.is_needed(), may_open) {
                (true, true) => Some(self.facts(file).ok()?),
                (true, false) => Some(self.known_facts(file).ok()??),
                (false, true) => self.facts_if_any(Some(file)).ok()?.map(|facts| Opened { facts, source: None }),
                (false, false) => return None,
            };
            if opened.as_ref().map(|opened| opened.facts) != *known {
                return None;
            }
            looked.push(opened);
        }
        Some(looked)
    }

    /// The facts of a file that are remembered; `None` if its status is none that is known.
    ///
    /// # Errors
    ///
    /// The file cannot be looked at.
    fn known_facts(&self, file: &Path) -> Result<Option<Opened>> {
        let facts = self.inner.memo.facts(&self.look(file)?);
        Ok(facts.map(|facts| Opened { facts, source: None }))
    }

    /// The facts of a file: remembered, or read. A file that had to be opened stays open for the decoder.
    pub(super) fn facts(&self, file: &Path) -> Result<Opened> {
        if let Some(known) = self.known_facts(file)? {
            return Ok(known);
        }
        let source = self.open(file)?;
        let bytes = source.bytes();
        let digest = span!("digest", bytes = bytes.len()).enter(|| Digest::of(bytes));
        digested(bytes.len());
        let header = caught(|| crate::imaging::codec::read_header(bytes));
        source.check()?;
        let facts = Facts { header: header?, digest };
        if source.is_settled() {
            self.inner.memo.remember(source.identity().clone(), facts);
        }
        Ok(Opened { facts, source: Some(source) })
    }

    /// The facts of a file that a reply can do without; `None` if there is none that can be read.
    ///
    /// # Errors
    ///
    /// The file is being changed: what is known of it now may be wrong in a moment.
    pub(super) fn facts_if_any(&self, file: Option<&Path>) -> Result<Option<Facts>> {
        match file.map(|file| self.facts(file)) {
            Some(Ok(opened)) => Ok(Some(opened.facts)),
            Some(Err(error)) if error.kind() == ErrorKind::Changed => Err(error),
            Some(Err(_)) | None => Ok(None),
        }
    }

    /// The identity of a source, supplied or in the file system.
    pub(super) fn look(&self, file: &Path) -> Result<Identity> {
        let supplied = self.inner.supply.as_ref().map(|supply| supply.look(file)).transpose()?.flatten();
        supplied.map_or_else(|| stat(file), Ok)
    }

    pub(super) fn open(&self, file: &Path) -> Result<Source> {
        #[cfg(test)]
        super::conditional_tests::count_open();
        if let Some(supply) = &self.inner.supply
            && let Some(source) = supply.open(file, self.inner.rules.max_bytes)?
        {
            return Ok(source);
        }
        Source::open(file, (self.inner.clock)(), self.inner.rules)
    }

    /// The file whose facts were remembered, opened. A copy of a file that is not settled may hold other bytes than those
    /// the facts are of, and so may a file that has been replaced.
    pub(super) fn reopened(&self, file: &Path, facts: &Facts) -> Result<Source> {
        let source = self.open(file)?;
        let known = || source.is_settled() && self.inner.memo.facts(source.identity()) == Some(*facts);
        let same = if source.is_supplied() { self.holds(&source, facts.digest) } else { known() };
        if same { Ok(source) } else { Err(Error::changed()) }
    }

    /// The bytes that the host supplied have that digest. If not, what is remembered of them is wrong.
    fn holds(&self, source: &Source, digest: Digest) -> bool {
        let same = Digest::of(source.bytes()) == digest;
        if !same {
            self.inner.memo.forget(source.identity());
        }
        same
    }
}

/// An error about a file, with the object's name as the caller wrote it.
pub(super) fn named(error: Error, name: &str) -> Error {
    if error.place().is_none() { error.at(name) } else { error }
}

/// An error about the file of an input.
fn blamed(error: Error, input: &Input) -> Error {
    if input.role == Role::Mask { error.at(&input.name) } else { named(error, &input.name) }
}
