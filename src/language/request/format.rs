//! `fmt=format[,[pixelType][,[compression]]]`: the file format of a reply (`protocol.md` §5.2).

use std::fmt;

use crate::imaging::scene::{Compression, FileFormat, OutputFormat, PixelType};

use super::value::{Reason, Value};

/// What is known of a format's name.
enum Known {
    /// A format of replies, whether this build writes it or not.
    Reply(OutputFormat),
    /// It is not written yet, or never will be; the first text says so. The others are what it holds and takes.
    Refused(Reason, &'static [PixelType], &'static [&'static str]),
}

const RGB: &[PixelType] = &[PixelType::Rgb];
const RGB_GRAY: &[PixelType] = &[PixelType::Rgb, PixelType::Gray];
const ALL: &[PixelType] = &[PixelType::Rgb, PixelType::Gray, PixelType::Cmyk];
const NO_COMPRESSION: &[&str] = &["none"];
const LOSSY: &[&str] = &["lossy", "lossless"];

/// The formats of the protocol's table; `None`: no such format.
fn known(name: &str) -> Option<Known> {
    macro_rules! later {
        ($name:literal, $pixels:ident, $compressions:expr) => {
            Refused(concat!("the format ", $name, " is not supported yet"), $pixels, $compressions)
        };
    }
    use Known::{Refused, Reply};
    Some(match name {
        "jpeg" | "jpg" => Reply(OutputFormat::Jpeg),
        "pjpeg" => Reply(OutputFormat::ProgressiveJpeg),
        "png" => Reply(OutputFormat::Png),
        "png-alpha" => Reply(OutputFormat::PngAlpha),
        "png8" => Reply(OutputFormat::Png8),
        "png8-alpha" => Reply(OutputFormat::Png8Alpha),
        "gif" => Reply(OutputFormat::Gif),
        "gif-alpha" => Reply(OutputFormat::GifAlpha),
        "tif" => Reply(OutputFormat::Tif),
        "tif-alpha" => Reply(OutputFormat::TifAlpha),
        "webp" => Reply(OutputFormat::WebP),
        "webp-alpha" | "web-alpha" => Reply(OutputFormat::WebPAlpha),
        "avif" => Reply(OutputFormat::Avif),
        "avif-alpha" => Reply(OutputFormat::AvifAlpha),
        "jpeg2000" => later!("jpeg2000", RGB_GRAY, LOSSY),
        "jpeg2000-alpha" => later!("jpeg2000-alpha", RGB_GRAY, LOSSY),
        "jpegxr" => later!("jpegxr", RGB, LOSSY),
        "jpegxr-alpha" => later!("jpegxr-alpha", RGB, LOSSY),
        "heic" => later!("heic", RGB, &["lossless"]),
        "pdf" => later!("pdf", ALL, &["none", "zip", "jpeg"]),
        "eps" => later!("eps", ALL, NO_COMPRESSION),
        "swf" | "swf3" | "swf-alpha" | "swf3-alpha" | "swf-alpha3" => {
            Refused("the format swf is not supported", RGB_GRAY, NO_COMPRESSION)
        }
        "f4m" | "m3u8" => Refused("this format is for req=mbrSet only", RGB, NO_COMPRESSION),
        _ => return None,
    })
}

/// A way of compressing by its name; `Some(None)`: it is the format's own.
fn compression(format: OutputFormat, name: &str) -> Option<Option<Compression>> {
    let other = match name {
        "" => return Some(None),
        "lossless" => Compression::Lossless,
        "lzw" => Compression::Lzw,
        "zip" => Compression::Zip,
        "jpeg" => Compression::Jpeg,
        // Formats that can be lossless are lossy by default; all others are not compressed, or in one way only.
        "lossy" => return format.takes(Compression::Lossless).then_some(None),
        "none" => return (!format.takes(Compression::Lossless)).then_some(None),
        _ => return None,
    };
    format.takes(other).then_some(Some(other))
}

const NO_SUCH_COMPRESSION: Reason = "this format does not take that compression";
const NO_SUCH_PIXELS: Reason = "this format cannot hold that pixel type";

impl Value for FileFormat {
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
        let name = parts.next().unwrap_or("");
        let is_too_long = parts.next().is_some();
        let holds = |pixels: PixelType| match known {
            Known::Reply(format) => format.holds(pixels),
            Known::Refused(_, held, _) => held.contains(&pixels),
        };
        if pixels.is_some_and(|pixels| !holds(pixels)) {
            return Err(NO_SUCH_PIXELS);
        }
        let compression = match known {
            Known::Reply(format) => compression(format, name),
            Known::Refused(_, _, taken) => (name.is_empty() || taken.contains(&name)).then_some(None),
        };
        let compression = compression.ok_or(NO_SUCH_COMPRESSION)?;
        if is_too_long {
            return Err("has more than format, pixel type and compression");
        }
        let format = match known {
            Known::Reply(format) => Self { format, pixels, compression },
            Known::Refused(reason, ..) => return Err(reason),
        };
        format.refusal().map_or(Ok(format), Err)
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.format.name())?;
        f.write_str(match (self.pixels, self.compression) {
            (None, None) => "",
            (None, Some(_)) => ",",
            (Some(PixelType::Rgb), _) => ",rgb",
            (Some(PixelType::Gray), _) => ",gray",
            (Some(PixelType::Cmyk), _) => ",cmyk",
        })?;
        f.write_str(match self.compression {
            None => "",
            Some(Compression::Lossless) => ",lossless",
            Some(Compression::Lzw) => ",lzw",
            Some(Compression::Zip) => ",zip",
            Some(Compression::Jpeg) => ",jpeg",
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
            ("png-alpha,,ZIP", Ok("png-alpha,,zip")),
            ("png,,lzw", Err("this format does not take that compression")),
            ("png,cmyk", Err("this format cannot hold that pixel type")),
            ("webp,gray", Err("this format cannot hold that pixel type")),
            ("webp,,lossy", Ok("webp")),
            ("webp,rgb,lossless", Ok("webp,rgb,lossless")),
            ("WEB-Alpha, , lossless", Ok("webp-alpha,,lossless")),
            ("webp,,none", Err("this format does not take that compression")),
            ("png-alpha,,lossless", Err("this format does not take that compression")),
            ("heic,,lossless", Err("the format heic is not supported yet")),
            ("heic,,lossy", Err("this format does not take that compression")),
            ("tif,cmyk,lzw", Ok("tif,cmyk,lzw")),
            ("tif-alpha,,jpeg", Err("this format does not take that compression")),
            ("gif,gray", Ok("gif,gray")),
            ("PNG8-alpha,rgb,none", Ok("png8-alpha,rgb")),
            ("png8,gray", Err("this format cannot hold that pixel type")),
            (
                "avif-alpha,rgb,lossless",
                Err(match cfg!(feature = "avif") {
                    true => "avif without loss is not supported yet",
                    false => "the format avif is not built in (feature avif)",
                }),
            ),
            ("avif,gray", Err("this format cannot hold that pixel type")),
            ("swf3", Err("the format swf is not supported")),
            ("m3u8", Err("this format is for req=mbrSet only")),
            ("bmp", Err("is not a known format")),
            ("", Err("is not a known format")),
        ] {
            assert_eq!(FileFormat::parse(text).map(|format| format.to_string()), expected.map(str::to_owned), "{text}");
        }
    }
}
