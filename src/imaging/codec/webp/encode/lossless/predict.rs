//! Pixels less what their neighbors make expect (RFC 9649 §3.5, subtract green and predictor).

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::bits::Bits;
use super::write;

/// The numbers of the transforms.
const PREDICTOR: u32 = 0;
const SUBTRACT_GREEN: u32 = 2;

/// Blocks of 16 × 16 pixels have a mode each.
const BLOCK_BITS: u32 = 4;
const BLOCK: usize = 1 << BLOCK_BITS;

/// Modes that are tried, by their numbers in the format: left, top, top left, the mean of left and top, the nearer of both,
/// the plane through all three, and half of the way to it.
const MODES: [u32; 7] = [1, 2, 4, 7, 11, 12, 13];

const BLACK: u32 = 0xff00_0000;

/// The data of a picture of any colours.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn written(mut pixels: Vec<u32>, width: usize, cancel: Cancel<'_>) -> Result<Vec<u8>> {
    pixels.iter_mut().for_each(|pixel| *pixel = without_green(*pixel));
    let modes = modes(&pixels, width, cancel)?;
    predicted(&mut pixels, width, &modes, cancel)?;
    let mut bits = Bits::default();
    bits.put(1, 1);
    bits.put(SUBTRACT_GREEN, 2);
    bits.put(1, 1);
    bits.put(PREDICTOR, 2);
    bits.put(BLOCK_BITS - 2, 3);
    // The mode is the green of a pixel.
    let described: Vec<u32> = modes.iter().map(|mode| BLACK | mode << 8).collect();
    write::small(&mut bits, &described, width.div_ceil(BLOCK), cancel)?;
    // No further transform.
    bits.put(0, 1);
    write::main(&mut bits, &pixels, width, cancel)?;
    Ok(bits.finish())
}

fn without_green(pixel: u32) -> u32 {
    let [blue, green, red, alpha] = pixel.to_le_bytes();
    u32::from_le_bytes([blue.wrapping_sub(green), green, red.wrapping_sub(green), alpha])
}

/// The mode of each block whose differences are smallest; of several the first one. Every other row is looked at.
///
/// # Errors
///
/// The work is to be given up.
fn modes(pixels: &[u32], width: usize, cancel: Cancel<'_>) -> Result<Vec<u32>> {
    let height = pixels.len() / width;
    let mut modes = Vec::with_capacity(width.div_ceil(BLOCK) * height.div_ceil(BLOCK));
    for top in (0..height).step_by(BLOCK) {
        cancel.check()?;
        for left in (0..width).step_by(BLOCK) {
            let mut costs = [0u32; MODES.len()];
            // The first row and column have modes of their own.
            for y in (top.max(1)..(top + BLOCK).min(height)).step_by(2) {
                for x in left.max(1)..(left + BLOCK).min(width) {
                    let around = Around::of(pixels, y * width + x, width);
                    let pixel = pixels[y * width + x];
                    for (cost, mode) in costs.iter_mut().zip(MODES) {
                        *cost += size(difference(pixel, around.expected(mode)));
                    }
                }
            }
            let least = costs.iter().zip(MODES).min_by_key(|(cost, _)| **cost);
            modes.push(least.map_or(MODES[0], |(_, mode)| mode));
        }
    }
    Ok(modes)
}

/// Makes differences of pixels.
///
/// # Errors
///
/// The work is to be given up.
fn predicted(pixels: &mut [u32], width: usize, modes: &[u32], cancel: Cancel<'_>) -> Result<()> {
    let blocks = width.div_ceil(BLOCK);
    // From the last pixel to the first: a pixel is expected from what stands before it, which is still there.
    for y in (0..pixels.len() / width).rev() {
        cancel.check()?;
        for x in (0..width).rev() {
            let at = y * width + x;
            let expected = match (x, y) {
                (0, 0) => BLACK,
                (_, 0) => pixels[at - 1],
                (0, _) => pixels[at - width],
                _ => Around::of(pixels, at, width).expected(modes[y / BLOCK * blocks + x / BLOCK]),
            };
            pixels[at] = difference(pixels[at], expected);
        }
    }
    Ok(())
}

/// The neighbors of a pixel that is in no first row or column.
struct Around {
    left: [u8; 4],
    top: [u8; 4],
    corner: [u8; 4],
}

impl Around {
    fn of(pixels: &[u32], at: usize, width: usize) -> Self {
        let [left, top, corner] = [1, width, width + 1].map(|back| pixels[at - back].to_le_bytes());
        Self { left, top, corner }
    }

    /// What a mode makes expect.
    fn expected(&self, mode: u32) -> u32 {
        let Self { left, top, corner } = *self;
        let clamped = |value: i32| value.clamp(0, 255) as u8;
        match mode {
            1 => u32::from_le_bytes(left),
            2 => u32::from_le_bytes(top),
            4 => u32::from_le_bytes(corner),
            7 => each(|i| mean(left[i], top[i])),
            11 => {
                let far = |one: [u8; 4]| (0..4).map(|i| u32::from(one[i].abs_diff(corner[i]))).sum::<u32>();
                // The plane through the three is as far from left as top is from the corner.
                u32::from_le_bytes(if far(top) < far(left) { left } else { top })
            }
            12 => each(|i| clamped(i32::from(left[i]) + i32::from(top[i]) - i32::from(corner[i]))),
            _ => each(|i| {
                let mean = i32::from(mean(left[i], top[i]));
                clamped(mean + (mean - i32::from(corner[i])) / 2)
            }),
        }
    }
}

fn each(component: impl Fn(usize) -> u8) -> u32 {
    u32::from_le_bytes(std::array::from_fn(component))
}

fn mean(one: u8, other: u8) -> u8 {
    one.midpoint(other)
}

fn difference(pixel: u32, expected: u32) -> u32 {
    let (pixel, expected) = (pixel.to_le_bytes(), expected.to_le_bytes());
    u32::from_le_bytes(std::array::from_fn(|component| pixel[component].wrapping_sub(expected[component])))
}

/// How far the components of a difference are from 0, around the circle.
fn size(difference: u32) -> u32 {
    difference.to_le_bytes().into_iter().map(|component| u32::from(component.min(component.wrapping_neg()))).sum()
}
