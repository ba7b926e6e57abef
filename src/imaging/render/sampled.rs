//! Layers that have been sampled before the rest of their pictures is drawn.

use crate::imaging::pixel::raster::AnyRaster;
use crate::imaging::plan::LayerDrawing;

/// Layers of a plan, with their samples.
#[derive(Debug, Default)]
pub(crate) struct Sampled<'p>(Vec<(&'p LayerDrawing, AnyRaster)>);

impl<'p> Sampled<'p> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, layer: &'p LayerDrawing, raster: AnyRaster) {
        self.0.push((layer, raster));
    }

    /// The samples of a layer, if they are there: of this very layer of a plan, not of one that is equal to it.
    pub(super) fn take(&mut self, layer: &LayerDrawing) -> Option<AnyRaster> {
        let place = self.0.iter().position(|(sampled, _)| std::ptr::eq(*sampled, layer))?;
        Some(self.0.swap_remove(place).1)
    }
}
