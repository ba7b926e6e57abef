//! Files of colour profiles: read whole, and remembered by their identity (`layers.md` §9).

use std::path::Path;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::color::Profile;
use crate::imaging::pixel::header::Facts;
use crate::imaging::pixel::space::{Channels, ProfileFacts, Space};
use crate::imaging::plan::SpaceRef;
use crate::imaging::render::unless_written;
use crate::imaging::scene::{InputId, OutputSpace, ProfileId};
use crate::imaging::source::Source;
use crate::language::resolve::{Input, ProfileInput, Purpose, Resolved};

use super::files::says_nothing;
use super::metadata;
use super::state::Engine;

/// The profiles of a picture, one for each that is named.
#[derive(Default)]
pub(super) struct Profiles {
    /// An error: the profile cannot be used.
    found: Vec<Result<Profile>>,
    /// A file was changed a moment ago and may be half written.
    pub(super) unsettled: bool,
}

/// A profile, and whether its file was changed a moment ago.
struct Found {
    profile: Profile,
    unsettled: bool,
}

impl Profiles {
    /// Those that can be used, by their place in the list.
    pub(super) fn usable(&self) -> Vec<Option<Profile>> {
        self.found.iter().map(|found| found.as_ref().ok().cloned()).collect()
    }

    /// Fails if one cannot be used that the picture may need. `facts` are those of its files.
    ///
    /// # Errors
    ///
    /// The profile, by what names it.
    pub(super) fn check(&self, resolved: &Resolved, facts: &[Option<Facts>]) -> Result<()> {
        for (input, found) in resolved.profiles.iter().zip(&self.found) {
            let wrong = |what| Err(Error::new(ErrorKind::Catalog, what));
            let check = |channels: Option<Channels>, can: fn(&Profile) -> bool| match found {
                Ok(profile) if channels.is_some_and(|channels| profile.channels() != channels) => {
                    wrong("names a profile for other pixels")
                }
                Ok(profile) if !can(profile) => wrong("names a profile that lacks the tables to be used here"),
                Ok(_) => Ok(()),
                Err(error) => Err(error.clone()),
            };
            let outcome = match input.purpose {
                Purpose::Reply => check(None, Profile::is_target),
                Purpose::Source => match unsaid(facts) {
                    Some(channels) => check(Some(channels), Profile::is_source),
                    None => Ok(()),
                },
                Purpose::Replies(channels) if is_reply(resolved, channels) => check(Some(channels), Profile::is_target),
                Purpose::OtherSources(channels) if unsaid(facts) == Some(channels) => {
                    check(Some(channels), Profile::is_source)
                }
                Purpose::Replies(_) | Purpose::Sources(_) | Purpose::OtherSources(_) => Ok(()),
            };
            outcome.map_err(|error| error.at(input.name))?;
        }
        Ok(())
    }
}

/// Replies have such components, and no other profile is named for them.
fn is_reply(resolved: &Resolved, channels: Channels) -> bool {
    let scene = &resolved.scene;
    let by_type = matches!(scene.colors.output, OutputSpace::OfType(_));
    by_type && !scene.output.mask && scene.output.pixels.channels() == channels
}

/// The components of the source, if its file says nothing of their space.
fn unsaid(facts: &[Option<Facts>]) -> Option<Channels> {
    let header = facts.first()?.as_ref()?.header;
    if header.space == Space::Unsaid { Channels::of(header.layout.colors) } else { None }
}

/// What a plan has to know of profiles.
pub(super) fn facts_of(profiles: &[Option<Profile>]) -> Vec<Option<ProfileFacts>> {
    let of = |profile: &Profile| ProfileFacts {
        channels: profile.channels(),
        digest: profile.digest(),
        is_srgb: profile.is_srgb(),
        is_source: profile.is_source(),
    };
    profiles.iter().map(|profile| profile.as_ref().map(of)).collect()
}

/// The inputs of a picture, what is known of their files, and those that are open.
type Files<'a> = (&'a [Input], &'a [Option<Facts>], &'a [Option<Source>]);

impl Engine {
    /// The description of a space's profile; empty if the space has none.
    ///
    /// # Errors
    ///
    /// The file that holds it is not what it was, or the work is to be given up.
    pub(super) fn profile_name(
        &self,
        space: SpaceRef,
        (inputs, facts, opened): Files<'_>,
        profiles: &[Option<Profile>],
        cancel: Cancel<'_>,
    ) -> Result<String> {
        Ok(match space {
            SpaceRef::BuiltIn(built_in) => built_in.name().to_owned(),
            SpaceRef::Stated(..) => String::new(),
            SpaceRef::File(ProfileId(id)) => {
                let profile = profiles.get(id).and_then(Option::as_ref);
                profile.map_or_else(String::new, |profile| profile.description().to_owned())
            }
            SpaceRef::Embedded(InputId(input)) => {
                let file = inputs.get(input).and_then(|input| input.file.as_deref());
                let Some((file, facts)) = file.zip(facts.get(input).and_then(Option::as_ref)) else {
                    return Ok(String::new());
                };
                let opened = opened.get(input).and_then(Option::as_ref);
                let metadata = metadata::read(self, file, facts, opened, cancel)?;
                metadata.icc.as_ref().map_or_else(String::new, |icc| icc.description.clone())
            }
        })
    }

    /// Reads the profiles of a picture, in their order.
    ///
    /// # Errors
    ///
    /// A file is being changed, or the work is to be given up.
    pub(super) fn profiles(&self, inputs: &[ProfileInput], cancel: Cancel<'_>) -> Result<Profiles> {
        let mut profiles = Profiles::default();
        for input in inputs {
            let none = || Error::new(ErrorKind::Catalog, "names no profile");
            let found = match &input.file {
                Some(file) => self.profile(file, cancel),
                None => Err(none()),
            };
            profiles.unsettled |= match &found {
                Ok(found) => found.unsettled,
                Err(error) => error.kind() == ErrorKind::Unfinished,
            };
            profiles.found.push(match found {
                Ok(found) => Ok(found.profile),
                Err(error) if says_nothing(&error) => return Err(error),
                Err(error) if error.kind() == ErrorKind::Missing => Err(none().with_detail(&error)),
                Err(error) => Err(error),
            });
        }
        Ok(profiles)
    }

    /// Looks at the profiles of a picture again; `None` if they are not what they were, or cannot be looked at. It opens and
    /// reads them while `opening` lets it; without that, their status has to be one that is known. The value says that a
    /// file was changed a moment ago.
    pub(super) fn profiles_again(
        &self,
        inputs: &[ProfileInput],
        known: &[Option<Profile>],
        opening: Option<Cancel<'_>>,
    ) -> Option<bool> {
        let mut unsettled = false;
        for (input, known) in inputs.iter().zip(known) {
            let (file, known) = (input.file.as_ref()?, known.as_ref()?);
            let profile = match opening {
                Some(cancel) => {
                    let found = self.profile(file, cancel).ok()?;
                    unsettled |= found.unsettled;
                    found.profile
                }
                None => self.inner.memo.profile(&self.look(file).ok()?)?,
            };
            if profile.digest() != known.digest() {
                return None;
            }
        }
        Some(unsettled)
    }

    fn profile(&self, file: &Path, cancel: Cancel<'_>) -> Result<Found> {
        if let Some(profile) = self.inner.memo.profile(&self.look(file)?) {
            return Ok(Found { profile, unsettled: false });
        }
        #[cfg(feature = "tower")]
        self.may_read_again(file)?;
        let source = self.open(file, cancel)?;
        // If the file changed while it was mapped, the reader may fail in any way. The check then reports the change instead.
        let profile = caught(|| Profile::read(source.bytes()));
        source.check()?;
        let profile = profile.map_err(|error| unless_written(error, [&source]))?;
        if source.is_settled() {
            self.inner.memo.remember_profile(source.identity().clone(), &profile);
        }
        Ok(Found { profile, unsettled: !source.is_settled() })
    }
}
