//! The `png` crate's reader of a file, and what its header says.

use std::io::ErrorKind;

use png::{BitDepth, ColorType, DecodeOptions, Decoder, DecodingError, Info, Limits, Reader, Transformations};

use crate::base::cancel::given_up;
use crate::base::error::{self, Error, Result};
use crate::base::geom::{Orientation, Size};
use crate::base::limits::over_decoded_bytes;
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::metadata::exif;

use super::feed::Feed;

/// Memory for row buffers and the chunks that are read: a few rows of the longest side at 8 bytes a pixel.
const ROW_BYTES: usize = 512 << 20;

/// Reads up to the first byte of pixels.
pub(super) fn open(feed: Feed<'_>) -> Result<Reader<Feed<'_>>> {
    let mut options = DecodeOptions::default();
    // Compressed text and profiles are not used, and could expand without bound.
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    // Chromium does not look at this one, and the check sums of chunks make it redundant.
    options.set_ignore_adler32(true);
    let mut decoder = Decoder::new_with_options(feed, options);
    decoder.set_limits(Limits { bytes: ROW_BYTES });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.read_info().map_err(|error| refused(&error))
}

/// The error of the crate. The feed's own, that the work is to be given up, comes through the crate.
pub(super) fn refused(error: &DecodingError) -> Error {
    match error {
        DecodingError::LimitsExceeded => over_decoded_bytes(),
        DecodingError::IoError(error) if error.kind() == ErrorKind::TimedOut => given_up(),
        error => damaged("is a damaged PNG", error),
    }
}

/// The longest row: `libpng` takes no longer ones. Work is given up between rows, so one may not be the whole picture.
const MOST_ACROSS: u32 = 1_000_000;

/// Refuses pictures of longer rows.
///
/// # Errors
///
/// The rows are longer.
pub(super) fn refuse_wide(header: &Header) -> Result<()> {
    let fits = header.stored.width <= MOST_ACROSS;
    let wide = || Error::new(error::ErrorKind::Limit, "is wider than the 1000000 pixels that a PNG may have");
    if fits { Ok(()) } else { Err(wide()) }
}

/// The header of a file of `bytes` bytes, whose colour space has been read before.
pub(super) fn header_of(info: &Info<'_>, bytes: usize, space: Space) -> Result<Header> {
    let (colors, alpha) = match info.color_type {
        ColorType::Grayscale => (Layout::GRAY, info.trns.is_some()),
        ColorType::GrayscaleAlpha => (Layout::GRAY, true),
        ColorType::Rgb | ColorType::Indexed => (Layout::RGB, info.trns.is_some()),
        ColorType::Rgba => (Layout::RGB, true),
    };
    if info.width == 0 || info.height == 0 {
        return Err(damaged("is a damaged PNG", &"no pixels"));
    }
    // The crate would panic: https://github.com/image-rs/image-png/issues/694, in 0.18.1.
    let palette = info.palette.as_deref().filter(|_| info.color_type == ColorType::Indexed);
    if palette.is_some_and(|palette| !palette.len().is_multiple_of(3)) {
        return Err(damaged("is a damaged PNG", &"a palette that is cut off"));
    }
    Ok(Header {
        format: Format::Png,
        stored: Size::new(info.width, info.height),
        orientation: info.exif_metadata.as_deref().map_or(Orientation::default(), exif::orientation),
        layout: colors.with_alpha(alpha),
        wide: info.bit_depth == BitDepth::Sixteen,
        space,
        damaged: false,
        passes: 1,
        coded: Coded { whole: info.interlaced, bytes: bytes as u64 },
    })
}

/// Left and upper edge of each pass of an interlaced picture, and steps to the right and down (PNG, third edition, section
/// 8.1).
const PASSES: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/// Bytes of all rows with their filters, which is what is compressed.
pub(super) fn filtered_len(info: &Info<'_>) -> u64 {
    let passes = if info.interlaced { &PASSES[..] } else { &[[0, 0, 1, 1]] };
    let bits = info.bits_per_pixel() as u64;
    let len = |&[x, y, across, down]: &[u32; 4]| {
        let columns = u64::from(info.width.saturating_sub(x).div_ceil(across));
        let rows = u64::from(info.height.saturating_sub(y).div_ceil(down));
        if columns == 0 { 0 } else { rows * (1 + (columns * bits).div_ceil(8)) }
    };
    passes.iter().map(len).sum()
}

/// How the pixels of a line lie side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Samples of a pixel.
    pub(super) samples: usize,
    /// Samples have 16 bits, else 8.
    pub(super) wide: bool,
}

impl Form {
    /// The form in which the reader hands out pixels; the layout is that of the file's header.
    pub(super) fn of(reader: &Reader<Feed<'_>>, layout: Layout) -> Result<Self> {
        let (color_type, depth) = reader.output_color_type();
        let samples = color_type.samples();
        if samples != layout.planes() {
            return Err(damaged("is a damaged PNG", &"its pixels are not of the type in its header"));
        }
        Ok(Self { samples, wide: depth == BitDepth::Sixteen })
    }

    pub(super) const fn bytes_per_pixel(self) -> usize {
        if self.wide { 2 * self.samples } else { self.samples }
    }
}
