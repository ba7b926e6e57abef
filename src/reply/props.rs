//! `req=props`: properties of the picture that a request would deliver (`responses.md` §3.1).

use crate::geometry::Size;
use crate::request::PixelType;
use crate::resolve::Output;
use crate::version::Version;

use super::property::Properties;

/// What the property list says of a rendition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendition {
    pub(crate) size: Size,
    pub(crate) output: Output,
    /// Length of the encoded reply in bytes, 0 where it is not known.
    pub(crate) length: usize,
    pub(crate) image_version: Version,
    pub(crate) metadata_version: Version,
}

/// The properties, in the order of the protocol's table.
pub(crate) fn properties(rendition: &Rendition) -> Properties {
    let Rendition { size, output, length, image_version, metadata_version } = *rendition;
    let [red, green, blue] = output.background.rgb();
    let mut list = Properties::default();
    list.push("image.bgc", format_args!("{red:02x}{green:02x}{blue:02x}"))
        .push("image.height", size.height)
        .push("image.iccEmbed", 0)
        .push("image.iccProfile", "")
        .push("image.length", length)
        .push("image.mask", u8::from(output.format.alpha()))
        .push("image.pixTyp", pixel_type(output.pixels))
        .push("image.pathEmbed", 0)
        .push("image.printRes", output.dpi)
        .push("image.quality", output.qlt.quality)
        .push("image.type", output.format.mime())
        .push("image.width", size.width)
        .push("image.xmpEmbed", 0)
        .push("image.version", image_version)
        .push("metadata.version", metadata_version);
    list
}

const fn pixel_type(pixels: PixelType) -> &'static str {
    match pixels {
        PixelType::Rgb => "RGB",
        PixelType::Gray => "BW",
        PixelType::Cmyk => "CMYK",
    }
}
