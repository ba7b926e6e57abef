//! AVIF replies, by the crates `ravif` and `rav1e`, which have no decoder here (feature `avif`).
//!
//! The encoder runs on one thread: its tiles, and with them its bytes, follow from the number of threads. It calls functions
//! of the platform's mathematical library, so that equal bytes are promised on one target only. It cannot be given up.

mod quality;

use ravif::{BitDepth, Encoder, MatrixCoefficients, PixelRange};

use super::settings::{Extras, LossySettings, WriteLimits};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::with_room;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::Raster;

/// The crate's scale of 1 (slow) to 10: a step faster takes a fifth more bytes for the same picture, a step slower twice the
/// time.
const SPEED: u8 = 9;

/// Bytes that encoding takes for each pixel, at most, which was measured.
const BYTES_PER_PIXEL: usize = 64;

/// `None`: longer than the limit. The resolution, packet and profile of the extras have no place in the file.
///
/// # Errors
///
/// The layout is none of an AVIF, the work is to be given up, or the crate fails.
pub(super) fn encode(
    raster: &Raster,
    settings: LossySettings,
    _: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let (size, layout) = (raster.size(), raster.layout());
    if !matches!(layout.colors, 1 | 3) || settings.lossless {
        return Err(Error::new(ErrorKind::Internal, "avif cannot hold inks, and is not written without loss"));
    }
    bounds.cancel.check()?;
    let area = size.area() as usize;
    with_room(area * BYTES_PER_PIXEL, || ());
    count(Kind::EncodeAvif, area);
    let (colors, alpha) = raster.split_alpha();
    let quality = quality::of_crate(settings.quality);
    let encoder = Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality.max(quality::ALPHA))
        .with_speed(SPEED)
        .with_bit_depth(BitDepth::Eight)
        .with_num_threads(Some(1));
    let samples = |plane: usize| colors[plane.min(colors.len() - 1)].samples();
    let planes =
        samples(0).iter().zip(samples(1)).zip(samples(2)).map(|((red, green), blue)| converted([*red, *green, *blue]));
    let alpha = alpha
        .filter(|alpha| alpha.samples().iter().any(|&alpha| alpha < 255))
        .map(|alpha| alpha.samples().iter().copied());
    let [width, height] = [size.width, size.height].map(|side| side as usize);
    let file = encoder
        .encode_raw_planes_8_bit(width, height, planes, alpha, PixelRange::Full, MatrixCoefficients::BT601)
        .map_err(|error| Error::new(ErrorKind::Internal, "the reply cannot be encoded").with_detail(&error))?;
    bounds.cancel.check()?;
    Ok(Some(file.avif_file).filter(|file| file.len() <= bounds.limit))
}

/// Brightness and two colour differences (BT.601), all from 0 to 255. The factors have 16 fractional bits.
fn converted(rgb: [u8; 3]) -> [u8; 3] {
    let [red, green, blue] = rgb.map(i32::from);
    let rounded = |sum: i32| ((sum + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [
        rounded(19_595 * red + 38_470 * green + 7_471 * blue),
        rounded(32_768 * blue - 11_059 * red - 21_709 * green + (128 << 16)),
        rounded(32_768 * red - 27_439 * green - 5_329 * blue + (128 << 16)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;
    use crate::imaging::pixel::raster::Layout;

    const fn settings(quality: u8) -> LossySettings {
        LossySettings { quality, lossless: false }
    }

    fn picture(size: Size, layout: Layout) -> Raster {
        let mut raster = Raster::zeroed(size, layout);
        for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
            for (at, sample) in plane.samples_mut().iter_mut().enumerate() {
                *sample = (at * at / 90 + at * (p + 2)) as u8;
            }
        }
        raster
    }

    fn written(raster: &Raster, quality: u8) -> Vec<u8> {
        encode(raster, settings(quality), Extras::dpi(72), WriteLimits::from(usize::MAX)).unwrap().unwrap()
    }

    /// The content of the first box of a name, wherever it stands.
    fn content<'f>(file: &'f [u8], name: &[u8; 4]) -> Option<&'f [u8]> {
        let at = file.windows(4).position(|part| part == name)?;
        Some(&file[at + 4..])
    }

    #[test]
    fn files_are_of_the_format_and_the_same_twice() {
        for (width, height, layout) in
            [(1, 1, Layout::GRAY), (33, 20, Layout::RGB), (20, 33, Layout::RGB.with_alpha(true))]
        {
            let raster = picture(Size::new(width, height), layout);
            let file = written(&raster, 70);
            assert_eq!(&file[4..12], b"ftypavif");
            // A version and flags stand before the sides.
            let sides = content(&file, b"ispe").unwrap()[4..12].as_chunks::<4>().0;
            assert_eq!([width, height].map(u32::to_be_bytes), *sides);
            assert_eq!(content(&file, b"auxC").is_some(), layout.alpha);
            assert!(file == written(&raster, 70));
            let limit =
                |limit: usize| encode(&raster, settings(70), Extras::dpi(72), WriteLimits::from(limit)).unwrap();
            assert_eq!((limit(file.len()).map(|file| file.len()), limit(file.len() - 1)), (Some(file.len()), None));
        }
    }

    #[test]
    fn better_qualities_take_more_bytes() {
        let raster = picture(Size::new(60, 40), Layout::RGB);
        let lengths = [10, 50, 80, 100].map(|quality| written(&raster, quality).len());
        assert!(lengths.is_sorted(), "{lengths:?}");
        let qualities: Vec<f32> = (1..=100).map(quality::of_crate).collect();
        assert!(qualities.is_sorted() && qualities.iter().all(|quality| (1.0..=100.0).contains(quality)));
    }
}
