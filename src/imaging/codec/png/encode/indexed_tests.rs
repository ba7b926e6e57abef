use png::Transformations;
use proptest::prelude::*;

use super::*;
use crate::base::cancel::Cancel;
use crate::base::error::ErrorKind;
use crate::base::geom::Size;
use crate::base::pool::Pool;
use crate::imaging::pixel::raster::Plane;
use crate::test_support::Dice;

fn picture(size: Size, palette: Vec<[u8; 4]>, seed: u64) -> Indexed {
    let mut dice = Dice::new(seed);
    let mut indices = Plane::filled(size, 0);
    indices.samples_mut().iter_mut().for_each(|index| *index = dice.below(palette.len()) as u8);
    Indexed { palette, indices }
}

fn palette(entries: usize, transparent: usize) -> Vec<[u8; 4]> {
    let alpha = |entry: usize| if entry < transparent { (entry * 3) as u8 } else { 255 };
    (0..entries).map(|entry| [entry as u8, (7 * entry) as u8, 255 - entry as u8, alpha(entry)]).collect()
}

fn written(indexed: &Indexed) -> Vec<u8> {
    encode_indexed(indexed, Extras::dpi(300), WriteLimits::from(usize::MAX)).unwrap().unwrap()
}

/// The pixels of a file, in red, green, blue and alpha, by the `png` crate.
fn pixels(file: &[u8]) -> (Vec<[u8; 4]>, png::Info<'static>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(file.to_vec()));
    decoder.set_transformations(Transformations::EXPAND | Transformations::ALPHA);
    let mut reader = decoder.read_info().unwrap();
    let info = reader.info().clone();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut bytes).unwrap();
    reader.finish().unwrap();
    (bytes.chunks(4).map(|pixel| pixel.try_into().unwrap()).collect(), info)
}

fn chunks(file: &[u8]) -> Vec<(String, usize)> {
    let mut rest = &file[8..];
    let mut found = vec![];
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length) as usize;
        found.push((String::from_utf8(after[..4].to_vec()).unwrap(), length));
        rest = &after[4 + length + 4..];
    }
    found
}

proptest! {
    #[test]
    fn another_decoder_reads_the_pixels_back(
        width in 1u32..70,
        height in 1u32..20,
        entries in 1usize..257,
        transparent in 0usize..9,
        seed: u64,
    ) {
        let indexed = picture(Size::new(width, height), palette(entries, transparent.min(entries)), seed);
        let (found, info) = pixels(&written(&indexed));
        let expected: Vec<_> =
            indexed.indices.samples().iter().map(|&index| indexed.palette[usize::from(index)]).collect();
        prop_assert_eq!(found, expected);
        let bits = [1, 2, 4, 8].into_iter().find(|bits| entries <= 1 << bits).unwrap();
        prop_assert_eq!(info.bit_depth as u8, bits);
        prop_assert_eq!(info.pixel_dims.unwrap().xppu, 11_811);
    }
}

#[test]
fn chunks_stand_in_the_order_of_the_format() {
    let names = |indexed: &Indexed, (profile, xmp)| {
        let extras = Extras { profile, xmp, ..Extras::dpi(72) };
        let file = encode_indexed(indexed, extras, WriteLimits::from(usize::MAX)).unwrap().unwrap();
        let of = |(name, length): &(String, usize)| match name.as_str() {
            "PLTE" | "tRNS" => format!("{name} {length}"),
            _ => name.clone(),
        };
        chunks(&file).iter().map(of).collect::<Vec<_>>()
    };
    let size = Size::new(5, 4);
    let of = |transparent| picture(size, palette(9, transparent), 1);
    assert_eq!(names(&of(0), (None, None)), ["IHDR", "pHYs", "PLTE 27", "IDAT", "IEND"]);
    let notes = (Some(&[7; 200][..]), Some("<x:xmpmeta/>"));
    assert_eq!(names(&of(3), notes), ["IHDR", "pHYs", "iCCP", "iTXt", "PLTE 27", "tRNS 3", "IDAT", "IEND"]);
}

#[test]
fn repeated_rows_take_little() {
    let size = Size::new(400, 300);
    let mut indices = Plane::filled(size, 0);
    for y in 0..300 {
        indices.row_mut(y).iter_mut().enumerate().for_each(|(x, index)| *index = (x * x / 31 % 200) as u8);
    }
    let file = written(&Indexed { palette: palette(200, 0), indices });
    assert!(file.len() < 3000, "{}", file.len());
}

#[test]
fn files_are_limited_and_the_work_can_be_given_up() {
    let indexed = picture(Size::new(300, 200), palette(256, 0), 5);
    assert_eq!(encode_indexed(&indexed, Extras::dpi(72), WriteLimits::from(10_000)), Ok(None));
    let never = || false;
    let bounds = WriteLimits { limit: usize::MAX, cancel: Cancel::new(&never), pool: &Pool::NONE };
    let error = encode_indexed(&indexed, Extras::dpi(72), bounds).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stopped);
}
