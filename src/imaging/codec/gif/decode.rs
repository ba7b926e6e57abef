//! GIF, whose first frame is unpacked row by row onto its canvas.

use std::ops::Range;

use weezl::decode::Decoder;
use weezl::{BitOrder, LzwStatus};

use crate::base::cancel::Cancel;
use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Orientation;
use crate::base::work::{Kind, count};
use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::frame::room;
use crate::imaging::codec::job::Job;
use crate::imaging::codec::metadata::icc::MAX_PROFILE;
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

use super::blocks::{Frame, Parts, broken};
use super::metadata::read_profile;

/// What the unpacker takes beside the pixels: its table, a row.
const BESIDE: u64 = 1 << 18;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    let frame = Frame::first(bytes)?;
    let profile = read_profile(bytes, MAX_PROFILE);
    let space = profile.map_or(Space::Unsaid, |profile| Space::Icc(Digest::of(&profile)));
    Ok(Header { space, ..header_of(&frame) })
}

/// What the frame says.
fn header_of(frame: &Frame<'_>) -> Header {
    Header {
        format: Format::Gif,
        stored: frame.canvas,
        orientation: Orientation::default(),
        layout: Layout::RGB.with_alpha(frame.has_alpha()),
        wide: false,
        space: Space::Unsaid,
        damaged: false,
        passes: 1,
        coded: Coded { whole: true, bytes: frame.len() as u64 },
    }
}

/// Reads the whole picture. A damaged one is shown if it has a row.
pub(super) fn check(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<Header> {
    match whole(bytes, header, job) {
        Ok(()) => Ok(*header),
        Err(error) if error.kind() == ErrorKind::Source => {
            let shown = Header { damaged: true, layout: header.layout.with_alpha(true), ..*header };
            if draw(&Frame::first(bytes)?, &shown, job)? > 0 { Ok(shown) } else { Err(error) }
        }
        Err(error) => Err(error),
    }
}

/// Makes the whole picture; of a damaged file, the rows that can be unpacked, over transparent ones.
pub(super) fn whole(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<()> {
    let frame = Frame::first(bytes)?;
    let sound = header_of(&frame);
    let layout = sound.layout.with_alpha(sound.layout.alpha || header.damaged);
    if (Header { space: header.space, damaged: header.damaged, layout, ..sound }) != *header {
        return Err(Error::changed());
    }
    let rows = draw(&frame, header, job)?;
    if rows < frame.size.height && !header.damaged {
        return Err(broken("ends inside its pixels"));
    }
    Ok(())
}

/// Draws as many rows of a frame as can be unpacked; tells how many those are.
///
/// # Errors
///
/// The codes are wrong, where damaged files are not shown; a limit is exceeded; the work is to be given up.
fn draw(frame: &Frame<'_>, header: &Header, job: &mut Job<'_>) -> Result<u32> {
    room(header, job, BESIDE)?;
    count(Kind::GifByte, frame.len());
    count(Kind::GifPixel, frame.size.area() as usize);
    let colors = frame.colors();
    let planes = header.layout.planes();
    let stride = planes * frame.canvas.width as usize;
    let [left, top] = frame.at.map(|at| at as usize);
    let mut codes = Codes::new(frame);
    let mut numbers = vec![0; frame.size.width as usize];
    for (done, y) in (0..).zip(rows(frame.size.height, frame.is_interlaced)) {
        match codes.fill(&mut numbers, job.cancel) {
            Ok(true) => {}
            Err(error) if error.kind() != ErrorKind::Source || !header.damaged => return Err(error),
            Ok(false) | Err(_) => return Ok(done),
        }
        let start = stride * (top + y as usize) + planes * left;
        let row = job.scratch.pixels.get_mut(start..).unwrap_or_default();
        for (pixel, &number) in row.chunks_exact_mut(planes).zip(&numbers) {
            pixel.copy_from_slice(&colors[usize::from(number)][..planes]);
        }
    }
    Ok(frame.size.height)
}

/// The rows of a frame in the order in which they come: interlaced ones in four passes.
fn rows(height: u32, is_interlaced: bool) -> impl Iterator<Item = u32> {
    let passes: &[(u32, usize)] = if is_interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |&(first, step)| (first..height).step_by(step))
}

/// Numbers that are unpacked at a time. The longest code stands for 4096 of them: with room for more, the unpacker never
/// waits for a larger buffer.
const UNPACKED: usize = 8192;

/// The codes of a frame, which numbers of colours come out of.
struct Codes<'a> {
    unpacker: Decoder,
    parts: Parts<'a>,
    part: &'a [u8],
    unpacked: Vec<u8>,
    /// Those of the unpacked numbers that have not been taken.
    ready: Range<usize>,
    /// Why no number comes behind those that are ready.
    end: Option<Result<()>>,
}

impl<'a> Codes<'a> {
    fn new(frame: &Frame<'a>) -> Self {
        Self {
            unpacker: Decoder::new(BitOrder::Lsb, frame.bits),
            parts: frame.data,
            part: &[],
            unpacked: vec![0; UNPACKED],
            ready: 0..0,
            end: None,
        }
    }

    /// Fills a row; false if the codes end before.
    ///
    /// # Errors
    ///
    /// A code is wrong, or the work is to be given up.
    fn fill(&mut self, mut row: &mut [u8], cancel: Cancel<'_>) -> Result<bool> {
        cancel.check()?;
        while !row.is_empty() {
            if self.ready.is_empty() {
                match &self.end {
                    None => self.unpack(),
                    Some(Ok(())) => return Ok(false),
                    Some(Err(error)) => return Err(error.clone()),
                }
            }
            let ready = self.unpacked.get(self.ready.clone()).unwrap_or_default();
            let len = ready.len().min(row.len());
            let (filled, rest) = row.split_at_mut(len);
            filled.copy_from_slice(&ready[..len]);
            row = rest;
            self.ready.start += len;
        }
        Ok(true)
    }

    /// Unpacks some numbers, unless codes are missing.
    fn unpack(&mut self) {
        let part = if self.part.is_empty() { self.parts.next() } else { Some(self.part) };
        // Behind the last part the unpacker is asked for what it still holds.
        let given = part.unwrap_or_default();
        let done = self.unpacker.decode_bytes(given, &mut self.unpacked);
        self.part = given.get(done.consumed_in..).unwrap_or_default();
        self.ready = 0..done.consumed_out;
        match done.status {
            Ok(LzwStatus::Done) => self.end = Some(Ok(())),
            Ok(LzwStatus::NoProgress) if done.consumed_in == 0 && done.consumed_out == 0 => {
                self.part = &[];
                if part.is_none() {
                    self.end = Some(Ok(()));
                }
            }
            // Codes that say nothing of colours are progress too.
            Ok(LzwStatus::Ok | LzwStatus::NoProgress) => {}
            Err(error) => self.end = Some(Err(damaged("is a damaged GIF", &error))),
        }
    }
}

#[cfg(test)]
mod tests;
