//! Reading the files of one catalog: its attribute file and the data files that names.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::error::{Error, ErrorKind, Result};

use super::attribute_file::{Entry, entries};
use super::attributes::Declared;
use super::data_table::{FromRow, Table};
use super::file_stamp::FileStamp;
use super::macros::{Macros, Profiles};
use super::names::is_plain_name;
use super::record::Record;
use super::static_record::StaticRecord;
use super::text::{Warnings, error_in, file_name, read};
use super::time_stamp::TimeStamp;

/// The attribute file that every folder has.
pub(super) const DEFAULT_FILE: &str = "default.ini";

/// The largest attribute file or small table, in bytes.
const SMALL: u32 = 16 << 20;

/// A catalog before inheritance.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) root_id: String,
    pub(super) declared: Declared,
    /// When the attribute file was last changed.
    pub(super) modified: TimeStamp,
    /// In the order of the attribute file's list, as the others.
    pub(super) records: Vec<Shared<Table<Record>>>,
    pub(super) statics: Vec<Shared<Table<StaticRecord>>>,
    pub(super) macros: Option<Shared<Macros>>,
    pub(super) profiles: Option<Shared<Profiles>>,
}

/// A data file that several catalogs, and several states of them, may have in common.
#[derive(Debug)]
pub(super) struct Shared<T> {
    path: PathBuf,
    stamp: FileStamp,
    pub(super) content: Arc<T>,
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self { path: self.path.clone(), stamp: self.stamp, content: Arc::clone(&self.content) }
    }
}

/// By path, the states of each file that catalogs have: one that has not been touched still has an earlier one.
type Files<T> = HashMap<PathBuf, Vec<Shared<T>>>;

/// Data files that have been read, so that one that has not changed is not read again.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    records: Files<Table<Record>>,
    statics: Files<Table<StaticRecord>>,
    macros: Files<Macros>,
    /// The default catalog's have the built-in ones among them.
    default_macros: Files<Macros>,
    profiles: Files<Profiles>,
    pub(super) warnings: Warnings,
}

impl Shelf {
    /// What the catalogs of another state have.
    pub(super) fn of<'a>(catalogs: impl Iterator<Item = &'a Loaded>) -> Self {
        fn put<'a, T: 'a>(shelf: &mut Files<T>, files: impl IntoIterator<Item = &'a Shared<T>>) {
            for file in files {
                let states = shelf.entry(file.path.clone()).or_default();
                if !states.iter().any(|known| known.stamp == file.stamp) {
                    states.push(file.clone());
                }
            }
        }
        let mut shelf = Self::default();
        for catalog in catalogs {
            put(&mut shelf.records, &catalog.records);
            put(&mut shelf.statics, &catalog.statics);
            put(if catalog.is_default() { &mut shelf.default_macros } else { &mut shelf.macros }, &catalog.macros);
            put(&mut shelf.profiles, &catalog.profiles);
        }
        shelf
    }
}

/// Attributes of the file, which no catalog inherits.
const OWN: [&str; 5] = ["RootId", "CatalogFile", "StaticContentCatalogFile", "MacroFile", "IccProfileMapFile"];

impl Loaded {
    /// Reads a catalog.
    ///
    /// # Errors
    ///
    /// A file cannot be read or is malformed, or the RootId is not one that this file may have.
    pub(super) fn read(path: &Path, shelf: &mut Shelf) -> Result<Self> {
        let stamp = stamp(path)?;
        let entries = entries(&read(path, SMALL)?);
        let folder = path.parent().unwrap_or(Path::new(""));
        let list = |name: &str| {
            let files = value(&entries, name).split(',').map(str::trim).filter(|file| !file.is_empty());
            files.map(|file| folder.join(file)).collect::<Vec<_>>()
        };
        let root_id = value(&entries, "rootid").to_owned();
        let is_default = is_default(path);
        if is_default && !root_id.is_empty() {
            return Err(error_in(path, "defines a RootId; the default catalog has none"));
        }
        if !is_default && !is_plain_name(&root_id) {
            return Err(error_in(path, "needs a RootId that can be an element of a path"));
        }
        let declared = Declared::read(path, &entries)?;
        for entry in &entries {
            let is_known = |name: &&str| name.eq_ignore_ascii_case(&entry.name);
            if !Declared::NAMES.iter().chain(&OWN).any(is_known) {
                let text = format_args!("{}: is not a known attribute; it is ignored", entry.name);
                shelf.warnings.add(path, entry.line, text);
            }
        }
        let Shelf { records, statics, macros, default_macros, profiles, warnings } = shelf;
        let macros = if is_default { default_macros } else { macros };
        let table = |name: &str| list(name).into_iter().next();
        Ok(Self {
            path: path.to_owned(),
            root_id,
            declared,
            modified: TimeStamp::of(stamp.modified()),
            records: tables(list("catalogfile"), records, warnings)?,
            statics: tables(list("staticcontentcatalogfile"), statics, warnings)?,
            macros: table("macrofile")
                .map(|file| take(file, macros, |path| Macros::read(path, &read(path, SMALL)?, is_default, warnings)))
                .transpose()?,
            profiles: table("iccprofilemapfile")
                .map(|file| take(file, profiles, |path| Profiles::read(path, &read(path, SMALL)?, warnings)))
                .transpose()?,
        })
    }

    pub(super) fn is_default(&self) -> bool {
        is_default(&self.path)
    }
}

/// The attribute files of a folder, in the order of their names.
///
/// # Errors
///
/// The folder cannot be listed.
pub(super) fn attribute_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |error: std::io::Error| {
        error_in(folder, "cannot be listed").with_detail(&format_args!("{}: {error}", folder.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("ini")) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The attribute files of a folder that has a default catalog.
///
/// # Errors
///
/// There is none, or the folder cannot be listed.
pub(super) fn all_files(folder: &Path) -> Result<Vec<PathBuf>> {
    stamp(&folder.join(DEFAULT_FILE))?;
    attribute_files(folder)
}

pub(super) fn is_default(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == DEFAULT_FILE)
}

fn tables<T: FromRow>(
    files: Vec<PathBuf>,
    shelf: &mut Files<Table<T>>,
    warnings: &mut Warnings,
) -> Result<Vec<Shared<Table<T>>>> {
    let one = |file| take(file, shelf, |path| Table::new(path, read(path, u32::MAX)?, warnings));
    files.into_iter().map(one).collect()
}

/// A data file from the shelf, if it has not changed since it was put there; else as `make` reads it.
fn take<T>(path: PathBuf, shelf: &mut Files<T>, make: impl FnOnce(&Path) -> Result<T>) -> Result<Shared<T>> {
    let before = stamp(&path)?;
    if let Some(known) = shelf.get(&path).and_then(|states| states.iter().find(|known| known.stamp == before)) {
        return Ok(known.clone());
    }
    let content = Arc::new(make(&path)?);
    if stamp(&path)? != before {
        return Err(Error::new(ErrorKind::Changed, "was changed while it was read").at(&file_name(&path)));
    }
    let shared = Shared { path: path.clone(), stamp: before, content };
    shelf.entry(path).or_default().push(shared.clone());
    Ok(shared)
}

fn stamp(path: &Path) -> Result<FileStamp> {
    FileStamp::of(path)
        .map_err(|error| error_in(path, "cannot be read").with_detail(&format_args!("{}: {error}", path.display())))
}

/// The value of the last entry of that name, which is in lower case; empty if there is none.
fn value<'a>(entries: &'a [Entry], name: &str) -> &'a str {
    entries.iter().rev().find(|entry| entry.name == name).map_or("", |entry| &entry.value)
}
