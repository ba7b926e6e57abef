//! The files that catalogs are read from. Static content delivers none of them, under no name.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::attribute_file::Entry;
use super::macros::Profiles;
use super::real_path::{real_path, written_path};
use super::text::{SMALL, Warnings, read};

/// Attributes that name data files, supported or not.
const TABLES: [&str; 7] = [
    "CatalogFile",
    "SvgCatalogFile",
    "StaticContentCatalogFile",
    "MacroFile",
    "FontMapFile",
    "IccProfileMapFile",
    "RuleSetFile",
];

/// Attributes that name color profiles, by a name of a map or by a path below the root.
const PROFILES: [&str; 6] =
    ["IccProfileRgb", "IccProfileGray", "IccProfileCmyk", "IccProfileSrcRgb", "IccProfileSrcGray", "IccProfileSrcCmyk"];

/// What attribute files say about files, whether their catalogs can be used or not.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnFiles {
    /// By the path of the attribute file.
    named: BTreeMap<PathBuf, Named>,
    /// Files that attribute files named before they were changed or removed.
    former: BTreeSet<PathBuf>,
}

/// What one attribute file says.
#[derive(Debug, Clone, Default)]
struct Named {
    tables: Vec<PathBuf>,
    /// Below the root of the catalog, or with a leading slash below that of the default catalog.
    profiles: Vec<String>,
    /// `None`: that of the default catalog.
    root_path: Option<String>,
    content_root: Option<String>,
}

impl OwnFiles {
    /// Takes up what an attribute file says now.
    pub(super) fn add(&mut self, path: &Path, entries: &[Entry]) {
        let last = |name: &str| entries.iter().rev().find(|entry| entry.name.eq_ignore_ascii_case(name));
        let text = |name: &str| last(name).map(|entry| entry.value.clone());
        let folder = path.parent().unwrap_or(Path::new(""));
        let list = |name: &str| {
            let files = text(name).unwrap_or_default();
            let files = files.split(',').map(str::trim).filter(|file| !file.is_empty()).map(|file| folder.join(file));
            files.collect::<Vec<_>>()
        };
        let mut profiles: Vec<String> = PROFILES.into_iter().filter_map(text).filter(|text| !text.is_empty()).collect();
        for map in list("IccProfileMapFile") {
            let mut ignored = Warnings::default();
            let map = read(&map, SMALL, &mut ignored).and_then(|text| Profiles::read(&map, &text, &mut ignored));
            profiles.extend(map.into_iter().flat_map(|(map, _)| map.paths().map(str::to_owned).collect::<Vec<_>>()));
        }
        let named = Named {
            tables: TABLES.into_iter().flat_map(list).collect(),
            profiles,
            root_path: text("RootPath"),
            content_root: text("StaticContentRootPath"),
        };
        if let Some(before) = self.named.insert(path.to_owned(), named) {
            self.former.extend(before.tables);
        }
    }

    /// Takes up what attribute files that were read say, and forgets files that are gone and that none names.
    pub(super) fn update(&mut self, read: Self, is_gone: impl Fn(&Path) -> bool) {
        for (path, named) in read.named {
            if let Some(before) = self.named.insert(path, named) {
                self.former.extend(before.tables);
            }
        }
        let gone: Vec<_> = self.named.keys().filter(|path| is_gone(path)).cloned().collect();
        for path in gone {
            let tables = self.named.remove(&path).map(|named| named.tables);
            self.former.extend(tables.into_iter().flatten().chain([path]));
        }
        self.former.retain(|file| file.symlink_metadata().is_ok());
    }

    /// The files, each as it is written and as links lead to it. Relative roots are below `root`, and those that a catalog
    /// leaves out are `default_root`.
    pub(super) fn paths(&self, root: &Path, default_root: &str) -> HashSet<PathBuf> {
        let profiles = self.named.values().flat_map(|named| {
            let own = named.root_path.as_deref().unwrap_or(default_root);
            named.profiles.iter().map(move |profile| match profile.strip_prefix('/') {
                // An absolute path of a map, or one below the default catalog's root.
                Some(rest) => [PathBuf::from(profile), root.join(default_root).join(rest)],
                None => [root.join(own).join(profile), root.join(own).join(profile)],
            })
        });
        let tables = self.named.values().flat_map(|named| named.tables.iter().cloned());
        let files = self.named.keys().chain(&self.former).cloned().chain(tables).chain(profiles.flatten());
        files.flat_map(|file| [real_path(&file), written_path(&file)]).collect()
    }

    /// The roots that attribute files name, of images and of content, with the path of the attribute file.
    pub(super) fn roots(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.named.iter().flat_map(|(path, named)| {
            let roots = [named.root_path.as_deref(), named.content_root.as_deref()];
            roots.into_iter().flatten().filter(|root| !root.is_empty()).map(move |root| (path.as_path(), root))
        })
    }
}
