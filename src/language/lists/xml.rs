//! Property lists as XML (`responses.md` §2.3), and what every XML body needs: declaration, escapes, encoding.

use std::collections::HashMap;

use crate::language::request::TextEncoding;

use super::property::Properties;

/// Groups of properties inside one group without a name.
pub(super) fn list(properties: &Properties, encoding: TextEncoding) -> Vec<u8> {
    let mut text = declaration(encoding);
    let groups = groups(properties);
    text.push_str("<prop-group>");
    if !groups.is_empty() {
        text.push_str("\r\n");
    }
    for (object, properties) in groups {
        match object {
            None => put_properties(&properties, "  ", &mut text),
            Some(object) => {
                text.push_str("  <prop-group name=\"");
                escape(object, &mut text);
                text.push_str("\">\r\n");
                put_properties(&properties, "    ", &mut text);
                text.push_str("  </prop-group>\r\n");
            }
        }
    }
    text.push_str("</prop-group>\r\n");
    encode(&text, encoding)
}

/// An object's name, if it has one, and its properties.
type Group<'a> = (Option<&'a str>, Vec<(&'a str, &'a str)>);

/// The properties by object, which is everything before the last dot, in order of first appearance.
fn groups(properties: &Properties) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut positions = HashMap::new();
    for (name, value) in properties.iter() {
        let (object, property) = match name.rsplit_once('.') {
            Some((object, property)) => (Some(object), property),
            None => (None, name),
        };
        let position = *positions.entry(object).or_insert(groups.len());
        match groups.get_mut(position) {
            Some((_, members)) => members.push((property, value)),
            None => groups.push((object, vec![(property, value)])),
        }
    }
    groups
}

fn put_properties(properties: &[(&str, &str)], indent: &str, text: &mut String) {
    for (name, value) in properties {
        text.push_str(indent);
        text.push_str("<property name=\"");
        escape(name, text);
        text.push_str("\" value=\"");
        escape(value, text);
        text.push_str("\" />\r\n");
    }
}

/// The line that names the encoding.
pub(super) fn declaration(encoding: TextEncoding) -> String {
    format!("<?xml version=\"1.0\" encoding=\"{}\" ?>\r\n", encoding.name())
}

/// Escapes a text for a value in double quotes.
pub(super) fn escape(value: &str, out: &mut String) {
    value.chars().for_each(|c| escape_char(c, out));
}

/// Escapes one character of a value in double quotes. What XML cannot hold at all becomes U+FFFD.
pub(super) fn escape_char(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\n' => out.push_str("&#10;"),
        '\r' => out.push_str("&#13;"),
        '\t' => out.push_str("&#9;"),
        '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
        c => out.push(c),
    }
}

/// The bytes of an XML text. Characters beyond ISO-8859-1 become character references, which may only stand in values.
pub(super) fn encode(text: &str, encoding: TextEncoding) -> Vec<u8> {
    let utf16 = |mark: &[u16], bytes: fn(u16) -> [u8; 2]| {
        mark.iter().copied().chain(text.encode_utf16()).flat_map(bytes).collect()
    };
    match encoding {
        TextEncoding::Utf8 => text.as_bytes().to_vec(),
        TextEncoding::Utf16 => utf16(&[0xfeff], u16::to_be_bytes),
        TextEncoding::Utf16Be => utf16(&[], u16::to_be_bytes),
        TextEncoding::Utf16Le => utf16(&[], u16::to_le_bytes),
        TextEncoding::Latin1 => {
            let mut bytes = Vec::with_capacity(text.len());
            for c in text.chars() {
                match u8::try_from(u32::from(c)) {
                    // 0x80 to 0x9f are other characters to the many readers that take them for Windows-1252.
                    Ok(byte) if !(0x80..0xa0).contains(&byte) => bytes.push(byte),
                    _ => bytes.extend_from_slice(format!("&#{};", u32::from(c)).as_bytes()),
                }
            }
            bytes
        }
    }
}
