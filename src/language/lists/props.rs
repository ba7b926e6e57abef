//! `req=props`: properties of the picture that a request would deliver (`responses.md` §3.1).

use std::fmt;

use crate::base::geom::Size;
use crate::base::version::Version;
use crate::imaging::scene::{Output, PixelType};

use super::property::Properties;

/// What the property list says of a rendition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendition<'a> {
    /// Size of the reply.
    pub(crate) size: Size,
    pub(crate) output: &'a Output,
    /// Length of the encoded reply in bytes, 0 where it is not known.
    pub(crate) length: usize,
    /// The reply has an XMP packet in it: the request asks for it, and the source has one that the format can hold.
    pub(crate) xmp: bool,
    /// The description of the reply's profile, empty for none, and whether the reply has it in it.
    pub(crate) profile: (&'a str, bool),
    pub(crate) image_version: Version,
    pub(crate) metadata_version: Version,
}

/// The properties, in the order of the protocol's table. Replies embed no paths so far.
pub(crate) fn props(rendition: &Rendition<'_>) -> Properties {
    let output = rendition.output;
    let mut list = Properties::default();
    list.push("image.bgc", Hex(output.background.rgb()))
        .push("image.height", rendition.size.height)
        .push("image.iccEmbed", u8::from(rendition.profile.1))
        .push("image.iccProfile", rendition.profile.0)
        .push("image.length", rendition.length)
        .push("image.mask", u8::from(output.format.alpha()))
        .push("image.pixTyp", pixel_type(output.pixels))
        .push("image.pathEmbed", 0)
        .push("image.printRes", output.dpi)
        .push("image.quality", output.qlt.quality)
        .push("image.type", output.format.mime())
        .push("image.width", rendition.size.width)
        .push("image.xmpEmbed", u8::from(rendition.xmp))
        .push("image.version", rendition.image_version)
        .push("metadata.version", rendition.metadata_version);
    list
}

pub(super) const fn pixel_type(pixels: PixelType) -> &'static str {
    match pixels {
        PixelType::Rgb => "RGB",
        PixelType::Gray => "BW",
        PixelType::Cmyk => "CMYK",
    }
}

/// A colour as six lower-case digits.
pub(super) struct Hex(pub(super) [u8; 3]);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::pixel::color::Ink;
    use crate::imaging::pixel::palette::Quantize;
    use crate::imaging::scene::{Keep, OutputFormat, Qlt};
    use crate::language::lists::Style;

    #[test]
    fn every_row_of_the_table_in_its_order() {
        let version: Version = "37JK6NTvpvC42F5gOuLEVY".parse().unwrap();
        let output = Output {
            format: OutputFormat::PngAlpha,
            compression: None,
            pixels: PixelType::Gray,
            mask: false,
            quantize: Quantize::default(),
            background: Ink::Rgb([0xff, 0x0a, 0]),
            qlt: Qlt { quality: 80, full_chroma: true },
            max_bytes: None,
            scans: None,
            dpi: 72,
            // Asking alone embeds nothing.
            keep: Keep::XMP,
            profile: true,
        };
        let rendition = Rendition {
            size: Size::new(2000, 2400),
            output: &output,
            length: 4711,
            xmp: false,
            profile: ("", false),
            image_version: version,
            metadata_version: version,
        };
        let lines = |rendition: &Rendition<'_>| {
            String::from_utf8(props(rendition).body(&Style::TEXT, "")).unwrap().split_off("#S7Z OK\r\n#\r\n".len())
        };
        assert_eq!(
            lines(&rendition),
            "image.bgc=ff0a00\r\nimage.height=2400\r\nimage.iccEmbed=0\r\nimage.iccProfile=\r\n\
             image.length=4711\r\nimage.mask=1\r\nimage.pixTyp=BW\r\nimage.pathEmbed=0\r\nimage.printRes=72\r\n\
             image.quality=80\r\nimage.type=image/png\r\nimage.width=2000\r\nimage.xmpEmbed=0\r\n\
             image.version=37JK6NTvpvC42F5gOuLEVY\r\nmetadata.version=37JK6NTvpvC42F5gOuLEVY\r\n"
        );
        let other = Output { format: OutputFormat::Jpeg, pixels: PixelType::Cmyk, dpi: 300, ..output.clone() };
        let other = Rendition { output: &other, xmp: true, profile: ("Press", true), ..rendition };
        for line in
            ["printRes=300", "xmpEmbed=1", "iccEmbed=1", "iccProfile=Press", "mask=0", "pixTyp=CMYK", "type=image/jpeg"]
        {
            assert!(lines(&other).contains(&format!("image.{line}\r\n")), "{line}");
        }
    }
}
