//! The pictures that requests are searched over: long, high, photographs of each kind, one with alpha that is interlaced, one
//! of inks and one of 16 bits; and one of each other format, of BMP with rows as they are and with run lengths, of TIFF with
//! 8 and 16 bits.

use std::path::Path;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use png::BitDepth;
use tiff::encoder::colortype::{ColorType as ColorKind, RGB8, RGB16};
use tiff::encoder::{Compression, TiffEncoder, TiffValue};

/// Names, as requests have them.
pub(crate) const NAMES: [&str; 15] = [
    "wide.png",
    "high.png",
    "photo.jpg",
    "scans.jpg",
    "laced.png",
    "side.jpg",
    "gray.png",
    "inks.jpg",
    "deep.png",
    "rows.bmp",
    "runs.bmp",
    "numbers.gif",
    "lossless.webp",
    "strips.tif",
    "deep.tif",
];

/// Writes the pictures, and a catalog without limits of size.
pub(crate) fn write(folder: &Path) {
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.join(name), bytes).unwrap();
    write("default.ini", b"RootPath=.\nDefaultPix=400,400\nMaxPix=0,0\nDefaultThumbPix=100,100\n".to_vec());
    write("wide.png", plain(10, 1, 3, BitDepth::Eight));
    write("high.png", plain(1, 4000, 3, BitDepth::Eight));
    write("photo.jpg", jpeg(640, 480, false, ColorType::Rgb));
    write("scans.jpg", jpeg(640, 480, true, ColorType::Rgb));
    write("laced.png", interlaced(300, 200));
    write("side.jpg", jpeg(90, 1500, false, ColorType::Rgb));
    write("gray.png", plain(400, 300, 1, BitDepth::Eight));
    write("inks.jpg", jpeg(400, 300, false, ColorType::Cmyk));
    write("deep.png", plain(300, 200, 3, BitDepth::Sixteen));
    write("rows.bmp", bmp(400, 300, 24, 0, &samples(400, 300, 3)));
    write("runs.bmp", bmp(300, 400, 8, 1, &runs(300, 400)));
    write("numbers.gif", gif(400, 300));
    write("lossless.webp", webp(320, 240));
    write("strips.tif", tiff::<RGB8>(400, 300, &samples(400, 300, 3)));
    let deep: Vec<u16> = samples(300, 400, 3).iter().map(|&sample| (u16::from(sample) * 257).wrapping_add(5)).collect();
    write("deep.tif", tiff::<RGB16>(300, 400, &deep));
}

/// Slopes, edges and noise.
fn samples(width: usize, height: usize, components: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut sample = |x: usize, y: usize, component: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let edge = if (x / 37 + y / 53).is_multiple_of(4) { 60 } else { 0 };
        (x * 120 / width + y * 60 / height + edge + 20 * component + (state >> 28) as usize) as u8
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| (0..components).map(move |component| (x, y, component))))
        .map(|(x, y, component)| sample(x, y, component))
        .collect()
}

fn jpeg(width: u16, height: u16, progressive: bool, color: ColorType) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 85);
    let components = if color == ColorType::Rgb { 3 } else { 4 };
    encoder.set_sampling_factor(if components == 3 { SamplingFactor::F_2_2 } else { SamplingFactor::F_1_1 });
    if progressive {
        encoder.set_progressive_scans(4);
    }
    encoder.encode(&samples(width.into(), height.into(), components), width, height, color).unwrap();
    file
}

fn plain(width: u32, height: u32, components: usize, depth: BitDepth) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(if components == 1 { png::ColorType::Grayscale } else { png::ColorType::Rgb });
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    let bytes = if depth == BitDepth::Sixteen { 2 } else { 1 };
    writer.write_image_data(&samples(width as usize, height as usize, components * bytes)).unwrap();
    writer.finish().unwrap();
    file
}

/// RGB with alpha in seven passes, which the `png` crate reads but does not write.
fn interlaced(width: usize, height: usize) -> Vec<u8> {
    let pixels = samples(width, height, 4);
    let passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
    let mut lines = Vec::new();
    for [left, top, across, down] in passes {
        for y in (top..height).step_by(down) {
            // No filter.
            lines.push(0);
            lines.extend((left..width).step_by(across).flat_map(|x| &pixels[4 * (y * width + x)..][..4]));
        }
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |name: &[u8; 4], data: &[u8]| {
        let content = [&name[..], data].concat();
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(&content);
        file.extend(check_sum(&content).to_be_bytes());
    };
    let [width, height] = [width, height].map(|side| (side as u32).to_be_bytes());
    chunk(b"IHDR", &[&width[..], &height, &[8, 6, 0, 0, 1]].concat());
    chunk(b"IDAT", &fdeflate::compress_to_vec(&lines));
    chunk(b"IEND", &[]);
    file
}

/// A palette of grays stands behind the headers of files of 8 bits.
fn bmp(width: u32, height: u32, bits: u16, compression: u32, pixels: &[u8]) -> Vec<u8> {
    let palette: Vec<u8> = (0..=255).flat_map(|gray| [gray, gray, gray, 0]).collect();
    let palette = if bits == 8 { &palette[..] } else { &[] };
    let numbers = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let offset = 54 + palette.len() as u32;
    let head = [&b"BM"[..], &numbers(&[0, 0, offset, 40, width, height]), &[1, 0], &bits.to_le_bytes()].concat();
    [&head[..], &numbers(&[compression, 0, 0, 0, 0, 0]), palette, pixels].concat()
}

/// Each row as runs of 50 pixels.
fn runs(width: usize, height: usize) -> Vec<u8> {
    (0..height).flat_map(|y| (0..width / 50).flat_map(move |x| [50, (x * 9 + y) as u8]).chain([0, 0])).collect()
}

fn gif(width: u16, height: u16) -> Vec<u8> {
    let mut file = Vec::new();
    let palette: Vec<u8> = (0..=255).flat_map(|i: u8| [i, i / 2, 255 - i]).collect();
    let mut encoder = gif::Encoder::new(&mut file, width, height, &palette).unwrap();
    let buffer = samples(width.into(), height.into(), 1).into();
    encoder.write_frame(&gif::Frame { width, height, buffer, ..gif::Frame::default() }).unwrap();
    drop(encoder);
    file
}

/// With alpha.
fn webp(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let pixels = samples(width as usize, height as usize, 4);
    let encoder = image_webp::WebPEncoder::new(&mut file);
    encoder.encode(&pixels, width, height, image_webp::ColorType::Rgba8).unwrap();
    file
}

/// In strips, compressed by LZW.
fn tiff<C: ColorKind>(width: u32, height: u32, samples: &[C::Inner]) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut file = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap().with_compression(Compression::Lzw);
    let mut image = encoder.new_image::<C>(width, height).unwrap();
    image.rows_per_strip(16).unwrap();
    image.write_data(samples).unwrap();
    file.into_inner()
}

/// CRC-32 as PNG has it.
fn check_sum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
