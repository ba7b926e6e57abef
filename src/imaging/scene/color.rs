//! Which colour spaces a picture is converted between (`layers.md` §9).

use crate::imaging::pixel::space::{BuiltIn, Intent};

/// How a scene handles colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ColorRules {
    /// A file without a profile lies in sRGB, or in gray with the curve of sRGB, and a reply in RGB or gray is in such a space
    /// too unless its space is named. Without that, only what has a profile is converted, and to a named space alone.
    pub(crate) managed: bool,
    /// The space of the reply.
    pub(crate) output: OutputSpace,
    pub(crate) intent: Intent,
    /// The spaces of colours that a scene states in other components than its reply has, in the order gray, RGB, CMYK.
    pub(crate) inks: [Option<ProfileRef>; 3],
    /// The spaces of colours that are stated as those of sources (suffix `s`), in the same order.
    pub(crate) source_inks: [Option<ProfileRef>; 3],
    /// The darkest colour of the source is brought to the darkest of the reply (black point compensation).
    pub(crate) black_point: bool,
}

/// The space of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OutputSpace {
    /// By [`ColorRules::managed`].
    Default,
    /// That of the first layer's file, if its profile is for the pixel type of the reply; else by default.
    Source,
    /// That of a profile, which decides the pixel type of the reply as well.
    Named(ProfileRef),
    /// That of the profile for the pixel type of the reply, in the order gray, RGB, CMYK; where there is none, that of the
    /// first layer's file if colours are not managed; else by default.
    OfType([Option<ProfileRef>; 3]),
}

/// A profile that a scene names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ProfileRef {
    BuiltIn(BuiltIn),
    File(ProfileId),
}

/// A profile by its place in the list of profiles that belongs to a scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ProfileId(pub(crate) usize);

impl ColorRules {
    /// Replies are in sRGB; what has no profile is taken as such.
    pub(crate) const SRGB: Self = Self {
        managed: true,
        output: OutputSpace::Default,
        intent: Intent::Relative,
        inks: [None; 3],
        source_inks: [None; 3],
        black_point: true,
    };
}
