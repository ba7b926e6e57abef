//! Placeholders: the bytes of a ThumbHash (<https://evanw.github.io/thumbhash/>).
//!
//! The crates that write it compute in `f32` with the cosine of the platform, which decides some of its bits. Here sums are
//! whole numbers: the same bytes on every CPU. A change of them needs a higher epoch of the stage `resample`, by which users
//! of [`Picture::version`] notice it.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::num::libm_free::{floor, sin_pi};

use super::Picture;
use super::edit::{Edit, Filter, Fit, Format};
use super::pixels::{PixelLayout, Pixels};

/// The longest side of the pixels that a ThumbHash is made of.
const SIDE: u32 = 100;

/// Bits of a cosine behind the point.
const COSINE_BITS: u32 = 24;

/// Bits of the mean colour behind the point.
const MEAN_BITS: u32 = 8;

/// What stands for 1 in a colour that has been laid on the mean colour: the largest sample, the largest alpha, and the bits
/// of the mean. The sum of a row of such colours, with their cosines, is below 2⁵⁷.
const ONE: i64 = (255 * 255) << MEAN_BITS;

/// Bits of a coefficient behind the point. The cosines of a flat row add up to less than half of the last one.
const BITS: u32 = 20;

impl Picture {
    /// A placeholder, which a page shows while it loads the picture: the 17 to 25 bytes of a
    /// [ThumbHash](https://evanw.github.io/thumbhash/). They hold a blurred picture, its aspect and its transparency. Pages
    /// decode them with a library of their own.
    ///
    /// It is made of the upright picture in at most 100×100 pixels, and is the same on every CPU and with any number of
    /// threads. Pictures of equal [versions](Self::version) have equal placeholders.
    ///
    /// ```
    /// let ring = platemark::Picture::open("assets/demo/pictures/ring.png")?;
    /// let placeholder = ring.placeholder()?;
    /// assert!((17..=25).contains(&placeholder.len()));
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As of [`render`](Self::render): the file is damaged or has changed, or a limit is exceeded.
    pub fn placeholder(&self) -> Result<Vec<u8>> {
        let alpha = self.inner.facts.header.layout.alpha;
        // The triangle does not overshoot at edges, which would be told as a stronger contrast.
        let edit = Edit::new().fit(Fit::Inside, SIDE, SIDE).filter(Filter::Bilinear).format(if alpha {
            Format::PngAlpha
        } else {
            Format::Png
        });
        self.made(Cancel::ALWAYS, |subject| {
            let (pixels, learned) = subject.pixels(&edit)?;
            Ok((thumbhash(&pixels), learned))
        })
    }
}

/// The ThumbHash of pixels of at most [`SIDE`] pixels across and down.
fn thumbhash(pixels: &Pixels) -> Vec<u8> {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let planes = Planes::of(pixels);
    let longer = width.max(height);
    let limit = if planes.alpha.is_some() { 5 } else { 7 };
    // Halves are rounded up, as in `f32::round`.
    let side = |side: usize| ((2 * limit * side + longer) / (2 * longer)).max(1);
    let (across, down) = (side(width), side(height));
    let of = |plane: &[i64], one: i64, count: (usize, usize)| Channel::of(plane, one, (width, height), count);
    let lightness = of(&planes.lightness, 3 * ONE, (across.max(3), down.max(3)));
    let yellow = of(&planes.yellow, 2 * ONE, (3, 3));
    let red = of(&planes.red, ONE, (3, 3));
    let alpha = planes.alpha.as_ref().map(|plane| of(plane, 255, (5, 5)));

    let landscape = width > height;
    let three = lightness.mean(63)
        | yellow.signed_mean() << 6
        | red.signed_mean() << 12
        | lightness.scale(31) << 18
        | u32::from(alpha.is_some()) << 23;
    let two = (if landscape { down } else { across }) as u32
        | yellow.scale(63) << 3
        | red.scale(63) << 9
        | u32::from(landscape) << 15;
    let mut hash = three.to_le_bytes()[..3].to_vec();
    hash.extend_from_slice(&two.to_le_bytes()[..2]);
    hash.extend(alpha.as_ref().map(|alpha| (alpha.mean(15) | alpha.scale(15) << 4) as u8));
    let channels = [Some(&lightness), Some(&yellow), Some(&red), alpha.as_ref()];
    let steps: Vec<u8> = channels.into_iter().flatten().flat_map(Channel::steps).collect();
    hash.extend(steps.chunks(2).map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 4));
    hash
}

/// The planes that are transformed, with colours laid on the mean colour.
struct Planes {
    /// Three times the lightness.
    lightness: Vec<i64>,
    /// Twice yellow minus blue.
    yellow: Vec<i64>,
    /// Red minus green.
    red: Vec<i64>,
    /// From 0 to 255; `None`: all is opaque.
    alpha: Option<Vec<i64>>,
}

impl Planes {
    fn of(pixels: &Pixels) -> Self {
        let layout = pixels.layout();
        let rgba = pixels.rows().flat_map(|row| row.chunks_exact(layout.bytes())).map(|pixel| match (layout, pixel) {
            (PixelLayout::Rgb, &[r, g, b]) => [r, g, b, 255].map(i64::from),
            (PixelLayout::Rgba, &[r, g, b, a]) => [r, g, b, a].map(i64::from),
            _ => [pixel[0], pixel[0], pixel[0], 255].map(i64::from),
        });
        let [mut sums, mut weight] = [[0; 3], [0; 3]];
        for [r, g, b, a] in rgba.clone() {
            sums = [sums[0] + r * a, sums[1] + g * a, sums[2] + b * a];
            weight = weight.map(|weight| weight + a);
        }
        let weight = weight[0];
        let mean = sums.map(|sum: i64| if weight == 0 { 0 } else { rounded(sum << MEAN_BITS, weight) });
        let count = pixels.width() as usize * pixels.height() as usize;
        let [mut lightness, mut yellow, mut red] = [(); 3].map(|()| Vec::with_capacity(count));
        for [r, g, b, a] in rgba.clone() {
            let on_mean = |sample: i64, mean: i64| mean * (255 - a) + ((a * sample) << MEAN_BITS);
            let [r, g, b] = [on_mean(r, mean[0]), on_mean(g, mean[1]), on_mean(b, mean[2])];
            lightness.push(r + g + b);
            yellow.push(r + g - 2 * b);
            red.push(r - g);
        }
        let alpha = (weight < 255 * count as i64).then(|| rgba.map(|[.., a]| a).collect());
        Self { lightness, yellow, red, alpha }
    }
}

/// The coefficients of a plane, with [`BITS`] behind the point.
struct Channel {
    mean: i64,
    /// All others, row by row from the lowest frequency down.
    others: Vec<i64>,
    /// The largest of these.
    largest: i64,
}

impl Channel {
    /// So many coefficients across and down, but for those on the far side of the diagonal. `one` stands for 1 in the plane.
    fn of(plane: &[i64], one: i64, (width, height): (usize, usize), (across, down): (usize, usize)) -> Self {
        let vertical = cosines(height, down);
        // Of each row the sums for all frequencies across.
        let horizontal = cosines(width, across);
        let sum = |row: &[i64], cosines: &[i64]| row.iter().zip(cosines).map(|(value, cosine)| value * cosine).sum();
        let rows: Vec<Vec<i64>> =
            plane.chunks_exact(width).map(|row| horizontal.iter().map(|cosines| sum(row, cosines)).collect()).collect();
        let unit = (i128::from(one) * (width * height) as i128) << (2 * COSINE_BITS - BITS);
        let mut all = Vec::new();
        for (y, vertical) in vertical.iter().enumerate() {
            for x in (0..across).take_while(|x| x * down < across * (down - y)) {
                let column = rows.iter().zip(vertical);
                let sum: i128 = column.map(|(row, cosine)| i128::from(row[x]) * i128::from(*cosine)).sum();
                all.push((2 * sum + unit).div_euclid(2 * unit) as i64);
            }
        }
        let mean = all.remove(0);
        let largest = all.iter().map(|value| value.abs()).max().unwrap_or(0);
        Self { mean, others: all, largest }
    }

    /// A mean from 0 to 1, as a number of `steps`.
    fn mean(&self, steps: i64) -> u32 {
        rounded(steps * self.mean, 1 << BITS).clamp(0, steps) as u32
    }

    /// A mean from −1 to 1, in 63 steps.
    fn signed_mean(&self) -> u32 {
        rounded(63 * ((1 << BITS) + self.mean), 2 << BITS).clamp(0, 63) as u32
    }

    /// The largest coefficient, as a number of `steps`, of which all make 1.
    fn scale(&self, steps: i64) -> u32 {
        rounded(steps * self.largest, 1 << BITS).clamp(0, steps) as u32
    }

    /// The other coefficients in 15 steps, from minus the largest to the largest; 0 if all of them are 0.
    fn steps(&self) -> impl Iterator<Item = u8> {
        self.others.iter().map(|value| match self.largest {
            0 => 0,
            largest => rounded(15 * (value + largest), 2 * largest).clamp(0, 15) as u8,
        })
    }
}

/// For each frequency below `count` the cosines of a line of samples.
fn cosines(len: usize, count: usize) -> Vec<Vec<i64>> {
    let cosine = |frequency: usize, place: usize| {
        let angle = (frequency * (2 * place + 1)) as f64 / (2 * len) as f64;
        floor(sin_pi(0.5 + angle) * f64::from(1 << COSINE_BITS) + 0.5)
    };
    (0..count).map(|frequency| (0..len).map(|place| cosine(frequency, place)).collect()).collect()
}

/// A quotient, rounded to the nearest whole number, halves up.
const fn rounded(value: i64, by: i64) -> i64 {
    (2 * value + by).div_euclid(2 * by)
}
