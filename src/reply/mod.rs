//! Bodies and lifetimes of replies that are not pictures (`responses.md`).

mod error;
mod lifetime;
mod property;
mod props;
mod stamp;

use crate::request::Modifier;

pub(crate) use error::{body as error_body, status};
pub use lifetime::Lifetime;
pub(crate) use lifetime::{of_image, of_properties};
pub(crate) use property::Properties;
pub(crate) use props::{Rendition, properties as image_properties};
pub(crate) use stamp::stamp;

/// MIME type of plain text.
pub(crate) const TEXT: &str = "text/plain;charset=UTF-8";

/// How a reply in text is written and to whom it is addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Style {
    /// Not a property list: errors are one line.
    Plain,
    /// A property list in text form.
    Text,
    /// A call of a JavaScript function, with the request id echoed.
    Json { handler: String, id: String },
}

impl Style {
    /// The style that a request asks for, read as far as it can be read: errors in the rest of it are reported in the
    /// style, so it cannot depend on them.
    pub(crate) fn of(modifiers: &[Modifier]) -> Self {
        let last = |wanted: &str| {
            modifiers.iter().rev().find_map(|modifier| match modifier {
                Modifier::Command { name, value } if name == wanted => Some(value.as_str()),
                _ => None,
            })
        };
        let Some((kind, option)) = last("req").map(|req| req.split_once(',').unwrap_or((req, ""))) else {
            return Self::Plain;
        };
        if matches!(kind.to_ascii_lowercase().as_str(), "" | "img" | "tmb" | "mask") {
            return Self::Plain;
        }
        match option.to_ascii_lowercase().as_str() {
            "json" | "jsonp" => {
                // An illegal handler is never echoed.
                let legal = |name: &&str| !name.is_empty() && name.bytes().all(|c| c.is_ascii_alphanumeric());
                let handler = last("handler").filter(legal).unwrap_or("s7jsonResponse").to_owned();
                Self::Json { handler, id: last("id").unwrap_or("").to_owned() }
            }
            _ => Self::Text,
        }
    }

    /// MIME type of bodies in this style.
    pub(crate) const fn mime(&self) -> &'static str {
        match self {
            Self::Plain | Self::Text => TEXT,
            Self::Json { .. } => "text/javascript;charset=UTF-8",
        }
    }
}
