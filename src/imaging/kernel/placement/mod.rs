//! Where pixels go: turning, warping, cutting out, putting in place, filling.

pub(crate) mod fill;
pub(crate) mod orient;
pub(crate) mod place;
pub(crate) mod warp;
