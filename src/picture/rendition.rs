//! Finished pictures.

use bytes::Bytes;

use crate::base::etag::ETag;
use crate::base::version::Version;

/// What is made of a [`Picture`](crate::Picture).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendition {
    /// The file.
    pub bytes: Bytes,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// MIME type of the file.
    pub content_type: &'static str,
    /// The version of the source: [`Picture::version`](crate::Picture::version), together with the further inputs of the
    /// edit.
    pub version: Version,
    /// A strong tag, which covers version and edit: equal tags mean equal bytes.
    pub etag: ETag,
}
