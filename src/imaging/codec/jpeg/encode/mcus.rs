//! Rows of pixels on their way into the blocks of a row of MCUs.

use crate::imaging::kernel::color::{halve, rgb_to_ycbcr};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{Layout, PLANES, Raster};

use super::tables::Steps;
use super::transform::{Block, Quantizer, transform};

/// A row of MCUs.
pub(super) struct Mcus {
    cpu: Cpu,
    /// Pixels across.
    width: usize,
    /// Blocks of luma across and down an MCU: 1 or 2.
    pub(super) factor: usize,
    /// MCUs across.
    across: usize,
    /// Component by component: samples of full rows, then blocks.
    samples: Vec<Vec<u8>>,
    pub(super) blocks: Vec<Vec<Block>>,
    /// Two rows of chroma at full size, which are then halved.
    pair: [Vec<u8>; 4],
    quantizers: [Quantizer; 2],
}

/// How blocks lie in a row of MCUs: those of luma across and down an MCU, and MCUs across.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) factor: usize,
    pub(super) across: usize,
}

impl Mcus {
    pub(super) fn new(cpu: Cpu, width: u32, layout: Layout, subsampled: bool, steps: &Steps) -> Self {
        let width = width as usize;
        let factor = if subsampled { 2 } else { 1 };
        let across = width.div_ceil(8 * factor);
        let factors = [factor, 1, 1, 1];
        let factors = &factors[..layout.planes()];
        let line = if subsampled { 8 * factor * across } else { 0 };
        Self {
            cpu,
            width,
            factor,
            across,
            samples: factors.iter().map(|factor| vec![0; 64 * factor * factor * across]).collect(),
            blocks: factors.iter().map(|factor| vec![Block::ZERO; factor * factor * across]).collect(),
            pair: std::array::from_fn(|_| vec![0; line]),
            quantizers: steps.each_ref().map(Quantizer::new),
        }
    }

    pub(super) const fn shape(&self) -> Shape {
        Shape { factor: self.factor, across: self.across }
    }

    /// Lines of pixels.
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

    /// The rows of blocks of a component.
    pub(super) fn block_rows(&self, component: usize) -> impl Iterator<Item = &[Block]> {
        self.blocks[component].chunks(self.factor_of(component) * self.across)
    }

    /// Reads a row of MCUs of a picture; beyond it its last row and column are repeated.
    pub(super) fn read(&mut self, raster: &Raster, row: usize) {
        let (lines, last) = (self.lines(), raster.size().height as usize - 1);
        for line in 0..lines {
            self.line(line, rows_of(raster, (row * lines + line).min(last)));
        }
        self.transform();
    }

    /// Reads one line, the next; the last column is repeated.
    pub(super) fn line(&mut self, line: usize, source: [&[u8]; PLANES]) {
        let (width, stride) = (self.width, self.lines() * self.across);
        match &mut self.samples[..] {
            [gray] => {
                let gray = &mut gray[line * stride..][..stride];
                gray[..width].copy_from_slice(source[0]);
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
                rgb_to_ycbcr(self.cpu, [source[0], source[1], source[2]], out);
                [luma, blue, red].into_iter().for_each(|line| repeat_last(line, width));
            }
            inks => {
                // Stored inverted, as the Adobe segment says.
                for (ink, samples) in inks.iter_mut().enumerate() {
                    let samples = &mut samples[line * stride..][..stride];
                    samples.iter_mut().zip(source[ink]).for_each(|(sample, &value)| *sample = 255 - value);
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

    /// Makes the blocks, once all lines have been read.
    pub(super) fn transform(&mut self) {
        let tables: [usize; 4] = std::array::from_fn(|i| self.table_of(i));
        for (i, ((samples, blocks), table)) in self.samples.iter().zip(&mut self.blocks).zip(tables).enumerate() {
            let factor = if i == 0 { self.factor } else { 1 };
            let (across, stride) = (factor * self.across, 8 * factor * self.across);
            for (blocks, samples) in blocks.chunks_exact_mut(across).zip(samples.chunks_exact(8 * stride)) {
                transform(self.cpu, samples, stride, &self.quantizers[table], blocks);
            }
        }
    }
}

/// A row of every plane; those that the picture does not have are empty.
pub(super) fn rows_of(raster: &Raster, y: usize) -> [&[u8]; PLANES] {
    let mut planes = raster.planes().iter().map(|plane| plane.row(y));
    std::array::from_fn(|_| planes.next().unwrap_or_default())
}

fn repeat_last(line: &mut [u8], width: usize) {
    let last = line[width - 1];
    line[width..].fill(last);
}
