//! Pixels in memory, side by side, for callers.

use std::fmt;

use bytes::Bytes;

use crate::base::digest::{Digest, Digester};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{MAX_SIDE, Size};
use crate::base::limits::{Limits, with_room};
use crate::imaging::codec::raw_header;
use crate::imaging::kernel::interleave::join;
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Layout, Raster};

/// What the digests of pixels are hashed as; it must never be changed.
const CONTEXT: &str = "platemark 2026-11 pixels";

/// The components of a pixel, a byte each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelLayout {
    /// Brightness.
    Gray,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and alpha; the colours are not premultiplied.
    Rgba,
}

impl PixelLayout {
    /// Bytes of a pixel.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    const fn planes(self) -> Layout {
        match self {
            Self::Gray => Layout::GRAY,
            Self::Rgb => Layout::RGB,
            Self::Rgba => Layout::RGB.with_alpha(true),
        }
    }
}

/// Pixels in memory: rows from top to bottom, each [`stride`](Self::stride) bytes behind the one before. Cheap to clone;
/// clones and [parts](Self::crop) share the bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Pixels {
    /// From the first pixel to the last one.
    bytes: Bytes,
    width: u32,
    height: u32,
    stride: usize,
    layout: PixelLayout,
}

impl Pixels {
    /// Pixels of this size whose rows begin `stride` bytes behind each other. What lies behind the last pixel is left out.
    ///
    /// ```
    /// use platemark::{PixelLayout, Pixels};
    ///
    /// let pixels = Pixels::from_raw(vec![1, 2, 3, 0, 4, 5, 6, 0], 1, 2, 4, PixelLayout::Rgb)?;
    /// assert_eq!(pixels.row(1), Some(&[4, 5, 6][..]));
    /// assert!(Pixels::from_raw(vec![1, 2, 3], 1, 2, 3, PixelLayout::Rgb).is_err());
    /// # Ok::<(), platemark::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A side is 0 or longer than 16,777,216, the stride is shorter than a row, there are too few bytes, or there are more
    /// pixels than [`Limits::source_pixels`] by default.
    pub fn from_raw(
        bytes: impl Into<Bytes>,
        width: u32,
        height: u32,
        stride: usize,
        layout: PixelLayout,
    ) -> Result<Self> {
        let refused = |what| Err(Error::new(ErrorKind::Request, what).at("pixels"));
        if width == 0 || height == 0 {
            return refused("need a width and a height of at least 1");
        }
        if u64::from(width) * u64::from(height) > Limits::new().source_pixels {
            return Err(Error::new(ErrorKind::Limit, "exceed the limit of source pixels").at("pixels"));
        }
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(Error::new(ErrorKind::Limit, "have a side that is longer than 16777216").at("pixels"));
        }
        let row = width as usize * layout.bytes();
        if stride < row {
            return refused("have a stride that is shorter than a row");
        }
        let bytes = bytes.into();
        let len = stride.checked_mul(height as usize - 1).and_then(|above| above.checked_add(row));
        match len.filter(|len| *len <= bytes.len()) {
            Some(len) => Ok(Self { bytes: bytes.slice(..len), width, height, stride, layout }),
            None => refused("have too few bytes"),
        }
    }

    /// Width in pixels.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Bytes from the beginning of a row to that of the next one.
    #[must_use]
    pub const fn stride(&self) -> usize {
        self.stride
    }

    /// The components of a pixel.
    #[must_use]
    pub const fn layout(&self) -> PixelLayout {
        self.layout
    }

    /// The bytes from the first pixel to the last one, with what lies between rows.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bytes of a row's pixels; `None` below the last row.
    #[must_use]
    pub fn row(&self, y: u32) -> Option<&[u8]> {
        let start = self.stride.checked_mul(y as usize).filter(|_| y < self.height)?;
        self.bytes.get(start..start + self.width as usize * self.layout.bytes())
    }

    /// A part of the pixels, which shares their bytes.
    ///
    /// # Errors
    ///
    /// The part has no pixels, or reaches beyond these.
    pub fn crop(&self, x: u32, y: u32, width: u32, height: u32) -> Result<Self> {
        let fits = |start: u32, side: u32, all: u32| start.checked_add(side).is_some_and(|end| side > 0 && end <= all);
        if !fits(x, width, self.width) || !fits(y, height, self.height) {
            return Err(Error::new(ErrorKind::Request, "have no such part").at("pixels"));
        }
        let start = self.stride * y as usize + x as usize * self.layout.bytes();
        Self::from_raw(self.bytes.slice(start..), width, height, self.stride, self.layout)
    }

    /// Width and height.
    pub(super) const fn size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// All rows, from top to bottom.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> + Clone {
        let row = self.width as usize * self.layout.bytes();
        // The last one is not followed by what lies between rows.
        self.bytes.chunks(self.stride).take(self.height as usize).map(move |line| &line[..row])
    }

    /// The header of pixels as a source.
    pub(super) fn header(&self) -> Header {
        raw_header(&self.bytes, self.size(), self.layout.planes())
    }

    /// BLAKE3 in its key-derivation mode of width and height, 32 bits each in little endian, a byte with the number of
    /// components, and the rows without what lies between them.
    pub(super) fn digest(&self) -> Digest {
        let mut digester = Digester::derived(CONTEXT);
        digester.update(&self.width.to_le_bytes());
        digester.update(&self.height.to_le_bytes());
        digester.update(&[self.layout.bytes() as u8]);
        if self.stride == self.width as usize * self.layout.bytes() {
            digester.update(&self.bytes);
        } else {
            self.rows().for_each(|row| digester.update(row));
        }
        digester.finish()
    }

    /// The pixels of a raster; gray with alpha becomes RGB with alpha. `None`: they are inks.
    pub(super) fn of(raster: &Raster) -> Option<Self> {
        let Layout { colors, alpha } = raster.layout();
        let layout = match (colors, alpha) {
            (1, false) => PixelLayout::Gray,
            (3, false) => PixelLayout::Rgb,
            (1 | 3, true) => PixelLayout::Rgba,
            _ => return None,
        };
        let size = raster.size();
        let stride = size.width as usize * layout.bytes();
        let len = stride * size.height as usize;
        let mut bytes = with_room(len, || Vec::with_capacity(len));
        for y in 0..size.height as usize {
            let rows: Vec<&[u8]> = raster.planes().iter().map(|plane| plane.row(y)).collect();
            match rows[..] {
                [gray, alpha] => join(&[gray, gray, gray, alpha], &mut bytes),
                _ => join(&rows, &mut bytes),
            }
        }
        Some(Self { bytes: bytes.into(), width: size.width, height: size.height, stride, layout })
    }
}

impl fmt::Debug for Pixels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pixels")
            .field("size", &format_args!("{}×{}", self.width, self.height))
            .field("stride", &self.stride)
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For programs that compute digests, as docs/versions.md tells them to.
    #[test]
    fn the_digest_is_what_its_description_says() {
        let pixels = Pixels::from_raw(vec![1, 2, 3, 0, 4, 5, 6], 1, 2, 4, PixelLayout::Rgb).unwrap();
        let input = [&[1, 0, 0, 0, 2, 0, 0, 0, 3][..], &[1, 2, 3, 4, 5, 6]].concat();
        assert_eq!(pixels.digest().as_bytes(), &blake3::derive_key("platemark 2026-11 pixels", &input));
        let without_gaps = Pixels::from_raw(vec![1, 2, 3, 4, 5, 6], 1, 2, 3, PixelLayout::Rgb).unwrap();
        assert_eq!(without_gaps.digest(), pixels.digest());
        let others = [(2, 1, PixelLayout::Rgb, 6), (6, 1, PixelLayout::Gray, 6), (1, 6, PixelLayout::Gray, 1)];
        for (width, height, layout, stride) in others {
            let other = Pixels::from_raw(vec![1, 2, 3, 4, 5, 6], width, height, stride, layout).unwrap();
            assert_ne!(other.digest(), pixels.digest(), "{other:?}");
        }
        assert_eq!(pixels.digest().to_string(), "da57a12c5bb266e644ff9b6d3c5c3a8b7be6140bc7c7e78a8aa07349a317bfd0");
    }
}
