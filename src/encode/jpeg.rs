//! JPEG by the `jpeg-encoder` crate, fed with planes in the colour space of the file.
//!
//! The crate is built without its feature `simd`, whose AVX2 transform gives other bytes than its scalar one (measured
//! on random, extreme and smooth pictures at every quality). A host that switches the feature on elsewhere in its
//! dependency graph changes the engine's fingerprint and with it every version, so that no tag ever stands for two
//! different files.

use jpeg_encoder::{
    ChromaSubsamplingMethod, Encoder, ImageBuffer, JpegColorType, PixelDensity, PixelDensityUnit, SamplingFactor,
};

use crate::error::{Error, ErrorKind, Result};
use crate::kernel::color::rgb_to_ycbcr;
use crate::raster::Raster;

use super::{JpegSettings, Limited};

pub(super) fn encode(raster: &Raster, settings: JpegSettings, dpi: u16, limit: usize) -> Result<Vec<u8>> {
    let size = raster.size();
    let (Ok(width), Ok(height)) = (u16::try_from(size.width), u16::try_from(size.height)) else {
        return Err(Error::new(ErrorKind::Limit, "is larger than JPEG can hold, 65535 on a side").at("reply"));
    };
    let mut out = Limited::new(limit);
    let mut encoder = Encoder::new(&mut out, settings.quality);
    encoder.set_density(PixelDensity { density: (dpi, dpi), unit: PixelDensityUnit::Inches });
    let subsampled = raster.layout().colors == 3 && !settings.full_chroma;
    encoder.set_sampling_factor(if subsampled { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 });
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if settings.progressive {
        encoder.set_progressive(true);
        // Tables of its own make a progressive file 5 to 9 % smaller, for a second pass over coefficients it holds anyway.
        encoder.set_optimized_huffman_tables(true);
    }
    let encoded = encoder.encode_image(Planes { raster, width, height });
    match encoded {
        Ok(()) => Ok(out.bytes),
        Err(error) => Err(out.failure(&error)),
    }
}

struct Planes<'a> {
    raster: &'a Raster,
    width: u16,
    height: u16,
}

impl ImageBuffer for Planes<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        match self.raster.layout().colors {
            1 => JpegColorType::Luma,
            3 => JpegColorType::Ycbcr,
            _ => JpegColorType::Cmyk,
        }
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let (colors, _) = self.raster.split_alpha();
        let row = |plane: usize| colors[plane].row(usize::from(y));
        match colors.len() {
            1 => buffers[0].extend_from_slice(row(0)),
            3 => {
                let [luma, blue, red, _] = buffers.each_mut().map(|buffer| {
                    let start = buffer.len();
                    buffer.resize(start + usize::from(self.width), 0);
                    &mut buffer[start..]
                });
                rgb_to_ycbcr(row(0), row(1), row(2), [luma, blue, red]);
            }
            // Inks are stored inverted, as the Adobe segment that the encoder writes says.
            _ => (0..4).for_each(|ink| buffers[ink].extend(row(ink).iter().map(|value| 255 - value))),
        }
    }
}
