//! From a request and the catalogs to what is in effect (`protocol.md` §1.5–1.10).
//!
//! [`open`] undoes lock and obfuscation, [`Call`] expands macros and says what is asked for, and [`Call::picture`]
//! merges what the records say with the request into an immutable [`Resolved`]: the [`Scene`] and the [inputs](Input)
//! that it is made of. Its [closure](Resolved::closure) is everything outside the URL and the files that the reply
//! depends on.

mod applicable;
mod call;
mod closure;
mod expand;
mod input;
mod picture;
mod profiles;
mod scene;

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::num::decimal::Decimal;
use crate::imaging::scene::{FileFormat, Scene};
use crate::language::catalog::{Catalog, Hours, Object};
use crate::language::request::{Commands, Kind, Req};

pub(crate) use call::{Call, open};
pub(crate) use input::{Input, Role};
pub(crate) use profiles::{ProfileInput, Purpose};
#[cfg(test)]
pub(crate) use test_support::scene_of;

/// A request about a picture with everything that decides it, except the source itself.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) req: Req,
    pub(crate) main: Arc<Catalog>,
    /// The object of the path as the caller wrote it, decoded.
    pub(crate) name: String,
    /// The source of layer 0.
    pub(crate) source: Object,
    /// The files that take part; the scene names them by their place in this list.
    pub(crate) inputs: Vec<Input>,
    /// The profiles in files that the picture may be converted with; the scene names them by their place in this list.
    pub(crate) profiles: Vec<ProfileInput>,
    /// What versions cover of profiles besides the content of files: fields with their values.
    profile_names: Vec<(&'static str, &'static str)>,
    /// Catalogs that supply the profile which the request names.
    profile_suppliers: Vec<Arc<Catalog>>,
    /// What the picture is made of.
    pub(crate) scene: Scene,
    /// The commands in effect: PostModifier over request over Modifier.
    pub(crate) commands: Commands,
    /// All variables that are defined, in canonical form.
    variables: String,
    /// What `$object$` stands for, if a record that takes part refers to it.
    object: Option<String>,
    parts: Vec<Part>,
    /// The request's own commands and variables in canonical form.
    pub(crate) canonical: String,
    /// The object resolution of the source.
    resolution: Decimal,
    /// How a thumbnail of it is made.
    thumbs: scene::Thumbs,
    /// A default image stands in for what is missing; its record's own lifetime.
    pub(crate) default_image: Option<Option<Hours>>,
}

/// An object that takes part.
#[derive(Debug, Clone)]
struct Part {
    role: Role,
    object: Object,
    /// The record's commands, macros expanded, in one spelling.
    modifier: String,
    post_modifier: String,
}

/// Rules that concern several commands (`protocol.md` §10).
fn check(kind: Kind, commands: &Commands) -> Result<()> {
    match (kind, commands.request.fit) {
        (Kind::Tmb, Some(_)) => return Err(Error::request("fit", "cannot be used with req=tmb")),
        (_, Some(_)) if commands.request.wid.is_none() && commands.request.hei.is_none() => {
            return Err(Error::request("fit", "needs wid or hei"));
        }
        _ => {}
    }
    let format = commands.request.fmt.unwrap_or(FileFormat::DEFAULT).format;
    let refusal = commands.request.quantize.as_ref().and_then(|quantize| format.refuses(quantize));
    refusal.map_or(Ok(()), |reason| Err(Error::request("quantize", reason)))
}

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
