//! JPEG, decoded whole by `zune-jpeg`; window and shrink are applied to its rows.
//!
//! Baseline files whose components have scans of their own go to `jpeg-decoder`: `zune-jpeg` 0.5 gets their last rows of
//! blocks wrong.
//!
//! A damaged file is an error: once its headers are read, anything wrong in the compressed data or its early end
//! refuses the file, so that no half picture is cached as a whole one.

mod marker;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::error::Result;
use crate::facts::{Format, Header};
use crate::geometry::{Orientation, Shrink, Size};
use crate::kernel::color::{inverted_cmyk_to_rgb, ycbcr_to_rgb};
use crate::kernel::interleave::split;
use crate::kernel::shrink::Shrinker;
use crate::raster::{Layout, Row, RowSink};

use super::{Job, changed, damaged, exif, prepare};

pub(super) use marker::segments;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    let segments = marker::read(bytes)?;
    Ok(Header {
        format: Format::Jpeg,
        stored: Size::new(u32::from(segments.width), u32::from(segments.height)),
        orientation: segments.exif.map_or(Orientation::default(), exif::orientation),
        layout: if segments.components == 1 { Layout::GRAY } else { Layout::RGB },
        cmyk: segments.components == 4,
    })
}

pub(super) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let segments = marker::read(bytes)?;
    if read_header(bytes)? != *header {
        return Err(changed());
    }
    let pixels = Pixels::of(&segments);
    let components = u64::from(pixels.color_space().num_components() as u32);
    // A progressive file is held as 16-bit coefficients as well until its last scan has been read.
    // The other decoder makes planes and pixels of its own.
    let other = segments.separate_scans && !segments.progressive;
    let bytes_per_sample = if segments.progressive || other { 3 } else { 1 };
    prepare(job.scratch, header.stored.area() * components * bytes_per_sample, job.decoded_bytes)?;

    let len = (header.stored.area() * components) as usize;
    let out = &mut job.scratch[..len];
    if other {
        decode_separate_scans(bytes, out)?;
    } else {
        decode_whole(bytes, pixels.color_space(), out)?;
    }
    let rows = Rows { header, pixels, data: &job.scratch[..len], job };
    rows.deliver(sink)
}

/// Decodes every pixel into `out`, interleaved.
fn decode_whole(bytes: &[u8], color_space: ColorSpace, out: &mut [u8]) -> Result<()> {
    let whole = |error: zune_jpeg::errors::DecodeErrors| damaged("is a damaged JPEG", &format_args!("{error:?}"));
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_out_colorspace(color_space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(whole)?;
    if decoder.output_buffer_size() != Some(out.len()) {
        return Err(damaged("is a damaged JPEG", &"two frame headers"));
    }
    // Strict only from here on: garbage between the headers of an otherwise sound file is harmless.
    decoder.set_options(options.set_strict_mode(true));
    decoder.decode_into(out).map_err(whole)
}

/// Decodes every pixel of a baseline file with separate scans into `out`, interleaved.
fn decode_separate_scans(bytes: &[u8], out: &mut [u8]) -> Result<()> {
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    let pixels = decoder.decode().map_err(|error| damaged("is a damaged JPEG", &error))?;
    // Its CMYK is converted already, and by other rules.
    let is_rgb = decoder.info().is_some_and(|info| info.pixel_format == jpeg_decoder::PixelFormat::RGB24);
    if !is_rgb || pixels.len() != out.len() {
        return Err(damaged("is a baseline JPEG with separate scans and four components", &"not supported"));
    }
    out.copy_from_slice(&pixels);
    Ok(())
}

/// What the components of the interleaved pixels are.
#[derive(Debug, Clone, Copy)]
enum Pixels {
    Gray,
    Rgb,
    /// Inks. Adobe's files, which are nearly all there are, store 255 for no ink.
    Cmyk {
        inverted: bool,
    },
    /// Inks of which the first three are stored as the YCbCr of their inverses.
    Ycck,
}

impl Pixels {
    fn of(segments: &marker::Segments<'_>) -> Self {
        match (segments.components, segments.adobe) {
            (1, _) => Self::Gray,
            (4, Some(2)) => Self::Ycck,
            (4, adobe) => Self::Cmyk { inverted: adobe.is_some() },
            _ => Self::Rgb,
        }
    }

    const fn color_space(self) -> ColorSpace {
        match self {
            Self::Gray => ColorSpace::Luma,
            Self::Rgb => ColorSpace::RGB,
            Self::Cmyk { .. } => ColorSpace::CMYK,
            Self::Ycck => ColorSpace::YCCK,
        }
    }
}

/// Decoded pixels on their way out.
struct Rows<'a> {
    header: &'a Header,
    pixels: Pixels,
    data: &'a [u8],
    job: &'a Job<'a>,
}

impl Rows<'_> {
    fn deliver(&self, sink: &mut dyn RowSink) -> Result<()> {
        let (window, shrink, stored) = (self.job.window, self.job.shrink, self.header.stored);
        if shrink == Shrink::Full {
            return self.rows((window.x, window.y), (window.width, window.height), sink);
        }
        // The squares of the window; the last ones may be cut off by the picture's edge.
        let factor = shrink.factor();
        let (x, y) = (window.x * factor, window.y * factor);
        let width = (window.width * factor).min(stored.width - x);
        let height = (window.height * factor).min(stored.height - y);
        let mut shrinker = Shrinker::new(sink, shrink, width, self.header.layout);
        self.rows((x, y), (width, height), &mut shrinker)?;
        shrinker.finish()
    }

    fn rows(&self, (x, y): (u32, u32), (width, height): (u32, u32), sink: &mut dyn RowSink) -> Result<()> {
        let count = self.pixels.color_space().num_components();
        let stride = self.header.stored.width as usize * count;
        let (start, len) = (x as usize * count, width as usize * count);
        let mut row = Row::new(width, self.header.layout);
        // The fourth component of inks, which the rows handed on do not have.
        let mut black = vec![0; if count == 4 { width as usize } else { 0 }];
        for pixels in self.data.chunks_exact(stride).skip(y as usize).take(height as usize) {
            self.split(&pixels[start..start + len], &mut row, &mut black);
            sink.row(&mut row)?;
        }
        Ok(())
    }

    fn split(&self, pixels: &[u8], row: &mut Row, black: &mut [u8]) {
        let [first, second, third, _] = row.planes_mut();
        let cpu = self.job.cpu;
        let invert = |plane: &mut [u8]| plane.iter_mut().for_each(|ink| *ink = 255 - *ink);
        match self.pixels {
            Pixels::Gray => split(cpu, pixels, &mut [first]),
            Pixels::Rgb => split(cpu, pixels, &mut [first, second, third]),
            Pixels::Cmyk { inverted } => {
                split(cpu, pixels, &mut [&mut *first, &mut *second, &mut *third, &mut *black]);
                if !inverted {
                    [&mut *first, &mut *second, &mut *third, &mut *black].into_iter().for_each(invert);
                }
                inverted_cmyk_to_rgb([first, second, third], black);
            }
            Pixels::Ycck => {
                split(cpu, pixels, &mut [&mut *first, &mut *second, &mut *third, &mut *black]);
                ycbcr_to_rgb(first, second, third);
                [&mut *first, &mut *second, &mut *third].into_iter().for_each(invert);
                inverted_cmyk_to_rgb([first, second, third], black);
            }
        }
    }
}

#[cfg(test)]
mod tests;
