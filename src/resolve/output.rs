//! How the reply is made.

use crate::catalog::{Attributes, Object};
use crate::color::Ink;
use crate::geometry::Filter;
use crate::request::{Commands, Fmt, Kind, OutputFormat, PixelType, Qlt, filter_of_res_mode};

/// How the reply is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Output {
    pub(crate) format: OutputFormat,
    pub(crate) pixels: PixelType,
    pub(crate) qlt: Qlt,
    /// The most bytes of a JPEG.
    pub(crate) max_bytes: Option<u64>,
    /// Scans of a progressive JPEG.
    pub(crate) scans: Option<u8>,
    /// The source's XMP packet goes into the reply.
    pub(crate) xmp: bool,
    pub(crate) filter: Filter,
    /// Background of what the picture does not cover; alpha formats leave that transparent.
    pub(crate) background: Ink,
    /// Print resolution in dots per inch.
    pub(crate) dpi: u16,
    /// Alpha is delivered as a gray picture, the colours are not.
    pub(crate) mask: bool,
}

pub(super) fn output(kind: Kind, commands: &Commands, attributes: &Attributes, source: &Object) -> Output {
    let fmt = commands.fmt.unwrap_or(Fmt { format: OutputFormat::Jpeg, pixels: None });
    let mask = kind == Kind::Mask;
    let background = if kind == Kind::Tmb { attributes.thumb_bkg_color } else { attributes.bkg_color };
    let jpeg = fmt.format.is_jpeg();
    let own_dpi = source.record.as_ref().and_then(|record| record.print_resolution);
    Output {
        format: fmt.format,
        pixels: fmt.pixels.unwrap_or(if mask { PixelType::Gray } else { PixelType::Rgb }),
        qlt: commands.qlt.unwrap_or(attributes.jpeg_quality),
        max_bytes: commands.jpeg_size.filter(|size| jpeg && size.0 > 0).map(|size| u64::from(size.0) * 1024),
        scans: commands.pscan.filter(|_| fmt.format == OutputFormat::ProgressiveJpeg).and_then(|scans| scans.0),
        xmp: jpeg && commands.xmp_embed.is_some_and(|flag| flag.0),
        // The attribute holds only numbers of filters that exist.
        filter: commands.res_mode.or_else(|| filter_of_res_mode(attributes.res_mode.0)).unwrap_or(Filter::Sharp2),
        background: commands.bgc.unwrap_or(background),
        dpi: commands.print_res.map_or_else(|| own_dpi.unwrap_or(attributes.print_resolution).0, |dpi| dpi.0),
        mask,
    }
}
