//! Versions and tags: what they cover, and the fingerprint of the engine in them.

pub(crate) mod direct;
pub(super) mod fingerprint;
pub(super) mod probe;
pub(super) mod setting;
pub(super) mod tag;
pub(super) mod versions;
