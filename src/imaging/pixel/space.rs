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
