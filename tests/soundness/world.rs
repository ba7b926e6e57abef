//! A small world: two catalogs, their records and macros, a few pictures; and the folder that holds it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use platemark::{Engine, EngineBuilder};
use tempfile::TempDir;

use crate::fields::{ATTRIBUTES, BODIES, DEFAULT, FIELDS, FILES, MACROS, OWN, PROFILES};
use crate::pool::{Content, Pool, profile};

/// One of the two catalogs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Default,
    Own,
}

/// What is said, as positions in the lists of [`fields`](crate::fields); the last of several counts. A value beyond the
/// end of a list says nothing.
#[derive(Clone)]
pub(crate) struct World {
    /// Content of each of [`FILES`]; `None`: there is no such file.
    pub(crate) files: Vec<Option<Content>>,
    /// Which of its variants each of [`PROFILES`] is.
    pub(crate) profiles: [usize; PROFILES.len()],
    pub(crate) attributes: Vec<(Side, usize, usize)>,
    /// Records are counted through both catalogs, the own one first.
    pub(crate) fields: Vec<(usize, usize, usize)>,
    pub(crate) macros: Vec<(Side, usize, usize)>,
    /// Records that are left out.
    pub(crate) removed: Vec<usize>,
    pub(crate) looks: Looks,
}

/// How the same world is written down: nothing of it may ever count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    /// Files have times of their own.
    pub(crate) touched: bool,
    /// The records' files, and the folder below the root, have other names.
    pub(crate) renamed: bool,
    pub(crate) comments: bool,
    pub(crate) records_reversed: bool,
    pub(crate) columns_reversed: bool,
    /// The catalogs' own files have other names.
    pub(crate) other_catalog_names: bool,
    /// Names of attributes, columns and macros in capitals.
    pub(crate) capitals: bool,
    /// Files of pictures and catalogs that no catalog mentions.
    pub(crate) strangers: bool,
}

pub(crate) const RECORDS: usize = OWN.len() + DEFAULT.len();

/// The file that a record shows unless the world says otherwise; `None` for templates.
const fn own_file(record: usize) -> Option<&'static str> {
    match record {
        1 => Some("b.jpg"),
        2 => None,
        3 => Some("c.png"),
        4 | 7 | 8 => Some("d.jpg"),
        5 => Some("nowhere.png"),
        _ => Some("a.png"),
    }
}

impl World {
    /// Writes the world into a new folder.
    pub(crate) fn write(&self, pool: &Pool) -> TempDir {
        let folder = pool.folder();
        let root = folder.path();
        let sub = self.named("sub");
        for name in ["sub", sub] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        for (name, content) in FILES.iter().zip(&self.files) {
            let Some(content) = content else { continue };
            // Requests and attributes name files, too: those stay where they are, beside the new names.
            let mut paths = vec![(*name).to_owned(), self.path(name), name.replace("sub/", &format!("{sub}/"))];
            paths.sort();
            paths.dedup();
            for path in paths.into_iter().map(|path| root.join(path)) {
                pool.put(*content, &path, self.looks.touched);
                if self.looks.touched {
                    age(&path, 1_000_000_007);
                }
            }
        }
        for (place, (name, variant)) in PROFILES.iter().zip(self.profiles).enumerate() {
            for path in [root.join(name), root.join(sub).join(name), root.join("sub").join(name)] {
                std::fs::write(path, profile(place, variant)).unwrap();
            }
        }
        let prefix = if self.looks.other_catalog_names { "zz-" } else { "" };
        for side in [Side::Default, Side::Own] {
            let name = if side == Side::Default { "default" } else { "own" };
            let (records, macros) = (format!("{prefix}{name}.txt"), format!("{prefix}{name}-macros.txt"));
            std::fs::write(root.join(&records), self.data_file(side)).unwrap();
            std::fs::write(root.join(&macros), self.macro_file(side)).unwrap();
            let ini = if side == Side::Default { "default.ini".to_owned() } else { format!("{prefix}own.ini") };
            let text = self.attribute_file(side, &records, &macros);
            std::fs::write(root.join(&ini), text).unwrap();
            if self.looks.touched {
                age(&root.join(ini), 1_000_000_009);
            }
        }
        if self.looks.strangers {
            std::fs::write(root.join("stranger.ini"), "RootId=stranger\nBkgColor=ff0000\n").unwrap();
            std::fs::write(root.join("a"), "stranger").unwrap();
        }
        folder
    }

    /// A cold engine over a folder that holds a world.
    pub(crate) fn builder(folder: &Path) -> EngineBuilder {
        // Long after every file has settled.
        Engine::builder(folder).clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000))
    }

    fn named(&self, name: &'static str) -> &'static str {
        match (name, self.looks.renamed) {
            ("sub", true) => "under",
            (name, _) => name,
        }
    }

    /// The path of a file as this world calls it.
    fn path(&self, name: &str) -> String {
        if !self.looks.renamed {
            return name.to_owned();
        }
        match name.rsplit_once('/') {
            Some((_, name)) => format!("under/x-{name}"),
            None => format!("x-{name}"),
        }
    }

    fn attribute_file(&self, side: Side, records: &str, macros: &str) -> String {
        let mut values: BTreeMap<&str, &str> = BTreeMap::new();
        for &(of, attribute, value) in &self.attributes {
            if of == side {
                let (name, _, choices) = ATTRIBUTES[attribute % ATTRIBUTES.len()];
                match choices.get(value % (choices.len() + 1)) {
                    Some(value) => values.insert(name, value),
                    None => values.remove(name),
                };
            }
        }
        if side == Side::Default {
            values.entry("DefaultExt").or_insert(".png");
        }
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            if self.looks.comments {
                text.push_str("# a comment\n\n");
            }
            let name = if self.looks.capitals { name.to_uppercase() } else { name.to_owned() };
            text.push_str(&format!("{name}={value}\n"));
        };
        if side == Side::Own {
            line("RootId", "own");
        }
        line("CatalogFile", records);
        line("MacroFile", macros);
        for (name, value) in values {
            let value = if name == "RootPath" && value == "sub" { self.named("sub") } else { value };
            line(name, value);
        }
        text
    }

    fn macro_file(&self, side: Side) -> String {
        let mut text = String::from("Name\tDefinition\n");
        for &(of, name, body) in &self.macros {
            if of == side {
                let name = MACROS[name % MACROS.len()];
                let name = if self.looks.capitals { name.to_uppercase() } else { name.to_owned() };
                text.push_str(&format!("{name}\t{}\n", BODIES[body % BODIES.len()]));
            }
        }
        text
    }

    /// The values of a record's fields by name, as they are written.
    fn record(&self, record: usize) -> BTreeMap<&'static str, String> {
        let id = OWN.get(record).copied().unwrap_or_else(|| DEFAULT[record - OWN.len()]);
        let mut values: BTreeMap<&str, String> = BTreeMap::new();
        values.insert("Id", id.to_owned());
        values.insert("Path", own_file(record).unwrap_or("").to_owned());
        for &(of, field, value) in &self.fields {
            if of % RECORDS == record {
                let (name, _, choices) = FIELDS[field % FIELDS.len()];
                match choices.get(value % (choices.len() + 1)) {
                    Some(value) => values.insert(name, (*value).to_owned()),
                    None if name == "Id" || name == "Path" => None,
                    None => values.remove(name),
                };
            }
        }
        for name in ["Path", "MaskPath"] {
            if let Some(path) = values.get_mut(name).filter(|path| !path.is_empty()) {
                *path = self.path(path);
            }
        }
        values
    }

    fn data_file(&self, side: Side) -> String {
        let mut columns: Vec<&str> = FIELDS.iter().map(|(name, ..)| *name).collect();
        if self.looks.columns_reversed {
            columns.reverse();
        }
        let header: Vec<String> = columns
            .iter()
            .map(|name| if self.looks.capitals { name.to_uppercase() } else { (*name).to_owned() })
            .collect();
        let records = if side == Side::Own { 0..OWN.len() } else { OWN.len()..RECORDS };
        let kept = records.filter(|record| !self.removed.contains(record));
        let mut lines: Vec<(String, String)> = kept
            .map(|record| {
                let values = self.record(record);
                let fields: Vec<&str> =
                    columns.iter().map(|name| values.get(name).map_or("", String::as_str)).collect();
                (values["Id"].clone(), fields.join("\t"))
            })
            .collect();
        if self.looks.records_reversed {
            // Of records with one id the last counts: those have to keep their order.
            lines.sort_by(|(a, _), (b, _)| b.cmp(a));
        }
        let mut text = format!("{}\n", header.join("\t"));
        for (_, line) in lines {
            if self.looks.comments {
                text.push('\n');
            }
            text.push_str(&format!("{line}\n"));
        }
        text
    }
}

/// The texts of the world's files, without what they leave out: what a failure shows.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = FILES.iter().zip(&self.files).filter_map(|(name, content)| Some((name, (*content)?)));
        for (name, content) in files {
            write!(f, "\n  {name}: {content:?}")?;
        }
        for side in [Side::Default, Side::Own] {
            let values = self.attribute_file(side, "…", "…");
            write!(f, "\n  {side:?}: {:?}", values.lines().collect::<Vec<_>>())?;
            write!(f, "\n    macros: {:?}", self.macro_file(side).lines().skip(1).collect::<Vec<_>>())?;
        }
        for record in (0..RECORDS).filter(|record| !self.removed.contains(record)) {
            write!(f, "\n  record {:?}", self.record(record))?;
        }
        write!(f, "\n  {:?}", self.looks)
    }
}

fn age(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    std::fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
}
