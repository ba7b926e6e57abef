use crate::base::cancel::Cancel;
use crate::base::digest::Digest;
use crate::base::error::ErrorKind;
use crate::base::geom::{Shrink, Size, Window};
use crate::base::pool::Pool;
use crate::imaging::codec::test_support::{assert_hostile, assert_windows, collect, refused, try_collect};
use crate::imaging::codec::{Buffers, Job, Sidecar, check, read_header, read_metadata, read_profile};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

/// What a file is built of.
#[derive(Clone)]
struct Bmp {
    /// Bytes of the second header.
    header: u32,
    width: u32,
    height: i32,
    bits: u16,
    compression: u32,
    used: u32,
    masks: Vec<u32>,
    palette: Vec<[u8; 3]>,
    /// Between the palette and the pixels.
    gap: usize,
    pixels: Vec<u8>,
    space: [u8; 4],
    profile: Vec<u8>,
}

impl Bmp {
    fn new(header: u32, width: u32, height: i32, bits: u16, pixels: Vec<u8>) -> Self {
        let (masks, palette, profile) = (vec![], vec![], vec![]);
        Self {
            header,
            width,
            height,
            bits,
            compression: 0,
            used: 0,
            masks,
            palette,
            gap: 0,
            pixels,
            space: [0; 4],
            profile,
        }
    }

    fn file(&self) -> Vec<u8> {
        let mut header = self.header.to_le_bytes().to_vec();
        if self.header == 12 {
            for number in [self.width as u16, self.height as u16, 1, self.bits] {
                header.extend(number.to_le_bytes());
            }
        } else {
            header.extend(self.width.to_le_bytes());
            header.extend(self.height.to_le_bytes());
            header.extend([1, 0]);
            header.extend(self.bits.to_le_bytes());
            for number in [self.compression, 0, 11811, 11811, self.used, 0].into_iter().chain(self.masks.clone()) {
                header.extend(number.to_le_bytes());
            }
        }
        // Masks stand behind the header of Windows in its first version, or inside of a later one.
        let length = self.header as usize;
        let behind = if length == 40 { 4 * self.masks.len() } else { 0 };
        header.resize(length + behind, 0);
        if length >= 108 {
            header[56..60].copy_from_slice(&self.space);
        }
        for &[red, green, blue] in &self.palette {
            header.extend([blue, green, red]);
            header.extend(&[77][..usize::from(self.header != 12)]);
        }
        header.resize(header.len() + self.gap, 0xee);
        if length >= 124 {
            let at = (header.len() + self.pixels.len()) as u32;
            header[112..116].copy_from_slice(&at.to_le_bytes());
            header[116..120].copy_from_slice(&(self.profile.len() as u32).to_le_bytes());
        }
        let offset = (14 + header.len()) as u32;
        let file = [&b"BM"[..], &[0; 8], &offset.to_le_bytes(), &header, &self.pixels, &self.profile];
        file.concat()
    }
}

/// A palette: red, green and blue of `count` colours.
fn palette(count: usize) -> Vec<[u8; 3]> {
    (0..count).map(|i| [(7 * i) as u8, (1023 - 3 * i) as u8, (i * i + 1) as u8]).collect()
}

/// Numbers of colours with runs and noise.
fn numbers(width: u32, height: u32, count: u32) -> Vec<u8> {
    let mut state = 5u32;
    (0..width * height)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = if i / 40 % 2 == 0 { 0 } else { state >> 24 };
            ((i / 7 + noise) % count) as u8
        })
        .collect()
}

/// Rows of bits, the highest first, filled up to four bytes; from bottom to top, if the height is positive.
fn packed(values: &[u8], width: usize, bits: usize, top_down: bool) -> Vec<u8> {
    let row = |row: &[u8]| {
        let mut packed = vec![0; (width * bits).div_ceil(32) * 4];
        for (x, &value) in row.iter().enumerate() {
            let bit = x * bits;
            packed[bit / 8] |= value << (8 - bits - bit % 8);
        }
        packed
    };
    let rows: Vec<Vec<u8>> = values.chunks_exact(width).map(row).collect();
    if top_down { rows.concat() } else { rows.into_iter().rev().collect::<Vec<_>>().concat() }
}

/// Rows of pixels of some bytes each.
fn bytes(pixels: &[u32], width: usize, each: usize) -> Vec<u8> {
    let row = |row: &[u32]| {
        let mut bytes: Vec<u8> = row.iter().flat_map(|pixel| pixel.to_le_bytes()[..each].to_vec()).collect();
        bytes.resize(bytes.len().next_multiple_of(4), 0x99);
        bytes
    };
    pixels.chunks_exact(width).rev().flat_map(row).collect()
}

fn colored(numbers: &[u8], palette: &[[u8; 3]]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| palette[usize::from(number)]).collect()
}

fn noise(count: usize) -> Vec<u32> {
    let mut state = 9u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.rotate_left(16)
    };
    std::iter::repeat_with(next).take(count).collect()
}

#[test]
fn palettes_of_every_header_come_back() {
    for header in [12, 16, 40, 52, 56, 64, 108, 124] {
        for bits in [1, 2, 4, 8] {
            for (width, height) in [(33, 5), (1, 1), (8, 3), (21, 2)] {
                let (palette, numbers) = (palette(1 << bits), numbers(width, height, 1 << bits));
                let top_down = header != 12 && width == 21;
                let pixels = packed(&numbers, width as usize, bits, top_down);
                let height = if top_down { -(height as i32) } else { height as i32 };
                let mut bmp = Bmp::new(header, width, height, bits as u16, pixels);
                bmp.palette.clone_from(&palette);
                let file = bmp.file();
                let read = read_header(&file).unwrap();
                assert_eq!((read.stored, read.layout), (Size::new(width, height.unsigned_abs()), Layout::RGB));
                let shown = assert_windows(&file).interleaved();
                assert!(shown == colored(&numbers, &palette), "{header} {bits} {width}x{height}");
            }
        }
    }
}

#[test]
fn short_and_long_palettes_are_read_as_far_as_they_go() {
    let numbers = numbers(9, 7, 16);
    let mut bmp = Bmp::new(40, 9, 7, 4, packed(&numbers, 9, 4, false));
    bmp.palette = palette(5);
    // The header announces them, or the pixels follow.
    for used in [5, 0, 16] {
        bmp.used = used;
        let expected = [&palette(5)[..], &[[0; 3]; 11]].concat();
        assert!(collect(&bmp.file(), None).interleaved() == colored(&numbers, &expected), "{used}");
    }
    bmp.palette = palette(20);
    (bmp.used, bmp.gap) = (20, 3);
    assert!(collect(&bmp.file(), None).interleaved() == colored(&numbers, &palette(16)));
    // Without an offset, or with that of the palette, the pixels follow.
    bmp.palette = palette(16);
    (bmp.used, bmp.gap) = (0, 0);
    let mut file = bmp.file();
    for offset in [0, 14 + 40] {
        file[10] = offset;
        file[11..14].fill(0);
        assert!(collect(&file, None).interleaved() == colored(&numbers, &palette(16)));
    }
}

#[test]
fn colours_of_24_and_32_bits_come_back() {
    let pixels = noise(11 * 6);
    let expected: Vec<u8> = pixels
        .iter()
        .flat_map(|pixel| {
            let [blue, green, red, _] = pixel.to_le_bytes();
            [red, green, blue]
        })
        .collect();
    for header in [12, 16, 40, 56, 64, 108, 124] {
        for bits in [24, 32] {
            let file = Bmp::new(header, 11, 6, bits, bytes(&pixels, 11, usize::from(bits) / 8)).file();
            assert_eq!(read_header(&file).unwrap().layout, Layout::RGB, "no mask says that there is alpha");
            assert!(assert_windows(&file).interleaved() == expected, "{header} {bits}");
        }
    }
}

/// A component of a pixel by its mask, to the nearest of 256 levels.
fn component(pixel: u32, mask: u32) -> u8 {
    let (low, count) = (mask.trailing_zeros(), mask.count_ones());
    let (value, most) = (u64::from((pixel & mask) >> low), u64::from(u32::MAX >> (32 - count)));
    ((510 * value + most) / (2 * most)) as u8
}

#[test]
fn fields_of_bits_come_back() {
    let cases: [(u16, u32, &[u32]); 8] = [
        (16, 0, &[0x7c00, 0x3e0, 0x1f]),
        (16, 3, &[0xf800, 0x7e0, 0x1f]),
        (16, 3, &[0xf00, 0xf0, 0xf, 0xf000]),
        (16, 3, &[0x7c00, 0x3e0, 0x1f, 0x8000]),
        (32, 3, &[0xff00_0000, 0xff_0000, 0xff00]),
        (32, 3, &[0xff_0000, 0xff00, 0xff, 0xff00_0000]),
        (32, 3, &[0x3ff0_0000, 0xf_fc00, 0x3ff]),
        (32, 3, &[0xffe0_0000, 0x1f_fc00, 0x3ff, 0]),
    ];
    for (bits, compression, masks) in cases {
        let pixels: Vec<u32> =
            noise(13 * 5).into_iter().map(|pixel| if bits == 16 { pixel & 0xffff } else { pixel }).collect();
        for header in [40, 52, 56, 108, 124] {
            let mut bmp = Bmp::new(header, 13, 5, bits, bytes(&pixels, 13, usize::from(bits) / 8));
            bmp.compression = compression;
            let known = if header >= 56 || header == 40 && masks.len() == 4 { masks } else { &masks[..3] };
            if compression > 0 {
                bmp.masks = known.to_vec();
            }
            if header == 40 && known.len() == 4 {
                // With four masks behind the header.
                bmp.compression = 6;
            }
            let alpha = known.get(3).copied().filter(|&mask| mask > 0);
            let file = bmp.file();
            assert_eq!(read_header(&file).unwrap().layout, Layout::RGB.with_alpha(alpha.is_some()));
            let masks = || known[..3].iter().copied().chain(alpha);
            let expected: Vec<u8> =
                pixels.iter().flat_map(|&pixel| masks().map(move |mask| component(pixel, mask))).collect();
            assert!(assert_windows(&file).interleaved() == expected, "{header} {bits} {known:x?}");
        }
    }
}

/// Run lengths: pixels are repeated, or come as they are, by turns.
fn runs(numbers: &[u8], width: usize, bits: usize) -> Vec<u8> {
    let mut file = vec![];
    for row in numbers.chunks_exact(width).rev() {
        let mut rest = row;
        while let Some(&first) = rest.first() {
            let same = rest.iter().take_while(|&&number| number == first).count().min(255);
            if same > 1 || rest.len() < 5 {
                let code = if bits == 4 { first << 4 | first } else { first };
                file.extend([same as u8, code]);
                rest = &rest[same..];
            } else {
                let count = rest.len().min(5);
                file.extend([0, count as u8]);
                let mut data: Vec<u8> = if bits == 4 {
                    rest[..count].chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0)).collect()
                } else {
                    rest[..count].to_vec()
                };
                data.resize(data.len().next_multiple_of(2), 0);
                file.extend(data);
                rest = &rest[count..];
            }
        }
        file.extend([0, 0]);
    }
    // The end of the picture.
    let end = file.len() - 1;
    file[end] = 1;
    file
}

#[test]
fn run_lengths_come_back() {
    for (bits, compression) in [(4, 2), (8, 1)] {
        for header in [40, 64, 124] {
            for (width, height) in [(33, 5), (1, 1), (600, 3)] {
                let (palette, numbers) = (palette(1 << bits), numbers(width, height, 1 << bits));
                let pixels = runs(&numbers, width as usize, bits);
                let mut bmp = Bmp::new(header, width, height as i32, bits as u16, pixels);
                (bmp.palette, bmp.compression) = (palette.clone(), compression);
                let header = read_header(&bmp.file()).unwrap();
                assert!(header.coded.whole && header.layout == Layout::RGB);
                assert!(assert_windows(&bmp.file()).interleaved() == colored(&numbers, &palette), "{bits} {width}");
            }
        }
    }
}

#[test]
fn steps_and_ends_of_run_lengths_are_followed() {
    let picture = |compression, bits, codes: &[u8]| {
        let mut bmp = Bmp::new(if bits == 24 { 64 } else { 40 }, 4, 3, bits, codes.to_vec());
        (bmp.palette, bmp.compression) = (if bits == 24 { vec![] } else { palette(16) }, compression);
        collect(&bmp.file(), None).interleaved()
    };
    // From the bottom: a run beyond the row, which does not wrap; a step of two to the right and one up; the end.
    let codes = [6, 5, 0, 0, 1, 3, 0, 2, 2, 1, 1, 7, 0, 1];
    let expected = [[0, 0, 0, 7], [3, 0, 0, 0], [5, 5, 5, 5]].concat();
    assert_eq!(picture(1, 8, &codes), colored(&expected, &palette(16)));
    // By turns, from the higher four bits on; an odd count as it is, which takes two bytes.
    let codes = [3, 0x12, 0, 0, 0, 3, 0x45, 0x60, 0, 0, 4, 0x77, 0, 1];
    let expected = [[7, 7, 7, 7], [4, 5, 6, 0], [1, 2, 1, 0]].concat();
    assert_eq!(picture(2, 4, &codes), colored(&expected, &palette(16)));
    // Blue, green and red.
    let codes = [4, 1, 2, 3, 0, 0, 0, 3, 1, 1, 1, 2, 2, 2, 3, 4, 5, 0, 0, 1];
    let expected = [[[0; 3]; 4], [[1; 3], [2; 3], [5, 4, 3], [0; 3]], [[3, 2, 1]; 4]].concat();
    assert_eq!(picture(4, 24, &codes), expected.concat());
}

#[test]
fn kinds_for_printers_are_refused_by_name() {
    for (header, compression, bits, what) in [
        (40, 4, 0, "is a BMP that a JPEG lies in, which is for printers and not supported"),
        (40, 5, 0, "is a BMP that a PNG lies in, which is for printers and not supported"),
        (40, 11, 32, "is a BMP of inks, which is for printers and not supported"),
        (64, 3, 1, "is a BMP with Huffman codes, which is rare and not supported"),
        (40, 1, 4, "is a damaged BMP"),
        (40, 0, 7, "is a damaged BMP"),
        (40, 99, 8, "is a damaged BMP"),
    ] {
        let mut bmp = Bmp::new(header, 4, 4, bits, vec![0; 99]);
        bmp.compression = compression;
        let error = read_header(&bmp.file()).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Source, what));
    }
    for (width, height) in [(0, 4), (4, 0), (u32::MAX, 4)] {
        assert_eq!(read_header(&Bmp::new(40, width, height, 8, vec![]).file()).unwrap_err().kind(), ErrorKind::Source);
    }
}

#[test]
fn profiles_spaces_and_resolutions_are_read() {
    let mut bmp = Bmp::new(124, 2, 2, 24, vec![8; 16]);
    (bmp.space, bmp.profile) = (*b"DEBM", (0..200).collect());
    let file = bmp.file();
    assert_eq!(read_header(&file).unwrap().space, Space::Icc(Digest::of(&bmp.profile)));
    assert_eq!(read_profile(&file, 200).unwrap(), bmp.profile);
    assert_eq!(read_profile(&file, 199), None);
    let metadata = read_metadata(&file, 1000);
    assert!(metadata.icc.is_some());
    assert_eq!(metadata.milli_dpi, Some(300_000));
    // The profile is cut off.
    assert_eq!(read_header(&file[..file.len() - 1]).unwrap().space, Space::Unsaid);
    for (header, name, space) in [
        (108, *b"BGRs", Space::Srgb),
        (124, *b"BGRs", Space::Srgb),
        (124, *b" niW", Space::Unsaid),
        (124, [0; 4], Space::Unsaid),
        (108, *b"DEBM", Space::Unsaid),
    ] {
        bmp = Bmp::new(header, 2, 2, 24, vec![8; 16]);
        bmp.space = name;
        assert_eq!(read_header(&bmp.file()).unwrap().space, space);
    }
    assert_eq!(read_metadata(&Bmp::new(12, 2, 2, 24, vec![8; 16]).file(), 1000).milli_dpi, None);
}

/// The header by which a file is shown as far as it goes.
fn shown_as(file: &[u8], header: &Header) -> Option<Header> {
    let Size { width, height } = header.stored;
    let mut job = Job {
        window: Window { x: 0, y: 0, width, height },
        shrink: Shrink::Full,
        cpu: Cpu::detect(CpuLevel::default()),
        pool: &Pool::NONE,
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
fn damaged_files_are_refused_or_shown_as_far_as_they_go() {
    let numbers = numbers(21, 9, 16);
    let mut plain = Bmp::new(40, 21, 9, 8, packed(&numbers, 21, 8, false));
    plain.palette = palette(256);
    let mut runs_of = Bmp::new(40, 21, 9, 8, runs(&numbers, 21, 8));
    (runs_of.palette, runs_of.compression) = (palette(256), 1);
    for file in [plain.file(), runs_of.file()] {
        let whole = collect(&file, None);
        let mut most = 0;
        for len in 14 + 40 + 1024..file.len() {
            let file = &file[..len];
            let header = read_header(file).unwrap();
            match (try_collect(file, &header, None), shown_as(file, &header)) {
                (Ok(picture), Some(shown)) => assert!(picture == whole && !shown.damaged),
                (Err(error), Some(shown)) => {
                    assert_eq!(error.to_string(), "is a damaged BMP");
                    assert!(shown.damaged && shown.layout.alpha);
                    let picture = try_collect(file, &shown, None).unwrap();
                    let came = picture.planes[3].iter().filter(|&&alpha| alpha == 255).count();
                    assert!(came.is_multiple_of(21) && came >= most && came < 189);
                    most = came;
                    // The lowest rows come first.
                    let above = 189 - came;
                    for plane in 0..3 {
                        assert!(picture.planes[plane][..above].iter().all(|&sample| sample == 0));
                        assert_eq!(picture.planes[plane][above..], whole.planes[plane][above..]);
                    }
                    let part = Window { x: 3, y: 2, width: 9, height: 5 };
                    assert!(try_collect(file, &shown, Some(part)).unwrap() == picture.cut(part));
                }
                (Err(_), None) => assert_eq!(most, 0),
                (Ok(_), None) => panic!("a sound file is shown"),
            }
        }
        assert_eq!(most, 8 * 21);
    }
    // Of a tile only its rows have to be there.
    let file = plain.file();
    let cut = &file[..file.len() - 24 * 5];
    let below = Window { x: 0, y: 5, width: 21, height: 4 };
    assert!(try_collect(cut, &read_header(cut).unwrap(), Some(below)).unwrap() == collect(&file, Some(below)));
}

#[test]
fn memory_is_limited_and_work_ends_when_it_is_given_up() {
    let mut bmp = Bmp::new(40, 100, 90, 8, runs(&numbers(100, 90, 16), 100, 8));
    (bmp.palette, bmp.compression) = (palette(16), 1);
    assert_eq!(refused(&bmp.file(), 3 * 9000, Cancel::ALWAYS), None);
    assert_eq!(refused(&bmp.file(), 3 * 9000 - 1, Cancel::ALWAYS), Some(ErrorKind::Limit));
    let plain = Bmp::new(40, 100, 90, 24, vec![0; 300 * 90]).file();
    assert_eq!(refused(&plain, 300, Cancel::ALWAYS), None);
    assert_eq!(refused(&plain, 299, Cancel::ALWAYS), Some(ErrorKind::Limit));
    let stopped = || false;
    for file in [bmp.file(), plain] {
        assert_eq!(refused(&file, 1 << 20, Cancel::new(&stopped)), Some(ErrorKind::Stopped));
    }
    let wide = Bmp::new(40, 1_000_001, 1, 24, vec![]).file();
    assert_eq!(refused(&wide, 1 << 30, Cancel::ALWAYS), Some(ErrorKind::Limit));
}

#[test]
fn nothing_panics_on_damaged_files() {
    let mut bmp = Bmp::new(124, 9, 5, 4, runs(&numbers(9, 5, 16), 9, 4));
    (bmp.palette, bmp.compression, bmp.used) = (palette(16), 2, 16);
    (bmp.space, bmp.profile) = (*b"DEBM", vec![1; 9]);
    assert_hostile(&bmp.file());
    let mut fields = Bmp::new(56, 7, -4, 16, bytes(&noise(28), 7, 2));
    (fields.compression, fields.masks) = (3, vec![0xf00, 0xf0, 0xf, 0xf000]);
    assert_hostile(&fields.file());
    assert_hostile(&Bmp::new(12, 7, 4, 24, bytes(&noise(28), 7, 3)).file());
}
