//! A part of a picture on its way through the stages of the renderer.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Rect;
use crate::imaging::pixel::raster::{AnyRaster, Layout, Raster, Sample};

use crate::imaging::kernel::alpha::{divide, multiply};
use crate::imaging::kernel::alpha_wide::{divided, is_opaque, multiplied, rounded};
use crate::imaging::kernel::placement::place::cut;

/// A part of a layer or of the view, between operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture<S: Sample = u8> {
    /// Gray or RGB, with or without alpha.
    pub(crate) raster: Raster<S>,
    /// Where it lies in the view, in view pixels.
    pub(crate) at: Rect,
    /// The part of the view that shows the whole of which this is a part. Beyond it border pixels repeat.
    pub(crate) visible: Rect,
    /// What the colours are: always premultiplied if samples have 16 bits. Means nothing without alpha.
    pub(crate) premultiplied: bool,
}

impl<S: Sample> Picture<S> {
    /// The part of this picture in a rectangle that it holds.
    pub(crate) fn cut_to(self, at: Rect, cancel: Cancel<'_>) -> Result<Self> {
        if self.at == at {
            return Ok(self);
        }
        let corner = ((at.x - self.at.x) as usize, (at.y - self.at.y) as usize);
        Ok(Self { raster: cut(&self.raster, corner, at.size(), cancel)?, at, ..self })
    }

    /// The same place with other samples.
    pub(crate) fn with_raster<T: Sample>(&self, raster: Raster<T>, premultiplied: bool) -> Picture<T> {
        Picture { raster, at: self.at, visible: self.visible, premultiplied }
    }
}

impl Picture {
    /// This picture with true or premultiplied colours.
    pub(crate) fn with_premultiplied(mut self, premultiplied: bool, cancel: Cancel<'_>) -> Result<Self> {
        match (self.premultiplied, premultiplied) {
            (true, false) => divide(&mut self.raster, cancel)?,
            (false, true) => multiply(&mut self.raster, cancel)?,
            _ => {}
        }
        Ok(Self { premultiplied, ..self })
    }
}

/// How many bits colours have where they are multiplied by alpha.
///
/// What is made of opaque pixels alone is the same with either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// 8: of what has no alpha of its own.
    Bytes,
    /// 16.
    Wide,
}

/// A picture of either depth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnyPicture {
    Bytes(Picture),
    Wide(Picture<u16>),
}

impl AnyPicture {
    /// A picture of these samples; `premultiplied` says what the colours of bytes are.
    pub(crate) fn of(raster: AnyRaster, at: Rect, visible: Rect, premultiplied: bool) -> Self {
        match raster {
            AnyRaster::Bytes(raster) => Self::Bytes(Picture { raster, at, visible, premultiplied }),
            AnyRaster::Wide(raster) => Self::Wide(Picture { raster, at, visible, premultiplied: true }),
        }
    }

    pub(crate) const fn layout(&self) -> Layout {
        match self {
            Self::Bytes(picture) => picture.raster.layout(),
            Self::Wide(picture) => picture.raster.layout(),
        }
    }

    pub(crate) const fn at(&self) -> Rect {
        match self {
            Self::Bytes(picture) => picture.at,
            Self::Wide(picture) => picture.at,
        }
    }

    /// As [`Picture::cut_to`].
    pub(crate) fn cut_to(self, at: Rect, cancel: Cancel<'_>) -> Result<Self> {
        Ok(match self {
            Self::Bytes(picture) => Self::Bytes(picture.cut_to(at, cancel)?),
            Self::Wide(picture) => Self::Wide(picture.cut_to(at, cancel)?),
        })
    }

    /// This picture with premultiplied colours, of a depth if they are not yet. An opaque picture is left in bytes.
    pub(crate) fn multiplied(self, depth: Depth, cancel: Cancel<'_>) -> Result<Self> {
        match self {
            Self::Bytes(picture) if depth == Depth::Wide && !is_opaque(&picture.raster) => {
                let raster = multiplied(&picture.raster, picture.premultiplied, cancel)?;
                Ok(Self::Wide(picture.with_raster(raster, true)))
            }
            Self::Bytes(picture) => Ok(Self::Bytes(picture.with_premultiplied(true, cancel)?)),
            Self::Wide(_) => Ok(self),
        }
    }

    /// This picture in bytes, with true colours.
    pub(crate) fn divided(self, cancel: Cancel<'_>) -> Result<Picture> {
        match self {
            Self::Bytes(picture) => picture.with_premultiplied(false, cancel),
            Self::Wide(picture) => Ok(picture.with_raster(divided(&picture.raster, cancel)?, false)),
        }
    }

    /// This picture in bytes, whose colours are premultiplied if they were.
    pub(crate) fn rounded(self, cancel: Cancel<'_>) -> Result<Picture> {
        match self {
            Self::Bytes(picture) => Ok(picture),
            Self::Wide(picture) => Ok(picture.with_raster(rounded(&picture.raster, cancel)?, true)),
        }
    }
}
