//! What files say about themselves besides their pixels.

use std::path::Path;
use std::sync::Arc;

use crate::base::cancel::Cancel;
use crate::base::caught::caught;
use crate::base::error::Result;
use crate::imaging::codec::{Metadata, read_metadata};
use crate::imaging::pixel::header::Facts;
use crate::imaging::render::{self, unless_written};
use crate::imaging::scene::Output;
use crate::imaging::source::Source;

use super::state::Engine;

/// The metadata of a file of which facts are known: remembered, or read. `opened` is the file, if it is open.
///
/// # Errors
///
/// The file is not what it was, or cannot be read; or the work is to be given up.
pub(super) fn read(
    engine: &Engine,
    file: &Path,
    facts: &Facts,
    opened: Option<&Source>,
    cancel: Cancel<'_>,
) -> Result<Arc<Metadata>> {
    if let Some(known) = engine.inner.memo.metadata(&facts.digest) {
        return Ok(known);
    }
    let reopened = match opened {
        Some(_) => None,
        None => {
            #[cfg(feature = "tower")]
            engine.may_read_again(file)?;
            Some(engine.reopened(file, facts, cancel)?)
        }
    };
    let Some(source) = opened.or(reopened.as_ref()) else { return Ok(Arc::default()) };
    let metadata = caught(|| Ok(read_metadata(source.bytes(), engine.inner.limits.metadata_bytes)));
    source.check()?;
    let metadata = Arc::new(metadata.map_err(|error| unless_written(error, [source]))?);
    engine.inner.memo.remember_metadata(facts.digest, &metadata);
    Ok(metadata)
}

/// Whether a picture that keeps metadata of a file gets an XMP packet. Only requests for such pictures come here.
///
/// # Errors
///
/// As [`read`].
pub(super) fn has_packet_to_embed(
    engine: &Engine,
    file: &Path,
    facts: &Facts,
    opened: Option<&Source>,
    output: &Output,
    cancel: Cancel<'_>,
) -> Result<bool> {
    let metadata = read(engine, file, facts, opened, cancel)?;
    caught(|| Ok(render::embeds(&metadata, output)))
}
