//! Replies that deliver a field of a record: userdata, targets, imageset (`responses.md` §4.1, §4.2).

use crate::base::error::{Error, ErrorKind};
use crate::language::request::ReplyFormat;

use super::Style;
use super::property::Properties;

/// The most warnings that one reply collects; a field with more mistakes has the first ones told.
pub(super) const MAX_WARNINGS: usize = 16;

/// A record's field after localisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FieldText<'a> {
    pub(crate) text: &'a str,
    /// The whole field stood in quotation marks, so that `??` means itself.
    pub(crate) quoted: bool,
}

/// A body, and what the log should hear of the field it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldReply {
    pub(crate) body: Vec<u8>,
    pub(crate) warnings: Vec<Error>,
}

/// `req=userdata`. `None`: the path does not resolve to a record.
pub(crate) fn user_data_body(content: Option<FieldText<'_>>, style: &Style) -> FieldReply {
    property_data_body("userdata", content, style)
}

/// `req=targets`. `None`: the path does not resolve to a record.
pub(crate) fn targets_body(content: Option<FieldText<'_>>, style: &Style) -> FieldReply {
    property_data_body("targets", content, style)
}

/// `req=imageset`: the field as it is, or as one property. `None`: the path does not resolve to a record.
pub(crate) fn image_set_body(content: Option<&str>, style: &Style) -> Vec<u8> {
    if is_text(style) {
        return format!("{}\r\n", content.unwrap_or("")).into_bytes();
    }
    content.map(|text| Properties::one("IMAGE_SET", text)).unwrap_or_default().body(style, "")
}

fn is_text(style: &Style) -> bool {
    matches!(style, Style::Plain | Style::List { format: ReplyFormat::Text, .. })
}

/// `name` is that of the one property which holds a content that consists of no properties.
fn property_data_body(name: &'static str, content: Option<FieldText<'_>>, style: &Style) -> FieldReply {
    let mut warnings = Vec::new();
    if is_text(style) {
        let text = content.map_or_else(String::new, |content| match content {
            FieldText { text, quoted: true } => text.to_owned(),
            FieldText { text, quoted: false } => text.replace("??", "\r\n"),
        });
        return FieldReply { body: (text + "\r\n").into_bytes(), warnings };
    }
    let list = content.map_or_else(Properties::default, |content| {
        read(content, &mut warnings).unwrap_or_else(|| Properties::one(name, content.text))
    });
    FieldReply { body: list.body(style, ""), warnings }
}

/// Property data (`catalog.md` §5), names as they are written; `None` if the content is something else.
///
/// Lines whose name holds a colon are left out with a warning.
fn read(content: FieldText<'_>, warnings: &mut Vec<Error>) -> Option<Properties> {
    let mut list = Properties::default();
    for line in content.text.split(['\r', '\n']) {
        // Quoted, `??` separates nothing.
        let whole = content.quoted.then_some(line);
        let parts = (!content.quoted).then(|| line.split("??"));
        for property in whole.into_iter().chain(parts.into_iter().flatten()) {
            if property.trim_matches(' ').is_empty() {
                continue;
            }
            let (name, value) = property.split_once('=')?;
            let name = name.trim_matches(' ');
            let legal = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
            if name.is_empty() || !name.bytes().all(|c| legal(c) || c == b':') {
                return None;
            }
            if !name.contains(':') {
                list.push(name.to_owned(), value);
            } else if warnings.len() < MAX_WARNINGS {
                warnings.push(Error::new(ErrorKind::Catalog, "is a property name with a colon").at(name));
            }
        }
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::request::TextEncoding;
    use proptest::prelude::*;

    const UNQUOTED: fn(&str) -> FieldText<'_> = |text| FieldText { text, quoted: false };
    const QUOTED: fn(&str) -> FieldText<'_> = |text| FieldText { text, quoted: true };

    fn json() -> Style {
        Style::List { format: ReplyFormat::Json, handler: "s7jsonResponse".into(), id: "7".into() }
    }

    fn xml(encoding: TextEncoding) -> Style {
        Style::List { format: ReplyFormat::Xml(encoding), handler: String::new(), id: String::new() }
    }

    fn text(content: FieldText<'_>) -> String {
        String::from_utf8(user_data_body(Some(content), &Style::TEXT).body).unwrap()
    }

    fn call(content: FieldText<'_>) -> String {
        let reply = user_data_body(Some(content), &json()).body;
        let call = String::from_utf8(reply).unwrap();
        call.strip_prefix("/*jsonp*/s7jsonResponse(").unwrap().strip_suffix(",\"7\");").unwrap().to_owned()
    }

    fn elements(body: &[u8]) -> String {
        String::from_utf8(body.to_vec()).unwrap().lines().skip(1).map(str::trim_start).collect()
    }

    #[test]
    fn text_breaks_lines_at_double_question_marks() {
        assert_eq!(text(UNQUOTED("sku=4711??color=red")), "sku=4711\r\ncolor=red\r\n");
        assert_eq!(text(QUOTED("sku=4711??color=red")), "sku=4711??color=red\r\n");
        assert_eq!(text(UNQUOTED("plain words???")), "plain words\r\n?\r\n");
        assert_eq!(text(UNQUOTED("a:b=1??c=2")), "a:b=1\r\nc=2\r\n");
        assert_eq!(text(UNQUOTED("")), "\r\n");
    }

    #[test]
    fn without_a_record_there_is_nothing_in_every_form() {
        for reply in [user_data_body, targets_body] {
            assert_eq!(reply(None, &Style::TEXT).body, b"\r\n");
            assert_eq!(reply(None, &json()).body, b"/*jsonp*/s7jsonResponse({},\"7\");");
            assert_eq!(elements(&reply(None, &xml(TextEncoding::Utf8)).body), "<prop-group></prop-group>");
        }
        assert_eq!(image_set_body(None, &Style::TEXT), b"\r\n");
        assert_eq!(image_set_body(None, &json()), b"/*jsonp*/s7jsonResponse({},\"7\");");
        assert_eq!(elements(&image_set_body(None, &xml(TextEncoding::Utf8))), "<prop-group></prop-group>");
    }

    #[test]
    fn property_data_becomes_properties() {
        assert_eq!(call(UNQUOTED("sku=4711??color=red")), r#"{"sku":"4711","color":"red"}"#);
        assert_eq!(call(UNQUOTED("A-b_c.9 = x=y \r\n\r\n??empty=\n")), r#"{"A-b_c.9":" x=y ","empty":""}"#);
        assert_eq!(call(QUOTED("sku=4711??color=red\r\nb=2")), r#"{"sku":"4711??color=red","b":"2"}"#);
        assert_eq!(call(UNQUOTED("")), "{}");
        let targets = targets_body(Some(UNQUOTED("Target.1.rect=1,2,3,4??Target.1.label=ä")), &xml(TextEncoding::Utf8));
        assert_eq!(
            elements(&targets.body),
            "<prop-group><prop-group name=\"Target.1\"><property name=\"rect\" value=\"1,2,3,4\" />\
             <property name=\"label\" value=\"ä\" /></prop-group></prop-group>"
        );
        let latin = targets_body(Some(UNQUOTED("a=ä€")), &xml(TextEncoding::Latin1)).body;
        let value = b"value=\"\xe4&#8364;\"";
        assert!(latin.windows(value.len()).any(|window| window == value));
    }

    #[test]
    fn other_content_is_one_property() {
        for other in ["just words", "a=1??no property", "na me=1", "=1", "ü=1", "http://x?a=1"] {
            let expected = serde_json::json!({ "userdata": other }).to_string();
            assert_eq!(call(UNQUOTED(other)), expected);
        }
        let targets = targets_body(Some(UNQUOTED("words")), &json()).body;
        assert_eq!(targets, b"/*jsonp*/s7jsonResponse({\"targets\":\"words\"},\"7\");");
    }

    #[test]
    fn names_with_a_colon_are_left_out_with_a_warning() {
        let reply = user_data_body(Some(UNQUOTED("a:b=1??c=2")), &json());
        assert_eq!(reply.body, b"/*jsonp*/s7jsonResponse({\"c\":\"2\"},\"7\");");
        let warnings: Vec<_> = reply.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings, ["a:b: is a property name with a colon"]);
        let many = "x:=1??".repeat(100);
        assert_eq!(user_data_body(Some(UNQUOTED(&many)), &json()).warnings.len(), MAX_WARNINGS);
    }

    #[test]
    fn image_sets_are_delivered_as_they_are() {
        assert_eq!(image_set_body(Some("a,b;c??"), &Style::TEXT), b"a,b;c??\r\n");
        assert_eq!(image_set_body(Some(""), &Style::TEXT), b"\r\n");
        let list = |format| Style::List { format, handler: "f".into(), id: String::new() };
        assert_eq!(
            image_set_body(Some("a,b;c"), &list(ReplyFormat::Json)),
            b"/*jsonp*/f({\"IMAGE_SET\":\"a,b;c\"},\"\");"
        );
        assert_eq!(image_set_body(Some("a,b;c"), &list(ReplyFormat::Javascript)), b"IMAGE_SET='a,b;c'\r\n");
        assert_eq!(
            elements(&image_set_body(Some("a,b;c"), &xml(TextEncoding::Utf8))),
            "<prop-group><property name=\"IMAGE_SET\" value=\"a,b;c\" /></prop-group>"
        );
    }

    proptest! {
        #[test]
        fn text_ends_with_one_line_end_more(content: String) {
            prop_assert_eq!(text(QUOTED(&content)), format!("{content}\r\n"));
            prop_assert_eq!(text(UNQUOTED(&content)).replace("\r\n", "??"), format!("{}??", content.replace("\r\n", "??")));
        }
    }
}
