//! Values that are texts: names of objects, messages, map areas.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::value::{Reason, Value};

/// What a value may hold unescaped: everything that neither splits a query nor looks like an escape.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b',').remove(b':');

/// A decoded text. Its canonical spelling is escaped, so that it reads back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Text(pub(crate) String);

impl Text {
    /// The text, `None` if it is empty: commands that name something say nothing by an empty value.
    pub(crate) fn named(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| !text.is_empty())
    }
}

impl Value for Text {
    fn parse(text: &str) -> Result<Self, Reason> {
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(&self.0).fmt(f)
    }
}

/// A text as it stands in a query.
pub(crate) fn escaped(text: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(text, PLAIN)
}

/// The name of a catalog object or file (`catalog.md` §4): not empty, no comma.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ObjectName(pub(crate) String);

impl Value for ObjectName {
    fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err("needs the name of an object");
        }
        if text.contains(',') {
            return Err("needs the name of an object, without commas");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(&self.0).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::request::{Modifier, parse_modifiers};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_read_back_from_a_query(text: String) {
            let query = format!("message={}", Text(text.clone()));
            let expected = Modifier::Command { name: "message".into(), value: text };
            prop_assert_eq!(parse_modifiers(&query).unwrap(), [expected]);
        }
    }

    #[test]
    fn objects_have_no_commas() {
        assert_eq!(ObjectName::parse(" cat/a b ").unwrap().to_string(), "cat/a%20b");
        assert!(ObjectName::parse("a,b").is_err() && ObjectName::parse(" ").is_err());
    }
}
