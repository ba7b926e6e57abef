//! Data files that several catalogs, and several states of them, have in common.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};

use super::data_table::{FromRow, Sound, Table};
use super::file_stamp::FileStamp;
use super::macros::{Macros, Profiles};
use super::own_files::OwnFiles;
use super::record::Record;
use super::static_record::StaticRecord;
use super::text::{Warning, Warnings, file_name, read};

/// A data file that several catalogs, and several states of them, may have in common.
#[derive(Debug)]
pub(super) struct Shared<T> {
    /// What is sound of the file.
    pub(super) content: Arc<T>,
    about: Arc<About>,
}

/// A data file as it was when it was read.
#[derive(Debug)]
pub(super) struct About {
    pub(super) path: PathBuf,
    /// `None`: there was no such file.
    stamp: Option<FileStamp>,
    /// Why it cannot be used, or not as a whole.
    pub(super) fault: Option<Error>,
    pub(super) warnings: Vec<Warning>,
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { content: Arc::clone(&self.content), about: Arc::clone(&self.about) }
    }
}

/// For each path, the states of the file that catalogs use. A catalog whose attribute file was not touched keeps an
/// older state.
pub(super) type Files<T> = HashMap<PathBuf, Vec<Shared<T>>>;

/// Data files that have been read, so that one that has not changed is not read again.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) records: Files<Table<Record>>,
    pub(super) statics: Files<Table<StaticRecord>>,
    pub(super) macros: Files<Macros>,
    /// The default catalog's have the built-in ones among them.
    pub(super) default_macros: Files<Macros>,
    pub(super) profiles: Files<Profiles>,
    pub(super) warnings: Warnings,
    /// What the attribute files that are read say about files.
    pub(super) own_files: OwnFiles,
}

impl<T> Shared<T> {
    /// Puts a file of a catalog in use on a shelf. A faulty one is read again: it may be readable now.
    pub(super) fn put(&self, shelf: &mut Files<T>) {
        if self.about.fault.is_none() {
            let states = shelf.entry(self.about.path.clone()).or_default();
            if !states.iter().any(|known| known.about.stamp == self.about.stamp) {
                states.push(self.clone());
            }
        }
    }
}

/// The data files of a list, in its order.
pub(super) fn tables<T: FromRow>(
    files: Vec<PathBuf>,
    shelf: &mut Files<Table<T>>,
    warnings: &mut Warnings,
) -> Vec<Shared<Table<T>>> {
    let mut one = |file| {
        take(file, shelf, warnings, Table::empty, |path, warnings| {
            Table::new(path, read(path, u32::MAX, warnings)?, warnings)
        })
    };
    files.into_iter().map(&mut one).collect()
}

/// A data file from the shelf, if it has not changed since it was put there; else what `make` finds sound in it, or
/// `empty` if it cannot be used at all.
pub(super) fn take<T>(
    path: PathBuf,
    shelf: &mut Files<T>,
    warnings: &mut Warnings,
    empty: impl FnOnce() -> T,
    make: impl FnOnce(&Path, &mut Warnings) -> Result<Sound<T>>,
) -> Shared<T> {
    let stamp = FileStamp::of(&path).ok();
    let known = shelf.get(&path).and_then(|states| states.iter().find(|known| known.about.stamp == stamp));
    // One that could not be read may be readable now.
    if let Some(known) = known.filter(|_| stamp.is_some()) {
        return known.clone();
    }
    let mut own = Warnings::default();
    let made = make(&path, &mut own).and_then(|made| {
        if FileStamp::of(&path).ok() == stamp {
            Ok(made)
        } else {
            Err(Error::new(ErrorKind::Changed, "was changed while it was read").at(&file_name(&path)))
        }
    });
    let own = own.into_list();
    warnings.extend(&own);
    let is_made = made.is_ok();
    let (content, fault) = made.unwrap_or_else(|error| (empty(), Some(error)));
    let about = About { path: path.clone(), stamp, fault, warnings: own };
    let shared = Shared { content: Arc::new(content), about: Arc::new(about) };
    if is_made {
        shelf.entry(path).or_default().push(shared.clone());
    }
    shared
}

pub(super) fn about<T>(file: &Shared<T>) -> &Arc<About> {
    &file.about
}

impl About {
    /// What the file was like when it was read.
    pub(super) const fn stamp(&self) -> Option<FileStamp> {
        self.stamp
    }
}
