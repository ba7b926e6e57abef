//! One `AREA` element: its attributes as they were written, and how it is written again.

use std::collections::HashSet;
use std::ops::Range;

use super::super::xml;
use super::shape::Drawn;

/// Length of the tag's beginning.
pub(super) const TAG: usize = "<area".len();

/// An attribute as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    /// Without its quotes; entities stay as they are.
    pub(super) value: Option<&'a str>,
    /// Where it stands in the element, quotes included.
    pub(super) span: Range<usize>,
}

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Area<'a> {
    /// From `<` to `>`.
    pub(super) source: &'a str,
    pub(super) attributes: Vec<Attribute<'a>>,
    /// What shape and coordinates change to.
    pub(super) drawn: Option<Drawn>,
}

impl<'a> Area<'a> {
    pub(super) fn with(self, drawn: Drawn) -> Self {
        Self { drawn: Some(drawn), ..self }
    }

    pub(super) fn shape(&self) -> Option<&'a str> {
        self.first("shape")?.value
    }

    pub(super) fn coords(&self) -> Option<&'a str> {
        self.first("coords")?.value
    }

    /// The first attribute of a name counts.
    fn first(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }

    /// Appends the element as it was written, but for shape and coordinates if they change: they stand where they stood,
    /// together where only one of them did, and in front where neither did.
    pub(super) fn put_text(&self, out: &mut String) {
        let mut at = 0;
        for (span, new) in self.changes() {
            out.push_str(self.source.get(at..span.start).unwrap_or(""));
            out.push_str(&new);
            at = span.end;
        }
        out.push_str(self.source.get(at..).unwrap_or(""));
    }

    /// What stands where instead, in order.
    fn changes(&self) -> Vec<(Range<usize>, String)> {
        let Some(Drawn { shape, coords }) = &self.drawn else { return Vec::new() };
        let shape = format!("shape=\"{shape}\"");
        let coords = format!("coords=\"{coords}\"");
        match (self.first("shape"), self.first("coords")) {
            (Some(first), Some(second)) => {
                let mut both = vec![(first.span.clone(), shape), (second.span.clone(), coords)];
                both.sort_by_key(|(span, _)| span.start);
                both
            }
            (Some(only), None) | (None, Some(only)) => vec![(only.span.clone(), format!("{shape} {coords}"))],
            (None, None) => vec![(TAG..TAG, format!(" {shape} {coords}"))],
        }
    }

    /// Appends the element as XML: name in lower case, values in double quotes, closed in itself.
    ///
    /// Attributes that XML cannot hold are left out: a name twice, whatever its case, and names that are none or have a
    /// prefix that is not declared.
    pub(super) fn put_xml(&self, out: &mut String) {
        out.push_str("<area");
        let drawn = self.drawn.as_ref();
        let has = [self.first("shape").is_some(), self.first("coords").is_some()];
        if has == [false, false] {
            put_drawn(drawn, [true, true], out);
        }
        let mut seen = HashSet::new();
        for attribute in &self.attributes {
            let name = attribute.name.to_ascii_lowercase();
            if !is_xml_name(&name) || !seen.insert(name.clone()) {
                continue;
            }
            match name.as_str() {
                "shape" if drawn.is_some() => put_drawn(drawn, [true, !has[1]], out),
                "coords" if drawn.is_some() => put_drawn(drawn, [!has[0], true], out),
                _ => put_attribute(attribute.name, attribute.value.unwrap_or(attribute.name), out),
            }
        }
        out.push_str("/>");
    }
}

/// Appends the new shape, the new coordinates, or both.
fn put_drawn(drawn: Option<&Drawn>, [shape, coords]: [bool; 2], out: &mut String) {
    let Some(drawn) = drawn else { return };
    if shape {
        put_attribute("shape", drawn.shape, out);
    }
    if coords {
        put_attribute("coords", &drawn.coords, out);
    }
}

fn is_xml_name(name: &str) -> bool {
    let local = name.strip_prefix("xml:").unwrap_or(name);
    let start = |c: u8| c.is_ascii_alphabetic() || c == b'_';
    local.bytes().next().is_some_and(start)
        && local.bytes().all(|c| start(c) || c.is_ascii_digit() || matches!(c, b'-' | b'.'))
}

fn put_attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        // References that XML knows stay; those of HTML alone would make it unreadable.
        let known = reference(rest).unwrap_or("");
        if known.is_empty() {
            xml::escape_char(c, out);
        }
        out.push_str(known);
        rest = rest.get(known.len().max(c.len_utf8())..).unwrap_or("");
    }
    out.push('"');
}

/// The longest reference: `&#x10FFFF;`.
const MAX_REFERENCE: usize = 10;

/// A reference to a character at the start of a text, if XML knows it.
fn reference(text: &str) -> Option<&str> {
    let name = text.strip_prefix('&')?;
    let end = name.bytes().take(MAX_REFERENCE).position(|byte| byte == b';')?;
    let name = name.get(..end)?;
    let known = match name.strip_prefix('#') {
        Some(number) => {
            let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
            let legal = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
            let value = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
            legal && value.is_some_and(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..))
        }
        None => matches!(name, "amp" | "lt" | "gt" | "quot" | "apos"),
    };
    if known { text.get(..end + 2) } else { None }
}
