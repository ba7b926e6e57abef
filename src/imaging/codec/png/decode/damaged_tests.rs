//! Files whose pixels are not all there are refused, and decoded as far as they go.

use png::{BitDepth, ColorType};
use proptest::prelude::*;

use super::chunk::{Chunk, made};
use super::tests::{H, W, adler32, interlaced, noise, whole, write};
use super::*;
use crate::base::cancel::Cancel;
use crate::base::geom::{Shrink, Window};
use crate::base::pool::Pool;
use crate::imaging::codec::job::{Buffers, Sidecar};
use crate::imaging::codec::test_support::{Picture, try_collect};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

pub(super) fn chunks(file: &[u8]) -> Vec<Chunk<'_>> {
    let mut at = 8;
    std::iter::from_fn(|| {
        let chunk = Chunk::at(file, at)?;
        at += chunk.whole.len();
        Some(chunk)
    })
    .collect()
}

/// A file of these chunks.
pub(super) fn file_of(chunks: &[Vec<u8>]) -> Vec<u8> {
    [SIGNATURE, &chunks.concat()].concat()
}

/// The chunks of a file whose pixels are spread over chunks of `len` bytes.
pub(super) fn spread(file: &[u8], len: usize) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for chunk in chunks(file) {
        match &chunk.kind {
            b"IDAT" => out.extend(chunk.data.chunks(len).map(|data| made(*b"IDAT", data))),
            _ => out.push(chunk.whole.to_vec()),
        }
    }
    out
}

fn with_job<T>(header: &Header, cancel: Cancel<'_>, work: impl FnOnce(&mut Job<'_>) -> T) -> T {
    let window = Window { x: 0, y: 0, width: header.stored.width, height: header.stored.height };
    let mut job = Job {
        window,
        shrink: Shrink::Full,
        cpu: Cpu::detect(CpuLevel::Scalar),
        pool: &Pool::NONE,
        decoded_bytes: 1 << 30,
        scratch: &mut Buffers::with_pixels(vec![0xa5; 4096]),
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel,
        reference: false,
    };
    work(&mut job)
}

pub(super) fn checked(file: &[u8]) -> Result<Header> {
    let header = read_header(file)?;
    with_job(&header, Cancel::ALWAYS, |job| check(file, &header, job))
}

/// The picture, which is refused unless damaged files are shown.
pub(super) fn salvaged(file: &[u8]) -> Picture {
    let header = checked(file).unwrap();
    assert!(header.damaged && header.layout.alpha);
    let sound = read_header(file).unwrap();
    assert_eq!((sound.stored, sound.layout.colors), (header.stored, header.layout.colors));
    assert_eq!(try_collect(file, &sound, None).unwrap_err().to_string(), "is a damaged PNG");
    let picture = try_collect(file, &header, None).unwrap();
    for window in [
        Window { x: 3, y: 2, width: 7, height: 5 },
        Window { x: 0, y: H - 1, width: W, height: 1 },
        Window { x: W - 1, y: 0, width: 1, height: H },
    ] {
        assert_eq!(try_collect(file, &header, Some(window)).unwrap(), picture.cut(window));
    }
    picture
}

/// The first `rows` rows of a picture, opaque; the others are transparent.
pub(super) fn first_rows(picture: &Picture, rows: usize, alpha: bool) -> Picture {
    let (width, mut picture) = (picture.width, picture.clone());
    if !alpha {
        let area = picture.planes[0].len();
        picture.planes.push(vec![255; area]);
    }
    picture.planes.iter_mut().for_each(|plane| plane[rows * width..].fill(0));
    picture
}

fn row(plane: &[u8], y: usize) -> &[u8] {
    &plane[y * W as usize..][..W as usize]
}

#[test]
fn a_chunk_of_pixels_with_a_wrong_check_sum_is_damage() {
    let file = write(ColorType::Rgb, BitDepth::Eight, &noise((W * H) as usize * 3), |_| {});
    let expected = whole(&file);
    let mut parts = spread(&file, 100);
    let idats = parts.len() - 2;
    assert!(idats > 3);
    for wrong in 1..=idats {
        let last = parts[wrong].len() - 1;
        parts[wrong][last] ^= 1;
        let picture = salvaged(&file_of(&parts));
        let came = picture.planes[3].iter().filter(|&&alpha| alpha == 255).count() / W as usize;
        assert_eq!(picture, first_rows(&expected, came, false));
        // Noise takes about as many bytes as it has samples; the chunk itself is shown.
        let about = (100 * wrong / (3 * W as usize + 1)).min(H as usize);
        assert!(came <= about && came + 2 >= about, "{came} {about}");
        parts[wrong][last] ^= 1;
    }
}

#[test]
fn files_that_are_cut_off_show_the_rows_that_came() {
    for (color, samples) in
        [(ColorType::Grayscale, 1), (ColorType::GrayscaleAlpha, 2), (ColorType::Rgb, 3), (ColorType::Rgba, 4)]
    {
        for depth in [BitDepth::Eight, BitDepth::Sixteen] {
            let bytes = samples * (depth as usize / 8);
            let file = write(color, depth, &noise((W * H) as usize * bytes), |_| {});
            let (expected, mut last) = (whole(&file), 0);
            for len in 33..file.len() {
                let cut = &file[..len];
                let Ok(header) = checked(cut) else {
                    assert_eq!(checked(cut).unwrap_err().to_string(), "is a damaged PNG");
                    assert_eq!(last, 0);
                    continue;
                };
                if !header.damaged {
                    assert_eq!(whole(cut), expected);
                    last = H as usize;
                    continue;
                }
                let picture = salvaged(cut);
                let blank = |y: &usize| picture.planes.iter().all(|plane| row(plane, *y).iter().all(|&v| v == 0));
                let came = (0..H as usize).find(blank).unwrap();
                assert!(came >= last && came > 0, "{len}");
                last = came;
                assert_eq!(picture, first_rows(&expected, came, samples % 2 == 0), "{len}");
            }
            assert_eq!(last, H as usize);
        }
    }
}

/// A few bytes of a stream unpack to far more than a piece: white margins, flat colors.
#[test]
fn flat_pictures_that_are_cut_off_show_the_rows_that_came() {
    let (width, height) = (600u32, 500u32);
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = made(*b"IHDR", &[&size[..], &[8, 2, 0, 0, 0]].concat());
    let row = [&[0][..], &vec![255; 3 * width as usize]].concat();
    let stream = fdeflate::compress_to_vec(&row.repeat(height as usize));
    let file = file_of(&[header, made(*b"IDAT", &stream), made(*b"IEND", b"")]);
    let start = file.len() - stream.len() - 16;
    let mut last = 0;
    for part in 1..8 {
        let cut = &file[..start + stream.len() * part / 8];
        let header = checked(cut).unwrap();
        assert!(header.damaged);
        let planes = try_collect(cut, &header, None).unwrap().planes;
        let came = planes[3].iter().filter(|&&alpha| alpha == 255).count();
        assert!(came > last && came.is_multiple_of(width as usize), "{part}: {came}");
        let rest = |plane: &[u8]| plane[..came].iter().all(|&v| v == 255) && plane[came..].iter().all(|&v| v == 0);
        assert!(planes.iter().all(|plane| rest(plane)), "{part}");
        last = came;
    }
}

/// Not one byte of what was unpacked before the break is lost.
#[test]
fn the_stream_is_read_up_to_the_byte_at_which_it_breaks() {
    let data = noise((W * H) as usize * 3);
    let raw: Vec<u8> = data.chunks(3 * W as usize).flat_map(|row| [&[0], row].concat()).collect();
    let line = 3 * W as usize + 1;
    let header = chunks(&write(ColorType::Rgb, BitDepth::Eight, &data, |_| {}))[0].whole.to_vec();
    for rows in 1..=H as usize {
        // Blocks that are not compressed, and then one of a type that does not exist.
        let mut zlib = vec![0x78, 0x01];
        for row in raw.chunks(line).take(rows) {
            zlib.push(0);
            zlib.extend((line as u16).to_le_bytes());
            zlib.extend((!(line as u16)).to_le_bytes());
            zlib.extend(row);
        }
        zlib.extend([0x07, 1, 2, 3, 4, 5, 6, 7, 8]);
        let file = file_of(&[header.clone(), made(*b"IDAT", &zlib)]);
        let expected = Picture {
            width: W as usize,
            planes: (0..3).map(|i| data.iter().skip(i).step_by(3).copied().collect()).collect(),
        };
        assert_eq!(salvaged(&file), first_rows(&expected, rows, false), "{rows}");
    }
}

#[test]
fn a_row_with_an_unknown_filter_ends_the_picture() {
    let data = noise((W * H) as usize * 3);
    let mut raw: Vec<u8> = data.chunks(3 * W as usize).flat_map(|row| [&[0], row].concat()).collect();
    let expected = whole(&write(ColorType::Rgb, BitDepth::Eight, &data, |_| {}));
    raw[4 * (3 * W as usize + 1)] = 5;
    let len = raw.len() as u16;
    let blocks = [&[0x78, 1, 1][..], &len.to_le_bytes(), &(!len).to_le_bytes(), &raw, &adler32(&raw).to_be_bytes()];
    let header = chunks(&write(ColorType::Rgb, BitDepth::Eight, &data, |_| {}))[0].whole.to_vec();
    let file = file_of(&[header, made(*b"IDAT", &blocks.concat())]);
    assert_eq!(salvaged(&file), first_rows(&expected, 4, false));
}

#[test]
fn interlaced_pictures_are_covered_by_the_passes_that_came() {
    let data = noise((W * H) as usize * 3);
    let file = interlaced(&data);
    let expected = whole(&file);
    // Where the stored bytes of the first pass begin, whose two rows have two pixels each.
    let start = chunks(&file)[0].whole.len() + 8 + 8 + 2 + 5;
    assert!(checked(&file[..start + 6]).is_err());
    let pixel = |picture: &Picture, x: usize, y: usize| -> Vec<u8> {
        picture.planes.iter().map(|plane| plane[y * W as usize + x]).collect()
    };
    let sample = |x: usize, y: usize| [pixel(&expected, x, y), vec![255]].concat();
    let one = salvaged(&file[..start + 7]);
    for (x, y) in [(0, 0), (7, 7), (8, 0), (12, 3)] {
        assert_eq!(pixel(&one, x, y), sample(x / 8 * 8, 0));
    }
    assert_eq!(pixel(&one, 0, 8), [0; 4]);
    // Both rows of the first pass, and the second pass: its rows have one pixel each.
    let two = salvaged(&file[..start + 14 + 14]);
    for (x, y) in [(0, 0), (4, 0), (5, 3), (12, 7), (12, 8), (3, 8)] {
        assert_eq!(pixel(&two, x, y), sample(x / 4 * 4, y / 8 * 8), "{x} {y}");
    }
    // All but the last row.
    let most = salvaged(&file[..file.len() - 12 - 4 - 4 - 1]);
    assert!((0..H as usize).all(|y| (0..W as usize).all(|x| y == 7 || pixel(&most, x, y) == sample(x, y))));
}

#[test]
fn work_on_a_damaged_file_is_given_up() {
    let file = write(ColorType::Rgb, BitDepth::Eight, &noise((W * H) as usize * 3), |_| {});
    let cut = &file[..file.len() - 100];
    let header = read_header(cut).unwrap();
    let left = std::cell::Cell::new(0);
    let give_up = || left.replace(left.get() - 1) > 0;
    let mut succeeded = false;
    for polls in 0..200 {
        left.set(polls);
        match with_job(&header, Cancel::new(&give_up), |job| check(cut, &header, job)) {
            Ok(header) => {
                assert!(header.damaged);
                succeeded = true;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Stopped, "{polls}");
                assert!(!succeeded);
            }
        }
    }
    assert!(succeeded);
}

/// A file of some type, interlaced or not, whose pixels lie in chunks of this length.
fn files() -> impl Strategy<Value = (Vec<u8>, bool)> {
    (0usize..6, 20usize..400, any::<bool>()).prop_map(|(kind, len, smooth)| {
        let mut data = noise((W * H) as usize * 4);
        if smooth {
            data.iter_mut().enumerate().for_each(|(i, sample)| *sample = (i / 50) as u8);
        }
        let area = (W * H) as usize;
        let file = match kind {
            0 => write(ColorType::Grayscale, BitDepth::Eight, &data[..area], |_| {}),
            1 => write(ColorType::Rgb, BitDepth::Eight, &data[..3 * area], |_| {}),
            2 => write(ColorType::Rgba, BitDepth::Eight, &data, |_| {}),
            3 => write(ColorType::Indexed, BitDepth::Eight, &data[..area], |encoder| {
                encoder.set_palette(noise(600));
                encoder.set_trns(vec![3; 100]);
            }),
            4 => write(ColorType::Grayscale, BitDepth::Sixteen, &data[..2 * area], |_| {}),
            _ => interlaced(&data[..3 * area]),
        };
        (file_of(&spread(&file, len)), kind == 5)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// What is shown of a damaged file are the rows of the sound one, up to the damage.
    #[test]
    fn damage_is_told_and_rows_before_it_are_right(
        (file, interlaced) in files(),
        cut: bool,
        at: prop::sample::Index,
        bit in 0u8..8,
    ) {
        let expected = whole(&file);
        let mut broken = file.clone();
        // Headers are left alone: the picture would be another.
        let head = chunks(&file).into_iter().take_while(|chunk| chunk.kind != *b"IDAT");
        let first = SIGNATURE.len() + head.map(|chunk| chunk.whole.len()).sum::<usize>();
        let damage = first + at.index(file.len() - first);
        // A file that is cut off inside a chunk has no check sum for what came of it, so that no bit may be wrong, too.
        if cut {
            broken.truncate(damage);
        } else {
            broken[damage] ^= 1 << bit;
        }
        let Ok(header) = read_header(&broken) else { return Ok(()) };
        let strict = try_collect(&broken, &header, None);
        match checked(&broken) {
            Ok(found) if !found.damaged => {
                prop_assert_eq!(found, header);
                prop_assert_eq!(strict.unwrap(), expected);
            }
            Ok(found) => {
                prop_assert!(strict.is_err());
                let picture = try_collect(&broken, &found, None).unwrap();
                // Rows of the sound file before the damage are all there, as it is cut off there.
                let alpha = header.layout.alpha;
                let came = match checked(&file[..damage]) {
                    Ok(up_to) if up_to.damaged => {
                        let shown = try_collect(&file[..damage], &up_to, None).unwrap();
                        let blank = |y: &usize| shown.planes.iter().all(|plane| row(plane, *y).iter().all(|&v| v == 0));
                        (0..H as usize).find(blank).unwrap_or(H as usize)
                    }
                    Ok(_) => H as usize,
                    Err(_) => 0,
                };
                if !interlaced {
                    let len = came * W as usize;
                    for (plane, expected) in picture.planes.iter().zip(&first_rows(&expected, came, alpha).planes) {
                        prop_assert_eq!(&plane[..len], &expected[..len]);
                    }
                }
            }
            Err(error) => {
                prop_assert!(strict.is_err());
                prop_assert_eq!(error.to_string(), "is a damaged PNG");
            }
        }
    }
}
