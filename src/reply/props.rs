//! `req=props`: properties of the picture that a request would deliver (`responses.md` §3.1).

use std::fmt;

use crate::decimal::Decimal;
use crate::geometry::Size;
use crate::scene::PixelType;
use crate::version::Version;

use super::property::Properties;

/// What the property list says of a rendition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendition<'a> {
    /// Size of the reply.
    pub(crate) size: Size,
    /// The effective background.
    pub(crate) background: [u8; 3],
    /// A profile is embedded.
    pub(crate) icc_embed: bool,
    /// Name of the reply's profile; empty if it has none.
    pub(crate) icc_profile: &'a str,
    /// Length of the encoded reply in bytes, 0 where it is not known.
    pub(crate) length: usize,
    /// The reply carries alpha.
    pub(crate) alpha: bool,
    pub(crate) pixels: PixelType,
    /// Photoshop paths are embedded.
    pub(crate) path_embed: bool,
    /// Dots per inch, as noted in the reply.
    pub(crate) print_res: Decimal,
    /// JPEG quality in effect, 1 to 100.
    pub(crate) quality: u8,
    /// MIME type of the reply.
    pub(crate) mime: &'a str,
    /// XMP is embedded.
    pub(crate) xmp_embed: bool,
    pub(crate) image_version: Version,
    pub(crate) metadata_version: Version,
}

/// The properties, in the order of the protocol's table.
pub(crate) fn props(rendition: &Rendition<'_>) -> Properties {
    let mut list = Properties::default();
    list.push("image.bgc", Hex(rendition.background))
        .push("image.height", rendition.size.height)
        .push("image.iccEmbed", u8::from(rendition.icc_embed))
        .push("image.iccProfile", rendition.icc_profile)
        .push("image.length", rendition.length)
        .push("image.mask", u8::from(rendition.alpha))
        .push("image.pixTyp", pixel_type(rendition.pixels))
        .push("image.pathEmbed", u8::from(rendition.path_embed))
        .push("image.printRes", rendition.print_res)
        .push("image.quality", rendition.quality)
        .push("image.type", rendition.mime)
        .push("image.width", rendition.size.width)
        .push("image.xmpEmbed", u8::from(rendition.xmp_embed))
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
    use crate::reply::Style;

    #[test]
    fn every_row_of_the_table_in_its_order() {
        let version: Version = "37JK6NTvpvC42F5gOuLEVY".parse().unwrap();
        let rendition = Rendition {
            size: Size::new(2000, 2400),
            background: [0xff, 0x0a, 0],
            icc_embed: true,
            icc_profile: "sRGB IEC61966-2.1",
            length: 4711,
            alpha: true,
            pixels: PixelType::Gray,
            path_embed: false,
            print_res: Decimal::parse("72.5").unwrap(),
            quality: 80,
            mime: "image/png",
            xmp_embed: false,
            image_version: version,
            metadata_version: version,
        };
        let lines = |rendition: &Rendition<'_>| {
            String::from_utf8(props(rendition).body(&Style::TEXT, "")).unwrap().split_off("#S7Z OK\r\n#\r\n".len())
        };
        assert_eq!(
            lines(&rendition),
            "image.bgc=ff0a00\r\nimage.height=2400\r\nimage.iccEmbed=1\r\nimage.iccProfile=sRGB IEC61966-2.1\r\n\
             image.length=4711\r\nimage.mask=1\r\nimage.pixTyp=BW\r\nimage.pathEmbed=0\r\nimage.printRes=72.5\r\n\
             image.quality=80\r\nimage.type=image/png\r\nimage.width=2000\r\nimage.xmpEmbed=0\r\n\
             image.version=37JK6NTvpvC42F5gOuLEVY\r\nmetadata.version=37JK6NTvpvC42F5gOuLEVY\r\n"
        );
        let other = Rendition {
            print_res: Decimal::from_int(72),
            xmp_embed: true,
            alpha: false,
            pixels: PixelType::Cmyk,
            icc_embed: false,
            icc_profile: "",
            ..rendition
        };
        for line in ["printRes=72", "xmpEmbed=1", "mask=0", "pixTyp=CMYK", "iccEmbed=0", "iccProfile="] {
            assert!(lines(&other).contains(&format!("image.{line}\r\n")), "{line}");
        }
    }
}
