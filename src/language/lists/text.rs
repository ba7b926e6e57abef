//! Property lists in the manner of Java property files (`responses.md` §2.1).

use super::property::Properties;

/// Two lines of comment, then a line per property; every line ends with CRLF.
pub(super) fn list(properties: &Properties, first_line: &str, stamp: &str) -> String {
    let mut text = format!("{first_line}\r\n#{stamp}\r\n");
    for (name, value) in properties.iter() {
        escape_name(name, &mut text);
        text.push('=');
        escape_value(value, &mut text);
        text.push_str("\r\n");
    }
    text
}

fn escape_value(value: &str, out: &mut String) {
    for (i, c) in value.chars().enumerate() {
        match c {
            ' ' if i == 0 => out.push_str("\\ "),
            c => escape(c, out),
        }
    }
}

/// The same for names, where a blank anywhere would end the name.
fn escape_name(name: &str, out: &mut String) {
    for c in name.chars() {
        match c {
            ' ' => out.push_str("\\ "),
            c => escape(c, out),
        }
    }
}

fn escape(c: char, out: &mut String) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\u{c}' => out.push_str("\\f"),
        ':' | '=' | '#' | '!' => out.extend(['\\', c]),
        c => out.push(c),
    }
}
