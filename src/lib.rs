#![doc = include_str!("../README.md")]
//!
//! The guides are in the module [`guide`].
// Says on docs.rs which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod base;
#[cfg(feature = "rayon")]
mod batch;
mod edit_text;
mod engine;
pub mod guide;
#[cfg(feature = "http")]
pub mod http;
mod imaging;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod language;
mod picture;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "tower")]
pub mod service;
mod target;
#[cfg(test)]
mod test_support;

pub use base::digest::{Digest, ParseDigestError};
pub use base::error::{Error, ErrorKind};
pub use base::limits::Limits;
pub use base::observe::{Stage, Timings};
pub use base::signature::SigningKey;
pub use base::version::{ParseVersionError, Version};
#[cfg(feature = "rayon")]
pub use batch::{Batch, Done, batch};
pub use engine::{
    Context, ETag, Engine, EngineBuilder, FileBody, Fingerprint, Health, IdPolicy, MissingStatus, ObjectVersions,
    Pieces, Prepared, Prewarmed, Reload, Reply, StageFingerprint, StoreUsage, UnknownCommands, cache_tag,
};
pub use imaging::kernel::isa::cpu::CpuLevel;
pub use imaging::scene::Keep;
pub use imaging::source::{SourceProvider, SourceTag, UntrustedMount};
pub use language::catalog::DamagedImages;
pub use language::lists::CachePolicy;
pub use picture::{
    Compression, Edit, Filter, Fit, Format, Palette, Picture, PixelLayout, Pixels, Profile, Rendition, resize,
    thumbnail,
};
pub use target::RequestTarget;
