//! From the bytes of a row of a chunk to samples.

use crate::imaging::kernel::interleave::split;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{PLANES, Sample};

/// How samples lie in the rows of a chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Of each sample: 1, 2, 4, 8 or 16.
    pub(super) bits: u32,
    /// Of each pixel.
    pub(super) samples: u32,
    /// The lower byte of 16 bits comes first.
    pub(super) little: bool,
    /// Samples of less than 8 bits are numbers of places in a palette.
    pub(super) is_palette: bool,
}

impl Form {
    /// Bytes that this number of pixels takes.
    pub(super) fn row_bytes(&self, width: u32) -> u64 {
        (u64::from(width) * u64::from(self.samples) * u64::from(self.bits)).div_ceil(8)
    }

    /// Makes samples of differences from the pixel before (TIFF 6.0, section 14).
    pub(super) fn add_up(&self, row: &mut [u8]) {
        let samples = self.samples as usize;
        if self.bits == 8 {
            for i in samples..row.len() {
                row[i] = row[i].wrapping_add(row[i - samples]);
            }
            return;
        }
        let (read, write) = if self.little {
            (u16::from_le_bytes as fn([u8; 2]) -> u16, u16::to_le_bytes as fn(u16) -> [u8; 2])
        } else {
            (u16::from_be_bytes as fn([u8; 2]) -> u16, u16::to_be_bytes as fn(u16) -> [u8; 2])
        };
        let row = row.as_chunks_mut::<2>().0;
        for i in samples..row.len() {
            row[i] = write(read(row[i]).wrapping_add(read(row[i - samples])));
        }
    }
}

/// The samples of a picture.
pub(super) trait Depth: Sample {
    /// Takes one sample of each pixel of a row, from a pixel on.
    fn take(form: Form, row: &[u8], first: usize, sample: u32, out: &mut [Self]);

    /// The same for the first samples of pixels that have no others.
    fn take_all(form: Form, _: Cpu, row: &[u8], first: usize, planes: &mut [&mut [Self]]) {
        planes.iter_mut().zip(0..).for_each(|(plane, sample)| Self::take(form, row, first, sample, plane));
    }

    /// The largest less this one.
    fn inverse(self) -> Self;

    /// A colour that was multiplied by alpha: the quotient is rounded, halves up, at most the largest; 0 where alpha is 0.
    fn divided(self, alpha: Self) -> Self;
}

impl Depth for u8 {
    fn take(form: Form, row: &[u8], first: usize, sample: u32, out: &mut [Self]) {
        let (samples, sample) = (form.samples as usize, sample as usize);
        if form.bits >= 8 {
            let pixels = row.chunks_exact(samples).skip(first);
            out.iter_mut().zip(pixels).for_each(|(out, pixel)| *out = pixel[sample]);
            return;
        }
        let bits = form.bits as usize;
        let most = (1 << bits) - 1;
        let scale = if form.is_palette { 1 } else { 255 / most };
        for (i, out) in out.iter_mut().enumerate() {
            let at = ((first + i) * samples + sample) * bits;
            *out = (row[at / 8] >> (8 - bits - at % 8) & most) * scale;
        }
    }

    fn take_all(form: Form, cpu: Cpu, row: &[u8], first: usize, planes: &mut [&mut [Self]]) {
        if form.bits == 8 && planes.len() == form.samples as usize && (1..PLANES).contains(&planes.len()) {
            let width = planes[0].len();
            return split(cpu, &row[first * planes.len()..][..width * planes.len()], planes);
        }
        planes.iter_mut().zip(0..).for_each(|(plane, sample)| Self::take(form, row, first, sample, plane));
    }

    fn inverse(self) -> Self {
        Self::MAX - self
    }

    fn divided(self, alpha: Self) -> Self {
        let (color, alpha) = (u32::from(self.min(alpha)), u32::from(alpha));
        (color * 510 + alpha).checked_div(2 * alpha).unwrap_or(0) as Self
    }
}

impl Depth for u16 {
    fn take(form: Form, row: &[u8], first: usize, sample: u32, out: &mut [Self]) {
        let read = if form.little { Self::from_le_bytes } else { Self::from_be_bytes };
        let pixels = row.as_chunks::<2>().0.chunks_exact(form.samples as usize).skip(first);
        out.iter_mut().zip(pixels).for_each(|(out, pixel)| *out = read(pixel[sample as usize]));
    }

    fn inverse(self) -> Self {
        Self::MAX - self
    }

    fn divided(self, alpha: Self) -> Self {
        let (color, alpha) = (u64::from(self.min(alpha)), u64::from(alpha));
        (color * 131_070 + alpha).checked_div(2 * alpha).unwrap_or(0) as Self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form = Form { bits: 8, samples: 3, little: true, is_palette: false };

    #[test]
    fn small_samples_are_scaled_unless_they_are_places() {
        let row = [0b1101_0010, 0b0001_1110];
        let taken = |bits, samples, is_palette, first, sample, width: usize| {
            let mut out = vec![0u8; width];
            u8::take(Form { bits, samples, is_palette, ..FORM }, &row, first, sample, &mut out);
            out
        };
        assert_eq!(taken(1, 1, false, 2, 0, 9), [0, 255, 0, 0, 255, 0, 0, 0, 0]);
        assert_eq!(taken(2, 1, false, 0, 0, 8), [255, 85, 0, 170, 0, 85, 255, 170]);
        assert_eq!(taken(4, 1, true, 1, 0, 3), [2, 1, 14]);
        assert_eq!(taken(4, 2, false, 0, 1, 2), [34, 238]);
        assert_eq!(taken(2, 3, true, 0, 1, 1), [1]);
    }

    #[test]
    fn differences_are_added_in_either_byte_order() {
        let mut row = [1, 2, 3, 4, 5, 250, 1, 1, 9];
        FORM.add_up(&mut row);
        assert_eq!(row, [1, 2, 3, 5, 7, 253, 6, 8, 6]);
        let mut row = [255, 0, 1, 0, 255, 255];
        let form = Form { bits: 16, samples: 1, ..FORM };
        form.add_up(&mut row);
        assert_eq!(row, [255, 0, 0, 1, 255, 0]);
        let mut row = [0, 255, 0, 1, 255, 255];
        Form { little: false, ..form }.add_up(&mut row);
        assert_eq!(row, [0, 255, 1, 0, 0, 255]);
    }

    #[test]
    fn quotients_are_rounded() {
        for alpha in 0..=255u8 {
            for color in 0..=255u8 {
                let exact = if alpha == 0 { 0.0 } else { f64::from(color) * 255.0 / f64::from(alpha) };
                assert_eq!(f64::from(color.divided(alpha)), (exact + 0.5).floor().min(255.0), "{color} {alpha}");
                let wide = u16::of_byte(color).divided(u16::of_byte(alpha));
                assert_eq!(f64::from(wide), (exact * 257.0 + 0.5).floor().min(65535.0), "{color} {alpha}");
            }
        }
    }
}
