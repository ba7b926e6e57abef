//! Pixel kernels: one file per operation, each with its scalar reference.
//!
//! All arithmetic that reaches a pixel is on whole numbers with defined rounding, so every CPU level gives the same
//! bytes. Kernels work on [planes and rows](crate::raster); none knows what a request is.

pub(crate) mod alpha;
pub(crate) mod blur;
pub(crate) mod collect;
pub(crate) mod color;
pub(crate) mod cpu;
pub(crate) mod interleave;
pub(crate) mod orient;
pub(crate) mod resample;
pub(crate) mod sharpen;
pub(crate) mod shrink;

mod math;
mod simd;
mod taps;
