//! What both wings are built on: it knows no picture, no request and no catalog.

#[cfg(feature = "serde")]
mod as_text;
pub(crate) mod cancel;
pub(crate) mod caught;
pub(crate) mod clock;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod etag;
pub(crate) mod geom;
pub(crate) mod limits;
pub(crate) mod num;
pub(crate) mod observe;
pub(crate) mod pool;
pub(crate) mod signature;
pub(crate) mod stage;
pub(crate) mod store;
pub(crate) mod version;
pub(crate) mod work;
