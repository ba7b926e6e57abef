use std::borrow::Cow;

use gif::{ColorOutput, DecodeOptions, Encoder, ExtensionData, Frame};

use crate::base::cancel::Cancel;
use crate::base::digest::Digest;
use crate::base::error::ErrorKind;
use crate::base::geom::{Shrink, Size, Window};
use crate::imaging::codec::test_support::{By, assert_hostile, assert_windows, collect, refused, run, try_collect};
use crate::imaging::codec::{read_header, read_metadata, read_profile};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

/// A palette: red, green and blue of `count` colours.
fn palette(count: usize) -> Vec<u8> {
    (0..count).flat_map(|i| [(7 * i) as u8, (1023 - 3 * i) as u8, (i * i) as u8]).collect()
}

/// Numbers of colours with runs and noise.
fn numbers(width: u16, height: u16, count: usize) -> Vec<u8> {
    let mut state = 5u32;
    let area = usize::from(width) * usize::from(height);
    (0..area)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = if i / 40 % 2 == 0 { 0 } else { (state >> 24) as usize };
            ((i / 7 + noise) % count) as u8
        })
        .collect()
}

fn frame(at: [u16; 2], size: [u16; 2], numbers: &[u8]) -> Frame<'static> {
    let (left, top, width, height) = (at[0], at[1], size[0], size[1]);
    Frame { left, top, width, height, buffer: Cow::Owned(numbers.to_vec()), ..Frame::default() }
}

fn written(screen: [u16; 2], global: &[u8], frames: &[Frame<'_>]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, screen[0], screen[1], global).unwrap();
    frames.iter().for_each(|frame| encoder.write_frame(frame).unwrap());
    drop(encoder);
    file
}

/// Pixels of numbers, as RGB or RGBA.
fn colored(numbers: &[u8], palette: &[u8], planes: usize) -> Vec<u8> {
    let color = |&number: &u8| [&palette[3 * usize::from(number)..][..3], &[255]].concat();
    numbers.iter().flat_map(|number| color(number)[..planes].to_vec()).collect()
}

#[test]
fn palettes_of_every_length_come_back() {
    for bits in 1..=8 {
        let count = 1 << bits;
        let (palette, numbers) = (palette(count), numbers(53, 31, count));
        for is_local in [false, true] {
            let mut frame = frame([0, 0], [53, 31], &numbers);
            frame.palette = is_local.then(|| palette.clone());
            let other = [9; 6];
            let file = written([53, 31], if is_local { &other } else { &palette }, &[frame]);
            let header = read_header(&file).unwrap();
            assert_eq!((header.stored, header.layout), (Size::new(53, 31), Layout::RGB));
            assert_eq!(header.space, Space::Unsaid);
            assert!(assert_windows(&file).interleaved() == colored(&numbers, &palette, 3), "{bits} {is_local}");
        }
    }
}

#[test]
fn interlaced_rows_go_to_their_places() {
    for height in 1..=20 {
        let numbers = numbers(11, height, 16);
        let mut frame = frame([0, 0], [11, height], &numbers);
        frame.interlaced = true;
        // The encoder takes rows in the order in which they are written.
        let order = [(0, 8), (4, 8), (2, 4), (1, 2)].into_iter();
        let order = order.flat_map(|(first, step)| (first..usize::from(height)).step_by(step));
        frame.buffer = Cow::Owned(order.flat_map(|y| numbers[11 * y..][..11].to_vec()).collect());
        let file = written([11, height], &palette(16), &[frame]);
        assert!(assert_windows(&file).interleaved() == colored(&numbers, &palette(16), 3), "{height}");
    }
}

#[test]
fn the_first_frame_lies_on_a_transparent_screen() {
    let numbers = numbers(9, 7, 32);
    let mut first = frame([4, 2], [9, 7], &numbers);
    first.transparent = Some(3);
    let second = frame([0, 0], [16, 12], &[1; 16 * 12]);
    let file = written([16, 12], &palette(32), &[first, second]);
    assert_eq!(read_header(&file).unwrap().layout, Layout::RGB.with_alpha(true));
    let shown = assert_windows(&file).interleaved();
    for (i, pixel) in shown.chunks_exact(4).enumerate() {
        let (x, y) = (i % 16, i / 16);
        let is_inside = (4..13).contains(&x) && (2..9).contains(&y);
        let number = is_inside.then(|| numbers[(y - 2) * 9 + x - 4]).filter(|&number| number != 3);
        let expected = number.map_or(vec![0; 4], |number| colored(&[number], &palette(32), 4));
        assert_eq!(pixel, expected, "{x},{y}");
    }
}

#[test]
fn pictures_are_opaque_unless_a_transparent_pixel_can_show() {
    let layout = |screen, at, transparent| {
        let mut frame = frame(at, [9, 7], &numbers(9, 7, 4));
        frame.transparent = transparent;
        read_header(&written(screen, &palette(4), &[frame])).unwrap().layout
    };
    assert_eq!(layout([9, 7], [0, 0], None), Layout::RGB);
    assert!(layout([9, 7], [0, 0], Some(1)).alpha);
    assert!(layout([9, 8], [0, 0], None).alpha);
    assert!(layout([10, 7], [1, 0], None).alpha);
    // No code of this frame stands for such a number.
    assert_eq!(layout([9, 7], [0, 0], Some(200)), Layout::RGB);
}

#[test]
fn the_screen_grows_to_hold_the_first_frame() {
    let numbers = numbers(9, 7, 4);
    for (screen, at, size) in [([0, 0], [0, 0], [9, 7]), ([5, 20], [3, 2], [12, 20]), ([3, 3], [0, 0], [9, 7])] {
        let file = written(screen, &palette(4), &[frame(at, [9, 7], &numbers)]);
        assert_eq!(read_header(&file).unwrap().stored, Size::new(size[0], size[1]));
        let [x, y] = at.map(u32::from);
        let shown = collect(&file, Some(Window { x, y, width: 9, height: 7 }));
        assert!(shown.interleaved() == colored(&numbers, &palette(4), shown.planes.len()));
        assert_windows(&file);
    }
}

/// A head without a palette, a description of a frame without one, codes of two bits: clear, 1, 2, 3, end.
const BARE: &[u8] = b"GIF87a\x03\0\x01\0\0\0\0,\0\0\0\0\x03\0\x01\0\0\x02\x02\x8c\x56\0;";

#[test]
fn what_has_no_palette_is_gray_and_numbers_beyond_it_are_black() {
    assert_eq!(collect(BARE, None).interleaved(), [1, 1, 1, 2, 2, 2, 3, 3, 3]);
    let mut short = written([9, 7], &palette(8), &[frame([0, 0], [9, 7], &numbers(9, 7, 8))]);
    // The palette of the file has two colours, the codes have those of eight.
    short.drain(13 + 6..13 + 24);
    short[10] &= !7;
    let palette = [&palette(2)[..], &[0; 18]].concat();
    assert!(assert_windows(&short).interleaved() == colored(&numbers(9, 7, 8), &palette, 3));
}

#[test]
fn pixels_are_those_of_the_gif_crate() {
    for (count, transparent) in [(2, None), (16, Some(3)), (200, Some(0)), (256, None)] {
        let mut frame = frame([0, 0], [301, 97], &numbers(301, 97, count));
        frame.transparent = transparent;
        let file = written([301, 97], &palette(count), &[frame]);
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::RGBA);
        let mut decoder = options.read_info(&file[..]).unwrap();
        let pixels = decoder.read_next_frame().unwrap().unwrap().buffer.to_vec();
        let shown = assert_windows(&file);
        let planes = shown.planes.len();
        assert_eq!(planes, 3 + usize::from(transparent.is_some()));
        for (ours, theirs) in shown.interleaved().chunks_exact(planes).zip(pixels.chunks_exact(4)) {
            // The crate keeps the colour of a pixel that does not show.
            assert!(ours[..3] == theirs[..3] || theirs[3] == 0);
            assert_eq!(ours.get(3).unwrap_or(&255), &theirs[3]);
        }
    }
}

/// Codes of 3 bits, the lowest first, in parts of `len` bytes, for rows of two pixels.
fn coded(codes: &[u8], rows: u8, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; (3 * codes.len()).div_ceil(8)];
    for (i, code) in codes.iter().enumerate() {
        for bit in 0..3 {
            bytes[(3 * i + bit) / 8] |= (code >> bit & 1) << ((3 * i + bit) % 8);
        }
    }
    let parts: Vec<u8> = bytes.chunks(len).flat_map(|part| [&[part.len() as u8], part].concat()).collect();
    [b"GIF87a\x02\0", &[rows][..], b"\0\0\0\0,\0\0\0\0\x02\0", &[rows], b"\0\0\x02", &parts, b"\0;"].concat()
}

#[test]
fn clear_codes_may_stand_anywhere() {
    const CLEAR: u8 = 4;
    let many = [CLEAR; 200];
    // No more than two colours between them, so that all codes have three bits.
    let codes = [&many[..], &[1, 2, CLEAR, CLEAR, 3, 2], &many, &[0, 0, CLEAR, 2, 1, CLEAR, 5]].concat();
    let expected: Vec<u8> = [1, 2, 3, 2, 0, 0, 2, 1].iter().flat_map(|&number| [number; 3]).collect();
    for len in [1, 2, 3, 7, 255] {
        assert_eq!(assert_windows(&coded(&codes, 4, len)).interleaved(), expected, "{len}");
    }
    // Without a clear code in front, and without an end.
    assert_eq!(assert_windows(&coded(&[1, 2], 1, 255)).interleaved(), [1, 1, 1, 2, 2, 2]);
}

#[test]
fn what_lies_around_frames_does_not_matter() {
    let numbers = numbers(9, 7, 4);
    let plain = written([9, 7], &palette(4), &[frame([0, 0], [9, 7], &numbers)]);
    let without_end = &plain[..plain.len() - 1];
    let garbage_behind = [&plain[..], &[0x55; 20]].concat();
    let garbage_between = [&plain[..25], &[0, 0, 7], &plain[25..]].concat();
    for file in [without_end, &garbage_behind, &garbage_between] {
        assert!(collect(file, None) == collect(&plain, None));
    }
}

#[test]
fn damaged_files_are_refused_or_shown_as_far_as_they_go() {
    let numbers = numbers(40, 30, 16);
    for is_interlaced in [false, true] {
        let mut frame = frame([0, 0], [40, 30], &numbers);
        frame.interlaced = is_interlaced;
        let file = written([40, 30], &palette(16), &[frame]);
        let whole = collect(&file, None);
        let mut most = 0;
        for len in 60..file.len() {
            let Ok(header) = read_header(&file[..len]) else { continue };
            let shown = shown_as(&file[..len], &header);
            match (try_collect(&file[..len], &header, None), shown) {
                (Ok(picture), Some(shown)) => assert!(picture == whole && !shown.damaged),
                (Err(error), Some(shown)) => {
                    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Source, "is a damaged GIF"));
                    assert!(shown.damaged && shown.layout.alpha);
                    let picture = try_collect(&file[..len], &shown, None).unwrap();
                    let came = picture.planes[3].iter().filter(|&&alpha| alpha == 255).count();
                    assert!(came.is_multiple_of(40) && came >= most && came < 1200);
                    most = came;
                    for (i, &alpha) in picture.planes[3].iter().enumerate() {
                        let pixel = [0, 1, 2].map(|plane| picture.planes[plane][i]);
                        let expected = [0, 1, 2].map(|plane| whole.planes[plane][i]);
                        assert_eq!(pixel, if alpha == 255 { expected } else { [0; 3] });
                    }
                    let part = Window { x: 3, y: 5, width: 9, height: 20 };
                    assert!(try_collect(&file[..len], &shown, Some(part)).unwrap() == picture.cut(part));
                }
                (Err(_), None) => assert_eq!(most, 0),
                (Ok(_), None) => panic!("a sound file is shown"),
            }
        }
        assert!(most > 800);
    }
}

/// The header by which a file is shown as far as it goes.
fn shown_as(file: &[u8], header: &Header) -> Option<Header> {
    use crate::imaging::codec::{Buffers, Job, Sidecar, check};
    let Size { width, height } = header.stored;
    let mut job = Job {
        window: Window { x: 0, y: 0, width, height },
        shrink: Shrink::Full,
        cpu: crate::imaging::kernel::isa::cpu::Cpu::detect(crate::CpuLevel::default()),
        pool: &crate::base::pool::Pool::NONE,
        decoded_bytes: 1 << 24,
        scratch: &mut Buffers::default(),
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel: Cancel::ALWAYS,
        reference: false,
    };
    check(file, header, &mut job).ok()
}

#[test]
fn files_without_a_picture_are_refused() {
    let frame = frame([0, 0], [9, 7], &numbers(9, 7, 4));
    let plain = written([9, 7], &palette(4), &[frame]);
    let at = plain.iter().position(|&byte| byte == b',').unwrap();
    let changed = |at: usize, to: u8| {
        let mut file = plain.clone();
        file[at] = to;
        file
    };
    for file in [
        b"GIF89a".to_vec(),
        b"GIF89a\x03\0\x01\0\0\0\0;".to_vec(),
        plain[..at + 5].to_vec(),
        // No width; codes of 0, 12 and 200 bits.
        changed(at + 5, 0),
        changed(at + 10, 0),
        changed(at + 10, 12),
        changed(at + 10, 200),
    ] {
        assert_eq!(read_header(&file).unwrap_err().kind(), ErrorKind::Source);
    }
}

#[test]
fn profiles_and_xmp_are_read() {
    let packet = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">a text that is longer than some lengths</x:xmpmeta>";
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 9, 7, &palette(4)).unwrap();
    let profile: Vec<u8> = (0..700).map(|i| i as u8).collect();
    let parts: Vec<&[u8]> = std::iter::once(&b"ICCRGBG1012"[..]).chain(profile.chunks(255)).collect();
    encoder.write_raw_extension(gif::AnyExtension(0xff), &parts).unwrap();
    encoder.write_extension(ExtensionData::Repetitions(gif::Repeat::Infinite)).unwrap();
    encoder.write_frame(&frame([0, 0], [9, 7], &numbers(9, 7, 4))).unwrap();
    drop(encoder);
    let header = read_header(&file).unwrap();
    assert_eq!(header.space, Space::Icc(Digest::of(&profile)));
    assert_eq!(read_profile(&file, 700).unwrap(), profile);
    assert_eq!(read_profile(&file, 699), None);
    assert_windows(&file);
    let trailer: Vec<u8> = [1].into_iter().chain((0..=255).rev()).chain([0]).collect();
    let raw = [&b"!\xff\x0bXMP DataXMP"[..], packet.as_bytes(), &trailer].concat();
    let (first, rest) = packet.as_bytes().split_at(60);
    let in_parts = [&b"!\xff\x0bXMP DataXMP"[..], &[60], first, &[rest.len() as u8], rest, &[0]].concat();
    for extension in [raw, in_parts] {
        // In front of the first frame, and behind the last one.
        for at in [25, file.len() - 1] {
            let file = [&file[..at], &extension, &file[at..]].concat();
            let metadata = read_metadata(&file, 1000);
            assert_eq!(metadata.xmp.unwrap().unwrap(), packet);
            assert!(metadata.icc.is_some());
            assert_eq!(read_metadata(&file, 50).xmp.unwrap_err().kind(), ErrorKind::Limit);
            assert_eq!(read_header(&file).unwrap(), header);
        }
    }
}

#[test]
fn memory_is_limited_and_work_ends_when_it_is_given_up() {
    let file = written([300, 200], &palette(4), &[frame([0, 0], [300, 200], &numbers(300, 200, 4))]);
    assert_eq!(refused(&file, 2 << 20, Cancel::ALWAYS), None);
    assert_eq!(refused(&file, 3 * 300 * 200, Cancel::ALWAYS), Some(ErrorKind::Limit));
    let stopped = || false;
    assert_eq!(refused(&file, 2 << 20, Cancel::new(&stopped)), Some(ErrorKind::Stopped));
    // The largest screen, of which nothing is there.
    let huge = written([65535, 65535], &palette(4), &[frame([0, 0], [1, 1], &[0])]);
    assert_eq!(refused(&huge, 1 << 30, Cancel::ALWAYS), Some(ErrorKind::Limit));
}

#[test]
fn nothing_panics_on_damaged_files() {
    let mut first = frame([2, 1], [21, 13], &numbers(21, 13, 16));
    first.transparent = Some(3);
    first.interlaced = true;
    let file = written([30, 20], &palette(16), &[first, frame([0, 0], [3, 3], &[1; 9])]);
    assert_hostile(&file);
    assert_hostile(BARE);
}

#[test]
fn every_level_shows_damaged_files_alike() {
    let file = written([40, 30], &palette(16), &[frame([0, 0], [40, 30], &numbers(40, 30, 16))]);
    let cut = &file[..file.len() * 2 / 3];
    let header = shown_as(cut, &read_header(cut).unwrap()).unwrap();
    let pictures: Vec<_> = By::all().into_iter().map(|by| run(cut, &header, Shrink::Full, None, by).unwrap()).collect();
    assert!(pictures.windows(2).all(|pair| pair[0] == pair[1]));
}
