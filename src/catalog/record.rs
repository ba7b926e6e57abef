//! Records of image data files (`catalog.md` §7.1).

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
use crate::request::Real;

use super::attributes::Hours;
use super::data_file::{Row, rows};
use super::text::{error_at_line, error_in, read};

/// One image of a catalog. Empty fields have been given their documented default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Record {
    pub(crate) id: String,
    /// Source file; empty for templates.
    pub(crate) path: String,
    /// Commands that precede those of a request.
    pub(crate) modifier: String,
    /// Lifetime of replies; `None`: the catalog's.
    pub(crate) expiration: Option<Hours>,
}

/// The image records of one catalog by id; a later record of the same id replaces an earlier one.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// In the order in which ids first appeared.
    list: Vec<Arc<Record>>,
    index: HashMap<String, usize>,
}

impl Records {
    pub(crate) fn find(&self, id: &str) -> Option<&Arc<Record>> {
        self.index.get(id).map(|&position| &self.list[position])
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Record> {
        self.list.iter().map(AsRef::as_ref)
    }

    /// Adds the records of one data file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, its header is malformed, or a field of a record is.
    pub(super) fn add_file(&mut self, path: &Path) -> Result<()> {
        self.add_text(path, &read(path)?)
    }

    fn add_text(&mut self, path: &Path, text: &str) -> Result<()> {
        let mut rows = rows(text).into_iter();
        let header = rows.next().ok_or_else(|| error_in(path, "has no header"))?;
        let columns = Columns::read(path, &header)?;
        for row in rows {
            // Surplus fields make it doubtful which field is which: such a record is left out.
            if row.fields.len() <= header.fields.len() {
                self.insert(columns.record(path, &row)?);
            }
        }
        Ok(())
    }

    fn insert(&mut self, record: Record) {
        if record.id.is_empty() {
            return;
        }
        let next = self.list.len();
        let position = *self.index.entry(record.id.clone()).or_insert(next);
        let record = Arc::new(record);
        if position == next {
            self.list.push(record);
        } else {
            self.list[position] = record;
        }
    }
}

/// Which column holds which field.
struct Columns(Vec<Option<Column>>);

#[derive(Clone, Copy, PartialEq)]
enum Column {
    Id,
    Path,
    Modifier,
    Expiration,
}

impl Columns {
    fn read(path: &Path, header: &Row) -> Result<Self> {
        let mut columns = Vec::with_capacity(header.fields.len());
        let mut names: Vec<String> = Vec::with_capacity(header.fields.len());
        for field in &header.fields {
            let name = field.text.to_ascii_lowercase();
            let legal = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.');
            if name.is_empty() || !name.bytes().all(legal) {
                return Err(error_at_line(path, header.line, &field.text, "is not a legal column name"));
            }
            if names.contains(&name) {
                return Err(error_at_line(path, header.line, &field.text, "stands twice in the header"));
            }
            // A column starting with a dot is private, others unknown: both are ignored.
            columns.push(match name.as_str() {
                "id" => Some(Column::Id),
                "path" => Some(Column::Path),
                "modifier" => Some(Column::Modifier),
                "expiration" => Some(Column::Expiration),
                _ => None,
            });
            names.push(name);
        }
        if !columns.contains(&Some(Column::Id)) {
            return Err(error_in(path, "has no column Id in its header"));
        }
        Ok(Self(columns))
    }

    fn record(&self, path: &Path, row: &Row) -> Result<Record> {
        let mut record = Record::default();
        for (column, field) in self.0.iter().zip(&row.fields) {
            match column {
                Some(Column::Id) => record.id.clone_from(&field.text),
                Some(Column::Path) => record.path.clone_from(&field.text),
                Some(Column::Modifier) => record.modifier.clone_from(&field.text),
                Some(Column::Expiration) if !field.text.is_empty() => {
                    let hours = Real::parse_with_exponent(&field.text)
                        .ok_or_else(|| error_at_line(path, row.line, "Expiration", "is not a number"))?;
                    record.expiration = Hours::new(hours);
                }
                Some(Column::Expiration) | None => {}
            }
        }
        if record.id.contains(',') {
            return Err(error_at_line(path, row.line, &record.id, "is an Id with a comma"));
        }
        Ok(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Result<Records> {
        let mut records = Records::default();
        records.add_text(Path::new("cat.txt"), text)?;
        Ok(records)
    }

    #[test]
    fn fields_defaults_private_columns_and_later_wins() {
        let mut all = records(
            "Id\tPATH\tModifier\tExpiration\t.note\tUserData\n\
             shoe\tshoes/1\top_usm=.9,2\t24\tprivate\tx=1\n\
             short\tp\n\
             never\tq\t\t-1\n\
             inherit\tr\t\t-2\n\
             surplus\ta\tb\t1\tc\td\te\n\
             \t\tno id\n\
             shoe\tshoes/2\n",
        )
        .unwrap();
        assert_eq!(all.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["shoe", "short", "never", "inherit"]);
        assert_eq!(all.find("shoe").unwrap().path, "shoes/2");
        assert_eq!(all.find("Shoe"), None, "ids are case-sensitive");
        assert_eq!(all.find("never").unwrap().expiration, Hours::new(Real::from_int(-1)));
        assert_eq!(all.find("inherit").unwrap().expiration, None);
        all.add_text(Path::new("delta.txt"), "Path\tId\nshoes/3\tshoe\nnew\tnew\n").unwrap();
        assert_eq!(all.find("shoe").unwrap().path, "shoes/3");
        assert_eq!(all.iter().count(), 5);
    }

    #[test]
    fn bad_headers_and_fields_say_where() {
        let cases = [
            ("", "cat.txt: has no header"),
            ("Path\tModifier\n", "cat.txt: has no column Id in its header"),
            ("Id\tId\n", "cat.txt line 1: Id: stands twice in the header"),
            ("Id\t\n", "cat.txt line 1: : is not a legal column name"),
            ("Id\tmy path\n", "cat.txt line 1: my path: is not a legal column name"),
            ("Id\tExpiration\na\tsoon\n", "cat.txt line 2: Expiration: is not a number"),
            ("Id\tPath\n\na,b\tx\n", "cat.txt line 3: a,b: is an Id with a comma"),
        ];
        for (text, expected) in cases {
            assert_eq!(records(text).unwrap_err().to_string(), expected);
        }
    }
}
