//! The syntax of data files (`catalog.md` §3.2): a header, then records of TAB-separated fields.
//!
//! Ours and not the `csv` crate's, because the meaning of a text can depend on whether it was quoted (§5).

/// One field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) text: String,
    /// The field stood in double quotes.
    pub(super) quoted: bool,
}

/// A record and the line it starts at, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) fields: Vec<Field>,
    pub(super) line: usize,
}

/// Splits a data file into records, the header first. Empty lines are left out.
pub(super) fn rows(text: &str) -> Vec<Row> {
    let mut reader = Reader { rest: text, line: 1 };
    let mut rows = Vec::new();
    while !reader.rest.is_empty() {
        let row = reader.row();
        if row.fields.len() > 1 || row.fields.iter().any(|field| field.quoted || !field.text.is_empty()) {
            rows.push(row);
        }
    }
    rows
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
}

impl Reader<'_> {
    fn row(&mut self) -> Row {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            fields.push(self.field());
            if let Some(rest) = self.rest.strip_prefix('\t') {
                self.rest = rest;
                continue;
            }
            self.line += 1;
            self.rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\r', '\n'])).unwrap_or("");
            return Row { fields, line };
        }
    }

    /// Reads up to a TAB, a line end or the end of the text.
    fn field(&mut self) -> Field {
        if let Some(field) = self.quoted_field() {
            return field;
        }
        let end = self.rest.find(['\t', '\r', '\n']).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        Field { text: text.to_owned(), quoted: false }
    }

    /// A field in double quotes, in which a doubled quote stands for one and line ends are text. `None`, and
    /// nothing read, if there is no closing quote followed by the end of a field: the quote is text then.
    fn quoted_field(&mut self) -> Option<Field> {
        let inner = self.rest.strip_prefix('"')?;
        let mut from = 0;
        let end = loop {
            let quote = from + inner[from..].find('"')?;
            if !inner[quote + 1..].starts_with('"') {
                break quote;
            }
            from = quote + 2;
        };
        let after = &inner[end + 1..];
        if !(after.is_empty() || after.starts_with(['\t', '\r', '\n'])) {
            return None;
        }
        let text = &inner[..end];
        self.line += text.replace("\r\n", "\n").matches(['\r', '\n']).count();
        self.rest = after;
        Some(Field { text: text.replace("\"\"", "\""), quoted: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(usize, Vec<String>)> {
        rows(text).into_iter().map(|row| (row.line, row.fields.into_iter().map(|f| f.text).collect())).collect()
    }

    fn row(line: usize, fields: &[&str]) -> (usize, Vec<String>) {
        (line, fields.iter().map(|&f| f.to_owned()).collect())
    }

    #[test]
    fn tabs_separate_and_any_line_end_ends() {
        assert_eq!(
            texts("Id\tPath\r\n a \t\tx\r\rb\nc\t"),
            [row(1, &["Id", "Path"]), row(2, &[" a ", "", "x"]), row(4, &["b"]), row(5, &["c", ""])]
        );
        assert_eq!(texts(""), []);
    }

    #[test]
    fn quotes_hold_tabs_line_ends_and_doubled_quotes() {
        assert_eq!(
            texts("a\t\"x\ty\r\nz \"\"q\"\"\"\tb\nnext"),
            [row(1, &["a", "x\ty\r\nz \"q\"", "b"]), row(3, &["next"])]
        );
        let all = rows("\"q\"\t\"\"\tplain");
        assert_eq!(all[0].fields.iter().map(|f| f.quoted).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_stray_quote_is_text() {
        assert_eq!(texts("\"a\tb\n\"c\"d\te"), [row(1, &["\"a", "b"]), row(2, &["\"c\"d", "e"])]);
    }
}
