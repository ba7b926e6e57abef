//! Baseline files of gray or YCbCr, one row of MCUs after the other.
//!
//! Their bytes are those that the `jpeg-encoder` crate writes for the same samples, which is what tests compare them with.

use crate::base::error::Result;
use crate::base::limits::{grow, with_room};
use crate::base::work;
use crate::imaging::kernel::color::{halve, rgb_to_ycbcr};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::Raster;

use super::super::typical::{AC, DC};
use super::bits::{BitWriter, Codes};
use super::tables::{NATURAL, steps};
use super::transform::{Block, Quantizer, transform};
use crate::imaging::codec::settings::WriteLimits;

/// What stands before the tables and the picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header<'a> {
    /// Dots per inch.
    pub(super) dpi: u16,
    /// The payload of an APP1 segment, of at most 65533 bytes.
    pub(super) app1: Option<&'a [u8]>,
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
    (width, height): (u16, u16),
    (quality, subsampled): (u8, bool),
    header: Header<'_>,
    WriteLimits { limit, cancel }: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let steps = steps_of(quality);
    // Photographs take about a bit per pixel.
    let guess = (usize::from(width) * usize::from(height) / 6 + 2048).min(limit);
    let mut out = with_room(guess, || Vec::with_capacity(guess));
    let components = raster.planes().len();
    let tables = if components == 1 { 1 } else { 2 };
    let codes = (0..tables).map(|table| [&DC[table], &AC[table]].map(|code| (&code.counts, code.symbols)));
    let kind = Kind { progressive: false, subsampled, components };
    write_header(&mut out, (width, height), &steps, kind, codes, header);
    write_scan_header(&mut out, &[(0, 0), (1, 1), (2, 1)][..components.min(3)], (0, 63));
    let mut picture = Picture::new(cpu, raster, subsampled, &steps);
    let mut writer = BitWriter::new();
    let mut last = [0; 3];
    // A coefficient takes 26 bits at most, and a byte may need a zero behind it.
    let longest = picture.blocks.iter().map(|blocks| blocks.len() * 2 * 64 * 26 / 8).sum();
    for row in 0..usize::from(height).div_ceil(picture.lines()) {
        cancel.check()?;
        grow(&mut out, longest)?;
        work::count(work::Kind::EncodeJpeg, picture.lines() * picture.lines() * picture.across);
        picture.read(row);
        picture.write(&mut writer, &mut last, &mut out);
        if out.len() > limit {
            return Ok(None);
        }
    }
    writer.finish(&mut out);
    out.extend([0xff, 0xd9]);
    Ok((out.len() <= limit).then_some(out))
}

/// The steps of luma and of chroma, row by row.
pub(super) type Steps = [[u8; 64]; 2];

pub(super) fn steps_of(quality: u8) -> Steps {
    [steps(0, quality), steps(1, quality)]
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

/// A picture on its way into MCUs.
pub(super) struct Picture<'a> {
    cpu: Cpu,
    raster: &'a Raster,
    /// Blocks of luma across and down an MCU: 1 or 2.
    pub(super) factor: usize,
    /// MCUs across.
    across: usize,
    /// A row of MCUs, component by component: samples of full rows, then blocks.
    samples: Vec<Vec<u8>>,
    blocks: Vec<Vec<Block>>,
    /// Two rows of chroma at full size, which are then halved.
    pair: [Vec<u8>; 4],
    quantizers: [Quantizer; 2],
    codes: [Codes; 2],
}

impl<'a> Picture<'a> {
    pub(super) fn new(cpu: Cpu, raster: &'a Raster, subsampled: bool, steps: &Steps) -> Self {
        let factor = if subsampled { 2 } else { 1 };
        let across = (raster.size().width as usize).div_ceil(8 * factor);
        let factors = [factor, 1, 1, 1];
        let factors = &factors[..raster.planes().len()];
        let line = if subsampled { 8 * factor * across } else { 0 };
        Self {
            cpu,
            raster,
            factor,
            across,
            samples: factors.iter().map(|factor| vec![0; 64 * factor * factor * across]).collect(),
            blocks: factors.iter().map(|factor| vec![Block::ZERO; factor * factor * across]).collect(),
            pair: std::array::from_fn(|_| vec![0; line]),
            quantizers: steps.each_ref().map(Quantizer::new),
            codes: [Codes::new(0), Codes::new(1)],
        }
    }

    /// Lines of pixels in a row of MCUs.
    pub(super) const fn lines(&self) -> usize {
        8 * self.factor
    }

    /// Blocks of a component across and down an MCU.
    pub(super) const fn factor_of(&self, component: usize) -> usize {
        if component == 0 { self.factor } else { 1 }
    }

    /// The number of a component's steps and codes. Of inks the last counts as luma.
    pub(super) fn table_of(&self, component: usize) -> usize {
        let luma = if self.samples.len() == 4 { 3 } else { 0 };
        usize::from(component != luma)
    }

    /// The rows of blocks of a component in the row of MCUs that has been read.
    pub(super) fn block_rows(&self, component: usize) -> impl Iterator<Item = &[Block]> {
        self.blocks[component].chunks(self.factor_of(component) * self.across)
    }

    /// Reads a row of MCUs; beyond the picture its last row and column are repeated.
    pub(super) fn read(&mut self, row: usize) {
        let (width, height) = (self.raster.size().width as usize, self.raster.size().height as usize);
        let (lines, stride) = (self.lines(), self.lines() * self.across);
        for line in 0..lines {
            let y = (row * lines + line).min(height - 1);
            let source = |plane: usize| self.raster.planes()[plane].row(y);
            match &mut self.samples[..] {
                [gray] => {
                    let gray = &mut gray[line * stride..][..stride];
                    gray[..width].copy_from_slice(source(0));
                    repeat_last(gray, width);
                }
                [luma, blue, red] => {
                    let luma = &mut luma[line * stride..][..stride];
                    let [first_blue, first_red, second_blue, second_red] = &mut self.pair;
                    let (blue, red) = match (self.factor, line % 2) {
                        (1, _) => (&mut blue[line * stride..][..stride], &mut red[line * stride..][..stride]),
                        (_, 0) => (&mut first_blue[..], &mut first_red[..]),
                        _ => (&mut second_blue[..], &mut second_red[..]),
                    };
                    let out = [&mut luma[..width], &mut blue[..width], &mut red[..width]];
                    rgb_to_ycbcr(self.cpu, [source(0), source(1), source(2)], out);
                    [luma, blue, red].into_iter().for_each(|line| repeat_last(line, width));
                }
                inks => {
                    // Stored inverted, as the Adobe segment says.
                    for (ink, samples) in inks.iter_mut().enumerate() {
                        let samples = &mut samples[line * stride..][..stride];
                        samples.iter_mut().zip(source(ink)).for_each(|(sample, &value)| *sample = 255 - value);
                        repeat_last(samples, width);
                    }
                }
            }
            if self.factor == 2 && line % 2 == 1 {
                let [first_blue, first_red, second_blue, second_red] = &self.pair;
                let half = line / 2 * (stride / 2);
                if let [_, blue, red] = &mut self.samples[..] {
                    halve(self.cpu, [first_blue, second_blue], &mut blue[half..][..stride / 2]);
                    halve(self.cpu, [first_red, second_red], &mut red[half..][..stride / 2]);
                }
            }
        }
        let tables: [usize; 4] = std::array::from_fn(|i| self.table_of(i));
        for (i, ((samples, blocks), table)) in self.samples.iter().zip(&mut self.blocks).zip(tables).enumerate() {
            let factor = if i == 0 { self.factor } else { 1 };
            let (across, stride) = (factor * self.across, 8 * factor * self.across);
            for (blocks, samples) in blocks.chunks_exact_mut(across).zip(samples.chunks_exact(8 * stride)) {
                transform(self.cpu, samples, stride, &self.quantizers[table], blocks);
            }
        }
    }

    /// Writes the row of MCUs that has been read.
    fn write(&self, writer: &mut BitWriter, last: &mut [i16; 3], out: &mut Vec<u8>) {
        for mcu in 0..self.across {
            for (i, (blocks, last)) in self.blocks.iter().zip(&mut *last).enumerate() {
                let factor = if i == 0 { self.factor } else { 1 };
                for block in 0..factor * factor {
                    let (x, y) = (mcu * factor + block % factor, block / factor);
                    let block = &blocks[y * factor * self.across + x];
                    writer.block(block, *last, &self.codes[usize::from(i > 0)], out);
                    *last = block.coefficients[0];
                }
            }
        }
    }
}

fn repeat_last(line: &mut [u8], width: usize) {
    let last = line[width - 1];
    line[width..].fill(last);
}
