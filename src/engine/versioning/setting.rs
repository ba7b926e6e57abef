//! What the host's settings add to versions and tags.

use crate::base::stage::ByteStage;

/// What the host's settings add to versions.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::engine) struct Setting {
    /// Damaged files are shown.
    pub(in crate::engine) shows_damaged: bool,
    /// The stage whose epoch counts as raised.
    pub(in crate::engine) raised: Option<ByteStage>,
}
