//! Values that say what kind of reply is made: type, format, quality, filter, sharpening.

use std::fmt;

use crate::geometry::Filter;

use super::real::Real;
use super::value::{Reason, Value, flag, whole};

/// The pixel type of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PixelType {
    Rgb,
    Gray,
    Cmyk,
}

/// The file format of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OutputFormat {
    Jpeg,
    ProgressiveJpeg,
    Png,
    PngAlpha,
}

impl OutputFormat {
    /// The reply carries alpha.
    pub(crate) const fn alpha(self) -> bool {
        matches!(self, Self::PngAlpha)
    }

    /// MIME type of the reply.
    pub(crate) const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg | Self::ProgressiveJpeg => "image/jpeg",
            Self::Png | Self::PngAlpha => "image/png",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::ProgressiveJpeg => "pjpeg",
            Self::Png => "png",
            Self::PngAlpha => "png-alpha",
        }
    }
}

/// Formats of the protocol (`protocol.md` §5.2) that are not written yet.
const LATER_FORMATS: [&str; 27] = [
    "png8",
    "png8-alpha",
    "gif",
    "gif-alpha",
    "tif",
    "tif-alpha",
    "webp",
    "webp-alpha",
    "web-alpha",
    "avif",
    "avif-alpha",
    "jpeg2000",
    "jpeg2000-alpha",
    "jpegxr",
    "jpegxr-alpha",
    "heic",
    "pdf",
    "eps",
    "swf",
    "swf-alpha",
    "swf3",
    "swf3-alpha",
    "swf-alpha3",
    "f4m",
    "m3u8",
    "jp2",
    "jxr",
];

/// `fmt=format[,[pixelType][,[compression]]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fmt {
    pub(crate) format: OutputFormat,
    /// `None`: the default of the request.
    pub(crate) pixels: Option<PixelType>,
}

impl Value for Fmt {
    fn parse(text: &str) -> Result<Self, Reason> {
        let text = text.to_ascii_lowercase();
        let mut parts = text.split(',').map(|part| part.trim_matches(' '));
        let name = parts.next().unwrap_or("");
        let format = match name {
            "jpeg" | "jpg" => OutputFormat::Jpeg,
            "pjpeg" => OutputFormat::ProgressiveJpeg,
            "png" => OutputFormat::Png,
            "png-alpha" => OutputFormat::PngAlpha,
            _ if LATER_FORMATS.contains(&name) => return Err("this format is not supported yet"),
            _ => return Err("is not a known format"),
        };
        let pixels = match parts.next().unwrap_or("") {
            "" => None,
            "rgb" => Some(PixelType::Rgb),
            "gray" => Some(PixelType::Gray),
            "cmyk" if format.mime() == "image/png" => return Err("png cannot hold cmyk"),
            "cmyk" => Some(PixelType::Cmyk),
            _ => return Err("needs rgb, gray or cmyk as pixel type"),
        };
        if !matches!(parts.next().unwrap_or(""), "" | "none") {
            return Err("this format takes no compression");
        }
        if parts.next().is_some() {
            return Err("has more than format, pixel type and compression");
        }
        Ok(Self { format, pixels })
    }
}

impl fmt::Display for Fmt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format.name())?;
        f.write_str(match self.pixels {
            None => "",
            Some(PixelType::Rgb) => ",rgb",
            Some(PixelType::Gray) => ",gray",
            Some(PixelType::Cmyk) => ",cmyk",
        })
    }
}

/// `qlt=quality[,chroma]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Qlt {
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Chroma keeps its full resolution.
    pub(crate) full_chroma: bool,
}

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

/// `op_usm=amount[,radius[,threshold[,mono]]]` (`protocol.md` §8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Usm {
    /// 0 to 5; 1 is what image editors call 100 %.
    pub(crate) amount: Real,
    /// 0 to 250 pixels: the standard deviation of the blur.
    pub(crate) radius: Real,
    /// 0 to 255: differences below it stay as they are.
    pub(crate) threshold: u8,
    /// Sharpen brightness only.
    pub(crate) mono: bool,
}

impl Value for Usm {
    fn parse(text: &str) -> Result<Self, Reason> {
        let within =
            |text: &str, max: i32| Real::parse(text).filter(|v| (Real::from_int(0)..=Real::from_int(max)).contains(v));
        let mut parts = text.split(',');
        let mut next = || parts.next().unwrap_or("0");
        let usm = Self {
            amount: within(next(), 5).ok_or("needs an amount from 0 to 5")?,
            radius: within(next(), 250).ok_or("needs a radius from 0 to 250")?,
            threshold: whole(next()).and_then(|t| u8::try_from(t).ok()).ok_or("needs a threshold from 0 to 255")?,
            mono: flag(next()).ok_or("needs 0 or 1 as its fourth value")?,
        };
        if parts.next().is_some() { Err("has more than four values") } else { Ok(usm) }
    }
}

impl fmt::Display for Usm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.amount, self.radius, self.threshold, u8::from(self.mono))
    }
}

/// `handler=name`: the function that a JSON reply calls; letters and digits only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handler(pub(crate) String);

impl Value for Handler {
    fn parse(text: &str) -> Result<Self, Reason> {
        let legal = !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric());
        legal.then(|| Self(text.to_owned())).ok_or("needs a name of letters and digits")
    }
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
