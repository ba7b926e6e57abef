//! A data file that stays text: records are found by their ids and parsed when a request asks for one.
//!
//! A million records are a file of a few hundred megabytes that no request reads whole. So the text is kept once, beside
//! an index of four bytes a record; loading parses every record to report what is wrong with it, and keeps none.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::path::Path;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::base::error::{Error, Result};

use super::data_file::{Field, Rows};
use super::remarks::Remarks;
use super::text::{Warnings, error_at_line, error_in, shown};

/// The most columns a kind of record has.
const MAX_COLUMNS: usize = 24;

/// A kind of record.
pub(super) trait FromRow: Sized {
    /// Names of the columns as they are documented; the first is the key.
    const COLUMNS: &'static [&'static str];

    /// The record of a row.
    ///
    /// # Errors
    ///
    /// A field is malformed.
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, Malformed>;

    /// Why no request can reach a record with this key.
    fn unreachable(_key: &str) -> Option<&'static str> {
        None
    }

    /// The fields that hold commands, by their columns.
    fn commands(&self) -> [(&'static str, &str); 2] {
        [("", ""); 2]
    }
}

/// Names a kind of record's columns, in an enum and a list.
macro_rules! columns {
    ($($name:ident),+ $(,)?) => {
        #[derive(Clone, Copy)]
        #[allow(dead_code, reason = "columns that are told by their number alone")]
        enum Column { $($name),+ }

        const COLUMNS: &[&str] = &[$(stringify!($name)),+];
    };
}
pub(super) use columns;

/// The position of a column in [`FromRow::COLUMNS`], and what is wrong with the field in it.
#[derive(Debug)]
pub(super) struct Malformed(pub(super) usize, pub(super) &'static str);

/// The fields of one record by column. Those that are missing are empty.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    fields: [Field<'a>; MAX_COLUMNS],
}

impl<'a> Row<'a> {
    pub(super) fn field(&self, column: usize) -> Field<'a> {
        self.fields.get(column).copied().unwrap_or_default()
    }

    pub(super) fn text(&self, column: usize) -> Cow<'a, str> {
        self.field(column).text()
    }
}

/// Which column of [`FromRow::COLUMNS`] stands at which place of a file; `None` for columns that are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    columns: Box<[Option<u8>]>,
    /// Where the key stands.
    key: usize,
}

impl Header {
    fn read<T: FromRow>(path: &Path, rows: &mut Rows<'_>, warnings: &mut Warnings) -> Result<Self> {
        let mut names = Vec::new();
        let place = loop {
            let place =
                rows.next(|_, field| names.push(field.text())).ok_or_else(|| error_in(path, "has no header"))?;
            // Spreadsheets write empty cells behind the last column, and rows of nothing else.
            names
                .truncate(names.iter().rposition(|name| !name.trim_matches(' ').is_empty()).map_or(0, |last| last + 1));
            if !names.is_empty() {
                break place;
            }
        };
        let error = |name: &str, what| Err(error_at_line(path, place.line, name, what));
        let mut seen: std::collections::HashSet<String> = std::collections::HashSet::new();
        let mut columns = Vec::with_capacity(names.len());
        for name in &names {
            let bare = name.strip_prefix('.').unwrap_or(name);
            if bare.is_empty() || !bare.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_')) {
                // A table of one column has a plain name in its header.
                let is_separated = names.len() == 1 && bare.contains([';', ',']);
                let hint = "is not a legal column name; separate columns by tabs";
                return error(name, if is_separated { hint } else { "is not a legal column name" });
            }
            if !seen.insert(name.to_ascii_lowercase()) {
                return error(name, "stands twice in the header");
            }
            let column = T::COLUMNS.iter().position(|known| known.eq_ignore_ascii_case(name));
            if column.is_none() && !name.starts_with('.') {
                warnings.add(path, place.line, format_args!("{name}: is not a known column; it is ignored"));
            }
            columns.push(column.and_then(|column| u8::try_from(column).ok()));
        }
        match columns.iter().position(|column| *column == Some(0)) {
            Some(key) => Ok(Self { columns: columns.into(), key }),
            None => error(T::COLUMNS.first().copied().unwrap_or_default(), "is missing in the header"),
        }
    }

    /// Takes a field of a row to its column.
    fn put<'a>(&self, row: &mut Row<'a>, position: usize, field: Field<'a>) {
        let column = self.columns.get(position).copied().flatten();
        if let Some(slot) = column.and_then(|column| row.fields.get_mut(usize::from(column))) {
            *slot = field;
        }
    }
}

/// What was read, and the first record of the file that could not be.
pub(super) type Sound<T> = (T, Option<Error>);

/// Reads every record of a data file: its place, its key and itself. Records without a key and those with more fields
/// than the header are left out with a warning: if a record has surplus fields, the reader cannot match fields to
/// columns. Malformed records are left out too; the first of them is told as an error.
fn each<'a, T: FromRow>(
    path: &Path,
    text: &'a str,
    warnings: &mut Warnings,
    mut visit: impl FnMut(usize, Cow<'a, str>, T),
) -> Result<Sound<Header>> {
    let mut rows = Rows::new(text);
    let header = Header::read::<T>(path, &mut rows, warnings)?;
    let (mut fault, mut remarks) = (None, Remarks::default());
    loop {
        let (mut row, mut fields) = (Row::default(), 0);
        let read = rows.next(|position, field| {
            header.put(&mut row, position, field);
            // Spreadsheets write empty cells behind the last field.
            if !field.is_empty() {
                fields = position + 1;
            }
        });
        let Some(place) = read else {
            remarks.finish(path, warnings);
            return Ok((header, fault));
        };
        if fields == 0 {
            continue;
        }
        if fields > header.columns.len() {
            warnings.add(path, place.line, format_args!("has more fields than the header; the record is ignored"));
            continue;
        }
        let key = row.text(0);
        if key.is_empty() {
            let name = T::COLUMNS.first().copied().unwrap_or_default();
            warnings.add(path, place.line, format_args!("{name}: is empty; the record is ignored"));
            continue;
        }
        let record = match T::from_row(&row) {
            Ok(record) => record,
            Err(Malformed(column, what)) => {
                let column = T::COLUMNS.get(column).copied().unwrap_or_default();
                warnings.add(path, place.line, format_args!("{column}: {what}; the record is ignored"));
                fault.get_or_insert_with(|| error_at_line(path, place.line, column, what));
                continue;
            }
        };
        if let Some(what) = T::unreachable(&key) {
            warnings.add(path, place.line, format_args!("{}: {what}; the record is ignored", shown(&key)));
            continue;
        }
        remarks.look(path, place.line, &key, record.commands(), warnings);
        visit(place.offset, key, record);
    }
}

/// All sound records of a small data file, in order, with their keys.
///
/// # Errors
///
/// The header is malformed.
pub(super) fn records<T: FromRow>(path: &Path, text: &str, warnings: &mut Warnings) -> Result<Sound<Vec<(String, T)>>> {
    let mut all = Vec::new();
    let (_, fault) = each(path, text, warnings, |_, key, record| all.push((key.into_owned(), record)))?;
    Ok((all, fault))
}

/// A data file with an index of its records.
pub(super) struct Table<T> {
    text: Box<str>,
    header: Header,
    /// Offsets of the records in the text; of records with the same key, the last one's.
    index: HashTable<u32>,
    hasher: RandomState,
    kind: PhantomData<fn() -> T>,
}

impl<T: FromRow> Table<T> {
    /// What takes the place of a data file that cannot be used.
    pub(super) fn empty() -> Self {
        let header = Header { columns: Box::default(), key: 0 };
        Self { text: Box::default(), header, index: HashTable::new(), hasher: RandomState::new(), kind: PhantomData }
    }

    /// Checks and indexes the sound records of a data file.
    ///
    /// # Errors
    ///
    /// The header is malformed; the text names the line.
    pub(super) fn new(path: &Path, text: String, warnings: &mut Warnings) -> Result<Sound<Self>> {
        if u32::try_from(text.len()).is_err() {
            return Err(error_in(path, "is larger than 4 GiB"));
        }
        let text = text.into_boxed_str();
        let hasher = RandomState::new();
        // The header is not known before the index is built, but where the key stands has to be: it is read twice.
        let header = Header::read::<T>(path, &mut Rows::new(&text), &mut Warnings::default())?;
        let mut index = HashTable::new();
        let (_, fault) = each::<T>(path, &text, warnings, |offset, key, _| {
            let at = |&offset: &u32| key_at(&text, header.key, offset).unwrap_or_default();
            // It is below the length checked above.
            let offset = offset as u32;
            match index.entry(hasher.hash_one(&*key), |other| at(other) == key, |other| hasher.hash_one(&*at(other))) {
                Entry::Occupied(mut earlier) => *earlier.get_mut() = offset,
                Entry::Vacant(free) => {
                    free.insert(offset);
                }
            }
        })?;
        Ok((Self { text, header, index, hasher, kind: PhantomData }, fault))
    }

    /// The record with this key.
    pub(super) fn find(&self, key: &str) -> Option<T> {
        let offset = self.offset(key)?;
        let mut row = Row::default();
        self.rows_at(offset)?.next(|position, field| self.header.put(&mut row, position, field))?;
        // Every record in the index was read when the file was loaded.
        T::from_row(&row).ok()
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.offset(key).is_some()
    }

    /// Keys in the order of their records in the file.
    pub(super) fn keys(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let mut rows = Rows::new(&self.text);
        rows.next(|_, _| {});
        std::iter::from_fn(move || {
            let mut key = Field::default();
            let place = rows.next(|position, field| {
                if position == self.header.key {
                    key = field;
                }
            })?;
            Some((place.offset, key.text()))
        })
        // Not those that were left out or replaced.
        .filter(|(offset, key)| self.offset(key).is_some_and(|found| found as usize == *offset))
        .map(|(_, key)| key)
    }

    fn offset(&self, key: &str) -> Option<u32> {
        let at = |&offset: &u32| key_at(&self.text, self.header.key, offset).is_some_and(|found| found == key);
        self.index.find(self.hasher.hash_one(key), at).copied()
    }

    fn rows_at(&self, offset: u32) -> Option<Rows<'_>> {
        self.text.get(offset as usize..).map(Rows::new)
    }
}

impl<T> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("bytes", &self.text.len()).field("records", &self.index.len()).finish()
    }
}

/// The key of the record at an offset.
fn key_at(text: &str, key: usize, offset: u32) -> Option<Cow<'_, str>> {
    Rows::new(text.get(offset as usize..)?).nth_field(key).map(Field::text)
}

#[cfg(test)]
#[path = "data_table_tests.rs"]
mod tests;
