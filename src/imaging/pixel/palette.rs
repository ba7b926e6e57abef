//! Pictures whose pixels are numbers of a palette, and how palettes are chosen.

use std::sync::Arc;

use super::raster::Plane;

/// How a palette is chosen (`protocol.md` §5, `quantize`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Quantize {
    pub(crate) kind: PaletteKind,
    /// What a pixel misses is handed on to its neighbors, by Floyd and Steinberg.
    pub(crate) diffuse: bool,
    /// The most colours of an adaptive palette: 2 to 256.
    pub(crate) colors: u16,
    /// Colours that an adaptive palette begins with, at most as many as `colors`.
    pub(crate) list: Arc<[[u8; 3]]>,
}

impl Quantize {
    /// The most entries of a palette.
    pub(crate) const MOST: u16 = 256;
}

impl Default for Quantize {
    fn default() -> Self {
        Self { kind: PaletteKind::Adaptive, diffuse: true, colors: Self::MOST, list: Arc::default() }
    }
}

/// Where the colours of a palette come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PaletteKind {
    /// From the picture.
    Adaptive,
    /// All colours whose components are 0, 51, 102, 153, 204 or 255.
    Web,
    /// The system palette of the classic Macintosh.
    Mac,
}

/// What becomes of a picture's alpha where its pixels are numbers of a palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transparency {
    /// Entries of an adaptive palette have alpha.
    Entries,
    /// One entry is transparent: it takes the pixels whose alpha is below 128. All others are laid on this colour.
    Key([u8; 3]),
}

/// A picture whose pixels are numbers of entries of a palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Indexed {
    /// Red, green, blue and alpha, colours not multiplied by it: 1 to 256 entries.
    pub(crate) palette: Vec<[u8; 4]>,
    /// Each is less than the length of the palette.
    pub(crate) indices: Plane,
}

impl Indexed {
    /// The first entry that is wholly transparent.
    #[cfg(any(test, feature = "gif"))]
    pub(crate) fn key(&self) -> Option<u8> {
        let key = self.palette.iter().position(|entry| entry[3] == 0);
        key.and_then(|key| u8::try_from(key).ok())
    }
}
