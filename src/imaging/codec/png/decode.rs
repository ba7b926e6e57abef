//! PNG, decoded row by row by the `png` crate.

mod chunk;
mod feed;
mod reader;
mod rows;
mod salvage;
mod space;
mod unpacked;

use png::{InterlaceInfo, expand_interlaced_row};

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Row, RowSink};

use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::job::{Job, prepare};

use feed::Feed;
use reader::{Form, filtered_len, header_of, open, refuse_wide, refused};
use rows::Unpacker;
pub(super) use space::{Profile, profile};
use unpacked::is_complete;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    let reader = open(Feed::new(bytes, Cancel::ALWAYS))?;
    header_of(reader.info(), bytes.len(), space::space(bytes)?)
}

/// The embedded profile that the header means.
pub(super) fn read_profile(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    profile(bytes, limit)?.bytes
}

/// Damaged is what [`decode`] refuses of the whole picture.
pub(super) fn check(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<Header> {
    struct Nowhere;
    impl RowSink for Nowhere {
        fn row(&mut self, _: &mut Row) -> Result<()> {
            Ok(())
        }
    }
    match decode(bytes, header, job, &mut Nowhere) {
        Ok(()) => Ok(*header),
        Err(error) if error.kind() == ErrorKind::Source && salvage::has_a_row(bytes, job)? => {
            Ok(salvage::header_of_damaged(*header))
        }
        Err(error) => Err(error),
    }
}

pub(super) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    if header.damaged {
        return salvage::decode(bytes, header, job, sink);
    }
    let mut reader = open(Feed::new(bytes, job.cancel))?;
    if header_of(reader.info(), bytes.len(), header.space)? != *header {
        return Err(Error::changed());
    }
    refuse_wide(header)?;
    let form = Form::of(&reader, header.layout)?;
    let mut unpack = Unpacker::new(job, header.layout, form, sink);

    let line = header.stored.width as usize * form.bytes_per_pixel();
    let last = job.window.y + job.window.height;
    let interlaced = reader.info().interlaced;
    // The end of a picture is not verified unless it is shown.
    let to_the_end = interlaced || last == header.stored.height;
    let unended = if to_the_end { Feed::pixels_without_end(bytes, job.cancel)? } else { None };
    if let Some(start) = unended {
        let complete = is_complete(bytes, start, filtered_len(reader.info()), job.cancel);
        job.cancel.check()?;
        if !complete.is_ok_and(|complete| complete) {
            return Err(damaged("is a damaged PNG", &"ends inside its pixels"));
        }
    }
    if interlaced {
        // Its passes cover the whole picture each, so it is decoded whole.
        let size = header.stored.area() * form.bytes_per_pixel() as u64;
        prepare(&mut job.scratch.pixels, size, job.decoded_bytes, job.cancel)?;
        count(Kind::PngPacked, bytes.len());
        count(Kind::PngInterlaced, job.scratch.pixels.len());
        while let Some(row) = reader.next_interlaced_row().map_err(|error| refused(&error))? {
            job.cancel.check()?;
            if let InterlaceInfo::Adam7(place) = row.interlace() {
                let bits = 8 * form.bytes_per_pixel() as u8;
                expand_interlaced_row(&mut job.scratch.pixels, line, row.data(), place, bits);
            }
        }
        let rows = job.scratch.pixels.chunks_exact(line).take(last as usize).skip(job.window.y as usize);
        for pixels in rows {
            job.cancel.check()?;
            unpack.row(pixels, sink)?;
        }
        return Ok(());
    }
    prepare(&mut job.scratch.pixels, line as u64, job.decoded_bytes, job.cancel)?;
    let scratch = &mut job.scratch.pixels;
    // Rows are about as long as each other when they are packed.
    count(Kind::PngPacked, (bytes.len() as u64 * u64::from(last) / u64::from(header.stored.height)) as usize);
    count(Kind::PngByte, line * last as usize);
    count(Kind::Row, last as usize);
    for y in 0..last {
        job.cancel.check()?;
        reader.read_row(scratch).map_err(|error| refused(&error))?;
        if y >= job.window.y {
            unpack.row(scratch, sink)?;
        }
    }
    if to_the_end {
        // Only behind the last pixels stands the check sum that they are verified by.
        reader.finish().map_err(|error| refused(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod damaged_tests;

#[cfg(test)]
mod strange_tests;

#[cfg(test)]
mod space_tests;
