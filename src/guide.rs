//! Guides: pages of text with examples that run.

#[doc = include_str!("../docs/catalogs.md")]
pub mod catalogs {}

#[doc = include_str!("../docs/operating.md")]
pub mod operating {}

#[doc = include_str!("../docs/pictures.md")]
pub mod pictures {}

#[doc = include_str!("../docs/serving.md")]
pub mod serving {}

#[doc = include_str!("../docs/signing.md")]
pub mod signing {}

#[doc = include_str!("../docs/speed.md")]
pub mod speed {}

#[doc = include_str!("../docs/support.md")]
pub mod support {}

#[doc = include_str!("../docs/versions.md")]
pub mod versions {}
