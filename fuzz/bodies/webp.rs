//! A WebP in several ways: see `framed.rs`; and what the `image-webp` crate makes of the whole file.

use std::io::Cursor;

use image_webp::WebPDecoder;

use super::framed;

pub(super) fn run(input: &[u8]) {
    if input.get(4..8) != Some(b"RIFF") || input.get(12..16) != Some(b"WEBP") {
        return;
    }
    let Some((bytes, [width, height], planes)) = framed::run(input) else { return };
    let Ok(mut decoder) = WebPDecoder::new(Cursor::new(bytes)) else { return };
    let area = (width * height) as usize;
    // Flags of a file say that there is alpha; we look at the pixels. The crate blends frames by another rounding.
    let is_same = decoder.dimensions() == (width, height) && decoder.output_buffer_size() == Some(planes.len());
    if !is_same || decoder.is_animated() {
        return;
    }
    let mut pixels = vec![0; planes.len()];
    if decoder.read_image(&mut pixels).is_ok() {
        let count = planes.len() / area;
        for (i, &sample) in planes.iter().enumerate() {
            assert_eq!(sample, pixels[i % area * count + i / area], "another picture than the crate's");
        }
    }
}
