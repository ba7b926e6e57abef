//! The colour profiles that a picture may be converted with (`protocol.md` §3.7, `layers.md` §9).

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::error::Result;
use crate::imaging::pixel::space::Channels;
use crate::imaging::scene::{ColorRules, OutputSpace, ProfileId, ProfileRef};
use crate::language::catalog::{
    Caller, Catalog, Catalogs, ColorManagement, NamedBy, NamedProfile, Object, SuppliedProfile,
};
use crate::language::request::{Commands, Icc};

/// A profile in a file, that a request or a catalog names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfileInput {
    /// Its name in versions.
    pub(crate) field: &'static str,
    /// What errors call it.
    pub(crate) name: &'static str,
    /// `None`: the name can be that of no profile.
    pub(crate) file: Option<PathBuf>,
    /// What it is for.
    pub(crate) purpose: Purpose,
}

/// What a profile is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The reply, as the request says.
    Reply,
    /// Replies of these components.
    Replies(Channels),
    /// The source, as its record says.
    Source,
    /// Sources of these components that have none. Without it the profile of replies serves.
    Sources(Channels),
    /// Sources of these components that have none: the last resort.
    OtherSources(Channels),
}

/// Which colour spaces a picture is converted between.
#[derive(Debug)]
pub(super) struct Spaces {
    pub(super) rules: ColorRules,
    /// Those of a source without a profile, in their order.
    pub(super) of_source: Vec<ProfileRef>,
    pub(super) files: Vec<ProfileInput>,
    /// What versions cover besides the content of files: fields with their values.
    pub(super) names: Vec<(&'static str, &'static str)>,
    /// Catalogs that supply the profile which the request names.
    pub(super) suppliers: Vec<Arc<Catalog>>,
}

/// Attributes by components, in the order gray, RGB, CMYK: name, name in versions for a source of another catalog, and value.
type ByType<'a> = [(Channels, &'static str, &'static str, &'a str); 3];

/// The spaces for a source, and the commands in effect.
///
/// # Errors
///
/// `icc=` names what can be no profile, or a profile of a catalog that refuses the caller.
pub(super) fn spaces(
    catalogs: &Catalogs,
    main: &Arc<Catalog>,
    source: &Object,
    commands: &Commands,
    caller: Caller,
) -> Result<Spaces> {
    let attributes = &main.attributes;
    let icc = match &commands.request.icc {
        Some(Icc(named)) => named.as_ref(),
        None => None,
    };
    let rules = ColorRules {
        managed: attributes.color_management == ColorManagement::Srgb,
        output: OutputSpace::Default,
        intent: icc.and_then(|icc| icc.intent).unwrap_or_else(|| attributes.icc_render_intent.intent()),
        inks: [None; 3],
        source_inks: [None; 3],
        black_point: icc.and_then(|icc| icc.black_point).unwrap_or(attributes.icc_black_point_compensation),
    };
    let spaces = Spaces { rules, of_source: Vec::new(), files: Vec::new(), names: Vec::new(), suppliers: Vec::new() };
    let mut finder = Finder { catalogs, caller, spaces };
    let mut replies = [None; 3];
    for (profile, (channels, name, _, text)) in replies.iter_mut().zip(replies_of(main)) {
        *profile = finder.attribute(main, (name, name), text, Purpose::Replies(channels));
    }
    finder.spaces.rules.inks = replies;
    finder.spaces.rules.output = match icc {
        None => OutputSpace::OfType(replies),
        Some(icc) => {
            let found = catalogs.profile(main, &icc.object.0, NamedBy::Request, caller);
            let SuppliedProfile { profile, suppliers } = found.map_err(|error| error.at("icc"))?;
            finder.spaces.suppliers = suppliers;
            match profile {
                NamedProfile::Source => OutputSpace::Source,
                profile => OutputSpace::Named(finder.add(profile, ("icc", "icc"), Purpose::Reply)),
            }
        }
    };
    let owner = &source.owner;
    if let Some(record) = source.record.as_deref() {
        let names = ("IccProfile", "source::IccProfile");
        let profile = finder.attribute(owner, names, &record.icc_profile, Purpose::Source);
        finder.spaces.of_source.extend(profile);
    }
    let attributes = &owner.attributes;
    let sources: ByType<'_> = [
        (Channels::Gray, "IccProfileSrcGray", "source::IccProfileSrcGray", &attributes.icc_profile_src_gray),
        (Channels::Rgb, "IccProfileSrcRgb", "source::IccProfileSrcRgb", &attributes.icc_profile_src_rgb),
        (Channels::Cmyk, "IccProfileSrcCmyk", "source::IccProfileSrcCmyk", &attributes.icc_profile_src_cmyk),
    ];
    for (i, (channels, name, field, text)) in sources.into_iter().enumerate() {
        let profile = finder.attribute(owner, (name, field), text, Purpose::Sources(channels));
        finder.spaces.rules.source_inks[i] = profile;
        finder.spaces.of_source.extend(profile);
    }
    if Arc::ptr_eq(owner, main) {
        // A record that moves to another catalog with the same attributes has other profiles for its source.
        if replies.iter().any(Option::is_some) {
            finder.spaces.names.push(("source", "that of replies"));
        }
        finder.spaces.of_source.extend(replies.into_iter().flatten());
    } else {
        for (channels, name, field, text) in replies_of(owner) {
            let profile = finder.attribute(owner, (name, field), text, Purpose::OtherSources(channels));
            finder.spaces.of_source.extend(profile);
        }
    }
    Ok(finder.spaces)
}

fn replies_of(catalog: &Catalog) -> ByType<'_> {
    let attributes = &catalog.attributes;
    [
        (Channels::Gray, "IccProfileGray", "source::IccProfileGray", &attributes.icc_profile_gray),
        (Channels::Rgb, "IccProfileRgb", "source::IccProfileRgb", &attributes.icc_profile_rgb),
        (Channels::Cmyk, "IccProfileCmyk", "source::IccProfileCmyk", &attributes.icc_profile_cmyk),
    ]
}

struct Finder<'a> {
    catalogs: &'a Catalogs,
    caller: Caller,
    spaces: Spaces,
}

impl Finder<'_> {
    /// The profile that an attribute or a field names; empty for none. `names`: its own, and in versions.
    fn attribute(
        &mut self,
        catalog: &Arc<Catalog>,
        names: (&'static str, &'static str),
        text: &str,
        purpose: Purpose,
    ) -> Option<ProfileRef> {
        if text.is_empty() {
            return None;
        }
        let profile = self.catalogs.profile(catalog, text, NamedBy::Operator, self.caller);
        // The source's own profile is nothing that a catalog can name.
        let profile = profile.map_or(NamedProfile::Source, |found| found.profile);
        Some(self.add(profile, names, purpose))
    }

    fn add(
        &mut self,
        profile: NamedProfile,
        (name, field): (&'static str, &'static str),
        purpose: Purpose,
    ) -> ProfileRef {
        match profile {
            NamedProfile::BuiltIn(built_in) => {
                self.spaces.names.push((field, built_in.name()));
                ProfileRef::BuiltIn(built_in)
            }
            NamedProfile::File(_) | NamedProfile::Source => {
                let file = if let NamedProfile::File(file) = profile { Some(file) } else { None };
                self.spaces.files.push(ProfileInput { field, name, file, purpose });
                ProfileRef::File(ProfileId(self.spaces.files.len() - 1))
            }
        }
    }
}
