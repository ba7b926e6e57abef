//! The colour space of what is made of a picture.

use std::fmt;

use bytes::Bytes;

use crate::base::error::{Error, Result};
use crate::imaging::color;
use crate::imaging::pixel::space::{BuiltIn, Intent, ProfileFacts};
use crate::imaging::scene::{ColorRules, OutputSpace, ProfileId, ProfileRef};

/// The colour space of what is made of a picture, for [`Edit::profile`](crate::Edit::profile).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// sRGB, which every program takes pixels without a profile for. Nothing is embedded.
    Srgb,
    /// That of the source: pixels keep their numbers, and its ICC profile goes into the file. A source without one, or with one
    /// for other pixels than those that are written, is converted to sRGB.
    Keep,
    /// That of an ICC profile of at most 4 MiB, for gray, RGB or CMYK, which goes into the file. It decides which of these
    /// pixels are written.
    Custom(Bytes),
}

/// What an edit says of colours: a profile, and how colours are brought into its space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Icc {
    pub(crate) space: Named,
    pub(crate) intent: Option<Intent>,
    pub(crate) black_point: Option<bool>,
}

/// A space by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Srgb,
    Gray22,
    /// That of the source.
    Source,
    /// That of the profile which the edit holds.
    Custom,
}

impl Icc {
    pub(super) const fn of(space: Named) -> Self {
        Self { space, intent: None, black_point: None }
    }
}

/// How the pictures of an edit handle colours.
pub(super) fn rules(icc: Option<&Icc>) -> ColorRules {
    let Some(icc) = icc else { return ColorRules::SRGB };
    let output = match icc.space {
        Named::Srgb => OutputSpace::Named(ProfileRef::BuiltIn(BuiltIn::Srgb)),
        Named::Gray22 => OutputSpace::Named(ProfileRef::BuiltIn(BuiltIn::Gray22)),
        Named::Source => OutputSpace::Source,
        Named::Custom => OutputSpace::Named(ProfileRef::File(ProfileId(0))),
    };
    ColorRules {
        output,
        intent: icc.intent.unwrap_or(ColorRules::SRGB.intent),
        black_point: icc.black_point.unwrap_or(ColorRules::SRGB.black_point),
        ..ColorRules::SRGB
    }
}

/// A profile that an edit holds. Two are the same if their bytes are.
#[derive(Clone)]
pub(crate) struct Custom(color::Profile);

impl Custom {
    /// # Errors
    ///
    /// The bytes are no profile that can be used.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        color::Profile::read(bytes).map(Self).map_err(|error| Error::request("icc", error.what()))
    }

    pub(super) const fn profile(&self) -> &color::Profile {
        &self.0
    }

    pub(super) fn facts(&self) -> ProfileFacts {
        let Self(profile) = self;
        ProfileFacts {
            channels: profile.channels(),
            digest: profile.digest(),
            is_srgb: profile.is_srgb(),
            is_source: profile.is_source(),
        }
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest() == other.0.digest()
    }
}

impl Eq for Custom {}

impl fmt::Debug for Custom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Custom").field(&self.0.description()).finish()
    }
}
