//! Files of sources: what is known of them, and opening them.

use std::path::Path;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::clock::now;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Shrink, Size, Window};
use crate::base::observe::span;
use crate::base::pool::Pool;
use crate::imaging::codec::{self, Sidecar};
use crate::imaging::pixel::header::{Facts, Header};
use crate::imaging::render::{look_into, unless_written};
use crate::imaging::source::{Identity, Source, stat};
use crate::language::catalog::DamagedImages;
use crate::language::resolve::{Input, Role};

use super::memory::memo::Checked;
use super::state::Engine;

/// What is known of a file, and the file if it had to be opened for that.
pub(super) struct Opened {
    pub(super) facts: Facts,
    pub(super) source: Option<Source>,
    /// The file was changed a moment ago and may be half written.
    pub(super) unsettled: bool,
}

/// The files of a picture, one for each of its inputs.
#[derive(Default)]
pub(super) struct InputFiles {
    /// `None`: there is no such file, or none that can be read and none is needed.
    pub(super) facts: Vec<Option<Facts>>,
    /// The files that had to be opened to know their facts.
    pub(super) opened: Vec<Option<Source>>,
    /// One of the files was changed a moment ago and may be half written: no cache may rely on the reply for long.
    pub(super) unsettled: bool,
}

impl InputFiles {
    fn push(&mut self, opened: Option<Opened>) {
        self.unsettled |= opened.as_ref().is_some_and(|opened| opened.unsettled);
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
    /// A file that is needed is missing or of no known format, one is being changed, `accept` fails, or the work is to be
    /// given up.
    pub(super) fn inspect(
        &self,
        inputs: &[Input],
        damaged: DamagedImages,
        cancel: Cancel<'_>,
        accept: impl Fn(&Input, &Facts) -> Result<()>,
    ) -> Result<InputFiles> {
        let mut looked = InputFiles::default();
        for input in inputs {
            let Some(file) = &input.file else {
                looked.push(None);
                continue;
            };
            // No pixel comes from a file that is not needed.
            let damaged = if input.is_needed() { damaged } else { DamagedImages::Refuse };
            let opened = match self.facts_for(file, damaged, cancel) {
                Ok(opened) if input.is_needed() => Some(opened),
                // The file need not stay open.
                Ok(opened) => Some(Opened { source: None, ..opened }),
                Err(error) if input.is_needed() => return Err(blamed(error, input)),
                Err(error) if says_nothing(&error) => return Err(error),
                Err(error) => {
                    looked.unsettled |= error.kind() == ErrorKind::Unfinished;
                    None
                }
            };
            if let Some(opened) = &opened {
                accept(input, &opened.facts)?;
            }
            looked.push(opened);
        }
        Ok(looked)
    }

    /// Looks at the files of a picture again; `None` if they are not what they were, or cannot be looked at. It opens and
    /// reads them while `opening` lets it; without that, their status has to be one that is known.
    pub(super) fn inspect_again(
        &self,
        inputs: &[Input],
        known: &[Option<Facts>],
        damaged: DamagedImages,
        opening: Option<Cancel<'_>>,
    ) -> Option<InputFiles> {
        let mut looked = InputFiles::default();
        for (input, known) in inputs.iter().zip(known) {
            let Some(file) = &input.file else {
                looked.push(None);
                continue;
            };
            let opened = match (input.is_needed(), opening) {
                (true, Some(cancel)) => Some(self.facts_for(file, damaged, cancel).ok()?),
                (true, None) => Some(self.known_facts(file, damaged).ok()??),
                (false, Some(cancel)) => {
                    let (facts, unsettled) = self.facts_if_any(Some(file), cancel).ok()?;
                    looked.unsettled |= unsettled;
                    facts.map(|facts| Opened { facts, source: None, unsettled })
                }
                (false, None) => return None,
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
    fn known_facts(&self, file: &Path, damaged: DamagedImages) -> Result<Option<Opened>> {
        let facts = self.inner.memo.facts(&self.look(file)?, damaged);
        // Facts are remembered only of files that have settled.
        Ok(facts.map(|facts| Opened { facts, source: None, unsettled: false }))
    }

    /// The facts of a file: remembered, or read. A file that had to be opened stays open for the decoder.
    pub(super) fn facts(&self, file: &Path, cancel: Cancel<'_>) -> Result<Opened> {
        self.facts_for(file, DamagedImages::Refuse, cancel)
    }

    /// The facts of a file for a reply that refuses damaged files, or shows them: then the header is the one by which the
    /// file is decoded as far as it goes.
    ///
    /// # Errors
    ///
    /// The file is missing, of no known format, or being changed; nothing of it can be decoded; or the work is to be given
    /// up.
    pub(super) fn facts_for(&self, file: &Path, damaged: DamagedImages, cancel: Cancel<'_>) -> Result<Opened> {
        if let Some(known) = self.known_facts(file, damaged)? {
            return Ok(known);
        }
        #[cfg(feature = "tower")]
        self.may_read(file, damaged)?;
        let source = self.open(file, cancel)?;
        let bytes = source.bytes();
        let (digest, header) = look_into(bytes, &self.inner.pool, cancel)?;
        let checked = match (damaged, &header) {
            (DamagedImages::Show, Ok(header)) => Some(caught(|| self.checked(bytes, header, cancel))),
            _ => None,
        };
        source.check()?;
        let header = header.map_err(|error| unless_written(error, [&source]))?;
        let facts = Facts { header, digest };
        let checked = checked.transpose()?;
        let shown = match checked {
            Some(Checked::As(header)) => header,
            Some(Checked::Nothing) | None => header,
        };
        if source.is_recent() && shown.damaged {
            return Err(unless_written(Error::new(ErrorKind::Source, "is damaged"), [&source]));
        }
        if source.is_settled() {
            self.inner.memo.remember(source.identity().clone(), facts, checked);
        }
        let unsettled = !source.is_settled();
        Ok(Opened { facts: Facts { header: shown, digest }, source: Some(source), unsettled })
    }

    /// Checks a whole file. A file of which nothing can be decoded, or that takes more memory to check than the limit, keeps
    /// its header: the decoder then refuses it if it is damaged, as it does where damaged files are not shown.
    fn checked(&self, bytes: &[u8], header: &Header, cancel: Cancel<'_>) -> Result<Checked> {
        let inner = &self.inner;
        if header.stored.area() > inner.limits.source_pixels {
            // The plan refuses the file by that limit.
            return Ok(Checked::As(*header));
        }
        let Size { width, height } = header.stored;
        inner.scratch.lend(|scratch| {
            let mut job = codec::Job {
                window: Window { x: 0, y: 0, width, height },
                shrink: Shrink::Full,
                cpu: inner.cpu,
                pool: &Pool::NONE,
                decoded_bytes: inner.limits.decoded_bytes,
                scratch,
                sidecar: &mut Sidecar::default(),
                sidecar_bytes: 0,
                cancel: cancel.until(now().checked_add(inner.limits.time)),
                reference: false,
            };
            match span!("check", bytes = bytes.len()).enter(|| codec::check(bytes, header, &mut job)) {
                Ok(header) => Ok(Checked::As(header)),
                Err(error) if error.kind() == ErrorKind::Source => Ok(Checked::Nothing),
                Err(error) if error.kind() == ErrorKind::Limit => Ok(Checked::As(*header)),
                Err(error) => Err(error),
            }
        })
    }

    /// A file was changed so short a time ago that it may be half written.
    pub(super) fn is_recent(&self, identity: &Identity) -> bool {
        identity.is_recent((self.inner.clock)(), self.inner.rules.settle)
    }

    /// The facts of a file that a reply can do without; `None` if there is none that can be read. The second value says
    /// that the file was changed a moment ago and may be half written.
    ///
    /// # Errors
    ///
    /// The file is being changed, so what is known of it now may be wrong in a moment; or the work is to be given up.
    pub(super) fn facts_if_any(&self, file: Option<&Path>, cancel: Cancel<'_>) -> Result<(Option<Facts>, bool)> {
        match file.map(|file| self.facts(file, cancel)) {
            Some(Ok(opened)) => Ok((Some(opened.facts), opened.unsettled)),
            Some(Err(error)) if says_nothing(&error) => Err(error),
            Some(Err(error)) => Ok((None, error.kind() == ErrorKind::Unfinished)),
            None => Ok((None, false)),
        }
    }

    /// The identity of a source, supplied or in the file system.
    pub(super) fn look(&self, file: &Path) -> Result<Identity> {
        let supplied = self.inner.supply.as_ref().map(|supply| supply.look(file)).transpose()?.flatten();
        match supplied {
            Some(identity) => Ok(identity),
            None => self.may_be_a_file().and_then(|()| stat(file)),
        }
    }

    /// Fails if the engine reads no files: what is not supplied is not there.
    pub(super) fn may_be_a_file(&self) -> Result<()> {
        let missing = || Error::new(ErrorKind::Missing, "image not found").with_detail(&"the engine reads no files");
        self.inner.reads_files.then_some(()).ok_or_else(missing)
    }

    pub(super) fn open(&self, file: &Path, cancel: Cancel<'_>) -> Result<Source> {
        #[cfg(test)]
        super::conditional_tests::count_open();
        if let Some(supply) = &self.inner.supply
            && let Some(source) = supply.open(file, self.inner.rules.max_bytes)?
        {
            return Ok(source);
        }
        self.may_be_a_file()?;
        Source::open_while(file, (self.inner.clock)(), self.inner.rules, &self.inner.mounts, cancel)
    }

    /// The file whose facts are known, opened. A copy of a file that is not settled may hold other bytes than those the
    /// facts are of, and so may a file that has been replaced.
    pub(super) fn reopened(&self, file: &Path, facts: &Facts, cancel: Cancel<'_>) -> Result<Source> {
        let source = self.open(file, cancel)?;
        let known = || self.inner.memo.digest(source.identity()) == Some(facts.digest);
        // Nothing but the bytes tells of a file that is not settled, or of one that the host supplies.
        let digested = source.is_supplied() || !source.is_settled();
        let same = if digested { self.holds(&source, facts.digest, cancel)? } else { known() };
        if same { Ok(source) } else { Err(Error::changed()) }
    }

    /// The bytes, which are a copy or the host's, have that digest. If not, what is remembered of them is wrong.
    fn holds(&self, source: &Source, digest: Digest, cancel: Cancel<'_>) -> Result<bool> {
        let same = Digest::of_while(source.bytes(), &self.inner.pool, cancel)? == digest;
        if !same {
            self.inner.memo.forget(source.identity());
        }
        Ok(same)
    }
}

/// The error says nothing about the file: it is being changed, or the work was given up before it was read.
pub(super) fn says_nothing(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Changed | ErrorKind::Stopped)
}

/// An error about a file, with the object's name as the caller wrote it.
pub(super) fn named(error: Error, name: &str) -> Error {
    if error.place().is_none() { error.at(name) } else { error }
}

/// An error about the file of an input.
fn blamed(error: Error, input: &Input) -> Error {
    if input.role == Role::Mask { error.at(&input.name) } else { named(error, &input.name) }
}
