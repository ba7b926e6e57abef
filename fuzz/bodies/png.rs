//! A PNG in several ways: every CPU level gives the same, a window and a shrink are what the whole makes of them, and what
//! is decoded is what the `png` crate says by itself. A file is shown as far as it goes if, and only if, it is refused
//! otherwise.

use std::io::Cursor;

use platemark::CpuLevel;
use platemark::internals::{decode_checked, decode_shrunk, decode_whole, heading};
use png::{BitDepth, ColorType, Transformations};

use super::framed::assert_part;

const PIXELS: u64 = 1 << 16;

pub(super) fn run(input: &[u8]) {
    let Some((&[left, top, width, height, mend], bytes)) = input.split_first_chunk() else { return };
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        assert!(bytes.len() < 9 || decode_whole(&bytes[..8], CpuLevel::Scalar, PIXELS).is_none());
        return;
    }
    // Check sums that are right lead further.
    let mended = if mend & 1 > 0 { with_check_sums(bytes) } else { None };
    let bytes = mended.as_deref().unwrap_or(bytes);
    let window = [left, top, width, height].map(u32::from);
    let whole = decode_shrunk(bytes, CpuLevel::default(), 1, None, PIXELS);
    assert!(whole == decode_shrunk(bytes, CpuLevel::Scalar, 1, None, PIXELS));
    let part = decode_shrunk(bytes, CpuLevel::default(), 1, Some(window), PIXELS);
    assert!(part == decode_shrunk(bytes, CpuLevel::Scalar, 1, Some(window), PIXELS));
    as_far_as_it_goes(bytes, window, whole.as_ref());
    let Some(([stride, lines], planes)) = whole else { return };
    let heading = heading(bytes).unwrap();
    assert_eq!([stride, lines], heading.size);
    let count = usize::from(heading.colors) + usize::from(heading.alpha);
    let area = (stride * lines) as usize;
    assert_eq!(planes.len(), area * count);
    let ([columns, rows], part) = part.unwrap();
    assert_part(window, ([stride, lines], &planes), ([columns, rows], &part));
    // The crate refuses what is wrong behind the pixels, and ignores transparency that is too long.
    if let Some(other) = decoded(bytes, count).filter(|_| !has_long_transparency(bytes)) {
        assert!(other == planes, "another picture than the crate's");
    }
}

/// The file where damaged ones are shown; `whole` is what it is elsewhere.
fn as_far_as_it_goes(bytes: &[u8], window: [u32; 4], whole: Option<&([u32; 2], Vec<u8>)>) {
    let shown = decode_checked(bytes, CpuLevel::default(), 1, None, PIXELS);
    assert!(shown == decode_checked(bytes, CpuLevel::Scalar, 1, None, PIXELS));
    let Some(shown) = shown else {
        assert!(whole.is_none(), "a sound file is shown");
        return;
    };
    let part = decode_checked(bytes, CpuLevel::default(), 1, Some(window), PIXELS).unwrap();
    assert_eq!(part.damaged, shown.damaged);
    assert_part(window, (shown.size, &shown.planes), (part.size, &part.planes));
    if let Some((size, planes)) = whole {
        assert!(!shown.damaged && shown.size == *size && shown.planes == *planes);
        return;
    }
    assert!(shown.damaged);
    let heading = heading(bytes).unwrap();
    let area = (shown.size[0] * shown.size[1]) as usize;
    assert_eq!(shown.planes.len(), area * (usize::from(heading.colors) + 1));
    if !heading.alpha {
        let alpha = shown.planes.chunks_exact(area).next_back().unwrap();
        let came = alpha.iter().position(|&alpha| alpha < 255).unwrap_or(area);
        assert!(came > 0 && came.is_multiple_of(shown.size[0] as usize), "whole rows");
        assert!(shown.planes.chunks_exact(area).all(|plane| plane[came..].iter().all(|&sample| sample == 0)));
    }
}

/// There is more transparency than the pixels or the palette call for.
fn has_long_transparency(bytes: &[u8]) -> bool {
    let (mut at, mut palette) = (8, 0);
    while let Some((length, rest)) = bytes.get(at..).and_then(|rest| rest.split_first_chunk::<4>()) {
        let length = u32::from_be_bytes(*length) as usize;
        match (rest.get(..4), bytes.get(25)) {
            (Some(b"PLTE"), _) => palette = length / 3,
            (Some(b"tRNS"), Some(0)) if length > 2 => return true,
            (Some(b"tRNS"), Some(2)) if length > 6 => return true,
            (Some(b"tRNS"), Some(3)) if length > palette => return true,
            _ => {}
        }
        at = at.saturating_add(length).saturating_add(12);
    }
    false
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
