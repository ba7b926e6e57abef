//! The samples and tables of `responses.md` §2, and lists of any text that read back.

use proptest::prelude::*;

use super::*;
use crate::language::request::TextEncoding;

fn style(format: ReplyFormat) -> Style {
    Style::List { format, handler: "s7jsonResponse".into(), id: String::new() }
}

fn json(handler: &str, id: &str) -> Style {
    Style::List { format: ReplyFormat::Json, handler: handler.into(), id: id.into() }
}

const XML: ReplyFormat = ReplyFormat::Xml(TextEncoding::Utf8);

fn body(list: &Properties, style: &Style) -> String {
    String::from_utf8(list.body(style, "Mon Jul 25 17:28:32 UTC 2014")).unwrap()
}

fn sample() -> Properties {
    let mut list = Properties::default();
    list.push("image.width", 2000).push("image.height", 2400);
    list
}

fn value(value: &str) -> Properties {
    Properties::one("a.b", value)
}

#[test]
fn the_samples_of_the_protocol() {
    assert_eq!(
        body(&sample(), &Style::TEXT),
        "#S7Z OK\r\n#Mon Jul 25 17:28:32 UTC 2014\r\nimage.width=2000\r\nimage.height=2400\r\n"
    );
    assert_eq!(body(&sample(), &style(ReplyFormat::Javascript)), "image.width='2000'\r\nimage.height='2400'\r\n");
    assert_eq!(
        body(&sample(), &style(XML)),
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n\
         <prop-group>\r\n  \
           <prop-group name=\"image\">\r\n    \
             <property name=\"width\" value=\"2000\" />\r\n    \
             <property name=\"height\" value=\"2400\" />\r\n  \
           </prop-group>\r\n\
         </prop-group>\r\n"
    );
    assert_eq!(
        body(&sample(), &json("s7jsonResponse", "reqId")),
        "/*jsonp*/s7jsonResponse({\"image.width\":\"2000\",\"image.height\":\"2400\"},\"reqId\");"
    );
}

#[test]
fn text_is_escaped_in_the_manner_of_java() {
    let text = |v: &str| body(&value(v), &Style::TEXT).lines().nth(2).unwrap().to_owned();
    assert_eq!(text(" x:y=z#!\\\t\r\n\u{c} é"), "a.b=\\ x\\:y\\=z\\#\\!\\\\\\t\\r\\n\\f é");
    assert_eq!(text(""), "a.b=");
    assert_eq!(text("'it' \"is\""), "a.b='it' \"is\"");
}

#[test]
fn javascript_doubles_quotes_and_never_ends_a_script() {
    let text = |v: &str| body(&value(v), &style(ReplyFormat::Javascript));
    assert_eq!(text("it's"), "a.b='it''s'\r\n");
    assert_eq!(text("a\\b\r\n\t</script><!--/"), "a.b='a\\\\b\\r\\n\\t<\\/script><!--/'\r\n");
    assert_eq!(text("\0\u{2028}\u{85}"), "a.b='\\u0000\\u2028\\u0085'\r\n");
    assert_eq!(body(&Properties::default(), &style(ReplyFormat::Javascript)), "");
}

#[test]
fn xml_groups_by_everything_before_the_last_dot() {
    let mut list = Properties::default();
    list.push("target.1.rect", "0,0,9,9").push("sku", "<&>\"'\r\n\t\u{1}").push("target.2.rect", "é");
    list.push("target.1.label", "").push("more", 1);
    let (declaration, rest) =
        body(&list, &style(XML)).split_once("\r\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(declaration, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>");
    assert_eq!(
        rest.split("\r\n").map(str::trim_start).collect::<String>(),
        "<prop-group><prop-group name=\"target.1\"><property name=\"rect\" value=\"0,0,9,9\" />\
         <property name=\"label\" value=\"\" /></prop-group>\
         <property name=\"sku\" value=\"&lt;&amp;&gt;&quot;'&#13;&#10;&#9;\u{fffd}\" />\
         <property name=\"more\" value=\"1\" />\
         <prop-group name=\"target.2\"><property name=\"rect\" value=\"é\" /></prop-group></prop-group>"
    );
}

#[test]
fn xml_is_written_in_the_encoding_it_names() {
    let list = value("é€\u{1f600}\u{85}");
    let bytes = |encoding| list.body(&style(ReplyFormat::Xml(encoding)), "");
    let utf8 = String::from_utf8(bytes(TextEncoding::Utf8)).unwrap();
    let units = |bytes: &[u8], read: fn([u8; 2]) -> u16| {
        String::from_utf16(&bytes.chunks(2).map(|pair| read([pair[0], pair[1]])).collect::<Vec<_>>()).unwrap()
    };
    let named = |name: &str| utf8.replace("UTF-8", name);
    assert_eq!(units(&bytes(TextEncoding::Utf16Le), u16::from_le_bytes), named("UTF-16LE"));
    assert_eq!(units(&bytes(TextEncoding::Utf16Be), u16::from_be_bytes), named("UTF-16BE"));
    assert_eq!(units(&bytes(TextEncoding::Utf16), u16::from_be_bytes), format!("\u{feff}{}", named("UTF-16")));
    let latin: String = bytes(TextEncoding::Latin1).into_iter().map(char::from).collect();
    assert_eq!(latin, named("ISO-8859-1").replace("€\u{1f600}\u{85}", "&#8364;&#128512;&#133;"));
    assert!(latin.contains("value=\"é&#8364;"));
}

#[test]
fn json_is_a_call_with_strings_only() {
    let style = json("cb7", "\"</script>&\u{2028}");
    assert_eq!(
        body(&value("a\"b\\\n"), &style),
        "/*jsonp*/cb7({\"a.b\":\"a\\\"b\\\\\\n\"},\"\\\"\\u003c/script\\u003e\\u0026\\u2028\");"
    );
    assert_eq!(body(&Properties::default(), &json("f", "")), "/*jsonp*/f({},\"\");");
}

#[test]
fn complete_bodies_of_the_table() {
    use crate::language::lists::{exists, valid};
    let stamp = "Mon Jul 25 17:28:32 UTC 2014";
    assert_eq!(
        body(&exists(true), &json("s7jsonResponse", "q1")),
        "/*jsonp*/s7jsonResponse({\"catalogRecord.exists\":\"1\"},\"q1\");"
    );
    assert_eq!(body(&exists(false), &json("cb7", "")), "/*jsonp*/cb7({\"catalogRecord.exists\":\"0\"},\"\");");
    assert_eq!(body(&exists(true), &style(ReplyFormat::Javascript)), "catalogRecord.exists='1'\r\n");
    assert_eq!(body(&exists(true), &Style::TEXT), format!("#S7Z OK\r\n#{stamp}\r\ncatalogRecord.exists=1\r\n"));
    assert_eq!(
        body(&valid(&[]), &style(XML)).split("\r\n").map(str::trim_start).collect::<String>(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><prop-group><prop-group name=\"request\">\
         <property name=\"isValid\" value=\"1\" /></prop-group></prop-group>"
    );
}

/// Reads a list in text form, as a client would.
fn read_text(text: &str) -> Vec<(String, String)> {
    let unescape = |text: &str| {
        let mut plain = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            plain.push(match (c, if c == '\\' { chars.next() } else { None }) {
                (_, Some('t')) => '\t',
                (_, Some('n')) => '\n',
                (_, Some('r')) => '\r',
                (_, Some('f')) => '\u{c}',
                (_, Some(other)) => other,
                (c, None) => c,
            });
        }
        plain
    };
    let mut escaped = false;
    text.split("\r\n")
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let end = line.find(|c| {
                let found = c == '=' && !escaped;
                escaped = c == '\\' && !escaped;
                found
            });
            escaped = false;
            let (name, value) = line.split_at(end.unwrap());
            (unescape(name), unescape(&value[1..]))
        })
        .collect()
}

proptest! {
    #[test]
    fn any_list_reads_back(pairs: Vec<(String, String)>, id: String) {
        let mut list = Properties::default();
        for (name, value) in &pairs {
            list.push(name.clone(), value);
        }
        prop_assert_eq!(&read_text(&body(&list, &Style::TEXT)), &pairs);

        let call = body(&list, &json("f", &id));
        let arguments = call.strip_prefix("/*jsonp*/f(").unwrap().strip_suffix(");").unwrap();
        let parsed: serde_json::Value = serde_json::from_str(&format!("[{arguments}]")).unwrap();
        prop_assert_eq!(parsed[1].as_str().unwrap(), id);
        for (name, _) in &pairs {
            let last = pairs.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value);
            prop_assert_eq!(parsed[0][name].as_str(), last.map(String::as_str));
        }
        for encoding in [TextEncoding::Utf8, TextEncoding::Utf16, TextEncoding::Latin1] {
            prop_assert!(!list.body(&style(ReplyFormat::Xml(encoding)), "").is_empty());
        }
    }
}
