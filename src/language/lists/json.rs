//! Property lists in JSON, as a call of a JavaScript function or by themselves (`responses.md` §2.4).

use super::property::Properties;

/// `/*jsonp*/handler({"name":"value",…},"id");`, or the object alone if no function is to be called.
pub(super) fn list(properties: &Properties, handler: &str, id: &str) -> String {
    let mut text = if handler.is_empty() { String::new() } else { format!("/*jsonp*/{handler}(") };
    text.push('{');
    for (i, (name, value)) in properties.iter().enumerate() {
        text.push_str(if i == 0 { "" } else { "," });
        text.push_str(&string(name));
        text.push(':');
        text.push_str(&string(value));
    }
    text.push('}');
    if handler.is_empty() {
        return text;
    }
    text.push(',');
    text.push_str(&string(id));
    text.push_str(");");
    text
}

/// A JSON string that is also safe inside a script element and a JavaScript source.
fn string(text: &str) -> String {
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
