//! Which commands a caller may use, as far as the host decides.

use crate::base::error::{Error, Result};
use crate::language::request::{Modifier, unknown_commands, why_unknown};

/// How the engine treats commands that the protocol does not know. Comments (`.anything`) are not commands.
///
/// `req=validate` tells such names in any case, in the property `request.unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum UnknownCommands {
    /// It is ignored, as the protocol says: viewers and older systems send commands of their own.
    #[default]
    Ignore,
    /// The engine ignores the command and logs it once, when it first reads the request.
    Warn,
    /// The request is refused with 403 and the name.
    Refuse,
}

/// Commands that a caller may use where the host admits presets only.
const BESIDE_PRESETS: [&str; 7] = ["req", "id", "locale", "handler", "sig", "exp", "kid"];

/// What the host admits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Admission {
    /// Admits macros, variables and the commands in `BESIDE_PRESETS`, and no others.
    pub(super) presets_only: bool,
    pub(super) unknown: UnknownCommands,
}

impl Admission {
    /// Looks at a caller's own modifiers, before macros are expanded. Returns the names of unknown commands that are to be
    /// logged, joined by commas.
    ///
    /// # Errors
    ///
    /// A command is not admitted; the error names it.
    pub(super) fn check(self, modifiers: &[Modifier]) -> Result<Option<Box<str>>> {
        if self.presets_only {
            for modifier in modifiers {
                match modifier {
                    Modifier::Command { name, .. } if BESIDE_PRESETS.contains(&name.as_str()) => {}
                    Modifier::Command { name, .. } | Modifier::Nested { name, .. } => {
                        return Err(Error::request(name, "only presets are admitted"));
                    }
                    Modifier::Macro(_) | Modifier::Variable { .. } => {}
                }
            }
        }
        if self.unknown == UnknownCommands::Ignore {
            return Ok(None);
        }
        // `req=validate` lists them all.
        let validates = |modifier: &Modifier| matches!(modifier, Modifier::Command { name, value } if name == "req" && value.split(',').next().is_some_and(|kind| kind.eq_ignore_ascii_case("validate")));
        if self.unknown == UnknownCommands::Refuse && modifiers.iter().any(validates) {
            return Ok(None);
        }
        match (unknown_commands(modifiers).as_slice(), self.unknown) {
            ([], _) => Ok(None),
            ([name, ..], UnknownCommands::Refuse) => Err(Error::request(name, why_unknown(name))),
            (names, _) => Ok(Some(names.join(",").into())),
        }
    }
}
