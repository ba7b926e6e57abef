//! PNG, decoded row by row by the `png` crate.

use std::io::Cursor;

use png::{BitDepth, ColorType, DecodeOptions, Decoder, DecodingError, Info, Limits, Reader, Transformations};

use crate::base::error::{Error, Result};
use crate::base::geom::{Orientation, Size};
use crate::base::limits::over_decoded_bytes;
use crate::imaging::kernel::interleave::split;
use crate::imaging::pixel::header::{Format, Header};
use crate::imaging::pixel::raster::{Layout, Row, RowSink};

use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::job::{Job, prepare};
use crate::imaging::codec::metadata::exif;

/// Memory for row buffers and the chunks that are read: a few rows of the longest side at 8 bytes a pixel.
const ROW_BYTES: usize = 512 << 20;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    header_of(open(bytes)?.info())
}

/// Reads up to the first byte of pixels.
fn open(bytes: &[u8]) -> Result<Reader<Cursor<&[u8]>>> {
    let mut options = DecodeOptions::default();
    // Compressed text and profiles are not used, and could expand without bound.
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    let mut decoder = Decoder::new_with_options(Cursor::new(bytes), options);
    decoder.set_limits(Limits { bytes: ROW_BYTES });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.read_info().map_err(|error| refused(&error))
}

fn refused(error: &DecodingError) -> Error {
    match error {
        DecodingError::LimitsExceeded => over_decoded_bytes(),
        error => damaged("is a damaged PNG", error),
    }
}

fn header_of(info: &Info<'_>) -> Result<Header> {
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
        cmyk: false,
        damaged: false,
    })
}

pub(super) fn check(_bytes: &[u8], header: &Header, _job: &mut Job<'_>) -> Result<Header> {
    Ok(*header)
}

pub(super) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let mut reader = open(bytes)?;
    if header_of(reader.info())? != *header {
        return Err(Error::changed());
    }
    let (color_type, depth) = reader.output_color_type();
    let samples = color_type.samples();
    if samples != header.layout.planes() {
        return Err(damaged("is a damaged PNG", &"its pixels are not of the type in its header"));
    }
    let wide = depth == BitDepth::Sixteen;
    let bytes_per_pixel = samples * if wide { 2 } else { 1 };
    let mut unpack = Unpacker::new(job, header.layout, bytes_per_pixel, wide);

    let interlaced = reader.info().interlaced;
    let line = header.stored.width as usize * bytes_per_pixel;
    let last = job.window.y + job.window.height;
    if interlaced {
        // Its passes cover the whole picture each, so it is decoded whole.
        prepare(&mut job.scratch.pixels, header.stored.area() * bytes_per_pixel as u64, job.decoded_bytes)?;
        reader.next_frame(&mut job.scratch.pixels).map_err(|error| refused(&error))?;
        let rows = job.scratch.pixels.chunks_exact(line).take(last as usize).skip(job.window.y as usize);
        for pixels in rows {
            unpack.row(pixels, sink)?;
        }
        return Ok(());
    }
    prepare(&mut job.scratch.pixels, line as u64, job.decoded_bytes)?;
    let scratch = &mut job.scratch.pixels;
    for y in 0..last {
        job.cancel.check()?;
        reader.read_row(scratch).map_err(|error| refused(&error))?;
        if y >= job.window.y {
            unpack.row(scratch, sink)?;
        }
    }
    if last == header.stored.height {
        // Only behind the last pixels stands the check sum that they are verified by.
        reader.finish().map_err(|error| refused(&error))?;
    }
    Ok(())
}

/// From a line of pixels to the planes of the window's columns.
struct Unpacker {
    cpu: crate::imaging::kernel::isa::cpu::Cpu,
    /// The window's bytes in a line.
    columns: std::ops::Range<usize>,
    /// Samples have 16 bits.
    wide: bool,
    narrowed: Vec<u8>,
    row: Row,
}

impl Unpacker {
    fn new(job: &Job<'_>, layout: Layout, bytes_per_pixel: usize, wide: bool) -> Self {
        let (x, width) = (job.window.x as usize, job.window.width as usize);
        Self {
            cpu: job.cpu,
            columns: x * bytes_per_pixel..(x + width) * bytes_per_pixel,
            wide,
            narrowed: Vec::new(),
            row: Row::new(job.window.width, layout),
        }
    }

    fn row(&mut self, line: &[u8], sink: &mut dyn RowSink) -> Result<()> {
        let mut pixels = &line[self.columns.clone()];
        if self.wide {
            self.narrowed.clear();
            self.narrowed.extend(pixels.as_chunks::<2>().0.iter().map(|&sample| narrow(u16::from_be_bytes(sample))));
            pixels = &self.narrowed;
        }
        let planes = self.row.layout().planes();
        split(self.cpu, pixels, &mut self.row.planes_mut()[..planes]);
        sink.row(&mut self.row)
    }
}

/// 16 bits to 8: `round(v / 257)`.
fn narrow(sample: u16) -> u8 {
    // v · 255 / 65535 with the quotient's half in 16-bit fixed point; tested for every v.
    ((u32::from(sample) * 255 + 32895) >> 16) as u8
}

#[cfg(test)]
mod tests;
