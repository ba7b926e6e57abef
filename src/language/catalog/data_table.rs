//! A data file that stays text: records are found by their ids and parsed when somebody asks for one.
//!
//! A million records are a file of a few hundred megabytes that nobody reads whole. So the text is kept once, beside
//! an index of four bytes a record; loading parses every record to report what is wrong with it, and keeps none.

use std::borrow::Cow;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::path::Path;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::base::error::Result;

use super::data_file::{Field, Rows};
use super::text::{Warnings, error_at_line, error_in};

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
                return error(name, "is not a legal column name");
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

/// Reads every record of a data file: its place, its key and itself. Records without a key and those with more fields
/// than the header are left out with a warning: where fields are surplus, nobody knows which is which.
fn each<'a, T: FromRow>(
    path: &Path,
    text: &'a str,
    warnings: &mut Warnings,
    mut visit: impl FnMut(usize, Cow<'a, str>, T),
) -> Result<Header> {
    let mut rows = Rows::new(text);
    let header = Header::read::<T>(path, &mut rows, warnings)?;
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
            return Ok(header);
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
        let record = T::from_row(&row).map_err(|Malformed(column, what)| {
            error_at_line(path, place.line, T::COLUMNS.get(column).copied().unwrap_or_default(), what)
        })?;
        visit(place.offset, key, record);
    }
}

/// All records of a small data file, in order, with their keys.
pub(super) fn records<T: FromRow>(path: &Path, text: &str, warnings: &mut Warnings) -> Result<Vec<(String, T)>> {
    let mut all = Vec::new();
    each(path, text, warnings, |_, key, record| all.push((key.into_owned(), record)))?;
    Ok(all)
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
    /// Checks and indexes a data file.
    ///
    /// # Errors
    ///
    /// The header is malformed, or a field of a record is; the text names the line.
    pub(super) fn new(path: &Path, text: String, warnings: &mut Warnings) -> Result<Self> {
        if u32::try_from(text.len()).is_err() {
            return Err(error_in(path, "is larger than 4 GiB"));
        }
        let text = text.into_boxed_str();
        let hasher = RandomState::new();
        // The header is not known before the index is built, but where the key stands has to be: it is read twice.
        let header = Header::read::<T>(path, &mut Rows::new(&text), &mut Warnings::default())?;
        let mut index = HashTable::new();
        each::<T>(path, &text, warnings, |offset, key, _| {
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
        Ok(Self { text, header, index, hasher, kind: PhantomData })
    }

    /// The record with this key.
    pub(super) fn find(&self, key: &str) -> Option<T> {
        let offset = self.offset(key)?;
        let mut row = Row::default();
        self.rows_at(offset)?.next(|position, field| self.header.put(&mut row, position, field))?;
        // Every record was read when the file was loaded.
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
mod tests {
    use proptest::prelude::*;

    use super::super::record::Record;
    use super::super::static_record::StaticRecord;
    use super::super::text::decode;
    use super::*;

    fn table(text: &str) -> (Result<Table<Record>>, Vec<String>) {
        let mut warnings = Warnings::default();
        let table = Table::new(Path::new("cat.txt"), text.to_owned(), &mut warnings);
        (table, warnings.into_list().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn later_wins_and_odd_records_are_left_out_with_a_warning() {
        let (table, warnings) = table(
            "Modifier\tID\tpath\t.note\tSku\n\
             a=1\tshoe\tshoes/1\tprivate\t7\n\
             \t\tno id\n\
             \n\
             a\tsurplus\tc\td\te\tf\n\
             \t\"say \"\"hi\"\"\"\t\"two\nlines\"\n\
             a=2\tshoe\tshoes/2\n\
             \tlast",
        );
        let table = table.unwrap();
        assert_eq!(table.find("shoe").map(|r| (r.path, r.modifier)), Some(("shoes/2".into(), "a=2".into())));
        assert_eq!(table.find("say \"hi\"").unwrap().path, "two\nlines");
        assert_eq!(table.find("last").unwrap().path, "");
        assert!(["Shoe", "", "surplus", "no id", "ID", "sho"].iter().all(|id| table.find(id).is_none()));
        assert_eq!(table.keys().collect::<Vec<_>>(), ["say \"hi\"", "shoe", "last"]);
        assert_eq!(
            warnings,
            [
                "cat.txt line 1: Sku: is not a known column; it is ignored",
                "cat.txt line 3: Id: is empty; the record is ignored",
                "cat.txt line 5: has more fields than the header; the record is ignored",
            ]
        );
    }

    #[test]
    fn bad_headers_say_where() {
        for (text, expected) in [
            ("", "cat.txt: has no header"),
            ("\n\n", "cat.txt: has no header"),
            ("  \t\n\t \t", "cat.txt: has no header"),
            ("\tId\n", "cat.txt line 1: : is not a legal column name"),
            ("Path\tModifier\n", "cat.txt line 1: Id: is missing in the header"),
            ("\nId\tiD\n", "cat.txt line 2: iD: stands twice in the header"),
            ("Id\t.n\t.N\n", "cat.txt line 1: .N: stands twice in the header"),
            ("Id\t\tPath\n", "cat.txt line 1: : is not a legal column name"),
            ("Id\tmy path\n", "cat.txt line 1: my path: is not a legal column name"),
            ("Id\t.\n", "cat.txt line 1: .: is not a legal column name"),
            ("Id\ta.b\n", "cat.txt line 1: a.b: is not a legal column name"),
        ] {
            assert_eq!(table(text).0.unwrap_err().to_string(), expected);
        }
    }

    /// As spreadsheets write tables: cells behind the last column, in the header, in records and in rows of their own.
    #[test]
    fn trailing_empty_cells_are_ignored() {
        let (table, warnings) = table("\t\t\nId\tPath\t\t\"\"\nshoe\tp\t\t\t\t\n\t\t\t\nhat\tq\t\tx\t\n");
        let table = table.unwrap();
        assert_eq!(table.keys().collect::<Vec<_>>(), ["shoe"]);
        assert_eq!(table.find("shoe").unwrap().path, "p");
        assert_eq!(warnings, ["cat.txt line 5: has more fields than the header; the record is ignored"]);
    }

    #[test]
    fn every_kind_of_record_fits_its_row() {
        assert!(Record::COLUMNS.len() <= MAX_COLUMNS && StaticRecord::COLUMNS.len() <= MAX_COLUMNS);
    }

    proptest! {
        /// Whatever a file holds, it is read or refused, and every key that it lists leads to its record.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(text) = decode(bytes) {
                let _ = table(&text);
                let _ = table(&format!("Id\tPath\tImageSet\n{text}"));
            }
        }

        #[test]
        fn keys_lead_to_their_records(text in "[ab\"\t\r\n]{0,60}") {
            let (table, _) = table(&format!("Path\tId\tModifier\n{text}"));
            if let Ok(table) = table {
                for key in table.keys() {
                    prop_assert_eq!(table.find(&key).map(|record| record.id), Some(key.into_owned()));
                }
            }
        }
    }
}
