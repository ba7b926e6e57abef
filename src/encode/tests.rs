//! What is written is read back by decoders that are not ours.

use super::*;
use crate::geometry::Size;
use crate::raster::Layout;

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
    Encoding::Jpeg(JpegSettings { quality, full_chroma, progressive })
}

#[test]
fn png_is_lossless_and_notes_its_resolution() {
    for layout in [Layout::GRAY, Layout::GRAY.with_alpha(true), Layout::RGB, RGB_ALPHA] {
        let raster = picture(layout);
        let file = encode(&raster, Encoding::Png, 300, usize::MAX).unwrap();
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
            let file = encode(&raster, jpeg(95, full_chroma, progressive), 72, usize::MAX).unwrap();
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
    let len = |encoding| encode(&picture(Layout::RGB), encoding, 72, usize::MAX).unwrap().len();
    assert!(len(jpeg(30, false, false)) < len(jpeg(90, false, false)));
    assert!(len(jpeg(90, false, false)) < len(jpeg(90, true, false)));
}

#[test]
fn limits_are_errors() {
    for encoding in PROBES {
        let error = encode(&picture(Layout::RGB), encoding, 72, 300).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Limit, "encoded reply: exceeds the limit of reply bytes")
        );
    }
    let wide = Raster::zeroed(Size::new(65536, 1), Layout::GRAY);
    let error = encode(&wide, jpeg(80, false, false), 72, usize::MAX).unwrap_err();
    assert_eq!(error.to_string(), "reply: is larger than JPEG can hold, 65535 on a side");
    assert!(encode(&wide, Encoding::Png, 72, usize::MAX).is_ok());
}
