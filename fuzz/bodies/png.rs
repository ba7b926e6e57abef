//! A PNG in several ways: every CPU level gives the same, a window and a shrink are what the whole makes of them, and what
//! is decoded is what the `png` crate says by itself.

use std::io::Cursor;

use platemark::CpuLevel;
use platemark::internals::{decode_shrunk, decode_whole, heading};
use png::{BitDepth, ColorType, Transformations};

const PIXELS: u64 = 1 << 16;

pub(super) fn run(input: &[u8]) {
    let Some((&[left, top, width, height, mend], bytes)) = input.split_first_chunk() else { return };
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        // Nothing but JPEG and PNG is a picture.
        assert!(bytes.starts_with(&[0xff, 0xd8, 0xff]) || heading(bytes).is_none());
        assert!(bytes.len() < 9 || decode_whole(&bytes[..8], CpuLevel::Scalar, PIXELS).is_none());
        return;
    }
    // Check sums that are right lead further.
    let mended = if mend & 1 > 0 { with_check_sums(bytes) } else { None };
    let bytes = mended.as_deref().unwrap_or(bytes);
    let window = [left, top, width, height].map(u32::from);
    let whole = decode_shrunk(bytes, CpuLevel::Avx2, 1, None, PIXELS);
    assert!(whole == decode_shrunk(bytes, CpuLevel::Scalar, 1, None, PIXELS));
    let part = decode_shrunk(bytes, CpuLevel::Avx2, 1, Some(window), PIXELS);
    assert!(part == decode_shrunk(bytes, CpuLevel::Scalar, 1, Some(window), PIXELS));
    let Some(([stride, lines], planes)) = whole else { return };
    let heading = heading(bytes).unwrap();
    assert_eq!([stride, lines], heading.size);
    let count = usize::from(heading.colors) + usize::from(heading.alpha);
    let area = (stride * lines) as usize;
    assert_eq!(planes.len(), area * count);
    let ([columns, rows], part) = part.unwrap();
    let (left, top) = (window[0].min(stride - 1) as usize, window[1].min(lines - 1) as usize);
    let (stride, columns, rows) = (stride as usize, columns as usize, rows as usize);
    for (part, plane) in part.chunks_exact(columns * rows).zip(planes.chunks_exact(area)) {
        for y in 0..rows {
            let from = (top + y) * stride + left;
            assert_eq!(part[y * columns..][..columns], plane[from..][..columns]);
        }
    }
    let other = decoded(bytes, count).expect("the crate decodes what we do");
    assert!(other == planes, "another picture than the crate's");
}

/// What the `png` crate makes of a file, all at once, as planes of 8 bits.
pub(super) fn decoded(bytes: &[u8], planes: usize) -> Option<Vec<u8>> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.ignore_checksums(false);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut pixels).ok()?;
    let samples = match info.color_type {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb => 3,
        ColorType::Rgba => 4,
        ColorType::Indexed => return None,
    };
    assert_eq!(samples, planes);
    let pixels: Vec<u8> = match info.bit_depth {
        BitDepth::Sixteen => {
            let wide = pixels.chunks_exact(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]));
            wide.map(|sample| ((sample * 2 + 257) / 514) as u8).collect()
        }
        _ => pixels,
    };
    let area = pixels.len() / samples;
    Some((0..pixels.len()).map(|i| pixels[i % area * samples + i / area]).collect())
}

/// The file with the check sum that each chunk should have; `None` if its chunks do not hang together.
fn with_check_sums(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut file = bytes.to_vec();
    let mut at = 8;
    while at < file.len() {
        let len = u32::from_be_bytes(*file.get(at..)?.first_chunk()?) as usize;
        let end = at.checked_add(8)?.checked_add(len)?;
        let sum = crc(file.get(at + 4..end)?);
        file.get_mut(end..end.checked_add(4)?)?.copy_from_slice(&sum.to_be_bytes());
        at = end + 4;
    }
    Some(file)
}

pub(super) fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| if sum & 1 > 0 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}
