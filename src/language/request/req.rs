//! `req=type[,options]`: what is asked for, and how a reply in text is written (`protocol.md` §5.1).

use std::fmt;

use super::value::{Reason, Value};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Req {
    pub(crate) kind: Kind,
    /// [`ReplyFormat::Text`] for types that take no option.
    pub(crate) format: ReplyFormat,
}

/// The request types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    CatalogProps,
    Exists,
    ImageProps,
    ImageSet,
    Img,
    LoadCache,
    Map,
    Mask,
    MbrSet,
    Message,
    Props,
    Resolve,
    SaveToFile,
    Set,
    Targets,
    /// Another name of `img`.
    Tile,
    Tmb,
    UserData,
    Validate,
    Xlate,
    Xmp,
}

/// How a reply in text is written (`responses.md` §2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ReplyFormat {
    Text,
    /// Assignments.
    Javascript,
    Xml(TextEncoding),
    /// A call of a JavaScript function.
    Json,
}

/// Encodings of XML replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum TextEncoding {
    Utf8,
    /// Big endian with a byte order mark.
    Utf16,
    Utf16Le,
    Utf16Be,
    /// ISO-8859-1.
    Latin1,
}

/// Which formats a request type can be asked for in.
#[derive(Clone, Copy)]
struct Formats {
    text: bool,
    javascript: bool,
    xml: bool,
    /// An encoding may follow `xml`.
    encoding: bool,
    json: bool,
}

const NONE: Formats = Formats { text: false, javascript: false, xml: false, encoding: false, json: false };
/// Property lists.
const LIST: Formats = Formats { text: true, javascript: true, xml: true, encoding: false, json: true };
/// Content of record fields.
const FIELD: Formats = Formats { text: true, javascript: false, xml: true, encoding: true, json: true };

const KINDS: [(&str, Kind, Formats); 21] = [
    ("catalogprops", Kind::CatalogProps, LIST),
    ("exists", Kind::Exists, LIST),
    ("imageprops", Kind::ImageProps, LIST),
    ("imageset", Kind::ImageSet, Formats { javascript: true, ..FIELD }),
    ("img", Kind::Img, NONE),
    ("loadcache", Kind::LoadCache, NONE),
    ("map", Kind::Map, FIELD),
    ("mask", Kind::Mask, NONE),
    ("mbrset", Kind::MbrSet, Formats { json: false, ..FIELD }),
    ("message", Kind::Message, NONE),
    ("props", Kind::Props, LIST),
    ("resolve", Kind::Resolve, NONE),
    ("savetofile", Kind::SaveToFile, NONE),
    ("set", Kind::Set, Formats { text: false, ..FIELD }),
    ("targets", Kind::Targets, FIELD),
    ("tile", Kind::Tile, NONE),
    ("tmb", Kind::Tmb, NONE),
    ("userdata", Kind::UserData, FIELD),
    ("validate", Kind::Validate, LIST),
    ("xlate", Kind::Xlate, LIST),
    ("xmp", Kind::Xmp, NONE),
];

const ENCODINGS: [(&str, TextEncoding); 5] = [
    ("UTF-8", TextEncoding::Utf8),
    ("UTF-16", TextEncoding::Utf16),
    ("UTF-16LE", TextEncoding::Utf16Le),
    ("UTF-16BE", TextEncoding::Utf16Be),
    ("ISO-8859-1", TextEncoding::Latin1),
];

impl Req {
    pub(crate) const IMG: Self = Self { kind: Kind::Img, format: ReplyFormat::Text };
}

impl Kind {
    /// Name in lower case.
    pub(crate) fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind, _)| *kind == self).map_or("", |(name, _, _)| name)
    }

    /// The reply is a picture.
    pub(crate) const fn is_picture(self) -> bool {
        matches!(self, Self::Img | Self::Tile | Self::Tmb | Self::Mask)
    }

    /// The reply is a picture or describes one, so the engine remembers the plan of that picture.
    pub(crate) const fn is_about_picture(self) -> bool {
        self.is_picture() || matches!(self, Self::Props)
    }

    /// The engine has to draw the picture of the request.
    pub(crate) const fn needs_pixels(self) -> bool {
        self.is_picture() || matches!(self, Self::LoadCache | Self::SaveToFile)
    }

    /// The picture of the request bears the catalog's watermark (`layers.md` §5).
    pub(crate) const fn is_watermarked(self) -> bool {
        matches!(self, Self::Img | Self::Tile | Self::LoadCache | Self::SaveToFile)
    }

    /// A default image stands in for a missing one (`responses.md` §5.4).
    pub(crate) const fn has_default_image(self) -> bool {
        matches!(self, Self::Img | Self::Tile | Self::Tmb)
    }

    /// The type changes the picture that the other commands describe.
    pub(crate) const fn changes_picture(self) -> bool {
        matches!(self, Self::Tmb | Self::Mask)
    }

    /// The version that the reply has, if it has one (`responses.md` §6).
    pub(crate) const fn version(self) -> Option<VersionOf> {
        match self {
            Self::Img | Self::Tile | Self::Tmb | Self::Mask | Self::Xmp => Some(VersionOf::Image),
            Self::Map | Self::Targets | Self::UserData => Some(VersionOf::Metadata),
            Self::CatalogProps
            | Self::Exists
            | Self::ImageProps
            | Self::ImageSet
            | Self::LoadCache
            | Self::MbrSet
            | Self::Message
            | Self::Props
            | Self::Resolve
            | Self::SaveToFile
            | Self::Set
            | Self::Validate
            | Self::Xlate => None,
        }
    }

    /// What decides how long the reply may be kept (`responses.md` §9). The map of a composite is kept as the
    /// [picture](LifetimeRule::Picture) is.
    pub(crate) const fn lifetime_rule(self) -> LifetimeRule {
        match self {
            Self::Img | Self::Tile | Self::Tmb | Self::Mask => LifetimeRule::Picture,
            Self::Map | Self::Targets | Self::UserData | Self::Xlate | Self::Xmp => LifetimeRule::Record,
            Self::CatalogProps | Self::Exists | Self::ImageProps | Self::ImageSet | Self::Props => LifetimeRule::List,
            Self::LoadCache
            | Self::MbrSet
            | Self::Message
            | Self::Resolve
            | Self::SaveToFile
            | Self::Set
            | Self::Validate => LifetimeRule::Never,
        }
    }
}

/// One of the two versions of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionOf {
    /// `image.version`.
    Image,
    /// `metadata.version`.
    Metadata,
}

/// What decides how long a reply may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LifetimeRule {
    /// The shortest lifetime of the objects that take part.
    Picture,
    /// The lifetime of the path's record.
    Record,
    /// `NonImgExpiration`.
    List,
    /// It is not kept.
    Never,
}

impl TextEncoding {
    /// The name that XML declarations and MIME types give it.
    pub(crate) fn name(self) -> &'static str {
        ENCODINGS.iter().find(|(_, encoding)| *encoding == self).map_or("", |(name, _)| name)
    }
}

const NO_FORMAT: Reason = "has an option that its type does not take";

impl Value for Req {
    fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.to_ascii_lowercase();
        let mut parts = text.split(',').map(|part| part.trim_matches(' '));
        let name = match parts.next().unwrap_or("") {
            "" => "img",
            name => name,
        };
        let Some(&(_, kind, formats)) = KINDS.iter().find(|(candidate, _, _)| *candidate == name) else {
            return Err("is not a known request type");
        };
        let format = match parts.next().unwrap_or("") {
            // `set` has no text form.
            "" if formats.text || !formats.xml => ReplyFormat::Text,
            "text" if formats.text => ReplyFormat::Text,
            "javascript" if formats.javascript => ReplyFormat::Javascript,
            "" | "xml" if formats.xml => ReplyFormat::Xml(TextEncoding::Utf8),
            "json" | "jsonp" if formats.json => ReplyFormat::Json,
            _ => return Err(NO_FORMAT),
        };
        let format = match (parts.next().unwrap_or(""), format) {
            ("", format) => format,
            (name, ReplyFormat::Xml(_)) if formats.encoding => {
                let named = ENCODINGS.iter().find(|(candidate, _)| candidate.eq_ignore_ascii_case(name));
                ReplyFormat::Xml(named.ok_or("needs UTF-8, UTF-16, UTF-16LE, UTF-16BE or ISO-8859-1 after xml")?.1)
            }
            _ => return Err(NO_FORMAT),
        };
        if parts.next().is_some() { Err(NO_FORMAT) } else { Ok(Self { kind, format }) }
    }
}

impl fmt::Display for Req {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match self.format {
            ReplyFormat::Text => Ok(()),
            ReplyFormat::Javascript => f.write_str(",javascript"),
            ReplyFormat::Xml(TextEncoding::Utf8) => f.write_str(",xml"),
            ReplyFormat::Xml(encoding) => write!(f, ",xml,{}", encoding.name()),
            ReplyFormat::Json => f.write_str(",json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_takes_the_formats_of_the_table() {
        let texts = ["text", "javascript", "xml", "xml,utf-16le", "json", "jsonp", "yaml", "xml,latin", "json,x"];
        let taken = |name: &str| -> Vec<&str> {
            texts.into_iter().filter(|format| Req::parse(&format!("{name},{format}")).is_ok()).collect()
        };
        for name in ["catalogprops", "exists", "imageprops", "props", "validate", "xlate"] {
            assert_eq!(taken(name), ["text", "javascript", "xml", "json", "jsonp"], "{name}");
        }
        for name in ["map", "targets", "UserData"] {
            assert_eq!(taken(name), ["text", "xml", "xml,utf-16le", "json", "jsonp"], "{name}");
        }
        assert_eq!(taken("imageset"), ["text", "javascript", "xml", "xml,utf-16le", "json", "jsonp"]);
        assert_eq!(taken("set"), ["xml", "xml,utf-16le", "json", "jsonp"]);
        assert_eq!(taken("mbrSet"), ["text", "xml", "xml,utf-16le"]);
        for name in ["img", "tile", "tmb", "mask", "xmp", "loadcache", "message", "resolve", "saveToFile"] {
            assert_eq!(taken(name), [""; 0], "{name}");
        }
        assert_eq!(Req::parse("set").unwrap().format, ReplyFormat::Xml(TextEncoding::Utf8));
        assert_eq!(Req::parse("").unwrap(), Req::IMG);
        assert_eq!(Req::parse("picture"), Err("is not a known request type"));
    }

    #[test]
    fn names_read_back() {
        for (name, kind, _) in KINDS {
            assert_eq!(Req::parse(name).unwrap().kind, kind);
            let req = Req::parse(name).unwrap();
            assert_eq!(Req::parse(&req.to_string()).unwrap(), req);
        }
        for text in ["props,json", "map,xml,ISO-8859-1", "exists,javascript", "imageset,xml"] {
            assert_eq!(Req::parse(text).unwrap().to_string(), text);
        }
    }
}
