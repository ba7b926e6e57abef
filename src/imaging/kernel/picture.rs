//! A part of a picture on its way through the stages of the renderer.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Rect;
use crate::imaging::pixel::raster::Raster;

use crate::imaging::kernel::alpha::{divide, multiply};
use crate::imaging::kernel::placement::place::cut;

/// A part of a layer or of the view, between operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Gray or RGB, with or without alpha.
    pub(crate) raster: Raster,
    /// Where it lies in the view, in view pixels.
    pub(crate) at: Rect,
    /// The part of the view that shows the whole of which this is a part. Beyond it border pixels repeat.
    pub(crate) visible: Rect,
    /// What the colours are. Means nothing without alpha.
    pub(crate) premultiplied: bool,
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

    /// The part of this picture in a rectangle that it holds.
    pub(crate) fn cut_to(self, at: Rect, cancel: Cancel<'_>) -> Result<Self> {
        if self.at == at {
            return Ok(self);
        }
        let corner = ((at.x - self.at.x) as usize, (at.y - self.at.y) as usize);
        Ok(Self { raster: cut(&self.raster, corner, at.size(), cancel)?, at, ..self })
    }
}
