//! Edits: what is made of a picture, written as calls.

use std::fmt::Display;

use crate::base::error::{Error, Result};
use crate::base::geom::{self, MAX_SIDE, Rect};
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::Ink;
use crate::imaging::scene::{
    Align, Compression as FileCompression, Crop, FileFormat, Fit as ViewFit, FitMode, Flip, Keep, OutputFormat,
    PixelType, Qlt, Scene, Usm,
};

use super::palette::Palette;
use super::profile::{Custom, Icc, Named, Profile};
use super::scene::{QUALITY, scene};
use super::slots::Slots;

/// How a picture meets the box that it is given: [`Edit::fit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fit {
    /// It fits inside, and the result is as large as it gets: `fit=constrain`.
    Inside,
    /// It fits inside, and the [background](Edit::background) fills the rest of the box: `fit=fit`.
    Pad,
    /// It covers the box, and what reaches beyond is cut off: `fit=crop`. [`Edit::focus`] says where.
    Cover,
    /// Each side meets that of the box, whatever the aspect: `fit=stretch`.
    Stretch,
}

/// The format of the file that an [`Edit`] makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Baseline JPEG: `fmt=jpeg`.
    Jpeg,
    /// Progressive JPEG: `fmt=pjpeg`.
    ProgressiveJpeg,
    /// PNG without alpha, on the [background](Edit::background): `fmt=png`.
    Png,
    /// PNG with alpha: `fmt=png-alpha`.
    PngAlpha,
    /// WebP without alpha, on the [background](Edit::background): `fmt=webp`.
    WebP,
    /// WebP with alpha: `fmt=webp-alpha`.
    WebPAlpha,
    /// AVIF without alpha, on the [background](Edit::background): `fmt=avif`.
    Avif,
    /// AVIF with alpha: `fmt=avif-alpha`.
    AvifAlpha,
    /// PNG with a palette, on the [background](Edit::background): `fmt=png8`.
    Png8,
    /// PNG with a palette whose colours have alpha: `fmt=png8-alpha`.
    Png8Alpha,
    /// GIF, on the [background](Edit::background): `fmt=gif`.
    Gif,
    /// GIF with pixels that are transparent or not: `fmt=gif-alpha`.
    GifAlpha,
    /// TIFF without alpha, on the [background](Edit::background): `fmt=tif`.
    Tiff,
    /// TIFF with alpha, by which its colours are multiplied: `fmt=tif-alpha`.
    TiffAlpha,
}

/// How the file that an [`Edit`] makes is compressed: [`Edit::compression`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// As files of the format are unless more is said: with loss for WebP and AVIF, not at all for TIFF.
    Standard,
    /// Without loss, for WebP and AVIF: `fmt=webp,,lossless`.
    Lossless,
    /// By LZW, for TIFF: `fmt=tif,,lzw`.
    Lzw,
    /// By Deflate, for TIFF and PNG: `fmt=tif,,zip`. A PNG gets shorter than by default, and takes many times as long.
    Zip,
    /// As JPEG, for TIFF without alpha: `fmt=tif,,jpeg`.
    Jpeg,
}

/// What a picture is resampled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Filter {
    /// A triangle: `resMode=bilin`.
    Bilinear,
    /// Catmull-Rom: `resMode=bicub`.
    Bicubic,
    /// Lanczos with three lobes, the default: `resMode=sharp2`.
    Lanczos3,
    /// A sharper cubic where it reduces: `resMode=bisharp`.
    BicubicSharper,
}

impl Filter {
    /// The filter that kernels know.
    pub(super) const fn of_kernels(self) -> geom::Filter {
        match self {
            Self::Bilinear => geom::Filter::Bilin,
            Self::Bicubic => geom::Filter::Bicub,
            Self::Lanczos3 => geom::Filter::Sharp2,
            Self::BicubicSharper => geom::Filter::Bisharp,
        }
    }
}

/// What is made of a [`Picture`](crate::Picture): crop, size, operations, format.
///
/// It is written as calls, or read from the commands of a request, such as `"wid=400&op_usm=1,8"`: those of view, source,
/// operations and output ([`FromStr`](std::str::FromStr)). It prints as such commands, and reads back as the same edit. A
/// command that is not given has the default of the protocol; nothing limits the size. The order of calls means nothing;
/// of two calls for one command the last one counts.
///
/// No call fails. [`Picture::render`](crate::Picture::render) reports the first wrong value, by the name of its command.
///
/// ```
/// use platemark::{Edit, Fit, Format};
///
/// let edit = Edit::new().fit(Fit::Cover, 400, 300).focus(0.5, 0.0).unsharp(1.0, 1.5, 0).format(Format::Jpeg);
/// assert_eq!(edit.to_string(), "wid=400&hei=300&fit=crop,0&align=0,-1&fmt=jpeg&op_usm=1,1.5,0,0");
/// assert_eq!(edit.to_string().parse(), Ok(edit));
/// # Ok::<(), platemark::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Edit {
    slots: Slots,
    /// The profile that pictures are converted to, if it has no name.
    custom: Option<Custom>,
    wrong: Option<Wrong>,
}

/// A value that is not legal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) command: &'static str,
    /// The value as a request would say it.
    pub(crate) value: String,
    reason: &'static str,
}

const SIDE: &str = "needs a whole number from 1 to 16777216";
const PERCENT: &str = "needs a whole number from -100 to 100";

impl Edit {
    /// The picture as it is, upright, as a JPEG.
    pub fn new() -> Self {
        Self::default()
    }

    /// The part of the upright source that is used, in its pixels. It may reach beyond the source. Width and height are 1
    /// to 16,777,216, `x` and `y` at most so far from 0. `crop=`
    pub fn crop(self, x: i32, y: i32, width: u32, height: u32) -> Self {
        let near = |offset: i32| offset.unsigned_abs() <= MAX_SIDE;
        let legal = near(x) && near(y) && is_side(width) && is_side(height);
        let rect = legal.then(|| Crop::Pixels(Rect::new(i64::from(x), i64::from(y), width, height)));
        let reason = "needs x,y,width,height as whole numbers, width and height greater than 0";
        self.with("crop", format_args!("{x},{y},{width},{height}"), rect, reason, |slots| &mut slots.crop)
    }

    /// Width of the result in pixels, 1 to 16,777,216. The height follows the aspect if none is given. `wid=`
    pub fn width(self, width: u32) -> Self {
        self.with("wid", width, Some(width).filter(|side| is_side(*side)), SIDE, |slots| &mut slots.width)
    }

    /// Height of the result in pixels, 1 to 16,777,216. The width follows the aspect if none is given. `hei=`
    pub fn height(self, height: u32) -> Self {
        self.with("hei", height, Some(height).filter(|side| is_side(*side)), SIDE, |slots| &mut slots.height)
    }

    /// Width and height of the result, each 1 to 16,777,216, and how the picture meets them. `fit=`, `wid=`, `hei=`
    pub fn fit(self, fit: Fit, width: u32, height: u32) -> Self {
        let mode = match fit {
            Fit::Inside => FitMode::Constrain,
            Fit::Pad => FitMode::Fit,
            Fit::Cover => FitMode::Crop,
            Fit::Stretch => FitMode::Stretch,
        };
        let mut edit = self.width(width).height(height);
        edit.slots.fit = Some(ViewFit { mode, ..edit.slots.fit.unwrap_or(ViewFit::DEFAULT) });
        edit
    }

    /// Whether a picture that is smaller than its [width](Self::width), [height](Self::height) or box is enlarged, which
    /// have to be given. Default: false. The second value of `fit=`
    pub fn enlarge(mut self, enlarge: bool) -> Self {
        self.slots.fit = Some(ViewFit { upscale: enlarge, ..self.slots.fit.unwrap_or(ViewFit::DEFAULT) });
        self
    }

    /// The place that stays in view where something is cut off, and where the picture lies in a larger box: from 0 (left,
    /// top) to 1 (right, bottom). Default: 0.5 each. `align=`
    pub fn focus(self, x: f64, y: f64) -> Self {
        // From 0…1 to −1…1, exactly.
        let part =
            |part: Option<Decimal>| part.and_then(|part| part.billionths().checked_mul(2)?.checked_sub(Decimal::ONE));
        let parts = [x, y].map(|value| part(decimal(value)));
        let legal = |part: i64| part.abs() <= Decimal::ONE;
        let align = match parts {
            [Some(x), Some(y)] if legal(x) && legal(y) => {
                Some(Align { horizontal: Decimal::from_billionths(x), vertical: Decimal::from_billionths(y) })
            }
            _ => None,
        };
        let said = parts.map(|part| part.map_or("NaN".to_owned(), |part| Decimal::from_billionths(part).to_string()));
        self.with("align", said.join(","), align, "needs two numbers from -1 to 1", |slots| &mut slots.align)
    }

    /// Turns the source clockwise, in degrees. Corners that come to be are [background](Self::background). `rotate=`
    pub fn rotate(self, degrees: f64) -> Self {
        let turn = |angle: Decimal| Decimal::from_billionths(angle.billionths().rem_euclid(360 * Decimal::ONE));
        let angle = decimal(degrees).map(turn);
        self.with("rotate", degrees, angle, "needs a number of degrees", |slots| &mut slots.rotate)
    }

    /// Mirrors the result: left and right, top and bottom. `flip=`
    pub fn flip(mut self, horizontally: bool, vertically: bool) -> Self {
        self.slots.flip = Some(Flip { horizontally, vertically });
        self
    }

    /// What is seen where there is no picture, and through what is transparent in it. Default: white. `bgc=`
    pub fn background(mut self, red: u8, green: u8, blue: u8) -> Self {
        self.slots.background = Some(Ink::Rgb([red, green, blue]));
        self
    }

    /// What the picture is resampled with. Default: [`Filter::Lanczos3`]. `resMode=`
    pub fn filter(mut self, filter: Filter) -> Self {
        self.slots.filter = Some(filter.of_kernels());
        self
    }

    /// Whether the picture is resampled in linear light: samples are weighed as the light that they stand for, by the curve
    /// of sRGB, so that fine patterns keep their brightness. It takes more time, because a JPEG is decoded at full size.
    /// Inks are resampled as they are. Default: false. `linear=`
    ///
    /// ```
    /// use platemark::Edit;
    ///
    /// assert_eq!(Edit::new().width(400).linear(true).to_string(), "wid=400&linear=1");
    /// ```
    pub fn linear(mut self, linear: bool) -> Self {
        self.slots.linear = Some(linear);
        self
    }

    /// A Gaussian blur; its standard deviation is 0 to 100 pixels of the cropped source. `op_blur=`
    pub fn blur(self, radius: f64) -> Self {
        let radius_in = within(radius, 100);
        self.with("op_blur", radius, radius_in, "needs a radius from 0 to 100", |slots| &mut slots.blur)
    }

    /// Brighter or darker: −100 to 100. `op_brightness=`
    pub fn brightness(self, percent: i8) -> Self {
        self.with("op_brightness", percent, is_percent(percent), PERCENT, |slots| &mut slots.brightness)
    }

    /// More or less contrast: −100 to 100. `op_contrast=`
    pub fn contrast(self, percent: i8) -> Self {
        self.with("op_contrast", percent, is_percent(percent), PERCENT, |slots| &mut slots.contrast)
    }

    /// More or less saturated colours: −100 to 100. `op_saturation=`
    pub fn saturation(self, percent: i8) -> Self {
        self.with("op_saturation", percent, is_percent(percent), PERCENT, |slots| &mut slots.saturation)
    }

    /// Turns all hues: −180 to 180 degrees. `op_hue=`
    pub fn hue(self, degrees: i16) -> Self {
        let legal = Some(degrees).filter(|degrees| (-180..=180).contains(degrees));
        self.with("op_hue", degrees, legal, "needs a whole number from -180 to 180", |slots| &mut slots.hue)
    }

    /// The negative. `op_invert=`
    pub fn invert(mut self, invert: bool) -> Self {
        self.slots.invert = Some(invert);
        self
    }

    /// Sharpens the result with a fixed filter. `op_sharpen=`
    pub fn sharpen(mut self, sharpen: bool) -> Self {
        self.slots.sharpen = Some(sharpen);
        self
    }

    /// An unsharp mask: an amount of 0 to 5, a radius of 0 to 250 pixels of the cropped source, and a threshold of 0 to
    /// 255 that differences have to reach. `op_usm=`
    pub fn unsharp(self, amount: f64, radius: f64, threshold: u8) -> Self {
        self.unsharped("op_usm", (amount, radius, threshold), |slots| &mut slots.usm)
    }

    /// An unsharp mask whose radius is counted in pixels of the result. `op_usmR=`
    pub fn unsharp_view(self, amount: f64, radius: f64, threshold: u8) -> Self {
        self.unsharped("op_usmR", (amount, radius, threshold), |slots| &mut slots.view_usm)
    }

    /// The format of the file. Default: [`Format::Jpeg`]. A format that this build of the library does not write, such as
    /// AVIF without the feature `avif`, is an error of `fmt`. `fmt=`
    pub fn format(mut self, format: Format) -> Self {
        let format = match format {
            Format::Jpeg => OutputFormat::Jpeg,
            Format::ProgressiveJpeg => OutputFormat::ProgressiveJpeg,
            Format::Png => OutputFormat::Png,
            Format::PngAlpha => OutputFormat::PngAlpha,
            Format::WebP => OutputFormat::WebP,
            Format::WebPAlpha => OutputFormat::WebPAlpha,
            Format::Avif => OutputFormat::Avif,
            Format::AvifAlpha => OutputFormat::AvifAlpha,
            Format::Png8 => OutputFormat::Png8,
            Format::Png8Alpha => OutputFormat::Png8Alpha,
            Format::Gif => OutputFormat::Gif,
            Format::GifAlpha => OutputFormat::GifAlpha,
            Format::Tiff => OutputFormat::Tif,
            Format::TiffAlpha => OutputFormat::TifAlpha,
        };
        self.slots.format = Some(FileFormat { format, ..self.file() });
        self
    }

    /// How the file is compressed. Default: [`Compression::Standard`]. A way that the format does not have is an error of
    /// `fmt`. The third value of `fmt=`
    ///
    /// ```
    /// use platemark::{Compression, Edit, Format};
    ///
    /// let edit = Edit::new().format(Format::WebPAlpha).compression(Compression::Lossless);
    /// assert_eq!(edit.to_string(), "fmt=webp-alpha,,lossless");
    /// ```
    pub fn compression(mut self, compression: Compression) -> Self {
        let compression = match compression {
            Compression::Standard => None,
            Compression::Lossless => Some(FileCompression::Lossless),
            Compression::Lzw => Some(FileCompression::Lzw),
            Compression::Zip => Some(FileCompression::Zip),
            Compression::Jpeg => Some(FileCompression::Jpeg),
        };
        self.slots.format = Some(FileFormat { compression, ..self.file() });
        self
    }

    /// What the edit says of the file so far.
    fn file(&self) -> FileFormat {
        self.slots.format.unwrap_or(FileFormat::DEFAULT)
    }

    /// Whether the result is gray. Default: false. The second value of `fmt=`
    pub fn gray(mut self, gray: bool) -> Self {
        self.slots.format = Some(FileFormat { pixels: gray.then_some(PixelType::Gray), ..self.file() });
        self
    }

    /// The colour space of what is made: sRGB if nothing is said. The command is `icc`, with `iccEmbed`.
    ///
    /// ```
    /// use platemark::{Edit, Profile};
    ///
    /// assert_eq!(Edit::new().profile(Profile::Keep).to_string(), "icc=source&iccEmbed=1");
    /// ```
    pub fn profile(mut self, profile: Profile) -> Self {
        let (icc, custom) = match profile {
            Profile::Srgb => (None, None),
            Profile::Keep => (Some(Icc::of(Named::Source)), None),
            Profile::Custom(bytes) => match Custom::read(&bytes) {
                Ok(custom) => (Some(Icc::of(Named::Custom)), Some(custom)),
                Err(error) => return self.with("icc", "custom", None, error.what(), |slots| &mut slots.icc),
            },
        };
        self.slots.icc_embed = icc.is_some().then_some(true);
        (self.slots.icc, self.custom) = (icc, custom);
        self
    }

    /// What the file keeps of what the source says of itself. Default: [`Keep::NOTHING`]. `keepMetadata=`
    ///
    /// ```
    /// use platemark::{Edit, Keep};
    ///
    /// assert_eq!(Edit::new().keep(Keep::COPYRIGHT).to_string(), "keepMetadata=copyright");
    /// ```
    pub fn keep(mut self, keep: Keep) -> Self {
        self.slots.keep = Some(keep);
        self
    }

    /// The colours of a format with a palette. Default: 256 that are chosen for the picture, with dither. `quantize=`
    pub fn palette(self, palette: Palette) -> Self {
        let (value, wrong, Palette(quantize)) = (palette.text(), palette.wrong(), palette);
        let legal = wrong.is_none().then_some(quantize);
        self.with("quantize", value, legal, wrong.unwrap_or(""), |slots| &mut slots.quantize)
    }

    /// The quality of a file that is compressed with loss: 1 to 100. A WebP or AVIF looks like a JPEG of the same number.
    /// Default: 80. `qlt=`
    pub fn quality(self, quality: u8) -> Self {
        let full_chroma = self.slots.qlt.is_some_and(|qlt| qlt.full_chroma);
        let legal = (1..=100).contains(&quality).then_some(Qlt { quality, full_chroma });
        self.with("qlt", quality, legal, "needs a quality from 1 to 100", |slots| &mut slots.qlt)
    }

    /// Whether the colours of a JPEG keep their full resolution. Default: false. The second value of `qlt=`
    pub fn full_chroma(mut self, full_chroma: bool) -> Self {
        let quality = self.slots.qlt.map_or(QUALITY, |qlt| qlt.quality);
        self.slots.qlt = Some(Qlt { quality, full_chroma });
        self
    }

    fn unsharped(
        self,
        command: &'static str,
        (amount, radius, threshold): (f64, f64, u8),
        slot: impl FnOnce(&mut Slots) -> &mut Option<Usm>,
    ) -> Self {
        let parts = (within(amount, 5), within(radius, 250));
        let (usm, reason) = match parts {
            (Some(amount), Some(radius)) => (Some(Usm { amount, radius, threshold, mono: false }), ""),
            (None, _) => (None, "needs an amount from 0 to 5"),
            (_, None) => (None, "needs a radius from 0 to 250"),
        };
        self.with(command, format_args!("{amount},{radius},{threshold}"), usm, reason, slot)
    }

    /// Sets a command to a legal value, or notes that the value is not.
    fn with<T>(
        mut self,
        command: &'static str,
        value: impl Display,
        legal: Option<T>,
        reason: &'static str,
        slot: impl FnOnce(&mut Slots) -> &mut Option<T>,
    ) -> Self {
        if legal.is_some() {
            *slot(&mut self.slots) = legal;
        } else {
            self.wrong.get_or_insert_with(|| Wrong { command, value: value.to_string(), reason });
        }
        self
    }

    /// The edit with these commands.
    pub(crate) const fn of(slots: Slots) -> Self {
        Self { slots, custom: None, wrong: None }
    }

    /// The commands with a legal value.
    pub(crate) const fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The profile that the edit holds.
    pub(super) const fn custom(&self) -> Option<&Custom> {
        self.custom.as_ref()
    }

    /// The first value that is not legal.
    pub(crate) const fn wrong(&self) -> Option<&Wrong> {
        self.wrong.as_ref()
    }

    /// What the edit describes.
    ///
    /// # Errors
    ///
    /// A value is not legal, or two commands contradict each other.
    pub(crate) fn scene(&self) -> Result<Scene> {
        match &self.wrong {
            Some(wrong) => Err(Error::request(wrong.command, wrong.reason)),
            None => scene(&self.slots),
        }
    }
}

fn is_side(side: u32) -> bool {
    (1..=MAX_SIDE).contains(&side)
}

fn is_percent(percent: i8) -> Option<i8> {
    Some(percent).filter(|percent| (-100..=100).contains(percent))
}

/// A number as a request would say it: the shortest text that reads back as the same number.
fn decimal(value: f64) -> Option<Decimal> {
    Decimal::parse(&value.to_string())
}

fn within(value: f64, most: i32) -> Option<Decimal> {
    decimal(value).filter(|value| (Decimal::ZERO..=Decimal::from_int(most)).contains(value))
}
