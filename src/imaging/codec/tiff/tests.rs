//! Files of every kind, written by the builder and by the `tiff` crate, read back whole and through windows.

use proptest::prelude::*;
use tiff::encoder::{Compression, DeflateLevel, Predictor, TiffEncoder, colortype};

use super::builder::{Builder, FRACTION, LONG, Manner, SHORT};
use super::tags;
use crate::base::cancel::Cancel;
use crate::base::error::ErrorKind;
use crate::base::geom::{Orientation, Shrink, Window};
use crate::base::pool::Pool;
use crate::imaging::codec::test_support::{By, Picture, collect, run, try_collect, wide_planes};
use crate::imaging::codec::{Buffers, Job, Sidecar, decode, is_unsupported, read_header, read_metadata, read_profile};
use crate::imaging::kernel::alpha_wide::narrowed;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::space::Space;

const W: usize = 37;
const H: usize = 23;

/// Samples that fill their bits, with runs and without.
fn samples(count: usize, bits: u32) -> Vec<u16> {
    let noise = |i: usize| (i * i * 7919 + i * 31 + i / 5 * 1013) as u16;
    (0..count).map(|i| if i / 40 % 3 == 0 { noise(i / 40) } else { noise(i) } >> (16 - bits)).collect()
}

/// The planes that a picture should have: of each pixel, what `make` says.
fn expected<const N: usize>(pixels: &[u16], samples: usize, make: impl Fn(&[u16]) -> [u8; N]) -> Picture {
    let made: Vec<[u8; N]> = pixels.chunks_exact(samples).map(make).collect();
    Picture { width: W, planes: (0..N).map(|i| made.iter().map(|pixel| pixel[i]).collect()).collect() }
}

/// A file is this picture, whole and in windows.
fn assert_shows(file: &[u8], picture: &Picture, what: &impl std::fmt::Debug) {
    assert!(collect(file, None) == *picture, "{what:?}");
    let header = read_header(file).unwrap();
    for [x, y, width, height] in [[3, 5, 20, 11], [0, 22, 37, 1], [36, 0, 1, 23], [15, 15, 3, 3], [0, 0, 37, 8]] {
        let window = Window { x, y, width, height };
        let part = run(file, &header, Shrink::Full, Some(window), By::Reference).unwrap();
        assert!(part == picture.cut(window), "{what:?} {window:?}");
    }
}

/// A sample as a byte.
fn byte(sample: u16, bits: u32) -> u8 {
    if bits == 16 { narrowed(sample) } else { (u32::from(sample) * 255 / ((1 << bits) - 1)) as u8 }
}

#[test]
fn every_way_to_store_pixels_is_read() {
    for bits in [1, 2, 4, 8, 16] {
        for samples_per_pixel in [1, 3] {
            let pixels = samples(W * H * samples_per_pixel, bits);
            let picture = if samples_per_pixel == 1 {
                expected(&pixels, 1, |p| [byte(p[0], bits)])
            } else {
                expected(&pixels, 3, |p| [byte(p[0], bits), byte(p[1], bits), byte(p[2], bits)])
            };
            let mut kinds = vec![];
            for chunk in [[0, 1], [0, 7], [0, usize::MAX], [16, 16], [48, 32], [5, 3]] {
                for compression in [1, 5, 8, 32946, 32773] {
                    kinds.push((chunk, compression));
                }
            }
            for (i, (chunk, compression)) in kinds.into_iter().enumerate() {
                let manner = Manner {
                    bits,
                    samples: samples_per_pixel,
                    planar: samples_per_pixel > 1 && i % 2 == 0,
                    chunk,
                    compression,
                    predicted: bits >= 8 && matches!(compression, 5 | 8) && i % 3 == 0,
                    reversed: i % 4 == 1,
                    little: i % 5 < 3,
                    big: i % 7 > 4,
                };
                let photometric = if samples_per_pixel == 1 { 1 } else { 2 };
                assert_shows(&manner.builder([W, H], photometric, &pixels).file(), &picture, &manner);
            }
        }
    }
}

#[test]
fn every_kind_of_colors_is_read() {
    let file = |photometric, manner: Manner, pixels: &[u16], edit: &dyn Fn(&mut Builder)| {
        let mut builder = manner.builder([W, H], photometric, pixels);
        edit(&mut builder);
        builder.file()
    };
    for chunk in [[0, 6], [16, 16]] {
        for planar in [false, true] {
            let manner = |samples| Manner { chunk, planar: planar && samples > 1, ..Manner::plain(samples) };
            let eight = samples(W * H * 6, 8);
            let of = |count: usize| &eight[..W * H * count];
            let white = file(0, Manner { bits: 4, ..manner(1) }, &samples(W * H, 4), &|_| {});
            assert_shows(&white, &expected(&samples(W * H, 4), 1, |p| [255 - byte(p[0], 4)]), &"white is zero");
            let inks = expected(of(4), 4, |p| [p[0] as u8, p[1] as u8, p[2] as u8, p[3] as u8]);
            assert_shows(&file(5, manner(4), of(4), &|_| {}), &inks, &"inks");
            let wide = samples(W * H * 4, 16);
            let wide_file = file(5, Manner { bits: 16, ..manner(4) }, &wide, &|_| {});
            assert!(!read_header(&wide_file).unwrap().wide);
            let inks = expected(&wide, 4, |p| [narrowed(p[0]), narrowed(p[1]), narrowed(p[2]), narrowed(p[3])]);
            assert_shows(&wide_file, &inks, &"wide inks");
            // A palette of 16 colours in 16 bits, and one in 8.
            let places = samples(W * H, 4);
            let colors: Vec<u32> = (0..48).map(|i| i * 5 + 3).collect();
            for scale in [1, 256, 257] {
                let map: Vec<u32> = colors.iter().map(|&color| color * scale).collect();
                let palette = file(3, Manner { bits: 4, ..manner(1) }, &places, &|builder| {
                    builder.set(tags::COLOR_MAP, SHORT, &map);
                });
                let color = |p: &[u16]| [0, 16, 32].map(|i| colors[usize::from(p[0]) + i] as u8);
                assert_shows(&palette, &expected(&places, 1, color), &("palette", scale));
            }
            // Alpha is the first further sample that says so; others do not count.
            let alpha = |kinds: &'static [u32]| {
                move |builder: &mut Builder| {
                    builder.set(tags::EXTRA_SAMPLES, SHORT, kinds);
                }
            };
            let straight = file(2, manner(5), of(5), &alpha(&[0, 2]));
            let rgba = expected(of(5), 5, |p| [p[0] as u8, p[1] as u8, p[2] as u8, p[4] as u8]);
            assert_shows(&straight, &rgba, &"alpha behind another sample");
            let none = file(2, manner(4), of(4), &alpha(&[0]));
            let rgb = expected(of(4), 4, |p| [p[0] as u8, p[1] as u8, p[2] as u8]);
            assert_shows(&none, &rgb, &"no alpha");
            let unsaid = file(2, manner(4), of(4), &|_| {});
            let rgba = expected(of(4), 4, |p| [p[0] as u8, p[1] as u8, p[2] as u8, p[3] as u8]);
            assert_shows(&unsaid, &rgba, &"alpha that is not declared");
            let gray = file(1, manner(2), of(2), &alpha(&[1]));
            let divided = |c: u16, a: u16| {
                if a == 0 { 0 } else { (f64::from(c) * 255.0 / f64::from(a) + 0.5).floor().min(255.0) as u8 }
            };
            assert_shows(&gray, &expected(of(2), 2, |p| [divided(p[0], p[1]), p[1] as u8]), &"associated");
            let inks = file(5, manner(6), of(6), &alpha(&[2, 0]));
            let cmyka = expected(of(6), 6, |p| [p[0] as u8, p[1] as u8, p[2] as u8, p[3] as u8, p[4] as u8]);
            assert_shows(&inks, &cmyka, &"inks under alpha");
            let ycc = file(6, manner(3), of(3), &|builder| {
                builder.set(tags::SUBSAMPLING, SHORT, &[1, 1]);
            });
            assert_shows(&ycc, &expected(of(3), 3, |p| rgb_of([p[0], p[1], p[2]])), &"YCbCr");
        }
    }
}

/// By the formula of JFIF.
fn rgb_of(ycc: [u16; 3]) -> [u8; 3] {
    let [y, cb, cr] = [i32::from(ycc[0]), i32::from(ycc[1]) - 128, i32::from(ycc[2]) - 128];
    // Factors in units of 1/65536.
    let round = |sum: i32| (y + ((sum + 32768) >> 16)).clamp(0, 255) as u8;
    [round(91881 * cr), round(-22554 * cb - 46802 * cr), round(116_130 * cb)]
}

#[test]
fn units_of_chroma_cover_their_pixels() {
    for (h, v) in [(2, 1), (1, 2), (2, 2), (4, 2), (4, 4)] {
        let gray = |x: usize, y: usize| ((x * 7 + y * 13) % 200 + 20) as u16;
        let chroma = |x: usize, y: usize| [(x / h * 11 % 90 + 80) as u16, (y / v * 17 % 90 + 90) as u16];
        let pixels: Vec<u16> = (0..W * H).flat_map(|i| [(i % W) as u16, (i / W) as u16]).collect();
        let picture = expected(&pixels, 2, |p| {
            let (x, y) = (usize::from(p[0]), usize::from(p[1]));
            let [cb, cr] = chroma(x, y);
            rgb_of([gray(x, y), cb, cr])
        });
        for [across, down] in [[0, 8], [16, 16]] {
            let mut builder = Builder::new(W as u32, H as u32);
            builder.set(tags::BITS_PER_SAMPLE, SHORT, &[8, 8, 8]).set(tags::SAMPLES_PER_PIXEL, SHORT, &[3]);
            builder.set(tags::PHOTOMETRIC, SHORT, &[6]).set(tags::SUBSAMPLING, SHORT, &[h as u32, v as u32]);
            builder.set(tags::REFERENCE_BLACK_WHITE, FRACTION, &[0, 1, 255, 1, 128, 1, 510, 2, 128, 1, 255, 1]);
            let width = if across > 0 { across } else { W };
            if across > 0 {
                builder.set(tags::TILE_WIDTH, SHORT, &[across as u32]).set(tags::TILE_LENGTH, SHORT, &[down as u32]);
            } else {
                builder.set(tags::ROWS_PER_STRIP, SHORT, &[down as u32]);
            }
            for top in (0..H).step_by(down) {
                for left in (0..W).step_by(width) {
                    let rows = if across > 0 { down } else { down.min(H - top) };
                    let mut chunk = vec![];
                    for y in (top..top + rows).step_by(v) {
                        for x in (left..left + width).step_by(h) {
                            for i in 0..h * v {
                                chunk.push(gray(x + i % h, y + i / h) as u8);
                            }
                            chunk.extend(chroma(x, y).map(|sample| sample as u8));
                        }
                    }
                    builder.chunks.push(chunk);
                }
            }
            assert_shows(&builder.file(), &picture, &(h, v, across));
            builder.set(tags::REFERENCE_BLACK_WHITE, FRACTION, &[16, 1, 235, 1, 128, 1, 240, 1, 128, 1, 240, 1]);
            assert!(is_unsupported(&read_header(&builder.file()).unwrap_err()));
        }
    }
}

/// What the `tiff` crate writes, which it also reads.
#[test]
fn files_of_another_writer_are_read() {
    fn written<C: colortype::ColorType>(
        big: bool,
        (compression, predictor): (Compression, Predictor),
        rows: u32,
        pixels: &[C::Inner],
    ) -> Vec<u8>
    where
        [C::Inner]: tiff::encoder::TiffValue,
    {
        let mut file = std::io::Cursor::new(vec![]);
        macro_rules! write {
            ($encoder:expr) => {{
                let mut encoder = $encoder.unwrap().with_compression(compression).with_predictor(predictor);
                let mut image = encoder.new_image::<C>(W as u32, H as u32).unwrap();
                image.rows_per_strip(rows).unwrap();
                image.write_data(pixels).unwrap();
            }};
        }
        if big {
            write!(TiffEncoder::new_big(&mut file));
        } else {
            write!(TiffEncoder::new(&mut file));
        }
        file.into_inner()
    }
    let bytes = |count: usize| samples(W * H * count, 8).iter().map(|&sample| sample as u8).collect::<Vec<_>>();
    let manners = [
        (Compression::Uncompressed, Predictor::None),
        (Compression::Lzw, Predictor::None),
        (Compression::Lzw, Predictor::Horizontal),
        (Compression::Deflate(DeflateLevel::Balanced), Predictor::None),
        (Compression::Deflate(DeflateLevel::Best), Predictor::Horizontal),
        (Compression::Packbits, Predictor::None),
    ];
    for (i, manner) in manners.into_iter().enumerate() {
        let rows = [1, 5, 23][i % 3];
        let big = i % 2 == 1;
        let gray = written::<colortype::Gray8>(big, manner, rows, &bytes(1));
        assert_shows(&gray, &expected(&samples(W * H, 8), 1, |p| [p[0] as u8]), &i);
        let rgb = written::<colortype::RGB8>(big, manner, rows, &bytes(3));
        assert_shows(&rgb, &expected(&samples(W * H * 3, 8), 3, |p| [p[0] as u8, p[1] as u8, p[2] as u8]), &i);
        let four = |p: &[u16]| [p[0] as u8, p[1] as u8, p[2] as u8, p[3] as u8];
        let picture = expected(&samples(W * H * 4, 8), 4, four);
        assert_shows(&written::<colortype::RGBA8>(big, manner, rows, &bytes(4)), &picture, &i);
        assert_shows(&written::<colortype::CMYK8>(big, manner, rows, &bytes(4)), &picture, &i);
        let wide = samples(W * H * 3, 16);
        let picture = expected(&wide, 3, |p| [narrowed(p[0]), narrowed(p[1]), narrowed(p[2])]);
        assert_shows(&written::<colortype::RGB16>(big, manner, rows, &wide), &picture, &i);
    }
}

mod jpeg;

#[test]
fn a_header_says_what_tags_say() {
    let mut builder = Manner::plain(3).builder([W, H], 2, &samples(W * H * 3, 8));
    for value in 1..=8 {
        builder.set(tags::ORIENTATION, SHORT, &[u32::from(value)]);
        assert_eq!(read_header(&builder.file()).unwrap().orientation, Orientation::from_exif(value));
    }
    builder.set(tags::X_RESOLUTION, FRACTION, &[118, 1]).set(tags::RESOLUTION_UNIT, SHORT, &[3]);
    builder.set_bytes(tags::XMP, b"<x:xmpmeta/>\0").set_bytes(tags::ICC, &[7; 200]);
    builder.set_bytes(tags::PHOTOSHOP, b"8BIM\x07\xd0\x04path\0\0\0\0\x02ab");
    for (little, big) in [(true, false), (false, false), (true, true), (false, true)] {
        (builder.little, builder.big) = (little, big);
        let file = builder.file();
        let header = read_header(&file).unwrap();
        assert!(matches!(header.space, Space::Icc(_)) && !header.wide && !header.coded.whole);
        let metadata = read_metadata(&file, 1000);
        assert_eq!(metadata.xmp, Ok(Some("<x:xmpmeta/>".to_owned())));
        assert_eq!((metadata.milli_dpi, metadata.path_names), (Some(299_720), vec!["path".to_owned()]));
        assert_eq!(metadata.icc.map(|icc| icc.description), Some(String::new()));
        assert_eq!(read_metadata(&file, 5).xmp.unwrap_err().kind(), ErrorKind::Limit);
        assert_eq!((read_profile(&file, 200), read_profile(&file, 199)), (Some(vec![7; 200]), None));
    }
}

/// A directory in front of that of the file, with these tags of one number.
fn with_first(file: &[u8], entries: &[(u16, u32)]) -> Vec<u8> {
    let (mut file, end) = (file.to_vec(), file.len() as u32);
    let old: [u8; 4] = file[4..8].try_into().unwrap();
    file.splice(4..8, end.to_le_bytes());
    file.extend((entries.len() as u16).to_le_bytes());
    for &(tag, value) in entries {
        file.extend([&tag.to_le_bytes()[..], &LONG.to_le_bytes(), &1u32.to_le_bytes(), &value.to_le_bytes()].concat());
    }
    file.extend(old);
    file
}

#[test]
fn the_first_picture_that_is_no_preview_is_shown() {
    let pixels = samples(W * H, 8);
    let file = Manner::plain(1).builder([W, H], 1, &pixels).file();
    let picture = expected(&pixels, 1, |p| [p[0] as u8]);
    for preview in [(tags::NEW_SUBFILE_TYPE, 1), (tags::NEW_SUBFILE_TYPE, 4), (tags::SUBFILE_TYPE, 2)] {
        let twice = with_first(&with_first(&file, &[preview]), &[preview]);
        assert_shows(&twice, &picture, &preview);
    }
    let page = with_first(&file, &[(tags::NEW_SUBFILE_TYPE, 2)]);
    assert_eq!(read_header(&page).unwrap_err().to_string(), "is a damaged TIFF", "the first page has no size");
    // Directories that follow each other in a circle.
    let mut circle = with_first(&file, &[(tags::NEW_SUBFILE_TYPE, 1)]);
    let (at, next) = (circle[4..8].to_vec(), circle.len() - 4);
    circle.splice(next.., at);
    assert_eq!(read_header(&circle).unwrap_err().to_string(), "is a damaged TIFF");
    let mut raw = Manner::plain(1).builder([W, H], 1, &pixels);
    raw.set(tags::NEW_SUBFILE_TYPE, LONG, &[1]);
    assert_shows(&raw.file(), &picture, &"a preview alone");
    raw.set(tags::SUB_IFDS, LONG, &[8]);
    assert!(is_unsupported(&read_header(&raw.file()).unwrap_err()));
}

#[test]
fn wide_samples_stay_wide() {
    let pixels = samples(W * H * 2, 16);
    for chunk in [[0, 5], [16, 16]] {
        for kind in [1, 2] {
            let mut builder =
                Manner { bits: 16, chunk, compression: 8, ..Manner::plain(2) }.builder([W, H], 0, &pixels);
            let file = builder.set(tags::EXTRA_SAMPLES, SHORT, &[kind]).file();
            let wide = wide_planes(&file, Window { x: 0, y: 0, width: W as u32, height: H as u32 });
            for (i, pixel) in pixels.chunks_exact(2).enumerate() {
                let (gray, alpha) = (65535 - pixel[0], pixel[1]);
                let divided = (f64::from(gray) * 65535.0 / f64::from(alpha) + 0.5).floor().min(65535.0) as u16;
                let expected = if kind == 2 {
                    gray
                } else if alpha == 0 {
                    0
                } else {
                    divided
                };
                assert_eq!([wide[0][i], wide[1][i]], [expected, alpha]);
            }
        }
    }
}

#[test]
fn what_is_not_supported_says_so() {
    let plain = || Manner::plain(3).builder([W, H], 2, &samples(W * H * 3, 8));
    let cases: &[(u16, &[u32], &str)] = &[
        (tags::COMPRESSION, &[6], "compressed by JPEG of the old kind"),
        (tags::COMPRESSION, &[50000], "compressed by Zstandard"),
        (tags::COMPRESSION, &[34712], "compressed by JPEG 2000"),
        (tags::COMPRESSION, &[7777], "in a rare compression"),
        (tags::SAMPLE_FORMAT, &[3, 3, 3], "with floating-point samples"),
        (tags::SAMPLE_FORMAT, &[2], "with samples below zero"),
        (tags::BITS_PER_SAMPLE, &[12, 12, 12], "whose samples have neither 1, 2, 4, 8 nor 16 bits"),
        (tags::BITS_PER_SAMPLE, &[5, 6, 5], "whose samples differ in their bits"),
        (tags::PHOTOMETRIC, &[8], "in CIE L*a*b*"),
        (tags::PHOTOMETRIC, &[32803], "of a camera's raw pixels"),
        (tags::SAMPLES_PER_PIXEL, &[65], "with more than 64 samples in a pixel"),
    ];
    for (tag, values, what) in cases {
        let error = read_header(&plain().set(*tag, SHORT, values).file()).unwrap_err();
        assert!(is_unsupported(&error));
        assert_eq!(error.to_string(), format!("is a TIFF {what}, which is known and not supported"));
    }
}

#[test]
fn damaged_files_are_refused() {
    let manner = |compression| Manner { compression, chunk: [0, 6], ..Manner::plain(3) };
    for compression in [5, 8, 32773] {
        let mut builder = manner(compression).builder([W, H], 2, &samples(W * H * 3, 8));
        let sound = builder.file();
        // The last strip lacks its end; windows above it do not need it.
        let last = builder.chunks.last_mut().unwrap();
        last.truncate(last.len() / 2);
        let file = builder.file();
        let header = read_header(&file).unwrap();
        assert_eq!(try_collect(&file, &header, None).unwrap_err().to_string(), "is a damaged TIFF", "{compression}");
        let above = Window { x: 0, y: 0, width: W as u32, height: 18 };
        assert_eq!(try_collect(&file, &header, Some(above)).unwrap(), collect(&sound, Some(above)));
    }
    let mut builder = manner(1).builder([W, H], 2, &samples(W * H * 3, 8));
    builder.chunks.pop();
    let file = builder.file();
    assert_eq!(try_collect(&file, &read_header(&file).unwrap(), None).unwrap_err().to_string(), "is a damaged TIFF");
    // Strips as the file says are shorter than their rows; a single one may be so.
    for (rows, is_sound) in [(6, false), (H, true)] {
        let manner = Manner { chunk: [0, rows], ..Manner::plain(1) };
        let mut builder = manner.builder([W, H], 1, &samples(W * H, 8));
        let lengths: Vec<u32> = builder.chunks.iter().map(|chunk| chunk.len() as u32 - 1).collect();
        builder.set_lengths(&lengths);
        let file = builder.file();
        assert_eq!(try_collect(&file, &read_header(&file).unwrap(), None).is_ok(), is_sound);
    }
    for (tag, values) in [(tags::IMAGE_WIDTH, [0]), (tags::SAMPLES_PER_PIXEL, [2]), (tags::TILE_WIDTH, [0])] {
        let mut builder = manner(1).builder([W, H], 2, &samples(W * H * 3, 8));
        builder.set(tag, SHORT, &values);
        assert_eq!(read_header(&builder.file()).unwrap_err().to_string(), "is a damaged TIFF", "{tag}");
    }
}

/// Lengths that are not stated reach to the end of the file. Of each strip no more is turned around than its pixels can take.
#[test]
fn strips_without_an_end_cost_what_their_pixels_cost() {
    let manner = Manner { compression: 32773, chunk: [0, 1], reversed: true, ..Manner::plain(1) };
    let mut builder = manner.builder([W, H], 1, &samples(W * H, 8));
    let sound = builder.file();
    builder.chunks.last_mut().unwrap().extend(vec![0; 1 << 20]);
    builder.set_lengths(&[0; H]);
    let file = builder.file();
    let mut shown = Picture::default();
    let mut job = Job {
        window: Window { x: 0, y: 0, width: W as u32, height: H as u32 },
        shrink: Shrink::Full,
        cpu: Cpu::detect(CpuLevel::default()),
        pool: &Pool::NONE,
        decoded_bytes: 20_000,
        scratch: &mut Buffers::default(),
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel: Cancel::ALWAYS,
        reference: false,
    };
    decode(&file, &read_header(&file).unwrap(), &mut job, &mut shown).unwrap();
    assert_eq!(shown, collect(&sound, None));
}

#[test]
fn limits_are_errors() {
    let mut builder = Manner::plain(1).builder([W, H], 1, &samples(W * H, 8));
    for (tags, error) in [
        (&[(tags::IMAGE_WIDTH, 1_000_001)][..], "is wider than the 1000000 pixels that a TIFF may have"),
        (
            &[(tags::TILE_WIDTH, 1_000_001), (tags::TILE_LENGTH, 1)][..],
            "is wider than the 1000000 pixels that a TIFF may have",
        ),
        (
            &[(tags::IMAGE_WIDTH, 5000), (tags::IMAGE_LENGTH, 5000), (tags::TILE_WIDTH, 1), (tags::TILE_LENGTH, 1)][..],
            "has more than the 1048576 strips or tiles that a TIFF may have",
        ),
        (
            &[(tags::IMAGE_LENGTH, 2_000_000), (tags::ROWS_PER_STRIP, 1)][..],
            "has more than the 1048576 strips or tiles that a TIFF may have",
        ),
    ] {
        let mut builder = builder.clone();
        tags.iter().for_each(|&(tag, value)| {
            builder.set(tag, LONG, &[value]);
        });
        let refused = read_header(&builder.file()).unwrap_err();
        assert_eq!((refused.kind(), refused.to_string().as_str()), (ErrorKind::Limit, error));
    }
    // A band of tiles that are too high for the memory that there may be.
    builder.set(tags::IMAGE_WIDTH, LONG, &[100_000]).set(tags::IMAGE_LENGTH, LONG, &[100_000]);
    builder.set(tags::TILE_WIDTH, LONG, &[1000]).set(tags::TILE_LENGTH, LONG, &[100_000]);
    let file = builder.file();
    let refused = run(&file, &read_header(&file).unwrap(), Shrink::Full, None, By::Reference).unwrap_err();
    assert_eq!(refused.to_string(), "needs more memory than the limit of decoded bytes");
}

proptest! {
    /// A file with bytes that are changed is refused or shown; nothing panics.
    #[test]
    fn spoiled_files_are_read_or_refused(
        kind in 0..6usize,
        tiled: bool,
        spoils in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let compression = [1, 5, 8, 32773, 4, 7][kind];
        let manner = Manner {
            compression: if kind < 4 { compression } else { 1 },
            chunk: if tiled { [16, 16] } else { [0, 6] },
            ..Manner::plain(3)
        };
        let mut builder = manner.builder([W, H], 2, &samples(W * H * 3, 8));
        builder.set(tags::COMPRESSION, SHORT, &[compression]);
        if kind == 4 {
            builder.set(tags::BITS_PER_SAMPLE, SHORT, &[1]).set(tags::SAMPLES_PER_PIXEL, SHORT, &[1]);
            builder.set(tags::PHOTOMETRIC, SHORT, &[0]);
        }
        let mut file = builder.file();
        for (at, byte) in spoils {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(header) = read_header(&file) && header.stored.area() < 1 << 16 {
            let _ = run(&file, &header, Shrink::Full, None, By::Reference);
        }
        let _ = read_metadata(&file, 1000);
    }
}
