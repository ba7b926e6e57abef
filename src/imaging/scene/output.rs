//! How a reply is written.

use crate::imaging::pixel::color::Ink;
use crate::imaging::pixel::palette::{PaletteKind, Quantize};
use crate::imaging::pixel::space::Channels;

use super::keep::Keep;

/// How a reply is written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Output {
    /// The format of the file.
    pub(crate) format: OutputFormat,
    /// How it is compressed; `None`: in the format's own way.
    pub(crate) compression: Option<Compression>,
    /// The components of its colours.
    pub(crate) pixels: PixelType,
    /// Alpha is delivered as a gray picture, the colours are not.
    pub(crate) mask: bool,
    /// What is seen where the picture is transparent or absent. Formats with alpha leave it transparent there.
    pub(crate) background: Ink,
    /// How the palette of a format that has one is chosen.
    pub(crate) quantize: Quantize,
    /// Quality of a file that is compressed with loss; others ignore it.
    pub(crate) qlt: Qlt,
    /// The most bytes of a JPEG: the quality is lowered until it fits. `None`: any number.
    pub(crate) max_bytes: Option<u64>,
    /// Scans per component of a progressive JPEG, 3 to 5; `None`: the encoder's choice.
    pub(crate) scans: Option<u8>,
    /// The print resolution that is noted in the file, in dots per inch: at least 1.
    pub(crate) dpi: u16,
    /// What the reply keeps of the metadata of the first layer's file.
    pub(crate) keep: Keep,
    /// The profile of the reply's space goes into its file, if it has one and the format can hold it.
    pub(crate) profile: bool,
}

/// Declares the formats, in the order in which tags of edits number them. A line reads
/// `Variant = "name in requests", "MIME type", alpha;`.
macro_rules! formats {
    ($($(#[$doc:meta])* $format:ident = $name:literal, $mime:literal, $alpha:literal;)+) => {
        /// File formats of replies.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum OutputFormat {
            $($(#[$doc])* $format,)+
        }

        impl OutputFormat {
            /// The name in requests.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$format => $name,)+
                }
            }

            /// The MIME type.
            pub(crate) const fn mime(self) -> &'static str {
                match self {
                    $(Self::$format => $mime,)+
                }
            }

            /// The reply carries alpha.
            pub(crate) const fn alpha(self) -> bool {
                match self {
                    $(Self::$format => $alpha,)+
                }
            }
        }
    };
}

formats! {
    /// Baseline JPEG.
    Jpeg = "jpeg", "image/jpeg", false;
    /// Progressive JPEG.
    ProgressiveJpeg = "pjpeg", "image/jpeg", false;
    /// PNG without alpha.
    Png = "png", "image/png", false;
    /// PNG with alpha; its colours are not premultiplied.
    PngAlpha = "png-alpha", "image/png", true;
    /// WebP without alpha.
    WebP = "webp", "image/webp", false;
    /// WebP with alpha; its colours are not premultiplied.
    WebPAlpha = "webp-alpha", "image/webp", true;
    /// AVIF without alpha.
    Avif = "avif", "image/avif", false;
    /// AVIF with alpha; its colours are not premultiplied.
    AvifAlpha = "avif-alpha", "image/avif", true;
    /// PNG with a palette, without alpha.
    Png8 = "png8", "image/png", false;
    /// PNG with a palette whose entries have alpha.
    Png8Alpha = "png8-alpha", "image/png", true;
    /// GIF without transparency.
    Gif = "gif", "image/gif", false;
    /// GIF with a transparent entry in its palette.
    GifAlpha = "gif-alpha", "image/gif", true;
    /// TIFF without alpha.
    Tif = "tif", "image/tiff", false;
    /// TIFF with alpha; its colours are premultiplied (`layers.md` §0, correction 21).
    TifAlpha = "tif-alpha", "image/tiff", true;
}

impl OutputFormat {
    /// Why a reply of this format is refused; `None`: this build writes it.
    pub(crate) const fn refusal(self) -> Option<&'static str> {
        match self {
            Self::Jpeg | Self::ProgressiveJpeg | Self::Png | Self::PngAlpha | Self::Png8 | Self::Png8Alpha => None,
            Self::WebP | Self::WebPAlpha if cfg!(feature = "webp") => None,
            Self::WebP | Self::WebPAlpha => Some("the format webp is not built in (feature webp)"),
            Self::Avif | Self::AvifAlpha if cfg!(feature = "avif") => None,
            Self::Avif | Self::AvifAlpha => Some("the format avif is not built in (feature avif)"),
            Self::Gif | Self::GifAlpha if cfg!(feature = "gif") => None,
            Self::Gif | Self::GifAlpha => Some("the format gif is not built in (feature gif)"),
            Self::Tif | Self::TifAlpha if cfg!(feature = "tiff") => None,
            Self::Tif | Self::TifAlpha => Some("the format tif is not built in (feature tiff)"),
        }
    }

    /// What of it a file of this format keeps. `xmp_embed` adds the XMP packet, or takes it away, where the protocol lets it.
    pub(crate) fn keeping(self, keep: Keep, xmp_embed: Option<bool>) -> Keep {
        match xmp_embed {
            _ if !self.holds_xmp() => Keep::NOTHING,
            Some(true) if self.has_xmp_embed() => keep | Keep::XMP,
            Some(false) if self.has_xmp_embed() => keep.without(Keep::XMP),
            Some(_) | None => keep,
        }
    }

    /// Files of the format can hold an XMP packet.
    const fn holds_xmp(self) -> bool {
        !matches!(self, Self::Avif | Self::AvifAlpha | Self::Gif | Self::GifAlpha)
    }

    /// The format looks at `xmpEmbed` (`protocol.md` §5.2).
    const fn has_xmp_embed(self) -> bool {
        self.is_jpeg() || matches!(self, Self::Tif | Self::TifAlpha)
    }

    /// The format can hold pixels of this type.
    pub(crate) const fn holds(self, pixels: PixelType) -> bool {
        match self {
            Self::Jpeg | Self::ProgressiveJpeg | Self::Tif | Self::TifAlpha => true,
            Self::Png | Self::PngAlpha | Self::Gif | Self::GifAlpha => !matches!(pixels, PixelType::Cmyk),
            Self::WebP | Self::WebPAlpha | Self::Avif | Self::AvifAlpha | Self::Png8 | Self::Png8Alpha => {
                matches!(pixels, PixelType::Rgb)
            }
        }
    }

    /// The format can be compressed in this way, which is not its own way.
    pub(crate) const fn takes(self, compression: Compression) -> bool {
        match self {
            Self::WebP | Self::WebPAlpha | Self::Avif | Self::AvifAlpha => matches!(compression, Compression::Lossless),
            Self::Png | Self::PngAlpha => matches!(compression, Compression::Zip),
            Self::Tif => matches!(compression, Compression::Lzw | Compression::Zip | Compression::Jpeg),
            Self::TifAlpha => matches!(compression, Compression::Lzw | Compression::Zip),
            _ => false,
        }
    }

    /// Pixels of the longest side of a file of the format, if it is shorter than that of any reply.
    pub(crate) const fn max_side(self) -> Option<(u32, &'static str)> {
        match self {
            Self::WebP | Self::WebPAlpha => Some((16383, "is longer on a side than the 16383 pixels of a WebP")),
            _ => None,
        }
    }

    /// Files of the format hold a profile. The protocol's table says that WebP does not; without it, a picture in another
    /// space than sRGB would show in wrong colours.
    pub(crate) const fn holds_profile(self) -> bool {
        !matches!(self, Self::Avif | Self::AvifAlpha | Self::Gif | Self::GifAlpha)
    }

    /// Bytes that the encoder holds for each pixel, about. Encoders of JPEG and PNG go row by row.
    pub(crate) const fn encoder_bytes(self) -> u64 {
        match self {
            Self::Jpeg | Self::ProgressiveJpeg | Self::Png | Self::PngAlpha | Self::Tif | Self::TifAlpha => 0,
            Self::Png8 | Self::Png8Alpha | Self::Gif | Self::GifAlpha => 5,
            Self::WebP | Self::WebPAlpha => 16,
            Self::Avif | Self::AvifAlpha => 64,
        }
    }

    pub(crate) const fn is_avif(self) -> bool {
        matches!(self, Self::Avif | Self::AvifAlpha)
    }

    /// Why a reply of the format cannot have a palette; `None`: it can, or has none.
    pub(crate) fn refuses(self, quantize: &Quantize) -> Option<&'static str> {
        let is_refused = self.has_palette() && self.alpha() && quantize.kind == PaletteKind::Mac;
        is_refused.then_some("the palette mac cannot be used with alpha")
    }

    /// The pixels are numbers of a palette, which is chosen for the whole view.
    pub(crate) const fn has_palette(self) -> bool {
        matches!(self, Self::Png8 | Self::Png8Alpha | Self::Gif | Self::GifAlpha)
    }

    pub(crate) const fn is_jpeg(self) -> bool {
        matches!(self, Self::Jpeg | Self::ProgressiveJpeg)
    }
}

/// A way of compressing that formats have besides their own, which is lossy for WebP and AVIF, and none for TIFF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Compression {
    /// The pixels keep their values.
    Lossless,
    /// LZW.
    Lzw,
    /// Deflate.
    Zip,
    /// JPEG.
    Jpeg,
}

/// A format with what a caller says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileFormat {
    pub(crate) format: OutputFormat,
    /// `None`: the default of the request.
    pub(crate) pixels: Option<PixelType>,
    /// `None`: the format's own.
    pub(crate) compression: Option<Compression>,
}

impl FileFormat {
    /// What is written if a caller says nothing.
    pub(crate) const DEFAULT: Self = Self { format: OutputFormat::Jpeg, pixels: None, compression: None };

    /// Why a reply of this format is refused; `None`: this build writes it.
    pub(crate) fn refusal(self) -> Option<&'static str> {
        if self.pixels.is_some_and(|pixels| !self.format.holds(pixels)) {
            return Some("this format cannot hold that pixel type");
        }
        if self.compression.is_some_and(|compression| !self.format.takes(compression)) {
            return Some("this format does not take that compression");
        }
        let is_lossless = self.format.is_avif() && self.compression.is_some();
        let lossless = is_lossless.then_some("avif without loss is not supported yet");
        self.format.refusal().or(lossless)
    }

    /// The components of a reply's colours. A mask is gray where the format holds gray (`responses.md` §5.3).
    pub(crate) fn pixels(self, mask: bool) -> PixelType {
        let gray = mask && self.format.holds(PixelType::Gray);
        self.pixels.unwrap_or(if gray { PixelType::Gray } else { PixelType::Rgb })
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

/// The quality of a file that is compressed with loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Qlt {
    /// 1 to 100.
    pub(crate) quality: u8,
    /// Chroma keeps its full resolution in a JPEG.
    pub(crate) full_chroma: bool,
}
