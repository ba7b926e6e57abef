#![doc = include_str!("../README.md")]

mod cache;
mod catalog;
mod color;
mod decimal;
mod decode;
mod digest;
mod encode;
mod engine;
mod error;
mod facts;
mod geometry;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod kernel;
mod limits;
mod math;
mod observe;
mod operation;
mod plan;
mod raster;
mod render;
mod reply;
mod request;
mod resolve;
mod rotation;
mod scene;
#[cfg(feature = "tower")]
pub mod service;
mod source;
mod target;
#[cfg(test)]
mod test_support;
mod threads;
mod version;
mod watch;

pub use digest::Digest;
pub use engine::{
    Context, EPOCH, ETag, Engine, EngineBuilder, Health, Held, IdPolicy, ObjectVersions, Prepared, Reload, Reply,
};
pub use error::{Error, ErrorKind};
pub use kernel::cpu::CpuLevel;
pub use limits::Limits;
pub use observe::{Stage, Timings};
pub use reply::Lifetime;
pub use source::{SourceProvider, Stamp};
pub use target::Target;
pub use version::{ParseVersionError, Version};
