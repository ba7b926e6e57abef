//! What files say about themselves besides their pixels.

use std::path::Path;

use crate::base::error::Result;
use crate::imaging::codec::{Metadata, read_metadata};

use super::files::{Opened, unless_written};
use super::guard::caught;
use super::state::Engine;

/// The metadata of a file of which facts are known.
pub(super) fn read(engine: &Engine, file: &Path, opened: Opened) -> Result<Metadata> {
    let source = match opened.source {
        Some(source) => source,
        None => engine.reopened(file, &opened.facts)?,
    };
    let metadata = caught(|| Ok(read_metadata(source.bytes(), engine.inner.limits.metadata_bytes)));
    source.check()?;
    let unfinished = |error| unless_written(error, [&source]);
    metadata.map(|metadata| Metadata { xmp: metadata.xmp.map_err(unfinished), ..metadata }).map_err(unfinished)
}
