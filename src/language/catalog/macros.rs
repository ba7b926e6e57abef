//! Macro definitions and profile maps (`catalog.md` §3.4): data files that are small enough to be kept parsed.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::base::error::Result;

use super::data_table::{FromRow, Malformed, Row, Sound, records};
use super::text::{Warnings, error_in};

/// Macros that every default catalog has unless its file defines them (`protocol.md` §1.5).
const BUILT_IN: [(&str, &str); 2] = [
    ("shadow", "pos=5,5&op_blur=5&opac=75&color=0,0,0&blendMode=mult"),
    ("glow", "op_grow=2&op_blur=5&opac=75&color=255,255,190&blendMode=screen"),
];

/// The macros of one file, or of none.
#[derive(Debug, Default)]
pub(crate) struct Macros {
    /// In the order of the file.
    list: Vec<Macro>,
    /// Positions by name in lower case.
    index: BTreeMap<String, usize>,
}

/// A macro: complete commands joined by `&`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Macro {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) definition: String,
    /// Names of macros that it seems to call and that stand behind it in its file, where it cannot reach them: separated
    /// by commas, in the order of the calls. Without them, the same macros in another order would be taken for equal.
    pub(crate) hidden: String,
}

impl Macros {
    /// What a default catalog without a file has.
    pub(super) fn built_in() -> Self {
        Self::of(BUILT_IN.map(|(name, definition)| (name.to_owned(), definition.to_owned())).into())
    }

    /// Reads the sound macros of a file; with the built-in ones before them if it is the default catalog's.
    pub(super) fn read(path: &Path, text: &str, built_in: bool, warnings: &mut Warnings) -> Result<Sound<Self>> {
        if text.len() > MAX_TEXT {
            return Err(error_in(path, "is larger than 16 MiB"));
        }
        let mut all: Vec<(String, String)> = Vec::new();
        if built_in {
            all.extend(BUILT_IN.map(|(name, definition)| (name.to_owned(), definition.to_owned())));
        }
        let (rows, fault) = records::<MacroRow>(path, text, warnings)?;
        all.extend(rows.into_iter().map(|(name, MacroRow(definition))| (name.to_ascii_lowercase(), definition)));
        Ok((Self::of(all), fault))
    }

    /// A later macro replaces an earlier one of its name.
    fn of(all: Vec<(String, String)>) -> Self {
        let last: HashMap<String, usize> =
            all.iter().enumerate().map(|(position, (name, _))| (name.clone(), position)).collect();
        let mut macros = Self::default();
        for (position, (name, definition)) in all.into_iter().enumerate() {
            if last.get(&name) == Some(&position) {
                macros.index.insert(name.clone(), macros.list.len());
                macros.list.push(Macro { name, definition, hidden: String::new() });
            }
        }
        for position in 0..macros.list.len() {
            let hidden = macros.hidden_from(position);
            if let Some(one) = macros.list.get_mut(position) {
                one.hidden = hidden;
            }
        }
        macros
    }

    /// What the macro at a position may be calling and cannot reach. Every text between two dollars is taken for a
    /// call: too much in the list costs nothing but a version.
    fn hidden_from(&self, position: usize) -> String {
        let Some(caller) = self.list.get(position) else { return String::new() };
        let calls = caller.definition.split('$').skip(1).map(str::to_ascii_lowercase);
        let hidden = calls.filter(|name| self.index.get(name).is_some_and(|&callee| callee >= position));
        hidden.collect::<Vec<_>>().join(",")
    }

    /// The macro of that name, in lower case, and its position; only such as stand before `before`, if that is given.
    pub(super) fn find(&self, name: &str, before: Option<usize>) -> Option<(usize, &Macro)> {
        let position = *self.index.get(name)?;
        if before.is_some_and(|before| position >= before) {
            return None;
        }
        Some((position, self.list.get(position)?))
    }

    /// By name.
    pub(super) fn sorted(&self) -> impl Iterator<Item = &Macro> {
        self.index.values().filter_map(|&position| self.list.get(position))
    }
}

/// The largest text of a small table.
const MAX_TEXT: usize = 16 << 20;

/// The definition of a macro, whose name is the key.
struct MacroRow(String);

impl FromRow for MacroRow {
    const COLUMNS: &'static [&'static str] = &["Name", "Definition"];

    fn from_row(row: &Row<'_>) -> std::result::Result<Self, Malformed> {
        let legal = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
        if !row.text(0).bytes().all(legal) {
            return Err(Malformed(0, "has other characters than letters, digits, - _ and ."));
        }
        Ok(Self(row.text(1).into_owned()))
    }

    fn commands(&self) -> [(&'static str, &str); 2] {
        [("Definition", &self.0), ("", "")]
    }
}

/// Colour profiles by name.
#[derive(Debug, Default)]
pub(crate) struct Profiles(BTreeMap<String, String>);

impl Profiles {
    pub(super) fn read(path: &Path, text: &str, warnings: &mut Warnings) -> Result<Sound<Self>> {
        if text.len() > MAX_TEXT {
            return Err(error_in(path, "is larger than 16 MiB"));
        }
        let (rows, fault) = records::<ProfileRow>(path, text, warnings)?;
        Ok((Self(rows.into_iter().map(|(name, ProfileRow(path))| (name, path)).collect()), fault))
    }

    /// The paths of all profiles as the map writes them.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }

    /// The path of a profile as the map writes it.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

/// The path of a profile, whose name is the key.
struct ProfileRow(String);

impl FromRow for ProfileRow {
    const COLUMNS: &'static [&'static str] = &["Name", "ProfilePath"];

    fn from_row(row: &Row<'_>) -> std::result::Result<Self, Malformed> {
        if row.text(0).contains(',') {
            return Err(Malformed(0, "has a comma"));
        }
        match row.text(1) {
            Cow::Borrowed("") => Err(Malformed(1, "is empty")),
            path => Ok(Self(path.into_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Sound<Macros> {
        Macros::read(Path::new("m.txt"), text, false, &mut Warnings::default()).unwrap()
    }

    fn macros(text: &str) -> Macros {
        let (macros, fault) = read(text);
        assert_eq!(fault, None);
        macros
    }

    #[test]
    fn names_ignore_case_and_the_last_definition_wins() {
        let all = macros("Definition\tNAME\nwid=1\tView\nhei=1\tb\nwid=2\tvIEW\n");
        assert_eq!(all.find("view", None).map(|(at, found)| (at, found.definition.as_str())), Some((1, "wid=2")));
        assert_eq!(all.find("View", None), None, "callers write names in lower case");
        assert_eq!(all.sorted().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["b", "view"]);
    }

    #[test]
    fn misspelt_commands_of_definitions_are_told() {
        let mut warnings = Warnings::default();
        Macros::read(Path::new("m.txt"), "Name\tDefinition\nview\twid=5&amp;hei=5\n", true, &mut warnings).unwrap();
        assert_eq!(
            warnings.into_list().iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["m.txt line 2: view: Definition: amp;hei: stands behind &amp; instead of &; did you mean hei?"]
        );
    }

    #[test]
    fn only_what_stands_before_is_reached() {
        let all = macros("Name\tDefinition\na\t$b$&$c$&wid=$A$\nb\t1=1\nc\t$b$\n");
        assert_eq!(all.find("b", Some(1)), None);
        assert_eq!(all.find("b", Some(2)).unwrap().0, 1);
        assert_eq!(all.sorted().map(|m| m.hidden.as_str()).collect::<Vec<_>>(), ["b,c,a", "", ""]);
    }

    #[test]
    fn faults_say_where() {
        let (left, fault) = read("Name\tDefinition\na b\twid=1\nc\twid=2\n");
        assert_eq!(
            fault.unwrap().to_string(),
            "m.txt line 2: Name: has other characters than letters, digits, - _ and ."
        );
        assert_eq!(left.sorted().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["c"], "the others can be called");
        let profiles = |text| Profiles::read(Path::new("p.txt"), text, &mut Warnings::default()).unwrap();
        let fault = |text| profiles(text).1.unwrap().to_string();
        assert_eq!(fault("Name\tProfilePath\na,b\tx"), "p.txt line 2: Name: has a comma");
        assert_eq!(fault("Name\tProfilePath\na\t"), "p.txt line 2: ProfilePath: is empty");
        let (all, _) = profiles("Name\tProfilePath\nsRGB\ta.icc\nsRGB\tb.icc\n");
        assert_eq!((all.find("sRGB"), all.find("srgb")), (Some("b.icc"), None));
    }
}
