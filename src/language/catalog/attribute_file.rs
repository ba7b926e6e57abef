//! The syntax of attribute files, `*.ini` (`catalog.md` §3.1): lines in, names and texts out.

/// One `name=value` record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// As it is written; its case does not matter.
    pub(super) name: String,
    pub(super) value: String,
    /// Where the record starts, from 1.
    pub(super) line: usize,
}

/// Reads the records of an attribute file, in order. Lines that are no record are left out.
pub(super) fn entries(text: &str) -> Vec<Entry> {
    logical_lines(text)
        .into_iter()
        .filter_map(|(line, text)| {
            let text = text.trim_matches([' ', '\t']);
            if text.starts_with('#') {
                return None;
            }
            let (name, value) = text.split_once('=')?;
            let name = name.trim_matches([' ', '\t']).to_owned();
            Some(Entry { name, value: unquote(value.trim_matches([' ', '\t'])), line })
        })
        .collect()
}

/// Lines ended by CR, LF or CRLF; a backslash just before the break joins the next line, but not to a comment.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut joined = false;
    for (number, line) in text.replace("\r\n", "\n").replace('\r', "\n").split('\n').enumerate() {
        let is_comment = !joined && line.trim_start_matches([' ', '\t']).starts_with('#');
        let (content, continues) = match line.strip_suffix('\\') {
            // Two backslashes are not a single one before the break.
            Some(content) if !is_comment && !content.ends_with('\\') => (content, true),
            _ => (line, false),
        };
        match lines.last_mut() {
            Some((_, previous)) if joined => previous.push_str(content),
            _ => lines.push((number + 1, content.to_owned())),
        }
        joined = continues;
    }
    lines
}

/// Removes single or double quotes around a text; doubled ones inside stand for one (`catalog.md` §5).
fn unquote(value: &str) -> String {
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.replace([quote, quote].iter().collect::<String>().as_str(), quote.encode_utf8(&mut [0; 4]));
        }
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_comments_continuation_and_quotes() {
        let text = "# comment\\\r\n  # another\rRootId = cat\n\nnonsense\nPublishInfo=\"say \"\"hi\"\" = x\"\nA.b-c_1=one,\\\r\n  two\nEmpty=\nQ='it''s'\nEnd=a\\\\";
        let all: Vec<_> = entries(text).into_iter().map(|e| (e.name, e.value, e.line)).collect();
        let expected = [
            ("RootId", "cat", 3),
            ("PublishInfo", "say \"hi\" = x", 6),
            ("A.b-c_1", "one,  two", 7),
            ("Empty", "", 9),
            ("Q", "it's", 10),
            ("End", "a\\\\", 11),
        ];
        assert_eq!(all, expected.map(|(n, v, l)| (n.to_owned(), v.to_owned(), l)));
    }
}
