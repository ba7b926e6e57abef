//! Encodes arbitrary pictures. Another decoder reads the same bytes from a PNG, and from a JPEG the same coefficients
//! as from the file of a plain encoder. Another decoder reads the same pixels from a lossless WebP, and the same alpha from
//! a lossy one. Every CPU level writes the same file, limits hold, and what is written along is
//! read again.

use std::io::Cursor;

use image_webp::WebPDecoder;
use jpeg_encoder::{
    ChromaSubsamplingMethod, Encoder, ImageBuffer, JpegColorType, PixelDensity, PixelDensityUnit, SamplingFactor,
};
use platemark::internals::{JpegOrder, Planes, encode_jpeg, encode_png, encode_webp, heading, metadata};
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
    let (kind, colors) = (numbers.byte(), [1, 3, 4][usize::from(numbers.byte() % 3)]);
    let size = [numbers.within(1, SIDE), numbers.within(1, SIDE)];
    let dpi = numbers.short();
    if kind & 1 > 0 {
        let (colors, alpha) = (if colors == 4 { 3 } else { colors }, numbers.flag());
        let limit = if numbers.flag() { usize::from(numbers.short()) } else { LIMIT };
        let planes = usize::from(colors) + usize::from(alpha);
        let samples = numbers.fill((size[0] * size[1]) as usize * planes);
        let picture = Planes { size, colors, alpha, samples };
        match kind & 0x80 > 0 {
            true => as_webp(&picture, (kind & 0x40 > 0).then_some(1 + (dpi % 100) as u8), limit),
            false => as_png(&picture, dpi, limit),
        }
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
    as_jpeg(&picture, JpegOrder { quality, full_chroma, progressive, scans, dpi, xmp, max_bytes, limit });
}

fn as_png(picture: &Planes, dpi: u16, limit: usize) {
    let file = encode_png(CpuLevel::default(), picture, dpi, limit);
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

fn as_webp(picture: &Planes, quality: Option<u8>, limit: usize) {
    let file = encode_webp(CpuLevel::default(), picture, quality, limit);
    assert!(file == encode_webp(CpuLevel::Scalar, picture, quality, limit));
    let file = match file {
        Ok(file) => file,
        Err(error) => {
            assert!(error.kind() == ErrorKind::Limit && limit < LIMIT, "{error:?}");
            return;
        }
    };
    assert!(file.len() <= limit);
    let mut decoder = WebPDecoder::new(Cursor::new(&file)).expect("a sound file");
    assert_eq!(<[u32; 2]>::from(decoder.dimensions()), picture.size);
    let mut bytes = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut bytes).expect("a sound file");
    let read = bytes.chunks_exact(if decoder.has_alpha() { 4 } else { 3 });
    let area = (picture.size[0] * picture.size[1]) as usize;
    for (at, pixel) in read.enumerate() {
        let sample = |plane: usize| picture.samples[plane * area + at];
        let alpha = if picture.alpha { sample(usize::from(picture.colors)) } else { 255 };
        assert_eq!(pixel.get(3).copied().unwrap_or(255), alpha);
        if quality.is_none() {
            let colors = [0, 1, 2].map(|color| sample(if picture.colors == 1 { 0 } else { color }));
            assert_eq!(pixel[..3], colors);
        }
    }
}

fn as_jpeg(picture: &Planes, order: JpegOrder<'_>) {
    let written = encode_jpeg(CpuLevel::default(), picture, order);
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
        let longer = encode_jpeg(CpuLevel::default(), picture, next).unwrap().0;
        assert!(longer.len() > order.max_bytes.unwrap_or(LIMIT), "a better one would do");
    }
    assert_eq!(heading(&file).map(|heading| heading.size), Some(picture.size));
    let told = metadata(&file, LIMIT);
    // What ends in NULs is read without them, and a packet names its encoding by how it starts.
    assert_eq!(told.xmp.unwrap().as_deref(), order.xmp.map(|packet| packet.trim_start_matches('\u{feff}')));
    let order = JpegOrder { quality, ..order };
    assert!(file == plain(picture, order), "another file than the plain encoder's");
    let pixels = decoded(&file, picture.colors);
    assert_eq!(pixels.len(), picture.samples.len());
    if order.progressive {
        // The same coefficients, in other words.
        let baseline = plain(picture, JpegOrder { progressive: false, ..order });
        assert!(pixels == decoded(&baseline, picture.colors), "another picture than that of a single scan");
    }
}

/// The file by the `jpeg-encoder` crate.
fn plain(picture: &Planes, order: JpegOrder<'_>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, order.quality);
    encoder.set_density(PixelDensity { density: (order.dpi, order.dpi), unit: PixelDensityUnit::Inches });
    let halved = picture.colors == 3 && !order.full_chroma;
    encoder.set_sampling_factor(if halved { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 });
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if order.progressive {
        encoder.set_progressive_scans(order.scans.unwrap_or(4));
        encoder.set_optimized_huffman_tables(true);
    }
    if let Some(packet) = order.xmp {
        let segment = [b"http://ns.adobe.com/xap/1.0/\0", packet.as_bytes()].concat();
        encoder.add_app_segment(1, segment).unwrap();
    }
    encoder.encode_image(Pixels(picture)).unwrap();
    file
}

/// A picture whose colours are converted pixel by pixel.
struct Pixels<'a>(&'a Planes);

impl ImageBuffer for Pixels<'_> {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        match self.0.colors {
            1 => JpegColorType::Luma,
            3 => JpegColorType::Ycbcr,
            _ => JpegColorType::Cmyk,
        }
    }

    fn width(&self) -> u16 {
        self.0.size[0] as u16
    }

    fn height(&self) -> u16 {
        self.0.size[1] as u16
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let [width, height] = self.0.size.map(|side| side as usize);
        for x in 0..width {
            let at = |plane: usize| self.0.samples[(plane * height + usize::from(y)) * width + x];
            match self.0.colors {
                1 => buffers[0].push(at(0)),
                3 => {
                    // JFIF in 16-bit fixed point; halves of luma are rounded up, those of chroma down.
                    let [r, g, b] = [at(0), at(1), at(2)].map(i32::from);
                    buffers[0].push(((19595 * r + 38470 * g + 7471 * b + 32768) >> 16) as u8);
                    buffers[1].push(((-11059 * r - 21709 * g + 32768 * b + (128 << 16) + 32767) >> 16) as u8);
                    buffers[2].push(((32768 * r - 27439 * g - 5329 * b + (128 << 16) + 32767) >> 16) as u8);
                }
                // Inks are stored inverted.
                _ => (0..4).for_each(|ink| buffers[ink].push(255 - at(ink))),
            }
        }
    }
}

/// What another decoder finds, interleaved.
fn decoded(file: &[u8], colors: u8) -> Vec<u8> {
    let space = match colors {
        1 => ColorSpace::Luma,
        3 => ColorSpace::RGB,
        _ => ColorSpace::CMYK,
    };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode().expect("a sound file")
}

/// Means of neighbours, so that not every picture is noise.
fn soften(samples: &mut [u8], stride: usize) {
    for i in 1..samples.len() {
        let above = samples[i.saturating_sub(stride)];
        samples[i] = ((u16::from(samples[i]) + 3 * u16::from(samples[i - 1]) + 4 * u16::from(above)) / 8) as u8;
    }
}
