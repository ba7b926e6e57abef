//! BMP, whose rows are read where they lie. Run lengths are drawn as a whole picture.

use crate::base::digest::Digest;
use crate::base::error::{Error, Result};
use crate::base::geom::Orientation;
use crate::base::work::{Kind, count};
use crate::imaging::codec::frame::{self, room};
use crate::imaging::codec::job::{Job, prepare};
use crate::imaging::codec::metadata::icc::MAX_PROFILE;
use crate::imaging::codec::together::{Output, one_by_one};
use crate::imaging::kernel::interleave::split;
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::raster::{Layout, Row, RowSink};
use crate::imaging::pixel::space::Space;

use super::heading::{Form, Heading, broken, refuse_wide};
use super::metadata;
use super::runs::Canvas;
use super::unpack::Unpacker;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    let space = match metadata::read_profile(bytes, MAX_PROFILE) {
        Some(profile) => Space::Icc(Digest::of(&profile)),
        None if metadata::says_srgb(bytes) => Space::Srgb,
        None => Space::Unsaid,
    };
    Ok(Header { space, ..header_of(&Heading::of(bytes)?) })
}

/// What the headers of a file say of its pixels.
fn header_of(heading: &Heading<'_>) -> Header {
    Header {
        format: Format::Bmp,
        stored: heading.size,
        orientation: Orientation::default(),
        layout: Layout::RGB.with_alpha(heading.form.has_alpha()),
        wide: false,
        space: Space::Unsaid,
        damaged: false,
        passes: 1,
        coded: Coded { whole: heading.form.is_packed(), bytes: heading.pixels.len() as u64 },
    }
}

/// The headers of the file that the header was read from.
fn heading_of<'a>(bytes: &'a [u8], header: &Header) -> Result<Heading<'a>> {
    let heading = Heading::of(bytes)?;
    let sound = header_of(&heading);
    let layout = sound.layout.with_alpha(sound.layout.alpha || header.damaged);
    if (Header { space: header.space, damaged: header.damaged, layout, ..sound }) != *header {
        return Err(Error::changed());
    }
    refuse_wide(heading.size)?;
    Ok(heading)
}

/// Reads the whole picture. A damaged one is shown if it has a row.
pub(super) fn check(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<Header> {
    let heading = heading_of(bytes, header)?;
    let shown = Header { damaged: true, layout: header.layout.with_alpha(true), ..*header };
    let rows = if heading.form.is_packed() { draw(&heading, &shown, job)? } else { rows_of(&heading) };
    match rows {
        rows if rows == heading.size.height => Ok(*header),
        0 => Err(broken("ends in front of its pixels")),
        _ => Ok(shown),
    }
}

/// Rows that the file has. The bytes that fill up the last one may be missing.
fn rows_of(heading: &Heading<'_>) -> u32 {
    let line = (u64::from(heading.size.width) * u64::from(heading.form.bits())).div_ceil(8);
    let len = heading.pixels.len() as u64;
    let rows = len.checked_sub(line).map_or(0, |rest| rest / heading.stride() + 1);
    u32::try_from(rows).unwrap_or(u32::MAX).min(heading.size.height)
}

/// Decodes a window.
pub(super) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let heading = heading_of(bytes, header)?;
    if heading.form.is_packed() {
        return frame::decode(whole, bytes, header, job, sink);
    }
    let (window, planes) = (job.window, header.layout.planes());
    let own = header.layout.with_alpha(heading.form.has_alpha()).planes();
    let columns = window.x as usize..(window.x + window.width) as usize;
    let stride = heading.stride();
    let complete = rows_of(&heading);
    // A buffer of the right size, which rows are then appended to.
    prepare(&mut job.scratch.pixels, (columns.len() * own) as u64, job.decoded_bytes, job.cancel)?;
    let pixels = &mut job.scratch.pixels;
    let unpacker = Unpacker::new(&heading.form);
    let mut row = Row::new(window.width, header.layout);
    for y in window.y..window.y + window.height {
        job.cancel.check()?;
        // The same from either side.
        let place = heading.row_at(y);
        count(Kind::Row, 1);
        if place < complete {
            let start = usize::try_from(stride * u64::from(place)).unwrap_or(usize::MAX);
            pixels.clear();
            unpacker.row(heading.pixels.get(start..).unwrap_or_default(), columns.clone(), pixels);
            count(Kind::BmpPixel, columns.len());
            let mut out = row.planes_mut();
            count(Kind::Copy, pixels.len());
            split(job.cpu, pixels, &mut out[..own]);
            out[own..planes].iter_mut().for_each(|alpha| alpha.fill(u8::MAX));
        } else if header.damaged {
            row.planes_mut().iter_mut().for_each(|plane| plane.fill(0));
        } else {
            return Err(broken("ends inside its pixels"));
        }
        sink.row(&mut row)?;
    }
    Ok(())
}

/// Decodes several windows.
pub(super) fn decode_all(bytes: &[u8], header: &Header, job: &mut Job<'_>, outputs: &mut [Output<'_>]) -> Result<()> {
    if heading_of(bytes, header)?.form.is_packed() {
        return frame::decode_all(whole, bytes, header, job, outputs);
    }
    one_by_one(decode, bytes, header, job, outputs)
}

/// Makes the whole picture of run lengths; of a damaged file, the rows that are complete, over transparent ones.
fn whole(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<()> {
    let heading = heading_of(bytes, header)?;
    if draw(&heading, header, job)? < heading.size.height && !header.damaged {
        return Err(broken("ends inside its pixels"));
    }
    Ok(())
}

/// Draws run lengths; tells how many rows are complete. Others are transparent, where there is alpha.
fn draw(heading: &Heading<'_>, header: &Header, job: &mut Job<'_>) -> Result<u32> {
    room(header, job, 0)?;
    let (size, planes) = (heading.size, header.layout.planes());
    count(Kind::BmpPixel, size.area() as usize);
    let colors = match heading.form {
        Form::Runs { palette, .. } => palette.colors(),
        _ => [[0; 3]; 256],
    };
    let [red, green, blue] = colors[0];
    let first = [red, green, blue, u8::MAX];
    let (cancel, pixels) = (job.cancel, &mut job.scratch.pixels);
    let stride = planes * size.width as usize;
    for row in pixels.chunks_exact_mut(stride) {
        cancel.check()?;
        row.chunks_exact_mut(planes).for_each(|pixel| pixel.copy_from_slice(&first[..planes]));
    }
    let put = |x: u32, place: u32, pixel: &[u8]| {
        let color = match *pixel {
            [number] => colors[usize::from(number)],
            [blue, green, red] => [red, green, blue],
            _ => return,
        };
        let start = stride * heading.row_at(place) as usize + planes * x as usize;
        if let Some(pixel) = pixels.get_mut(start..).and_then(|rest| rest.first_chunk_mut()) {
            *pixel = color;
        }
    };
    let complete = Canvas { width: size.width, height: size.height, bits: heading.form.bits(), put, cancel }
        .draw(heading.pixels)?;
    for place in complete..size.height {
        let start = stride * heading.row_at(place) as usize;
        if let Some(row) = job.scratch.pixels.get_mut(start..).and_then(|rest| rest.get_mut(..stride)) {
            row.fill(0);
        }
    }
    Ok(complete)
}

#[cfg(test)]
mod tests;
