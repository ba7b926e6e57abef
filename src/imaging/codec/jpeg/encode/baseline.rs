//! Baseline files of gray or YCbCr, one row of MCUs after the other.
//!
//! Their bytes are those that the `jpeg-encoder` crate writes for the same samples, which is what tests compare them with.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::base::limits::{grow, with_room};
use crate::base::work;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{Layout, PLANES, Raster};

use super::super::typical::{AC, DC};
use super::bits::{BitWriter, Codes};
use super::mcus::{Mcus, Shape, rows_of};
use super::segments::profile_segments;
use super::tables::{NATURAL, Steps, steps_of};
use super::transform::Block;
use crate::imaging::codec::settings::WriteLimits;

/// What stands before the tables and the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    /// Dots per inch.
    pub(super) dpi: u16,
    /// The payload of an APP1 segment, of at most 65533 bytes.
    pub(super) app1: Option<&'a [u8]>,
    /// The ICC profile.
    pub(super) profile: Option<&'a [u8]>,
}

/// Encodes a picture of one or three planes, without alpha, of at most 65535 pixels on a side. `None`: longer than the
/// limit.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn encode(
    cpu: Cpu,
    raster: &Raster,
    settings: (u8, bool),
    header: Header<'_>,
    WriteLimits { limit, cancel, pool }: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let mut writer = Writer::new(cpu, raster.size(), raster.layout(), settings, header, limit);
    let pixels = raster.size().area();
    if pixels < WORTH || pool.idle() == 0 {
        for y in 0..raster.size().height as usize {
            writer.line(rows_of(raster, y), cancel)?;
            if writer.scan.is_over() {
                return Ok(None);
            }
        }
        return Ok(writer.finish());
    }
    let Writer { mut mcus, mut scan, .. } = writer;
    let rows = 0..(raster.size().height as usize).div_ceil(mcus.lines());
    let most = (PIECE / (pixels as usize / rows.len()).max(1)).max(1);
    let shape = mcus.shape();
    let write = |piece: &mut Piece, cancel: Cancel<'_>| {
        piece.rows[..piece.len].iter().try_for_each(|blocks| scan.write(shape, blocks, cancel))
    };
    // Blocks are made here, and their codes are written beside.
    pool.beside(cancel, write, |hand| {
        let mut piece = Piece::default();
        for row in rows {
            cancel.check()?;
            mcus.read(raster, row);
            if piece.len == piece.rows.len() {
                piece.rows.push(mcus.blocks.clone());
            } else {
                std::mem::swap(&mut mcus.blocks, &mut piece.rows[piece.len]);
            }
            piece.len += 1;
            if piece.len == most {
                hand(&mut piece)?;
                piece.len = 0;
            }
        }
        hand(&mut piece)
    })?;
    Ok(scan.finish())
}

/// Pixels of a picture whose codes are worth another thread.
const WORTH: u64 = if cfg!(test) { 1 << 10 } else { 1 << 18 };

/// Pixels whose blocks are handed to it at once, about; at least a row of MCUs.
const PIECE: usize = if cfg!(test) { 1 << 9 } else { 1 << 17 };

/// The blocks of some rows of MCUs, component by component; memory for more may lie behind them.
#[derive(Default)]
struct Piece {
    rows: Vec<Vec<Vec<Block>>>,
    len: usize,
}

/// A file that is written line by line.
pub(super) struct Writer {
    mcus: Mcus,
    scan: Scan,
    /// The next line, and how many there are.
    next: usize,
    height: usize,
}

impl Writer {
    /// Begins the file of a picture of one or three planes, without alpha, of at most 65535 pixels on a side.
    pub(super) fn new(
        cpu: Cpu,
        size: Size,
        layout: Layout,
        (quality, subsampled): (u8, bool),
        header: Header<'_>,
        limit: usize,
    ) -> Self {
        let (steps, components) = (steps_of(quality), layout.planes());
        // Photographs take about a bit per pixel.
        let guess = usize::try_from(size.area() / 6 + 2048).unwrap_or(usize::MAX).min(limit);
        let mut out = with_room(guess, || Vec::with_capacity(guess));
        let tables = if components == 1 { 1 } else { 2 };
        let codes = (0..tables).map(|table| [&DC[table], &AC[table]].map(|code| (&code.counts, code.symbols)));
        let kind = Kind { progressive: false, subsampled, components };
        // The caller has seen to it that the sides fit.
        write_header(&mut out, (size.width as u16, size.height as u16), &steps, kind, codes, header);
        write_scan_header(&mut out, &[(0, 0), (1, 1), (2, 1)][..components.min(3)], (0, 63));
        let mcus = Mcus::new(cpu, size.width, layout, subsampled, &steps);
        Self { scan: Scan::new(&mcus, out, limit), mcus, next: 0, height: size.height as usize }
    }

    /// Takes one line.
    ///
    /// # Errors
    ///
    /// The work is to be given up, or there is no memory for what the line becomes.
    pub(super) fn line(&mut self, source: [&[u8]; PLANES], cancel: Cancel<'_>) -> Result<()> {
        if self.scan.is_over() {
            return Ok(());
        }
        let (line, lines) = (self.next % self.mcus.lines(), self.mcus.lines());
        self.next += 1;
        self.mcus.line(line, source);
        if self.next == self.height {
            // Below the picture its last line is repeated.
            (line + 1..lines).for_each(|line| self.mcus.line(line, source));
        } else if line + 1 < lines {
            return Ok(());
        }
        self.mcus.transform();
        self.scan.write(self.mcus.shape(), &self.mcus.blocks, cancel)
    }

    /// The file, once all lines have come. `None`: longer than the limit.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        self.scan.finish()
    }
}

/// The file up to a row of MCUs.
struct Scan {
    codes: [Codes; 2],
    bits: BitWriter,
    /// The last DC coefficients.
    last: [i16; 3],
    out: Vec<u8>,
    limit: usize,
    /// Bytes of a row of MCUs, at most.
    longest: usize,
}

impl Scan {
    fn new(mcus: &Mcus, out: Vec<u8>, limit: usize) -> Self {
        // A coefficient takes 26 bits at most, and a byte may need a zero behind it.
        let longest = mcus.blocks.iter().map(|blocks| blocks.len() * 2 * 64 * 26 / 8).sum();
        Self { codes: [Codes::new(0), Codes::new(1)], bits: BitWriter::new(), last: [0; 3], out, limit, longest }
    }

    /// The file is longer than the limit. Nothing more is written.
    const fn is_over(&self) -> bool {
        self.out.len() > self.limit
    }

    /// Writes a row of MCUs.
    fn write(&mut self, Shape { factor, across }: Shape, blocks: &[Vec<Block>], cancel: Cancel<'_>) -> Result<()> {
        if self.is_over() {
            return Ok(());
        }
        cancel.check()?;
        grow(&mut self.out, self.longest)?;
        work::count(work::Kind::EncodeJpeg, 64 * factor * factor * across);
        for mcu in 0..across {
            for (i, (blocks, last)) in blocks.iter().zip(&mut self.last).enumerate() {
                let factor = if i == 0 { factor } else { 1 };
                for block in 0..factor * factor {
                    let (x, y) = (mcu * factor + block % factor, block / factor);
                    let block = &blocks[y * factor * across + x];
                    self.bits.block(block, *last, &self.codes[usize::from(i > 0)], &mut self.out);
                    *last = block.coefficients[0];
                }
            }
        }
        Ok(())
    }

    /// The file, once all rows of MCUs have come. `None`: longer than the limit.
    fn finish(mut self) -> Option<Vec<u8>> {
        if self.is_over() {
            return None;
        }
        self.bits.finish(&mut self.out);
        self.out.extend([0xff, 0xd9]);
        (self.out.len() <= self.limit).then_some(self.out)
    }
}

/// What a frame header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) progressive: bool,
    /// Chroma has half the samples across and down.
    pub(super) subsampled: bool,
    /// 1, 3 or 4.
    pub(super) components: usize,
}

/// Writes all that stands before the first scan. Of each table of codes, `codes` has those of DC and of AC: how many have
/// each length, and their symbols.
pub(super) fn write_header<'c>(
    out: &mut Vec<u8>,
    (width, height): (u16, u16),
    steps: &Steps,
    kind: Kind,
    codes: impl Iterator<Item = [(&'c [u8; 16], &'c [u8]); 2]>,
    header: Header<'_>,
) {
    out.extend([0xff, 0xd8]);
    let mut segment = |marker: u8, parts: &[&[u8]]| write_segment(out, marker, parts);
    let dpi = header.dpi.to_be_bytes();
    segment(0xe0, &[b"JFIF\0\x01\x02\x01", &dpi, &dpi, &[0, 0]]);
    if kind.components == 4 {
        // The inks are stored inverted, and as they are.
        segment(0xee, &[b"Adobe\0\0\0\0\0\0\0"]);
    }
    if let Some(payload) = header.app1 {
        segment(0xe1, &[payload]);
    }
    for payload in profile_segments(header.profile.unwrap_or_default()) {
        segment(0xe2, &[&payload]);
    }
    let luma = [0, if kind.subsampled { 0x22 } else { 0x11 }, 0];
    let (colors, inks) = ([luma, [1, 0x11, 1], [2, 0x11, 1]], [[0, 0x11, 1], [1, 0x11, 1], [2, 0x11, 1], [3, 0x11, 0]]);
    let components = if kind.components == 4 { &inks[..] } else { &colors[..kind.components.min(3)] };
    let frame = if kind.progressive { 0xc2 } else { 0xc0 };
    let count = [components.len() as u8];
    segment(frame, &[&[8], &height.to_be_bytes(), &width.to_be_bytes(), &count, components.as_flattened()]);
    for (number, steps) in (0..).zip(steps) {
        segment(0xdb, &[&[number], &NATURAL.map(|place| steps[usize::from(place)])]);
    }
    for (number, codes) in (0..).zip(codes) {
        for (class, (counts, symbols)) in (0..).zip(codes) {
            segment(0xc4, &[&[class << 4 | number], counts, symbols]);
        }
    }
}

/// Writes the header of a scan of some components, each with the number of its codes, and of the coefficients from one to
/// another.
pub(super) fn write_scan_header(out: &mut Vec<u8>, parts: &[(u8, usize)], (first, last): (u8, u8)) {
    let specs: Vec<[u8; 2]> = parts.iter().map(|&(id, table)| [id, (table << 4 | table) as u8]).collect();
    write_segment(out, 0xda, &[&[parts.len() as u8], specs.as_flattened(), &[first, last, 0]]);
}

fn write_segment(out: &mut Vec<u8>, marker: u8, parts: &[&[u8]]) {
    let len = parts.iter().map(|part| part.len()).sum::<usize>() + 2;
    out.extend([0xff, marker]);
    out.extend((len as u16).to_be_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
}
