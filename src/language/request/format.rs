//! `fmt=format[,[pixelType][,[compression]]]`: the file format of a reply (`protocol.md` §5.2).

use std::fmt;

use crate::imaging::scene::{OutputFormat, PixelType};

use super::value::{Reason, Value};

impl OutputFormat {
    /// Its name in requests.
    const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::ProgressiveJpeg => "pjpeg",
            Self::Png => "png",
            Self::PngAlpha => "png-alpha",
        }
    }
}

/// What is known of a format's name.
struct Known {
    /// `Err`: it is not written yet, or never will be; the text says so.
    format: Result<OutputFormat, Reason>,
    pixels: &'static [PixelType],
    compressions: &'static [&'static str],
}

const RGB: &[PixelType] = &[PixelType::Rgb];
const RGB_GRAY: &[PixelType] = &[PixelType::Rgb, PixelType::Gray];
const ALL: &[PixelType] = &[PixelType::Rgb, PixelType::Gray, PixelType::Cmyk];
const NO_COMPRESSION: &[&str] = &["none"];
const LOSSY: &[&str] = &["lossy", "lossless"];

/// The formats of the protocol's table; `None`: no such format.
fn known(name: &str) -> Option<Known> {
    macro_rules! later {
        ($name:literal) => {
            Err(concat!("the format ", $name, " is not supported yet"))
        };
    }
    let (format, pixels, compressions) = match name {
        "jpeg" | "jpg" => (Ok(OutputFormat::Jpeg), ALL, NO_COMPRESSION),
        "pjpeg" => (Ok(OutputFormat::ProgressiveJpeg), ALL, NO_COMPRESSION),
        "png" => (Ok(OutputFormat::Png), RGB_GRAY, NO_COMPRESSION),
        "png-alpha" => (Ok(OutputFormat::PngAlpha), RGB_GRAY, NO_COMPRESSION),
        "png8" => (later!("png8"), RGB, NO_COMPRESSION),
        "png8-alpha" => (later!("png8-alpha"), RGB, NO_COMPRESSION),
        "gif" => (later!("gif"), RGB_GRAY, NO_COMPRESSION),
        "gif-alpha" => (later!("gif-alpha"), RGB_GRAY, NO_COMPRESSION),
        "tif" => (later!("tif"), ALL, &["none", "lzw", "zip", "jpeg"][..]),
        "tif-alpha" => (later!("tif-alpha"), ALL, &["none", "lzw", "zip"][..]),
        "webp" => (later!("webp"), RGB, LOSSY),
        "webp-alpha" | "web-alpha" => (later!("webp-alpha"), RGB, LOSSY),
        "avif" => (later!("avif"), RGB, LOSSY),
        "avif-alpha" => (later!("avif-alpha"), RGB, LOSSY),
        "jpeg2000" => (later!("jpeg2000"), RGB_GRAY, LOSSY),
        "jpeg2000-alpha" => (later!("jpeg2000-alpha"), RGB_GRAY, LOSSY),
        "jpegxr" => (later!("jpegxr"), RGB, LOSSY),
        "jpegxr-alpha" => (later!("jpegxr-alpha"), RGB, LOSSY),
        "heic" => (later!("heic"), RGB, &["lossless"][..]),
        "pdf" => (later!("pdf"), ALL, &["none", "zip", "jpeg"][..]),
        "eps" => (later!("eps"), ALL, NO_COMPRESSION),
        "swf" | "swf3" | "swf-alpha" | "swf3-alpha" | "swf-alpha3" => {
            (Err("the format swf is not supported"), RGB_GRAY, NO_COMPRESSION)
        }
        "f4m" | "m3u8" => (Err("this format is for req=mbrSet only"), RGB, NO_COMPRESSION),
        _ => return None,
    };
    Some(Known { format, pixels, compressions })
}

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
        let known = known(parts.next().unwrap_or("")).ok_or("is not a known format")?;
        let pixels = match parts.next().unwrap_or("") {
            "" => None,
            "rgb" => Some(PixelType::Rgb),
            "gray" => Some(PixelType::Gray),
            "cmyk" => Some(PixelType::Cmyk),
            _ => return Err("needs rgb, gray or cmyk as pixel type"),
        };
        if pixels.is_some_and(|pixels| !known.pixels.contains(&pixels)) {
            return Err("this format cannot hold that pixel type");
        }
        let compression = parts.next().unwrap_or("");
        if !compression.is_empty() && !known.compressions.contains(&compression) {
            return Err("this format does not take that compression");
        }
        if parts.next().is_some() {
            return Err("has more than format, pixel type and compression");
        }
        Ok(Self { format: known.format?, pixels })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_hold_the_pixel_types_of_the_table() {
        for (text, expected) in [
            ("PNG,gray", Ok("png,gray")),
            ("jpg,cmyk,none", Ok("jpeg,cmyk")),
            ("pjpeg", Ok("pjpeg")),
            ("png,cmyk", Err("this format cannot hold that pixel type")),
            ("webp,gray", Err("this format cannot hold that pixel type")),
            ("webp,,lossy", Err("the format webp is not supported yet")),
            ("tif,cmyk,lzw", Err("the format tif is not supported yet")),
            ("tif-alpha,,jpeg", Err("this format does not take that compression")),
            ("gif", Err("the format gif is not supported yet")),
            ("avif-alpha,rgb,lossless", Err("the format avif-alpha is not supported yet")),
            ("swf3", Err("the format swf is not supported")),
            ("m3u8", Err("this format is for req=mbrSet only")),
            ("bmp", Err("is not a known format")),
            ("", Err("is not a known format")),
        ] {
            assert_eq!(Fmt::parse(text).map(|fmt| fmt.to_string()), expected.map(str::to_owned), "{text}");
        }
    }
}
