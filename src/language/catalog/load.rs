//! Reading the files of one catalog: its attribute file and the data files that names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::base::error::{Error, Result};

use super::attribute_file::{Entry, entries};
use super::attributes::Declared;
use super::data_table::Table;
use super::doubts::{Doubts, Moment};
use super::file_stamp::FileStamp;
use super::macros::{Macros, Profiles};
use super::names::is_plain_name;
use super::record::Record;
use super::shelf::{About, Shared, Shelf, about, tables, take};
use super::static_record::StaticRecord;
use super::text::{SMALL, Warning, Warnings, error_in, file_name, read, text_of};
use super::time_stamp::TimeStamp;

/// The attribute file that every folder has.
pub(super) const DEFAULT_FILE: &str = "default.ini";

/// What errors call records that are text in memory.
const RECORDS: &str = "records";

/// A default catalog as text in memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    /// What its attribute file would say.
    pub(crate) attributes: String,
    /// What its data file would say; `None`: there is none.
    pub(crate) records: Option<String>,
}

/// A catalog before inheritance.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) root_id: String,
    pub(super) declared: Declared,
    /// When the attribute file was last changed.
    pub(super) modified: TimeStamp,
    /// What is odd about the attribute file.
    warnings: Vec<Warning>,
    /// In the order of the attribute file's list, as the others.
    pub(super) records: Vec<Shared<Table<Record>>>,
    pub(super) statics: Vec<Shared<Table<StaticRecord>>>,
    pub(super) macros: Option<Shared<Macros>>,
    pub(super) profiles: Option<Shared<Profiles>>,
}

impl Shelf {
    /// The same with what the catalogs of another state have.
    pub(super) fn with<'a>(mut self, catalogs: impl Iterator<Item = &'a Loaded>) -> Self {
        let Self { records, statics, macros, default_macros, profiles, visit } = &mut self;
        let outdated = &visit.outdated;
        for catalog in catalogs {
            let macros = if catalog.is_default() { &mut *default_macros } else { &mut *macros };
            catalog.macros.iter().for_each(|file| file.put(macros, outdated));
            catalog.records.iter().for_each(|file| file.put(records, outdated));
            catalog.statics.iter().for_each(|file| file.put(statics, outdated));
            catalog.profiles.iter().for_each(|file| file.put(profiles, outdated));
        }
        self
    }
}

/// Attributes of the file, which no catalog inherits.
const OWN: [&str; 5] = ["RootId", "CatalogFile", "StaticContentCatalogFile", "MacroFile", "IccProfileMapFile"];

impl Loaded {
    /// Reads a catalog: what is sound of its attribute file and of its data files.
    ///
    /// # Errors
    ///
    /// The attribute file cannot be read, an attribute that decides who may reach what is malformed, or the RootId is not
    /// one that this file may have.
    pub(super) fn read(path: &Path, shelf: &mut Shelf) -> Result<Self> {
        let stamp = stamp(path)?;
        let mut warnings = Warnings::default();
        let (bytes, _) = shelf.visit.bytes(path, Some(stamp), SMALL);
        let text = text_of(path, bytes?, &mut warnings)?;
        Self::of((path, &text), TimeStamp::of(stamp.modified()), warnings, shelf)
    }

    /// What is sound of a default catalog that is text in memory, as if it had been written `now`.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read); or an attribute names a data file.
    pub(super) fn in_memory(path: &Path, texts: Texts, now: SystemTime) -> Result<Self> {
        let entries = entries(&texts.attributes);
        if let Some(name) = OWN[1..].iter().find(|name| !value(&entries, name).is_empty()) {
            let what = "names a file, and a catalog in memory has none";
            return Err(error_in(path, what).at(&format!("{}: {name}", file_name(path))));
        }
        let moment = Moment { now, granule: Duration::ZERO };
        let mut shelf = Shelf::new(moment, Doubts::default(), BTreeSet::new());
        let attributes = (path, &*texts.attributes);
        let mut loaded = Self::of(attributes, TimeStamp::of(now), Warnings::default(), &mut shelf)?;
        loaded.records.extend(texts.records.map(|text| Shared::in_memory(Path::new(RECORDS), text)));
        Ok(loaded)
    }

    /// A catalog whose attribute file says this.
    fn of((path, text): (&Path, &str), modified: TimeStamp, mut warnings: Warnings, shelf: &mut Shelf) -> Result<Self> {
        let entries = entries(text);
        shelf.visit.own_files.add(path, &entries);
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
                warnings.add(path, entry.line, text);
            }
        }
        let own = warnings.into_list();
        let Shelf { records, statics, macros, default_macros, profiles, visit } = shelf;
        visit.warnings.extend(&own);
        let macros = if is_default { default_macros } else { macros };
        let no_macros = || if is_default { Macros::built_in() } else { Macros::default() };
        let table = |name: &str| list(name).into_iter().next();
        Ok(Self {
            path: path.to_owned(),
            root_id,
            declared,
            modified,
            warnings: own,
            records: tables(list("catalogfile"), records, visit),
            statics: tables(list("staticcontentcatalogfile"), statics, visit),
            macros: table("macrofile").map(|file| {
                take((file, SMALL), macros, visit, no_macros, |path, text, warnings| {
                    Macros::read(path, &text, is_default, warnings)
                })
            }),
            profiles: table("iccprofilemapfile").map(|file| {
                take((file, SMALL), profiles, visit, Profiles::default, |path, text, warnings| {
                    Profiles::read(path, &text, warnings)
                })
            }),
        })
    }

    /// Its data files, in the order in which they are read.
    pub(super) fn files(&self) -> impl Iterator<Item = &Arc<About>> {
        let (records, statics) = (self.records.iter().map(about), self.statics.iter().map(about));
        records.chain(statics).chain(self.macros.iter().map(about)).chain(self.profiles.iter().map(about))
    }

    /// The data files that cannot be used, or not as a whole.
    pub(super) fn faulty(&self) -> impl Iterator<Item = &About> {
        self.files().map(AsRef::as_ref).filter(|file| file.fault.is_some())
    }

    /// What is wrong with the attribute file, then with the data files.
    pub(super) fn faults(&self) -> impl Iterator<Item = &Error> {
        let attributes = self.declared.skipped().iter().map(|attribute| &attribute.error);
        attributes.chain(self.faulty().filter_map(|file| file.fault.as_ref()))
    }

    /// An attribute or a file that the old catalog read completely cannot be read completely now.
    pub(super) fn has_less_than(&self, before: &Self) -> bool {
        let known = before.declared.skipped();
        self.declared.skipped().iter().any(|attribute| known.iter().all(|known| known.name != attribute.name))
            || self.faulty().any(|file| before.faulty().all(|known| known.path != file.path))
    }

    /// What is odd about the attribute file.
    pub(super) fn own_warnings(&self) -> &[Warning] {
        &self.warnings
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
        let is_ini = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("ini"));
        if is_ini && !is_left_over(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A file that editors and systems leave beside others: `._cat.ini` of a Mac, `.#cat.ini`, `#cat.ini`, `~$cat.ini`.
fn is_left_over(path: &Path) -> bool {
    file_name(path).starts_with(['.', '#']) || file_name(path).starts_with("~$")
}

/// The attribute files of a folder that has a default catalog.
///
/// # Errors
///
/// There is none, or the folder cannot be listed.
pub(super) fn all_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let files = attribute_files(folder)?;
    let default = folder.join(DEFAULT_FILE);
    if std::fs::metadata(&default).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        let what = "is missing in the folder of catalogs; write one there, at least with the line RootPath=.";
        return Err(error_in(&default, what));
    }
    if !files.contains(&default) {
        // Not a regular file, or one that cannot be looked at.
        read(&default, SMALL, &mut Warnings::default())?;
    }
    Ok(files)
}

pub(super) fn is_default(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == DEFAULT_FILE)
}

fn stamp(path: &Path) -> Result<FileStamp> {
    FileStamp::of(path)
        .map_err(|error| error_in(path, "cannot be read").with_detail(&format_args!("{}: {error}", path.display())))
}

/// The value of the last entry of that name, in any case; empty if there is none.
fn value<'a>(entries: &'a [Entry], name: &str) -> &'a str {
    entries.iter().rev().find(|entry| entry.name.eq_ignore_ascii_case(name)).map_or("", |entry| &entry.value)
}
