//! How a reply in text is written, and to whom it is addressed (`responses.md` §1, §2).

use crate::language::request::{Modifier, ReplyFormat, Req, TextEncoding, Value};

/// MIME type of plain text.
pub(crate) const TEXT: &str = "text/plain;charset=UTF-8";

/// The function that a JSON reply calls where the request names none.
const HANDLER: &str = "s7jsonResponse";

/// How a reply in text is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Style {
    /// Not a property list: errors are plain lines.
    Plain,
    /// Properties in one of the formats.
    List {
        format: ReplyFormat,
        /// The function that JSON calls: ASCII letters and digits. Empty: none, the reply is the object alone.
        handler: String,
        /// The request id that JSON echoes.
        id: String,
    },
}

impl Style {
    /// A property list in text form.
    pub(crate) const TEXT: Self = Self::List { format: ReplyFormat::Text, handler: String::new(), id: String::new() };

    /// The style that a request asks for, read as far as it can be read: errors in the rest of it are reported in the
    /// style, so it cannot depend on them. What cannot be read at all is answered as text.
    pub(crate) fn of(modifiers: &[Modifier]) -> Self {
        let last = |wanted: &str| {
            modifiers.iter().rev().find_map(|modifier| match modifier {
                Modifier::Command { name, value } if name == wanted => Some(value.as_str()),
                _ => None,
            })
        };
        let Some(text) = last("req") else { return Self::Plain };
        let format = match Req::parse(text) {
            Ok(req) if req.kind.is_picture() => return Self::Plain,
            Ok(req) => req.format,
            Err(_) => {
                // A type of picture with an option it does not take is still a type of picture.
                let name = text.split(',').next().unwrap_or("");
                if Req::parse(name).is_ok_and(|req| req.kind.is_picture()) {
                    return Self::Plain;
                }
                ReplyFormat::Text
            }
        };
        // An illegal handler is never echoed.
        let legal = |name: &&str| name.bytes().all(|c| c.is_ascii_alphanumeric());
        Self::List {
            format,
            handler: last("handler").filter(legal).unwrap_or(HANDLER).to_owned(),
            id: last("id").unwrap_or("").to_owned(),
        }
    }

    /// MIME type of bodies in this style.
    pub(crate) const fn mime(&self) -> &'static str {
        let Self::List { format, handler, .. } = self else { return TEXT };
        match format {
            ReplyFormat::Text => TEXT,
            ReplyFormat::Json if handler.is_empty() => "application/json",
            ReplyFormat::Javascript | ReplyFormat::Json => "text/javascript;charset=UTF-8",
            ReplyFormat::Xml(TextEncoding::Utf8) => XML,
            ReplyFormat::Xml(TextEncoding::Utf16) => "text/xml;charset=UTF-16",
            ReplyFormat::Xml(TextEncoding::Utf16Le) => "text/xml;charset=UTF-16LE",
            ReplyFormat::Xml(TextEncoding::Utf16Be) => "text/xml;charset=UTF-16BE",
            ReplyFormat::Xml(TextEncoding::Latin1) => "text/xml;charset=ISO-8859-1",
        }
    }
}

/// MIME type of XML in UTF-8.
pub(crate) const XML: &str = "text/xml;charset=UTF-8";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::request::parse_modifiers;

    fn of(query: &str) -> Style {
        Style::of(&parse_modifiers(query).unwrap())
    }

    fn list(format: ReplyFormat, handler: &str, id: &str) -> Style {
        Style::List { format, handler: handler.into(), id: id.into() }
    }

    #[test]
    fn pictures_are_answered_plainly() {
        for query in ["wid=9", "req=", "req=img", "req=tmb&handler=f", "req=mask", "req=img,json", "req=TMB,xml,x"] {
            assert_eq!(of(query), Style::Plain, "{query}");
        }
        assert_eq!(Style::Plain.mime(), "text/plain;charset=UTF-8");
    }

    #[test]
    fn the_last_type_decides_and_what_cannot_be_read_is_text() {
        let text = list(ReplyFormat::Text, "s7jsonResponse", "");
        for query in ["req=props", "req=xmp", "req=picture,json", "req=map,javascript", "req=props,xml,UTF-16"] {
            assert_eq!(of(query), text, "{query}");
        }
        assert_eq!(of("req=img&req=exists,json&wid=x"), list(ReplyFormat::Json, "s7jsonResponse", ""));
        assert_eq!(of("req=exists,jsonp&id=a&id=q1&handler=cb7"), list(ReplyFormat::Json, "cb7", "q1"));
        assert_eq!(of("req=exists,json&handler=alert(1)"), list(ReplyFormat::Json, "s7jsonResponse", ""));
    }

    #[test]
    fn an_empty_handler_is_no_function() {
        assert_eq!(of("req=exists,json&handler=&id=q"), list(ReplyFormat::Json, "", "q"));
        assert_eq!(of("req=exists,json&handler=").mime(), "application/json");
        assert_eq!(of("req=exists,javascript&handler=").mime(), "text/javascript;charset=UTF-8");
    }

    #[test]
    fn every_format_has_its_mime_type() {
        let cases = [
            ("props", "text/plain;charset=UTF-8"),
            ("props,javascript", "text/javascript;charset=UTF-8"),
            ("props,json", "text/javascript;charset=UTF-8"),
            ("props,xml", "text/xml;charset=UTF-8"),
            ("map,xml,utf-16", "text/xml;charset=UTF-16"),
            ("map,xml,UTF-16LE", "text/xml;charset=UTF-16LE"),
            ("map,xml,UTF-16BE", "text/xml;charset=UTF-16BE"),
            ("map,xml,ISO-8859-1", "text/xml;charset=ISO-8859-1"),
            ("set", "text/xml;charset=UTF-8"),
        ];
        for (req, mime) in cases {
            assert_eq!(of(&format!("req={req}")).mime(), mime, "{req}");
        }
    }
}
