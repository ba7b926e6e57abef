//! The language wing: from text to a [`Scene`](crate::imaging::scene::Scene). It touches no pixel.

pub(crate) mod catalog;
pub(crate) mod lists;
pub(crate) mod request;
pub(crate) mod resolve;
