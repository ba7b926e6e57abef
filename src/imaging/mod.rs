//! The imaging wing: from a [`Scene`](scene::Scene) and bytes to bytes. It knows no request, no catalog and no address.

pub(crate) mod codec;
#[cfg_attr(not(feature = "icc"), allow(dead_code, reason = "only profiles that are read have tables"))]
pub(crate) mod color;
pub(crate) mod kernel;
pub(crate) mod pixel;
pub(crate) mod plan;
pub(crate) mod render;
pub(crate) mod scene;
pub(crate) mod source;
