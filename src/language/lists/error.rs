//! Bodies and statuses of error replies (`responses.md` §7).

use crate::base::error::{Error, ErrorKind};

use super::Style;
use super::property::Properties;

/// The HTTP status of an error.
pub(crate) const fn status(kind: ErrorKind) -> u16 {
    match kind {
        ErrorKind::Request | ErrorKind::Missing | ErrorKind::Source | ErrorKind::Limit | ErrorKind::Catalog => 403,
        ErrorKind::Io | ErrorKind::Internal => 500,
        ErrorKind::Changed | ErrorKind::Unfinished | ErrorKind::Stopped => 503,
    }
}

/// The body of an error reply: the title always, the message as far as `detail`, the attribute `ErrorDetail`, allows.
///
/// 0 and 1: no message, as public servers do. 2 and 3: what the operator may see, which can name paths.
pub(crate) fn error_body(error: &Error, style: &Style, detail: u8, stamp: &str) -> Vec<u8> {
    let message = error_message(error, detail);
    if *style == Style::Plain {
        let end = if message.is_empty() { "" } else { "\r\n" };
        return format!("{error}\r\n{message}{end}").into_bytes();
    }
    let mut list = Properties::default();
    list.push("error.title", error).push("error.message", message);
    list.error_body(style, stamp)
}

/// What is told of an error besides its title; empty below level 2.
pub(crate) fn error_message(error: &Error, detail: u8) -> &str {
    if detail < 2 { "" } else { error.detail().unwrap_or("") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::request::{ReplyFormat, TextEncoding};

    fn body(style: &Style, detail: u8) -> String {
        let error = Error::request("wid", "needs a <number>").with_detail(&"/secret's");
        String::from_utf8(error_body(&error, style, detail, "now")).unwrap()
    }

    fn list(format: ReplyFormat) -> Style {
        Style::List { format, handler: "f".into(), id: "7".into() }
    }

    #[test]
    fn every_style_tells_the_title_and_no_detail() {
        for detail in [0, 1] {
            assert_eq!(body(&Style::Plain, detail), "wid: needs a <number>\r\n");
            assert_eq!(
                body(&Style::TEXT, detail),
                "#S7Z ERROR\r\n#now\r\nerror.title=wid\\: needs a <number>\r\nerror.message=\r\n"
            );
            assert_eq!(
                body(&list(ReplyFormat::Javascript), detail),
                "error.title='wid: needs a <number>'\r\nerror.message=''\r\n"
            );
            assert_eq!(
                body(&list(ReplyFormat::Json), detail),
                "/*jsonp*/f({\"error.title\":\"wid: needs a \\u003cnumber\\u003e\",\"error.message\":\"\"},\"7\");"
            );
        }
    }

    #[test]
    fn levels_two_and_three_tell_the_detail() {
        for detail in [2, 3] {
            assert_eq!(body(&Style::Plain, detail), "wid: needs a <number>\r\n/secret's\r\n");
            assert!(body(&Style::TEXT, detail).ends_with("\r\nerror.message=/secret's\r\n"));
            assert!(body(&list(ReplyFormat::Javascript), detail).ends_with("\r\nerror.message='/secret''s'\r\n"));
            assert!(body(&list(ReplyFormat::Json), detail).contains("\"error.message\":\"/secret's\"},\"7\");"));
            let xml = body(&list(ReplyFormat::Xml(TextEncoding::Utf8)), detail);
            let lines: String = xml.lines().map(str::trim_start).collect();
            assert_eq!(
                lines,
                "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><prop-group><prop-group name=\"error\">\
                 <property name=\"title\" value=\"wid: needs a &lt;number&gt;\" />\
                 <property name=\"message\" value=\"/secret's\" /></prop-group></prop-group>"
            );
        }
        let bare = Error::request("wid", "is wrong");
        assert_eq!(error_body(&bare, &Style::Plain, 3, "now"), b"wid: is wrong\r\n");
    }

    #[test]
    fn the_caller_is_refused_and_the_server_owns_up() {
        use ErrorKind::{Catalog, Changed, Internal, Io, Limit, Missing, Request, Source, Unfinished};
        let statuses = [Request, Missing, Source, Limit, Catalog, Io, Internal, Changed, Unfinished].map(status);
        assert_eq!(statuses, [403, 403, 403, 403, 403, 500, 500, 503, 503]);
    }
}
