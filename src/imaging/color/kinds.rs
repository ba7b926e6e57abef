//! What profiles and conversions are told apart by.

pub(crate) use crate::imaging::pixel::space::{Channels, Intent};

/// The space between two profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pcs {
    Xyz,
    Lab,
}

/// The class of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Display,
    Output,
    /// Scanners and cameras, and spaces of no device.
    Other,
}
