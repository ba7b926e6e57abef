//! Reads `AREA` elements as browsers do: any case, any quoting, whatever stands between them.

use super::area::{Area, Attribute, TAG};

/// The complete `AREA` elements of a text, in order. What is between them is ignored, comments included; what follows an
/// element that is not closed is part of it, so that reading takes time in proportion to the text.
pub(super) fn areas(text: &str) -> Vec<Area<'_>> {
    let mut areas = Vec::new();
    let mut rest = text;
    while let Some(tag) = rest.find('<').and_then(|at| rest.get(at..)) {
        let after = if let Some(comment) = tag.strip_prefix("<!--") {
            comment.find("-->").and_then(|end| comment.get(end..))
        } else if is_area(tag) {
            element(tag).map(|(area, after)| {
                areas.push(area);
                after
            })
        } else {
            tag.get(1..)
        };
        let Some(after) = after else { break };
        rest = after;
    }
    areas
}

fn is_area(tag: &str) -> bool {
    tag.get(..TAG).is_some_and(|name| name.eq_ignore_ascii_case("<area"))
        && tag.as_bytes().get(TAG).is_some_and(|&next| is_blank(next) || matches!(next, b'/' | b'>'))
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0x0c)
}

/// One element and what follows it; `None` if it is not closed.
fn element(tag: &str) -> Option<(Area<'_>, &str)> {
    let mut reader = Reader { text: tag, at: TAG };
    let mut attributes = Vec::new();
    loop {
        reader.skip(|byte| is_blank(byte) || matches!(byte, b'/' | b'='));
        if reader.peek()? == b'>' {
            break;
        }
        attributes.push(reader.attribute()?);
    }
    let end = reader.at + 1;
    Some((Area { source: tag.get(..end)?, attributes, drawn: None }, tag.get(end..)?))
}

/// A place in an element. It only ever stops at ASCII characters, which are never part of others.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Passes over bytes as long as they are of a kind.
    fn skip(&mut self, kind: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&kind) {
            self.at += 1;
        }
    }

    /// A name, and a value if `=` follows; `None` if its quotes are not closed.
    fn attribute(&mut self) -> Option<Attribute<'a>> {
        let start = self.at;
        self.skip(|byte| !is_blank(byte) && !matches!(byte, b'/' | b'>' | b'='));
        let name = self.text.get(start..self.at)?;
        let end_of_name = self.at;
        self.skip(is_blank);
        if self.peek()? != b'=' {
            return Some(Attribute { name, value: None, span: start..end_of_name });
        }
        self.at += 1;
        self.skip(is_blank);
        let value = match self.peek()? {
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                let from = self.at;
                self.skip(|byte| byte != quote);
                let value = self.text.get(from..self.at)?;
                self.peek()?;
                self.at += 1;
                value
            }
            _ => {
                let from = self.at;
                self.skip(|byte| !is_blank(byte) && byte != b'>');
                self.text.get(from..self.at)?
            }
        };
        Some(Attribute { name, value: Some(value), span: start..self.at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<(&str, Option<&str>)>> {
        areas(text).into_iter().map(|area| area.attributes.iter().map(|a| (a.name, a.value)).collect()).collect()
    }

    #[test]
    fn attributes_are_read_in_any_case_and_quoting() {
        assert_eq!(
            read("<AREA SHAPE=\"RECT\" coords='0,0,1,1' Href=a/b.html noHref ALT = \"\" x=>"),
            [[
                ("SHAPE", Some("RECT")),
                ("coords", Some("0,0,1,1")),
                ("Href", Some("a/b.html")),
                ("noHref", None),
                ("ALT", Some("")),
                ("x", Some(""))
            ]]
        );
        assert_eq!(read("<area\n\ta=\"1\"b='>&gt;é'/>"), [[("a", Some("1")), ("b", Some(">&gt;é"))]]);
        assert_eq!(read("<area><area/><area />"), [[], [], []]);
        assert_eq!(read("<area ==a=b / c>"), [[("a", Some("b")), ("c", None)]]);
    }

    #[test]
    fn what_is_no_area_is_passed_over() {
        let text =
            "<map name='<'> text <areas a=1> < area a=1> <!-- <area a=1> --><Area a=2>x</area></map> é<area a=3>";
        assert_eq!(read(text), [[("a", Some("2"))], [("a", Some("3"))]]);
        let sources: Vec<_> = areas(text).iter().map(|area| area.source).collect();
        assert_eq!(sources, ["<Area a=2>", "<area a=3>"]);
    }

    #[test]
    fn what_is_not_closed_ends_the_map() {
        for open in
            ["<area", "<area ", "<area a", "<area a=", "<area a=b", "<area a='b>", "<area a=\"b'>", "<!-- <area>"]
        {
            assert_eq!(areas(&format!("<area a=1>{open}")).len(), 1, "{open}");
        }
        for unit in ["<area ", "<area a=\"", "<area a='\"", "<!--", "<", "<area a"] {
            assert!(areas(&unit.repeat(100_000)).len() <= 50_000, "{unit}");
        }
    }
}
