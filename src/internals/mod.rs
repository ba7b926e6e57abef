//! Entry points for this repository's benches and fuzz targets. Not part of the API: no promise is made about it.

mod catalog;
mod color;
mod decode;
mod encode;
mod kernels;
mod planes;
mod request;
mod resample;
mod signature;
mod source;
mod version;
mod work;

pub use catalog::*;
pub use color::*;
pub use decode::*;
pub use encode::*;
pub use kernels::{Answer, Kernel, cpu_levels, kernels};
pub use planes::Planes;
pub use request::*;
pub use resample::*;
pub use signature::*;
pub use source::FileState;
pub use version::*;
pub use work::*;
