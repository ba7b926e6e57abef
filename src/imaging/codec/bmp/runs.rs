//! Pixels as run lengths: RLE8 and RLE4 of Windows, RLE24 of OS/2.
//!
//! A run is a count and what is repeated. A count of 0 means something else by the byte behind it: 0 is the end of a row, 1
//! the end of the picture, 2 a step to the right and to the next rows by the two bytes that follow, and any other number that
//! many pixels that follow as they are, filled up to an even number of bytes. Pixels that are skipped have the first colour.
//! What goes beyond a row is left out.

use crate::base::cancel::Cancel;
use crate::base::error::Result;

/// Bytes of the file that are read between two looks at whether the work is to go on.
const STRIDE: usize = 1 << 16;

/// Draws runs.
pub(super) struct Canvas<'a, F> {
    pub(super) width: u32,
    pub(super) height: u32,
    /// 4 or 8 bits of a number, or 24 of a colour.
    pub(super) bits: u32,
    /// Draws a pixel by its column, the place of its row in the file, and its bytes.
    pub(super) put: F,
    pub(super) cancel: Cancel<'a>,
}

impl<F: FnMut(u32, u32, &[u8])> Canvas<'_, F> {
    /// Draws all of them; tells how many rows are complete.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(super) fn draw(&mut self, file: &[u8]) -> Result<u32> {
        let (mut rest, mut x, mut y) = (file, 0u32, 0u32);
        let mut looked = file.len();
        while y < self.height {
            if looked - rest.len() >= STRIDE {
                self.cancel.check()?;
                looked = rest.len();
            }
            let Some((&[count, code], after)) = rest.split_first_chunk::<2>() else {
                return Ok(self.complete(x, y));
            };
            rest = after;
            match (count, code) {
                (0, 0) => (x, y) = (0, y + 1),
                (0, 1) => return Ok(self.height),
                (0, 2) => {
                    let Some((&[right, down], after)) = rest.split_first_chunk::<2>() else {
                        return Ok(self.complete(x, y));
                    };
                    rest = after;
                    (x, y) = (x.saturating_add(right.into()), y.saturating_add(down.into()));
                }
                (0, count) => {
                    let bytes = (usize::from(count) * self.bits as usize).div_ceil(8);
                    let Some((pixels, after)) = rest.split_at_checked(bytes) else {
                        return Ok(self.complete(x, y));
                    };
                    rest = after.get(bytes % 2..).unwrap_or_default();
                    self.pixels(x, y, count, pixels);
                    x = x.saturating_add(count.into());
                }
                (count, code) => {
                    let Some((colors, after)) = rest.split_at_checked(if self.bits == 24 { 2 } else { 0 }) else {
                        return Ok(self.complete(x, y));
                    };
                    rest = after;
                    let repeated = match *colors {
                        [green, red] => [code, green, red],
                        _ => [code; 3],
                    };
                    self.run(x, y, count, repeated);
                    x = x.saturating_add(count.into());
                }
            }
        }
        Ok(self.height)
    }

    /// A row is complete with its last pixel, whatever follows.
    const fn complete(&self, x: u32, y: u32) -> u32 {
        if x >= self.width { y + 1 } else { y }
    }

    fn run(&mut self, x: u32, y: u32, count: u8, [first, second, third]: [u8; 3]) {
        let inside = u32::from(count).min(self.width.saturating_sub(x));
        for i in 0..inside {
            match self.bits {
                4 => (self.put)(x + i, y, &[if i % 2 == 0 { first >> 4 } else { first & 15 }]),
                8 => (self.put)(x + i, y, &[first]),
                _ => (self.put)(x + i, y, &[first, second, third]),
            }
        }
    }

    fn pixels(&mut self, x: u32, y: u32, count: u8, pixels: &[u8]) {
        let inside = u32::from(count).min(self.width.saturating_sub(x)) as usize;
        let columns = x..;
        match self.bits {
            4 => {
                let numbers = pixels.iter().flat_map(|&byte| [byte >> 4, byte & 15]);
                columns.zip(numbers.take(inside)).for_each(|(x, number)| (self.put)(x, y, &[number]));
            }
            8 => columns.zip(pixels.iter().take(inside)).for_each(|(x, &number)| (self.put)(x, y, &[number])),
            _ => columns.zip(pixels.chunks_exact(3).take(inside)).for_each(|(x, color)| (self.put)(x, y, color)),
        }
    }
}
