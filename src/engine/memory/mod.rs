//! What an engine remembers: headers and digests of files, what decoders learned, and requests.

pub(super) mod memo;
pub(super) mod recent;
