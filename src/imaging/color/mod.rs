//! Colour: profiles of devices, and conversions of pixels from one to another (`layers.md` §9).
//!
//! A pair of profiles becomes a list of stages in `f64` ([`link`]), which is compiled to tables, sums and grids of whole
//! numbers ([`compile`]). Only those touch pixels. Stages are computed with `+ − × ÷` and the `libm` crate alone, so that every
//! machine has the same tables. Grids of profiles keep their own points; nothing is resampled, so that a conversion is as near
//! to its profiles as 16 bits allow.

mod black;
mod compile;
mod conversion;
mod curve;
mod gray;
mod grid;
mod icc;
mod kinds;
mod link;
mod matrix;
mod profile;
mod program;
mod read;
mod stage;
mod stated;
mod steps;
mod tables;
#[cfg(test)]
mod tests;
mod transform;
mod write;

pub(crate) use profile::Profile;
pub(crate) use transform::{Transform, Transforms};
