//! The colour space that a file says its samples lie in (`layers.md` §9).

use crate::base::digest::Digest;

/// The colour space that a file says its samples lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Space {
    /// The file says nothing, or nothing that can be read.
    Unsaid,
    /// The file says sRGB.
    Srgb,
    /// An ICC profile in the file, by the digest of its bytes.
    Icc(Digest),
    /// The file states primaries and a curve.
    Stated(Stated),
}

/// Primaries and a curve. Gray samples have the curve alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Stated {
    pub(crate) primaries: Primaries,
    pub(crate) curve: Curve,
}

/// Chromaticities x and y, in units of 1/100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Primaries {
    pub(crate) white: [u32; 2],
    pub(crate) red: [u32; 2],
    pub(crate) green: [u32; 2],
    pub(crate) blue: [u32; 2],
}

/// How light becomes samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Curve {
    /// That of sRGB.
    Srgb,
    /// That of Rec. 709 and Rec. 2020.
    Rec709,
    /// Samples are proportional to light.
    Linear,
    /// Light is the sample to this power, in units of 1/100,000: 219922 is that of Adobe RGB.
    Power(u32),
}

/// The components of the samples that a profile is for, without alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Channels {
    Gray,
    Rgb,
    /// 255 is full ink.
    Cmyk,
}

impl Channels {
    /// How many they are.
    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }

    /// Those of a picture with this number of components; `None`: no profile is for that number.
    pub(crate) const fn of(count: u8) -> Option<Self> {
        match count {
            1 => Some(Self::Gray),
            3 => Some(Self::Rgb),
            4 => Some(Self::Cmyk),
            _ => None,
        }
    }
}

/// A profile that needs no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum BuiltIn {
    Srgb,
    /// Gray with the curve of sRGB.
    GraySrgb,
    /// Gray with a gamma of 2.2.
    Gray22,
}

impl BuiltIn {
    /// The name, in versions too.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Srgb => "sRGB",
            Self::GraySrgb => "sRGB gray",
            Self::Gray22 => "Gray22",
        }
    }
}

/// How colours are brought into a space that cannot hold them all.
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
    /// The number of a profile's tables for this intent: those of the absolute one are those of the relative one.
    pub(crate) const fn table(self) -> usize {
        match self {
            Self::Perceptual => 0,
            Self::Relative | Self::Absolute => 1,
            Self::Saturation => 2,
        }
    }
}

impl Primaries {
    /// Those of sRGB and Rec. 709.
    pub(crate) const SRGB: Self =
        Self { white: [31270, 32900], red: [64000, 33000], green: [30000, 60000], blue: [15000, 6000] };
    /// Those of Display P3.
    pub(crate) const P3: Self =
        Self { white: [31270, 32900], red: [68000, 32000], green: [26500, 69000], blue: [15000, 6000] };
    /// Those of Adobe RGB (1998).
    pub(crate) const ADOBE: Self =
        Self { white: [31270, 32900], red: [64000, 33000], green: [21000, 71000], blue: [15000, 6000] };
    /// Those of Rec. 2020.
    pub(crate) const REC2020: Self =
        Self { white: [31270, 32900], red: [70800, 29200], green: [17000, 79700], blue: [13100, 4600] };
}

/// What a plan has to know of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProfileFacts {
    pub(crate) channels: Channels,
    /// Of the profile's bytes.
    pub(crate) digest: Digest,
    /// It is sRGB in effect, or gray with the curve of sRGB.
    pub(crate) is_srgb: bool,
    /// Colours can be converted from it.
    pub(crate) is_source: bool,
}
