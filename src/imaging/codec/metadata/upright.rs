//! Orientation in XMP: it must not be carried over once it has been applied to the pixels.

/// The name space of the properties of TIFF.
const TIFF: &str = "http://ns.adobe.com/tiff/1.0/";

/// How far from a property's name its value may end, in bytes: the value is a digit. Bounded, so that a packet full of
/// names without values takes no longer than another.
const REACH: usize = 256;
/// The most prefixes that are looked for; a packet has one.
const MAX_PREFIXES: usize = 4;

/// The packet with every `tiff:Orientation`, attribute or element, set to 1, whatever prefix the name space has.
pub(crate) fn upright_xmp(packet: &str) -> String {
    prefixes(packet).into_iter().fold(packet.to_owned(), |packet, prefix| upright(&packet, prefix))
}

/// The prefixes that are declared for the name space.
fn prefixes(packet: &str) -> Vec<&str> {
    let mut prefixes = Vec::new();
    for (at, _) in packet.match_indices(TIFF) {
        let prefix = packet.get(..at).and_then(declared);
        if let Some(prefix) = prefix.filter(|prefix| !prefixes.contains(prefix)) {
            prefixes.push(prefix);
        }
        if prefixes.len() == MAX_PREFIXES {
            break;
        }
    }
    prefixes
}

/// The prefix declared by `xmlns:prefix="`, which the text ends with.
fn declared(text: &str) -> Option<&str> {
    let name = text.strip_suffix(['"', '\''])?.trim_end().strip_suffix('=')?.trim_end();
    let start = name.rfind([' ', '\t', '\r', '\n', '<', '>', '=', '"', '\''])? + 1;
    name.get(start..)?.strip_prefix("xmlns:").filter(|prefix| !prefix.is_empty())
}

fn upright(packet: &str, prefix: &str) -> String {
    let name = format!("{prefix}:Orientation");
    let mut out = String::with_capacity(packet.len());
    let mut rest = packet;
    while let Some(at) = rest.find(&name) {
        let (before, after) = rest.split_at(at + name.len());
        let value = match rest.get(..at).and_then(|before| before.chars().next_back()) {
            Some('<') => element_value(near(after)),
            Some(' ' | '\t' | '\r' | '\n') => attribute_value(near(after)),
            _ => None,
        };
        out.push_str(before);
        rest = after;
        if let Some((before, after)) = value.and_then(|(start, end)| Some((after.get(..start)?, after.get(end..)?))) {
            out.push_str(before);
            out.push('1');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The beginning of a text.
fn near(text: &str) -> &str {
    let end = (0..=REACH.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    end.and_then(|end| text.get(..end)).unwrap_or("")
}

/// Where a value in quotes stands after its attribute's name.
fn attribute_value(after: &str) -> Option<(usize, usize)> {
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let start = after.len() - value.len() + 1;
    let value = after.get(start..)?.split_once(quote)?.0;
    is_plain(value).then_some((start, start + value.len()))
}

/// Where the text of an element stands after its tag's name.
fn element_value(after: &str) -> Option<(usize, usize)> {
    // A longer name is another property.
    after.starts_with(['>', ' ', '\t', '\r', '\n']).then_some(())?;
    let (tag, text) = after.split_once('>')?;
    // An attribute in the tag that is made upright itself would bring the end of a long one within reach.
    (!tag.ends_with('/') && !tag.contains(":Orientation")).then_some(())?;
    let start = tag.len() + 1;
    let value = text.split_once('<')?.0;
    is_plain(value).then_some((start, start + value.len()))
}

/// A value is a digit; text that could hold a property is none, but the middle of something damaged.
fn is_plain(value: &str) -> bool {
    !value.contains(['<', '>', '=', '"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OPEN: &str =
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:Description xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\"";

    #[test]
    fn attributes_and_elements_become_upright() {
        let cases = [
            (" tiff:Orientation=\"6\" a=\"6\"/>", " tiff:Orientation=\"1\" a=\"6\"/>"),
            ("\n tiff:Orientation = '8'>", "\n tiff:Orientation = '1'>"),
            ("><tiff:Orientation>6</tiff:Orientation>", "><tiff:Orientation>1</tiff:Orientation>"),
            ("><tiff:Orientation a=\"b\">6</tiff:Orientation>", "><tiff:Orientation a=\"b\">1</tiff:Orientation>"),
            (
                " tiff:Orientation=\"6\"/><z tiff:Orientation=\"3\"/>",
                " tiff:Orientation=\"1\"/><z tiff:Orientation=\"1\"/>",
            ),
        ];
        for (before, after) in cases {
            assert_eq!(upright_xmp(&format!("{OPEN}{before}")), format!("{OPEN}{after}"));
        }
    }

    #[test]
    fn other_prefixes_of_the_name_space_count() {
        let packet = |value| format!("<d xmlns:t = 'http://ns.adobe.com/tiff/1.0/' t:Orientation='{value}'/>");
        assert_eq!(upright_xmp(&packet(5)), packet(1));
    }

    #[test]
    fn everything_else_stays() {
        for rest in [
            "/>",
            " tiff:OrientationX=\"6\"/>",
            "><tiff:OrientationX>6</tiff:OrientationX>",
            " exif:Orientation=\"6\"/>",
            " tiff:Orientation",
            " tiff:Orientation=\"6",
            "><tiff:Orientation/><b>6</b>",
            "><tiff:Orientation>6",
            " tiff:Orientation=\"6>< a='\"",
            "><tiff:Orientation tiff:Orientation=6>6</tiff:Orientation>",
            "> the words tiff:Orientation and é",
        ] {
            assert_eq!(upright_xmp(&format!("{OPEN}{rest}")), format!("{OPEN}{rest}"));
        }
        let undeclared = "<d tiff:Orientation=\"6\"/>";
        assert_eq!(upright_xmp(undeclared), undeclared);
    }

    #[test]
    fn packets_full_of_names_take_no_longer() {
        for unit in ["<tiff:Orientation ", " tiff:Orientation=", "=\"http://ns.adobe.com/tiff/1.0/"] {
            let packet = format!("{OPEN}{}", unit.repeat(100_000));
            assert_eq!(upright_xmp(&packet), packet);
        }
    }

    proptest! {
        #[test]
        fn twice_is_once(text in "(\\PC|[ <>=\"']|tiff:Orientation|xmlns:tiff=\"http://ns.adobe.com/tiff/1.0/\"){0,40}") {
            let once = upright_xmp(&text);
            prop_assert_eq!(upright_xmp(&once), once);
        }
    }
}
