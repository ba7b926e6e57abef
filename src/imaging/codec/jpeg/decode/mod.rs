//! JPEG (ITU-T T.81): a decoder of our own, for the window and shrink that are asked for.
//!
//! Baseline, extended sequential and progressive files of 8 bits with Huffman or arithmetic codes are read, with any
//! sampling factors, any scans and restart markers. Huffman codes that are not defined are the typical ones (T.81 K.3).
//! The smaller shrinks use smaller inverse transforms; blocks outside the window are passed over. One row of MCUs is held
//! at a time; progressive files and those with arithmetic codes are held as coefficients.
//!
//! **Damaged files are refused**, so that no half picture is cached as a whole one: anything wrong in the scans that
//! the window needs, from their start to the window's last row of MCUs, is an error, and so is their early end. What
//! costs nothing is let pass: bytes between segments, before restart markers and behind the picture, and a missing end
//! marker where everything is there. At an eighth, a progressive file needs its DC scans and no other. Arithmetic codes
//! tell little: a scan that a marker cuts short goes on with zeros, which encoders leave out at its end, and the end of
//! the file without a marker is damage as soon as a byte is wanted from behind it.
//!
//! **Damaged files are shown as far as they go** if the header says so, which [`check`] finds out: it reads all of the
//! file, and calls it damaged if its whole picture would be refused. Of each scan the MCUs before the first damage in it
//! count, and restart markers behind it are not sought. A scan that cannot be read or is out of turn is left out; bits are
//! not refined where the scan that gave the coefficients was damaged. All other coefficients are zero: such parts are gray,
//! 128, in pictures of inks by no black with 127 of each ink. A file without a single MCU stays refused. This way is
//! slow and has no fast paths; nothing is learned on it.
//!
//! Pictures equal those of libjpeg-turbo by default, sample for sample, whole and at a half. At a quarter luma is made of
//! the lowest coefficients, which spares reading the others; at an eighth it equals, and chroma that has fewer samples is
//! made of means alone, which spares its coefficients, and then enlarged.
//!
//! A job with `reference` set decodes in the plain way, one symbol at a time and without fast paths. The tests compare the
//! fast paths with it: they give the same bytes and refuse the same files.
//!
//! Files in the order of the work: `marker`, `frame`, `tables` and `scan` read segments; `bits`, `huffman`,
//! `skip` and `streams` the entropy-coded data; `sequential` (with `restart`) the blocks, which `inverse` turns to the
//! samples of a `band`; `grid` says which are needed, `upsample` and `color` make pixels of them, `picture` drives it all.
//! `together` drives several windows of one picture. What is learned on the way, and spares the next decoder the work, goes into a `sidecar`. `gather` holds the
//! coefficients of pictures that have to be read whole, in a `plane` for each component; `progressive`, `arithmetic` and
//! `whole` read scans into it, as a `course` says; `passes` bounds how often. `check` tells damaged files from sound ones.

mod arithmetic;
mod band;
#[cfg(feature = "internals")]
pub(crate) mod bench;
mod bits;
mod check;
mod coefficients;
mod color;
mod course;
mod frame;
mod gather;
mod grid;
mod huffman;
mod inverse;
mod marker;
mod passes;
mod picture;
mod plane;
pub(super) mod profile;
mod progressive;
mod restart;
mod scan;
mod sequential;
mod sidecar;
mod skip;
mod streams;
mod tables;
mod together;
mod upsample;
mod whole;

use crate::base::cancel::Cancel;
use crate::base::digest::Digester;
use crate::base::error::{Error, Result};
use crate::base::geom::{Orientation, Size};
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::raster::{Layout, RowSink};
use crate::imaging::pixel::space::Space;

use crate::imaging::codec::job::Job;
use crate::imaging::codec::metadata::exif;
use crate::imaging::codec::together::Output;

pub(super) use marker::segments;
pub(in crate::imaging::codec) use sequential::Buffers;
pub(crate) use sidecar::Sidecar;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    let segments = marker::read(bytes, Cancel::ALWAYS)?;
    Ok(header(&segments, bytes, passes::count(bytes, &segments.frame), space(&segments, bytes)))
}

pub(super) fn check(bytes: &[u8], expected: &Header, job: &mut Job<'_>) -> Result<Header> {
    let segments = read(bytes, expected, job.cancel)?;
    check::check(bytes, &segments, Header { damaged: false, ..*expected }, job)
}

pub(super) fn decode(bytes: &[u8], expected: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let segments = read(bytes, expected, job.cancel)?;
    picture::decode(bytes, &segments, expected, job, sink)
}

pub(super) fn decode_all(bytes: &[u8], expected: &Header, job: &mut Job<'_>, outputs: &mut [Output<'_>]) -> Result<()> {
    let segments = read(bytes, expected, job.cancel)?;
    together::decode_all(bytes, &segments, expected, job, outputs)
}

pub(super) fn index(bytes: &[u8], expected: &Header, job: &mut Job<'_>, learns: bool) -> Result<bool> {
    let segments = read(bytes, expected, job.cancel)?;
    Ok(!expected.damaged && picture::index(bytes, &segments, expected, job, learns)?)
}

/// The segments of a file whose header has been read before, and perhaps been found to be that of a damaged file.
fn read<'b>(bytes: &'b [u8], expected: &Header, cancel: Cancel<'_>) -> Result<marker::Segments<'b>> {
    let segments = marker::read(bytes, cancel)?;
    // The passes are not counted again: they decide no pixel, and the decoder counts visits on the way. Nor does the
    // decoder look at the colour space.
    let found = header(&segments, bytes, expected.passes, expected.space);
    let found = Header { damaged: expected.damaged, ..found };
    if found == *expected { Ok(segments) } else { Err(Error::changed()) }
}

fn header(segments: &marker::Segments<'_>, bytes: &[u8], passes: u16, space: Space) -> Header {
    let frame = &segments.frame;
    Header {
        format: Format::Jpeg,
        stored: Size::new(frame.width, frame.height),
        orientation: segments.exif.map_or(Orientation::default(), exif::orientation),
        layout: match frame.components.len() {
            1 => Layout::GRAY,
            4 => Layout::CMYK,
            _ => Layout::RGB,
        },
        wide: false,
        space,
        damaged: false,
        passes,
        coded: Coded { whole: frame.is_gathered(), bytes: bytes.len() as u64 },
    }
}

/// The colour space: that of the profile, else the one that a camera names, which is never one of inks.
fn space(segments: &marker::Segments<'_>, bytes: &[u8]) -> Space {
    let exif = || segments.exif.filter(|_| segments.frame.components.len() < 4).map_or(Space::Unsaid, exif::space);
    profile::parts(bytes).map_or_else(exif, |parts| {
        let mut digester = Digester::default();
        parts.into_iter().for_each(|part| digester.update(part));
        Space::Icc(digester.finish())
    })
}

#[cfg(test)]
mod arithmetic_tests;
#[cfg(test)]
mod arithmetic_writer;
#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod sidecar_tests;
#[cfg(test)]
mod strange_tests;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod typical_tests;
#[cfg(test)]
mod written_tests;
