//! JPEG (ITU-T T.81): a decoder of our own, for the window and shrink that are asked for.
//!
//! Baseline, extended sequential and progressive files of 8 bits with Huffman codes are read, with any sampling factors,
//! any scans and restart markers. The smaller shrinks use smaller inverse transforms; blocks outside the window are
//! passed over. One row of MCUs is held at a time; progressive files are held as coefficients.
//!
//! **Damaged files are refused**, so that no half picture is cached as a whole one: anything wrong in the scans that
//! the window needs, from their start to the window's last row of MCUs, is an error, and so is their early end. What
//! costs nothing is let pass: bytes between segments, before restart markers and behind the picture, and a missing end
//! marker where everything is there. At an eighth, a progressive file needs its DC scans and no other.
//!
//! Pictures equal those of libjpeg-turbo by default, sample for sample, whole and at a half. At a quarter luma is made of
//! the lowest coefficients, which spares reading the others; at an eighth it equals, and chroma that has fewer samples is
//! made of means alone, which spares its coefficients, and then enlarged.
//!
//! A job with `reference` set decodes in the plain way, one symbol at a time and without fast paths. The tests compare the
//! fast paths with it: they give the same bytes and refuse the same files.
//!
//! Files in the order of the work: `marker`, `frame`, `tables` and `scan` read segments; `bits`, `huffman`,
//! `skip` and `streams` the entropy-coded data; `sequential` and `progressive` (with `restart`) the blocks, which
//! `inverse` turns to the samples of a `band`; `grid` says which are needed, `upsample` and `color` make pixels of them,
//! `picture` drives it all. What is learned on the way, and spares the next decoder the work, goes into a `sidecar`.

mod band;
#[cfg(feature = "internals")]
pub(crate) mod bench;
mod bits;
mod coefficients;
mod color;
mod frame;
mod grid;
mod huffman;
mod inverse;
mod marker;
mod picture;
mod progressive;
mod restart;
mod scan;
mod sequential;
mod sidecar;
mod skip;
mod streams;
mod tables;
mod upsample;

use crate::base::error::{Error, Result};
use crate::base::geom::{Orientation, Size};
use crate::imaging::pixel::header::{Format, Header};
use crate::imaging::pixel::raster::{Layout, RowSink};

use crate::imaging::codec::job::Job;
use crate::imaging::codec::metadata::exif;

pub(super) use marker::segments;
pub(in crate::imaging::codec) use sequential::Buffers;
pub(crate) use sidecar::Sidecar;

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    Ok(header(&marker::read(bytes)?))
}

pub(super) fn check(_bytes: &[u8], header: &Header, _job: &mut Job<'_>) -> Result<Header> {
    Ok(*header)
}

pub(super) fn decode(bytes: &[u8], expected: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let segments = marker::read(bytes)?;
    if header(&segments) != *expected {
        return Err(Error::changed());
    }
    picture::decode(bytes, &segments, expected, job, sink)
}

pub(super) fn index(bytes: &[u8], expected: &Header, job: &mut Job<'_>) -> Result<bool> {
    let segments = marker::read(bytes)?;
    if header(&segments) != *expected {
        return Err(Error::changed());
    }
    picture::index(bytes, &segments, expected, job)
}

fn header(segments: &marker::Segments<'_>) -> Header {
    let frame = &segments.frame;
    Header {
        format: Format::Jpeg,
        stored: Size::new(frame.width, frame.height),
        orientation: segments.exif.map_or(Orientation::default(), exif::orientation),
        layout: if frame.components.len() == 1 { Layout::GRAY } else { Layout::RGB },
        cmyk: frame.components.len() == 4,
        damaged: false,
    }
}

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
