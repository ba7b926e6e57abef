//! Pixel kernels: one file per operation.
//!
//! All arithmetic that reaches a pixel is on whole numbers with defined rounding, so every CPU level gives the same
//! bytes. Kernels work on [planes and rows](crate::imaging::pixel::raster); none knows what a request is.

pub(crate) mod alpha;
pub(crate) mod blend;
pub(crate) mod collect;
pub(crate) mod color;
pub(crate) mod cpu;
pub(crate) mod fill;
pub(crate) mod histogram;
pub(crate) mod interleave;
pub(crate) mod mask;
pub(crate) mod operate;
pub(crate) mod orient;
pub(crate) mod picture;
pub(crate) mod place;
pub(crate) mod resample;
pub(crate) mod shrink;
pub(crate) mod simd;
pub(crate) mod warp;

mod blur;
mod brightness;
mod color_balance;
mod colorize;
mod contrast;
mod hue;
mod invert;
mod lookup;
mod noise;
mod saturation;
mod sharpen;
mod taps;
#[cfg(test)]
mod test_support;
