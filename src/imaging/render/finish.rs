//! From the composite to the file of a reply: background, place, pixel type, encoding.

use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::base::stage::ByteStage;
use crate::imaging::codec::{
    Encoding, Extras, JpegSettings, LossySettings, RowEncoder, TiffCompression, TiffSettings, WriteLimits,
    encode as write, encode_within, not_written,
};
use crate::imaging::color::Transform;
use crate::imaging::kernel::alpha::{alpha_of, flatten, with_alpha};
use crate::imaging::kernel::alpha_wide::flattened;
use crate::imaging::kernel::color::{to_cmyk, to_gray, to_rgb};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::picture::{AnyPicture, Picture};
use crate::imaging::kernel::placement::place::put;
use crate::imaging::pixel::raster::{Layout, Plane, Raster};
use crate::imaging::pixel::space::Channels;
use crate::imaging::plan::{Conversion, Drawing};
use crate::imaging::scene::{Compression, Output, OutputFormat, PixelType, Qlt};

use super::convert::through;
use super::tools::{Tools, changed};

/// A composite, and the drawing that says where it goes. `None`: the reply shows nothing of it.
pub(super) type Composite<'a> = Option<(AnyPicture, &'a Drawing)>;

/// The conversion to the pixel type of a reply, with what carries it out.
pub(super) type Last<'a> = Option<(&'a Conversion, Arc<Transform>)>;

/// The pixels of a reply.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn finished(
    composite: Composite<'_>,
    (reply, output): (Size, &Output),
    last: Last<'_>,
    tools: &Tools<'_>,
) -> Result<Raster> {
    let (altered, cancel) = (tools.altered, tools.cancel);
    // Up to the last conversion the picture is drawn in the components of its own space.
    let drawn = match &last {
        Some((Conversion { channels: Channels::Gray, .. }, _)) => PixelType::Gray,
        Some(_) => PixelType::Rgb,
        None => output.pixels,
    };
    let own = &Output { pixels: drawn, ..output.clone() };
    let raster = match composite {
        Some((picture, drawing)) => {
            let at = picture.at();
            let raster = if output.mask {
                alpha_of(picture.rounded(cancel)?.raster)
            } else {
                on_background(picture, own, cancel)?
            };
            placed(raster, (at.x, at.y), drawing, reply, || background(reply, own), cancel)?
        }
        None => background(reply, own),
    };
    let raster = changed(altered, ByteStage::Flatten, raster);
    let raster = match last {
        Some((last, transform)) => through(&transform, raster, last.to_channels, tools.cpu, cancel)?,
        None => typed(raster, output.pixels, cancel)?,
    };
    Ok(changed(altered, ByteStage::Color, raster))
}

/// A picture that is the content of a layer: in RGB, with alpha where something of it may be transparent.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn nested(composite: Composite<'_>, reply: Size, cancel: Cancel<'_>) -> Result<Raster> {
    let transparent = || Raster::zeroed(reply, Layout::RGB.with_alpha(true));
    let Some((picture, drawing)) = composite else { return Ok(transparent()) };
    let at = drawing.delivered;
    let raster = to_rgb(picture.cut_to(at, cancel)?.divided(cancel)?.raster, cancel)?;
    let raster = if at.size() == reply { raster } else { with_alpha(raster) };
    placed(raster, (at.x, at.y), drawing, reply, transparent, cancel)
}

/// Makes the picture what the format holds: opaque on the background, or with alpha and undivided colours.
fn on_background(picture: AnyPicture, output: &Output, cancel: Cancel<'_>) -> Result<Raster> {
    let gray = output.pixels == PixelType::Gray;
    let typed = |raster| if gray { to_gray(raster, cancel) } else { to_rgb(raster, cancel) };
    let picture = match picture {
        AnyPicture::Bytes(picture) => picture,
        AnyPicture::Wide(picture) if output.format.alpha() => AnyPicture::Wide(picture).divided(cancel)?,
        // In its own components, whatever those of the reply are.
        AnyPicture::Wide(picture) => {
            let background = match (picture.raster.layout().colors, output.pixels) {
                (1, PixelType::Gray) => vec![output.background.gray()],
                (1, _) => return typed(flattened(&to_rgb(picture.raster, cancel)?, &output.background.rgb(), cancel)?),
                _ => output.background.rgb().to_vec(),
            };
            return typed(flattened(&picture.raster, &background, cancel)?);
        }
    };
    let picture = Picture { raster: typed(picture.raster)?, ..picture };
    if output.format.alpha() {
        return Ok(with_alpha(picture.with_premultiplied(false, cancel)?.raster));
    }
    flatten(picture.raster, &background_colors(output), picture.premultiplied, cancel)
}

/// The background in the components that are drawn in: gray or RGB.
fn background_colors(output: &Output) -> Vec<u8> {
    match output.pixels {
        // A mask is black where it is transparent.
        _ if output.mask => vec![0],
        PixelType::Gray => vec![output.background.gray()],
        PixelType::Rgb | PixelType::Cmyk => output.background.rgb().to_vec(),
    }
}

/// A reply that shows nothing of the picture: the background, or transparency.
fn background(size: Size, output: &Output) -> Raster {
    let colors = background_colors(output);
    let layout = if colors.len() == 1 { Layout::GRAY } else { Layout::RGB };
    if output.format.alpha() && !output.mask {
        return Raster::zeroed(size, layout.with_alpha(true));
    }
    let planes = colors.into_iter().map(|value| Plane::filled(size, value)).collect();
    Raster::from_planes(planes, layout)
}

/// Puts the part that is delivered in its place on the reply. `corner` is where the picture begins in the view.
fn placed(
    raster: Raster,
    corner: (i64, i64),
    drawing: &Drawing,
    reply: Size,
    around: impl FnOnce() -> Raster,
    cancel: Cancel<'_>,
) -> Result<Raster> {
    let delivered = drawing.delivered;
    if corner == (delivered.x, delivered.y) && raster.size() == delivered.size() && delivered.size() == reply {
        return Ok(raster);
    }
    let mut out = around();
    // `delivered` lies inside the picture, and at its place inside the reply.
    let from = ((delivered.x - corner.0) as usize, (delivered.y - corner.1) as usize);
    let to = (drawing.at.0 as usize, drawing.at.1 as usize);
    put(&mut out, to, &raster, from, delivered.size(), cancel)?;
    Ok(out)
}

/// The pixel type of the reply. Gray and RGB are drawn as such; inks are made at the end, and so is the gray of a mask.
fn typed(raster: Raster, pixels: PixelType, cancel: Cancel<'_>) -> Result<Raster> {
    match pixels {
        PixelType::Gray => Ok(raster),
        PixelType::Rgb => to_rgb(raster, cancel),
        PixelType::Cmyk => to_cmyk(raster, cancel),
    }
}

/// What goes into a file besides its pixels: an XMP packet, and the profile of the pixels.
pub(super) type Notes<'a> = (Option<&'a str>, Option<&'a [u8]>);

/// Writes the file of a reply.
///
/// # Errors
///
/// The file is longer, no quality makes it as short as the output wants it, or the work is to be given up.
pub(crate) fn encode(
    cpu: Cpu,
    raster: &Raster,
    output: &Output,
    (xmp, profile): Notes<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Vec<u8>> {
    let extras = Extras { dpi: output.dpi, xmp, profile };
    match (encoding(output)?, output.max_bytes) {
        (Encoding::Jpeg(settings), Some(max_bytes)) => {
            let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
            encode_within(cpu, raster, settings, extras, max_bytes, bounds).map(|(file, _)| file)
        }
        (encoding, _) => write(cpu, raster, encoding, extras, bounds),
    }
}

/// Begins the file of a reply that is written while the picture is made. `None`: files of its kind are not written in this
/// way, or [`encode`] has to say why the file cannot be written.
pub(super) fn row_encoder(
    cpu: Cpu,
    form: (Size, Layout),
    output: &Output,
    (xmp, profile): Notes<'_>,
    limit: usize,
) -> Option<RowEncoder> {
    let Ok(Encoding::Jpeg(settings)) = encoding(output) else { return None };
    let extras = Extras { dpi: output.dpi, xmp, profile };
    output.max_bytes.is_none().then(|| RowEncoder::new(cpu, form, settings, extras, limit)).flatten()
}

/// How the file of a reply is written.
///
/// # Errors
///
/// The format has no encoder; where it is asked for, it is refused before.
fn encoding(output: &Output) -> Result<Encoding> {
    let Qlt { quality, full_chroma } = output.qlt;
    let jpeg = |progressive| JpegSettings { quality, full_chroma, progressive, scans: output.scans };
    let lossless = output.compression == Some(Compression::Lossless);
    Ok(match output.format {
        OutputFormat::Jpeg => Encoding::Jpeg(jpeg(false)),
        OutputFormat::ProgressiveJpeg => Encoding::Jpeg(jpeg(true)),
        OutputFormat::Png | OutputFormat::PngAlpha if output.compression == Some(Compression::Zip) => Encoding::PngZip,
        OutputFormat::Png | OutputFormat::PngAlpha => Encoding::Png,
        OutputFormat::WebP | OutputFormat::WebPAlpha => Encoding::WebP(LossySettings { quality, lossless }),
        OutputFormat::Avif | OutputFormat::AvifAlpha => Encoding::Avif(LossySettings { quality, lossless }),
        // Their pixels have become numbers of a palette.
        OutputFormat::Png8 | OutputFormat::Png8Alpha | OutputFormat::Gif | OutputFormat::GifAlpha => {
            return Err(not_written());
        }
        OutputFormat::Tif | OutputFormat::TifAlpha => {
            let compression = match output.compression {
                Some(Compression::Lzw) => TiffCompression::Lzw,
                Some(Compression::Zip) => TiffCompression::Zip,
                Some(Compression::Jpeg) => TiffCompression::Jpeg { quality, full_chroma },
                Some(Compression::Lossless) | None => TiffCompression::None,
            };
            Encoding::Tiff(TiffSettings { compression })
        }
    })
}
