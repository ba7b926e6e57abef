//! Property lists as assignments (`responses.md` §2.2).

use super::property::Properties;

/// A line `name='value'` per property. The page that includes it has created the objects.
pub(super) fn list(properties: &Properties) -> String {
    let mut text = String::new();
    for (name, value) in properties.iter() {
        text.push_str(name);
        text.push_str("='");
        escape(value, &mut text);
        text.push_str("'\r\n");
    }
    text
}

/// A single quote is doubled, as the protocol documents, although that is no escape of the language.
fn escape(value: &str, out: &mut String) {
    let mut after_less = false;
    for c in value.chars() {
        match c {
            '\'' => out.push_str("''"),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // It must not end the script element that it may stand in.
            '/' if after_less => out.push_str("\\/"),
            // Older languages end a line, and with it the text, at the last two.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
        after_less = c == '<';
    }
}
