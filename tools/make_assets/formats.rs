//! Small copies of pictures in the other formats that are read.

use gif::{Encoder, Frame};
use image_webp::{ColorType, WebPEncoder};

use crate::Outcome;

/// Levels of each component of the colours of a GIF.
const LEVELS: usize = 6;

/// RGB, with 216 colours.
pub(crate) fn gif(width: u16, height: u16, pixels: &[u8]) -> Outcome<Vec<u8>> {
    let level = |i: usize| (i * 255 / (LEVELS - 1)) as u8;
    let palette: Vec<u8> = (0..LEVELS.pow(3))
        .flat_map(|i| [level(i / LEVELS / LEVELS), level(i / LEVELS % LEVELS), level(i % LEVELS)])
        .collect();
    let nearest = |sample: u8| (usize::from(sample) * (LEVELS - 1) + 127) / 255;
    let numbers: Vec<u8> = pixels
        .as_chunks::<3>()
        .0
        .iter()
        .map(|&[red, green, blue]| ((nearest(red) * LEVELS + nearest(green)) * LEVELS + nearest(blue)) as u8)
        .collect();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height, &palette)?;
    encoder.write_frame(&Frame { width, height, buffer: numbers.into(), ..Frame::default() })?;
    drop(encoder);
    Ok(file)
}

/// RGB and alpha, without loss.
pub(crate) fn webp(width: u32, height: u32, pixels: &[u8]) -> Outcome<Vec<u8>> {
    let mut file = Vec::new();
    WebPEncoder::new(&mut file).encode(pixels, width, height, ColorType::Rgba8)?;
    Ok(file)
}

/// Gray, as numbers of colours in rows from bottom to top.
pub(crate) fn bmp(width: usize, height: u32, pixels: &[u8]) -> Vec<u8> {
    let palette: Vec<u8> = (0..=255).flat_map(|gray| [gray, gray, gray, 0]).collect();
    let row = |row: &[u8]| {
        let mut row = row.to_vec();
        row.resize(width.next_multiple_of(4), 0);
        row
    };
    let rows: Vec<u8> = pixels.chunks_exact(width).rev().flat_map(row).collect();
    let offset = 14 + 40 + palette.len();
    let mut file = b"BM".to_vec();
    for number in [(offset + rows.len()) as u32, 0, offset as u32, 40, width as u32, height] {
        file.extend(number.to_le_bytes());
    }
    // One plane, 8 bits.
    file.extend([1, 0, 8, 0]);
    // No compression; 72 dots per inch; all colours.
    for number in [0, rows.len() as u32, 2835, 2835, 256, 0] {
        file.extend(number.to_le_bytes());
    }
    file.extend(palette);
    file.extend(rows);
    file
}
