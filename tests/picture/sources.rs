//! Small pictures of every kind.

use crate::support::path;

/// Files of several formats and layouts, as other encoders wrote them, and upright and turned ones.
pub(crate) fn all() -> Vec<Vec<u8>> {
    let mut files: Vec<_> =
        std::fs::read_dir(path("src/engine/versioning/probes")).unwrap().map(|file| file.unwrap().path()).collect();
    // Neither a profile nor segments of metadata alone are a picture.
    files.retain(|file| file.extension().is_none_or(|extension| extension != "icc" && extension != "app"));
    files.sort();
    let files = files.iter().map(|file| std::fs::read(file).unwrap());
    files.chain([oriented(6), oriented(3), gradient(90, 60)]).collect()
}

/// A PNG file; without pixels its header alone.
pub(crate) fn png(width: u32, height: u32, color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    let mut writer = encoder.write_header().unwrap();
    if pixels.is_empty() {
        writer.write_chunk(png::chunk::IDAT, &[]).unwrap();
        drop(writer);
        return file;
    }
    writer.write_image_data(pixels).unwrap();
    writer.finish().unwrap();
    file
}

fn pixels(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| [(255 * x / width) as u8, (255 * y / height) as u8, (x * y % 251) as u8];
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}

/// A PNG file of a gradient.
pub(crate) fn gradient(width: u32, height: u32) -> Vec<u8> {
    png(width, height, png::ColorType::Rgb, &pixels(width, height))
}

/// A JPEG file of 40 by 24 stored pixels, which an EXIF tag says how to turn.
pub(crate) fn oriented(orientation: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, 95);
    encoder.encode(&pixels(40, 24), 40, 24, jpeg_encoder::ColorType::Rgb).unwrap();
    let exif =
        [b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", &[orientation, 0, 0, 0][..], &[0; 4]].concat();
    let segment = [&[0xff, 0xe1][..], &(exif.len() as u16 + 2).to_be_bytes(), &exif].concat();
    file.splice(2..2, segment);
    file
}
