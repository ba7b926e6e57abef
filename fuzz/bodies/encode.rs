//! Any picture is encoded, and another decoder finds it: PNG to the byte, JPEG nearly. Every CPU level writes the same
//! file, limits hold, and what is written along is read again.

use platemark::internals::{JpegOrder, Planes, encode_jpeg, encode_png, heading, metadata};
use platemark::{CpuLevel, ErrorKind};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::Numbers;

const SIDE: u32 = 90;
const LIMIT: usize = 1 << 20;

pub(super) fn run(input: &[u8]) {
    let mut numbers = Numbers(input);
    let (png, colors) = (numbers.flag(), [1, 3, 4][usize::from(numbers.byte() % 3)]);
    let size = [numbers.within(1, SIDE), numbers.within(1, SIDE)];
    let dpi = numbers.short();
    if png {
        let (colors, alpha) = (if colors == 4 { 3 } else { colors }, numbers.flag());
        let limit = if numbers.flag() { usize::from(numbers.short()) } else { LIMIT };
        let planes = usize::from(colors) + usize::from(alpha);
        let samples = numbers.fill((size[0] * size[1]) as usize * planes);
        as_png(&Planes { size, colors, alpha, samples }, dpi, limit);
        return;
    }
    let quality = 1 + numbers.byte() % 100;
    let [full_chroma, progressive] = [numbers.flag(), numbers.flag()];
    let scans = match numbers.byte() % 4 {
        0 => None,
        scans => Some(2 + scans),
    };
    let limit = if numbers.byte() % 8 == 1 { usize::from(numbers.short()) } else { LIMIT };
    let max_bytes = (numbers.byte() % 4 == 1).then(|| usize::from(numbers.short()));
    let smooth = numbers.flag();
    let packet = String::from_utf8_lossy(&numbers.0[..numbers.0.len().min(64)]).replace('\0', "").repeat(3);
    let xmp = numbers.flag().then_some(packet.as_str());
    let mut samples = numbers.fill((size[0] * size[1]) as usize * usize::from(colors));
    if smooth {
        soften(&mut samples, size[0] as usize);
    }
    let picture = Planes { size, colors, alpha: false, samples };
    as_jpeg(&picture, JpegOrder { quality, full_chroma, progressive, scans, dpi, xmp, max_bytes, limit }, smooth);
}

fn as_png(picture: &Planes, dpi: u16, limit: usize) {
    let file = encode_png(CpuLevel::Avx2, picture, dpi, limit);
    assert!(file == encode_png(CpuLevel::Scalar, picture, dpi, limit));
    let file = match file {
        Ok(file) => file,
        Err(error) => {
            assert!(error.kind() == ErrorKind::Limit && limit < LIMIT, "{error:?}");
            return;
        }
    };
    assert!(file.len() <= limit);
    let planes = usize::from(picture.colors) + usize::from(picture.alpha);
    assert!(super::png::decoded(&file, planes).expect("a sound file") == picture.samples);
    assert_eq!(metadata(&file, LIMIT).milli_dpi, (dpi > 0).then_some(u32::from(dpi) * 1000));
}

fn as_jpeg(picture: &Planes, order: JpegOrder<'_>, smooth: bool) {
    let written = encode_jpeg(CpuLevel::Avx2, picture, order);
    assert!(written == encode_jpeg(CpuLevel::Scalar, picture, order));
    let (file, quality) = match written {
        Ok(written) => written,
        Err(error) => {
            assert!(error.kind() == ErrorKind::Limit, "{error:?}");
            assert!(order.limit < LIMIT || order.max_bytes.is_some(), "{error:?}");
            return;
        }
    };
    assert!(file.len() <= order.limit.min(order.max_bytes.unwrap_or(LIMIT)) && quality <= order.quality);
    if quality < order.quality {
        // The next better one is too long.
        let next = JpegOrder { quality: quality + 1, max_bytes: None, limit: LIMIT, ..order };
        let longer = encode_jpeg(CpuLevel::Avx2, picture, next).unwrap().0;
        assert!(longer.len() > order.max_bytes.unwrap_or(LIMIT), "a better one would do");
    }
    assert_eq!(heading(&file).map(|heading| heading.size), Some(picture.size));
    let told = metadata(&file, LIMIT);
    // What ends in NULs is read without them, and a packet names its encoding by how it starts.
    assert_eq!(told.xmp.unwrap().as_deref(), order.xmp.map(|packet| packet.trim_start_matches('\u{feff}')));
    let area = picture.samples.len() / usize::from(picture.colors);
    let Some(found) = decoded(&file, picture.colors) else { return };
    assert_eq!(found.len(), picture.samples.len());
    let difference = |i: usize| {
        let (pixel, plane) = (i / usize::from(picture.colors), i % usize::from(picture.colors));
        u64::from(found[i].abs_diff(picture.samples[plane * area + pixel]))
    };
    let mean = (0..found.len()).map(difference).sum::<u64>() / found.len() as u64;
    // Of noise nothing is left at low qualities, nor of its colour at half the resolution.
    let most = match (quality, picture.colors == 3 && !order.full_chroma) {
        (95.., false) => 6,
        (80.., false) => 14,
        (50.., false) => 30,
        (50.., true) if smooth => 60,
        _ => 255,
    };
    assert!(mean <= most, "{mean} at quality {quality}");
}

/// What another decoder finds, interleaved. Inks are stored inverted.
fn decoded(file: &[u8], colors: u8) -> Option<Vec<u8>> {
    let space = match colors {
        1 => ColorSpace::Luma,
        3 => ColorSpace::RGB,
        _ => ColorSpace::CMYK,
    };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    let pixels = decoder.decode().expect("a sound file");
    (colors < 4).then_some(pixels)
}

/// Means of neighbours, so that not every picture is noise.
fn soften(samples: &mut [u8], stride: usize) {
    for i in 1..samples.len() {
        let above = samples[i.saturating_sub(stride)];
        samples[i] = ((u16::from(samples[i]) + 3 * u16::from(samples[i - 1]) + 4 * u16::from(above)) / 8) as u8;
    }
}
