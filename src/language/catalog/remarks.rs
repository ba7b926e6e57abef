//! Warns of misspelt commands in records (`catalog.md` §3.2). The engine ignores such commands, so the reply does not
//! show the mistake.

use std::collections::HashMap;
use std::path::Path;

use crate::language::request::misspelt;

use super::text::{Warnings, shown};

/// The most warnings of this kind about one file.
const MAX_LISTED: usize = 100;

/// The most of them about one name. Viewers have commands of their own, which stand in every record of some catalogs.
const MAX_OF_ONE_NAME: usize = 10;

/// Counts the misspelt commands of one file.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// Of each field, the last text in which nothing is misspelt.
    clean: [String; 2],
    listed: usize,
    of_name: HashMap<String, usize>,
    /// Those that are not listed, and the line of the first.
    more: usize,
    from: usize,
}

impl Remarks {
    /// Looks at the fields that hold commands, of the record with that key at that line.
    pub(super) fn look(
        &mut self,
        path: &Path,
        line: usize,
        key: &str,
        fields: [(&'static str, &str); 2],
        warnings: &mut Warnings,
    ) {
        for (place, (column, text)) in fields.into_iter().enumerate() {
            // Most records of a catalog say the same as the one before.
            if text.is_empty() || self.clean.get(place).is_some_and(|clean| clean == text) {
                continue;
            }
            let mut is_clean = true;
            misspelt(text, &mut |found| {
                is_clean = false;
                if self.is_listed(found.name, line) {
                    let found = shown(&found.to_string());
                    warnings.add(path, line, format_args!("{}: {column}: {found}", shown(key)));
                }
            });
            if let Some(clean) = self.clean.get_mut(place).filter(|_| is_clean) {
                text.clone_into(clean);
            }
        }
    }

    /// Counts a name. True if it belongs to those that are listed.
    fn is_listed(&mut self, name: &str, line: usize) -> bool {
        let known = self.of_name.get_mut(name);
        if self.listed == MAX_LISTED || known.as_ref().is_some_and(|count| **count == MAX_OF_ONE_NAME) {
            if self.more == 0 {
                self.from = line;
            }
            self.more += 1;
            return false;
        }
        match known {
            Some(count) => *count += 1,
            None => _ = self.of_name.insert(name.to_owned(), 1),
        }
        self.listed += 1;
        true
    }

    /// Says how many there are beside those that are listed.
    pub(super) fn finish(self, path: &Path, warnings: &mut Warnings) {
        if self.more > 0 {
            let what = "more misspelt or unknown commands; the first is in this line";
            warnings.add(path, self.from, format_args!("{} {what}", self.more));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_listed_ten_times_and_a_file_a_hundred_times() {
        let path = Path::new("x/cat.txt");
        let told = |records: &mut dyn Iterator<Item = String>| {
            let (mut remarks, mut warnings) = (Remarks::default(), Warnings::default());
            for (number, text) in records.enumerate() {
                remarks.look(path, number + 2, &format!("r{number}"), [("Modifier", &text), ("", "")], &mut warnings);
            }
            remarks.finish(path, &mut warnings);
            warnings.into_list().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let list = told(&mut (0..50).map(|_| "zoomlevel=1&wid=5".to_owned()));
        assert_eq!(list.len(), 11);
        assert_eq!(list[9], "cat.txt line 11: r9: Modifier: zoomlevel: is not a command");
        assert_eq!(list[10], "cat.txt line 12: 40 more misspelt or unknown commands; the first is in this line");
        let list = told(&mut (0..500).map(|number| format!("viewer{number}=1")));
        assert_eq!(list.len(), 101);
        assert!(list[100].starts_with("cat.txt line 102: 400 more misspelt "), "{}", list[100]);
        assert_eq!(told(&mut std::iter::once("wid=5&.note&$v=1&$view$".to_owned())), [""; 0]);
    }

    #[test]
    fn what_is_told_is_one_line() {
        let (mut remarks, mut warnings) = (Remarks::default(), Warnings::default());
        remarks.look(Path::new("c"), 2, "two\nlines", [("Modifier", "a\nb=1"), ("", "")], &mut warnings);
        assert!(warnings.into_list().iter().all(|warning| warning.to_string().lines().count() == 1));
    }
}
