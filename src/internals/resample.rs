//! Resampling.

use std::ops::Range;

use crate::base::cancel::Cancel;
use crate::base::geom::{Axis, Filter, Size, Window};
use crate::imaging::kernel::alpha_wide::rounded;
use crate::imaging::kernel::interleave::{join, split};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::kernel::resample::Resampler;
use crate::imaging::kernel::resample::alpha::AlphaResampler;
use crate::imaging::pixel::raster::{AnyRaster, Here, Layout, Raster, Row, RowSink};

use super::Planes;

/// Filters by their number in [`resample`].
const FILTERS: [Filter; 4] = Filter::ALL;

/// Resamples interleaved pixels of 1 or 3 components to another size, as a decoder's rows would be.
///
/// # Panics
///
/// The number of components or of the filter is none of the above, or the pixels are not as many as the size says.
#[must_use]
pub fn resample(
    level: CpuLevel,
    pixels: &[u8],
    components: u8,
    (width, height): (u32, u32),
    (to_width, to_height): (u32, u32),
    filter: usize,
) -> Vec<u8> {
    assert!(matches!(components, 1 | 3));
    assert_eq!(pixels.len(), width as usize * height as usize * usize::from(components));
    let cpu = Cpu::detect(level);
    let layout = Layout { colors: components, alpha: false };
    let axis = |to: u32, from: u32| {
        let from_len = i64::from(from);
        let whole = 0..from_len;
        Axis {
            len: to,
            first: from_len,
            step: 2 * from_len,
            den: 2 * i64::from(to),
            bounds: whole.clone(),
            exists: whole,
        }
    };
    let window = Window { x: 0, y: 0, width, height };
    let axes = (&axis(to_width, width), &axis(to_height, height));
    let mut resampler = Resampler::new(cpu, axes, FILTERS[filter], window, layout, false, Cancel::ALWAYS);
    let mut row = Row::new(width, layout);
    for line in pixels.chunks_exact(width as usize * usize::from(components)) {
        split(cpu, line, &mut row.planes_mut()[..layout.planes()]);
        // A resampler takes any row.
        let _ = resampler.row(&mut row);
    }
    interleaved(&resampler.finish())
}

/// Where the samples along one axis lie: sample `t` is centred at `(first + t · step) / den` pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// How many there are.
    pub len: u32,
    /// See above.
    pub first: i64,
    /// Greater than 0.
    pub step: i64,
    /// Greater than 0.
    pub den: i64,
    /// Pixels over which weights are normalised; not empty.
    pub bounds: Range<i64>,
    /// Pixels that there are, a part of the picture.
    pub exists: Range<i64>,
}

impl Samples {
    fn axis(&self) -> Axis {
        let Self { len, first, step, den, bounds, exists } = self.clone();
        Axis { len, first, step, den, bounds, exists }
    }

    /// The pixels that any sample reads with a filter by its number; `None` if there are none.
    #[must_use]
    pub fn span(&self, filter: usize) -> Option<Range<u32>> {
        self.axis().span(FILTERS[filter])
    }
}

/// Resamples a picture at axes, across and down; `None` if they see nothing of it. If the result has alpha its colours
/// are premultiplied.
#[must_use]
pub fn resample_at(
    level: CpuLevel,
    source: &Planes,
    [x, y]: [&Samples; 2],
    filter: usize,
    add_alpha: bool,
) -> Option<Planes> {
    let (columns, rows) = (x.span(filter)?, y.span(filter)?);
    let (width, height) = (columns.end - columns.start, rows.end - rows.start);
    let window = Window { x: columns.start, y: rows.start, width, height };
    let (raster, layout) = (source.raster(), source.layout());
    let (x, y) = (x.axis(), y.axis());
    let (cpu, axes) = (Cpu::detect(level), (&x, &y));
    let pour = |sink: &mut dyn RowSink| {
        let mut row = Row::new(width, layout);
        for y in rows {
            for (plane, samples) in row.planes_mut().into_iter().zip(raster.planes()) {
                plane.copy_from_slice(&samples.row(y as usize)[columns.start as usize..columns.end as usize]);
            }
            // A resampler takes any row.
            let _ = sink.row(&mut row);
        }
    };
    if layout.alpha {
        let mut resampler = AlphaResampler::new(cpu, axes, FILTERS[filter], window, layout);
        pour(&mut Here { stage: &mut resampler, cancel: Cancel::ALWAYS });
        return match resampler.finish(Cancel::ALWAYS).ok()? {
            AnyRaster::Bytes(raster) => Some(Planes::of(&raster)),
            AnyRaster::Wide(raster) => Some(Planes::of(&rounded(&raster, Cancel::ALWAYS).ok()?)),
        };
    }
    let mut resampler = Resampler::new(cpu, axes, FILTERS[filter], window, layout, add_alpha, Cancel::ALWAYS);
    pour(&mut resampler);
    Some(Planes::of(&resampler.finish()))
}

fn interleaved(raster: &Raster) -> Vec<u8> {
    let Size { width, height } = raster.size();
    let mut pixels = Vec::with_capacity((width * height) as usize * raster.planes().len());
    for y in 0..height as usize {
        join(&raster.planes().iter().map(|plane| plane.row(y)).collect::<Vec<_>>(), &mut pixels);
    }
    pixels
}
