//! What a file says besides its pixels, as far as formats share it: orientation, XMP, colour profile, Photoshop paths, rights.
//!
//! Of it a header has the orientation and the colour space. Readers leave out what is damaged; XMP is delivered whole, so for XMP
//! they say why it cannot be delivered.

pub(super) mod cicp;
pub(super) mod exif;
pub(super) mod icc;
mod iptc;
pub(super) mod model;
mod packet;
pub(super) mod photoshop;
pub(super) mod resolution;
mod rights;
pub(super) mod said;
mod upright;
mod xml;
pub(super) mod xmp;
mod xmp_rights;

pub(crate) use model::Metadata;
pub(crate) use packet::{rights_packet, with_rights};
pub(crate) use upright::upright_xmp;

#[cfg(test)]
mod tests;
