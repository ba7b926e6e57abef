//! Catalogs: what the operator says about objects (`catalog.md`).
//!
//! A folder of attribute files (`*.ini`), one catalog each, `default.ini` among them, and the data files they
//! name. Loading makes an immutable [`Catalogs`]; a request works with the one it started with.

mod attribute_file;
mod attributes;
mod data_file;
mod object;
mod record;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::Result;

pub(crate) use attributes::{Attributes, Hours, Third, ThumbType, Touches};
pub(crate) use object::Object;
pub(crate) use record::Record;

use attribute_file::{Entry, entries};
use attributes::Declared;
use record::Records;
use text::{error_in, read};

const DEFAULT_FILE: &str = "default.ini";

/// All catalogs of a folder, as they were when it was read.
#[derive(Debug)]
pub(crate) struct Catalogs {
    /// The folder that relative roots of catalogs are relative to.
    root: PathBuf,
    default: Arc<Catalog>,
    /// By RootId.
    named: BTreeMap<String, Arc<Catalog>>,
}

/// One catalog: its attributes after inheritance and its records.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// Empty for the default catalog.
    pub(crate) root_id: String,
    pub(crate) attributes: Attributes,
    pub(crate) records: Records,
}

/// An attribute file before inheritance.
struct Loaded {
    path: PathBuf,
    root_id: String,
    declared: Declared,
    records: Records,
}

impl Catalogs {
    /// Reads all catalogs of `folder`.
    ///
    /// # Errors
    ///
    /// `default.ini` is missing, a file cannot be read or is malformed, or a RootId is missing or used twice. The
    /// text names the file and, where there is one, the line.
    pub(crate) fn load(folder: &Path, root: &Path) -> Result<Self> {
        let default = Loaded::read(folder, &folder.join(DEFAULT_FILE))?;
        if !default.root_id.is_empty() {
            return Err(error_in(&default.path, "defines a RootId; the default catalog has none"));
        }
        let mut named = BTreeMap::new();
        for path in attribute_files(folder)? {
            let loaded = Loaded::read(folder, &path)?;
            if loaded.root_id.is_empty() || loaded.root_id.contains('/') {
                return Err(error_in(&path, "needs a RootId without slashes"));
            }
            let root_id = loaded.root_id.clone();
            let catalog = loaded.finish(&default.declared);
            if named.insert(root_id, Arc::new(catalog)).is_some() {
                return Err(error_in(&path, "has the RootId of another catalog"));
            }
        }
        let own = default.declared.clone();
        Ok(Self { root: root.to_owned(), default: Arc::new(default.finish(&own)), named })
    }

    /// The default catalog first, then the others by RootId.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Catalog> {
        std::iter::once(&self.default).chain(self.named.values()).map(AsRef::as_ref)
    }
}

/// The attribute files of a folder other than the default one, in the order of their names.
fn attribute_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |error: std::io::Error| {
        error_in(folder, "cannot be listed").with_detail(&format_args!("{}: {error}", folder.display()))
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_ini = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("ini"));
        if is_ini && path.file_name().is_some_and(|name| name != DEFAULT_FILE) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl Loaded {
    fn read(folder: &Path, path: &Path) -> Result<Self> {
        let entries = entries(&read(path)?);
        let mut records = Records::default();
        for name in value(&entries, "catalogfile").split(',').map(str::trim).filter(|name| !name.is_empty()) {
            records.add_file(&folder.join(name))?;
        }
        Ok(Self {
            path: path.to_owned(),
            root_id: value(&entries, "rootid").to_owned(),
            declared: Declared::read(path, &entries)?,
            records,
        })
    }

    fn finish(self, default: &Declared) -> Catalog {
        Catalog { root_id: self.root_id, attributes: self.declared.over(default), records: self.records }
    }
}

/// The value of the last entry of that name, which is in lower case; empty if there is none.
fn value<'a>(entries: &'a [Entry], name: &str) -> &'a str {
    entries.iter().rev().find(|entry| entry.name == name).map_or("", |entry| &entry.value)
}

#[cfg(test)]
mod tests;

/// The attributes of a default catalog with this attribute file.
#[cfg(test)]
pub(crate) fn attributes_from(ini: &str) -> Attributes {
    let declared = Declared::read(Path::new("default.ini"), &entries(ini)).expect("legal attributes");
    declared.over(&declared)
}
