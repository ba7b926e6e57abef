//! What is known of a source without decoding it.

use std::hash::{Hash, Hasher};

use crate::base::digest::Digest;
use crate::base::geom::{Orientation, Size};
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

/// Formats of sources. Those of files are recognised by their first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    Bmp,
    #[cfg_attr(not(feature = "gif"), allow(dead_code, reason = "without its feature no file has the format"))]
    Gif,
    Jpeg,
    Png,
    /// Pixels that a host has in memory. No file has this format.
    Raw,
    #[cfg_attr(not(feature = "webp"), allow(dead_code, reason = "without its feature no file has the format"))]
    Webp,
    #[cfg_attr(not(feature = "tiff"), allow(dead_code, reason = "without its feature no file has the format"))]
    Tiff,
}

impl Format {
    /// Name in lower case.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Bmp => "bmp",
            Self::Gif => "gif",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Raw => "raw",
            Self::Webp => "webp",
            Self::Tiff => "tiff",
        }
    }

    /// The decoder can shrink while it decodes, and gains by it.
    ///
    /// PNG cannot: its rows go through the resampler as they are unpacked, which bounds memory as well. WebP and GIF are
    /// decoded whole.
    pub(crate) const fn shrinks(self) -> bool {
        matches!(self, Self::Jpeg)
    }
}

/// What a decoder reads from a file's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Header {
    pub(crate) format: Format,
    /// Size as stored, before the orientation is applied.
    pub(crate) stored: Size,
    pub(crate) orientation: Orientation,
    /// Layout of the decoded picture, in the file's own components: gray, RGB or inks.
    pub(crate) layout: Layout,
    /// Samples have 16 bits.
    pub(crate) wide: bool,
    /// The colour space that the file says its samples lie in. Decoders do not convert to another one.
    pub(crate) space: Space,
    /// The file is damaged, and is decoded as far as it goes. Only the check of a codec sets it, for requests that show
    /// damaged files; a header as it is read says false.
    pub(crate) damaged: bool,
    /// How often the decoder goes over the pixels at full size, on the average, rounded up: 1 to 6 as a rule, more where a
    /// progressive JPEG has many scans. It decides how long decoding takes, and no pixel.
    pub(crate) passes: u16,
    /// What decoding costs depends on it.
    pub(crate) coded: Coded,
}

/// What the cost of decoding depends on, and no pixel: headers are equal whatever it says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Coded {
    /// Decoders read all of the file whatever window is asked for: a progressive or arithmetic-coded JPEG, an interlaced PNG,
    /// run lengths in a BMP, a GIF, a WebP, a TIFF of one packed strip.
    pub(crate) whole: bool,
    /// Length of the file in bytes, or of its part that the pixels are read from.
    pub(crate) bytes: u64,
}

impl PartialEq for Coded {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Coded {}

impl Hash for Coded {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Header {
    /// Size of the upright picture, which is the one that the protocol speaks of.
    pub(crate) const fn size(&self) -> Size {
        self.stored.swapped(self.orientation.swap)
    }
}

/// A source's header and the digest of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) header: Header,
    pub(crate) digest: Digest,
}
