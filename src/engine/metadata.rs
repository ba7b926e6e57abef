//! What files say about themselves besides their pixels.

use std::path::Path;

use crate::decode::{Metadata, read_metadata, upright_xmp};
use crate::error::Result;
use crate::limits::Limits;

use super::Engine;
use super::serve::{Opened, caught};

/// The metadata of a file of which facts are known.
pub(super) fn read(engine: &Engine, file: &Path, opened: Opened) -> Result<Metadata> {
    let source = match opened.source {
        Some(source) => source,
        None => engine.reopened(file, &opened.facts)?,
    };
    let metadata = caught(|| Ok(read_metadata(source.bytes(), engine.inner.limits.metadata_bytes)));
    source.check()?;
    metadata
}

/// The XMP packet to be copied into a reply: the orientation that it notes has been applied.
pub(super) fn packet(bytes: &[u8], limits: &Limits) -> Result<Option<String>> {
    let packet = read_metadata(bytes, limits.metadata_bytes).xmp?;
    Ok(packet.map(|packet| upright_xmp(&packet).to_string()))
}
