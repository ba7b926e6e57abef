//! From a request and the catalogs to what is in effect (`protocol.md` §1.5–1.10).
//!
//! [`open`] undoes lock and obfuscation, [`Call`] expands macros and says what is asked for, and [`Call::picture`]
//! merges what the records say with the request into an immutable [`Resolved`]. Its [closure](Resolved::closure) is
//! everything outside the URL and the source files that the reply depends on.

mod call;
mod closure;
mod defaults;
mod expand;
mod output;
mod picture;

use std::path::PathBuf;
use std::sync::Arc;

use crate::catalog::{Catalog, Hours, Object};
use crate::error::{Error, Result};
use crate::request::{Commands, Kind, Req};

pub(crate) use call::{Call, open};
pub(crate) use defaults::{ThumbStyle, ViewDefaults};
pub(crate) use output::Output;

/// A request about a picture with everything that decides it, except the source itself.
#[derive(Debug, Clone)]
pub(crate) struct Resolved {
    pub(crate) req: Req,
    pub(crate) main: Arc<Catalog>,
    /// The object of the path as the caller wrote it, decoded.
    pub(crate) name: String,
    /// The source of layer 0.
    pub(crate) source: Object,
    /// The file that masks it.
    pub(crate) mask_file: Option<PathBuf>,
    /// The file of the path's object, where that is not the source: `req=xmp` reads it.
    pub(crate) path_file: Option<PathBuf>,
    /// The commands in effect: PostModifier over request over Modifier.
    pub(crate) commands: Commands,
    /// All variables that are defined, in canonical form.
    variables: String,
    /// What `$object$` stands for, if a record that takes part refers to it.
    object: Option<String>,
    parts: Vec<Part>,
    /// The request's own commands and variables in canonical form.
    pub(crate) canonical: String,
    pub(crate) output: Output,
    pub(crate) view: ViewDefaults,
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

/// What an object is to a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Source,
    /// The object of the path, where it is not the source.
    Path,
    Template,
    Mask,
}

/// Rules that concern several commands (`protocol.md` §10).
fn check(kind: Kind, commands: &Commands) -> Result<()> {
    match (kind, commands.fit) {
        (Kind::Tmb, Some(_)) => Err(Error::request("fit", "cannot be used with req=tmb")),
        (_, Some(_)) if commands.wid.is_none() && commands.hei.is_none() => {
            Err(Error::request("fit", "needs wid or hei"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
