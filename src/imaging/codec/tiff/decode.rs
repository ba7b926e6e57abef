//! Drives the decoding of a window: rows of strips or tiles from top to bottom.
//!
//! Strips are read row by row, of which one is held. Tiles that lie beside each other are put together to a band; so are strips
//! of JPEG whose components stand apart, and YCbCr whose units have several rows.

use std::borrow::Cow;

use crate::base::error::{Error, Result};
use crate::base::geom::{Shrink, Size, Window};
use crate::base::limits::{grow, over_decoded_bytes, zeros};
use crate::base::work::{Kind, count};
use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::job::{Job, Sidecar};
use crate::imaging::codec::jpeg;
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Layout, PLANES, Raster, Row, RowSink};

use super::page::{Coding, Colors, Page};
use super::rows::{Rows, Sent};
use super::samples::{Depth, Form};
use super::stream::{Transform, assembled};
use super::tags;
use super::unpack::{Packing, Unpacker};

pub(super) fn read_header(bytes: &[u8]) -> Result<Header> {
    let page = Page::of(bytes)?;
    Ok(page.header(bytes, page.space()))
}

pub(super) fn read_profile(bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let profile = Page::of(bytes).ok()?.profile()?;
    (profile.len() <= limit).then(|| profile.to_vec())
}

/// Parts cost their share where chunks are small or stored as they are.
pub(super) fn index(bytes: &[u8]) -> Result<bool> {
    const LOW: u32 = 64;
    let page = Page::of(bytes)?;
    Ok(page.chunks.height <= LOW || page.coding == Coding::Packed(Packing::Stored))
}

/// Damaged is what [`decode`] refuses of the whole picture: nothing is shown of it.
pub(super) fn check(bytes: &[u8], header: &Header, job: &mut Job<'_>) -> Result<Header> {
    struct Nowhere;
    impl RowSink for Nowhere {
        fn row(&mut self, _: &mut Row) -> Result<()> {
            Ok(())
        }
    }
    decode(bytes, header, job, &mut Nowhere).map(|()| *header)
}

pub(super) fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let page = Page::of(bytes)?;
    if page.header(bytes, header.space) != *header {
        return Err(Error::changed());
    }
    if page.bits == 16 {
        Decoder::<u16>::new(&page, header.layout, job, sink)?.decode(job)
    } else {
        Decoder::<u8>::new(&page, header.layout, job, sink)?.decode(job)
    }
}

struct Decoder<'d, S: Sent> {
    page: &'d Page<'d>,
    window: Window,
    form: Form,
    /// For each stored sample that is wanted its plane.
    wanted: Vec<(u32, usize)>,
    /// One, or one for each wanted sample.
    unpackers: Vec<Unpacker<'d>>,
    /// A row of a chunk.
    raw: Vec<u8>,
    rows: Rows<'d, S>,
    /// Where chunks are put together, and its bytes.
    band: Option<Raster<S>>,
    band_bytes: u64,
}

/// The part of a chunk that a window shows.
#[derive(Clone, Copy)]
struct Part {
    /// Its first column in the chunk, and in the window.
    from: u32,
    to: u32,
    width: u32,
}

impl<'d, S: Sent> Decoder<'d, S> {
    fn new(page: &'d Page<'d>, layout: Layout, job: &Job<'_>, sink: &'d mut dyn RowSink) -> Result<Self> {
        let (window, chunks) = (job.window, &page.chunks);
        let colors = if page.colors == Colors::Palette { 1 } else { u32::from(layout.colors) };
        let mut wanted: Vec<(u32, usize)> = (0..colors).map(|sample| (sample, sample as usize)).collect();
        wanted.extend(page.alpha.map(|alpha| (alpha.sample, usize::from(layout.colors))));
        let form = Form {
            bits: page.bits,
            samples: if page.planar { 1 } else { page.samples },
            little: page.directory.file().little,
            is_palette: page.colors == Colors::Palette,
        };
        let raw = match page.units() {
            Some((h, v)) => u64::from(chunks.width.div_ceil(h)) * u64::from(h * v + 2),
            None => form.row_bytes(chunks.width),
        };
        let is_band = chunks.tiled || page.units().is_some() || page.planar && page.coding == Coding::Jpeg;
        let size = Size::new(window.width, if is_band { chunks.height.min(window.height) } else { 0 });
        let band = size.area() * layout.planes() as u64 * size_of::<S>() as u64;
        if raw.saturating_add(band) > job.decoded_bytes {
            return Err(over_decoded_bytes());
        }
        let count = if page.planar { wanted.len() } else { 1 };
        let unpackers = match page.coding {
            Coding::Jpeg => Vec::new(),
            Coding::Packed(packing) => (0..count).map(|_| Unpacker::new(packing, chunks.width)).collect(),
        };
        Ok(Self {
            page,
            window,
            form,
            wanted,
            unpackers,
            raw: zeros(if page.coding == Coding::Jpeg { 0 } else { raw as usize }),
            rows: Rows::new(page, layout, window.width, sink)?,
            band: is_band.then(|| Raster::zeroed(size, layout)),
            band_bytes: band,
        })
    }

    fn decode(&mut self, job: &mut Job<'_>) -> Result<()> {
        let (window, chunks) = (self.window, &self.page.chunks);
        if window.width == 0 || window.height == 0 {
            return Ok(());
        }
        let end = window.y + window.height;
        for row in window.y / chunks.height..=(end - 1) / chunks.height {
            job.cancel.check()?;
            if self.band.is_some() {
                self.bands(row, job)?;
            } else if self.page.coding == Coding::Jpeg {
                self.jpeg(row, 0, 0, job)?;
            } else {
                self.strip(row, job)?;
            }
        }
        Ok(())
    }

    /// The rows of the window in a row of chunks, and those of the chunks.
    fn lines(&self, row: u32) -> (std::ops::Range<u32>, std::ops::Range<u32>) {
        let rows = self.page.chunks.rows(row, self.page.size);
        let end = self.window.y + self.window.height;
        (rows.start.max(self.window.y)..rows.end.min(end), rows)
    }

    /// Begins a chunk.
    fn start(&mut self, unpacker: usize, plane: u32, row: u32, column: u32, job: &Job<'_>) -> Result<()> {
        let is_stored = self.page.coding == Coding::Packed(Packing::Stored);
        let bytes = self.page.chunks.bytes(plane, row, column, is_stored)?;
        let stored = self.lines(row).1.len().saturating_mul(self.raw.len());
        let bytes = &bytes[..bytes.len().min(if is_stored { stored } else { most(stored, SPARE) })];
        if !is_stored {
            count(Kind::TiffPacked, bytes.len());
        }
        let bytes = if self.page.reversed {
            let limit = job.decoded_bytes.saturating_sub(self.band_bytes) / self.unpackers.len() as u64;
            Cow::Owned(reversed(bytes, limit)?)
        } else {
            Cow::Borrowed(bytes)
        };
        self.unpackers[unpacker].start(bytes);
        Ok(())
    }

    /// The next row of a chunk.
    fn read(&mut self, unpacker: usize) -> Result<()> {
        self.unpackers[unpacker].read(&mut self.raw)?;
        count(Kind::TiffByte, self.raw.len());
        if self.page.predicted {
            self.form.add_up(&mut self.raw);
        }
        Ok(())
    }

    /// A strip, or one for each wanted sample.
    fn strip(&mut self, row: u32, job: &Job<'_>) -> Result<()> {
        for unpacker in 0..self.unpackers.len() {
            let plane = if self.page.planar { self.wanted[unpacker].0 } else { 0 };
            self.start(unpacker, plane, row, 0, job)?;
        }
        let (lines, all) = self.lines(row);
        let part = Part { from: self.window.x, to: 0, width: self.window.width };
        for y in all.start..lines.end {
            job.cancel.check()?;
            for unpacker in 0..self.unpackers.len() {
                if y < lines.start {
                    count(Kind::TiffByte, self.raw.len());
                    self.unpackers[unpacker].pass(&mut self.raw)?;
                    continue;
                }
                self.read(unpacker)?;
                let wanted = if self.page.planar { &self.wanted[unpacker..=unpacker] } else { &self.wanted[..] };
                put(self.form, (&self.raw[..], part), wanted, self.page.planar, job, self.rows.row.planes_mut());
            }
            if y >= lines.start {
                self.rows.pour()?;
            }
        }
        Ok(())
    }

    /// Chunks beside each other, put together.
    fn bands(&mut self, row: u32, job: &mut Job<'_>) -> Result<()> {
        let (chunks, window) = (&self.page.chunks, self.window);
        for column in window.x / chunks.width..=(window.x + window.width - 1) / chunks.width {
            let planes = if self.page.planar { self.wanted.len() } else { 1 };
            for i in 0..planes {
                let plane = if self.page.planar { self.wanted[i].0 } else { 0 };
                match self.page.coding {
                    Coding::Jpeg => self.jpeg(row, column, i, job)?,
                    Coding::Packed(_) => {
                        self.start(i, plane, row, column, job)?;
                        self.tile(row, column, i, job)?;
                    }
                }
            }
        }
        for y in 0..self.lines(row).0.len() {
            job.cancel.check()?;
            if let Some(band) = &self.band {
                for (to, from) in self.rows.row.planes_mut().into_iter().zip(band.planes()) {
                    to.copy_from_slice(from.row(y));
                }
            }
            self.rows.pour()?;
        }
        Ok(())
    }

    /// What the window shows of the chunks of a column.
    fn part(&self, column: u32) -> Part {
        let start = column * self.page.chunks.width;
        let from = start.max(self.window.x);
        let end = start.saturating_add(self.page.chunks.width).min(self.window.x + self.window.width);
        Part { from: from - start, to: from - self.window.x, width: end - from }
    }

    /// Puts a chunk that has been begun into the band.
    fn tile(&mut self, row: u32, column: u32, i: usize, job: &Job<'_>) -> Result<()> {
        let (part, (lines, all)) = (self.part(column), self.lines(row));
        if let Some((h, v)) = self.page.units() {
            return self.units((h, v), row, part, job);
        }
        for y in all.start..lines.end {
            job.cancel.check()?;
            if y < lines.start {
                count(Kind::TiffByte, self.raw.len());
                self.unpackers[i].pass(&mut self.raw)?;
                continue;
            }
            self.read(i)?;
            let wanted = if self.page.planar { &self.wanted[i..=i] } else { &self.wanted[..] };
            if let Some(band) = &mut self.band {
                let planes = band.rows_mut((y - lines.start) as usize);
                put(self.form, (&self.raw[..], part), wanted, self.page.planar, job, planes);
            }
        }
        Ok(())
    }

    /// YCbCr in units of several pixels: their lumas, row by row, then both chromas (TIFF 6.0, section 21).
    fn units(&mut self, (h, v): (u32, u32), row: u32, part: Part, job: &Job<'_>) -> Result<()> {
        let (lines, all) = self.lines(row);
        let unit = (h * v + 2) as usize;
        for y in (all.start..lines.end).step_by(v as usize) {
            job.cancel.check()?;
            self.read(0)?;
            let Some(band) = &mut self.band else { return Ok(()) };
            for line in (y..y + v).filter(|line| lines.contains(line)) {
                let [luma, blue, red, ..] = band.rows_mut((line - lines.start) as usize);
                for x in 0..part.width {
                    let (from, to) = (part.from + x, (part.to + x) as usize);
                    let unit = &self.raw[(from / h) as usize * unit..][..unit];
                    luma[to] = S::of_byte(unit[((line - y) * h + from % h) as usize]);
                    [blue[to], red[to]] = [unit[unit.len() - 2], unit[unit.len() - 1]].map(S::of_byte);
                }
            }
        }
        Ok(())
    }

    /// A chunk that is a JPEG: to the band, or row by row on its way.
    fn jpeg(&mut self, row: u32, column: u32, i: usize, job: &mut Job<'_>) -> Result<()> {
        let page = self.page;
        let plane = if page.planar { self.wanted[i].0 } else { 0 };
        let chunk = page.chunks.bytes(plane, row, column, false)?;
        let samples = self.lines(row).1.len().saturating_mul(page.chunks.width as usize * self.form.samples as usize);
        let chunk = &chunk[..chunk.len().min(most(samples, JPEG_SPARE))];
        let tables = page.directory.values(tags::JPEG_TABLES).map_or(&[][..], |tables| tables.bytes());
        if tables.len() > MOST_TABLES {
            return Err(damaged("is a damaged TIFF", &"tables of JPEG that are too long"));
        }
        let is_ycc = matches!(page.colors, Colors::YCbCr(..)) && !page.planar;
        let transform = if is_ycc { Transform::ToRgb } else { Transform::None };
        let decoded_bytes = job.decoded_bytes.saturating_sub(self.band_bytes);
        let file = assembled(tables, chunk, transform, decoded_bytes)?;
        let header = (jpeg::CODEC.read_header)(&file)?;
        let (part, (lines, all)) = (self.part(column), self.lines(row));
        let window = Window { x: part.from, y: lines.start - all.start, width: part.width, height: lines.len() as u32 };
        let fits = window.x + window.width <= header.stored.width && window.y + window.height <= header.stored.height;
        if !fits || u32::from(header.layout.colors) != self.form.samples {
            return Err(damaged("is a damaged TIFF", &"a JPEG of another size or with other components"));
        }
        let mut job = Job {
            window,
            shrink: Shrink::Full,
            scratch: &mut *job.scratch,
            sidecar: &mut Sidecar::default(),
            sidecar_bytes: 0,
            decoded_bytes,
            ..*job
        };
        let wanted = if page.planar { &self.wanted[i..=i] } else { &self.wanted[..] };
        let mut sink = Components {
            wanted,
            planar: page.planar,
            inverted: header.layout.is_cmyk(),
            to: part.to as usize,
            y: 0,
            band: self.band.as_mut(),
            rows: &mut self.rows,
        };
        (jpeg::CODEC.decode)(&file, &header, &mut job, &mut sink)
    }
}

/// Puts the part of a row of a chunk into planes.
fn put<S: Depth>(
    form: Form,
    (raw, part): (&[u8], Part),
    wanted: &[(u32, usize)],
    planar: bool,
    job: &Job<'_>,
    planes: [&mut [S]; PLANES],
) {
    let columns = part.to as usize..(part.to + part.width) as usize;
    let first = part.from as usize;
    if !planar && wanted.iter().zip(0..).all(|(&(sample, plane), i)| (sample, plane) == (i as u32, i)) {
        let mut planes = planes.map(|plane| plane.get_mut(columns.clone()).unwrap_or_default());
        return S::take_all(form, job.cpu, raw, first, &mut planes[..wanted.len()]);
    }
    for &(sample, plane) in wanted {
        let sample = if planar { 0 } else { sample };
        S::take(form, raw, first, sample, &mut planes[plane][columns.clone()]);
    }
}

/// The most bytes of a chunk that are looked at, by those that its pixels take: no compression makes so much more of them. A
/// damaged file could say of each of a million chunks that it has all the bytes of the file.
const fn most(stored: usize, spare: usize) -> usize {
    stored.saturating_mul(8).saturating_add(spare)
}

/// Bytes of a small chunk beside its pixels.
const SPARE: usize = 4 << 10;

/// The same of a JPEG, which may have tables and a profile of its own.
const JPEG_SPARE: usize = 64 << 10;

/// The most bytes of tables that the JPEGs of a file share. Eight Huffman tables and four of 16 bits take less than 3 KiB.
const MOST_TABLES: usize = 16 << 10;

/// The bits of all bytes the other way round.
fn reversed(bytes: &[u8], limit: u64) -> Result<Vec<u8>> {
    if bytes.len() as u64 > limit {
        return Err(over_decoded_bytes());
    }
    let mut reversed = Vec::new();
    grow(&mut reversed, bytes.len())?;
    reversed.extend(bytes.iter().map(|byte| byte.reverse_bits()));
    Ok(reversed)
}

/// Takes the rows of a JPEG in a chunk.
struct Components<'c, 'd, S: Sent> {
    wanted: &'c [(u32, usize)],
    planar: bool,
    /// The decoder of JPEG takes four components for inks, and those for inverted.
    inverted: bool,
    /// The first column in the window.
    to: usize,
    /// The next row of the band.
    y: usize,
    band: Option<&'c mut Raster<S>>,
    rows: &'c mut Rows<'d, S>,
}

impl<S: Sent> RowSink for Components<'_, '_, S> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        let planes = match &mut self.band {
            Some(band) => band.rows_mut(self.y),
            None => self.rows.row.planes_mut(),
        };
        for &(sample, plane) in self.wanted {
            let from = row.plane(if self.planar { 0 } else { sample as usize });
            let to = &mut planes[plane][self.to..][..from.len()];
            let inverse = if self.inverted { 255 } else { 0 };
            to.iter_mut().zip(from).for_each(|(to, &from)| *to = S::of_byte(from ^ inverse));
        }
        self.y += 1;
        if self.band.is_none() { self.rows.pour() } else { Ok(()) }
    }
}
