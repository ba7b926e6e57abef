//! The engine: what a server links.

mod admission;
mod builder;
mod cache_tags;
mod conditional;
#[cfg(test)]
mod conditional_tests;
mod content;
mod context;
mod delivery;
mod digest_ahead;
mod dispatch;
mod errors;
mod files;
mod health;
mod inflight;
mod job;
mod lifetimes;
mod lists;
mod map;
mod memory;
mod metadata;
#[cfg(test)]
mod mounts_tests;
mod named_tags;
mod planned;
mod prepared;
mod prewarm;
mod profiles;
mod props;
mod recall;
mod reload;
mod reply;
mod retry;
mod save;
mod serve;
mod signing;
mod state;
mod tagged;
#[cfg(feature = "tower")]
mod unread;
mod unsettled;
pub(crate) mod versioning;

pub use crate::imaging::source::{FileBody, Pieces};
pub use admission::UnknownCommands;
pub use builder::EngineBuilder;
pub use cache_tags::cache_tag;
pub use context::Context;
#[cfg(feature = "tower")]
pub(crate) use delivery::Undigested;
pub use health::{Health, StoreUsage};
pub use prepared::Prepared;
pub use prewarm::Prewarmed;
pub use reload::Reload;
pub use reply::{ETag, Reply};
#[cfg(feature = "tower")]
pub(crate) use state::Unread;
pub use state::{Engine, IdPolicy, MissingStatus};
pub use versioning::fingerprint::{Fingerprint, StageFingerprint};
pub use versioning::versions::ObjectVersions;
