//! JPEG: files of gray and RGB and progressive ones by our own encoder, which is several times as fast and can be given up
//! at any row, baseline files of inks by the `jpeg-encoder` crate, fed with planes in the colour space of the file. Of what
//! both can write they write the same bytes.
//!
//! The crate is built without its feature `simd`, whose AVX2 transform gives other bytes than its scalar one (measured
//! on random, extreme and smooth pictures at every quality). A host that switches the feature on elsewhere in its
//! dependency graph changes the engine's fingerprint and with it every version, so that no tag ever stands for two
//! different files.

use jpeg_encoder::{
    ChromaSubsamplingMethod, Encoder, ImageBuffer, JpegColorType, PixelDensity, PixelDensityUnit, SamplingFactor,
};

mod baseline;
#[cfg(feature = "internals")]
mod bench;
mod bits;
mod mcus;
mod optimized;
mod progressive;
mod segments;
mod tables;
mod transform;
mod within;

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::base::limits::try_reserve;
use crate::base::work::{Kind, count};
use crate::imaging::kernel::color::rgb_to_ycbcr;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{Layout, PLANES, Raster};

use crate::imaging::codec::limited::{Limited, too_long};
use crate::imaging::codec::settings::{Extras, JpegSettings, WriteLimits};
use baseline::Header;
use segments::{holds_profile, profile_segments, too_long_profile, too_much_xmp, xmp_segment};

#[cfg(feature = "internals")]
pub(crate) use bench::{Blocks, Forward};
#[cfg(test)]
pub(in crate::imaging::codec) use segments::XMP_NAME;
pub(crate) use segments::can_hold_xmp;
pub(crate) use within::encode_within;

/// `None`: longer than the limit.
pub(in crate::imaging::codec) fn encode(
    cpu: Cpu,
    raster: &Raster,
    settings: JpegSettings,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let size = raster.size();
    let (Ok(width), Ok(height)) = (u16::try_from(size.width), u16::try_from(size.height)) else {
        return Err(Error::new(ErrorKind::Limit, "is larger than JPEG can hold, 65535 on a side").at("reply"));
    };
    let xmp = extras.xmp.map(xmp_segment).transpose()?;
    if !holds_profile(extras.profile) {
        return Err(too_long_profile());
    }
    let subsampled = raster.layout().colors == 3 && !settings.full_chroma;
    let header = Header { dpi: extras.dpi, app1: xmp.as_deref(), profile: extras.profile };
    if settings.progressive {
        count_scans(raster, (width, height), settings);
        let (steps, scans) = (tables::steps_of(settings.quality), settings.scans.unwrap_or(4));
        return progressive::encode(cpu, raster, (width, height), (&steps, subsampled, scans), header, bounds);
    }
    if matches!(raster.planes().len(), 1 | 3) {
        return baseline::encode(cpu, raster, (settings.quality, subsampled), header, bounds);
    }
    by_crate(cpu, raster, (width, height), settings, extras, bounds)
}

/// A file that is written row by row, while the picture is made.
pub(crate) struct RowEncoder(Box<baseline::Writer>);

impl RowEncoder {
    /// Begins a file of at most `limit` bytes. `None`: files of this kind are not written in this way, or [`encode`] refuses
    /// the picture.
    pub(crate) fn new(
        cpu: Cpu,
        (size, layout): (Size, Layout),
        settings: JpegSettings,
        extras: Extras<'_>,
        limit: usize,
    ) -> Option<Self> {
        let fits = |side: u32| u16::try_from(side).is_ok();
        let is_possible = fits(size.width) && fits(size.height) && matches!(layout.planes(), 1 | 3);
        if settings.progressive || !is_possible || !holds_profile(extras.profile) {
            return None;
        }
        let xmp = extras.xmp.map(xmp_segment).transpose().ok()?;
        let subsampled = layout.colors == 3 && !settings.full_chroma;
        let header = Header { dpi: extras.dpi, app1: xmp.as_deref(), profile: extras.profile };
        let settings = (settings.quality, subsampled);
        Some(Self(Box::new(baseline::Writer::new(cpu, size, layout, settings, header, limit))))
    }

    /// Takes the next row of every plane.
    ///
    /// # Errors
    ///
    /// The work is to be given up, or there is no memory for what the row becomes.
    pub(crate) fn row(&mut self, planes: [&[u8]; PLANES], cancel: Cancel<'_>) -> Result<()> {
        self.0.line(planes, cancel)
    }

    /// The file, once all rows have come: the same as [`encode`] writes.
    ///
    /// # Errors
    ///
    /// It is longer than the limit.
    pub(crate) fn finish(self) -> Result<Vec<u8>> {
        self.0.finish().ok_or_else(too_long)
    }
}

/// Counts the work of an encoder that goes over the picture more than once.
fn count_scans(raster: &Raster, (width, height): (u16, u16), settings: JpegSettings) {
    let factor = if raster.layout().colors == 3 && !settings.full_chroma { 16 } else { 8 };
    let padded = |side: u16| usize::from(side).next_multiple_of(factor);
    count(Kind::EncodeScans, padded(width) * padded(height));
}

/// The `jpeg-encoder` crate.
pub(in crate::imaging::codec) fn by_crate(
    cpu: Cpu,
    raster: &Raster,
    (width, height): (u16, u16),
    settings: JpegSettings,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    count_scans(raster, (width, height), settings);
    let mut out = Limited::new(bounds);
    let mut encoder = Encoder::new(&mut out, settings.quality);
    encoder.set_density(PixelDensity { density: (extras.dpi, extras.dpi), unit: PixelDensityUnit::Inches });
    let subsampled = raster.layout().colors == 3 && !settings.full_chroma;
    encoder.set_sampling_factor(if subsampled { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 });
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if settings.progressive {
        // Outside its range the encoder would panic.
        encoder.set_progressive_scans(settings.scans.unwrap_or(4).clamp(3, 5));
        // Tables of its own make a progressive file 5 to 9 % smaller, for a second pass over coefficients it holds anyway.
        encoder.set_optimized_huffman_tables(true);
    }
    if let Some(segment) = extras.xmp.map(xmp_segment).transpose()? {
        encoder.add_app_segment(1, segment).map_err(|error| too_much_xmp().with_detail(&error))?;
    }
    for segment in profile_segments(extras.profile.unwrap_or_default()) {
        encoder.add_app_segment(2, segment).map_err(|error| too_long_profile().with_detail(&error))?;
    }
    // The encoder holds all samples, or all coefficients of a progressive picture, in buffers of its own.
    try_reserve(4 * raster.size().area() * raster.planes().len() as u64)?;
    let written = encoder.encode_image(Planes { cpu, raster, width, height });
    out.finish(written)
}

struct Planes<'a> {
    cpu: Cpu,
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
                rgb_to_ycbcr(self.cpu, [row(0), row(1), row(2)], [luma, blue, red]);
            }
            // Inks are stored inverted, as the Adobe segment that the encoder writes says.
            _ => (0..4).for_each(|ink| buffers[ink].extend(row(ink).iter().map(|value| 255 - value))),
        }
    }
}
