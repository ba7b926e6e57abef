use proptest::prelude::*;

use super::*;
use crate::base::cancel::Cancel;
use crate::base::error::ErrorKind;
use crate::base::geom::Size;
use crate::base::pool::Pool;
use crate::imaging::pixel::raster::Plane;
use crate::test_support::Dice;

fn picture(size: Size, entries: usize, seed: u64) -> Indexed {
    let mut dice = Dice::new(seed);
    let mut indices = Plane::filled(size, 0);
    // Runs and noise.
    for (place, index) in indices.samples_mut().iter_mut().enumerate() {
        *index = if place / 50 % 3 == 0 { 0 } else { dice.below(entries) as u8 };
    }
    let palette = (0..entries).map(|entry| [entry as u8, (7 * entry) as u8, 255 - entry as u8, 255]).collect();
    Indexed { palette, indices }
}

/// The pixels of a file in red, green, blue and alpha, by the `gif` crate.
fn pixels(file: &[u8]) -> (Size, Vec<[u8; 4]>) {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    options.check_frame_consistency(true);
    let mut decoder = options.read_info(file).unwrap();
    let size = Size::new(u32::from(decoder.width()), u32::from(decoder.height()));
    let frame = decoder.read_next_frame().unwrap().unwrap();
    assert_eq!((frame.left, frame.top), (0, 0));
    let found = frame.buffer.chunks(4).map(|pixel| pixel.try_into().unwrap()).collect();
    assert!(decoder.read_next_frame().unwrap().is_none());
    (size, found)
}

/// The codes of a file's only frame end with the end code, at the end of the data.
fn ends(file: &[u8]) -> bool {
    // The file's palette, the extension for a key, the frame without a palette of its own.
    let mut at = 13 + (3 << ((file[10] & 7) + 1));
    at += if file[at] == 0x21 { 8 } else { 0 };
    at += 10;
    let mut decoder = weezl::decode::Decoder::new(BitOrder::Lsb, file[at]);
    let (mut data, mut rest) = (vec![], &file[at + 1..]);
    while rest[0] > 0 {
        let (block, after) = rest[1..].split_at(rest[0].into());
        data.extend_from_slice(block);
        rest = after;
    }
    let (mut out, mut left) = (vec![0; 1 << 20], &data[..]);
    loop {
        let step = decoder.decode_bytes(left, &mut out);
        left = &left[step.consumed_in..];
        match step.status.unwrap() {
            LzwStatus::Done => return left.is_empty() && rest == [0, b';'],
            LzwStatus::Ok => {}
            LzwStatus::NoProgress => return false,
        }
    }
}

proptest! {
    #[test]
    fn another_decoder_reads_the_pixels_back(
        width in 1u32..130,
        height in 1u32..130,
        entries in 1usize..257,
        key in proptest::option::of(0usize..256),
        seed: u64,
    ) {
        let mut indexed = picture(Size::new(width, height), entries, seed);
        let key = key.filter(|key| *key < entries);
        if let Some(key) = key {
            indexed.palette[key][3] = 0;
        }
        let file = encode_indexed(&indexed, WriteLimits::from(usize::MAX)).unwrap().unwrap();
        prop_assert!(ends(&file));
        prop_assert_eq!(indexed.key().map(usize::from), key);
        let expected: Vec<_> =
            indexed.indices.samples().iter().map(|&index| indexed.palette[usize::from(index)]).collect();
        prop_assert_eq!(pixels(&file), (Size::new(width, height), expected));
    }
}

/// Codes grow to 12 bits and the table is cleared several times.
#[test]
fn long_files_are_read_back() {
    let indexed = picture(Size::new(700, 300), 256, 9);
    let file = encode_indexed(&indexed, WriteLimits::from(usize::MAX)).unwrap().unwrap();
    let expected: Vec<_> = indexed.indices.samples().iter().map(|&index| indexed.palette[usize::from(index)]).collect();
    assert!(pixels(&file) == (Size::new(700, 300), expected));
}

#[test]
fn files_are_limited_and_the_work_can_be_given_up() {
    let indexed = picture(Size::new(300, 200), 256, 5);
    assert_eq!(encode_indexed(&indexed, WriteLimits::from(10_000)), Ok(None));
    let never = || false;
    let bounds = WriteLimits { limit: usize::MAX, cancel: Cancel::new(&never), pool: &Pool::NONE };
    assert_eq!(encode_indexed(&indexed, bounds).unwrap_err().kind(), ErrorKind::Stopped);
}
