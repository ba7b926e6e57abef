//! Catalogs as values: a folder's catalogs, and what each holds.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attributes::{Access, Attributes};
use super::data_table::{FromRow, Table};
use super::load::Loaded;
use super::macros::{Macros, Profiles};
use super::own_files::OwnFiles;
use super::real_path::{real_path, written_path};
use super::record::{Record, Stamp};
use super::static_record::StaticRecord;
use super::text::{Warning, Warnings};
use super::time_stamp::TimeStamp;

/// All catalogs of a folder, as they were when it was read.
#[derive(Debug)]
pub(crate) struct Catalogs {
    /// The folder that relative roots of catalogs are relative to.
    pub(super) root: PathBuf,
    /// The folder of the attribute files, as it is written and as links lead to it.
    folders: [PathBuf; 2],
    /// The files that the catalogs are read from, in the same two ways.
    own_files: HashSet<PathBuf>,
    /// Roots whose files other catalogs do not supply to everybody.
    pub(super) guarded: Vec<GuardedRoot>,
    pub(super) default: Arc<Catalog>,
    /// By RootId.
    pub(super) named: BTreeMap<String, Arc<Catalog>>,
    /// What was odd about the files when they were read.
    pub(crate) warnings: Vec<Warning>,
}

/// One catalog: its attributes after inheritance, and what its data files hold.
#[derive(Debug)]
pub(crate) struct Catalog {
    /// Empty for the default catalog.
    pub(crate) root_id: String,
    pub(crate) attributes: Attributes,
    pub(crate) records: Tables<Record>,
    pub(crate) statics: Tables<StaticRecord>,
    pub(super) macros: Arc<Macros>,
    pub(super) profiles: Arc<Profiles>,
    /// When the attribute file was last changed.
    pub(super) modified: TimeStamp,
}

/// The records of several data files, of which a later one overrides those before it.
#[derive(Debug)]
pub(crate) struct Tables<T>(pub(super) Vec<Arc<Table<T>>>);

impl Catalogs {
    /// Puts catalogs together, `default` among them: the attributes that one leaves out are the default catalog's. No two
    /// have one RootId. `closed` are the roots of catalogs that cannot be used.
    pub(super) fn of(root: &Path, default: &Loaded, all: &[&Loaded], own_files: &OwnFiles, closed: &[PathBuf]) -> Self {
        let others = all.iter().filter(|loaded| !loaded.is_default());
        let named: BTreeMap<_, _> =
            others.map(|one| (one.root_id.clone(), Arc::new(Catalog::of(one, default)))).collect();
        let folder = default.path.parent().unwrap_or(Path::new(""));
        let folders = [real_path(folder), written_path(folder)];
        let default = Arc::new(Catalog::of(default, default));
        let mut own_files = own_files.paths(root, &default.attributes.root_path);
        // A catalog in use may have been read from other files than its attribute file names now.
        let in_use = all.iter().flat_map(|one| one.files().map(|file| &*file.path));
        own_files.extend(in_use.flat_map(|file| [real_path(file), written_path(file)]));
        let guarded = GuardedRoot::all(root, std::iter::once(&default).chain(named.values()), closed);
        Self { root: root.to_owned(), folders, own_files, guarded, default, named, warnings: warnings(all) }
    }

    /// A file belongs to the catalogs themselves: a data file, a profile, an attribute file anywhere below their folder, or
    /// in that folder what editors and systems leave there. Static content does not deliver it, under any name.
    pub(super) fn is_own_file(&self, file: &Path) -> bool {
        [real_path(file), written_path(file)].iter().any(|file| {
            let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let is_attribute_file = file.extension().is_some_and(|suffix| suffix == "ini");
            let is_left = name.starts_with(['.', '#', '~']) || name.ends_with('~') || name.contains(".ini");
            self.own_files.contains(file)
                || self.folders.iter().any(|folder| {
                    is_attribute_file && file.starts_with(folder) || is_left && file.parent() == Some(folder)
                })
        })
    }

    /// The default catalog first, then the others by RootId.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Catalog> {
        std::iter::once(&self.default).chain(self.named.values()).map(AsRef::as_ref)
    }

    /// The default catalog.
    #[cfg(feature = "internals")]
    pub(crate) const fn default_catalog(&self) -> &Arc<Catalog> {
        &self.default
    }

    pub(super) fn is_default(&self, catalog: &Catalog) -> bool {
        std::ptr::eq(catalog, Arc::as_ptr(&self.default))
    }
}

/// The root of a catalog that does not supply everybody.
#[derive(Debug)]
pub(super) struct GuardedRoot {
    /// As links lead to it.
    pub(super) root: PathBuf,
    /// `None`: the catalog cannot be used, so nothing is known of whom it supplies.
    pub(super) catalog: Option<Arc<Catalog>>,
}

impl GuardedRoot {
    /// The roots of images and of content of all catalogs that have a guard, and those of catalogs that cannot be used.
    /// Relative ones are below `root`.
    fn all<'a>(root: &Path, all: impl Iterator<Item = &'a Arc<Catalog>>, closed: &[PathBuf]) -> Vec<Self> {
        let guarded = all.filter(|catalog| catalog.has_guards()).flat_map(|catalog| {
            let content = catalog.content_root(root);
            let roots = [Some(root.join(&catalog.attributes.root_path)), content].into_iter().flatten();
            roots.map(|root| Self { root: real_path(&root), catalog: Some(Arc::clone(catalog)) })
        });
        guarded.chain(closed.iter().map(|root| Self { root: real_path(root), catalog: None })).collect()
    }
}

/// What is odd about the files of catalogs: attribute files first; a data file that several have counts once.
fn warnings(all: &[&Loaded]) -> Vec<Warning> {
    let mut warnings = Warnings::default();
    all.iter().for_each(|one| warnings.extend(one.own_warnings()));
    let mut seen = HashSet::new();
    for file in all.iter().flat_map(|one| one.files()).filter(|file| seen.insert(Arc::as_ptr(file))) {
        warnings.extend(&file.warnings);
    }
    warnings.into_list()
}

impl Catalog {
    fn of(loaded: &Loaded, default: &Loaded) -> Self {
        let own_macros = || if loaded.is_default() { Macros::built_in() } else { Macros::default() };
        Self {
            root_id: loaded.root_id.clone(),
            attributes: loaded.declared.over(&default.declared),
            records: Tables(loaded.records.iter().map(|file| Arc::clone(&file.content)).collect()),
            statics: Tables(loaded.statics.iter().map(|file| Arc::clone(&file.content)).collect()),
            macros: loaded.macros.as_ref().map_or_else(|| Arc::new(own_macros()), |file| Arc::clone(&file.content)),
            profiles: loaded.profiles.as_ref().map_or_else(Arc::default, |file| Arc::clone(&file.content)),
            modified: loaded.modified,
        }
    }

    /// The folder of its static content; `None` if it has none. A relative one is below `root`, which `.` and `/` stand for.
    pub(super) fn content_root(&self, root: &Path) -> Option<PathBuf> {
        match self.attributes.static_content_root_path.as_str() {
            "" => None,
            "." | "/" => Some(root.to_owned()),
            path => Some(root.join(path)),
        }
    }

    /// It does not supply everybody with everything.
    fn has_guards(&self) -> bool {
        let attributes = &self.attributes;
        let bars = |access| !attributes.allow_direct_access.allows(access);
        attributes.request_lock
            || !attributes.client_address_filter.is_open()
            || [Access::Is, Access::Static, Access::Svg].into_iter().any(bars)
    }

    /// When the catalog was last changed: what it says, else when its attribute file was (`catalog.md` §8).
    pub(crate) fn time_stamp(&self) -> TimeStamp {
        self.attributes.time_stamp.unwrap_or(self.modified)
    }

    /// When an entry of the catalog was last changed: what its record says, else the catalog's. A malformed stamp stands
    /// for the time of the attribute file.
    pub(crate) fn time_stamp_of(&self, record: Stamp) -> TimeStamp {
        match record {
            Stamp::Absent => self.time_stamp(),
            Stamp::Malformed => self.modified,
            Stamp::At(stamp) => stamp,
        }
    }
}

#[allow(private_bounds, reason = "kinds of records are this room's own")]
impl<T: FromRow> Tables<T> {
    /// The record of that id, read from its file.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<T>> {
        self.0.iter().rev().find_map(|table| table.find(id)).map(Arc::new)
    }

    pub(crate) fn contains(&self, id: &str) -> bool {
        self.0.iter().any(|table| table.contains(id))
    }

    /// Records; those of one id in several files count as several.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().map(|table| table.len()).sum()
    }

    /// All ids, each once, in the order of the files and of the records that count in them.
    pub(crate) fn ids(&self) -> impl Iterator<Item = String> {
        let mut seen = HashSet::new();
        let several = self.0.len() > 1;
        let all = self.0.iter().flat_map(|table| table.keys());
        all.filter(move |id| !several || seen.insert(id.clone())).map(std::borrow::Cow::into_owned)
    }
}
