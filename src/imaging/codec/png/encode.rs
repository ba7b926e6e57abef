//! PNG, whose rows are filtered here and compressed by `fdeflate`, or by `miniz_oxide` where a short file is worth its time.
//!
//! By `fdeflate` the file is, byte for byte, what the `png` crate makes of the picture with `Compression::Fast`, which compresses with
//! `fdeflate` too and gives the same bytes everywhere. All other levels, and compressed profiles and texts, go through
//! `flate2`, whose implementation any crate in the host's program can switch. The crate filters and compresses a picture in
//! one step that cannot be given up; here that is asked for at each row.

mod deflate;
mod filter;
mod indexed;

use std::io::{Cursor, Write};

use fdeflate::{Compressor, StoredOnlyCompressor};
use png::{BitDepth, ColorType, Encoder, EncodingError, PixelDimensions, Unit};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::base::limits::{grow, no_room, with_room};
use crate::base::work::{Kind, count};
use crate::imaging::kernel::interleave::join;
use crate::imaging::pixel::raster::{PLANES, Raster};

use crate::imaging::codec::limited::Limited;
use crate::imaging::codec::settings::{Extras, WriteLimits};

use deflate::Deflater;
use filter::filtered;

pub(in crate::imaging::codec) use indexed::encode_indexed;

/// The longest data of a chunk.
const CHUNK: usize = i32::MAX as usize;

/// What is done for a short file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::imaging::codec) enum Effort {
    /// `fdeflate`.
    Fast,
    /// `miniz_oxide`, with filters and without, of which the shorter is taken.
    Small,
}

/// `None`: longer than the limit.
pub(in crate::imaging::codec) fn encode(
    raster: &Raster,
    effort: Effort,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let layout = raster.layout();
    let color = match (layout.colors, layout.alpha) {
        (1, false) => ColorType::Grayscale,
        (1, true) => ColorType::GrayscaleAlpha,
        (3, false) => ColorType::Rgb,
        (3, true) => ColorType::Rgba,
        _ => return Err(Error::new(ErrorKind::Internal, "png cannot hold cmyk")),
    };
    let bytes = raster.size().area() as usize * raster.layout().planes();
    let compressed = match effort {
        Effort::Fast => {
            count(Kind::EncodePng, bytes);
            compressed(raster, bounds)?
        }
        Effort::Small => {
            count(Kind::EncodePngZip, bytes);
            compressed_small(raster, bounds)?
        }
    };
    count(Kind::Row, raster.size().height as usize);
    let mut out = Limited::new(bounds);
    let written = write(&mut out, raster, color, extras, &compressed);
    out.finish(written)
}

/// The compressed pixels. Those that do not get shorter are stored, without filters.
fn compressed(raster: &Raster, bounds: WriteLimits<'_>) -> Result<Vec<u8>> {
    let (size, per_pixel) = (raster.size(), raster.layout().planes());
    let len = size.width as usize * per_pixel;
    let mut compressor = Compressor::new(Growing::default()).map_err(|error| failed(&error))?;
    let (mut above, mut row, mut out) = (vec![0; len], Vec::with_capacity(len), vec![0; len + 1]);
    for y in 0..size.height as usize {
        bounds.cancel.check()?;
        pixels(raster, y, &mut row);
        filtered(per_pixel, &above, &row, &mut out);
        compressor.write_data(&out).map_err(|error| failed(&error))?;
        std::mem::swap(&mut above, &mut row);
    }
    let Growing(compressed) = compressor.finish().map_err(|error| failed(&error))?;
    let most = StoredOnlyCompressor::<()>::compressed_size((len + 1) * size.height as usize);
    if compressed.len() <= most {
        return Ok(compressed);
    }
    drop(compressed);
    let stored = Cursor::new(with_room(most, || Vec::with_capacity(most)));
    let mut stored = StoredOnlyCompressor::new(stored).map_err(|error| failed(&error))?;
    for y in 0..size.height as usize {
        bounds.cancel.check()?;
        pixels(raster, y, &mut row);
        stored.write_data(&[0]).map_err(|error| failed(&error))?;
        stored.write_data(&row).map_err(|error| failed(&error))?;
    }
    Ok(stored.finish().map_err(|error| failed(&error))?.into_inner())
}

/// The level of deflate: the highest of zlib.
const SMALL: u8 = 9;

/// The compressed pixels, as short as can be. Drawings are often shorter without filters, photographs with them.
fn compressed_small(raster: &Raster, bounds: WriteLimits<'_>) -> Result<Vec<u8>> {
    let (size, per_pixel) = (raster.size(), raster.layout().planes());
    let len = size.width as usize * per_pixel;
    let deflated = |filters: bool| {
        let mut deflater = Deflater::new(SMALL);
        let (mut above, mut row, mut out) = (vec![0; len], Vec::with_capacity(len), vec![0; len + 1]);
        for y in 0..size.height as usize {
            bounds.cancel.check()?;
            pixels(raster, y, &mut row);
            if filters {
                filtered(per_pixel, &above, &row, &mut out);
            } else {
                out[1..].copy_from_slice(&row);
            }
            deflater.write(&out)?;
            std::mem::swap(&mut above, &mut row);
        }
        deflater.finish()
    };
    let (filtered, plain) = (deflated(true)?, deflated(false)?);
    Ok(if plain.len() < filtered.len() { plain } else { filtered })
}

/// The pixels of a row, side by side.
fn pixels(raster: &Raster, y: usize, row: &mut Vec<u8>) {
    let planes = raster.layout().planes();
    let rows: [&[u8]; PLANES] = std::array::from_fn(|plane| raster.planes().get(plane).map_or(&[][..], |p| p.row(y)));
    row.clear();
    join(&rows[..planes], row);
}

/// Bytes in memory, which end the work where there is no room for more.
#[derive(Default)]
struct Growing(Vec<u8>);

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        grow(&mut self.0, bytes.len()).map_err(|_| std::io::ErrorKind::OutOfMemory)?;
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Memory takes all that is written to it while there is room.
fn failed(error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::OutOfMemory {
        return no_room();
    }
    Error::new(ErrorKind::Internal, "the reply cannot be encoded").with_detail(error)
}

fn write(
    out: &mut Limited<'_>,
    raster: &Raster,
    color: ColorType,
    extras: Extras<'_>,
    compressed: &[u8],
) -> std::result::Result<(), EncodingError> {
    let mut writer = begun(out, raster.size(), (color, BitDepth::Eight), extras)?;
    for data in compressed.chunks(CHUNK) {
        writer.write_chunk(png::chunk::IDAT, data)?;
    }
    writer.finish()
}

/// A file up to what stands in front of its palette and pixels: the header, the resolution, the profile and the XMP packet.
fn begun<W: Write>(
    out: W,
    size: Size,
    (color, depth): (ColorType, BitDepth),
    extras: Extras<'_>,
) -> std::result::Result<png::Writer<W>, EncodingError> {
    let mut encoder = Encoder::new(out, size.width, size.height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_pixel_dims(Some(per_metre(extras.dpi)));
    let mut writer = encoder.write_header()?;
    if let Some(profile) = extras.profile {
        writer.write_chunk(png::chunk::iCCP, &profile_chunk(profile))?;
    }
    if let Some(packet) = extras.xmp {
        writer.write_chunk(png::chunk::iTXt, &xmp_chunk(packet))?;
    }
    Ok(writer)
}

/// A name, the number of the compression, and the compressed profile.
fn profile_chunk(profile: &[u8]) -> Vec<u8> {
    [b"ICC profile\0\0", &fdeflate::compress_to_vec(profile)[..]].concat()
}

/// A keyword, the text not compressed, in no language, without a translated keyword, and the text.
fn xmp_chunk(packet: &str) -> Vec<u8> {
    [b"XML:com.adobe.xmp\0\0\0\0\0", packet.as_bytes()].concat()
}

/// Dots per inch of 25.4 mm as pixels per metre, rounded.
fn per_metre(dpi: u16) -> PixelDimensions {
    let pixels = (u32::from(dpi) * 10_000 + 127) / 254;
    PixelDimensions { xppu: pixels, yppu: pixels, unit: Unit::Meter }
}

#[cfg(test)]
mod tests {
    use png::Compression;
    use proptest::prelude::*;

    use super::*;
    use crate::base::cancel::Cancel;
    use crate::imaging::pixel::raster::Layout;
    use crate::test_support::Dice;

    /// What the crate makes of the picture in one step.
    fn by_crate(raster: &Raster, dpi: u16) -> Vec<u8> {
        let (mut file, mut all, mut row) = (Vec::new(), Vec::new(), Vec::new());
        for y in 0..raster.size().height as usize {
            pixels(raster, y, &mut row);
            all.extend_from_slice(&row);
        }
        let mut encoder = Encoder::new(&mut file, raster.size().width, raster.size().height);
        let types = [ColorType::Grayscale, ColorType::GrayscaleAlpha, ColorType::Rgb, ColorType::Rgba];
        encoder.set_color(types[raster.layout().planes() - 1]);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        encoder.set_pixel_dims(Some(per_metre(dpi)));
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&all).unwrap();
        writer.finish().unwrap();
        file
    }

    /// Noise, ramps, flat parts and repeated rows, in turn.
    fn picture(size: Size, layout: Layout, kinds: u32, seed: u64) -> Raster {
        let mut raster = Raster::zeroed(size, layout);
        let mut dice = Dice::new(seed);
        for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
            for y in 0..size.height as usize {
                let kind = if kinds == 0 { 0 } else { y / 5 % 4 };
                for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                    *sample = match kind {
                        0 => dice.below(256) as u8,
                        1 => (x * 3 + y * 5 + p * 40) as u8,
                        2 => 77,
                        _ => (x * x / 7 + p) as u8,
                    };
                }
            }
        }
        raster
    }

    proptest! {
        #[test]
        fn files_are_those_of_the_crate(
            width in 1u32..90,
            height in 1u32..40,
            layout in 0u8..4,
            kinds in 0u32..2,
            seed: u64,
            dpi in 1u16..1200,
        ) {
            let layout = Layout { colors: [1, 3][usize::from(layout / 2)], alpha: layout % 2 == 1 };
            let raster = picture(Size::new(width, height), layout, kinds, seed);
            let file = encode(&raster, Effort::Fast, Extras::dpi(dpi), WriteLimits::from(usize::MAX)).unwrap().unwrap();
            prop_assert!(file == by_crate(&raster, dpi));
        }
    }

    #[test]
    fn large_files_are_those_of_the_crate() {
        for kinds in [0, 1] {
            let raster = picture(Size::new(700, 300), Layout::RGB, kinds, 3);
            let file = encode(&raster, Effort::Fast, Extras::dpi(72), WriteLimits::from(usize::MAX)).unwrap().unwrap();
            assert!(file == by_crate(&raster, 72));
        }
    }

    fn decoded(file: &[u8]) -> Vec<u8> {
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn small_files_have_the_same_pixels_and_are_shorter() {
        let both = |raster: &Raster| {
            let of = |effort| encode(raster, effort, Extras::dpi(72), WriteLimits::from(usize::MAX)).unwrap().unwrap();
            let (fast, small) = (of(Effort::Fast), of(Effort::Small));
            assert!(decoded(&small) == decoded(&fast));
            (fast.len(), small.len())
        };
        for layout in [Layout::GRAY, Layout::GRAY.with_alpha(true), Layout::RGB, Layout::RGB.with_alpha(true)] {
            let (fast, small) = both(&picture(Size::new(200, 90), layout, 1, 5));
            assert!(small * 10 < fast * 9, "{layout:?}: {small} of {fast}");
        }
        // What repeats without being smooth needs no filters.
        let mut drawing = Raster::zeroed(Size::new(256, 128), Layout::RGB);
        let mut dice = Dice::new(7);
        let tile: Vec<u8> = (0..64).map(|_| dice.byte()).collect();
        for plane in drawing.planes_mut() {
            for y in 0..128 {
                let row = plane.row_mut(y).iter_mut().enumerate();
                row.for_each(|(x, sample)| *sample = tile[8 * (y / 3 % 8) + x % 8]);
            }
        }
        let (fast, small) = both(&drawing);
        assert!(small * 4 < fast, "{small} of {fast}");
    }

    #[test]
    fn small_files_are_limited_and_the_work_can_be_given_up() {
        let raster = picture(Size::new(90, 90), Layout::RGB, 0, 3);
        assert_eq!(encode(&raster, Effort::Small, Extras::dpi(72), WriteLimits::from(9000)), Ok(None));
        let never = || false;
        let bounds = WriteLimits { cancel: Cancel::new(&never), ..WriteLimits::from(usize::MAX) };
        let error = encode(&raster, Effort::Small, Extras::dpi(72), bounds).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stopped);
    }
}
