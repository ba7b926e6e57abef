//! Values that say what kind of reply is made: format, quality, filter, metadata.

use std::fmt;

use crate::base::geom::Filter;
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::space::Intent;
use crate::imaging::scene::{Keep, Qlt};

use super::text::ObjectName;
use super::value::{Reason, Value, flag, whole};

/// `qlt=quality[,chroma]`.
impl Value for Qlt {
    fn parse(text: &str) -> Result<Self, Reason> {
        let (quality, chroma) = text.split_once(',').unwrap_or((text, "0"));
        let quality = whole(quality).and_then(|q| u8::try_from(q).ok()).filter(|q| (1..=100).contains(q));
        Ok(Self {
            quality: quality.ok_or("needs a quality from 1 to 100")?,
            full_chroma: flag(chroma).ok_or("needs 0 or 1 after the comma")?,
        })
    }
}

impl fmt::Display for Qlt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.quality, u8::from(self.full_chroma))
    }
}

/// `keepMetadata=none|copyright|xmp`, or several kinds with commas between them.
impl Value for Keep {
    fn parse(text: &str) -> Result<Self, Reason> {
        Self::read(text).ok_or("needs none, copyright or xmp, or both with a comma between them")
    }
}

impl Value for Filter {
    fn parse(text: &str) -> Result<Self, Reason> {
        match text.to_ascii_lowercase().as_str() {
            "bilin" => Ok(Self::Bilin),
            "bicub" => Ok(Self::Bicub),
            "sharp2" | "sharp" => Ok(Self::Sharp2),
            "bisharp" => Ok(Self::Bisharp),
            _ => Err("needs bilin, bicub, sharp2 or bisharp"),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bilin => "bilin",
            Self::Bicub => "bicub",
            Self::Sharp2 => "sharp2",
            Self::Bisharp => "bisharp",
        })
    }
}

/// The filter of `attribute::ResMode` (`catalog.md` §11.3).
pub(crate) const fn filter_of_res_mode(number: i32) -> Option<Filter> {
    match number {
        1 | 4 => Some(Filter::Sharp2),
        2 => Some(Filter::Bilin),
        3 => Some(Filter::Bicub),
        5 => Some(Filter::Bisharp),
        _ => None,
    }
}

/// Checks `handler=name`: the function that a JSON reply calls, letters and digits only; empty for none.
pub(crate) fn check_handler(text: &str) -> Result<(), Reason> {
    let legal = text.bytes().all(|c| c.is_ascii_alphanumeric());
    if legal { Ok(()) } else { Err("needs a name of letters and digits") }
}

/// `iccEmbed=0|1`: the output profile is embedded. Empty is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IccEmbed(pub(crate) bool);

impl Value for IccEmbed {
    fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.trim_matches(' ');
        if text.is_empty() { Ok(Self(false)) } else { flag(text).map(Self).ok_or("needs 0 or 1") }
    }
}

impl fmt::Display for IccEmbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        u8::from(self.0).fmt(f)
    }
}

/// `jpegSize=kilobytes`: the most bytes of a JPEG reply in units of 1024; 0 means any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct JpegSize(pub(crate) u32);

impl Value for JpegSize {
    fn parse(text: &str) -> Result<Self, Reason> {
        let size = whole(text).and_then(|size| u32::try_from(size).ok());
        size.map(Self).ok_or("needs a whole number of kilobytes, 0 or more")
    }
}

impl fmt::Display for JpegSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `pscan=auto|3|4|5`: scans of a progressive JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Scans(pub(crate) Option<u8>);

impl Value for Scans {
    fn parse(text: &str) -> Result<Self, Reason> {
        match text.trim_matches(' ').to_ascii_lowercase().as_str() {
            "auto" => Ok(Self(None)),
            "3" => Ok(Self(Some(3))),
            "4" => Ok(Self(Some(4))),
            "5" => Ok(Self(Some(5))),
            _ => Err("needs auto, 3, 4 or 5"),
        }
    }
}

impl fmt::Display for Scans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("auto"),
            Some(scans) => scans.fmt(f),
        }
    }
}

/// `printRes=dpi`: 1 to 65535 dots per inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PrintRes(pub(crate) u16);

impl Value for PrintRes {
    fn parse(text: &str) -> Result<Self, Reason> {
        let dpi = Decimal::parse(text)
            .map(|dpi| crate::base::geom::round_half_up(i128::from(dpi.billionths()), i128::from(Decimal::ONE)));
        let dpi = dpi.and_then(|dpi| u16::try_from(dpi).ok()).filter(|&dpi| dpi > 0);
        dpi.map(Self).ok_or("needs a number from 1 to 65535")
    }
}

impl fmt::Display for PrintRes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `icc=object[,intent[,bpc[,dither]]]`: the output profile, and how colours are brought into its space. Empty is the default.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Icc(pub(crate) Option<NamedProfile>);

/// A profile with what is said of its use; what is not said is as the catalog says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NamedProfile {
    pub(crate) object: ObjectName,
    pub(crate) intent: Option<Intent>,
    pub(crate) black_point: Option<bool>,
    /// Read and written; nothing is dithered, because tiles would not join.
    pub(crate) dither: Option<bool>,
}

const INTENTS: [(&str, Intent); 4] = [
    ("perceptual", Intent::Perceptual),
    ("relative", Intent::Relative),
    ("saturation", Intent::Saturation),
    ("absolute", Intent::Absolute),
];

impl Value for Icc {
    fn parse(text: &str) -> Result<Self, Reason> {
        if text.trim_matches(' ').is_empty() {
            return Ok(Self(None));
        }
        let mut parts = text.split(',').map(|part| part.trim_matches(' '));
        let object = ObjectName::parse(parts.next().unwrap_or(""))?;
        let intent = match parts.next().unwrap_or("") {
            "" => None,
            name => {
                let named = INTENTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                let wrong = "needs perceptual, relative, saturation or absolute as its second value";
                Some(named.ok_or(wrong)?.1)
            }
        };
        let mut switch = || match parts.next().unwrap_or("") {
            "" => Ok(None),
            part => flag(part).map(Some).ok_or("needs 0 or 1 as its third and fourth value"),
        };
        let (black_point, dither) = (switch()?, switch()?);
        if parts.next().is_some() {
            return Err("has more than four values");
        }
        Ok(Self(Some(NamedProfile { object, intent, black_point, dither })))
    }
}

impl fmt::Display for Icc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(Some(NamedProfile { object, intent, black_point, dither })) = self else { return Ok(()) };
        let intent = INTENTS.iter().find(|(_, known)| Some(*known) == *intent).map_or("", |(name, _)| name);
        let switch = |switch: &Option<bool>| switch.map_or("", |on| if on { "1" } else { "0" });
        let text = format!("{object},{intent},{},{}", switch(black_point), switch(dither));
        f.write_str(text.trim_end_matches(','))
    }
}

/// `cache=on|off|validate|update` or `client,server` (`protocol.md` §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Cache {
    /// Caches between server and client may keep the reply.
    pub(crate) client: bool,
    pub(crate) server: ServerCache,
}

/// What the server's own cache does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ServerCache {
    On,
    Off,
    /// Look at the source now. This engine always does.
    Validate,
    /// Make the picture again.
    Update,
}

impl Value for Cache {
    fn parse(text: &str) -> Result<Self, Reason> {
        const NEEDS: Reason = "needs on, off, validate or update, or two of on and off";
        let text = text.to_ascii_lowercase();
        let of = |on: bool| if on { ServerCache::On } else { ServerCache::Off };
        let parts: Vec<&str> = text.split(',').map(|part| part.trim_matches(' ')).collect();
        match parts[..] {
            ["validate"] => Ok(Self { client: true, server: ServerCache::Validate }),
            ["update"] => Ok(Self { client: true, server: ServerCache::Update }),
            [both] => flag(both).map(|on| Self { client: on, server: of(on) }).ok_or(NEEDS),
            [client, server] => {
                let (client, server) = (flag(client).ok_or(NEEDS)?, flag(server).ok_or(NEEDS)?);
                Ok(Self { client, server: of(server) })
            }
            _ => Err(NEEDS),
        }
    }
}

impl fmt::Display for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |on: bool| if on { "on" } else { "off" };
        match self.server {
            ServerCache::Validate => f.write_str("validate"),
            ServerCache::Update => f.write_str("update"),
            server => write!(f, "{},{}", word(self.client), word(server == ServerCache::On)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_has_two_halves() {
        for (text, expected) in [("on", "on,on"), ("OFF", "off,off"), ("off,on", "off,on"), ("validate", "validate")] {
            assert_eq!(Cache::parse(text).unwrap().to_string(), expected);
        }
        assert!(Cache::parse("").is_err() && Cache::parse("on,update").is_err() && Cache::parse("on,on,on").is_err());
    }

    #[test]
    fn profiles_are_read() {
        let icc = |text| Icc::parse(text);
        let read = |text| icc(text).map(|icc| icc.to_string());
        assert_eq!(icc("").unwrap(), Icc(None));
        assert_eq!(read("Adobe RGB, Perceptual ,,0").unwrap(), "Adobe%20RGB,perceptual,,0");
        assert_eq!(read("a,,1").unwrap(), "a,,1");
        assert_eq!(read("a,,,").unwrap(), "a");
        let named = icc("AdobeRGB,relative,1,0").unwrap().0.unwrap();
        assert_eq!((named.intent, named.black_point, named.dither), (Some(Intent::Relative), Some(true), Some(false)));
        assert_eq!(icc("a,colour"), Err("needs perceptual, relative, saturation or absolute as its second value"));
        assert_eq!(icc("a,,2"), Err("needs 0 or 1 as its third and fourth value"));
    }

    #[test]
    fn numbers_of_the_reply() {
        assert_eq!(PrintRes::parse("72.4").unwrap(), PrintRes(72));
        assert!(PrintRes::parse("0").is_err() && PrintRes::parse("70000").is_err());
        assert_eq!(JpegSize::parse("-1"), Err("needs a whole number of kilobytes, 0 or more"));
        assert_eq!(Scans::parse("AUTO").unwrap().to_string(), "auto");
        assert!(Scans::parse("2").is_err());
    }
}
