//! Every pixel type of PNG, written by the `png` crate's encoder, read back through windows.

use png::{BitDepth, ColorType, Encoder};

use super::*;
use crate::base::geom::{Orientation, Shrink, Size, Window};
use crate::base::pool::Pool;
use crate::imaging::codec::test_support::{Picture, collect, try_collect, wide_planes};
use crate::imaging::codec::{Buffers, Sidecar};
use crate::imaging::kernel::alpha_wide::narrowed;
use crate::imaging::kernel::isa::cpu::Cpu;

pub(super) const W: u32 = 13;
pub(super) const H: u32 = 9;

/// A PNG of this type with the given raw rows.
pub(super) fn write(
    color: ColorType,
    depth: BitDepth,
    data: &[u8],
    edit: impl Fn(&mut Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, W, H);
    encoder.set_color(color);
    encoder.set_depth(depth);
    edit(&mut encoder);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    file
}

pub(super) fn noise(len: usize) -> Vec<u8> {
    (0..len).map(|i| ((i * i * 31 + i * 17) % 253) as u8).collect()
}

pub(super) fn whole(bytes: &[u8]) -> Picture {
    collect(bytes, None)
}

#[test]
fn eight_bit_types_come_through_unchanged() {
    for (color, samples) in
        [(ColorType::Grayscale, 1), (ColorType::GrayscaleAlpha, 2), (ColorType::Rgb, 3), (ColorType::Rgba, 4)]
    {
        let data = noise((W * H) as usize * samples);
        let picture = whole(&write(color, BitDepth::Eight, &data, |_| {}));
        assert_eq!(picture.planes.len(), samples);
        for (i, plane) in picture.planes.iter().enumerate() {
            let expected: Vec<u8> = data.chunks_exact(samples).map(|pixel| pixel[i]).collect();
            assert_eq!(plane, &expected, "{color:?} {i}");
        }
    }
}

#[test]
fn sixteen_bits_are_rounded() {
    for v in 0..=u16::MAX {
        assert_eq!(u32::from(narrowed(v)), (u32::from(v) * 2 + 257) / 514, "{v}");
    }
    let data = noise((W * H) as usize * 8);
    let picture = whole(&write(ColorType::Rgba, BitDepth::Sixteen, &data, |_| {}));
    let second: Vec<u8> =
        data.chunks_exact(8).map(|pixel| narrowed(u16::from_be_bytes([pixel[2], pixel[3]]))).collect();
    assert_eq!(picture.planes[1], second);
}

#[test]
fn sixteen_bits_are_kept_where_they_are_wanted() {
    let all = Window { x: 0, y: 0, width: W, height: H };
    let (left, top, width, height) = (3, 2, 7, 5);
    let part = Window { x: left, y: top, width, height };
    for (color, samples) in
        [(ColorType::Grayscale, 1), (ColorType::GrayscaleAlpha, 2), (ColorType::Rgb, 3), (ColorType::Rgba, 4)]
    {
        let data = noise((W * H) as usize * 2 * samples);
        let file = write(color, BitDepth::Sixteen, &data, |_| {});
        let whole = wide_planes(&file, all);
        assert_eq!(whole.len(), samples);
        for (i, plane) in whole.iter().enumerate() {
            let pixels = data.chunks_exact(2 * samples);
            let expected: Vec<u16> = pixels.map(|p| u16::from_be_bytes([p[2 * i], p[2 * i + 1]])).collect();
            assert_eq!(plane, &expected, "{color:?} {i}");
        }
        for (part, whole) in wide_planes(&file, part).iter().zip(&whole) {
            let rows = whole.chunks_exact(W as usize).skip(top as usize).take(height as usize);
            let expected: Vec<u16> = rows.flat_map(|row| row[left as usize..][..width as usize].to_vec()).collect();
            assert_eq!(part, &expected, "{color:?}");
        }
        let narrow = write(color, BitDepth::Eight, &data[..data.len() / 2], |_| {});
        assert_eq!(read_header(&narrow).map(|header| header.wide), Ok(false));
    }
    // A transparent color, and a file that breaks off: what is missing is transparent.
    let data = [&[0x12, 0x34][..], &[9; 2 * (W * H - 1) as usize]].concat();
    let file = write(ColorType::Grayscale, BitDepth::Sixteen, &data, |encoder| encoder.set_trns(&[0x12u8, 0x34][..]));
    let planes = wide_planes(&file, all);
    assert_eq!((&planes[0][..2], &planes[1][..2]), (&[0x1234, 0x0909][..], &[0, u16::MAX][..]));
    let data: Vec<u8> = (0..2 * W * H).map(|i| (i * i % 251) as u8).collect();
    let file = write(ColorType::Grayscale, BitDepth::Sixteen, &data, |_| {});
    let planes = wide_planes(&file[..file.len() - 60], all);
    let first = u16::from_be_bytes([data[0], data[1]]);
    assert_eq!((planes[0][0], planes[1][0]), (first, u16::MAX));
    assert_eq!((planes[0].last(), planes[1].last()), (Some(&0), Some(&0)));
}

#[test]
fn few_bits_are_spread_over_the_range() {
    // 13 pixels of 2 bits: 4 bytes a row. 0b00_01_10_11 is 0, 85, 170, 255.
    let data = [0b00_01_10_11u8; 4 * H as usize];
    let picture = whole(&write(ColorType::Grayscale, BitDepth::Two, &data, |_| {}));
    assert_eq!(picture.planes[0][..6], [0, 85, 170, 255, 0, 85]);
    let bits = [0b1010_0000u8, 0].repeat(H as usize);
    let picture = whole(&write(ColorType::Grayscale, BitDepth::One, &bits, |_| {}));
    assert_eq!(picture.planes[0][..5], [255, 0, 255, 0, 0]);
}

#[test]
fn palettes_are_looked_up_with_their_alpha() {
    let data: Vec<u8> = (0..W * H).map(|i| (i % 3) as u8).collect();
    let opaque = whole(&write(ColorType::Indexed, BitDepth::Eight, &data, |encoder| {
        encoder.set_palette(&[1u8, 2, 3, 10, 20, 30, 100, 200, 250][..]);
    }));
    assert_eq!(opaque.planes.iter().map(|p| p[1]).collect::<Vec<_>>(), [10, 20, 30]);
    let transparent = whole(&write(ColorType::Indexed, BitDepth::Eight, &data, |encoder| {
        encoder.set_palette(&[1u8, 2, 3, 10, 20, 30, 100, 200, 250][..]);
        encoder.set_trns(&[0u8, 128][..]);
    }));
    assert_eq!(transparent.planes.iter().map(|p| p[1]).collect::<Vec<_>>(), [10, 20, 30, 128]);
    assert_eq!(transparent.planes[3][..3], [0, 128, 255]);
}

#[test]
fn palettes_that_are_cut_off_are_refused() {
    for len in [3, 4, 5, 6, 7, 8, 766, 767, 768] {
        let file = write(ColorType::Indexed, BitDepth::Eight, &[0; (W * H) as usize], |encoder| {
            encoder.set_palette(vec![7; len]);
        });
        let refused = read_header(&file).err().map(|error| error.to_string());
        assert_eq!(refused, (len % 3 > 0).then(|| "is a damaged PNG".to_owned()), "{len}");
    }
}

#[test]
fn a_transparent_color_makes_alpha() {
    let data: Vec<u8> = (0..W * H).map(|i| (i % 2) as u8 * 77).collect();
    let picture =
        whole(&write(ColorType::Grayscale, BitDepth::Eight, &data, |encoder| encoder.set_trns(&[0u8, 77][..])));
    assert_eq!((&picture.planes[0][..3], &picture.planes[1][..3]), (&[0, 77, 0][..], &[255, 0, 255][..]));
}

/// The decoder asks at each row of each pass whether the work goes on, and stops where the answer is no.
#[test]
fn every_row_is_asked_for() {
    let data: Vec<u8> = (0..3 * W * H).map(|i| (i % 251) as u8).collect();
    let plain = write(ColorType::Rgb, BitDepth::Eight, &data, |_| {});
    // The passes have 5 rows for 8 of the picture, and more where a pass is short.
    for (file, least) in [(plain, H), (interlaced(&data), H + 15 * (H / 8))] {
        let header = read_header(&file).unwrap();
        let run = |most: u32| {
            let asked = std::cell::Cell::new(0);
            let keep_going = || asked.replace(asked.get() + 1) < most;
            let mut job = Job {
                window: Window { x: 0, y: 0, width: W, height: H },
                shrink: Shrink::Full,
                cpu: Cpu::all()[0],
                pool: &Pool::NONE,
                decoded_bytes: 1 << 30,
                scratch: &mut Buffers::default(),
                sidecar: &mut Sidecar::default(),
                sidecar_bytes: 0,
                cancel: Cancel::new(&keep_going),
                reference: false,
            };
            (decode(&file, &header, &mut job, &mut Picture::default()), asked.get())
        };
        let (decoded, count) = run(u32::MAX);
        assert!(decoded.is_ok() && count >= least, "{count}");
        for most in 0..count {
            let (stopped, asked) = run(most);
            assert_eq!((stopped.unwrap_err().kind(), asked), (ErrorKind::Stopped, most + 1), "{most} of {count}");
        }
    }
}

#[test]
fn rows_that_libpng_does_not_take_are_a_limit() {
    for (width, fits) in [(1_000_000, true), (1_000_001, false)] {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, width, 1);
        encoder.set_color(ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&vec![7; width as usize]).unwrap();
        drop(writer);
        let header = read_header(&file).unwrap();
        let window = Window { x: 5, y: 0, width: 2, height: 1 };
        let decoded = try_collect(&file, &header, Some(window));
        assert_eq!(decoded.map_err(|error| error.kind()).err(), (!fits).then_some(ErrorKind::Limit));
    }
}

/// Adam7 written by hand: the crate's encoder does not interlace.
pub(super) fn interlaced(data: &[u8]) -> Vec<u8> {
    let passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let mut raw = Vec::new();
    for (x0, y0, dx, dy) in passes {
        for y in (y0..H as usize).step_by(dy) {
            let row: Vec<u8> =
                (x0..W as usize).step_by(dx).flat_map(|x| &data[3 * (y * W as usize + x)..][..3]).copied().collect();
            if !row.is_empty() {
                raw.push(0);
                raw.extend(row);
            }
        }
    }
    // The encoder is asked for rows of one byte that happen to be the passes, and its header is then corrected.
    let mut file = Vec::new();
    let mut header = b"IHDR".to_vec();
    header.extend(W.to_be_bytes());
    header.extend(H.to_be_bytes());
    header.extend([8, 2, 0, 0, 1]);
    let mut zlib = vec![0x78, 0x01];
    let (len, sum) = (raw.len() as u16, adler32(&raw));
    zlib.push(1);
    zlib.extend(len.to_le_bytes());
    zlib.extend((!len).to_le_bytes());
    zlib.extend(&raw);
    zlib.extend(sum.to_be_bytes());
    file.extend(b"\x89PNG\r\n\x1a\n");
    for chunk in [header, [b"IDAT".to_vec(), zlib].concat(), b"IEND".to_vec()] {
        file.extend((chunk.len() as u32 - 4).to_be_bytes());
        file.extend(&chunk);
        file.extend(crc32(&chunk).to_be_bytes());
    }
    file
}

pub(super) fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65521;
        (a, (a + b) % 65521)
    });
    b << 16 | a
}

pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn interlaced_pictures_equal_plain_ones() {
    let data = noise((W * H) as usize * 3);
    let plain = whole(&write(ColorType::Rgb, BitDepth::Eight, &data, |_| {}));
    assert_eq!(whole(&interlaced(&data)), plain);
    let window = Window { x: 3, y: 2, width: 7, height: 5 };
    assert_eq!(collect(&interlaced(&data), Some(window)), plain.cut(window));
}

#[test]
fn windows_are_parts_of_the_whole() {
    let data = noise((W * H) as usize * 4);
    let file = write(ColorType::Rgba, BitDepth::Eight, &data, |_| {});
    for window in [
        Window { x: 0, y: 0, width: 1, height: 1 },
        Window { x: 5, y: 3, width: 8, height: 6 },
        Window { x: 12, y: 8, width: 1, height: 1 },
    ] {
        assert_eq!(collect(&file, Some(window)), whole(&file).cut(window));
    }
}

#[test]
fn orientation_is_read_from_an_exif_chunk() {
    let file = write(ColorType::Grayscale, BitDepth::Eight, &noise((W * H) as usize), |_| {});
    // Before IDAT: after the signature and the 25 bytes of IHDR.
    let chunk = [&b"eXIf"[..], b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"].concat();
    let framed = [&(chunk.len() as u32 - 4).to_be_bytes()[..], &chunk, &crc32(&chunk).to_be_bytes()].concat();
    let file = [&file[..33], &framed, &file[33..]].concat();
    let header = read_header(&file).unwrap();
    assert_eq!(header.orientation, Orientation::from_exif(6));
    assert_eq!(header.size(), Size::new(H, W));
}

#[test]
fn damaged_files_are_refused_and_what_stands_above_the_damage_is_not() {
    let data = noise((W * H) as usize * 3);
    let file = write(ColorType::Rgb, BitDepth::Eight, &data, |_| {});
    for len in [8, 20, 33, 40, file.len() / 2] {
        let error = read_header(&file[..len]).and_then(|header| try_collect(&file[..len], &header, None).map(|_| ()));
        assert_eq!(error.unwrap_err().to_string(), "is a damaged PNG", "{len}");
    }
    let mut flipped = file.clone();
    flipped[60] ^= 0x55;
    let header = read_header(&flipped).unwrap();
    assert!(try_collect(&flipped, &header, None).is_err(), "the check sum is verified");
}
