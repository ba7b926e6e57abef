//! TIFF files of one picture: baseline TIFF 6.0, little-endian, in strips (`layers.md` §8).
//!
//! LZW and deflate compress differences from the pixel before. Colours that have alpha are multiplied by it, and alpha is
//! declared as associated. Strips of JPEG are files of their own without the segments of applications, whose place tags take:
//! YCbCr, gray, or inks as they are.

use std::io::Write;

use miniz_oxide::deflate::compress_to_vec_zlib;
use weezl::BitOrder;
use weezl::encode::Encoder;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::base::work::{Kind, count};
use crate::imaging::codec::jpeg;
use crate::imaging::codec::limited::Limited;
use crate::imaging::codec::settings::{Extras, JpegSettings, TiffCompression, TiffSettings, WriteLimits};
use crate::imaging::kernel::interleave::join;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::color::mul_255;
use crate::imaging::pixel::raster::{Layout, PLANES, Plane, Raster};

use super::stream::without_applications;
use super::tags;

/// Bytes of the pixels of a strip, about.
const STRIP: usize = 64 << 10;
/// Rows of a strip of JPEG are a multiple of it: strips but the last consist of whole units, at any sampling.
const JPEG_ROWS: usize = 16;
/// The level of deflate: the usual one.
const LEVEL: u8 = 6;

/// Types of fields.
const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const FRACTION: u16 = 5;
const UNDEFINED: u16 = 7;

/// `None`: longer than the limit.
pub(in crate::imaging::codec) fn encode(
    cpu: Cpu,
    raster: &Raster,
    settings: TiffSettings,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let (size, layout) = (raster.size(), raster.layout());
    if layout.alpha && matches!(settings.compression, TiffCompression::Jpeg { .. }) {
        return Err(Error::new(ErrorKind::Internal, "jpeg cannot hold alpha"));
    }
    let mut out = Counted { out: Limited::new(bounds), len: 0 };
    let written = write(&mut out, cpu, raster, settings, extras, bounds);
    let directory = match written {
        Ok(at) => at,
        // The file knows why it takes no more, or the work was given up.
        Err(Failure::File(error)) => return out.out.finish(Err(error)),
        Err(Failure::TooLong) => return Ok(None),
        Err(Failure::Other(error)) => return Err(error),
    };
    count(Kind::EncodeTif, size.area() as usize * layout.planes());
    count(Kind::Row, size.height as usize);
    let file = out.out.finish(Ok::<_, std::io::Error>(()))?;
    Ok(file.map(|mut file| {
        file[4..8].copy_from_slice(&directory.to_le_bytes());
        file
    }))
}

enum Failure {
    File(std::io::Error),
    TooLong,
    Other(Error),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// A file that knows how long it is.
struct Counted<'a> {
    out: Limited<'a>,
    len: u64,
}

impl Counted<'_> {
    fn put(&mut self, bytes: &[u8]) -> std::result::Result<(), Failure> {
        self.out.write_all(bytes)?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Where the next bytes begin, which is an even place.
    fn place(&mut self) -> std::result::Result<u32, Failure> {
        if self.len % 2 == 1 {
            self.put(&[0])?;
        }
        let too_long = || Error::new(ErrorKind::Limit, "is longer than the 4 GiB of a TIFF").at("encoded reply");
        Ok(u32::try_from(self.len).map_err(|_| too_long())?)
    }
}

/// Writes the file but for the place of its directory, which comes back.
fn write(
    out: &mut Counted<'_>,
    cpu: Cpu,
    raster: &Raster,
    settings: TiffSettings,
    extras: Extras<'_>,
    bounds: WriteLimits<'_>,
) -> std::result::Result<u32, Failure> {
    let Size { width, height } = raster.size();
    let row = width as usize * raster.layout().planes();
    let rows = (STRIP / row.max(1)).max(1);
    let rows = match settings.compression {
        TiffCompression::Jpeg { .. } => rows.next_multiple_of(JPEG_ROWS),
        _ => rows,
    };
    out.put(b"II*\0\0\0\0\0")?;
    let (mut offsets, mut lengths) = (vec![], vec![]);
    for top in (0..height as usize).step_by(rows) {
        let end = (top + rows).min(height as usize);
        let strip = match settings.compression {
            TiffCompression::Jpeg { quality, full_chroma } => {
                let settings = JpegSettings { quality, full_chroma, progressive: false, scans: None };
                let strip = strip_of(raster, top, end, bounds)?;
                let file = jpeg::encode(cpu, &strip, settings, Extras::dpi(extras.dpi), bounds)?;
                without_applications(&file.ok_or(Failure::TooLong)?)?
            }
            _ => packed(raster, top, end, settings.compression, bounds)?,
        };
        offsets.push(out.place()?);
        lengths.push(u32::try_from(strip.len()).unwrap_or(u32::MAX));
        out.put(&strip)?;
    }
    let mut fields = fields(raster.layout(), (width, height, rows as u32), settings, extras);
    fields.push(Field::longs(tags::STRIP_OFFSETS, &offsets));
    fields.push(Field::longs(tags::STRIP_BYTE_COUNTS, &lengths));
    fields.sort_by_key(|field| field.tag);
    put_directory(out, &fields)
}

/// The rows of a strip, compressed.
fn packed(
    raster: &Raster,
    top: usize,
    end: usize,
    compression: TiffCompression,
    bounds: WriteLimits<'_>,
) -> Result<Vec<u8>> {
    let planes = raster.layout().planes();
    let mut strip = Vec::new();
    let mut multiplied: Vec<Vec<u8>> = vec![Vec::new(); usize::from(raster.layout().colors)];
    for y in top..end {
        bounds.cancel.check()?;
        let start = strip.len();
        let mut rows: [&[u8]; PLANES] =
            std::array::from_fn(|plane| raster.planes().get(plane).map_or(&[][..], |plane| plane.row(y)));
        if raster.layout().alpha {
            let alpha = rows[planes - 1];
            for (out, row) in multiplied.iter_mut().zip(rows) {
                out.clear();
                out.extend(row.iter().zip(alpha).map(|(&color, &alpha)| mul_255(color, alpha)));
            }
            rows.iter_mut().zip(&multiplied).for_each(|(row, multiplied)| *row = multiplied);
        }
        join(&rows[..planes], &mut strip);
        if compression != TiffCompression::None {
            let row = &mut strip[start..];
            for i in (planes..row.len()).rev() {
                row[i] = row[i].wrapping_sub(row[i - planes]);
            }
        }
    }
    match compression {
        TiffCompression::Lzw => {
            let mut encoder = Encoder::with_tiff_size_switch(BitOrder::Msb, 8);
            let failed = |error| Error::new(ErrorKind::Internal, "the reply cannot be encoded").with_detail(&error);
            encoder.encode(&strip).map_err(failed)
        }
        TiffCompression::Zip => Ok(compress_to_vec_zlib(&strip, LEVEL)),
        TiffCompression::None | TiffCompression::Jpeg { .. } => Ok(strip),
    }
}

/// Rows of a picture. Of inks the inverses, as the encoder of JPEG inverts them.
fn strip_of(raster: &Raster, top: usize, end: usize, bounds: WriteLimits<'_>) -> Result<Raster> {
    bounds.cancel.check()?;
    let size = Size::new(raster.size().width, (end - top) as u32);
    let inverse = if raster.layout().is_cmyk() { 255 } else { 0 };
    let plane = |from: &Plane| {
        let mut plane = Plane::filled(size, 0);
        for y in top..end {
            plane.row_mut(y - top).iter_mut().zip(from.row(y)).for_each(|(to, &from)| *to = from ^ inverse);
        }
        plane
    };
    Ok(Raster::from_planes(raster.planes().iter().map(plane).collect(), raster.layout()))
}

/// A tag with its values as bytes.
struct Field {
    tag: u16,
    kind: u16,
    count: usize,
    bytes: Vec<u8>,
}

impl Field {
    fn shorts(tag: u16, values: &[u16]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { tag, kind: SHORT, count: values.len(), bytes }
    }

    fn longs(tag: u16, values: &[u32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { tag, kind: LONG, count: values.len(), bytes }
    }

    /// Whole numbers as fractions.
    fn fractions(tag: u16, values: &[u32]) -> Self {
        let bytes = values.iter().flat_map(|value| [value.to_le_bytes(), 1_u32.to_le_bytes()].concat()).collect();
        Self { tag, kind: FRACTION, count: values.len(), bytes }
    }
}

/// All tags but those of strips.
fn fields(
    layout: Layout,
    (width, height, rows): (u32, u32, u32),
    settings: TiffSettings,
    extras: Extras<'_>,
) -> Vec<Field> {
    let (compression, predictor, chroma) = match settings.compression {
        TiffCompression::None => (1, 1, None),
        TiffCompression::Lzw => (5, 2, None),
        TiffCompression::Jpeg { full_chroma, .. } => (7, 1, (layout.colors == 3).then_some(full_chroma)),
        TiffCompression::Zip => (8, 2, None),
    };
    let photometric = match layout.colors {
        1 => 1,
        4 => 5,
        _ if chroma.is_some() => 6,
        _ => 2,
    };
    let mut fields = vec![
        Field::longs(tags::IMAGE_WIDTH, &[width]),
        Field::longs(tags::IMAGE_LENGTH, &[height]),
        Field::shorts(tags::BITS_PER_SAMPLE, &vec![8; layout.planes()]),
        Field::shorts(tags::COMPRESSION, &[compression]),
        Field::shorts(tags::PHOTOMETRIC, &[photometric]),
        Field::shorts(tags::SAMPLES_PER_PIXEL, &[layout.planes() as u16]),
        Field::longs(tags::ROWS_PER_STRIP, &[rows.min(height)]),
        Field::fractions(tags::X_RESOLUTION, &[u32::from(extras.dpi)]),
        Field::fractions(tags::Y_RESOLUTION, &[u32::from(extras.dpi)]),
        Field::shorts(tags::PLANAR_CONFIGURATION, &[1]),
        // Of an inch.
        Field::shorts(tags::RESOLUTION_UNIT, &[2]),
    ];
    if predictor != 1 {
        fields.push(Field::shorts(tags::PREDICTOR, &[predictor]));
    }
    if layout.alpha {
        fields.push(Field::shorts(tags::EXTRA_SAMPLES, &[1]));
    }
    if let Some(full) = chroma {
        fields.push(Field::shorts(tags::SUBSAMPLING, if full { &[1, 1] } else { &[2, 2] }));
        fields.push(Field::fractions(tags::REFERENCE_BLACK_WHITE, &[0, 255, 128, 255, 128, 255]));
    }
    let bytes = |tag, kind, bytes: &[u8]| Field { tag, kind, count: bytes.len(), bytes: bytes.to_vec() };
    fields.extend(extras.xmp.map(|xmp| bytes(tags::XMP, BYTE, xmp.as_bytes())));
    fields.extend(extras.profile.map(|profile| bytes(tags::ICC, UNDEFINED, profile)));
    fields
}

/// Writes values that are longer than an entry, and then the directory; its place comes back.
fn put_directory(out: &mut Counted<'_>, fields: &[Field]) -> std::result::Result<u32, Failure> {
    let mut entries = Vec::new();
    for Field { tag, kind, count, bytes } in fields {
        entries.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
        entries.extend((*count as u32).to_le_bytes());
        if bytes.len() > 4 {
            let place = out.place()?;
            entries.extend(place.to_le_bytes());
            out.put(bytes)?;
        } else {
            entries.extend(bytes);
            entries.extend(&[0; 4][bytes.len()..]);
        }
    }
    let place = out.place()?;
    out.put(&(fields.len() as u16).to_le_bytes())?;
    out.put(&entries)?;
    out.put(&[0; 4])?;
    Ok(place)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use tiff::ColorType;
    use tiff::decoder::{Decoder, DecodingResult};
    use tiff::tags::Tag;

    use super::*;
    use crate::imaging::codec::test_support::collect;
    use crate::imaging::codec::{Encoding, read_header, read_metadata, read_profile};
    use crate::imaging::kernel::isa::cpu::CpuLevel;
    use crate::imaging::pixel::header::Format;
    use crate::test_support::Dice;

    const LOSSLESS: [TiffCompression; 3] = [TiffCompression::None, TiffCompression::Lzw, TiffCompression::Zip];
    const LAYOUTS: [Layout; 3] = [Layout::GRAY, Layout::RGB, Layout::CMYK];

    fn picture(size: Size, layout: Layout) -> Raster {
        let (mut raster, mut dice) = (Raster::zeroed(size, layout), Dice::new(5));
        for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
            for y in 0..size.height as usize {
                for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                    *sample = if y / 7 % 3 == 0 { dice.below(256) as u8 } else { (x * 3 + y * 5 + p * 40) as u8 };
                }
            }
        }
        raster
    }

    fn written(raster: &Raster, compression: TiffCompression, extras: Extras<'_>, limit: usize) -> Option<Vec<u8>> {
        let mut files = Cpu::all()
            .into_iter()
            .chain([Cpu::detect(CpuLevel::Scalar)])
            .map(|cpu| encode(cpu, raster, TiffSettings { compression }, extras, WriteLimits::from(limit)).unwrap());
        let first = files.next().unwrap();
        assert!(files.all(|file| file == first));
        first
    }

    /// The decoder of another library and our own see every sample.
    #[test]
    fn what_is_written_is_read_by_others() {
        for size in [Size::new(1, 1), Size::new(61, 40), Size::new(300, 500), Size::new(70_001, 3)] {
            for layout in LAYOUTS.into_iter().flat_map(|layout| [layout, layout.with_alpha(true)]) {
                let raster = picture(size, layout);
                let mut plain = Vec::new();
                for y in 0..size.height as usize {
                    for x in 0..size.width as usize {
                        let sample = |plane: &Plane| plane.row(y)[x];
                        let alpha = raster.split_alpha().1.map_or(255, sample);
                        plain.extend(raster.split_alpha().0.iter().map(|plane| mul_255(sample(plane), alpha)));
                        plain.extend(raster.split_alpha().1.map(sample));
                    }
                }
                for compression in LOSSLESS {
                    let file = written(&raster, compression, Extras::dpi(300), usize::MAX).unwrap();
                    let mut decoder = Decoder::new(Cursor::new(&file)).unwrap();
                    let expected = match (layout.colors, layout.alpha) {
                        (1, false) => ColorType::Gray(8),
                        (1, true) => ColorType::Multiband { bit_depth: 8, num_samples: 2 },
                        (3, false) => ColorType::RGB(8),
                        (3, true) => ColorType::RGBA(8),
                        (_, false) => ColorType::CMYK(8),
                        _ => ColorType::CMYKA(8),
                    };
                    assert_eq!(decoder.colortype().unwrap(), expected);
                    assert_eq!(decoder.dimensions().unwrap(), (size.width, size.height));
                    let DecodingResult::U8(found) = decoder.read_image().unwrap() else { panic!("bytes") };
                    assert!(found == plain, "{size} {layout:?} {compression:?}");
                    assert_eq!(decoder.get_tag_u32(Tag::ResolutionUnit).unwrap(), 2);
                    let header = read_header(&file).unwrap();
                    assert_eq!((header.format, header.layout), (Format::Tiff, layout));
                    let ours = collect(&file, None);
                    for (i, plane) in ours.planes.iter().enumerate() {
                        let stored = plain.iter().copied().skip(i).step_by(layout.planes());
                        if layout.alpha {
                            let alpha = raster.planes()[layout.planes() - 1].samples();
                            let differs = |((&found, stored), &alpha): ((&u8, u8), &u8)| {
                                i < usize::from(layout.colors) && mul_255(found, alpha) != stored
                            };
                            assert!(!plane.iter().zip(stored).zip(alpha).any(differs));
                        } else {
                            assert!(plane.iter().copied().eq(stored));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn strips_of_jpeg_show_what_a_jpeg_shows() {
        for layout in LAYOUTS {
            // One strip: what a JPEG file of the picture shows.
            let raster = picture(Size::new(90, 64), layout);
            for full_chroma in [false, true] {
                let compression = TiffCompression::Jpeg { quality: 85, full_chroma };
                let file = written(&raster, compression, Extras::dpi(72), usize::MAX).unwrap();
                let settings = JpegSettings { quality: 85, full_chroma, progressive: false, scans: None };
                let cpu = Cpu::detect(CpuLevel::Scalar);
                let mut inverted = raster.clone();
                if layout.is_cmyk() {
                    inverted.planes_mut().iter_mut().for_each(|plane| {
                        plane.samples_mut().iter_mut().for_each(|ink| *ink = 255 - *ink);
                    });
                }
                let jpeg = crate::imaging::codec::encode(
                    cpu,
                    &inverted,
                    Encoding::Jpeg(settings),
                    Extras::dpi(72),
                    usize::MAX,
                );
                let mut shown = collect(&jpeg.unwrap(), None);
                if layout.is_cmyk() {
                    shown.planes.iter_mut().flatten().for_each(|ink| *ink = 255 - *ink);
                }
                assert!(collect(&file, None) == shown, "{layout:?} {full_chroma}");
            }
            // Several.
            let raster = picture(Size::new(900, 300), layout);
            let compression = TiffCompression::Jpeg { quality: 95, full_chroma: true };
            let shown = collect(&written(&raster, compression, Extras::dpi(72), usize::MAX).unwrap(), None);
            for (plane, found) in raster.planes().iter().zip(&shown.planes) {
                let sum: u64 = plane.samples().iter().zip(found).map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum();
                assert!(sum < 100 * found.len() as u64, "{layout:?}: {}", sum / found.len() as u64);
            }
        }
    }

    #[test]
    fn files_hold_what_is_noted_and_keep_to_limits() {
        let raster = picture(Size::new(30, 20), Layout::RGB);
        let extras = Extras { dpi: 240, xmp: Some("<x:xmpmeta/>"), profile: Some(&[9; 301]) };
        for compression in LOSSLESS.into_iter().chain([TiffCompression::Jpeg { quality: 80, full_chroma: false }]) {
            let file = written(&raster, compression, extras, usize::MAX).unwrap();
            let metadata = read_metadata(&file, 1000);
            assert_eq!((metadata.xmp, metadata.milli_dpi), (Ok(Some("<x:xmpmeta/>".to_owned())), Some(240_000)));
            assert_eq!(read_profile(&file, 1000), Some(vec![9; 301]));
            assert_eq!(written(&raster, compression, extras, file.len()), Some(file.clone()));
            assert_eq!(written(&raster, compression, extras, file.len() - 1), None);
        }
        let clear = picture(Size::new(3, 2), Layout::RGB.with_alpha(true));
        let settings = TiffSettings { compression: TiffCompression::Jpeg { quality: 80, full_chroma: false } };
        let cpu = Cpu::detect(CpuLevel::Scalar);
        let refused = encode(cpu, &clear, settings, extras, WriteLimits::from(usize::MAX)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Internal);
    }
}
