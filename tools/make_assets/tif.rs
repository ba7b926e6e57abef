//! A small TIFF, as programs for prints write it.

use std::io::Cursor;

use tiff::encoder::colortype::RGB8;
use tiff::encoder::{Compression, Predictor, Rational, TiffEncoder};
use tiff::tags::ResolutionUnit;

use crate::Outcome;

/// RGB in strips, compressed by LZW.
pub(crate) fn tif(width: u32, height: u32, pixels: &[u8]) -> Outcome<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    let encoder = TiffEncoder::new(&mut file)?;
    let mut encoder = encoder.with_compression(Compression::Lzw).with_predictor(Predictor::Horizontal);
    let mut image = encoder.new_image::<RGB8>(width, height)?;
    image.rows_per_strip(32)?;
    image.resolution(ResolutionUnit::Inch, Rational { n: 300, d: 1 });
    image.write_data(pixels)?;
    Ok(file.into_inner())
}
