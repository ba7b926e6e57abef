//! Property lists and their formats (`responses.md` §2).

use std::fmt;

use super::Style;

/// Named values, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Properties(Vec<(&'static str, String)>);

impl Properties {
    pub(crate) fn push(&mut self, name: &'static str, value: impl fmt::Display) -> &mut Self {
        self.0.push((name, value.to_string()));
        self
    }

    /// The body in a style. `first_line` and `stamp` head a text.
    pub(crate) fn body(&self, style: &Style, first_line: &str, stamp: &str) -> String {
        match style {
            Style::Plain | Style::Text => self.text(first_line, stamp),
            Style::Json { handler, id } => self.json(handler, id),
        }
    }

    fn text(&self, first_line: &str, stamp: &str) -> String {
        let mut text = format!("{first_line}\r\n#{stamp}\r\n");
        for (name, value) in &self.0 {
            text.push_str(name);
            text.push('=');
            escape_text(value, &mut text);
            text.push_str("\r\n");
        }
        text
    }

    fn json(&self, handler: &str, id: &str) -> String {
        let mut text = format!("/*jsonp*/{handler}({{");
        for (i, (name, value)) in self.0.iter().enumerate() {
            text.push_str(if i == 0 { "" } else { "," });
            text.push_str(&json_string(name));
            text.push(':');
            text.push_str(&json_string(value));
        }
        text.push_str("},");
        text.push_str(&json_string(id));
        text.push_str(");");
        text
    }
}

/// A value in the manner of Java property files.
fn escape_text(value: &str, out: &mut String) {
    for (i, c) in value.chars().enumerate() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\u{c}' => out.push_str("\\f"),
            ' ' if i == 0 => out.push_str("\\ "),
            ':' | '=' | '#' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
}

/// A JSON string that is also safe inside a script element and a JavaScript source.
fn json_string(text: &str) -> String {
    // Serialising a string cannot fail.
    let quoted = serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned());
    let mut safe = String::with_capacity(quoted.len());
    for c in quoted.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(value: &str) -> Properties {
        let mut list = Properties::default();
        list.push("image.width", 2000).push("a.b", value);
        list
    }

    #[test]
    fn text_lines_are_escaped() {
        let body = list(" x:y=z#!\\\t\r\n\u{c} é").body(&Style::Text, "#S7Z OK", "now");
        assert_eq!(body, "#S7Z OK\r\n#now\r\nimage.width=2000\r\na.b=\\ x\\:y\\=z\\#\\!\\\\\\t\\r\\n\\f é\r\n");
    }

    #[test]
    fn json_is_a_call_with_strings_only() {
        let style = Style::Json { handler: "cb7".into(), id: "\"</script>&\u{2028}".into() };
        assert_eq!(
            list("a\"b\\\n").body(&style, "unused", "unused"),
            "/*jsonp*/cb7({\"image.width\":\"2000\",\"a.b\":\"a\\\"b\\\\\\n\"},\"\\\"\\u003c/script\\u003e\\u0026\\u2028\");"
        );
        let empty = Style::Json { handler: "f".into(), id: String::new() };
        assert_eq!(Properties::default().body(&empty, "", ""), "/*jsonp*/f({},\"\");");
    }
}
