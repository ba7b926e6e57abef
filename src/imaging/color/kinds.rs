//! What profiles and conversions are told apart by.

/// The components of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Channels {
    Gray,
    Rgb,
    /// 255 is full ink.
    Cmyk,
}

impl Channels {
    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// What a conversion keeps of colours that differ between devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Intent {
    Perceptual,
    /// Colours relative to the white of the medium.
    Relative,
    Saturation,
    /// Colours as they are measured, the white of the medium too.
    Absolute,
}

impl Intent {
    /// The number of the tables for this intent: those of the absolute one are those of the relative one.
    pub(super) const fn table(self) -> usize {
        match self {
            Self::Perceptual => 0,
            Self::Relative | Self::Absolute => 1,
            Self::Saturation => 2,
        }
    }
}

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
