//! What a plan has to know of a layer's content.

use crate::base::geom::{Orientation, Size};
use crate::imaging::pixel::header::Header;

/// How pixels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    /// Size before the orientation is applied.
    pub(super) size: Size,
    pub(super) orientation: Orientation,
    /// Components without alpha: 1, 3 or 4.
    pub(super) colors: u8,
    /// There may be alpha.
    pub(super) alpha: bool,
    /// The decoder can shrink.
    pub(super) shrinks: bool,
    /// Samples have 16 bits.
    pub(super) wide: bool,
}

impl Stored {
    pub(super) const fn of_file(header: &Header) -> Self {
        Self {
            size: header.stored,
            orientation: header.orientation,
            colors: header.layout.colors,
            alpha: header.layout.alpha,
            shrinks: header.format.shrinks(),
            wide: header.wide,
        }
    }

    /// The pixels of a nested scene, drawn at this size.
    pub(super) fn drawn(size: Size) -> Self {
        Self { size, orientation: Orientation::default(), colors: 3, alpha: true, shrinks: false, wide: false }
    }
}
