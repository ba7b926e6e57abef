//! Bodies of property lists, in one of four formats (`responses.md` §2).

use crate::language::request::ReplyFormat;

use super::property::Properties;
use super::style::Style;
use super::{javascript, json, text, xml};

/// First line of a text that reports success.
const OK: &str = "#S7Z OK";
/// First line of a text that reports an error.
const ERROR: &str = "#S7Z ERROR";

impl Properties {
    /// The body of a successful reply. The time stamp heads a text; the other formats have none.
    pub(crate) fn body(&self, style: &Style, stamp: &str) -> Vec<u8> {
        self.headed(style, OK, stamp)
    }

    /// The body of an error reply.
    pub(super) fn error_body(&self, style: &Style, stamp: &str) -> Vec<u8> {
        self.headed(style, ERROR, stamp)
    }

    fn headed(&self, style: &Style, first_line: &str, stamp: &str) -> Vec<u8> {
        let Style::List { format, handler, id } = style else {
            return text::list(self, first_line, stamp).into_bytes();
        };
        match format {
            ReplyFormat::Text => text::list(self, first_line, stamp).into_bytes(),
            ReplyFormat::Javascript => javascript::list(self).into_bytes(),
            ReplyFormat::Xml(encoding) => xml::list(self, *encoding),
            ReplyFormat::Json => json::list(self, handler, id).into_bytes(),
        }
    }
}

#[cfg(test)]
#[path = "property_tests.rs"]
mod tests;
