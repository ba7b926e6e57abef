//! Bodies and statuses of error replies (`responses.md` §7).

use crate::error::{Error, ErrorKind};

use super::Style;
use super::property::Properties;

/// The HTTP status of an error.
pub(crate) const fn status(kind: ErrorKind) -> u16 {
    match kind {
        ErrorKind::Request | ErrorKind::Missing | ErrorKind::Source | ErrorKind::Limit | ErrorKind::Catalog => 403,
        ErrorKind::Io | ErrorKind::Internal => 500,
        ErrorKind::Changed => 503,
    }
}

/// The body of an error reply. Only the title is told, as public servers do (`ErrorDetail` 0).
pub(crate) fn body(error: &Error, style: &Style, stamp: &str) -> String {
    if *style == Style::Plain {
        return format!("{error}\r\n");
    }
    let mut list = Properties::default();
    list.push("error.title", error).push("error.message", "");
    list.body(style, "#S7Z ERROR", stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_tells_the_title_and_no_detail() {
        let error = Error::request("wid", "needs a <number>").with_detail(&"/secret");
        assert_eq!(body(&error, &Style::Plain, "now"), "wid: needs a <number>\r\n");
        assert_eq!(
            body(&error, &Style::Text, "now"),
            "#S7Z ERROR\r\n#now\r\nerror.title=wid\\: needs a <number>\r\nerror.message=\r\n"
        );
        let json = Style::Json { handler: "f".into(), id: "7".into() };
        assert_eq!(
            body(&error, &json, "now"),
            "/*jsonp*/f({\"error.title\":\"wid: needs a \\u003cnumber\\u003e\",\"error.message\":\"\"},\"7\");"
        );
    }
}
