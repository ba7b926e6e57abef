//! test
#![allow(dead_code, unused_imports)]
mod cache;
mod catalog;
mod color;
mod decode;
mod digest;
mod encode;
mod error;
mod facts;
mod geometry;
mod kernel;
mod limits;
mod operation;
mod plan;
mod raster;
mod request;
mod resolve;
mod source;
mod version;
pub use version::{Version, ParseVersionError};
pub use error::{Error, ErrorKind};
pub use limits::Limits; pub use geometry::Size; pub use digest::Digest;
pub use kernel::cpu::CpuLevel;
