//! Damaged files, decoded as far as they go.
//!
//! Rows are decoded until the compressed pixels break off or end, or the first chunk of pixels with a wrong check sum ends,
//! or a row names a filter that does not exist. All further rows are transparent black. As in Chromium, an interlaced picture
//! shows the pixels that came over the places of those that did not (PNG, third edition, section 8.1): the first pass covers
//! the picture, eight rows at a time, so that rows are transparent only where the first pass breaks off.

use png::{DecodingError, InterlaceInfo, Reader, splat_interlaced_row};

use crate::base::error::{Error, Result};
use crate::base::work::{Kind, count};
use crate::imaging::codec::job::{Job, prepare};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::RowSink;

use super::feed::Feed;
use super::reader::{Form, header_of, open, refuse_wide, refused};
use super::rows::Unpacker;

/// Rows that one row of the first pass covers.
const FIRST_PASS: usize = 8;

/// The header by which the file is decoded, if it is damaged: rows may be missing.
pub(super) fn header_of_damaged(header: Header) -> Header {
    Header { damaged: true, layout: header.layout.with_alpha(true), ..header }
}

fn reader_of<'a>(bytes: &'a [u8], job: &Job<'a>) -> Result<Reader<Feed<'a>>> {
    let reader = open(Feed::damaged(bytes, job.cancel));
    // The reader reports an early end when the work is cancelled.
    job.cancel.check()?;
    reader
}

/// One row at least can be decoded.
pub(super) fn has_a_row(bytes: &[u8], job: &Job<'_>) -> Result<bool> {
    let mut reader = reader_of(bytes, job)?;
    let row = reader.next_row().is_ok_and(|row| row.is_some());
    job.cancel.check()?;
    Ok(row)
}

/// Decodes a window of a file with the header of [`header_of_damaged`].
pub(super) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let mut reader = reader_of(bytes, job)?;
    let sound = header_of(reader.info(), bytes.len(), header.space)?;
    if header_of_damaged(sound) != *header {
        return Err(Error::changed());
    }
    refuse_wide(header)?;
    let form = Form::of(&reader, sound.layout)?;
    let mut unpack = Unpacker::new(job, header.layout, form, sink);
    let line = header.stored.width as usize * form.bytes_per_pixel();
    let (first, last) = (job.window.y as usize, (job.window.y + job.window.height) as usize);
    let scratch = &mut job.scratch.pixels;
    if reader.info().interlaced {
        let size = header.stored.area() * form.bytes_per_pixel() as u64;
        prepare(scratch, size, job.decoded_bytes, job.cancel)?;
        count(Kind::PngPacked, bytes.len());
        count(Kind::PngInterlaced, scratch.len());
        let mut rows = 0;
        loop {
            job.cancel.check()?;
            match reader.next_interlaced_row() {
                Ok(Some(row)) => {
                    if let InterlaceInfo::Adam7(place) = row.interlace() {
                        splat_interlaced_row(scratch, line, row.data(), place, 8 * form.bytes_per_pixel() as u8);
                    }
                    rows += 1;
                }
                Err(error @ DecodingError::LimitsExceeded) => return Err(refused(&error)),
                Ok(None) | Err(_) => break,
            }
        }
        job.cancel.check()?;
        // The rows of the first pass are the first to come.
        let covered = FIRST_PASS * rows;
        for (y, pixels) in scratch.chunks_exact(line).enumerate().take(last).skip(first) {
            if y < covered { unpack.row(pixels, sink)? } else { unpack.missing_row(sink)? }
        }
        return Ok(());
    }
    prepare(scratch, line as u64, job.decoded_bytes, job.cancel)?;
    let mut more = true;
    count(Kind::PngPacked, (bytes.len() as u64 * last as u64 / u64::from(header.stored.height)) as usize);
    count(Kind::PngByte, line * last);
    count(Kind::Row, last);
    for y in 0..last {
        job.cancel.check()?;
        if more {
            more = match reader.read_row(scratch) {
                Ok(row) => row.is_some(),
                Err(error @ DecodingError::LimitsExceeded) => return Err(refused(&error)),
                Err(_) => false,
            };
            // The stream of pixels ends too when the work is given up.
            job.cancel.check()?;
        }
        match y >= first {
            true if more => unpack.row(scratch, sink)?,
            true => unpack.missing_row(sink)?,
            false => {}
        }
    }
    Ok(())
}
