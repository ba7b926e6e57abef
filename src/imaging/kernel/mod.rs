//! Pixel kernels, by purpose.
//!
//! All arithmetic that reaches a pixel is on whole numbers with defined rounding, so every CPU level gives the same
//! bytes. Kernels that take much of a usual request's time have code for each level; every other one says beside it why
//! portable code is enough. Kernels work on [planes and rows](crate::imaging::pixel::raster); none knows what a request is.

pub(crate) mod alpha;
pub(crate) mod alpha_wide;
pub(crate) mod blend;
pub(crate) mod color;
pub(crate) mod interleave;
pub(crate) mod isa;
pub(crate) mod operate;
pub(crate) mod picture;
pub(crate) mod placement;
pub(crate) mod quantize;
pub(crate) mod resample;
pub(crate) mod sink;

mod taps;
#[cfg(test)]
mod test_support;
