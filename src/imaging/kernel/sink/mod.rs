//! What takes rows from a decoder: collecting, masking and shrinking them. The resampler is another one.

pub(crate) mod collect;
pub(crate) mod mask;
pub(crate) mod shrink;
