//! What a file says besides its pixels, as far as formats share it: orientation, XMP, colour profile, Photoshop paths.
//!
//! Of it a header has the orientation and the colour space. Readers leave out what is damaged; XMP is delivered whole, so for XMP
//! they say why it cannot be delivered.

pub(super) mod cicp;
pub(super) mod exif;
pub(super) mod icc;
pub(super) mod model;
pub(super) mod photoshop;
pub(super) mod resolution;
mod upright;
pub(super) mod xmp;

pub(crate) use model::Metadata;
pub(crate) use upright::upright_xmp;

#[cfg(test)]
mod tests;
