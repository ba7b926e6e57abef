//! Pictures as their planes.

use crate::base::geom::Size;
use crate::imaging::pixel::raster::{Layout, Plane, Raster};

/// A picture: its components as planes, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes {
    /// Width and height.
    pub size: [u32; 2],
    /// 1, 3 or 4 components.
    pub colors: u8,
    /// One more component behind them.
    pub alpha: bool,
    /// Samples of the planes.
    pub samples: Vec<u8>,
}

impl Planes {
    pub(super) fn layout(&self) -> Layout {
        Layout { colors: self.colors, alpha: self.alpha }
    }

    pub(super) fn raster(&self) -> Raster {
        let [width, height] = self.size;
        let mut planes = vec![Plane::filled(Size::new(width, height), 0); self.layout().planes()];
        for (plane, samples) in planes.iter_mut().zip(self.samples.chunks_exact(width as usize * height as usize)) {
            plane.samples_mut().copy_from_slice(samples);
        }
        Raster::from_planes(planes, self.layout())
    }

    pub(super) fn of(raster: &Raster) -> Self {
        let (Size { width, height }, Layout { colors, alpha }) = (raster.size(), raster.layout());
        let samples = raster.planes().iter().flat_map(|plane| plane.samples().iter().copied()).collect();
        Self { size: [width, height], colors, alpha, samples }
    }
}
