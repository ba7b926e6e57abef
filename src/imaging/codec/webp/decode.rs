//! WebP, whose first frame is decoded whole by the `image-webp` crate.

use std::io::ErrorKind;

use image_webp::{DecodingError, WebPDecoder};

use crate::base::cancel::{Cancel, given_up};
use crate::base::digest::Digest;
use crate::base::error::{Error, Result};
use crate::base::geom::Orientation;
use crate::base::limits::{no_room, over_decoded_bytes};
use crate::base::work::{Kind, count};
use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::frame::room;
use crate::imaging::codec::job::Job;
use crate::imaging::codec::metadata::exif;
use crate::imaging::codec::metadata::icc::MAX_PROFILE;
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

use super::chunks::{Frame, Pixels};
use super::feed::Feed;
use super::metadata::{read_profile, tiff};
use super::tables;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    let frame = Frame::first(bytes)?;
    let profile = read_profile(bytes, MAX_PROFILE);
    Ok(Header {
        orientation: tiff(bytes).map_or(Orientation::default(), exif::orientation),
        space: profile.map_or(Space::Unsaid, |profile| Space::Icc(Digest::of(&profile))),
        ..header_of(&frame)
    })
}

/// What the frame says.
fn header_of(frame: &Frame<'_>) -> Header {
    Header {
        format: Format::Webp,
        stored: frame.canvas,
        orientation: Orientation::default(),
        // A canvas is transparent where no frame lies on it.
        layout: Layout::RGB.with_alpha(frame.pixels.has_alpha() || !frame.is_whole()),
        wide: false,
        space: Space::Unsaid,
        damaged: false,
        passes: 1,
        coded: Coded { whole: true, bytes: frame.pixels.len() as u64 },
    }
}

/// Makes the whole picture.
pub(super) fn whole(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<()> {
    let frame = Frame::first(bytes)?;
    if (Header { orientation: header.orientation, space: header.space, ..header_of(&frame) }) != *header {
        return Err(Error::changed());
    }
    let has_alpha = frame.pixels.has_alpha();
    let is_in_place = frame.is_whole();
    let planes = Layout::RGB.with_alpha(has_alpha).planes() as u64;
    let own = if is_in_place { 0 } else { planes * frame.size.area() };
    room(header, job, own.saturating_add(beside(&frame)))?;
    let taken = own.saturating_add(beside(&frame)).saturating_add(job.scratch.pixels.len() as u64);
    if tables_of(&frame, job.cancel)? > job.decoded_bytes.saturating_sub(taken) {
        return Err(over_decoded_bytes());
    }
    count(Kind::WebpByte, frame.pixels.len());
    count(Kind::WebpPixel, frame.size.area() as usize);
    let (cancel, limit, canvas) = (job.cancel, job.decoded_bytes, &mut job.scratch.pixels);
    if is_in_place {
        decode(&frame, canvas, limit, cancel)?;
    } else {
        // As large as what was checked above.
        let len = usize::try_from(own).map_err(|_| no_room())?;
        let mut pixels = Vec::new();
        pixels.try_reserve_exact(len).map_err(|_| no_room())?;
        pixels.resize(len, 0);
        decode(&frame, &mut pixels, limit, cancel)?;
        place(&frame, &pixels, canvas, cancel)?;
    }
    cancel.check()
}

/// Bytes that tables of codes take.
fn tables_of(frame: &Frame<'_>, cancel: Cancel<'_>) -> Result<u64> {
    match frame.pixels {
        Pixels::Lossless { pixels, .. } => tables::bytes(pixels, None, cancel),
        // The lowest two bits of the first byte say whether alpha is compressed.
        Pixels::Lossy { alpha: Some([kind, pixels @ ..]), .. } if kind & 3 == 1 => {
            tables::bytes(pixels, Some([frame.size.width, frame.size.height]), cancel)
        }
        Pixels::Lossy { .. } => Ok(0),
    }
}

/// Bytes that the crate takes beside the pixels that come out: luma and chroma in whole blocks, alpha by itself and as the
/// pixels that it is packed as, pixels with alpha where none comes out; the file, twice; tables.
fn beside(frame: &Frame<'_>) -> u64 {
    let area = u64::from(frame.size.width.next_multiple_of(16)) * u64::from(frame.size.height.next_multiple_of(16));
    let each = match frame.pixels {
        Pixels::Lossy { alpha: None, .. } => 2,
        Pixels::Lossy { alpha: Some(_), .. } => 7,
        Pixels::Lossless { has_alpha: true, .. } => 1,
        Pixels::Lossless { has_alpha: false, .. } => 5,
    };
    area * each + 2 * frame.pixels.len() as u64
}

/// Decodes a frame into a buffer of its size.
fn decode(frame: &Frame<'_>, pixels: &mut [u8], limit: u64, cancel: Cancel<'_>) -> Result<()> {
    let mut decoder = WebPDecoder::new(Feed::new(frame, cancel)).map_err(|error| refused(&error))?;
    decoder.set_memory_limit(usize::try_from(limit).unwrap_or(usize::MAX));
    let is_same = decoder.dimensions() == (frame.size.width, frame.size.height)
        && decoder.output_buffer_size() == Some(pixels.len());
    if !is_same {
        return Err(super::chunks::broken("its head cannot be read"));
    }
    decoder.read_image(pixels).map_err(|error| refused(&error))
}

/// Lays a frame on its canvas, which is transparent.
fn place(frame: &Frame<'_>, pixels: &[u8], canvas: &mut [u8], cancel: Cancel<'_>) -> Result<()> {
    let has_alpha = frame.pixels.has_alpha();
    let [left, top] = frame.at.map(|at| at as usize);
    let (width, stride) = (frame.size.width as usize, 4 * frame.canvas.width as usize);
    let len = width * if has_alpha { 4 } else { 3 };
    let rows = canvas.chunks_exact_mut(stride).skip(top);
    for (row, pixels) in rows.zip(pixels.chunks_exact(len)) {
        cancel.check()?;
        let row = row.get_mut(4 * left..).unwrap_or_default().as_chunks_mut::<4>().0.iter_mut();
        if has_alpha {
            row.zip(pixels.as_chunks::<4>().0).for_each(|(to, pixel)| *to = *pixel);
        } else {
            row.zip(pixels.as_chunks::<3>().0).for_each(|(to, &[red, green, blue])| *to = [red, green, blue, u8::MAX]);
        }
    }
    Ok(())
}

/// The error of the crate. The feed's own, that the work is to be given up, comes through the crate.
fn refused(error: &DecodingError) -> Error {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::TimedOut => given_up(),
        DecodingError::MemoryLimitExceeded => over_decoded_bytes(),
        error => damaged("is a damaged WebP", error),
    }
}

#[cfg(test)]
mod tests;
