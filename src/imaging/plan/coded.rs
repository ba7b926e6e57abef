//! What it takes to decode a window of a file, foretold from its header.

use crate::base::geom::{Shrink, Size, Window};
use crate::base::work::{Kind, Work};
use crate::imaging::pixel::header::{Format, Header};

/// Bytes of a file from where it pays to keep what decoders learn of it.
pub(crate) const KEPT_FROM: u64 = 1 << 15;

/// Adds what decoding a window takes. A decoder begins at the top of a file.
pub(super) fn decoded(work: &mut Work, header: &Header, window: Window, shrink: Shrink) {
    match header.format {
        Format::Bmp => bmp(work, header, window),
        Format::Gif => framed(work, header, window, [Kind::GifByte, Kind::GifPixel]),
        Format::Jpeg => jpeg(work, header, window, shrink),
        Format::Png => png(work, header, window),
        Format::Webp => framed(work, header, window, [Kind::WebpByte, Kind::WebpPixel]),
        Format::Raw => rows(work, header, window),
        Format::Tiff => tiff(work, header, window),
    }
}

fn png(work: &mut Work, header: &Header, window: Window) {
    let Size { width, height } = header.stored;
    let last = u64::from(window.y + window.height);
    let bytes = if header.wide { 2 } else { 1 };
    let line = u64::from(width) * header.layout.planes() as u64 * bytes;
    if header.coded.whole {
        work.add(Kind::PngPacked, header.coded.bytes);
        work.add(Kind::PngInterlaced, line * u64::from(height));
    } else {
        work.add(Kind::PngPacked, part(header.coded.bytes, last, height));
        work.add(Kind::PngByte, line * last);
        work.add(Kind::Row, last);
    }
    work.add(Kind::Copy, u64::from(window.width) * u64::from(window.height) * header.layout.planes() as u64 * bytes);
}

/// A picture that is decoded whole. Its frame is taken to be as large as its canvas.
fn framed(work: &mut Work, header: &Header, window: Window, [byte, pixel]: [Kind; 2]) {
    work.add(byte, header.coded.bytes);
    work.add(pixel, header.stored.area());
    rows(work, header, window);
}

fn bmp(work: &mut Work, header: &Header, window: Window) {
    let shown = u64::from(window.width) * u64::from(window.height);
    work.add(Kind::BmpPixel, if header.coded.whole { header.stored.area() } else { shown });
    rows(work, header, window);
}

/// The rows of a window are split.
fn rows(work: &mut Work, header: &Header, window: Window) {
    work.add(Kind::Row, u64::from(window.height));
    work.add(Kind::Copy, u64::from(window.width) * u64::from(window.height) * header.layout.planes() as u64);
}

/// Strips above the window are passed over, unless there is one for all rows.
fn tiff(work: &mut Work, header: &Header, window: Window) {
    let rows = if header.coded.whole { window.y + window.height } else { window.height };
    let bytes = if header.wide { 2 } else { 1 };
    let planes = header.layout.planes() as u64;
    work.add(Kind::TiffPacked, part(header.coded.bytes, u64::from(rows), header.stored.height));
    work.add(Kind::TiffByte, u64::from(header.stored.width) * planes * bytes * u64::from(rows));
    work.add(Kind::Copy, u64::from(window.width) * u64::from(window.height) * planes * bytes);
    work.add(Kind::Row, u64::from(window.height));
}

fn jpeg(work: &mut Work, header: &Header, window: Window, shrink: Shrink) {
    let Size { width, height } = header.stored;
    let factor = shrink.factor();
    let is_gray = header.layout.colors == 1;
    // Halves of blocks for each block of pixels: chroma has a quarter of the samples, as in most files.
    let (halves, unit) = match (is_gray, header.layout.is_cmyk()) {
        (true, _) => (2, 8),
        (false, false) => (3, 16),
        (false, true) => (8, 8),
    };
    let blocks = |rows: u32| u64::from(width.div_ceil(unit) * (unit / 8)) * u64::from(rows / 8) * halves / 2;
    let whole = height.next_multiple_of(unit);
    let end = (factor * (window.y + window.height) + 1).next_multiple_of(unit).min(whole);
    let first = (factor * window.y) / unit * unit;
    let only_means = shrink == Shrink::Eighth;
    // Samples for two pixels at the shrink: chroma is shrunk less where that spares enlarging it.
    let samples = match (is_gray, shrink) {
        (true, _) => 2,
        (false, Shrink::Half | Shrink::Quarter) => 6,
        (false, Shrink::Full | Shrink::Eighth) => 3,
    } + if header.layout.is_cmyk() { 3 } else { 0 };
    let reaches = |side: u32| u64::from((side + 2).next_multiple_of((unit / factor).max(1)));
    let mut transformed = reaches(window.width) * reaches(window.height);
    if header.coded.whole || header.damaged {
        let full = shrink.of(header.stored);
        let is_part = window.width < full.width || window.height < full.height;
        // What is likely to be kept for other windows is transformed as a whole.
        let transformed_all = !only_means && is_part && !header.damaged && header.coded.bytes >= KEPT_FROM;
        if transformed_all {
            transformed = full.area();
        }
        let rows = if transformed_all { whole } else { end };
        let bytes = part(header.coded.bytes, u64::from(rows), height);
        work.add(Kind::JpegByte, if only_means { bytes / 4 } else { bytes });
        work.add(Kind::JpegGather, blocks(rows) * if only_means { 2 } else { u64::from(header.passes) });
    } else {
        work.add(Kind::JpegByte, part(header.coded.bytes, u64::from(end), height));
        let (walked, read) = if only_means { (end, 0) } else { (first.min(end), end.saturating_sub(first)) };
        work.add(Kind::JpegWalk, blocks(walked));
        work.add(Kind::JpegRead, blocks(read));
    }
    work.add(Kind::JpegSample, transformed * samples / 2);
    let components = u64::from(header.layout.colors);
    work.add(Kind::JpegPixel, u64::from(window.width) * u64::from(window.height) * components);
    work.add(Kind::Row, u64::from(window.height));
}

/// The part of some bytes that the first rows take.
fn part(bytes: u64, rows: u64, height: u32) -> u64 {
    let height = u64::from(height.max(1));
    (u128::from(bytes) * u128::from(rows.min(height)) / u128::from(height)) as u64
}
