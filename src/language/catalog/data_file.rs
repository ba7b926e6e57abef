//! The syntax of data files (`catalog.md` §3.2): a header, then records of TAB-separated fields.
//!
//! Ours and not the `csv` crate's, because the meaning of a text can depend on whether it was quoted (§5). Fields are
//! slices of the text, so reading a million records allocates nothing.

use std::borrow::Cow;

use super::text::line_ends;

/// One field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Field<'a> {
    /// Without the quotes around it, but with doubled quotes inside.
    raw: &'a str,
    /// The field stood in double quotes.
    pub(super) quoted: bool,
}

impl<'a> Field<'a> {
    /// What the field says; doubled quotes inside quotes stand for one.
    pub(super) fn text(self) -> Cow<'a, str> {
        if self.quoted && self.raw.contains('"') {
            Cow::Owned(self.raw.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(self.raw)
        }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.raw.is_empty()
    }
}

/// Where a record starts and how many fields it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Bytes from the start of the text.
    pub(super) offset: usize,
    /// Lines from 1; 0 if the reader did not start at the start.
    pub(super) line: usize,
    pub(super) fields: usize,
}

/// Reads a text record by record.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    len: usize,
    rest: &'a str,
    line: usize,
}

impl<'a> Rows<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { len: text.len(), rest: text, line: 1 }
    }

    /// The next record, whose fields `visit` gets with their positions from 0; `None` at the end. Empty lines are no
    /// records.
    pub(super) fn next(&mut self, mut visit: impl FnMut(usize, Field<'a>)) -> Option<Place> {
        while self.line_end() {}
        if self.rest.is_empty() {
            return None;
        }
        let mut place = Place { offset: self.len - self.rest.len(), line: self.line, fields: 0 };
        loop {
            visit(place.fields, self.field());
            place.fields += 1;
            match self.rest.strip_prefix('\t') {
                Some(rest) => self.rest = rest,
                None => break,
            }
        }
        self.line_end();
        Some(place)
    }

    /// The field at a position of the record that starts here; nothing behind it is read.
    pub(super) fn nth_field(&mut self, position: usize) -> Option<Field<'a>> {
        for _ in 0..position {
            self.field();
            self.rest = self.rest.strip_prefix('\t')?;
        }
        Some(self.field())
    }

    /// Reads over one CR, LF or CRLF, if it stands here.
    fn line_end(&mut self) -> bool {
        let Some(rest) = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\r', '\n'])) else {
            return false;
        };
        self.rest = rest;
        self.line += 1;
        true
    }

    /// Reads up to a TAB, a line end or the end of the text.
    fn field(&mut self) -> Field<'a> {
        if let Some(field) = self.quoted_field() {
            return field;
        }
        let (raw, rest) = self.rest.split_at(field_end(self.rest));
        self.rest = rest;
        Field { raw, quoted: false }
    }

    /// A field in double quotes, in which a doubled quote stands for one and line ends are text. `None`, and
    /// nothing read, if there is no closing quote followed by the end of a field: the quote is text then.
    fn quoted_field(&mut self) -> Option<Field<'a>> {
        let inner = self.rest.strip_prefix('"')?;
        let mut from = 0;
        let end = loop {
            let quote = from + inner.get(from..)?.find('"')?;
            if inner.as_bytes().get(quote + 1) != Some(&b'"') {
                break quote;
            }
            from = quote + 2;
        };
        let (raw, after) = (inner.get(..end)?, inner.get(end + 1..)?);
        if !(after.is_empty() || after.starts_with(['\t', '\r', '\n'])) {
            return None;
        }
        self.line += line_ends(raw.as_bytes());
        self.rest = after;
        Some(Field { raw, quoted: true })
    }
}

fn field_end(text: &str) -> usize {
    text.bytes().position(|byte| matches!(byte, b'\t' | b'\r' | b'\n')).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str) -> Vec<(Place, Vec<Field<'_>>)> {
        let mut reader = Rows::new(text);
        let mut all = Vec::new();
        loop {
            let mut fields = Vec::new();
            let Some(place) = reader.next(|position, field| {
                assert_eq!(position, fields.len());
                fields.push(field);
            }) else {
                return all;
            };
            assert_eq!(place.fields, fields.len());
            all.push((place, fields));
        }
    }

    fn texts(text: &str) -> Vec<(usize, Vec<String>)> {
        rows(text)
            .into_iter()
            .map(|(place, fields)| (place.line, fields.into_iter().map(|f| f.text().into_owned()).collect()))
            .collect()
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
        assert_eq!(texts("\r\n\n\r\r\n"), []);
    }

    #[test]
    fn quotes_hold_tabs_line_ends_and_doubled_quotes() {
        assert_eq!(
            texts("a\t\"x\ty\r\nz \"\"q\"\"\"\tb\nnext"),
            [row(1, &["a", "x\ty\r\nz \"q\"", "b"]), row(3, &["next"])]
        );
        let all = rows("\"q\"\t\"\"\tplain");
        assert_eq!(all[0].1.iter().map(|f| f.quoted).collect::<Vec<_>>(), [true, true, false]);
        assert_eq!(texts("\"\"\nx"), [row(1, &[""]), row(2, &["x"])]);
    }

    #[test]
    fn a_stray_quote_is_text() {
        assert_eq!(texts("\"a\tb\n\"c\"d\te"), [row(1, &["\"a", "b"]), row(2, &["\"c\"d", "e"])]);
    }

    proptest! {
        /// A record read from where it starts is the record read on the way there.
        #[test]
        fn records_can_be_read_from_their_place(text in "[a\"\t\r\né]{0,60}") {
            for (place, fields) in rows(&text) {
                prop_assert_eq!(&rows(&text[place.offset..])[0].1, &fields);
            }
        }
    }
}
