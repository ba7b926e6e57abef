//! How a reply is written.

use crate::imaging::pixel::color::Ink;
use crate::imaging::pixel::space::Channels;

/// How a reply is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Output {
    /// The format of the file.
    pub(crate) format: OutputFormat,
    /// The components of its colours.
    pub(crate) pixels: PixelType,
    /// Alpha is delivered as a gray picture, the colours are not.
    pub(crate) mask: bool,
    /// What is seen where the picture is transparent or absent. Formats with alpha leave it transparent there.
    pub(crate) background: Ink,
    /// Quality of a JPEG; other formats ignore it.
    pub(crate) qlt: Qlt,
    /// The most bytes of a JPEG: the quality is lowered until it fits. `None`: any number.
    pub(crate) max_bytes: Option<u64>,
    /// Scans per component of a progressive JPEG, 3 to 5; `None`: the encoder's choice.
    pub(crate) scans: Option<u8>,
    /// The print resolution that is noted in the file, in dots per inch: at least 1.
    pub(crate) dpi: u16,
    /// The XMP packet of the first layer's file is copied into the reply.
    pub(crate) xmp: bool,
    /// The profile of the reply's space goes into its file, if it has one and the format can hold it.
    pub(crate) profile: bool,
}

/// File formats of replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OutputFormat {
    /// Baseline JPEG.
    Jpeg,
    /// Progressive JPEG.
    ProgressiveJpeg,
    /// PNG without alpha.
    Png,
    /// PNG with alpha; its colours are not premultiplied.
    PngAlpha,
}

impl OutputFormat {
    /// The MIME type.
    pub(crate) const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg | Self::ProgressiveJpeg => "image/jpeg",
            Self::Png | Self::PngAlpha => "image/png",
        }
    }

    /// The reply carries alpha.
    pub(crate) const fn alpha(self) -> bool {
        matches!(self, Self::PngAlpha)
    }

    /// The format can hold pixels of this type.
    pub(crate) const fn holds(self, pixels: PixelType) -> bool {
        self.is_jpeg() || !matches!(pixels, PixelType::Cmyk)
    }

    pub(crate) const fn is_jpeg(self) -> bool {
        matches!(self, Self::Jpeg | Self::ProgressiveJpeg)
    }
}

/// The components of a reply's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PixelType {
    /// One component.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Four inks.
    Cmyk,
}

impl PixelType {
    /// The type of pixels with these components.
    pub(crate) const fn of(channels: Channels) -> Self {
        match channels {
            Channels::Gray => Self::Gray,
            Channels::Rgb => Self::Rgb,
            Channels::Cmyk => Self::Cmyk,
        }
    }

    /// Its components.
    pub(crate) const fn channels(self) -> Channels {
        match self {
            Self::Gray => Channels::Gray,
            Self::Rgb => Channels::Rgb,
            Self::Cmyk => Channels::Cmyk,
        }
    }
}

/// The quality of a JPEG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Qlt {
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Chroma keeps its full resolution.
    pub(crate) full_chroma: bool,
}
