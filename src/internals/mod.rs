//! Entry points for this repository's benches and fuzz targets. Not part of the API: no promise is made about it.

mod catalog;
mod decode;
mod encode;
mod planes;
mod request;
mod resample;
mod version;

pub use catalog::*;
pub use decode::*;
pub use encode::*;
pub use planes::Planes;
pub use request::*;
pub use resample::*;
pub use version::*;
