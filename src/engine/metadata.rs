//! What files say about themselves besides their pixels.

use std::path::Path;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::codec::{Metadata, read_metadata};
use crate::imaging::pixel::header::Facts;
use crate::imaging::render;
use crate::imaging::source::Source;

use super::files::{Opened, unless_written};
use super::guard::caught;
use super::state::Engine;

/// The metadata of a file of which facts are known.
pub(super) fn read(engine: &Engine, file: &Path, opened: Opened, cancel: Cancel<'_>) -> Result<Metadata> {
    let source = match opened.source {
        Some(source) => source,
        None => engine.reopened(file, &opened.facts, cancel)?,
    };
    let metadata = caught(|| Ok(read_metadata(source.bytes(), engine.inner.limits.metadata_bytes)));
    source.check()?;
    let unfinished = |error| unless_written(error, [&source]);
    metadata.map(|metadata| Metadata { xmp: metadata.xmp.map_err(unfinished), ..metadata }).map_err(unfinished)
}

/// Whether a picture whose request asks for the XMP packet of a file gets one. The file is read for it, if it is not
/// `opened` yet; only requests that ask for the packet come here.
pub(super) fn has_packet_to_embed(
    engine: &Engine,
    file: &Path,
    facts: &Facts,
    opened: Option<&Source>,
    cancel: Cancel<'_>,
) -> Result<bool> {
    let reopened = if opened.is_none() { Some(engine.reopened(file, facts, cancel)?) } else { None };
    let Some(source) = opened.or(reopened.as_ref()) else { return Ok(false) };
    let has_one = caught(|| Ok(render::has_packet_to_embed(source.bytes(), engine.inner.limits.metadata_bytes)));
    source.check()?;
    has_one
}
