//! What is written is read back by decoders that are not ours.

use std::io;

use proptest::prelude::*;

use super::jpeg::{XMP_NAME, by_crate};
use super::*;
use crate::base::cancel::Cancel;
use crate::base::error::ErrorKind;
use crate::base::geom::Size;
use crate::imaging::pixel::raster::{Layout, Plane};
use crate::test_support::pooled;

/// Every CPU level writes the same, alone and with another thread, of a picture that is there and of rows as they come.
fn encode(raster: &Raster, encoding: Encoding, extras: Extras<'_>, limit: usize) -> Result<Vec<u8>> {
    let mut files = Cpu::all().into_iter().map(|cpu| super::encode(cpu, raster, encoding, extras, limit));
    let first = files.next().unwrap();
    assert!(files.all(|file| file == first));
    let cpu = Cpu::all()[0];
    let bounds = WriteLimits { pool: &pooled(2), ..limit.into() };
    assert!(super::encode(cpu, raster, encoding, extras, bounds) == first);
    if let Encoding::Jpeg(settings) = encoding
        && let Some(rows) = RowEncoder::new(cpu, (raster.size(), raster.layout()), settings, extras, limit)
    {
        assert!(by_rows(rows, raster) == first);
    }
    first
}

fn by_rows(mut encoder: RowEncoder, raster: &Raster) -> Result<Vec<u8>> {
    for y in 0..raster.size().height as usize {
        let mut planes = raster.planes().iter().map(|plane| plane.row(y));
        encoder.row(std::array::from_fn(|_| planes.next().unwrap_or_default()), Cancel::ALWAYS)?;
    }
    encoder.finish()
}

fn encode_within(
    raster: &Raster,
    settings: JpegSettings,
    extras: Extras<'_>,
    max_bytes: usize,
    limit: usize,
) -> Result<(Vec<u8>, u8)> {
    super::encode_within(Cpu::all()[0], raster, settings, extras, max_bytes, limit.into())
}

const INKS: Layout = Layout { colors: 4, alpha: false };

/// Pictures of these layouts and any size up to a few MCUs: smooth, noisy, of extremes.
fn pictures(layouts: &'static [Layout]) -> impl Strategy<Value = Raster> {
    let layouts = prop::sample::select(layouts);
    (1u32..70, 1u32..40, layouts, 0u32..4, any::<u32>()).prop_map(|(width, height, layout, kind, seed)| {
        let mut state = seed | 1;
        let mut random = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 24
        };
        let mut plane = |plane: u32| {
            let mut out = Plane::filled(Size::new(width, height), 0);
            for (i, sample) in (0..).zip(out.samples_mut()) {
                let smooth = (i % width) * (2 + plane) + i / width * 3 + seed % 100;
                *sample = match kind {
                    0 => smooth as u8,
                    1 => (smooth / 2 + random() / 16) as u8,
                    2 => random() as u8,
                    _ => {
                        if random() > 127 {
                            255
                        } else {
                            0
                        }
                    }
                };
            }
            out
        };
        Raster::from_planes((0..layout.planes() as u32).map(&mut plane).collect(), layout)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Byte for byte what another encoder makes of the same samples.
    #[test]
    fn baseline_is_what_the_crate_writes(
        raster in pictures(&[Layout::GRAY, Layout::RGB]),
        quality in 1u8..=100,
        full_chroma: bool,
        dpi: u16,
        packet: bool,
        profile in prop::option::of(1usize..140_000),
    ) {
        let settings = JpegSettings { quality, full_chroma, progressive: false, scans: None };
        let profile = profile.map(bytes_of);
        let xmp = packet.then_some("<x/>");
        assert_by_crate(&raster, settings, Extras { dpi, xmp, profile: profile.as_deref() });
    }

    #[test]
    fn progressive_is_what_the_crate_writes(
        raster in pictures(&[Layout::GRAY, Layout::RGB, INKS]),
        quality in 1u8..=100,
        full_chroma: bool,
        scans in prop::option::of(3u8..=5),
        dpi: u16,
        packet: bool,
        profile in prop::option::of(1usize..140_000),
    ) {
        let settings = JpegSettings { quality, full_chroma, progressive: true, scans };
        let profile = profile.map(bytes_of);
        let xmp = packet.then_some("<x/>");
        assert_by_crate(&raster, settings, Extras { dpi, xmp, profile: profile.as_deref() });
    }
}

/// Bytes that stand for a profile.
fn bytes_of(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * i / 7) as u8).collect()
}

fn assert_by_crate(raster: &Raster, settings: JpegSettings, extras: Extras<'_>) {
    let file = encode(raster, Encoding::Jpeg(settings), extras, usize::MAX).unwrap();
    let size = (raster.size().width as u16, raster.size().height as u16);
    let expected = by_crate(Cpu::all()[0], raster, size, settings, extras, usize::MAX.into()).unwrap().unwrap();
    assert!(file == expected, "{} and {} bytes", file.len(), expected.len());
    // A limit that just fits, and one that does not.
    assert_eq!(encode(raster, Encoding::Jpeg(settings), extras, file.len()).unwrap(), file);
    assert!(encode(raster, Encoding::Jpeg(settings), extras, file.len() - 1).is_err());
}

/// Asks that many times, then wants the work no more.
struct Asked(std::cell::Cell<usize>, usize);

impl Asked {
    fn go_on(&self) -> bool {
        self.0.set(self.0.get() + 1);
        self.0.get() <= self.1
    }
}

/// Encoders ask at each row of blocks or pixels, in every step of their work, and stop where the answer is no.
#[test]
fn encoders_ask_at_every_row() {
    let mut raster = Raster::zeroed(Size::new(320, 240), Layout::RGB);
    for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
        plane.samples_mut().iter_mut().enumerate().for_each(|(i, sample)| *sample = (i * i / 77 + p * i) as u8);
    }
    // 15 rows of MCUs; 15 to transform, 60 to count and 60 for each scan; 240 rows of pixels.
    let cases = [(jpeg(80, false, false), 15), (jpeg(80, false, true), 15 + 60 + 4 * 60), (Encoding::Png, 240)];
    for (encoding, least) in cases {
        let run = |most: usize| {
            let asked = Asked(std::cell::Cell::new(0), most);
            let keep_going = || asked.go_on();
            let bounds = WriteLimits { cancel: Cancel::new(&keep_going), ..usize::MAX.into() };
            (super::encode(Cpu::all()[0], &raster, encoding, Extras::dpi(72), bounds), asked.0.get())
        };
        let (file, count) = run(usize::MAX);
        assert!(file.is_ok() && count >= least, "{encoding:?}: {count}");
        for most in [0, 1, 7, count / 3, count / 2, count - 1] {
            let (stopped, asked) = run(most);
            assert_eq!((stopped.unwrap_err().kind(), asked), (ErrorKind::Stopped, most + 1), "{encoding:?}");
        }
    }
}

fn picture(layout: Layout) -> Raster {
    let mut raster = Raster::zeroed(Size::new(37, 21), layout);
    for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
        for y in 0..21 {
            for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                *sample = (40 + x * (p + 2) + y * (5 - p)) as u8;
            }
        }
    }
    raster
}

fn interleaved(raster: &Raster) -> Vec<u8> {
    (0..raster.planes()[0].samples().len()).flat_map(|i| raster.planes().iter().map(move |p| p.samples()[i])).collect()
}

const RGB_ALPHA: Layout = Layout::RGB.with_alpha(true);
const CMYK: Layout = Layout { colors: 4, alpha: false };

fn jpeg(quality: u8, full_chroma: bool, progressive: bool) -> Encoding {
    Encoding::Jpeg(JpegSettings { quality, full_chroma, progressive, scans: None })
}

#[test]
fn png_is_lossless_and_notes_its_resolution() {
    for layout in [Layout::GRAY, Layout::GRAY.with_alpha(true), Layout::RGB, RGB_ALPHA] {
        let raster = picture(layout);
        let file = encode(&raster, Encoding::Png, Extras::dpi(300), usize::MAX).unwrap();
        let mut reader = ::png::Decoder::new(io::Cursor::new(&file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(pixels, interleaved(&raster), "{layout:?}");
        assert_eq!(reader.info().pixel_dims.unwrap().xppu, 11811);
    }
}

#[test]
fn jpeg_is_close_in_every_pixel_type_and_notes_its_resolution() {
    for layout in [Layout::GRAY, Layout::RGB, CMYK] {
        for (full_chroma, progressive) in [(false, false), (true, false), (false, true), (true, true)] {
            let raster = picture(layout);
            let file = encode(&raster, jpeg(95, full_chroma, progressive), Extras::dpi(72), usize::MAX).unwrap();
            assert_eq!(&file[6..18], b"JFIF\0\x01\x02\x01\0\x48\0\x48");
            let mut decoder = jpeg_decoder::Decoder::new(&file[..]);
            let pixels = decoder.decode().unwrap();
            assert_eq!(decoder.info().unwrap().width, 37);
            let expected = interleaved(&raster);
            let sum: u64 = pixels.iter().zip(&expected).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            let mean = sum as f64 / expected.len() as f64;
            assert!(mean < 3.0, "{layout:?} {full_chroma} {progressive}: {mean}");
        }
    }
}

#[test]
fn quality_and_chroma_decide_the_length() {
    let len = |encoding| encode(&picture(Layout::RGB), encoding, Extras::dpi(72), usize::MAX).unwrap().len();
    assert!(len(jpeg(30, false, false)) < len(jpeg(90, false, false)));
    assert!(len(jpeg(90, false, false)) < len(jpeg(90, true, false)));
}

#[test]
fn limits_are_errors() {
    for &encoding in PROBES {
        let error = encode(&noise(), encoding, Extras::dpi(72), 300).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Limit, "encoded reply: exceeds the limit of reply bytes")
        );
    }
    let wide = Raster::zeroed(Size::new(65536, 1), Layout::GRAY);
    let error = encode(&wide, jpeg(80, false, false), Extras::dpi(72), usize::MAX).unwrap_err();
    assert_eq!(error.to_string(), "reply: is larger than JPEG can hold, 65535 on a side");
    assert!(encode(&wide, Encoding::Png, Extras::dpi(72), usize::MAX).is_ok());
}

#[test]
fn every_number_of_scans_is_read_by_both_decoders() {
    let scan_count = |file: &[u8]| file.windows(2).filter(|pair| *pair == [0xff, 0xda]).count();
    for layout in [Layout::GRAY, Layout::RGB, CMYK] {
        let raster = picture(layout);
        let file = |progressive, scans| {
            let settings = JpegSettings { quality: 90, full_chroma: false, progressive, scans };
            encode(&raster, Encoding::Jpeg(settings), Extras::dpi(72), usize::MAX).unwrap()
        };
        let pixels = |file: &[u8]| jpeg_decoder::Decoder::new(file).decode().unwrap();
        let baseline = pixels(&file(false, None));
        for scans in [3, 4, 5] {
            let file = file(true, Some(scans));
            assert_eq!(scan_count(&file), layout.planes() * usize::from(scans));
            assert_eq!(pixels(&file), baseline, "{layout:?} {scans}");
            let mut other = zune_jpeg::JpegDecoder::new(io::Cursor::new(&file[..]));
            assert_eq!(other.decode().unwrap().len(), 37 * 21 * 3);
        }
        assert_eq!(file(true, None), file(true, Some(4)));
        assert_eq!(file(false, Some(5)), file(false, None), "of progressive files only");
    }
}

#[test]
fn xmp_is_one_segment_of_a_jpeg_and_one_chunk_of_a_png() {
    let raster = picture(Layout::RGB);
    let with = |encoding, xmp: Option<&str>| encode(&raster, encoding, Extras { xmp, ..Extras::dpi(72) }, usize::MAX);
    for progressive in [false, true] {
        let encoding = jpeg(80, false, progressive);
        let packet = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>";
        let (bare, file) = (with(encoding, None).unwrap(), with(encoding, Some(packet)).unwrap());
        let len = (2 + XMP_NAME.len() + packet.len()) as u8;
        let segment = [&[0xff, 0xe1, 0, len][..], XMP_NAME, packet.as_bytes()].concat();
        assert_eq!(file.len(), bare.len() + segment.len());
        let at = file.windows(segment.len()).position(|window| window == segment).unwrap();
        assert_eq!([&file[..at], &file[at + segment.len()..]].concat(), bare);
        jpeg_decoder::Decoder::new(&file[..]).decode().unwrap();
    }
    let longest = "x".repeat(65_502);
    assert!(with(jpeg(80, false, false), Some(&longest)).is_ok());
    let error = with(jpeg(80, false, false), Some(&(longest + "x"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(error.to_string().starts_with("xmpEmbed: needs a packet of at most 65502 bytes"));

    let (bare, file) = (with(Encoding::Png, None).unwrap(), with(Encoding::Png, Some("<\u{e9}/>")).unwrap());
    let chunk = [&b"\0\0\0\x1biTXtXML:com.adobe.xmp\0\0\0\0\0"[..], "<\u{e9}/>".as_bytes()].concat();
    let at = file.windows(chunk.len()).position(|window| window == chunk).unwrap();
    // A check sum of four bytes follows.
    assert_eq!([&file[..at], &file[at + chunk.len() + 4..]].concat(), bare);
    let mut reader = ::png::Decoder::new(io::Cursor::new(&file[..])).read_info().unwrap();
    reader.next_frame(&mut vec![0; reader.output_buffer_size().unwrap()]).unwrap();
    let text = &reader.info().utf8_text[0];
    assert_eq!((text.keyword.as_str(), text.get_text().unwrap().as_str()), ("XML:com.adobe.xmp", "<\u{e9}/>"));
}

/// Noise, which no quality makes short.
fn noise() -> Raster {
    let mut raster = Raster::zeroed(Size::new(64, 64), Layout::RGB);
    let mut state = 1u32;
    for plane in raster.planes_mut() {
        for y in 0..64 {
            for sample in plane.row_mut(y) {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *sample = (state >> 24) as u8;
            }
        }
    }
    raster
}

#[test]
fn a_length_is_met_with_the_highest_quality_that_fits() {
    let extras = Extras { xmp: Some("<packet/>"), ..Extras::dpi(72) };
    for raster in [noise(), picture(Layout::GRAY), picture(CMYK)] {
        for progressive in [false, true] {
            let settings = JpegSettings { quality: 85, full_chroma: false, progressive, scans: None };
            let at = |quality| {
                encode(&raster, Encoding::Jpeg(JpegSettings { quality, ..settings }), extras, usize::MAX).unwrap()
            };
            let within = |max| encode_within(&raster, settings, extras, max, usize::MAX);
            let (longest, shortest) = (at(85).len(), at(1).len());
            assert_eq!(within(longest).unwrap(), (at(85), 85));
            assert_eq!(within(usize::MAX).unwrap(), (at(85), 85));
            for max in [longest - 1, (longest + shortest) / 2, (longest + 3 * shortest) / 4, shortest] {
                let (file, quality) = within(max).unwrap();
                assert_eq!(file, at(quality));
                assert!(file.len() <= max && quality < 85, "{max}");
                assert!(at(quality + 1).len() > max, "{max} {quality}");
            }
            let error = within(shortest - 1).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit);
            assert_eq!(error.to_string(), "jpegSize: is less than the lowest quality needs");
        }
    }
}

#[test]
fn the_limit_of_reply_bytes_never_lowers_the_quality() {
    let raster = noise();
    let settings = JpegSettings { quality: 90, full_chroma: true, progressive: false, scans: None };
    let within = |max, limit| encode_within(&raster, settings, Extras::dpi(72), max, limit);
    let error = within(5000, 5000).unwrap_err();
    assert_eq!(error.to_string(), "encoded reply: exceeds the limit of reply bytes");
    assert!(within(5000, 5001).unwrap().1 < 90);
    let lowest = JpegSettings { quality: 1, ..settings };
    let error = encode_within(&raster, lowest, Extras::dpi(72), 100, 5000).unwrap_err();
    assert_eq!(error.place(), Some("jpegSize"));
    let packet = "x".repeat(70_000);
    let extras = Extras { xmp: Some(&packet), ..Extras::dpi(72) };
    let error = encode_within(&raster, settings, extras, 100, 5000).unwrap_err();
    assert_eq!(error.place(), Some("xmpEmbed"));
}

#[test]
fn what_no_caller_waits_for_is_not_written() {
    let raster = picture(Layout::RGB);
    for &encoding in PROBES {
        let bounds = WriteLimits { cancel: Cancel::new(&|| false), ..usize::MAX.into() };
        let error = super::encode(Cpu::all()[0], &raster, encoding, Extras::dpi(72), bounds).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Stopped, "{encoding:?}");
    }
}
