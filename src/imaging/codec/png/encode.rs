//! PNG by the `png` crate.
//!
//! `Compression::Fast` compresses with `fdeflate`, which gives the same bytes everywhere. All other levels, and
//! compressed profiles and texts, go through `flate2`, whose implementation any crate in the host's program can switch.

use png::{BitDepth, ColorType, Compression, Encoder, PixelDimensions, Unit};

use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::kernel::interleave::join;
use crate::imaging::pixel::raster::Raster;

use crate::imaging::codec::limited::Limited;
use crate::imaging::codec::settings::WriteLimits;

/// `None`: longer than the limit.
pub(in crate::imaging::codec) fn encode(raster: &Raster, dpi: u16, bounds: WriteLimits<'_>) -> Result<Option<Vec<u8>>> {
    let (size, layout) = (raster.size(), raster.layout());
    let color = match (layout.colors, layout.alpha) {
        (1, false) => ColorType::Grayscale,
        (1, true) => ColorType::GrayscaleAlpha,
        (3, false) => ColorType::Rgb,
        (3, true) => ColorType::Rgba,
        _ => return Err(Error::new(ErrorKind::Internal, "png cannot hold cmyk")),
    };
    let mut pixels = Vec::with_capacity(size.area() as usize * layout.planes());
    for y in 0..size.height as usize {
        let rows: [&[u8]; 4] = std::array::from_fn(|plane| raster.planes().get(plane).map_or(&[][..], |p| p.row(y)));
        join(&rows[..layout.planes()], &mut pixels);
    }
    let mut out = Limited::new(bounds);
    let written = write(&mut out, raster, color, dpi, &pixels);
    out.finish(written)
}

fn write(
    out: &mut Limited<'_>,
    raster: &Raster,
    color: ColorType,
    dpi: u16,
    pixels: &[u8],
) -> std::result::Result<(), png::EncodingError> {
    let mut encoder = Encoder::new(out, raster.size().width, raster.size().height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.set_pixel_dims(Some(per_metre(dpi)));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()
}

/// Dots per inch of 25.4 mm as pixels per metre, rounded.
fn per_metre(dpi: u16) -> PixelDimensions {
    let pixels = (u32::from(dpi) * 10_000 + 127) / 254;
    PixelDimensions { xppu: pixels, yppu: pixels, unit: Unit::Meter }
}
