//! Several pictures of one file, which is decoded once.
//!
//! A layer whose samples depend on the file alone is sampled on the way of the decoder. The rest of each picture is drawn by
//! itself and finds these samples there.

use crate::base::error::Result;
use crate::base::geom::{Filter, Shrink, Window};
use crate::base::limits::try_reserve;
use crate::imaging::codec::Output;
use crate::imaging::kernel::sink::mask::Masked;
use crate::imaging::pixel::raster::{AnyRaster, Canvas, Here, Raster, RowSink, Strip};
use crate::imaging::plan::{Drawing, LayerDrawing, Pixels, Plan, Samples};
use crate::imaging::scene::InputId;

use super::bands;
use super::layer::mask_of;
use super::pixels::Source;
use super::sampled::Sampled;
use super::sampling::{Made, Sampler, Sampling};
use super::tools::{Files, Tools};

/// Samples layers of plans, in their order, for one decode of a file. Of a plan of which no layer can be sampled so, there is
/// none.
///
/// # Errors
///
/// The file is damaged, in parts that not all of the plans need, perhaps; a limit is exceeded; or the work is to be given up.
pub(super) fn sampled<'p>(
    tools: &mut Tools<'_>,
    files: &mut Files<'_>,
    input: InputId,
    plans: &[&'p Plan],
) -> Result<Vec<Sampled<'p>>> {
    try_reserve(plans.iter().map(|plan| plan.bytes()).sum())?;
    let form = Source::File(input).form(files)?;
    let (mut layers, mut parts) = (Vec::new(), Vec::new());
    for (number, plan) in plans.iter().enumerate() {
        for Sole { layer, window, filter } in plan.drawing.iter().flat_map(|drawing| soles(drawing, input)) {
            let sampling = Sampling::new(form, layer, false, filter);
            layers.push((number, layer));
            parts.push(Part { samples: layer.samples.clone(), window, filter, sampling });
        }
    }
    let rasters = match in_bands(tools, files, input, &parts) {
        Some(rasters) => rasters,
        None => {
            let canvases = parts.iter().map(|part| part.sampling.canvas(&part.samples)).collect();
            let made = rows(tools, files, input, &parts, canvases)?;
            made.into_iter().map(AnyRaster::from).collect()
        }
    };
    let mut all: Vec<Sampled<'p>> = plans.iter().map(|_| Sampled::default()).collect();
    for ((number, layer), raster) in layers.into_iter().zip(rasters) {
        all[number].add(layer, raster);
    }
    Ok(all)
}

/// Samples that are taken from a window.
struct Part {
    samples: Samples,
    window: Window,
    filter: Filter,
    sampling: Sampling,
}

impl Part {
    /// One of `count` bands of it; `None`: nothing of the file shows there.
    fn band(&self, i: usize, count: usize) -> Option<Self> {
        let samples = self.samples.rows(bands::cut(self.samples.y.len, i, count), self.filter)?;
        Some(Self { window: samples.window?, samples, filter: self.filter, sampling: self.sampling })
    }
}

/// Samples parts, onto canvases of zeros where samples keep 8 bits, by one decode.
fn rows<C: Canvas>(
    tools: &mut Tools<'_>,
    files: &mut Files<'_>,
    input: InputId,
    parts: &[Part],
    canvases: Vec<C>,
) -> Result<Vec<Made<C>>> {
    let (cpu, cancel) = (tools.cpu, tools.cancel);
    let sampler = |(part, out): (&Part, C)| part.sampling.sampler(cpu, &part.samples, part.window, || out);
    let mut samplers: Vec<Sampler<C>> = parts.iter().zip(canvases).map(sampler).collect();
    let mut sinks: Vec<Here<'_>> = samplers.iter_mut().map(|stage| Here { stage, cancel }).collect();
    let with = parts.iter().zip(&mut sinks);
    let mut masked: Vec<Masked<'_>> =
        with.map(|(part, sink)| part.sampling.masked(sink as &mut dyn RowSink, None, part.window)).collect();
    let with = parts.iter().zip(&mut masked);
    let outputs = with.map(|(part, sink)| Output { window: part.window, shrink: part.samples.shrink, sink });
    tools.decode_all(files.file_mut(input)?, outputs.collect())?;
    drop(masked);
    drop(sinks);
    samplers.into_iter().map(|sampler| sampler.finish(cancel)).collect()
}

/// Samples parts in bands of rows on several threads, each by a decode of its share. `None`: not worth splitting, or it failed;
/// in one piece they come out the same, or fail in the same way.
fn in_bands(tools: &mut Tools<'_>, files: &mut Files<'_>, input: InputId, parts: &[Part]) -> Option<Vec<AnyRaster>> {
    // At an eighth nothing is left to do once the places are known.
    let large = || parts.iter().filter(|part| part.samples.shrink != Shrink::Eighth);
    let count = large().filter_map(|part| bands::count(part.window, part.samples.y.len)).max()?;
    let shortest = large().map(|part| part.samples.y.len).min()?;
    let keep_bytes = parts.iter().all(|part| part.sampling.keeps_bytes());
    if !keep_bytes || tools.pool.idle() == 0 || (shortest as usize) < count {
        return None;
    }
    for part in parts {
        // The stages behind the decoder are as many as the parts: threads that share them make up for the search.
        if !tools.index(files.file_mut(input).ok()?, part.window, part.samples.shrink, true).ok()? {
            return None;
        }
    }
    let band = |i: usize| parts.iter().map(|part| part.band(i, count)).collect();
    let bands: Option<Vec<Vec<Part>>> = (0..count).map(band).collect();
    let mut rasters: Vec<Raster> = parts.iter().map(|part| part.sampling.canvas(&part.samples)).collect();
    let mut bands: Vec<(Vec<Part>, Vec<Strip<'_>>)> = bands?.into_iter().map(|band| (band, Vec::new())).collect();
    for (raster, part) in rasters.iter_mut().zip(parts) {
        let heights: Vec<_> = (0..count).map(|i| bands::cut(part.samples.y.len, i, count).len()).collect();
        bands.iter_mut().zip(raster.strips(&heights)).for_each(|((_, strips), strip)| strips.push(strip));
    }
    let draw = |tools: &mut Tools<'_>, files: &mut Files<'_>, (parts, strips): (Vec<Part>, Vec<Strip<'_>>)| {
        rows(tools, files, input, &parts, strips).map(|_| ())
    };
    bands::apart(tools, (files.file(input).ok()?, input), bands, &draw)?;
    #[cfg(test)]
    tests::count();
    Some(rasters.into_iter().map(AnyRaster::Bytes).collect())
}

/// A layer whose samples depend on a file alone.
struct Sole<'p> {
    layer: &'p LayerDrawing,
    window: Window,
    filter: Filter,
}

/// The layers of a drawing, and of the small drawings whose tones it needs, whose samples depend on a file alone.
fn soles(drawing: &Drawing, input: InputId) -> Vec<Sole<'_>> {
    let mut all: Vec<Sole<'_>> = Vec::new();
    for layer in &drawing.layers {
        let is_sole = layer.pixels == Pixels::File(input) && mask_of(layer).is_none();
        if let Some(window) = layer.samples.window.filter(|_| is_sole) {
            all.push(Sole { layer, window, filter: drawing.filter });
        }
    }
    let operations = drawing.layers.iter().map(|layer| &layer.operations).chain([&drawing.operations]);
    let small = operations.filter_map(|operations| operations.tones.as_deref());
    all.extend(small.flat_map(|drawing| soles(drawing, input)));
    all
}

#[cfg(test)]
#[path = "together_tests.rs"]
mod tests;
