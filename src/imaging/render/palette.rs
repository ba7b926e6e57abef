//! What conversions between colour spaces are made with.

use crate::imaging::color::{Profile, Transforms};

/// What conversions are made with.
#[derive(Clone, Copy)]
pub(crate) struct Palette<'a> {
    /// The profiles that scenes name, by their place in the list; `None`: one that cannot be used.
    pub(crate) profiles: &'a [Option<Profile>],
    /// The conversions that have been made.
    pub(crate) transforms: &'a Transforms,
}
